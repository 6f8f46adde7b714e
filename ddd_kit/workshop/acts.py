"""What a check does with a learner's model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ddd_kit.exceptions import ValidationError
from ddd_kit.workshop.exercise import NotYet
from ddd_kit.workshop.model import Model
from ddd_kit.workshop.words import a


class Acts(Model):
    """A learner's model in which something can be done."""

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
        cls = self.class_of(name)
        return self.run(f"making {_call(name, (), values)}", lambda: cls(**values))

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
        return self.run(f"saving {a(name)}", lambda: self.engine.repository_for(name).add(aggregate))

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
        return self.run(f"loading {a(name)}", lambda: self.engine.repository_for(name).get(thing._identity))

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
        return self.run(_call(f"{name}.{method}", given, named), lambda: found(*given, **named))

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

    def remove(self, thing: Any) -> None:
        """Remove an object from its repository.

        Args:
            thing: an object that was saved.

        Raises:
            NotYet: when that fails.
        """
        name = type(thing).__name__
        fresh = self.stored(thing)
        self.run(f"removing {a(name)}", lambda: self.engine.repository_for(name).remove(fresh))

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
        return self.run(f"processing {_call(command, (), values)}", lambda: self.engine.process(message))

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
        self.run("making a delivery", lambda: self.engine.deliver(number))

    def deliver_all(self) -> None:
        """Make all waiting deliveries.

        Raises:
            NotYet: when one fails.
        """
        self.run("making the deliveries", self.engine.deliver_all)

    def doubled(self) -> None:
        """From now on each message reaches each of its handlers twice, one right after the other."""
        self.engine.faults.deliver_twice()

    @property
    def waiting(self) -> int:
        """How many deliveries wait."""
        return len(self.engine.waiting)


def _one_by_one(error: Exception) -> list[Exception]:
    if not isinstance(error, ExceptionGroup):
        return [error]
    return [single for each in error.exceptions for single in _one_by_one(each)]


def _call(name: str, given: tuple[Any, ...], named: dict[str, Any]) -> str:
    shown = [repr(each) for each in given] + [f"{key}={value!r}" for key, value in named.items()]
    return f"`{name}({', '.join(shown)})`"
