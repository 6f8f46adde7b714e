"""Several runs of one model in a workbench: the menu that makes them, and two of them side by side."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h

from ddd_kit.engine.comparison import compare
from ddd_kit.engine.engine import Engine
from ddd_kit.views.comparison import content, title
from ddd_kit.views.markup import plain


def menu(engine: Engine, step: int, runs: Sequence[Engine]) -> h.Element:
    """What can be done to try another way, and the runs that there are.

    Args:
        engine: the run that is shown.
        step: the step that is shown.
        runs: all of them, the domain first.

    Returns:
        An element.
    """
    step = engine.journal.batch_end(step)
    choices = [
        ("fork", f"Fork here, after step {step:,}"),
        ("replay", "Replay with the code of today"),
        ("rewind", f"Go back to step {step:,} for good …"),
    ]
    frozen = engine.world.frozen is not None
    items: list[h.Node] = [
        _item(act, str(step), text) for act, text in choices if not (frozen and act in ("replay", "rewind"))
    ]
    if len(runs) > 1:
        items += [h.hr, *(_run(number, run, run is engine) for number, run in enumerate(runs))]
        items.append(_item("left", "compare", "Compare them side by side"))
    head = h.summary(".ddd-button", title="fork, replay, go back")["runs ▾"]
    return h.details(".ddd-menu", data_keep="runs")[head, h.div(".ddd-menu-items.ddd-wide")[items]]


def _item(act: str, arg: str, text: str) -> h.Element:
    return h.button(".ddd-button", type="button", data_act=act, data_arg=arg)[text]


def _run(number: int, run: Engine, shown: bool) -> h.Element:
    return h.button(
        ".ddd-button",
        type="button",
        data_act="run",
        data_arg=str(number),
        aria_pressed="true" if shown else "false",
    )[("✓ " if shown else "show ") + title(run)]


def badge(engine: Engine) -> h.Element | None:
    """What kind of a run it is, where it is not the domain itself.

    Args:
        engine: the run that is shown.

    Returns:
        An element, or None.
    """
    words = title(engine).removeprefix(plain(engine.name)).lstrip(", ")
    return h.span(".ddd-badge")[words] if words else None


def beside(engine: Engine, runs: Sequence[Engine]) -> h.Node:
    """The domain and the run that is shown side by side; of the domain itself the newest other one.

    Args:
        engine: the run that is shown.
        runs: all of them, the domain first.

    Returns:
        An element.
    """
    if len(runs) < 2:
        return h.p(".ddd-empty")[
            "There is one run so far. Go to any step, choose “Fork here” in the menu “runs” of the bar, try "
            "something else, and both runs stand here side by side."
        ]
    other = engine if engine is not runs[0] else runs[-1]
    return h.div[content(compare(runs[0], other))]


def asked_to_rewind(engine: Engine, step: int) -> h.Element:
    """The question before a run is cut off.

    Args:
        engine: the run that is shown.
        step: where it is to go back to.

    Returns:
        An element.
    """
    end = engine.journal.batch_end(step)
    gone = engine.journal.last_step - end
    what = "1 entry goes, and what came of it" if gone == 1 else f"{gone:,} entries go, and what came of them"
    return h.div(".ddd-notice.ddd-question")[
        h.div[
            h.b[f"Go back to step {end:,} for good? "],
            f"{what}. A fork would leave them.",
            h.p(".ddd-group")[
                _item("rewound", str(end), f"Go back to step {end:,}"),
                _item("fork", str(end), "Fork instead"),
                _item("dismiss", "", "Leave it"),
            ],
        ]
    ]
