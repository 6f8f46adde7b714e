"""How a test names classes, aggregates and values, of which some are known only when it runs."""

from __future__ import annotations

import builtins
import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.part import Part, is_parts
from ddd_kit.building_blocks.schema import Schema
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.names import snake_case
from ddd_kit.engine.registry import STORED
from ddd_kit.journal.entry import ChangedEntry, CommandEntry, Entry, EventEntry
from ddd_kit.journal.journal import Instance
from ddd_kit.views.exports.literals import Literals, is_name
from ddd_kit.views.exports.scenario import Scenario, mentioned

_TAKEN = {
    "domain",
    "dt",
    "pytest",
    "ANY",
    "UnitOfWork",
    "atomic_change",
    "Decimal",
    "UUID",
    "events",
    "handled",
    "each",
    "raised",
}
_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


class _Values(Literals):
    """Values as Python, where new identities are those of variables, and others made anew may be any."""

    def __init__(self, expressions: Expressions, modules: tuple[str, ...]) -> None:
        super().__init__(modules)
        self.expressions = expressions
        self.expecting = False

    def of(self, value: Any) -> str:
        """A value; in what is expected, `ANY` for what no test can know."""
        if isinstance(value, Part):
            return self._part(value)
        if is_parts(value):
            return f"[{self.joined(value)}]"
        found = self.expressions.made_anew(value)
        if found is not None:
            return found
        if self.expecting and self.expressions.unknown(value):
            self.needs("from unittest.mock import ANY")
            return "ANY"
        return super().of(value)

    def _part(self, part: Part) -> str:
        """A value object or an entity, as the call that makes it."""
        schema = self.expressions.schema(part.element, Kind.VALUE_OBJECT, Kind.ENTITY)
        told = given_values(schema, dict(zip(part.names, part.values, strict=True)))
        return f"{self.expressions.cls(part.element)}({self.arguments(told)})"


def given_values(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of some stored values that a constructor has to be given.

    Args:
        schema: of the class as it is now.
        values: by field, as stored.

    Returns:
        Values by field; what a field that is left out has anyway is not among them.
    """
    return {
        name: value
        for name, value in values.items()
        if name in schema.fields
        and not (value is None and schema.fields[name].default is None)
        and not (isinstance(value, tuple) and not value and name in schema.nested)
    }


class Expressions:
    """The names and values of a test, and the lines that it has so far.

    Args:
        engine: the domain.
        told: what happened.

    Attributes:
        values: writes values.
        lines: of the part of the test that is being written.
        done: the last step of what the test has done by then.
        said: the values that the test writes out, with the first step that has them.
        new: the aggregates whose identities no test can know, with the step that made them.
        looked_up: the new aggregates that were looked up in order to be checked.
    """

    def __init__(self, engine: Engine, told: Scenario) -> None:
        self.engine = engine
        self.told = told
        elements = engine.registry.elements.values()
        self.values = _Values(self, tuple({element.cls.__module__ for element in elements}))
        self.lines: list[str] = []
        self.done = told.entries[0].step - 1
        self.variables: dict[Instance, str] = {}
        self.looked_up: set[Instance] = set()
        self.found: dict[Any, Instance] = {}  # by identity, those of the new ones that have a variable
        given = mentioned(value for saved in told.given.values() for value in saved.stored)
        self.said = dict.fromkeys(given, 0)
        for entry in (entry for unit in told.units for entry in unit):
            for value in mentioned(_said_by(entry)):
                self.said.setdefault(value, entry.step)
        made = _made_by_handlers(told)
        self.new = {key: step for key, step in made if self.said.get(key[1], step + 1) > step}

    def cls(self, element: str) -> str:
        """A class of the model, as it is named in the test."""
        if not is_name(element) or element in _TAKEN or hasattr(builtins, element):
            return f"domain.registry.elements[{element!r}].cls"
        self.values.names[element] = None
        return element

    def repository(self, aggregate: str) -> str:
        """The repository of an aggregate."""
        return f"domain.repository_for({self.cls(aggregate)})"

    def schema(self, element: str, *kinds: Kind) -> Schema:
        """The fields of a class as it is now."""
        return self.engine.registry.find(element, *kinds).schema

    def variable(self, instance: Instance) -> str:
        """The variable that stands for an aggregate."""
        if instance not in self.variables:
            name = base = snake_case(instance[0]) or "it"
            number = 1
            taken = {*self.variables.values(), *_TAKEN, *self.engine.registry.elements}
            while not is_name(name) or name in taken or hasattr(builtins, name):
                number += 1
                name = f"{base}_{number}" if is_name(f"{base}_{number}") else f"it_{number}"
            self.variables[instance] = name
        return self.variables[instance]

    def attribute(self, variable: str, field: str) -> str:
        """A field of a variable, to be read or set."""
        return f"{variable}.{field}" if is_name(field) else f"vars({variable})[{field!r}]"

    def made_anew(self, value: Any) -> str | None:
        """How the test comes to an identity that was made in it; None for any other value."""
        if not isinstance(value, str | UUID):
            return None
        for instance in self.new:
            if instance[1] == value and value not in self.found:
                self.look_up(instance[0])
        instance_found = self.found.get(value)
        return None if instance_found is None else self.identity_of(instance_found)

    def identity_of(self, instance: Instance) -> str:
        """The identity of an aggregate that has a variable."""
        identity = self.schema(instance[0], *STORED).identity or "id"
        return self.attribute(self.variables[instance], identity)

    def look_up(self, aggregate: str) -> None:
        """Find those new aggregates of a kind that there are by now: the ones that are none of the others."""
        until = self.done if not self.values.expecting else self.told.entries[-1].step
        stored = [key for key in self._stored(until) if key[0] == aggregate]
        new = [key for key in stored if key in self.new and key[1] not in self.found]
        if not new:
            return
        identity = self.schema(aggregate, *STORED).identity or "id"
        others = [key for key in stored if key not in new]
        known = [self.made_anew(key[1]) or self.values.of(key[1]) for key in others]
        every = f"{self.repository(aggregate)}.query.all()"
        if known:
            own = self.attribute("each", identity)
            every = f"[each for each in {every} if {own} not in [{', '.join(known)}]]"
        names = ", ".join(self.variable(key) for key in new)
        self.found |= {key[1]: key for key in new}
        self.looked_up |= set(new) if self.values.expecting else set()
        self.lines.append(f"[{names}] = {every}")

    def _stored(self, until: int) -> dict[Instance, None]:
        stored = dict.fromkeys(self.told.given)
        for entry in self.told.changes:
            if entry.step <= until:
                stored[entry.aggregate, entry.id] = None
                if entry.after is None:
                    del stored[entry.aggregate, entry.id]
        return stored

    def unknown(self, value: Any) -> bool:
        """Whether a value was made anew, as far as can be told: a time or a UUID that nobody gave."""
        if isinstance(value, float | Decimal) and math.isnan(value):  # equals nothing
            return True
        text = isinstance(value, str) and _UUID.fullmatch(value) is not None
        return (text or isinstance(value, dt.date | dt.time | UUID)) and value not in self.said


def _made_by_handlers(told: Scenario) -> Iterator[tuple[Instance, int]]:
    for entry in told.changes:
        if entry.before is None and entry.cause is not None:
            yield (entry.aggregate, entry.id), entry.step


def _said_by(entry: Entry) -> list[Any]:
    if isinstance(entry, CommandEntry | EventEntry):
        return list(entry.values)
    return [entry.id, *(entry.after or ())] if isinstance(entry, ChangedEntry) else []
