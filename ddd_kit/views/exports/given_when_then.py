"""A stretch of the journal as a test for pytest: given, when, then (North, "Introducing BDD")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.names import snake_case
from ddd_kit.engine.registry import LISTENERS, STORED
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import (
    UNDONE,
    CalledEntry,
    ChangedEntry,
    CommandEntry,
    DefinedEntry,
    Entry,
    EventEntry,
    HandledEntry,
)
from ddd_kit.journal.sentence import phrase, short_id
from ddd_kit.journal.values import same
from ddd_kit.views.exports.expressions import Expressions, given_values
from ddd_kit.views.exports.inside import Inside
from ddd_kit.views.exports.scenario import CALL, Scenario, check_sync, failing, is_rebuild, scenario
from ddd_kit.views.exports.source import Source
from ddd_kit.views.exports.stretch import Steps
from ddd_kit.views.markup import plain

MODULE = "my_model"
_UNSEEDED = "monkeypatch.setattr(domain, 'seed', None)  # so that no identity comes twice"
_INDENT = "    "


class Test(Source):
    """A test as Python; `.save("test_orders.py")` saves it."""

    __test__ = False  # pytest, look elsewhere
    suffixes = {".py": "{}"}  # noqa: RUF012 - as its base


def given_when_then(
    engine: Engine, steps: Steps, *, module: str | None = MODULE, everything: bool = False
) -> Test:
    """Write a test that does again what happened in some steps, and expects what came of it.

    Args:
        engine: the domain.
        steps: a step, for all that belongs to its chain; a range of steps, whose chains are taken whole; or
            None for all that is kept.
        module: where the test imports the domain and its classes from; None for no such line.
        everything: whether all that was stored before is given.

    Returns:
        The test.

    Raises:
        IncorrectUsageError: when there are no such steps or not any more, nothing is recorded, nothing
            in them can be done again, an element is not defined any more, or a value cannot be written as
            Python.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     quantity: int = 1
        >>> order = domain.repository_for(Order).add(Order(id="o-1"))
        >>> print(str(given_when_then(domain, 2, module="bookshop")).partition("# When")[2])
        <BLANKLINE>
            order = Order(quantity=1, id='o-1')
            domain.repository_for(Order).add(order)
        <BLANKLINE>
            # Then
            order = domain.repository_for(Order).get('o-1')
            assert order.quantity == 1
            events = [...]
            assert events == []
            handled = [...]
            assert handled == []
        <BLANKLINE>
    """
    with engine.lock:
        if not engine.config["journal"]:
            raise IncorrectUsageError(
                "test_from: nothing is recorded while domain.config['journal'] is False."
            )
        return Test(_Writing(engine, scenario(engine.journal, steps, everything=everything)).text(module))


class _Writing(Expressions):
    """A test while it is written."""

    def __init__(self, engine: Engine, told: Scenario) -> None:
        super().__init__(engine, told)
        # With a seed, new identities begin again, and could be those of what is given.
        self.seeded = engine.seed is not None
        self.held = engine.config["event_processing"] == "async"
        if not self.held:
            check_sync(engine, told)
        self.waiting: list[tuple[int, tuple[str, str]]] = []
        self.inside = Inside(self)
        for entry in told.entries:
            if isinstance(entry, HandledEntry):
                engine.registry.find(entry.handler, *LISTENERS, Kind.SUBSCRIBER)

    def text(self, module: str | None) -> str:
        """The whole module."""
        given = list(self._given())
        self._when()
        when, self.lines = self.lines, []
        self.values.expecting = True
        self._then()
        parts = [("Given", given), ("When", when), ("Then", self.lines)]
        body = [[f"# {title}", *lines] for title, lines in parts if lines]
        first, last = self.told.entries[0].step, self.told.entries[-1].step
        steps = f"step {first}" if first == last else f"steps {first} to {last}"
        title = plain(f"What happened in {self.engine.name} in {steps} of its journal.").replace("\\", "/")
        return "\n".join([
            f'"""{title.replace(chr(34), chr(39))}"""', "", *self._imports(module), "",
            f"def {self._name()}({'monkeypatch' if self.seeded else ''}):",
            *([f"{_INDENT}{_UNSEEDED}"] if self.seeded else []), f"{_INDENT}domain.reset()",
            *("\n".join(["", *(_INDENT + line for line in part)]) for part in body), "",
        ])  # fmt: skip

    def _imports(self, module: str | None) -> Iterator[str]:
        lines = sorted(self.values.imports, key=lambda line: (not line.startswith("import"), line))
        own = [line for line in lines if line.startswith(("import pytest", "from ddd_kit"))]
        standard = [line for line in lines if line not in own]
        for group in (standard, own):
            if group:
                yield "\n".join([*group, ""])
        if module is not None:
            names = ", ".join([*sorted(self.values.names), "domain"])
            yield f"from {module} import {names}  # where your model is\n"

    def _name(self) -> str:
        first = self.told.units[0][0]
        what = str(getattr(first, "type", None) or getattr(first, "aggregate", ""))
        if isinstance(first, CalledEntry):
            what = f"{first.service}_{first.method}"
        verb = f"_{first.change}" if isinstance(first, ChangedEntry) else ""
        return f"test_{snake_case(what) or 'steps'}{verb}"

    # Given

    def _given(self) -> Iterator[str]:
        for (aggregate, identity), saved in self.told.given.items():
            if self.schema(aggregate, *STORED).sourced:
                self._refuse_sourced(aggregate, identity)
            values = dict(zip(saved.names, saved.values, strict=True))
            yield f"{self.repository(aggregate)}.add({self._made(aggregate, values)})"

    def _refuse_sourced(self, aggregate: str, identity: Any) -> None:
        """The state of an event-sourced aggregate follows from its events, which cannot be given."""
        journal, last = self.engine.journal, self.told.entries[-1].step
        saves = journal.of(kind="changed", aggregate=aggregate)
        begun = next((e.step for e in saves if getattr(e, "id", None) == identity), journal.first_step)
        raise IncorrectUsageError(
            f"{CALL}: {aggregate} {short_id(identity)} was there before, and is event-sourced: a test cannot "
            f"give its state, only what led to it. Take that in: {CALL}(range({begun}, {last + 1}))."
        )

    def _made(self, aggregate: str, values: Mapping[str, Any]) -> str:
        told = given_values(self.schema(aggregate, *STORED), values)
        return f"{self.cls(aggregate)}({self.values.arguments(told)})"

    # When

    def _when(self) -> None:
        units = {entry.step: unit for unit in self.told.units for entry in unit[:1]}
        for entry in self.told.entries:
            if entry.step in units:
                self._unit(units[entry.step])
                end = self._end(entry)
                self.done = max(e.step for e in self.told.entries if e.step <= end)
            if self.held:
                self._delivery(entry)

    def _end(self, first: Entry) -> int:
        """The last step of what came of a unit at once."""
        chains = {e.chain for unit in self.told.units if first in unit for e in unit}
        came = [e.step for e in self.told.entries if e.chain in chains]
        return self.engine.journal.batch_end(first.step) if self.held else max(came)

    def _unit(self, unit: list[Entry]) -> None:
        commands = [e for e in unit if isinstance(e, CommandEntry) and e.outcome != UNDONE]
        changes = [e for e in unit if isinstance(e, ChangedEntry)]
        events = [e for e in unit if isinstance(e, EventEntry)]
        for entry in unit:
            if entry not in [*commands, *changes, *events] and not is_rebuild(entry):
                did = isinstance(entry, CalledEntry) and any(each.cause == entry.step for each in unit)
                what = "is done again by what it did" if did else "is not done again"
                self.lines.append(plain(f"# Step {entry.step} {what}: {phrase(entry)}").replace("\n", " "))
        made = [*self._in_turn(commands, changes, events), *self._from_elsewhere(unit)]
        raises = self.told.raises(unit, held=self.held)
        if len(commands) + len(changes) > 1:
            self.values.needs("from ddd_kit import UnitOfWork")
            made = ["with UnitOfWork(domain):", *(_INDENT + line for line in made)]
        if raises and made:
            self.values.needs("import pytest")
            made = ["with pytest.raises(Exception) as raised:", *(_INDENT + line for line in made)]
            made += [f"assert raised.type.__name__ == {_error(e)!r}" for e in commands if _error(e)]
        self.lines += made

    def _in_turn(
        self, commands: list[CommandEntry], changes: list[ChangedEntry], events: list[EventEntry]
    ) -> Iterator[str]:
        """Commands and what plain code did: in the order of what they changed first."""
        first: dict[int, int] = {}
        for entry in self.told.changes:
            first.setdefault(entry.chain, entry.step)
        done: list[Entry] = sorted([*commands, *changes], key=lambda entry: first.get(entry.chain, 0))
        for is_command, group in groupby(done, lambda entry: isinstance(entry, CommandEntry)):
            if is_command:
                yield from self._commands([each for each in group if isinstance(each, CommandEntry)])
                continue
            saved = [each for each in group if isinstance(each, ChangedEntry)]
            own = {(each.aggregate, each.id) for each in saved}
            yield from self._changes(
                saved, [event for event in events if (event.aggregate, event.aggregate_id) in own]
            )

    def _from_elsewhere(self, unit: list[Entry]) -> Iterator[str]:
        """Messages of brokers, and projections that were built anew."""
        for entry in unit:
            if isinstance(entry, EventEntry) and entry.source is not None:
                stream, _, broker = entry.aggregate.rpartition("@")
                message = self.values.of(entry.held["payload"])
                yield f"domain.brokers[{broker!r}].publish({stream!r}, {message})"
            elif isinstance(entry, DefinedEntry) and is_rebuild(entry):
                yield f"domain.rebuild_projection({self.cls(entry.element)})"

    def _commands(self, commands: list[CommandEntry]) -> Iterator[str]:
        for entry in commands:
            self.engine.registry.find(entry.type, Kind.COMMAND)
            yield f"domain.process({self.cls(entry.type)}({self.values.arguments(entry.held)}))"

    def _changes(self, changes: list[ChangedEntry], events: list[EventEntry]) -> Iterator[str]:
        for entry in changes:
            yield from self._prepared(entry)
        for event in events:
            self.engine.registry.find(event.type, Kind.EVENT)
            raiser = self.variable((event.aggregate, event.aggregate_id))
            yield f"{raiser}.raise_({self.cls(event.type)}({self.values.arguments(event.held)}))"
        for entry in changes:
            verb = "remove" if entry.after is None else "add"
            name = self.variable((entry.aggregate, entry.id))
            yield f"{self.repository(entry.aggregate)}.{verb}({name})"

    def _prepared(self, entry: ChangedEntry) -> Iterator[str]:
        """An aggregate made, or got and changed, as the journal has it."""
        name = self.variable((entry.aggregate, entry.id))
        if entry.before is None:
            yield f"{name} = {self._made(entry.aggregate, entry.held)}"
            return
        yield f"{name} = {self.repository(entry.aggregate)}.get({self.values.of(entry.id)})"
        if entry.after is None:
            return
        schema = self.schema(entry.aggregate, *STORED)
        lines = list(self.inside.changes(name, schema, entry.changed_fields))
        if len(lines) > 1 and schema.guarded:  # its rules hold for all of it, not for a part
            self.values.needs("from ddd_kit import atomic_change")
            lines = [f"with atomic_change({name}):", *(_INDENT + line for line in lines)]
        yield from lines

    def _delivery(self, entry: Entry) -> None:
        """In hold mode: the delivery that was asked for, by its place among those that wait."""
        if isinstance(entry, EventEntry):
            defined = self.engine.registry.elements
            self.waiting += [(entry.step, target) for target in entry.deliveries if target[0] in defined]
        if not isinstance(entry, HandledEntry) or entry.method != entry.delivered_to or entry.attempt > 1:
            return
        place = self.waiting.index((entry.cause or 0, (entry.handler, entry.delivered_to)))
        attempts = self._attempts(entry)
        line = f"domain.deliver({place or ''})"
        if failing(attempts):
            self.values.needs("import pytest")
            self.lines += ["with pytest.raises(Exception):", _INDENT + line]
        else:
            self.lines.append(line)
        if not attempts[-1].waits:
            del self.waiting[place]
        self.done = max(self.done, self.engine.journal.batch_end(attempts[-1].step))

    def _attempts(self, first: HandledEntry) -> list[HandledEntry]:
        """All that was tried in one delivery."""
        found: list[HandledEntry] = []
        for entry in self.told.entries:
            if isinstance(entry, HandledEntry) and entry.step >= first.step:
                again = entry.attempt > 1 or entry.method != entry.delivered_to
                if entry is not first and not again:
                    break
                found.append(entry)
        return found

    # Then

    def _then(self) -> None:
        for aggregate in dict.fromkeys(key[0] for key in self.new):
            self.look_up(aggregate)
        for (aggregate, identity), entry in self.told.last_changes.items():
            self.engine.registry.find(aggregate, *STORED)
            if entry.after is not None:
                self._expected(entry)
            elif (aggregate, identity) not in self.new:
                get = f"{self.repository(aggregate)}.get_or_none({self.values.of(identity)})"
                self.lines.append(f"assert {get} is None")
        entries = self.told.entries
        events = [f"({e.type!r}, {self.values.of(e.payload)})" for e in entries if isinstance(e, EventEntry)]
        self._listed("events", "event", "(entry.type, entry.payload)", events)
        ran = [repr((e.handler, e.method, e.outcome)) for e in entries if isinstance(e, HandledEntry)]
        self._listed("handled", "handled", "(entry.handler, entry.method, entry.outcome)", ran)

    def _listed(self, name: str, kind: str, what: str, wanted: list[str]) -> None:
        self.lines.append(f"{name} = [{what} for entry in domain.journal.of(kind={kind!r})]")
        rows = [f"{_INDENT}{each}," for each in wanted]
        self.lines += [f"assert {name} == [", *rows, "]"] if rows else [f"assert {name} == []"]

    def _expected(self, entry: ChangedEntry) -> None:
        """The fields that are another than before, of those that a test can know."""
        instance = (entry.aggregate, entry.id)
        schema = self.schema(entry.aggregate, *STORED)
        name = self.variable(instance)
        given = self.told.given.get(instance)
        before = dict(zip(given.names, given.values, strict=True)) if given else {}
        changed = {
            field: value
            for field, value in entry.held.items()
            if field in schema.fields and field != schema.identity and not same(before.get(field), value)
        }
        if instance not in self.looked_up:
            known = self.identity_of(instance) if instance in self.new else self.values.of(entry.id)
            self.lines.append(f"{name} = {self.repository(entry.aggregate)}.get({known})")
        self.lines += self.inside.expected(name, schema, changed)


def _error(entry: CommandEntry) -> str:
    return (entry.error or "").split(":", 1)[0]
