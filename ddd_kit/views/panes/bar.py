"""The workbench's bar: where in time one stands, and what can be done with the whole."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h

from ddd_kit.engine.engine import Engine
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.sentence import taker
from ddd_kit.views.markup import plain
from ddd_kit.views.panes import broker, runs, timeline, written
from ddd_kit.views.panes.steps import steps_of

MOST_WAITING = 50


def bar(
    engine: Engine,
    step: int,
    *,
    live: bool,
    all_runs: Sequence[Engine] = (),
    aim: broker.Aim = broker.ANYTHING,
) -> h.Element:
    """The name, the ways through time, the ticks, and what can be done with the whole.

    Args:
        engine: the domain.
        step: that is shown; 0 for the time before the first.
        live: whether the newest step is followed.
        all_runs: the runs that the workbench holds, the domain first.
        aim: what the next fault is for.

    Returns:
        An element; its rules are in `workbench.css`.
    """
    journal = engine.journal
    last = journal.last_step
    return h.div(".ddd-bar")[
        h.span(".ddd-title")[plain(engine.name)],
        runs.badge(engine),
        _movers(journal, step),
        h.span(".ddd-place")["step ", h.b[f"{step:,}"], f" of {last:,}"],
        h.div(".ddd-ticks-place")[timeline.ticks(journal, step)],
        h.div(".ddd-right")[
            toggle("live", "● live" if live else "○ live", live, "follow the newest step"),
            _hold(engine),
            broker.menu(engine, aim) if engine.world.frozen is None else None,
            runs.menu(engine, step, all_runs),
            _menu(engine),
        ],
        h.div(".ddd-slider")[
            h.input(type="range", min=str(journal.first_step - 1), max=str(last), value=str(step),
                    data_act="step", aria_label="step", aria_valuetext=f"step {step:,} of {last:,}"),
        ],
    ]  # fmt: skip


def _movers(journal: Journal, step: int) -> h.Element:
    first, last = beginning(journal), end(journal)
    back, forward = step <= first, step >= last
    buttons = [("first", "|◀", back), ("back", "◀", back), ("forward", "▶", forward), ("last", "▶|", forward)]
    moves = [
        h.button(".ddd-button", type="button", data_act="go", data_arg=to, aria_label=f"{to} step",
                 title=f"{to} step", aria_disabled="true" if there else None)[sign]
        for to, sign, there in buttons
    ]  # fmt: skip
    play = h.button(".ddd-button", type="button", data_act="play", data_pause="❚❚ pause")["▷ play"]
    return h.span(".ddd-group", role="group", aria_label="time travel")[moves, play]


def toggle(act: str, text: str, on: bool, title: str) -> h.Element:
    """A button that is in or out.

    Args:
        act: what it switches.
        text: on it.
        on: whether it is in.
        title: what that means.

    Returns:
        An element.
    """
    state = {"data-act": act, "aria-pressed": "true" if on else "false", "title": title}
    return h.button(state, class_=f"ddd-button ddd-{act}", type="button")[text]


def _hold(engine: Engine) -> h.Node:
    """The switch of hold mode, and the deliveries that wait."""
    on = engine.config["event_processing"] == "async"
    switch = toggle("hold", "hold", on, "let deliveries wait until you make them")
    count = len(engine.waiting)
    if not count:
        return switch
    deliveries = [
        h.button(".ddd-button", type="button", data_act="deliver", data_arg=str(number))[
            plain(f"{number}  {delivery.event} → {taker(delivery.handler, delivery.method)}")
        ]
        for number, delivery in enumerate(engine.waiting[:MOST_WAITING])
    ]
    more = h.small[f"… {count - MOST_WAITING:,} more"] if count > MOST_WAITING else None
    words = f"{count:,} wait{'s' if count == 1 else ''} ▾"
    menu = h.details(".ddd-menu", data_keep="waiting", data_stays="")[
        h.summary(".ddd-button")[words], h.div(".ddd-menu-items")[deliveries, more]
    ]
    nexts = [
        h.button(".ddd-button", type="button", data_act="deliver", data_arg=what)[text]
        for what, text in (("0", "deliver next"), ("all", "all"))
    ]
    return [switch, menu, *nexts]


def _menu(engine: Engine) -> h.Element:
    choices = [
        ("export", "map", "Save the map (SVG)"),
        ("export", "journal", "Save the journal (text)"),
        ("export", "page", "Save all as a page (HTML)"),
        *(("write", form, text) for form, text in written.FORMS.items()),
        ("close", "", "Close this workbench"),
    ]
    items = [
        h.button(".ddd-button", type="button", data_act=act, data_arg=arg)[text] for act, arg, text in choices
    ]
    label = plain(f"more about {engine.name}")
    head = h.summary(".ddd-button", aria_label=label, title="export, close")["⋯"]
    return h.details(".ddd-menu", data_keep="menu")[head, h.div(".ddd-menu-items.ddd-wide")[items]]


def beginning(journal: Journal) -> int:
    """The first step that is not a definition; the last step where there is none."""
    numbers = steps_of(journal).numbers
    return numbers[0] if numbers else journal.last_step


def end(journal: Journal) -> int:
    """The last step that is not a definition; the last step where there is none."""
    numbers = steps_of(journal).numbers
    return numbers[-1] if numbers else journal.last_step


def following(journal: Journal, step: int, by: int) -> int:
    """The next step, or the one before, without definitions.

    Args:
        journal: of the world.
        step: where one stands.
        by: 1 or -1.

    Returns:
        A step; the same where there is no other.
    """
    steps = steps_of(journal)
    before = steps.place(step if by > 0 else step - 1)
    place = before + 1 if by > 0 else before
    return steps.numbers[place] if 0 <= place < len(steps.numbers) else step
