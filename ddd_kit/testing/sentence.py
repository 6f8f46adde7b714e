"""What every test begins with: facts, and a world in which they have happened."""

from __future__ import annotations

from typing import Any, Self

from ddd_kit.testing.outcome import Outcome, perform
from ddd_kit.testing.stage import Stage, home_of


class Sentence:
    """What a test begins with; nothing happens before it is asked what comes of it.

    Args:
        facts: what had happened before: events, commands, aggregates or functions.
        at: a step of the journal to begin at; 0 for an empty world, `NOW` for the present.
        handlers: whether event handlers run.
        target: the aggregate whose events they are; None for that which each is part of.
    """

    def __init__(
        self, facts: tuple[Any, ...], at: int, *, handlers: bool, target: type | None = None
    ) -> None:
        self._facts = list(facts)
        self._at, self._handlers, self._target = at, handlers, target
        self._stage: Stage | None = None

    def after(self, *facts: Any) -> Self:
        """Let more have happened before.

        Args:
            *facts: events, commands, aggregates or functions.

        Returns:
            The same sentence.

        Raises:
            Exception: what one of them raised, where the test has begun already.
        """
        __tracebackhide__ = True
        self._facts.extend(facts)
        if self._stage is not None:
            for fact in facts:
                self._stage.give(fact, self._target)
            self._stage.settle()
        return self

    def when(self, *messages: Any) -> Outcome:
        """Do what is tested.

        Args:
            *messages: commands; events, as if they came from elsewhere; aggregates, which are saved; or
                functions, which may take the domain. The first that raises an error is the last that is done.

        Returns:
            What came of it, to be asked.

        Raises:
            IncorrectUsageError: for something that cannot be done, or nothing.
            Exception: what was raised by something that is given.
        """
        __tracebackhide__ = True
        return perform(self._begun(messages), tuple(self._facts), messages, ())

    def _begun(self, more: tuple[Any, ...] = ()) -> Stage:
        __tracebackhide__ = True
        if self._stage is None:
            classes = () if self._target is None else (self._target,)
            stage = Stage(home_of((*classes, *self._facts, *more)), self._at, handlers=self._handlers)
            for fact in self._facts:
                stage.give(fact, self._target)
            stage.settle()
            self._stage = stage
        return self._stage
