"""A learner's model in a world of its own, and what it is made of."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from typing import Any, Self

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.config import DEFAULTS
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.fork import emptied
from ddd_kit.engine.lint.finding import Finding
from ddd_kit.engine.lint.findings import findings
from ddd_kit.engine.registry import STORED, Registered
from ddd_kit.exceptions import DddKitError
from ddd_kit.journal.entries import Entries
from ddd_kit.workshop.exercise import NotYet
from ddd_kit.workshop.words import a, did, listed

_SETTINGS = {
    name: DEFAULTS[name] for name in ("journal", "journal_limit", "event_processing", "command_processing")
}


class Model:
    """The model of a learner, with nothing in it yet.

    Whatever is not there, is refused or breaks becomes a `NotYet` that says so. Objects are named by their
    aggregates, since the learner's classes are not known here.

    Args:
        engine: the learner's domain; nothing that happens here is seen in it.

    Attributes:
        engine: a fork of it, whose world is empty.
    """

    def __init__(self, engine: Engine) -> None:
        with engine.lock:
            self.engine = emptied(engine)
        self.engine.pause_on(None)
        self.engine.config.update(_SETTINGS)
        self._begin = self.engine.journal.last_step

    def another(self) -> Self:
        """The same model once more, in a world in which nothing has happened yet.

        Whoever keeps things in variables of Python, and not in the model, mixes the two up.
        """
        return type(self)(self.engine)

    def beside(self) -> Self:
        """This world once more; from here on each goes its own way, as in `another`."""
        other = copy.copy(self)
        other.engine = self.engine.fork()
        return other

    @property
    def journal(self) -> Entries:
        """What has happened in this world."""
        return self.engine.journal.between(self._begin + 1, self.engine.journal.last_step)

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
            raise NotYet(f"`{name}` is {a(found.kind)}, and should be {a(kind)}.", stops=True)
        if part_of is not None and found.part_of != part_of:
            whose = f"part of `{found.part_of}`" if found.part_of else "part of no aggregate"
            raise NotYet(f"`{name}` is {whose}, and should be part of `{part_of}`.", stops=True)
        return found

    def of_kind(self, kind: str = "event handler") -> list[Registered]:
        """All elements of a kind, as event handlers, which a learner may name freely.

        Args:
            kind: as for `element`.
        """
        return [each for each in self.engine.registry.of_kind(*Kind) if each.kind == kind]

    def fields(self, name: str, *fields: str) -> None:
        """Make sure that an aggregate, event, command or value object has some fields.

        Args:
            name: of its class.
            *fields: their names.

        Raises:
            NotYet: when one is missing.
        """
        cls: Any = self.class_of(name)
        there = list(cls._schema.fields)
        missing = [field for field in fields if field not in there]
        if missing:
            raise NotYet(
                f"`{name}` has no field {listed(missing, 'or')}; it has {listed(there or ['none'])}.",
                stops=True,
            )

    def class_of(self, name: str) -> Any:
        """The class of an element.

        Args:
            name: of the class.

        Returns:
            The learner's class.

        Raises:
            NotYet: when there is none of that name.
        """
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

    def run(self, what: str, function: Callable[[], Any]) -> Any:
        """Do something in this world.

        Args:
            what: in words, as "asking for the open orders".
            function: does it.

        Returns:
            What it returns.

        Raises:
            NotYet: when it fails.
        """
        try:
            with self.engine.domain_context():
                return function()
        except NotYet:
            raise
        except Exception as error:
            raise NotYet(did(what, error), stops=not isinstance(error, DddKitError)) from error

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
