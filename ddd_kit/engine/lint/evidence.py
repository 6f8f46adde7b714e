"""What the journal shows of the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.lint.finding import HANDLER_CIRCLE, TWO_AGGREGATES_IN_ONE_UNIT, Finding
from ddd_kit.journal.entry import CAUSE_AT, CHANGED, COMMAND, DEFINED, EVENT, HANDLED, KIND_AT, Row, place
from ddd_kit.journal.sentence import short_id

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine

_AGGREGATE, _ID = place(CHANGED, "aggregate"), place(CHANGED, "id")
_HANDLER, _METHOD, _EVENT = place(HANDLED, "handler"), place(HANDLED, "method"), place(HANDLED, "event")
_TAKER = place(COMMAND, "handler")
_ELEMENT, _TYPE = place(DEFINED, "element"), place(EVENT, "type")


class Evidence:
    """What happened, as far as it is kept, since the handlers were defined as they are now.

    Args:
        engine: the domain.
    """

    def __init__(self, engine: Engine) -> None:
        self._registry = engine.registry
        journal = engine.journal
        self._rows: dict[int, Row] = dict(journal.numbered_rows())
        self._defined = {row[_ELEMENT]: step for step, row in self._rows.items() if row[KIND_AT] == DEFINED}

    def two_aggregates(self) -> Iterator[Finding]:
        """Handlers that changed two aggregates in one unit of work."""
        units: defaultdict[int, list[tuple[int, str, str]]] = defaultdict(list)
        for step, row in self._rows.items():
            if row[KIND_AT] == CHANGED and self._kind(row[_AGGREGATE]) is Kind.AGGREGATE:
                unit = self._unit(row[CAUSE_AT])
                if unit is not None:
                    units[unit].append((step, row[_AGGREGATE], short_id(row[_ID])))
        found: dict[str, tuple[list[int], list[tuple[int, str, str]]]] = {}
        for unit, changes in units.items():
            handler = self._handler(unit)
            if handler is not None and len({change[1:] for change in changes}) > 1:
                found.setdefault(handler, ([], changes))[0].append(unit)
        for handler, (steps, changes) in found.items():
            names = tuple(dict.fromkeys([handler.split(".")[0], *(name for _, name, _ in changes)]))
            told = " and ".join(f"{name} {identity}" for _, name, identity in changes[:3])
            more = " and more" if len(changes) > 3 else ""
            said = f"{handler} changed {told}{more} in one unit of work."
            yield Finding(TWO_AGGREGATES_IN_ONE_UNIT, names, said, tuple(steps))

    def circles(self) -> Iterator[Finding]:
        """Handlers that ran because of what they had done themselves."""
        found: dict[str, tuple[list[int], list[str]]] = {}
        for step, row in self._rows.items():
            handler = self._handler(step) if row[KIND_AT] == HANDLED else None
            if handler is None or (handler in found and len(found[handler][0]) >= 3):
                continue
            path = self._way(step, handler)
            if path is not None:
                found.setdefault(handler, ([], path))[0].append(step)
        known: set[frozenset[str]] = set()
        for handler, (steps, path) in found.items():
            if frozenset(path) not in known:
                known.add(frozenset(path))
                names = tuple(dict.fromkeys(each.split(".")[0] for each in path[:-1]))
                said = f"{handler} led to itself: {' -> '.join(path)}."
                yield Finding(HANDLER_CIRCLE, names, said, tuple(steps))

    def _way(self, step: int, handler: str) -> list[str] | None:
        path, cause = [handler], self._rows[step][CAUSE_AT]
        for _ in range(50):
            row = self._rows.get(cause) if cause is not None else None
            if row is None:
                return None
            if row[KIND_AT] == EVENT:
                path.insert(0, row[_TYPE])
            elif row[KIND_AT] == HANDLED:
                path.insert(0, f"{row[_HANDLER]}.{row[_METHOD]}")
                if path[0] == handler:
                    return path
            cause = row[CAUSE_AT]
        return None

    def _unit(self, cause: int | None) -> int | None:
        """The step of the message whose unit of work something was saved in; plain code has none."""
        while cause is not None:
            row = self._rows.get(cause)
            if row is None or row[KIND_AT] == HANDLED or row[CAUSE_AT] is None:
                return None if row is None else cause
            cause = row[CAUSE_AT]
        return None

    def _handler(self, step: int) -> str | None:
        """The handler's method that ran at a step, unless it was defined again since."""
        row = self._rows[step]
        handler: str | None = row[_TAKER] if row[KIND_AT] == COMMAND else None
        if row[KIND_AT] == HANDLED:
            handler = f"{row[_HANDLER]}.{row[_METHOD]}"
        if handler is None:
            return None
        element = handler.split(".")[0]
        known = self._registry.elements.get(element)
        if known is None or known.kind is Kind.PROCESS_MANAGER or self._defined.get(element, 0) > step:
            return None
        return handler

    def _kind(self, name: str) -> Kind | None:
        known = self._registry.elements.get(name)
        return known.kind if known is not None else None
