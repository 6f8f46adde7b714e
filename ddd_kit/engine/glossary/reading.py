"""The terms of a model, read from its definitions and their code."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.handler import ANY
from ddd_kit.building_blocks.invariants import rules_of
from ddd_kit.building_blocks.process_manager import COMPLETE
from ddd_kit.engine.glossary.accepted import held
from ddd_kit.engine.glossary.term import COMPUTED, FIELD, INVARIANT, OPERATION, REACTION, Term
from ddd_kit.engine.glossary.words import doc_of
from ddd_kit.engine.lint.model_code import ModelCode
from ddd_kit.engine.registry import BORDER, CALL, LISTENERS, Registered
from ddd_kit.exceptions import DddKitError
from ddd_kit.journal.sentence import short_stream

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine


class Reader:
    """Reads the terms of a model.

    Args:
        engine: the domain; its lock is held.
    """

    def __init__(self, engine: Engine) -> None:
        self._context = engine.name
        self._registry = engine.registry
        self._code = ModelCode(engine.registry)
        self._raisers = self._who_raises()

    def _who_raises(self) -> Mapping[str, list[str]]:
        """The methods that raise each event, as `Order.ship_order`."""
        raisers = defaultdict(list)
        for element in self._registry.elements:
            for method, function in self._code.functions(element).items():
                for event in self._raised(function):
                    raisers[event].append(f"{element}.{method}")
        return raisers

    def _raised(self, function: FunctionType) -> list[str]:
        known = self._registry.elements
        raised = self._code.does(function).raises
        return sorted(name for name in raised if name in known and known[name].kind is Kind.EVENT)

    def terms(self, element: Registered, home: str) -> list[Term]:
        """An element, and all that is in it.

        Args:
            element: of the model.
            home: what it belongs to.

        Returns:
            The term for the element first.
        """
        foreign = "external_type" in element.options
        whole = Term(
            element.name,
            str(element.kind),
            doc_of(element.cls),
            tuple(self._facts(element)),
            home=home,
            context=self._context,
            is_foreign=foreign,
        )
        return [whole, *self._parts(element, home)]

    # What an element is

    def _facts(self, element: Registered) -> Iterator[str]:
        kind, options = element.kind, element.options
        if kind is Kind.AGGREGATE and options.get("event_sourced"):
            yield "event-sourced"
        elif kind is Kind.EVENT:
            yield from self._of_event(element)
        elif kind in (Kind.COMMAND, Kind.QUERY):
            yield from (f"handled by {taker}" for taker in self._takers(element))
        elif kind is Kind.EVENT_HANDLER:
            source = self._registry.source(element)
            if source:
                yield f"only what comes from {short_stream(source)}"
        elif kind is Kind.DOMAIN_SERVICE:
            yield f"works on {_listed(_names(element.part_of))}"
        elif kind is Kind.PROJECTION:
            fillers = self._registry.of_kind(Kind.PROJECTOR)
            names = [each.name for each in fillers if each.options["projector_for"] == element.name]
            if names:
                yield f"filled by {_listed(names)}"
        elif kind is Kind.SUBSCRIBER:
            yield f"hears {options['stream']} of the broker {options['broker']}"

    def _of_event(self, element: Registered) -> Iterator[str]:
        foreign = element.options.get("external_type")
        if foreign:
            yield f"a word of {foreign.partition('.')[0]}"
        raisers = self._raisers.get(element.name)
        if raisers:
            yield f"raised by {_listed(raisers)}"
        heard = list(dict.fromkeys(handler for handler, _ in self._heard(element.name)))
        here = [handler for handler in heard if not handler.startswith(BORDER)]
        if here:
            yield f"heard by {_listed(here)}"
        for border in heard:
            if border.startswith(BORDER):
                yield f"heard in {border.removeprefix(BORDER)}"

    def _heard(self, event: str) -> list[tuple[str, str]]:
        with suppress(DddKitError):  # something that it needs is not defined yet
            return self._code.takers(event)
        return []

    def _takers(self, element: Registered) -> list[str]:
        kind = Kind.COMMAND_HANDLER if element.kind is Kind.COMMAND else Kind.QUERY_HANDLER
        return [
            handler.name
            for handler in self._registry.of_kind(kind)
            if any(taken == element.name for _, taken in handler.methods)
        ]

    # What is in an element

    def _parts(self, element: Registered, home: str) -> Iterator[Term]:
        common: dict[str, Any] = {"element": element.name, "home": home, "context": self._context}
        yield from _fields(element, common)
        functions = self._code.functions(element.name)
        rules = [name for names in rules_of(element.cls) for name in names]
        for name in rules:
            yield Term(name, INVARIANT, doc_of(functions.get(name)), **common)
        taken = self._taken(element)
        for name, messages in taken.items():
            function = functions.get(name)
            facts = (*_roles(element, name, messages), *self._does(function, kind=element.kind))
            when = _when(element, messages)
            yield Term(name, REACTION, doc_of(function), facts, when=when, **common)
        for name, function in functions.items():
            if name in (*rules, *taken) or not _is_spoken_of(name, function):
                continue
            computed = isinstance(inspect.getattr_static(element.cls, name, None), property)
            yield Term(
                name,
                COMPUTED if computed else OPERATION,
                doc_of(function),
                tuple(self._does(function, kind=element.kind)),
                **common,
            )

    def _taken(self, element: Registered) -> dict[str, list[str]]:
        """The messages that each method takes."""
        taken: dict[str, list[str]] = {}
        for method, message in element.methods:
            taken.setdefault(method, []).append(message)
        return {CALL: []} if element.kind is Kind.SUBSCRIBER else taken

    def _does(self, function: FunctionType | None, kind: Kind) -> Iterator[str]:
        """What a method raises and sends."""
        if function is None or kind is Kind.QUERY_HANDLER:
            return
        raised = self._raised(function)
        if raised:
            yield f"raises {_listed(raised)}"
        known = self._registry.elements
        sent = dict.fromkeys(each.command for each in self._code.does(function).sends)
        named = [name for name in sent if name in known and known[name].kind is Kind.COMMAND]
        if named:
            yield f"sends {_listed(named)}"


def _fields(element: Registered, common: Mapping[str, Any]) -> Iterator[Term]:
    if not hasattr(element, "schema"):
        return
    for name, spec in element.schema.fields.items():
        if name == COMPLETE and element.kind is Kind.PROCESS_MANAGER:
            continue
        if name == "id" and element.schema.identity == "id" and not spec.description:
            continue  # every aggregate has one, and it says nothing about this one
        described = held(spec)
        yield Term(name, FIELD, str(described.description), described.facts, **common)


def _when(element: Registered, messages: list[str]) -> str:
    if element.kind is Kind.SUBSCRIBER:
        return f"when {element.options['stream']} brings a message"
    told = ["any other event" if each == ANY and len(element.methods) > 1 else each for each in messages]
    told = ["any event" if each == ANY else each for each in told]
    return f"{'when' if element.kind in LISTENERS else 'for'} {_listed(told, 'or')}"


def _roles(element: Registered, method: str, messages: list[str]) -> Iterator[str]:
    roles = [element.roles[method, message] for message in messages if (method, message) in element.roles]
    if any(role.start for role in roles):
        yield "begins a process"
    if any(role.end for role in roles):
        yield "ends it"


def _is_spoken_of(name: str, function: FunctionType) -> bool:
    """Whether a method belongs to the language: not what is private, nor what the kit made or calls."""
    if name.startswith("_") or name == "handle_error" or getattr(function, "_applies", False):
        return False
    own = function.__module__ or ""
    return not own.startswith(("ddd_kit.building_blocks.", "ddd_kit.engine."))


def _names(part_of: Any) -> tuple[str, ...]:
    return tuple(part_of) if isinstance(part_of, list | tuple) else (part_of,) if part_of else ()


def _listed(names: Any, word: str = "and") -> str:
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else str(last)
