"""The workbench as parts of HTML: from a domain, and what somebody looks at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.resources import files
from typing import cast

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.engine import Engine
from ddd_kit.engine.event_store import STEP
from ddd_kit.engine.explain import why_not
from ddd_kit.engine.rehydration import rehydrated
from ddd_kit.exceptions import DddKitError, IncorrectUsageError
from ddd_kit.journal.causality import why
from ddd_kit.journal.entry import EVENT, ChangedEntry, EventEntry, FaultEntry, SkippedEntry, entry, place
from ddd_kit.journal.journal import Journal
from ddd_kit.views import answers, comparison, markup, rehydration
from ddd_kit.views.charts import line_chart
from ddd_kit.views.kinds import kinds_of
from ddd_kit.views.links import linked
from ddd_kit.views.mapping import live_map
from ddd_kit.views.markup import plain
from ddd_kit.views.panes import bar, changes, instances, journal_pane, runs, streams, subscribed, timeline
from ddd_kit.views.panes.look import LEFT, RIGHT, Look
from ddd_kit.views.trying import tried

STYLE = "".join(
    [
        markup.STYLE,
        *(
            view.STYLE
            for view in (answers, changes, instances, journal_pane, line_chart, live_map, rehydration)
        ),
        *(view.STYLE for view in (streams, timeline, comparison, tried)),
        files("ddd_kit.views.panes").joinpath("workbench.css").read_text(encoding="utf-8"),
    ]
)
_TYPE = place(EVENT, "type")


def frame(twin: str) -> str:
    """The places of the parts; they stay while what is in them changes.

    Args:
        twin: the class of the static picture, which is not to be seen while this is there.

    Returns:
        HTML with an element `data-part` for each of `parts`.
    """
    hiding = f".{twin},.jp-OutputArea-child:has(>.jp-OutputArea-output>.{twin}){{display:none}}"
    whole = h.div(".ddd-sheet", role="group", aria_label="Workbench")[
        h.style[Markup(hiding)],  # noqa: S704 - a class of our own making
        h.div(data_part="bar"),
        h.div(".ddd-waiting", role="status", data_waiting=""),
        h.div(data_part="notice", role="alert"),
        h.div(data_part="map"),
        h.div(".ddd-panes")[h.div(".ddd-pane", data_part="left"), h.div(".ddd-pane", data_part="right")],
        h.div(data_part="story", role="status"),
    ]
    return _text(whole)


def parts(engine: Engine, look: Look, all_runs: Sequence[Engine] = ()) -> dict[str, str]:
    """All parts, at one step.

    Args:
        engine: the domain.
        look: what to show; its step has to be in the journal.
        all_runs: the runs that the workbench holds, the domain first.

    Returns:
        HTML by the name of its part: `bar`, `map`, `left`, `right`, `story`.
    """
    with engine.lock:
        made: dict[str, Callable[[Engine, Look], h.Node]] = {
            "bar": partial(_bar, all_runs=all_runs),
            "map": _map,
            "left": partial(_left, all_runs=all_runs),
            "right": _right,
            "story": _story,
        }
        return {name: _safely(name, make, engine, look) for name, make in made.items()}


def _safely(name: str, make: Callable[[Engine, Look], h.Node], engine: Engine, look: Look) -> str:
    """One part that fails leaves the others theirs."""
    try:
        return _text(make(engine, look))
    except Exception as error:  # noqa: BLE001 - whatever it is, it has to be seen
        told = f"{name}: {type(error).__name__}: {error}. This is a fault of ddd_kit: please report it."
        return _text(h.p(".ddd-empty")[h.span(".ddd-bad")["✗ "], plain(told)])


def _text(node: h.Node) -> str:
    return str.__str__(str(node))  # not Markup, which would escape what is added to it


# The map


def _map(engine: Engine, look: Look) -> h.Node:
    drawn = live_map.live_map(engine, look.step, element=look.element, streams=look.streams)
    zooms = [
        h.button(".ddd-button", type="button", data_zoom=how, aria_label=label, title=label)[sign]
        for how, sign, label in (
            ("out", "\N{MINUS SIGN}", "smaller"),
            ("one", "1:1", "as large as its text wants"),
            ("in", "+", "larger"),
            ("fit", "fit", "the whole map"),
        )
    ]
    switch = bar.toggle("streams", "streams", look.streams, "show streams as nodes of their own")
    edges = [
        h.button(".ddd-edge", type="button", data_edge=side, tabindex="-1", title=title, aria_label=title)[
            h.span[sign]
        ]
        for side, sign in (("left", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"),
                           ("right", "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"),
                           ("up", "\N{UP ARROWHEAD}"), ("down", "\N{DOWN ARROWHEAD}"))
        for title in [f"more of the map: scroll {side}"]
    ]  # fmt: skip
    return h.div(".ddd-map-place")[
        h.div(".ddd-map-view")[
            h.div(".ddd-map-box", data_pan="", data_scroll="map", data_roving="", data_edges="")[
                Markup(drawn)  # noqa: S704 - a view made it
            ],
            edges,
        ],
        h.div(".ddd-map-foot")[
            live_map.legend_html(engine, look.step, streams=look.streams), h.span(".ddd-group")[switch, zooms]
        ],
    ]


# The panes


def _bar(engine: Engine, look: Look, all_runs: Sequence[Engine]) -> h.Node:
    return bar.bar(engine, look.step, live=look.live, all_runs=all_runs, aim=look.aim)


def _left(engine: Engine, look: Look, all_runs: Sequence[Engine]) -> h.Node:
    if look.left == "compare":
        return _pane("left", LEFT, look.left, runs.beside(engine, all_runs))
    shown = {"streams": _streams, "chart": _chart}.get(look.left, _journal)(engine, look)
    return _pane("left", LEFT, look.left, shown)


def _right(engine: Engine, look: Look) -> h.Node:
    shown = {"state": _state, "why": _why}.get(look.right, _changes)(engine, look)
    return _pane("right", RIGHT, look.right, shown)


def _pane(side: str, tabs: Mapping[str, str], chosen: str, content: h.Node) -> h.Node:
    heads = [
        h.button(".ddd-tab", type="button", role="tab", data_act=side, data_arg=key,
                 aria_selected="true" if key == chosen else "false",
                 aria_current="true" if key == chosen else None)[word]
        for key, word in tabs.items()
    ]  # fmt: skip
    return h.fragment[
        h.div(".ddd-tabs", role="tablist", data_roving="")[heads],
        h.div(".ddd-content", role="tabpanel", aria_label=tabs[chosen], data_scroll=f"{side} {chosen}",
              data_roving="", tabindex="0")[content],
    ]  # fmt: skip


def _journal(engine: Engine, look: Look) -> h.Node:
    first = look.pages.get("journal")
    return journal_pane.journal_pane(
        engine, look.step, element=look.element, first=None if first is None else int(first), link=linked
    )


def _streams(engine: Engine, look: Look) -> h.Node:
    return streams.streams(engine, look.step, element=look.element, pages=look.pages, link=linked)


def _chart(engine: Engine, look: Look) -> h.Node:
    return line_chart.chart_pane(engine, chosen_field(look.chart), look.step, linked)


def chosen_field(choice: str | None) -> tuple[str, str] | None:
    """Aggregate and field of a choice.

    Example:
        >>> chosen_field("Inventory in_stock")
        ('Inventory', 'in_stock')
    """
    aggregate, _, name = (choice or "").partition(" ")
    return (aggregate, name) if name else None


def _changes(engine: Engine, look: Look) -> h.Node:
    return changes.changes(engine, look.step, linked)


def _state(engine: Engine, look: Look) -> h.Node:
    page = int(look.pages.get("state", 0))
    return instances.instances(engine, look.step, element=look.element, page=page, link=linked)


def _why(engine: Engine, look: Look) -> h.Node:
    if look.question is None:
        return h.p(".ddd-empty")["Click a value, or a dashed handler, to see why."]
    try:
        return _answer(engine, look, *look.question)
    except (DddKitError, ValueError) as error:  # the latter for words that no click sends
        return h.p(".ddd-empty")[plain(error)]


def _answer(engine: Engine, look: Look, act: str, arg: str) -> h.Node:
    """What `domain.why` or `domain.why_not` says to a question."""
    journal = engine.journal
    if act == "why":
        number, _, name = arg.partition(" ")  # an entity's identity may have blanks
        changed = journal.step(int(number))
        if not isinstance(changed, ChangedEntry):
            raise IncorrectUsageError(f"Step {number} saved nothing, so there is no value to ask about.")
        answer = why(journal, changed.aggregate, changed.id, name, changed.step)
        return answers.why_panel(answer, linked, kinds_of(journal))
    if act == "arose":
        saved = journal.step(int(arg))
        if not isinstance(saved, ChangedEntry):
            raise IncorrectUsageError(f"Step {arg} saved nothing, so there is no state that arose.")
        return rehydration.panel(rehydrated(engine, saved.aggregate, saved.id, saved.step), linked)
    if act == "whynot":
        skipped = journal.step(int(arg))
        if not isinstance(skipped, SkippedEntry | FaultEntry) or skipped.cause is None:
            raise IncorrectUsageError(f"In step {arg} no handler was passed over.")
        event = journal.step(skipped.cause)
        return answers.why_not_panel(why_not(engine, skipped.handler, event), linked, kinds_of(journal))
    name, handler = arg.split(" ")
    if subscribed.is_subscriber(engine, handler):
        return subscribed.panel(engine, handler, look.step, linked)
    known = latest_event(engine, name, look.step)
    if known is None:
        raise IncorrectUsageError(f"{handler} did not run: no {name} had happened by step {look.step:,}.")
    return answers.why_not_panel(why_not(engine, handler, known), linked, kinds_of(journal))


def latest_event(engine: Engine, name: str, step: int) -> EventEntry | None:
    """The last event of a type, up to a step.

    Args:
        engine: the domain.
        name: of the event's class.
        step: a step of the journal.

    Returns:
        Its entry, or None where there was none.
    """
    events = engine.world.events.rows
    count = bisect_right(events, engine.journal.batch_end(step), key=STEP)
    for number, row in reversed(events[:count]):
        if row[_TYPE] == name:
            return cast(EventEntry, entry(number, row))
    return None


def _story(engine: Engine, look: Look) -> h.Node:
    if not engine.config["journal"] and look.step >= bar.end(engine.journal):
        return h.div(".ddd-story")[_not_recorded(engine.journal, look.step)]
    return h.div(".ddd-story")[changes.story_html(engine.journal, look.step)]


def _not_recorded(journal: Journal, step: int) -> str:
    """What the parts show while the journal is off."""
    text = "Nothing is recorded while domain.config['journal'] is False"
    if not journal.missed:
        return f"{text}."
    text += ": State, Streams and the numbers of instances and events are those of the present"
    return f"{text}, all else is as of step {step:,}." if step else f"{text}."


def notice(what: str, error: BaseException, trace: str = "") -> str:
    """What went wrong, as the workbench shows it.

    Args:
        what: was asked for.
        error: was raised.
        trace: where, for those who look for it.

    Returns:
        HTML.
    """
    texts = [f"{type(error).__name__}: {error}", *getattr(error, "__notes__", [])]
    details = h.details(data_keep="trace")[h.summary["where"], h.pre[plain(trace)]] if trace else None
    close = h.button(".ddd-button", type="button", data_act="dismiss", aria_label="dismiss")[
        "\N{MULTIPLICATION SIGN}"
    ]
    lines = [h.div[plain(text)] for text in texts]
    return _text(h.div(".ddd-notice")[h.div[h.b(".ddd-bad")[plain(what)], lines, details], close])
