"""A learner's model in a world of its own, and what a check may do in it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.fork import emptied
from ddd_kit.engine.lint.finding import Finding
from ddd_kit.engine.lint.findings import findings
from ddd_kit.engine.registry import STORED, Registered
from ddd_kit.engine.upcasting import revived
from ddd_kit.exceptions import DddKitError, ValidationError
from ddd_kit.journal.entries import Entries
from ddd_kit.journal.entry import EVENT, place
from ddd_kit.workshop.exercise import NotYet
from ddd_kit.workshop.words import did, listed


class Trial:
    """The model of a learner, with nothing in it yet.

    Each point of an exercise gets a new one. Whatever is not there, is refused or breaks becomes a `NotYet`
    that says so. Objects are named by their aggregates, since the learner's classes are not known here.

    Args:
        engine: the learner's domain; nothing that happens here is seen in it.

    Attributes:
        engine: a fork of it, whose world is empty.
    """

    def __init__(self, engine: Engine) -> None:
        with engine.lock:
            self.engine = emptied(engine)
        self.engine.pause_on(None)
        self.engine.config["journal"] = True
        self.engine.config["event_processing"] = "sync"
        self._begin = self.engine.journal.last_step

    @property
    def journal(self) -> Entries:
        """What has happened in this world."""
        return self.engine.journal.between(self._begin + 1, self.engine.journal.last_step)

    # What there is

    def element(self, kind: str, name: str, part_of: str | None = None) -> Registered:
        """An element of the model, by its name.

        Args:
            kind: as "aggregate", "event", "event handler".
            name: of its class.
            part_of: the aggregate that it has to be part of; None for any.

        Returns:
            What the model knows of it.

        Raises:
            NotYet: when there is none, it is of another kind or part of another aggregate.
        """
        known = {each.name: each for each in self.engine.registry.of_kind(*Kind)}
        found = known.get(name)
        if found is None:
            mine = sorted(each.name for each in known.values() if each.kind == kind)
            has = f"Of that kind there {'is' if len(mine) == 1 else 'are'} {listed(mine)}." if mine else ""
            raise NotYet(f"There is no {kind} `{name}` in the model. {has}".strip(), stops=True)
        if found.kind != kind:
            raise NotYet(f"`{name}` is {_a(found.kind)}, and should be {_a(kind)}.", stops=True)
        if part_of is not None and found.part_of != part_of:
            whose = f"part of `{found.part_of}`" if found.part_of else "part of no aggregate"
            raise NotYet(f"`{name}` is {whose}, and should be part of `{part_of}`.", stops=True)
        return found

    def fields(self, name: str, *fields: str) -> None:
        """Make sure that an aggregate, event, command or value object has some fields.

        Args:
            name: of its class.
            *fields: their names.

        Raises:
            NotYet: when one is missing.
        """
        cls: Any = self._class(name)
        there = list(cls._schema.fields)
        missing = [field for field in fields if field not in there]
        if missing:
            raise NotYet(
                f"`{name}` has no field {listed(missing, 'or')}; it has {listed(there or ['none'])}.",
                stops=True,
            )

    def handlers(self, kind: str = "event handler") -> list[Registered]:
        """All elements of a kind, as event handlers that a learner may name freely.

        Args:
            kind: as for `element`.
        """
        return [each for each in self.engine.registry.of_kind(*Kind) if each.kind == kind]

    # What is done

    def make(self, name: str, /, **values: Any) -> Any:
        """An object of a class, not saved.

        Args:
            name: of an aggregate, event, command, entity or value object.
            **values: its fields.

        Returns:
            The object.

        Raises:
            NotYet: when there is no such class, or it takes no such values.
        """
        cls = self._class(name)
        return self._do(f"making {_call(name, (), values)}", lambda: cls(**values))

    def new(self, name: str, /, **values: Any) -> Any:
        """A saved object of an aggregate.

        Args:
            name: of the aggregate.
            **values: its fields.

        Raises:
            NotYet: when that fails.
        """
        return self.save(self.make(name, **values))

    def save(self, aggregate: Any) -> Any:
        """Save an object; its handlers run.

        Args:
            aggregate: the object.

        Returns:
            The same object.

        Raises:
            NotYet: when that fails, in a handler too.
        """
        name = type(aggregate).__name__
        return self._do(f"saving {_a(name)}", lambda: self.engine.repository_for(name).add(aggregate))

    def call(self, thing: Any, method: str, *given: Any, **named: Any) -> Any:
        """Call a method of an object; nothing is saved.

        Args:
            thing: the object.
            method: its name.
            *given: what the method takes.
            **named: what it takes by name.

        Returns:
            What it returns.

        Raises:
            NotYet: when there is no such method, or it fails.
        """
        name = type(thing).__name__
        found = getattr(thing, method, None)
        if not callable(found):
            raise NotYet(f"`{name}` has no method `{method}`.", stops=True)
        return self._do(_call(f"{name}.{method}", given, named), lambda: found(*given, **named))

    def act(self, thing: Any, method: str, *given: Any, **named: Any) -> Any:
        """Load an object anew, call a method of it, and save it.

        Args:
            thing: an object that was saved.
            method: as for `call`.
            *given: as for `call`.
            **named: as for `call`.

        Returns:
            The object that was saved.

        Raises:
            NotYet: when one of these fails.
        """
        fresh = self.stored(thing)
        self.call(fresh, method, *given, **named)
        return self.save(fresh)

    def process(self, command: str, /, **values: Any) -> Any:
        """Process a command.

        Args:
            command: the name of its class.
            **values: its fields.

        Returns:
            What its handler returns.

        Raises:
            NotYet: when there is no such command or handler, or it fails.
        """
        self.element("command", command)
        message = self.make(command, **values)
        return self._do(f"processing {_call(command, (), values)}", lambda: self.engine.process(message))

    def raises(self, owner: Any, event: str, /, **values: Any) -> Any:
        """Let an object raise an event, and save it: as if the model had done so.

        Args:
            owner: the object.
            event: the name of its class.
            **values: its fields.

        Returns:
            The object.

        Raises:
            NotYet: when that fails.
        """
        message = self.make(event, **values)
        self._do(f"raising {event}", lambda: owner.raise_(message))
        return self.save(owner)

    def run(self, what: str, function: Callable[[], Any]) -> Any:
        """Do something else in this world.

        Args:
            what: in words, as "asking for the open orders".
            function: does it.

        Returns:
            What it returns.

        Raises:
            NotYet: when it fails.
        """
        return self._do(what, function)

    def attempt(self, function: Callable[[], Any]) -> list[Exception]:
        """Do something that may fail, as saving while a handler is broken.

        Args:
            function: does it; what is called in it may be methods of this class.

        Returns:
            The errors that it ended with, those of several handlers one by one; none when it did not fail.
        """
        try:
            function()
        except NotYet as stopped:
            error = stopped.__cause__
            if not isinstance(error, Exception):
                raise
            return _one_by_one(error)
        return []

    def refusal(self, what: str, function: Callable[[], Any]) -> ValidationError:
        """Make sure that the model refuses something, as an invariant does.

        Args:
            what: in words, as "shipping an order twice".
            function: tries it; what is called in it may be methods of this class.

        Returns:
            The refusal.

        Raises:
            NotYet: when it is done, or fails in another way than by a `ValidationError`.
        """
        try:
            function()
        except NotYet as stopped:
            error = stopped.__cause__
            if isinstance(error, ValidationError):
                return error
            raise
        except ValidationError as error:
            return error
        raise NotYet(f"{what[0].upper()}{what[1:]} has to be refused, and it was done.")

    def hold(self) -> None:
        """From now on deliveries wait, until `deliver` or `deliver_all`."""
        self.engine.config["event_processing"] = "async"

    def deliver(self, number: int = 0) -> None:
        """Make one waiting delivery.

        Args:
            number: its place among those that wait, from 0.

        Raises:
            NotYet: when it fails.
        """
        self._do("making a delivery", lambda: self.engine.deliver(number))

    def deliver_all(self) -> None:
        """Make all waiting deliveries.

        Raises:
            NotYet: when one fails.
        """
        self._do("making the deliveries", self.engine.deliver_all)

    def doubled(self) -> None:
        """From now on each message reaches each of its handlers twice, one right after the other."""
        self.engine.faults.deliver_twice()

    def attempts(self, event: str) -> list[Any]:
        """What handlers did with the events of a class, oldest first.

        Args:
            event: the name of the class.

        Returns:
            Their entries in the journal, one for each attempt, with its `handler`, `method` and `outcome`:
            "ok", "failed" or "retried".
        """
        handled: list[Any] = list(self.journal.of(kind="handled"))
        return [entry for entry in handled if entry.event == event]

    # What came of it

    def stored(self, thing: Any) -> Any:
        """An object as it is saved now.

        Args:
            thing: an object that was saved once.

        Returns:
            Another object, of the same identity.

        Raises:
            NotYet: when it is gone.
        """
        name = type(thing).__name__
        return self._do(f"loading {_a(name)}", lambda: self.engine.repository_for(name).get(thing._identity))

    def all(self, name: str) -> list[Any]:
        """All saved objects of an aggregate or a projection.

        Args:
            name: of its class.

        Raises:
            NotYet: when there is no such class.
        """
        self._class(name)
        found: list[Any] = self._do(
            f"loading all of {name}", lambda: list(self.engine.repository_for(name).query.all())
        )
        return found

    def one(self, name: str, /, **where: Any) -> Any:
        """The one saved object of an aggregate or a projection with some values.

        Args:
            name: of its class.
            **where: values by the names of their fields.

        Raises:
            NotYet: when there is none, or there are several.
        """
        found = [
            each
            for each in self.all(name)
            if all(getattr(each, key, None) == value for key, value in where.items())
        ]
        if len(found) == 1:
            return found[0]
        such = f" with {', '.join(f'{key} {value!r}' for key, value in where.items())}" if where else ""
        raise NotYet(f"There should be one `{name}`{such} now, and there {_are(len(found))}.")

    def count(self, event: str) -> int:
        """How many events of a class there are.

        Args:
            event: the name of its class.
        """
        return len(self.events(event))

    def events(self, name: str | None = None) -> list[Any]:
        """The events so far, oldest first.

        Args:
            name: of their class; None for all.

        Returns:
            Their entries in the journal, which know their `type`, `stream`, `category` and `causes`.
        """
        entries: list[Any] = list(self.journal.of(kind="event"))
        return [entry for entry in entries if name in (None, entry.type)]

    def ran(self, event: str | None = None) -> list[Any]:
        """The handler methods that ran so far, oldest first, those that failed too.

        Args:
            event: the name of the class that they took; None for all.

        Returns:
            Their entries in the journal, which know their `handler`, `method`, `event` and `outcome`.
        """
        entries: list[Any] = list(self.journal.of(kind="handled"))
        return [entry for entry in entries if event in (None, entry.event)]

    def silence(self, event: str) -> str:
        """Why nobody took an event that was raised, as `why_not` has it.

        Args:
            event: the name of its class.

        Returns:
            A sentence about the handler of it that was defined last; or that nobody listens.
        """
        for handler in reversed(self.handlers()):
            told = self.engine.why_not(handler.cls, event)
            if told.broken and not {"event", "methods"} & {check.rule for check in told.broken}:
                reasons = "; ".join(str(check) for check in told.broken)
                return f"`{handler.name}` did not take it: {reasons}."
        return f"Nobody listens to `{event}`."

    def changes(self, aggregate: str) -> list[Any]:
        """What was saved of an aggregate so far, oldest first.

        Args:
            aggregate: the name of its class.

        Returns:
            Their entries in the journal, which know their `id`, `before`, `after` and `cause`, the step that
            led to them.
        """
        entries: list[Any] = list(self.journal.of(kind="changed"))
        return [entry for entry in entries if entry.aggregate == aggregate]

    def values(self, event: Any) -> dict[str, Any]:
        """The values of an event.

        Args:
            event: its entry.

        Returns:
            Values by the names of its fields.
        """
        return dict(zip(event.names, event.values, strict=True))

    def read_old(self, event: Any, version: int, /, **values: Any) -> Any:
        """An event as the model reads it, as if an older class had written it down.

        Args:
            event: the entry of one that was raised here; what is written down stays as it is.
            version: of the older class, from 1.
            **values: those that it wrote, by the names of its fields.

        Returns:
            An object of the newest class; upcasters have done their part.

        Raises:
            NotYet: when it does not fit that class.
        """
        row = list(self.engine.world.events.at(event.step))
        written = {"names": tuple(values), "values": tuple(values.values()), "type_version": version}
        for name, value in written.items():
            row[place(EVENT, name)] = value
        what = f"reading {_a(event.type)} of version {version}"
        return self._do(what, lambda: revived(self.engine.registry, tuple(row)))

    def findings(self) -> tuple[Finding, ...]:
        """What the lint finds in the model, and in what happened so far.

        Returns:
            Findings, which know their `rule` and their `sentence`.
        """
        counting = sys.gettrace()
        sys.settrace(None)  # it reads the learner's code and runs none of it: these lines do not count
        try:
            return findings(self.engine)
        finally:
            sys.settrace(counting)

    def expect(self, truth: object, why: str, hints: tuple[str, str, str] | None = None) -> None:
        """Make sure of something.

        Args:
            truth: whether it is so.
            why: what is said when it is not.
            hints: as for `NotYet`.

        Raises:
            NotYet: when it is not so.
        """
        if not truth:
            raise NotYet(why, hints)

    def _class(self, name: str) -> Any:
        known = {each.name: each for each in self.engine.registry.of_kind(*Kind)}
        if name not in known:
            there = sorted(
                each.name for each in known.values() if each.kind in STORED or each.kind == Kind.EVENT
            )
            raise NotYet(
                f"There is no `{name}` in the model"
                + (f"; it has {listed(there)}." if there else ": it is empty."),
                stops=True,
            )
        return known[name].cls

    def _do(self, what: str, function: Callable[[], Any]) -> Any:
        try:
            with self.engine.domain_context():
                return function()
        except NotYet:
            raise
        except Exception as error:
            raise NotYet(did(what, error), stops=not isinstance(error, DddKitError)) from error


def _one_by_one(error: Exception) -> list[Exception]:
    if not isinstance(error, ExceptionGroup):
        return [error]
    return [single for each in error.exceptions for single in _one_by_one(each)]


def _a(word: str) -> str:
    return f"{'an' if word[0].lower() in 'aeiou' else 'a'} {word}"


def _are(count: int) -> str:
    return {0: "is none", 1: "is one"}.get(count, f"are {count}")


def _call(name: str, given: tuple[Any, ...], named: dict[str, Any]) -> str:
    shown = [repr(each) for each in given] + [f"{key}={value!r}" for key, value in named.items()]
    return f"`{name}({', '.join(shown)})`"
