"""What came of what was tested, and what is expected of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from ddd_kit.engine.model import name_of
from ddd_kit.engine.registry import STORED
from ddd_kit.exceptions import IncorrectUsageError, ObjectNotFoundError, did_you_mean
from ddd_kit.journal.sentence import brief
from ddd_kit.journal.tree import to_text
from ddd_kit.testing.event_log import EventLog
from ddd_kit.testing.expected import Line, compared, counting, expectation, table, told, type_of
from ddd_kit.testing.words import each_of, held_lines, said_of, texts, told_of

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine
    from ddd_kit.journal.entries import Entries
    from ddd_kit.testing.stage import Ran, Stage
    from ddd_kit.views.outcome import Told

_LONGEST_JOURNAL = 40
_MISSING = object()


class Outcome:
    """What came of a `when`; each of its questions fails with an AssertionError, or can be followed by more.

    `given(...).when(...)` makes it. In a cell it shows what was asked, and the journal of what happened.

    Args:
        stage: the world of the test.
        given: what had happened before.
        ran: what was done last, and what came of it.
        before: what was done before that.

    Example:
        >>> from ddd_kit import Domain, handle
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     status: str = "PENDING"
        >>> @domain.event(part_of=Order)
        ... class OrderShipped:
        ...     order_id: str
        >>> @domain.command(part_of=Order)
        ... class ShipOrder:
        ...     order_id: str
        >>> @domain.command_handler(part_of=Order)
        ... class ManageOrder:
        ...     @handle(ShipOrder)
        ...     def ship(self, command):
        ...         order = domain.repository_for(Order).get(command.order_id)
        ...         order.status = "SHIPPED"
        ...         order.raise_(OrderShipped(order_id=order.id))
        ...         domain.repository_for(Order).add(order)
        >>> from ddd_kit.testing import given
        >>> outcome = given(Order(id="o-1")).when(ShipOrder(order_id="o-1"))
        >>> outcome.then(OrderShipped(order_id="o-1")).has(Order, "o-1", status="SHIPPED")
        Given  <Order: Order object (id: o-1)>
        When   ShipOrder(order_id='o-1')
        Then   ✓ OrderShipped(order_id='o-1')
               ✓ Order o-1: status 'SHIPPED'
        <BLANKLINE>
        outside a cell
          ▶ ShipOrder ...
    """

    def __init__(self, stage: Stage, given: tuple[Any, ...], ran: Ran, before: tuple[Ran, ...] = ()) -> None:
        self._stage = stage
        self._given = given
        self._ran = ran
        self._before = before
        self._asked: list[str] = []
        self._excused = False

    @property
    def events(self) -> EventLog:
        """The events that it led to, those of handlers and fact events too, in order."""
        return EventLog(self._ran.events)

    @property
    def all_events(self) -> EventLog:
        """The events of this `when` and of those before it."""
        return EventLog(event for ran in (*self._before, self._ran) for event in ran.events)

    @property
    def result(self) -> Any:
        """What the command's handler returned."""
        return self._ran.result

    @property
    def error(self) -> Exception | None:
        """What was raised, or None; several errors of handlers are an `ExceptionGroup`."""
        return self._ran.error

    @property
    def journal(self) -> Entries:
        """What the journal got of it."""
        return self._ran.entries

    @property
    def domain(self) -> Engine:
        """The world of the test, as a fork of the domain; to look around in, as with `.map()`."""
        return self._stage.engine

    def when(self, *messages: Any) -> Outcome:
        """Do something more in the same world.

        Args:
            *messages: commands, events from elsewhere, aggregates to be saved, or functions.

        Returns:
            What came of the last of them.

        Raises:
            AssertionError: when what was done before had raised something that nobody expected.
            IncorrectUsageError: for something that cannot be done, or nothing.
        """
        __tracebackhide__ = True
        self._no_error("the next `when` is not done")
        return perform(self._stage, self._given, messages, (*self._before, self._ran))

    def then(self, *events: Any) -> Self:
        """Expect these events, in this order, and no others.

        Either those that the command raised itself, or also all that handlers raised because of them.

        Identities and times that an expected event does not give may be any: those that its class makes
        itself by a default, and those that are optional. Fact events, which nobody raises, count only where
        one of their class is expected.

        Args:
            *events: events; event classes, of which all values may be any; or `some(OrderShipped,
                quantity=5)`, of which the other values may. None for no event.

        Returns:
            The same, to ask more.

        Raises:
            AssertionError: when other events came, or something was raised; both are shown side by side.
            IncorrectUsageError: for something that is no event.
        """
        __tracebackhide__ = True
        expected = [expectation(event) for event in events]
        self._no_error("these events were expected: " + (", ".join(map(type_of, expected)) or "none"))
        own, whole = (counting(events, expected) for events in (self._ran.own, self._ran.events))
        came = whole if len(expected) > len(own) or not expected else own
        lines = compared(expected, came)
        if not all(line.same for line in lines):
            wanted, found = (", ".join(map(type_of, side)) or "no event" for side in (expected, came))
            said = (
                f"{wanted} came with other values."
                if wanted == found
                else f"Expected {wanted}; found {found}."
            )
            self._fail(said, lines)
        self._asked += [told_of(event) for event in expected] or ["no events"]
        return self

    def then_nothing(self) -> Self:
        """Expect no event, and no error; fact events do not count.

        Returns:
            The same, to ask more.

        Raises:
            AssertionError: when an event came, or something was raised.
        """
        __tracebackhide__ = True
        return self.then()

    def raises(self, error: type[Exception] = Exception, text: str = "") -> Self:
        """Expect that it was refused.

        Args:
            error: the class of the error; of several errors of handlers, one has to be of it.
            text: what its text or one of its messages contains; any when empty.

        Returns:
            The same, to ask more.

        Raises:
            AssertionError: when nothing was raised, or something else.
            IncorrectUsageError: when `error` is no class of exceptions.
        """
        __tracebackhide__ = True
        if not (isinstance(error, type) and issubclass(error, BaseException)):
            raise IncorrectUsageError(
                f".raises({error!r}): give a class, as in .raises(ValidationError, 'stock')."
            )
        raised = self._ran.error
        wanted = f"{error.__name__}{f' with {text!r}' if text else ''}"
        if raised is None:
            came = ", ".join(type_of(event) for event in self._ran.events) or "nothing"
            self._fail(f"Expected {wanted}; nothing was raised, and {came} came of it.")
        assert raised is not None
        fitting = [each for each in each_of(raised) if isinstance(each, error)]
        if not any(text in said for each in fitting for said in texts(each)):
            lines = [
                Line("error", error.__name__, type(raised).__name__, same=bool(fitting)),
                *(
                    Line("text", f"…{text}…" if text else "(any)", said, same=False)
                    for said in texts(raised)[:1]
                ),
            ]
            self._fail(f"Expected {wanted}; another error was raised.", lines, raised)
        self._excused = True
        self._asked.append(f"raised {wanted}")
        return self

    def has(self, element: type | str, identity: Any = _MISSING, /, **values: Any) -> Self:
        """Expect that something is stored, with these values.

        Args:
            element: the class or the name of an aggregate, a projection or a process manager.
            identity: whose values they are; may be left out where only one is stored.
            **values: values by the name of a field or property.

        Returns:
            The same, to ask more.

        Raises:
            AssertionError: when it is not stored, or has other values; both are shown side by side.
            IncorrectUsageError: for something of which nothing is stored, or a field that there is not.
        """
        __tracebackhide__ = True
        name = self._stored(element, "has")
        found = self._found(name, identity)
        lines = [line for field, value in values.items() for line in held_lines(found, field, value)]
        who = f"{name} {brief(found._identity)}" if hasattr(found, "_identity") else name
        if not all(line.same for line in lines):
            self._fail(f"{who} has other values.", [Line(who, "", "", same=True), *lines])
        held = ", ".join(f"{field} {told(value)}" for field, value in values.items())
        self._asked.append(f"{who}: {held}" if held else f"{who} is there")
        return self

    def has_no(self, element: type | str, identity: Any = _MISSING, /) -> Self:
        """Expect that something is not stored.

        Args:
            element: the class or the name of an aggregate, a projection or a process manager.
            identity: which one is not there; when left out, none of them is.

        Returns:
            The same, to ask more.

        Raises:
            AssertionError: when it is there.
            IncorrectUsageError: for something of which nothing is stored.
        """
        __tracebackhide__ = True
        name = self._stored(element, "has_no")
        known = [held for held, _ in self.domain.repository_for(name).rows()]
        if identity is not _MISSING:
            known = [held for held in known if str(held) == str(identity)]
        if known:
            self._fail(f"Expected no {name}; found {', '.join(map(brief, known[:5]))}.")
        self._asked.append(f"no {name}{'' if identity is _MISSING else f' {brief(identity)}'}")
        return self

    def _stored(self, element: type | str, what: str) -> str:
        self._no_error("the state was asked for")
        name = name_of(element)
        kinds = ", ".join(kind.value for kind in STORED)
        if self.domain.registry.find(name).kind not in STORED:
            raise IncorrectUsageError(f".{what}({name}, ...): nothing is stored of it. It takes: {kinds}.")
        return name

    def _found(self, name: str, identity: Any) -> Any:
        __tracebackhide__ = True
        repository: Any = self.domain.repository_for(name)
        known = [held for held, _ in repository.rows()]
        if identity is _MISSING and len(known) != 1:
            self._fail(
                f"{len(known):,} {name} are stored: name the identity, as in .has({name}, 'id-1', ...)."
            )
        wanted = known[0] if identity is _MISSING else identity
        try:
            return repository.get(wanted)
        except ObjectNotFoundError:
            stored = ", ".join(map(brief, known[:5])) or "none"
            hint = did_you_mean(wanted, map(str, known)) or f". Stored: {stored}."
            self._fail(f"There is no {name} {brief(wanted)}{hint}")

    def _no_error(self, instead: str) -> None:
        __tracebackhide__ = True
        error = self._ran.error
        if error is not None and not self._excused:
            notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
            said = f"{type(error).__name__} was raised, and {instead}.\n\n  {error}{notes}{self._hint(error)}"
            self._fail(said, (), error)

    def _hint(self, error: Exception) -> str:
        if self._ran.handled:
            return (
                "\n\n  What was done went well itself: a handler failed on what it led to. Give what that "
                "handler needs, or leave handlers out: given(..., handlers=False)."
            )
        homeless = sorted(self._stage.homeless)
        if not homeless or not any(isinstance(each, ObjectNotFoundError) for each in each_of(error)):
            return ""
        name = homeless[0]
        return (
            f"\n\n  The events of {name} were given, and it is not event-sourced: handlers took them, and "
            f"nothing of it is stored. Give the aggregate itself too, as in given({name}(...))."
        )

    def _fail(self, said: str, lines: Any = (), error: Exception | None = None) -> Any:
        __tracebackhide__ = True
        parts = [said]
        if lines:
            parts.append(table(lines))
        entries = self._ran.entries
        happened = to_text(entries[-_LONGEST_JOURNAL:]) if len(entries) else "Nothing happened."
        parts.append(
            "\n".join([f"When {said_of(self._ran.did)}:", *("  " + each for each in happened.splitlines())])
        )
        raise AssertionError("\n\n".join(parts)) from error

    def _told(self) -> Told:
        from ddd_kit.views.outcome import Told

        error = self._ran.error
        return Told(
            given=tuple(map(said_of, self._given)),
            when=tuple(said_of(ran.did) for ran in (*self._before, self._ran)),
            asked=tuple(self._asked),
            error=None if error is None else f"{type(error).__name__}: {error}",
            entries=self._ran.entries,
        )

    def __repr__(self) -> str:
        from ddd_kit.views.outcome import in_words

        return in_words(self._told())

    def _repr_html_(self) -> str:
        from ddd_kit.views.outcome import outcome

        return str(outcome(self._told()))


def perform(
    stage: Stage, given: tuple[Any, ...], messages: tuple[Any, ...], before: tuple[Ran, ...]
) -> Outcome:
    """Do something, one after the other, up to the first that raises an error.

    Args:
        stage: the world of the test.
        given: what had happened before, to be told.
        messages: commands, events, aggregates or functions; at least one.
        before: what was done before in the same test.

    Returns:
        What came of the last one that was done.

    Raises:
        IncorrectUsageError: for something that cannot be done, or nothing.
    """
    if not messages:
        raise IncorrectUsageError(".when(): give what is done, as in .when(ShipOrder(order_id='o-1')).")
    done = list(before)
    for message in messages:
        done.append(stage.run(message))
        if done[-1].error is not None:
            break
    return Outcome(stage, given, done[-1], tuple(done[:-1]))
