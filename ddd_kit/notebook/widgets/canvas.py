"""The one widget with JavaScript of its own: it shows HTML and SVG, and reports what is done with them."""

from __future__ import annotations

from pathlib import Path

import anywidget
from traitlets import Bool, Int, Unicode

from ddd_kit.notebook.widgets import try_it
from ddd_kit.views.panes.workbench import STYLE


class Canvas(anywidget.AnyWidget):
    """Shows parts; `canvas.js` is its other half.

    What is done comes as a message `{"act": ..., "arg": ..., "number": ...}`; `answered` tells the browser
    up to which number they have been dealt with. A message `{"download": {"name", "type", "text"}}` saves a
    file there.

    Attributes:
        frame: HTML with a place for each part, as `<div data-part="bar"></div>`; it stays as it is.
        bar: what to do with the whole.
        notice: what went wrong.
        map: the map.
        left: what happened.
        right: what it means.
        story: the step in one sentence.
        tried: what was tried.
        patience: what is said while a click waits.
        lost: what is said when the kernel that could answer is gone.
        answered: the number of the last message that was dealt with.
        at_end: whether there is no later step.
    """

    # Its text: given the file, anywidget watches it, and keeps every canvas for as long as the class.
    _esm = Path(__file__).with_name("canvas.js").read_text(encoding="utf-8")
    _css = STYLE + try_it.STYLE
    frame = Unicode().tag(sync=True)
    bar = Unicode().tag(sync=True)
    notice = Unicode().tag(sync=True)
    map = Unicode().tag(sync=True)
    left = Unicode().tag(sync=True)
    right = Unicode().tag(sync=True)
    story = Unicode().tag(sync=True)
    tried = Unicode().tag(sync=True)
    patience = Unicode("Waits until the running cell has ended …").tag(sync=True)
    lost = Unicode("Its kernel is gone: run its cell again.").tag(sync=True)
    answered = Int(0).tag(sync=True)
    at_end = Bool(True).tag(sync=True)

    def show(self, **parts: str | bool) -> None:
        """Send some parts at once; those that are as they were are not sent.

        Args:
            **parts: HTML by the name of its part, and `at_end`.
        """
        with self.hold_sync():
            for name, html in parts.items():
                setattr(self, name, html)
