"""What somebody looks at in the workbench, and how it follows from what they click."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ddd_kit.engine.engine import Engine
from ddd_kit.views.mapping.trail import trail
from ddd_kit.views.panes import bar
from ddd_kit.views.panes.broker import ANYTHING, Aim

LEFT = {"journal": "Journal", "streams": "Streams", "chart": "Chart", "compare": "Compare"}
RIGHT = {"changes": "Changes", "state": "State", "why": "Why"}
_FIRST_PAGES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody looks at.

    Attributes:
        step: a step of the journal; 0 for the time before the first.
        live: whether the newest step is followed.
        left: the tab on the left, a key of `LEFT`.
        right: the tab on the right, a key of `RIGHT`.
        element: the name of the element that journal and state are narrowed down to, or None.
        question: what was asked, as words of an act: `("why", "9 in_stock")`, `("whynot", "12")`,
            `("edge", "OrderShipped ManageInventory")`; or None.
        chart: aggregate and field, as `Inventory in_stock`; None for what changed last.
        streams: whether the map shows streams as nodes.
        aim: what the next fault is for.
        pages: by the name of a list, from where on it is shown.
    """

    step: int = 0
    live: bool = True
    left: str = "journal"
    right: str = "changes"
    element: str | None = None
    question: tuple[str, str] | None = None
    chart: str | None = None
    streams: bool = False
    aim: Aim = ANYTHING
    pages: Mapping[str, str] = field(default_factory=lambda: _FIRST_PAGES)


def turned(engine: Engine, look: Look, act: str, arg: str) -> Look | None:
    """What somebody looks at after a click.

    Args:
        engine: the domain.
        look: what they looked at.
        act: what was clicked: `step`, `go`, `live`, `left`, `right`, `element`, `why`, `whynot`, `edge`,
            `clear`, `page`, `chart`, `streams` or `aim`.
        arg: of what, as `9`.

    Returns:
        What to show; None for another act.

    Raises:
        ValueError: for an argument that the act does not take.

    Example:
        >>> from ddd_kit import Domain
        >>> turned(Domain(name="Bookshop"), Look(), "right", "state").right
        'state'
    """
    turn = _TURNS.get(act)
    return None if turn is None else turn(engine, look, arg)


def followed(engine: Engine, look: Look) -> Look:
    """What somebody looks at when time has gone on.

    Args:
        engine: the domain.
        look: what they looked at.

    Returns:
        The same at a step that there is: the newest one, where that is followed.
    """
    journal = engine.journal
    step = bar.end(journal) if look.live else max(look.step, journal.first_step - 1)
    return look if step == look.step else replace(look, step=step, pages=_without_page(look, "journal"))


def _step(engine: Engine, look: Look, arg: str) -> Look:
    journal = engine.journal
    step = min(max(int(arg), journal.first_step - 1), journal.last_step)
    return replace(look, step=step, live=step >= bar.end(journal), pages=_without_page(look, "journal"))


def _go(engine: Engine, look: Look, arg: str) -> Look:
    journal = engine.journal
    if arg in ("first", "last"):
        return _step(engine, look, str(bar.beginning(journal) if arg == "first" else bar.end(journal)))
    by = {"back": -1, "forward": 1}.get(arg)
    if by is None:
        raise ValueError(f"go {arg}: there is first, back, forward, last.")
    return _step(engine, look, str(bar.following(journal, look.step, by)))


def _live(engine: Engine, look: Look, arg: str) -> Look:  # noqa: ARG001 - as the others
    return followed(engine, replace(look, live=not look.live))


def _left(engine: Engine, look: Look, arg: str) -> Look:  # noqa: ARG001 - as the others
    return replace(look, left=_one_of(LEFT, arg))


def _right(engine: Engine, look: Look, arg: str) -> Look:  # noqa: ARG001 - as the others
    return replace(look, right=_one_of(RIGHT, arg))


def _one_of(tabs: Mapping[str, str], arg: str) -> str:
    if arg not in tabs:
        raise ValueError(f"{arg}: there is {', '.join(tabs)}.")
    return arg


def _element(engine: Engine, look: Look, arg: str) -> Look:
    """Narrow journal and state down to an element; of a handler that was passed over, say why."""
    if arg == look.element:
        return _clear(engine, look, "")
    look = replace(look, element=arg, pages=_FIRST_PAGES)
    skipped = trail(engine.journal, look.step).skipped
    event = next((event for event, handler in skipped if handler == arg), None)
    if event is not None:
        return _asked("edge")(engine, look, f"{event} {arg}")
    return replace(look, right="state" if look.right == "why" else look.right)


def _asked(act: str) -> Callable[[Engine, Look, str], Look]:
    return lambda _, look, arg: replace(look, right="why", question=(act, arg))


def _clear(engine: Engine, look: Look, arg: str) -> Look:  # noqa: ARG001 - as the others
    return replace(look, element=None, pages=_FIRST_PAGES)


def _page(engine: Engine, look: Look, arg: str) -> Look:  # noqa: ARG001 - as the others
    name, _, start = arg.rpartition(" ")
    return replace(look, pages=MappingProxyType({**look.pages, name: start}))


def _without_page(look: Look, name: str) -> Mapping[str, str]:
    return MappingProxyType({key: start for key, start in look.pages.items() if key != name})


def _chart(engine: Engine, look: Look, arg: str) -> Look:  # noqa: ARG001 - as the others
    return replace(look, chart=arg)


def _streams(engine: Engine, look: Look, arg: str) -> Look:  # noqa: ARG001 - as the others
    return replace(look, streams=not look.streams)


def _aim(engine: Engine, look: Look, arg: str) -> Look:  # noqa: ARG001 - as the others
    what, _, value = arg.partition(" ")
    return replace(look, aim=look.aim.turned(what, value))


_TURNS: Mapping[str, Callable[[Engine, Look, str], Look]] = {
    "step": _step,
    "go": _go,
    "live": _live,
    "left": _left,
    "right": _right,
    "element": _element,
    "why": _asked("why"),
    "whynot": _asked("whynot"),
    "arose": _asked("arose"),
    "edge": _asked("edge"),
    "clear": _clear,
    "page": _page,
    "chart": _chart,
    "streams": _streams,
    "aim": _aim,
}
