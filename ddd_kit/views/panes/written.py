"""A run written down for elsewhere, as a test or a diagram: a text to select and to copy."""

from __future__ import annotations

import htpy as h

from ddd_kit.engine.engine import Engine
from ddd_kit.views.exports.given_when_then import given_when_then
from ddd_kit.views.exports.sequence import NEWEST, sequence_diagram
from ddd_kit.views.markup import plain
from ddd_kit.views.panes.steps import steps_of

FORMS = {"test": "Write it as a test (pytest)", "diagram": "Write it as a diagram (Mermaid)"}
_TOLD = {
    "test": ("a test for pytest", "With all that came of them. Name your module in place of my_model."),
    "diagram": ("a sequence diagram", "In Markdown it goes into a code block marked mermaid."),
}
_MOST_LINES = 16


def written(engine: Engine, form: str, step: int) -> h.Element:
    """The newest hundred steps of a run, up to one, as a text.

    Args:
        engine: the run.
        form: `test` or `diagram`.
        step: the last one.

    Returns:
        An element with the text in a box, and a button that copies it.

    Raises:
        ValueError: for another form.
        IncorrectUsageError: when it cannot be written so: see `domain.test_from`.
    """
    if form not in FORMS:
        raise ValueError(f"{form}: there is {', '.join(FORMS)}.")
    with engine.lock:
        begun = next(iter(steps_of(engine.journal).numbers), step)  # what was defined before is left out
        first = max(begun, step + 1 - NEWEST)
        steps = range(first, step + 1)
        text = str(given_when_then(engine, steps) if form == "test" else sequence_diagram(engine, steps))
    what, hint = _TOLD[form]
    title = f"Steps {first:,} to {step:,} as {what}"
    shown = plain(text)
    lines = min(shown.count("\n") + 1, _MOST_LINES)
    return h.div(".ddd-notice.ddd-question")[
        h.div[
            h.p[h.b[f"{title}. "], h.small[hint]],
            h.textarea(readonly=True, rows=str(lines), spellcheck="false", aria_label=title)[shown],
        ],
        h.span(".ddd-group")[
            h.button(".ddd-button", type="button", data_copy=shown, aria_label="copy this text")["copy"],
            h.button(".ddd-button", type="button", data_act="dismiss", aria_label="dismiss")[
                "\N{MULTIPLICATION SIGN}"
            ],
        ],
    ]
