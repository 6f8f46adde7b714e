"""A message broker inside the kernel: what comes from outside reaches the subscribers of its stream."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

from ddd_kit.building_blocks.compiling import compile_schema
from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.message import Event
from ddd_kit.engine.consumer_groups import Reading
from ddd_kit.engine.incoming import Shape, bring
from ddd_kit.engine.registry import CALL, Registered
from ddd_kit.engine.routing import check_called
from ddd_kit.engine.unit import Unit, check_block, run_unit
from ddd_kit.exceptions import ConfigurationError, IncorrectUsageError, ValidationError, did_you_mean
from ddd_kit.journal.entry import MESSAGE

if TYPE_CHECKING:
    from ddd_kit.building_blocks.schema import Schema
    from ddd_kit.engine.running import Running


class _Payload:
    payload: dict[str, Any]


class BrokerMessage(Event):
    """A message as a subscriber gets it: in a dictionary, whatever is in it."""

    __slots__ = ()


@cache
def _shape() -> Schema:
    """Compiled when the first subscriber is defined: pydantic's parts take 60 ms to load."""
    return replace(compile_schema(_Payload), element=MESSAGE)


def message_element() -> Registered:
    """What stands for all messages of brokers among the elements.

    Returns:
        An element that is part of no model.
    """
    BrokerMessage._schema = _shape()
    return Registered(MESSAGE, Kind.EVENT, BrokerMessage, {})


def let_subscribe(element: Registered) -> None:
    """Let a subscriber be called with the messages of its stream.

    Args:
        element: the subscriber.

    Raises:
        ConfigurationError: when it cannot be called with a message, or names no stream.
    """
    stream, broker = element.options["stream"], element.options["broker"]
    for option, given in (("stream", stream), ("broker", broker)):
        if not isinstance(given, str) or not given:
            raise ConfigurationError(
                f"{element.name}: {option}={given!r} names no {option}. Write "
                '@domain.subscriber(stream="payments").'
            )
    check_called(element.cls, CALL)
    element.instance = partial(_Called, element)


class _Called:
    """Stands for a subscriber in a delivery: it gets what the message says, and not the message."""

    __slots__ = ("_element",)

    def __init__(self, element: Registered) -> None:
        self._element = element

    def __call__(self, message: BrokerMessage) -> None:
        __tracebackhide__ = True
        self._element.cls()(_said(message))

    def handle_error(self, error: Exception, message: BrokerMessage) -> None:
        __tracebackhide__ = True
        cast(Any, self._element.cls).handle_error(error, _said(message))


def _said(message: BrokerMessage) -> dict[str, Any]:
    return cast("dict[str, Any]", message.__dict__["payload"])


class Broker(Reading):
    """A message broker inside the kernel; `domain.brokers["default"]` gives it.

    What is published is in the journal at once, and a delivery for each subscriber of its stream waits, as
    those of events do. In a unit of work it is published when that ends well. Groups may read it by hand
    besides: `get_next`, then `ack` or `nack`.

    Args:
        engine: the domain.
        name: of the broker.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.subscriber(stream="payments")
        ... class HearPayments:
        ...     def __call__(self, payload):
        ...         print("paid", payload["amount"])
        >>> domain.brokers["default"].publish("payments", {"amount": 7})
        paid 7
        'payments-default-0'
    """

    def __init__(self, engine: Running, name: str) -> None:
        self._engine = engine
        self.name = name

    def publish(self, stream: str, message: Mapping[str, Any]) -> str | None:
        """Send a message to those who subscribe to a stream.

        Args:
            stream: the name of the stream.
            message: what it says, as JSON might have it.

        Returns:
            Its id; None in a unit of work, which publishes it when it ends.

        Raises:
            ValidationError: when there is nothing in it.
            IncorrectUsageError: when it is no dictionary, in the block of a unit of work of another domain or
                task, or in the past.
            Exception: what a subscriber raised; several as an `ExceptionGroup`. The message is published
                all the same.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> domain.brokers["default"].publish("payments", {"amount": 7})
            'payments-default-0'
            >>> domain.journal
            outside a cell
              ● Message (amount 7) on payments, from the broker default
                ○ nobody listens to Message on payments-default
        """
        __tracebackhide__ = True
        if not isinstance(message, Mapping) or not isinstance(stream, str):
            raise IncorrectUsageError(
                f"publish({stream!r}, {message!r}): give it the name of a stream and a dictionary, as in "
                'publish("payments", {"order_id": "o-1"}).'
            )
        if not message:
            raise ValidationError({"message": ["Message cannot be empty"]}, MESSAGE)
        engine = self._engine
        with engine.lock:
            world = engine.open_world()
            check_block(engine, world.unit)
            if world.unit is not None:
                self._bring(world.unit, stream, message)
                return None
            unit = Unit()
            number = run_unit(engine, world, unit, self._bring, unit, stream, message)
            engine.work_off(unit)
        return f"{stream}-{self.name}-{number}"

    def _bring(self, unit: Unit, stream: str, message: Mapping[str, Any]) -> int:
        owner = f"{stream}@{self.name}"
        lengths = self._engine.world.events.lengths
        earlier = sum(key[0] == owner for _, _, key, _ in unit.events)
        number = lengths.get(f"{stream}-{self.name}", 0) + earlier
        held = (copy.deepcopy(dict(message)),)
        shape = Shape(MESSAGE, _shape().names, lambda _: held)
        bring(unit, shape, (owner, self.name), (str(number), ()), unit.head)
        return number

    def ping(self) -> bool:
        """Whether it can be reached, as Protean's can be asked; it always can.

        Returns:
            True.

        Example:
            >>> from ddd_kit import Domain
            >>> Domain(name="Bookshop").brokers["default"].ping()
            True
        """
        return True

    def __repr__(self) -> str:
        return f"<Broker {self.name} of {self._engine.name}>"


class Brokers(Mapping[str, Broker]):
    """The brokers of a domain, by name: `default`, those of its settings, those that subscribers name.

    Args:
        engine: the domain.
    """

    def __init__(self, engine: Running) -> None:
        self._engine = engine

    def _names(self) -> dict[str, None]:
        named = (e.options["broker"] for e in self._engine.registry.of_kind(Kind.SUBSCRIBER))
        return dict.fromkeys(["default", *self._engine.config.get("brokers", ()), *named])

    def __getitem__(self, name: str) -> Broker:
        if name not in self:
            hint = did_you_mean(name, self._names()) or f". There are: {', '.join(self)}."
            raise IncorrectUsageError(
                f"domain.brokers[{name!r}]: there is no such broker{hint} "
                f"domain.config['brokers'][{name!r}] = {{}} makes one."
            )
        return Broker(self._engine, name)

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def publish(self, stream: str, message: Mapping[str, Any]) -> str | None:
        """Send a message by the default broker, see `Broker.publish`.

        Args:
            stream: the name of the stream.
            message: what it says.

        Returns:
            Its id; None in a unit of work.

        Raises:
            ValidationError: when there is nothing in it.
            IncorrectUsageError: as `Broker.publish`.
            Exception: what a subscriber raised.

        Example:
            >>> from ddd_kit import Domain
            >>> Domain(name="Bookshop").brokers.publish("payments", {"amount": 7})
            'payments-default-0'
        """
        __tracebackhide__ = True
        return self["default"].publish(stream, message)

    def __repr__(self) -> str:
        return f"<Brokers of {self._engine.name}: {', '.join(self)}>"
