"""Whatever people do, state and events are saved together or not at all, and the journal tells all of it.

Hypothesis makes up sessions; a model of the rules, which is simple because it knows neither classes nor
repositories, says what has to come out.
"""

from __future__ import annotations

import copy
import functools
import itertools
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from ddd_kit import Domain, UnitOfWork, handle
from ddd_kit.exceptions import (
    ExpectedVersionError,
    IncorrectUsageError,
    InvalidOperationError,
    ObjectNotFoundError,
    TransactionError,
    ValidationError,
)
from ddd_kit.fields import Integer, String

Key = tuple[str, str]
Values = dict[str, Any]
TALLY = ("Tally", "tally")
OVERFLOW = ("Box", "over")
RETRIES = {"Mail": 2}


class BoomError(Exception):
    """What handlers raise here."""


@dataclass
class Plan:
    """Who fails when: the flags of each handler are used up one by one."""

    flags: dict[str, list[bool]] = field(default_factory=dict)
    serial: int = 0

    def fails(self, who: str) -> bool:
        flags = self.flags.get(who)
        return bool(flags and flags.pop(0))

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial


@dataclass(frozen=True)
class Stored:
    """An aggregate as the model knows it."""

    version: int
    values: Values


@dataclass
class Held:
    """An object in the user's hands, and what the model knows about it."""

    thing: Any
    key: Key
    generation: int
    values: Values
    version: int = -1
    events: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Pending:
    """An object as it was when it was added; no values: it is to be removed."""

    held: Held
    values: Values | None
    events: list[tuple[int, int]]


@dataclass(frozen=True)
class Fact:
    """An event as the model knows it."""

    type: str
    key: Key
    amount: int
    causes: frozenset[str]

    @property
    def category(self) -> str:
        return self.key[0].lower()


Done = tuple[list[tuple[Key, Stored | None]], list[Fact], type[Exception] | None]
ENDS: dict[str, type[Exception] | None] = {
    "saved": None,
    "commit": None,
    "rollback": None,
    "fails": BoomError,
    "inner": TransactionError,
    "twin": IncorrectUsageError,
}
MODES = ("saved", "saved", "fails", "inner")


class Model:
    """The rules, told without the engine."""

    def __init__(self) -> None:
        self.handlers = {"Count": "count", "Overflow": "spill", "Mail": "send", "Audit": "write"}
        self.generation = {"Box": 0, "Tally": 0, "Letter": 0, "Line": 0}
        self.hold = False
        self.plan = Plan()
        self.clear()

    def clear(self) -> None:
        self.state: dict[Key, Stored] = {}
        self.history: list[dict[Key, Stored]] = [{}]
        self.facts: list[Fact] = []
        self.waiting: list[tuple[int, str, str]] = []
        self.handled: list[tuple[int, str, str, str]] = []
        self.skipped: list[tuple[int, str, str]] = []
        self.commands: list[tuple[str, str]] = []
        self.rejected = 0

    def view(self, kind: str, values: Values) -> Values:
        """Values as the newest class has them."""
        later = {f"extra_{n}": 10 * n for n in range(1, self.generation[kind] + 1)}
        return {**later, **values}

    def save(self, writes: list[tuple[Key, Stored | None]], facts: list[Fact]) -> None:
        """One unit of work that ends well."""
        if writes:
            self.state = dict(self.state)
            for key, stored in writes:
                if stored is None:
                    self.state.pop(key, None)
                else:
                    self.state[key] = stored
            self.history.append(self.state)
        for fact in facts:
            self.publish(fact)

    def publish(self, fact: Fact) -> None:
        number = len(self.facts)
        self.facts.append(fact)
        for handler, method in self.handlers.items():
            if kind_of(handler) != "Audit" and fact.type != "Filled":
                continue
            if handler == "Mail" and "manage_box" not in fact.causes:
                self.skipped.append((number, handler, "source_stream"))
            else:
                self.waiting.append((number, handler, method))

    def work_off(self) -> list[type[Exception]]:
        """Every delivery that waits, first in, first out; what the handlers raised."""
        failed: list[Any] = []
        errors = []
        while left := [delivery for delivery in self.waiting if delivery not in failed]:
            error = self.deliver(left[0])
            if error is not None:
                errors.append(error)
                failed.append(left[0])
        return errors

    def deliver(self, delivery: tuple[int, str, str]) -> type[Exception] | None:
        """One delivery, with all its attempts."""
        number, handler, method = delivery
        if self.handlers.get(handler) != method:
            self.skipped.append((number, handler, "retired"))
            self.waiting.remove(delivery)
            return None
        error = None
        for left in range(RETRIES.get(handler, 0), -1, -1):
            error = self.attempt(delivery, left)
            if error is not BoomError:
                break
        if error is not None and kind_of(handler) == "Audit":
            error = self.rescue(delivery)
        if error is not None and not self.hold:
            self.waiting.remove(delivery)
        return error

    def attempt(self, delivery: tuple[int, str, str], left: int) -> type[Exception] | None:
        number, handler, _ = delivery
        does = {"Count": self.count, "Overflow": self.spill, "Mail": self.mail, "Audit": self.audit}
        writes, facts, error = does[kind_of(handler)](self.facts[number])
        outcome = "ok" if error is None else "retried" if error is BoomError and left else "failed"
        self.handled.append((*delivery, outcome))
        if error is None:
            self.save(writes, facts)
            self.waiting.remove(delivery)
        return error

    def rescue(self, delivery: tuple[int, str, str]) -> type[Exception] | None:
        number, handler, _ = delivery
        line = self.line(f"rescued {self.facts[number].type}")
        failed = self.plan.fails("rescue")
        self.handled.append((number, handler, "handle_error", "failed" if failed else "ok"))
        if failed:
            return BoomError
        self.save([line], [])
        self.waiting.remove(delivery)
        return None

    # What the handlers do, and what their plan makes of it.

    def count(self, fact: Fact) -> Done:
        old = self.state.get(TALLY)
        total = (old.values["total"] if old else 0) + fact.amount
        values = self.view("Tally", {**(old.values if old else {"kind": "main"}), "total": total})
        counted = Fact("Counted", TALLY, total, fact.causes | {fact.category})
        error = BoomError if self.plan.fails("Count") else None
        return [(TALLY, Stored(old.version + 1 if old else 0, values))], [counted], error

    def spill(self, fact: Fact) -> Done:
        if fact.amount < 5:
            return [], [], None
        amount = fact.amount - 5
        old = self.state.get(OVERFLOW)
        values = self.view("Box", filled(old.values if old else {"n": 0, "notes": []}, amount))
        spilled = Fact("Filled", OVERFLOW, amount, fact.causes | {fact.category})
        error = BoomError if self.plan.fails("Overflow") else None
        return [(OVERFLOW, Stored(old.version + 1 if old else 0, values))], [spilled], error

    def mail(self, fact: Fact) -> Done:
        letter = ("Letter", f"letter-{self.plan.next_serial()}"), Stored(0, {"amount": fact.amount})
        lost = self.plan.fails("letter")
        error = BoomError if self.plan.fails("Mail") else TransactionError if lost else None
        self.commands.append(("SendLetter", "failed" if lost else "ok" if error is None else "undone"))
        return [letter], [], error

    def audit(self, fact: Fact) -> Done:
        return [self.line(fact.type)], [], BoomError if self.plan.fails("Audit") else None

    def line(self, text: str) -> tuple[Key, Stored]:
        return ("Line", f"line-{self.plan.next_serial()}"), Stored(0, {"text": text})

    # What plain code and commands do.

    def unit(self, pending: dict[Key, Pending]) -> type[Exception] | None:
        """Save what was added and removed, unless somebody else was first."""
        needed = [one for one in pending.values() if self.is_needed(one)]
        for one in needed:
            stored = self.state.get(one.held.key)
            version = one.held.version
            if (version < 0 and stored) or (version >= 0 and (stored is None or stored.version != version)):
                self.rejected += 1
                return ValidationError if version < 0 else ExpectedVersionError
        raised = sorted((number, amount, one.held.key) for one in needed for number, amount in one.events)
        writes = [
            (one.held.key, None if one.values is None else Stored(one.held.version + 1, one.values))
            for one in needed
        ]
        self.save(writes, [Fact("Filled", key, amount, frozenset()) for _, amount, key in raised])
        for one in needed:
            one.held.version += 1
            del one.held.events[: len(one.events)]
        return None

    def is_needed(self, one: Pending) -> bool:
        stored = self.state.get(one.held.key)
        if one.values is None or stored is None or one.events:
            return True
        return stored.version != one.held.version or self.view("Box", stored.values) != one.values

    def process_fill(self, key: Key, amount: int, mode: str) -> type[Exception] | None:
        old = self.state.get(key)
        error = ENDS[mode] if old else ObjectNotFoundError
        self.commands.append(
            ("Fill", "ok" if error is None else "undone" if old and mode == "inner" else "failed")
        )
        if old is None or error is not None:
            return error
        values = self.view("Box", filled(old.values, amount))
        causes = frozenset({"manage_box"})
        self.save([(key, Stored(old.version + 1, values))], [Fact("Filled", key, amount, causes)])
        return None


def filled(values: Values, amount: int) -> Values:
    return {**values, "n": values["n"] + amount, "notes": [*values["notes"], str(amount)]}


def kind_of(handler: str) -> str:
    """Handlers get a B at the end when they are renamed."""
    return handler.rstrip("B")


WHO = ("Count", "Overflow", "Mail", "letter", "Audit", "rescue")
FLAGS = st.fixed_dictionaries(
    {},
    optional={who: st.lists(st.booleans(), min_size=1, max_size=3) for who in WHO},
)
AMOUNTS = st.integers(1, 12)
PICKS = st.integers(0, 6)
NAMES = st.sampled_from(["a", "b", "over"])


class Sessions(RuleBasedStateMachine):
    """A domain, and beside it the model."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.plan = Plan()
        self.dice = random.Random(7)
        self.raised = itertools.count()
        self.all_held: list[Held] = []
        self.domain = Domain(name="Bookshop")
        self.classes: dict[str, Any] = {}
        self.define_messages()
        for kind in ("Box", "Tally"):
            self.define(kind)
        self.define_others()
        self.define_count("count")
        self.define_overflow()
        self.define_mail()
        self.define_audit("Audit")
        self.seen = 0
        self.saved: dict[Key, tuple[int, Values]] = {}

    # The model as people would write it in cells.

    def define_messages(self, **more: Any) -> None:
        domain = self.domain

        class Filled:
            box = String(required=True)
            amount = Integer(required=True)

        for name, spec in more.items():
            setattr(Filled, name, spec)
        self.classes["Filled"] = domain.event(part_of="Box")(Filled)

        @domain.event(part_of="Tally")
        class Counted:
            total = Integer(required=True)

        self.classes["Counted"] = Counted

        @domain.command(part_of="Box", stream_category="manage_box")
        class Fill:
            box = String(required=True)
            amount = Integer(required=True)
            mode = String(required=True)

        @domain.command(part_of="Letter")
        class SendLetter:
            amount = Integer(required=True)

        self.classes |= {"Fill": Fill, "SendLetter": SendLetter}

    def define(self, kind: str) -> None:
        """An aggregate, with as many more fields, before the others, as it was defined again."""
        session = self

        class Box:
            n = Integer(default=0)
            notes: list[str] = []  # noqa: RUF012 - fields of a model, not of a class

            def put(self, amount: int) -> None:
                self.n += amount
                self.notes.append(str(amount))
                self.raise_(session.classes["Filled"](box=self.id, amount=amount))

        class Tally:
            kind = String(default="main")
            total = Integer(default=0)

            def count(self, amount: int) -> None:
                self.total += amount
                self.raise_(session.classes["Counted"](total=self.total))

        cls = {"Box": Box, "Tally": Tally}[kind]
        later = {
            f"extra_{number}": Integer(default=10 * number)
            for number in range(1, self.model.generation[kind] + 1)
        }
        own = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
        self.classes[kind] = self.domain.aggregate(type(kind, (), {**later, **own}))

    def define_others(self) -> None:
        domain, session = self.domain, self

        @domain.aggregate
        class Letter:
            amount = Integer(required=True)

        @domain.aggregate
        class Line:
            text = String(required=True)

        self.classes |= {"Letter": Letter, "Line": Line}

        @domain.command_handler(part_of="Box")
        class FillBoxes:
            @handle("Fill")
            def fill(self, command: Any) -> int:
                boxes = domain.repository_for("Box")
                box = boxes.get(command.box)
                box.put(command.amount)
                boxes.add(box)
                if command.mode == "inner":
                    with suppress(BoomError), UnitOfWork(domain):
                        boxes.add(session.classes["Box"](id="never"))
                        raise BoomError
                if command.mode == "fails":
                    raise BoomError
                return int(box.n)

        @domain.command_handler(part_of="Letter")
        class SendLetters:
            @handle("SendLetter")
            def send(self, command: Any) -> None:
                letter = Letter(id=f"letter-{session.plan.next_serial()}", amount=command.amount)
                domain.repository_for("Letter").add(letter)
                if session.plan.fails("letter"):
                    raise BoomError

    def define_count(self, name: str) -> None:
        domain, session = self.domain, self

        def count(self: Any, event: Any) -> None:
            tallies = domain.repository_for("Tally")
            try:
                tally = tallies.find_by(kind="main")
            except ObjectNotFoundError:
                tally = session.classes["Tally"](id="tally")
            tally.count(event.amount)
            tallies.add(tally)
            if session.plan.fails("Count"):
                raise BoomError

        domain.event_handler(
            type("Count", (), {name: handle("Filled")(count)}), part_of="Tally", stream_category="box"
        )

    def define_overflow(self) -> None:
        domain, session = self.domain, self

        @domain.event_handler(part_of="Box")
        class Overflow:
            @handle("Filled")
            def spill(self, event: Any) -> None:
                if event.amount < 5:
                    return
                boxes = domain.repository_for("Box")
                box = boxes.get_or_none("over") or session.classes["Box"](id="over")
                box.put(event.amount - 5)
                boxes.add(box)
                if session.plan.fails("Overflow"):
                    raise BoomError

    def define_mail(self) -> None:
        domain, session = self.domain, self

        @domain.event_handler(
            part_of="Letter",
            stream_category="box",
            source_stream="manage_box",
            retries=2,
            retry_exceptions=[BoomError],
        )
        class Mail:
            @handle("Filled")
            def send(self, event: Any) -> None:
                with suppress(BoomError):
                    domain.process(session.classes["SendLetter"](amount=event.amount))
                if session.plan.fails("Mail"):
                    raise BoomError

    def define_audit(self, name: str) -> None:
        domain, session = self.domain, self

        def note(text: str, who: str) -> None:
            line = session.classes["Line"](id=f"line-{session.plan.next_serial()}", text=text)
            domain.repository_for("Line").add(line)
            if session.plan.fails(who):
                raise BoomError

        class Audit:
            @handle("$any")
            def write(self, event: Any) -> None:
                note(type(event).__name__, "Audit")

            @classmethod
            def handle_error(cls, error: Exception, event: Any) -> None:
                assert isinstance(error, BoomError)
                note(f"rescued {type(event).__name__}", "rescue")

        Audit.__name__ = name
        domain.event_handler(Audit, part_of="Line", stream_category="$all")

    # How a rule is played on both sides.

    @contextmanager
    def planned(self, flags: dict[str, list[bool]]) -> Iterator[None]:
        """Both sides get the same plan, and have to use it up to the same flag."""
        self.model.plan.flags, self.plan.flags = copy.deepcopy(flags), copy.deepcopy(flags)
        yield
        assert self.plan == self.model.plan
        self.model.plan.flags, self.plan.flags = {}, {}

    def play(self, work: Callable[[], Any], error: type[Exception] | None, *, commits: bool = True) -> Any:
        """Do what the model did; after a commit, deliveries follow, and their errors."""
        errors = [error] if error else self.model.work_off() if commits and not self.model.hold else []
        return self.compare(work, errors)

    def compare(self, work: Callable[[], Any], errors: list[type[Exception]]) -> Any:
        """Do the work, and see that it raises these errors: none, one as itself, or a group."""
        raised: list[Exception] = []
        result = None
        try:
            result = work()
        except ExceptionGroup as several:
            raised = list(several.exceptions)
        except Exception as one:  # noqa: BLE001 - it is compared with what the model says
            raised = [one]
        assert [type(one) for one in raised] == errors, raised
        return result

    def hold_on(self, thing: Any, key: Key, values: Values, version: int = -1) -> Held:
        held = Held(thing, key, self.model.generation["Box"], self.model.view("Box", values), version)
        self.all_held.append(held)
        return held

    def put(self, held: Held, amount: int) -> None:
        held.thing.put(amount)
        self.note_put(held, amount)

    def note_put(self, held: Held, amount: int) -> None:
        held.values = filled(held.values, amount)
        held.events.append((next(self.raised), amount))

    def pend(self, held: Held, *, remove: bool = False) -> Pending:
        if held.generation != self.model.generation["Box"] and not held.events:
            self.put(held, 1)  # whether an old object that was not changed is saved again is not our business
        return Pending(held, None if remove else held.values, list(held.events))

    def pick(self, which: int) -> Held:
        """One of the objects in the user's hands, 0 for the newest."""
        return self.all_held[-1 - which % len(self.all_held)]

    # The rules. There are few, and each can do something in most states, so that sessions are rich.

    @initialize(amount=AMOUNTS)
    def begin(self, amount: int) -> None:
        self.fetch("a", new=True)
        self.save(0, amount, quietly=False, flags={})

    @rule(name=NAMES, new=st.booleans())
    def fetch(self, name: str, new: bool) -> None:
        """Make an object, or get one; several may stand for the same aggregate."""
        key = ("Box", name)
        stored = self.model.state.get(key)
        found = self.domain.repository_for("Box").get_or_none(name)
        assert (found is None) == (stored is None)
        if new or stored is None:
            self.hold_on(self.classes["Box"](id=name), key, {"n": 0, "notes": []})
        else:
            self.hold_on(found, key, stored.values, stored.version)

    @rule(which=PICKS, amount=AMOUNTS)
    def change(self, which: int, amount: int) -> None:
        """Change an object, and leave the add to later."""
        self.put(self.pick(which), amount)

    @rule(which=PICKS, amount=st.integers(0, 12), quietly=st.booleans(), flags=FLAGS)
    def save(self, which: int, amount: int, quietly: bool, flags: Any) -> None:
        """Add an object: changed, with an event or without, or as it is."""
        held = self.pick(which)
        if quietly:
            held.thing.n = amount
            held.thing.notes.append("quiet")
            held.values = {**held.values, "n": amount, "notes": [*held.values["notes"], "quiet"]}
        elif amount:
            self.put(held, amount)
        with self.planned(flags):
            error = self.model.unit({held.key: self.pend(held)})
            self.play(lambda: self.domain.repository_for("Box").add(held.thing), error)

    @rule(which=PICKS, flags=FLAGS)
    def remove(self, which: int, flags: Any) -> None:
        held = self.pick(which)
        with self.planned(flags):
            error: type[Exception] | None = InvalidOperationError
            if held.version >= 0:
                error = self.model.unit({held.key: self.pend(held, remove=True)})
            self.play(lambda: self.domain.repository_for("Box").remove(held.thing), error)

    @rule(
        which=st.lists(PICKS, min_size=1, max_size=4),
        end=st.sampled_from(["saved", "saved", "fails", "inner", "rollback", "commit", "twin"]),
        again=st.booleans(),
        late=st.booleans(),
        flags=FLAGS,
    )
    def unit_of_work(self, which: list[int], end: str, again: bool, late: bool, flags: Any) -> None:
        """Several adds at once; one maybe changed and added again, and maybe changed after its last add."""
        all_held = list({held.key: held for held in map(self.pick, which)}.values())
        first = all_held[0]
        with self.planned(flags):
            pending = {held.key: self.pend(held) for held in all_held}
            if again:
                self.note_put(first, 2)
                pending[first.key] = self.pend(first)
            error = ENDS[end]
            if error is None and end != "rollback":
                error = self.model.unit(pending)
            if late:
                self.note_put(first, 3)
            work = functools.partial(self._unit, all_held, end, again, late)
            self.play(work, error, commits=end != "rollback")

    @rule(
        names=st.permutations(["a", "b", "over"]),
        order=st.permutations([0, 1, 2]),
        again=st.booleans(),
        flags=FLAGS,
    )
    def unit_of_fresh_objects(self, names: list[str], order: list[int], again: bool, flags: Any) -> None:
        """Added in another order than that in which they raised their events."""
        for name in names:
            self.fetch(name, new=False)
            self.change(0, amount=1)
        self.change(order[0], amount=2)
        self.unit_of_work(order, "saved", again, late=False, flags=flags)

    def _unit(self, all_held: list[Held], end: str, again: bool, late: bool) -> None:
        boxes = self.domain.repository_for("Box")
        with UnitOfWork(self.domain) as unit:
            for held in all_held:
                boxes.add(held.thing)
            if again:
                all_held[0].thing.put(2)
                boxes.add(all_held[0].thing)
            if late:
                all_held[0].thing.put(3)
            if end == "twin":
                boxes.add(self.classes["Box"](id=all_held[0].key[1]))
            if end == "inner":
                with suppress(BoomError), UnitOfWork(self.domain):
                    raise BoomError
            if end == "fails":
                raise BoomError
            if end in ("rollback", "commit"):
                getattr(unit, end)()

    @rule(name=NAMES, amount=AMOUNTS, mode=st.sampled_from(MODES), flags=FLAGS)
    def process(self, name: str, amount: int, mode: str, flags: Any) -> None:
        with self.planned(flags):
            error = self.model.process_fill(("Box", name), amount, mode)
            expected = None if error else self.model.state["Box", name].values["n"]
            command = self.classes["Fill"](box=name, amount=amount, mode=mode)
            result = self.play(lambda: self.domain.process(command), error)
            assert result in (None, expected)

    @rule()
    def hold_or_go_on(self) -> None:
        self.model.hold = not self.model.hold
        self.domain.config["event_processing"] = "async" if self.model.hold else "sync"

    @precondition(lambda self: self.model.waiting)
    @rule(number=st.none() | st.integers(0, 20), flags=FLAGS)
    def deliver(self, number: int | None, flags: Any) -> None:
        """One of the deliveries that wait, or all; asked for, they are made in hold mode too."""
        with self.planned(flags):
            if number is None:
                self.compare(self.domain.deliver_all, self.model.work_off())
            else:
                number %= len(self.model.waiting)
                error = self.model.deliver(self.model.waiting[number])
                self.compare(lambda: self.domain.deliver(number), [error] if error else [])

    @rule(what=st.sampled_from(["Box", "Tally", "messages", "method", "handler"]))
    def define_again(self, what: str) -> None:
        """A cell that runs again: one more field, a method of another name, a handler of another name."""
        if what in ("Box", "Tally"):
            self.model.generation[what] += 1
            self.define(what)
        elif what == "messages":
            self.define_messages(unit=String(default="kg"))
        elif what == "method":
            name = "count_up" if self.model.handlers["Count"] == "count" else "count"
            self.model.handlers["Count"] = name
            self.define_count(name)
        else:
            old = next(name for name in self.model.handlers if kind_of(name) == "Audit")
            del self.model.handlers[old]
            self.model.handlers[old + "B"] = "write"
            self.define_audit(old + "B")
            self.domain.forget(old)

    @precondition(lambda self: len(self.model.facts) > 8)
    @rule()
    def reset(self) -> None:
        self.model.clear()
        self.domain.reset()
        self.seen = 0
        self.saved = {}

    # What holds after every step.

    @invariant()
    def nothing_is_lost(self) -> None:
        self.what_is_stored_is_what_the_model_stores()
        self.objects_in_the_users_hands_are_as_the_user_left_them()
        self.replaying_the_journal_gives_every_state_that_there_was()
        self.every_attempt_is_in_the_journal_once()
        self.every_delivery_has_ended_or_waits()
        self.streams_hold_the_events_of_the_journal()
        self.causes_form_trees()
        self.changes_follow_one_another()

    def what_is_stored_is_what_the_model_stores(self) -> None:
        assert self.told_by(self.domain) == self.as_seen_today(self.model.state)

    def objects_in_the_users_hands_are_as_the_user_left_them(self) -> None:
        for held in self.all_held:
            assert held.thing.to_dict() == {**held.values, "id": held.key[1]}

    def replaying_the_journal_gives_every_state_that_there_was(self) -> None:
        journal = self.domain.journal
        ends = sorted({journal.batch_end(entry.step) for entry in journal.of(kind="changed")})
        assert len(ends) + 1 == len(self.model.history)
        last = journal.last_step
        for step in {last, *(self.dice.randint(0, last) for _ in range(3))}:
            state = self.model.history[bisect_right(ends, journal.batch_end(step))]
            replayed = {
                key: Stored(saved.version, without_id(saved.names, saved.values))
                for key, saved in journal.state_at(step).items()
            }
            assert self.as_seen_today(replayed) == self.as_seen_today(state)
            assert {key: saved.version for key, saved in replayed.items()} == versions(state)
            seen = self.told_by(self.domain.at(step))
            assert seen == self.as_seen_today(state)
            assert list(seen) == list(self.as_seen_today(state)), "not in the order in which they came to be"
            for key in state:
                assert journal.instance_at(*key, step) == journal.state_at(step)[key]

    def every_attempt_is_in_the_journal_once(self) -> None:
        numbers = {entry.step: number for number, entry in enumerate(self.domain.journal.of(kind="event"))}
        journal = self.domain.journal
        handled = [(numbers[e.cause], e.handler, e.method, e.outcome) for e in journal.of(kind="handled")]
        assert handled == self.model.handled
        skipped = [(numbers[e.cause], e.handler, e.rule) for e in journal.of(kind="skipped")]
        assert skipped == self.model.skipped
        assert [(e.type, e.outcome) for e in journal.of(kind="command")] == self.model.commands
        assert len(journal.of(kind="rejected")) == self.model.rejected

    def every_delivery_has_ended_or_waits(self) -> None:
        journal = self.domain.journal
        numbers = {entry.step: number for number, entry in enumerate(journal.of(kind="event"))}
        waiting = [(numbers[d.step], d.handler, d.method) for d in self.domain.waiting]
        assert waiting == self.model.waiting
        for step in (self.dice.randint(0, journal.last_step), journal.last_step):
            past = [(d.step, d.handler, d.method) for d in self.domain.at(step).waiting]
            assert past == self.waited_after(journal.batch_end(step))
        assert [(numbers[step], *target) for step, *target in past] == waiting
        ended = Counter(
            (e.cause, e.handler)
            for e in journal
            if e.kind == "skipped" or (e.kind == "handled" and e.outcome in ("ok", "failed"))
        )
        held = {(d.step, d.handler) for d in self.domain.waiting}
        for event in journal.of(kind="event"):
            for handler, _ in event.deliveries:
                assert ended[event.step, handler] or (event.step, handler) in held

    def waited_after(self, end: int) -> list[tuple[int, str, str]]:
        """What the entries up to a step say of deliveries that had not ended by then."""
        waiting: list[tuple[int, str, str]] = []
        for entry in self.domain.journal.between(1, end):
            if entry.kind == "event":
                waiting += [(entry.step, *target) for target in entry.deliveries]
            elif entry.kind == "handled" and not entry.waits:
                waiting.remove((entry.cause, entry.handler, entry.delivered_to))
            elif entry.kind == "skipped" and entry.rule == "retired":
                waiting.remove((entry.cause, entry.handler, entry.method))
        return waiting

    def streams_hold_the_events_of_the_journal(self) -> None:
        events = list(self.domain.journal.of(kind="event"))
        facts = [(f.type, f.key, f.amount) for f in self.model.facts]
        assert [(e.type, (e.aggregate, e.aggregate_id), amount(e)) for e in events] == facts
        for name in {event.stream for event in events}:
            stream = self.domain.stream(name)
            assert [event.position for event in stream] == list(range(len(stream)))
            assert list(stream) == [event for event in events if event.stream == name]

    def causes_form_trees(self) -> None:
        journal = self.domain.journal
        end, root = self.seen, None
        for entry in journal.between(self.seen + 1, journal.last_step):
            if entry.step > end:
                end, root = journal.batch_end(entry.step), entry
            if entry.cause is None:
                assert entry.chain == entry.step
                assert entry is root or root.kind == "changed", "what happens for a message is caused by it"
            else:
                cause = journal.step(entry.cause)
                assert cause.step < entry.step
                assert cause.chain == entry.chain
                assert cause.kind in CAUSES[entry.kind]
                if entry.kind in ("handled", "skipped"):
                    assert cause.type == entry.event
                    assert entry.kind == "skipped" or entry.handler in dict(cause.deliveries)

    def changes_follow_one_another(self) -> None:
        """Each begins with what the one before led to, and raises the version by one."""
        journal = self.domain.journal
        for entry in journal.between(self.seen + 1, journal.last_step).of(kind="changed"):
            key = (entry.aggregate, entry.id)
            version, values = self.saved.pop(key, (-1, None))
            assert entry.version == version + 1
            assert (entry.before is None) == (values is None)
            if values is not None:
                known = {"id": entry.id, **self.model.view(entry.aggregate, values)}
                assert entry.before == tuple(known[name] for name in entry.names)
            if entry.state is not None:
                self.saved[key] = (entry.version, without_id(entry.names, entry.after))
        self.seen = journal.last_step

    def told_by(self, domain: Any) -> dict[Key, Values]:
        return {
            (kind, one.id): {name: value for name, value in one.to_dict().items() if name != "id"}
            for kind in self.model.generation
            for one in domain.repository_for(kind).query.all()
        }

    def as_seen_today(self, state: dict[Key, Stored]) -> dict[Key, Values]:
        return {
            key: self.model.view(kind, stored.values)
            for kind in self.model.generation
            for key, stored in state.items()
            if key[0] == kind
        }


CAUSES = {
    "command": {"command", "handled"},
    "event": {"command", "handled"},
    "changed": {"command", "handled"},
    "rejected": {"command", "handled"},
    "handled": {"event"},
    "skipped": {"event"},
    "unhandled": {"event"},
    "defined": set(),
}


def without_id(names: tuple[str, ...], values: tuple[Any, ...]) -> Values:
    return {name: value for name, value in zip(names, values, strict=True) if name != "id"}


def versions(state: dict[Key, Stored]) -> dict[Key, int]:
    return {key: stored.version for key, stored in state.items()}


def amount(event: Any) -> int:
    return int(event.payload["amount" if event.type == "Filled" else "total"])


TestNothingIsLost = Sessions.TestCase
TestNothingIsLost.settings = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=20,
    stateful_step_count=25,
    suppress_health_check=list(HealthCheck),
)


def test_two_who_make_the_same_change_are_not_one() -> None:
    """Both took 10 from 100: the second is told that somebody else was first, though 90 is stored already."""
    domain = Domain(name="Bookshop")

    @domain.aggregate
    class Inventory:
        in_stock = Integer(required=True)

    inventories = domain.repository_for(Inventory)
    identity = inventories.add(Inventory(in_stock=100)).id
    mine, theirs = inventories.get(identity), inventories.get(identity)
    mine.in_stock -= 10
    theirs.in_stock -= 10
    inventories.add(theirs)
    with pytest.raises(ExpectedVersionError):
        inventories.add(mine)


def arguments(rule: str, dice: random.Random) -> dict[str, Any]:
    """What a rule is given in a session at random."""
    names, modes = ("a", "b", "over"), MODES
    given = {
        "fetch": {"name": dice.choice(names), "new": dice.random() < 0.2},
        "change": {"which": dice.randint(0, 5), "amount": dice.randint(1, 12)},
        "save": {"which": dice.randint(0, 3), "amount": dice.randint(0, 12), "quietly": dice.random() < 0.2},
        "remove": {"which": dice.randint(0, 6)},
        "unit_of_work": {
            "which": [dice.randint(0, 5) for _ in range(dice.randint(1, 4))],
            "end": dice.choice(["saved", "saved", "saved", "fails", "inner", "rollback", "commit", "twin"]),
            "again": dice.random() < 0.3,
            "late": dice.random() < 0.3,
        },
        "unit_of_fresh_objects": {
            "names": dice.sample(names, 3),
            "order": dice.sample(range(3), 3),
            "again": dice.random() < 0.3,
        },
        "process": {"name": dice.choice(names), "amount": dice.randint(1, 12), "mode": dice.choice(modes)},
        "deliver": {"number": dice.choice([None, 0, dice.randint(0, 20)])},
        "define_again": {"what": dice.choice(["Box", "Tally", "messages", "method", "handler"])},
    }.get(rule, {})
    if rule in ("save", "remove", "unit_of_work", "unit_of_fresh_objects", "process", "deliver"):
        failing = [who for who in WHO if dice.random() < 0.25]
        given["flags"] = {who: [dice.random() < 0.6 for _ in range(dice.randint(1, 3))] for who in failing}
    return given


RULES = {
    "fetch": 5,
    "change": 4,
    "save": 6,
    "remove": 1,
    "unit_of_work": 3,
    "unit_of_fresh_objects": 2,
    "process": 4,
    "hold_or_go_on": 1,
    "deliver": 4,
    "define_again": 1,
    "reset": 0.2,
}


@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_lost_in_long_sessions(seed: int) -> None:
    """Dice play longer and fuller sessions than Hypothesis does; of a failure, they tell what was played."""
    dice = random.Random(seed)
    session, played = Sessions(), []
    session.begin(amount=dice.randint(1, 12))
    try:
        for _ in range(50):
            (rule,) = dice.choices(list(RULES), list(RULES.values()))
            given = arguments(rule, dice)
            if rule != "deliver" or session.model.waiting:
                played.append(
                    f"session.{rule}({', '.join(f'{name}={value!r}' for name, value in given.items())})"
                )
                getattr(session, rule)(**given)
                session.nothing_is_lost()
    except Exception as error:
        error.add_note("\n".join(played))
        raise
