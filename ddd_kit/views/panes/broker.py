"""The menu of what goes wrong on the way: faults as of a message broker, and where deliveries are held."""

from __future__ import annotations

from dataclasses import dataclass, replace

import htpy as h

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.routing import methods_for
from ddd_kit.views.markup import plain

CHANCES = {"1": "always", "0.5": "1 in 2", "0.25": "1 in 4", "0.1": "1 in 10"}
COUNTS = ("1", "2", "3", "4", "5", "10")
KINDS = ("deliver_twice", "drop", "shuffle", "delay", "fail")


@dataclass(frozen=True, slots=True)
class Aim:
    """What the next fault is to strike, how often, and by how much.

    Attributes:
        event: the name of the event; None for every one.
        handler: the name of the event handler; None for every one.
        chance: how likely it strikes, a key of `CHANCES`.
        count: by how many deliveries it delays, or how many attempts fail; one of `COUNTS`.
    """

    event: str | None = None
    handler: str | None = None
    chance: str = "1"
    count: str = "1"

    def turned(self, what: str, value: str) -> Aim:
        """The aim after a choice.

        Args:
            what: was chosen: `event`, `handler`, `chance` or `count`.
            value: the name of an event or handler, empty for every one; or a number as it is offered.

        Returns:
            Another aim.

        Raises:
            ValueError: for another choice than is offered.

        Example:
            >>> Aim().turned("event", "OrderShipped").turned("count", "3")
            Aim(event='OrderShipped', handler=None, chance='1', count='3')
        """
        if what == "event":
            return replace(self, event=value or None)
        if what == "handler":
            return replace(self, handler=value or None)
        if what == "chance" and value in CHANCES:
            return replace(self, chance=value)
        if what == "count" and value in COUNTS:
            return replace(self, count=value)
        raise ValueError(f"aim {what} {value}: that cannot be chosen.")

    def within(self, engine: Engine) -> Aim:
        """The aim in a run: what is not part of its model any more, nobody can have chosen.

        Args:
            engine: the run.

        Returns:
            The same, or one at every event or handler.
        """
        event, handler = self.event, self.handler
        return replace(
            self,
            event=event if event in _names(engine, Kind.EVENT) else None,
            handler=handler if handler in _names(engine, Kind.EVENT_HANDLER) else None,
        )


ANYTHING = Aim()


def objection(engine: Engine, aim: Aim) -> str | None:
    """Why a fault with this aim could never strike.

    Args:
        engine: the run.
        aim: of which event and handler are part of its model.

    Returns:
        A sentence; None where nothing is to be said against it.
    """
    handlers = list(engine.registry.of_kind(Kind.EVENT_HANDLER))
    if aim.handler is None:
        heard = aim.event is None or any(methods_for(handler, aim.event) for handler in handlers)
        return None if heard else f"No handler handles {aim.event}: choose another event."
    handler = engine.registry.find(aim.handler, Kind.EVENT_HANDLER)
    taken = " and ".join(dict.fromkeys(event for _, event in handler.methods))
    if not taken:
        return f"{aim.handler} handles no event: choose another handler."
    if aim.event is None or methods_for(handler, aim.event):
        return None
    return f"{aim.handler} does not handle {aim.event}, but {taken}: choose another event or handler."


def menu(engine: Engine, aim: Aim) -> h.Element:
    """Switches for faults and breakpoints, and those that are on.

    Args:
        engine: the run that is shown.
        aim: what the next fault is for.

    Returns:
        An element.
    """
    faults = engine.faults
    on = [*faults, *faults.breakpoints]
    told = ((str(fault.number), repr(fault).split("  ", 1)[-1].replace(" -> ", " → ")) for fault in faults)
    offs = [_off("unfault", number, words) for number, words in told]
    offs += [_off("unpause", name, f"pauses on {name}") for name in faults.breakpoints]
    items: list[h.Node] = [_faults(engine, aim.within(engine)), h.hr, _breakpoints(engine)]
    if on:
        items += [h.hr, *offs]
    words = f"faults: {len(on)} ▾" if on else "faults ▾"
    head = h.summary(
        class_=f"ddd-button{' ddd-on' if on else ''}", title="let deliveries go wrong, or pause on an event"
    )[words]
    return h.details(".ddd-menu.ddd-faults", data_keep="faults", data_stays="")[
        head, h.div(".ddd-menu-items.ddd-wide")[items]
    ]


def _faults(engine: Engine, aim: Aim) -> h.Node:
    refused = objection(engine, aim)
    kinds = [
        h.button(".ddd-button", type="button", data_act="fault", data_arg=kind, disabled=refused is not None)[
            _words(kind, aim.count)
        ]
        for kind in KINDS
    ]
    events, handlers = _names(engine, Kind.EVENT), _names(engine, Kind.EVENT_HANDLER)
    return [
        h.p[h.small["what the broker does to deliveries"]],
        h.div(".ddd-aim")[
            _choice("event", "event", _every("event", events), aim.event),
            _choice("handler", "handler", _every("handler", handlers), aim.handler),
            _choice("chance", "how often", CHANCES, aim.chance),
            _choice("count", "how many", {count: count for count in COUNTS}, aim.count),
        ],
        h.div(".ddd-group.ddd-choices")[kinds],
        h.p(".ddd-bad", role="status")[plain(refused) if refused else None],
    ]


def _words(kind: str, count: str) -> str:
    """What a fault of a kind does, as its button says."""
    return {
        "deliver_twice": "deliver twice",
        "drop": "drop",
        "shuffle": "out of order",
        "delay": f"delay by {count}",
        "fail": "fail once" if count == "1" else f"fail the first {count} times",
    }[kind]


def _every(what: str, names: list[str]) -> dict[str, str]:
    return {"": f"every {what}"} | {name: name for name in names}


def _choice(what: str, label: str, offered: dict[str, str], chosen: str | None) -> h.Element:
    options = [
        h.option(value=f"{what} {value}", selected=value == (chosen or ""))[plain(words)]
        for value, words in offered.items()
    ]
    return h.label[h.span[label], h.select(data_act="aim", data_arg=what)[options]]


def _breakpoints(engine: Engine) -> h.Element:
    options = [h.option(value="", selected=True)["choose an event"]]
    names = (name for name in _names(engine, Kind.EVENT) if name not in engine.faults.breakpoints)
    options += [h.option(value=name)[plain(name)] for name in names]
    return h.div(".ddd-aim")[h.label[h.span["pause on"], h.select(data_act="pause")[options]]]


def _names(engine: Engine, kind: Kind) -> list[str]:
    return [element.name for element in engine.registry.of_kind(kind)]


def _off(act: str, arg: str, words: str) -> h.Element:
    return h.button(
        ".ddd-button.ddd-off",
        type="button",
        data_act=act,
        data_arg=arg,
        title="switch it off",
        aria_label=plain(f"switch off: {words}"),
    )[plain(f"{words}  \N{MULTIPLICATION SIGN}")]
