"""Where each term belongs, and in which order one reads them: as things happen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.glossary.term import ACROSS, ELSEWHERE
from ddd_kit.engine.registry import LISTENERS, Registered, Registry
from ddd_kit.engine.routing import methods_for
from ddd_kit.exceptions import DddKitError

# Within an aggregate: what it is, what is asked of it, what it reacts to, and what has happened.
_WITHIN = (
    Kind.AGGREGATE, Kind.ENTITY, Kind.VALUE_OBJECT, Kind.APPLICATION_SERVICE, Kind.COMMAND,
    Kind.COMMAND_HANDLER, Kind.PROCESS_MANAGER, Kind.EVENT_HANDLER, Kind.DOMAIN_SERVICE, Kind.EVENT,
    Kind.REPOSITORY, Kind.PROJECTION, Kind.PROJECTOR, Kind.QUERY, Kind.QUERY_HANDLER, Kind.SUBSCRIBER,
)  # fmt: skip


def in_order_of_flow(registry: Registry) -> Iterator[tuple[Registered, str]]:
    """The elements of a model, as one tells of it.

    Aggregate after aggregate, each after those whose events it hears; then what is across aggregates, what
    is read, and what comes from elsewhere.

    Args:
        registry: the definitions.

    Yields:
        Each element with what it belongs to; upcasters are no words of the language.
    """
    homes = _Homes(registry)
    placed: dict[str, list[Registered]] = {name: [] for name in _in_flow(registry, homes)}
    placed[ACROSS] = []
    placed |= {projection.name: [] for projection in registry.of_kind(Kind.PROJECTION)}
    placed[ELSEWHERE] = []
    for element in registry.of_kind(*_WITHIN):
        placed[homes.of(element)].append(element)
    for home, elements in placed.items():
        for element in sorted(elements, key=lambda each: _WITHIN.index(each.kind)):
            yield element, home


class _Homes:
    """What elements belong to."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._holders: dict[str, set[str]] = {}
        for holder in registry.of_kind(Kind.AGGREGATE, Kind.ENTITY, Kind.VALUE_OBJECT):
            for nested in holder.schema.nested.values():
                self._holders.setdefault(nested.name, set()).add(holder.name)

    def of(self, element: Registered) -> str:
        """The name of an aggregate or a projection; or across, or elsewhere."""
        if element.kind is Kind.SUBSCRIBER or "external_type" in element.options:
            return ELSEWHERE
        if element.kind in (Kind.AGGREGATE, Kind.PROJECTION):
            return element.name
        if element.kind is Kind.VALUE_OBJECT and not element.part_of:
            return self._only(element)
        return self._owner(element)

    def _owner(self, element: Registered) -> str:
        """What an element is part of; across, where that is nothing, or several, or not there."""
        part_of: Any = element.options.get("projector_for") or element.part_of
        if element.kind is Kind.PROJECTOR:
            filled = self._registry.elements.get(part_of)
            return filled.name if filled is not None and filled.kind is Kind.PROJECTION else ACROSS
        if not part_of or (isinstance(part_of, tuple | list) and len(part_of) > 1):
            return ACROSS
        with suppress(DddKitError):
            return self._registry.owner(element).name
        return ACROSS

    def _only(self, value: Registered) -> str:
        """The aggregate that a value object is used in, where it is one only."""
        homes, seen, waiting = set(), {value.name}, [value.name]
        while waiting:
            for name in self._holders.get(waiting.pop(), set()) - seen:
                seen.add(name)
                holder = self._registry.elements[name]
                if holder.kind is Kind.VALUE_OBJECT and not holder.part_of:
                    waiting.append(name)
                else:
                    homes.add(self.of(holder))
        return homes.pop() if len(homes) == 1 else ACROSS


def _in_flow(registry: Registry, homes: _Homes) -> Iterable[str]:
    """The aggregates, those first whose events the others hear; what stands in a circle as it was defined."""
    leads = _leads(registry, homes)
    heard = {to for name, following in leads.items() for to in following if to != name}
    ordered: dict[str, None] = {}
    for start in [*(name for name in leads if name not in heard), *leads]:
        waiting = [start]
        while waiting:
            name = waiting.pop(0)
            if name not in ordered:
                ordered[name] = None
                waiting += leads[name]
    return ordered


def _leads(registry: Registry, homes: _Homes) -> Mapping[str, list[str]]:
    """The aggregates that hear the events of each one."""
    leads: dict[str, list[str]] = {each.name: [] for each in registry.of_kind(Kind.AGGREGATE)}
    listeners = [(listener, homes.of(listener)) for listener in registry.of_kind(*LISTENERS)]
    for event in registry.of_kind(Kind.EVENT):
        source = homes.of(event)
        for listener, home in listeners:
            if source in leads and home in leads and any(_named(listener, event)):
                leads[source].append(home)
    return leads


def _named(listener: Registered, event: Registered) -> Iterator[bool]:
    return (named for _, named in methods_for(listener, event.name))
