"""The menu of what goes wrong on the way: faults as of a message broker, and where deliveries are held."""

from __future__ import annotations

import htpy as h

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.views.markup import plain

KINDS = {
    "deliver_twice": "deliver twice",
    "drop": "drop",
    "delay": "delay by 1",
    "shuffle": "out of order",
    "fail": "fail once",
}
_HELD, _EVERY = "pause on …", "every handler"


def menu(engine: Engine, target: str | None) -> h.Element:
    """Switches for faults and breakpoints, and those that are on.

    Args:
        engine: the run that is shown.
        target: the name of the handler that the next fault is for; None for every one.

    Returns:
        An element.
    """
    faults = engine.faults
    on = [*faults, *faults.breakpoints]
    handlers = [element.name for element in engine.registry.of_kind(Kind.EVENT_HANDLER)]
    events = [element.name for element in engine.registry.of_kind(Kind.EVENT)]
    kinds = [
        h.button(".ddd-button", type="button", data_act="fault", data_arg=f"{kind} {target or ''}")[words]
        for kind, words in KINDS.items()
    ]
    chosen = target if target in handlers else None
    items: list[h.Node] = [
        h.p[h.small["what the broker does to deliveries for "], _select("target", _EVERY, handlers, chosen)],
        h.div(".ddd-group.ddd-choices")[kinds],
        h.p[h.small["hold deliveries from an event on "], _select("pause", _HELD, events, None)],
        [_off("unfault", str(fault.number), repr(fault).split("  ", 1)[-1]) for fault in faults],
        [_off("unpause", name, f"pauses on {name}") for name in faults.breakpoints],
    ]
    words = f"faults: {len(on)} ▾" if on else "faults ▾"
    head = h.summary(
        class_=f"ddd-button{' ddd-on' if on else ''}", title="let deliveries go wrong, or pause on an event"
    )[words]
    return h.details(".ddd-menu", data_keep="faults", data_stays="")[
        head, h.div(".ddd-menu-items.ddd-wide")[items]
    ]


def _select(act: str, none: str, names: list[str], chosen: str | None) -> h.Element:
    options = [h.option(value="", selected=chosen is None)[none]]
    options += [h.option(value=name, selected=name == chosen)[plain(name)] for name in names]
    return h.select(data_act=act, aria_label=none if act == "pause" else "handler")[options]


def _off(act: str, arg: str, words: str) -> h.Element:
    return h.button(".ddd-button.ddd-on", type="button", data_act=act, data_arg=arg, title="switch it off")[
        plain(f"{words}  \N{MULTIPLICATION SIGN}")
    ]
