"""A learner's model, what a check may do with it, and what came of that."""

from __future__ import annotations

from typing import Any

from ddd_kit.engine.upcasting import revived
from ddd_kit.journal.entry import EVENT, place
from ddd_kit.workshop.acts import Acts
from ddd_kit.workshop.exercise import NotYet
from ddd_kit.workshop.words import a


class Trial(Acts):
    """A learner's model, with nothing in it yet; each point of an exercise gets a new one.

    Its verbs are in three classes: what the model is made of in `Model`, what is done with it in `Acts`, and
    here what came of it. All of them say by a `NotYet` what is missing, is refused or breaks.
    """

    def all(self, name: str) -> list[Any]:
        """All saved objects of an aggregate or a projection.

        Args:
            name: of its class.

        Raises:
            NotYet: when there is no such class.
        """
        self.class_of(name)
        found: list[Any] = self.run(
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

    def events(self, name: str | None = None) -> list[Any]:
        """The events so far, oldest first.

        Args:
            name: of their class; None for all.

        Returns:
            Their entries in the journal, which know their `type`, `stream`, `category` and `causes`.
        """
        return [entry for entry in self._entries("event") if name in (None, entry.type)]

    def count(self, event: str) -> int:
        """How many events of a class there are.

        Args:
            event: the name of its class.
        """
        return len(self.events(event))

    def values(self, event: Any) -> dict[str, Any]:
        """The values of an event.

        Args:
            event: its entry.

        Returns:
            Values by the names of its fields.
        """
        return dict(zip(event.names, event.values, strict=True))

    def commands(self, name: str) -> list[Any]:
        """The commands of a class so far, oldest first.

        Args:
            name: of the class.

        Returns:
            Their entries in the journal, which know their `payload` and their `cause`.
        """
        return [entry for entry in self._entries("command") if entry.type == name]

    def ran(self, event: str | None = None) -> list[Any]:
        """The handler methods that ran so far, oldest first, those that failed too.

        Args:
            event: the name of the class that they took; None for all.

        Returns:
            Their entries in the journal, which know their `handler`, `method`, `event` and `outcome`.
        """
        return [entry for entry in self._entries("handled") if event in (None, entry.event)]

    def changes(self, aggregate: str | None = None) -> list[Any]:
        """What was saved of an aggregate so far, oldest first.

        Args:
            aggregate: the name of its class; None for all.

        Returns:
            Their entries in the journal, which know their `id`, `before`, `after` and `cause`, the step that
            led to them.
        """
        return [entry for entry in self._entries("changed") if aggregate in (None, entry.aggregate)]

    def led_to(self, entry: Any) -> list[Any]:
        """All that led to an entry of the journal.

        Args:
            entry: of something that was saved, raised, sent or handled here.

        Returns:
            Entries, the nearest first.
        """
        entries = {each.step: each for each in self.journal}
        chain = [entry]
        while chain[-1].cause in entries:
            chain.append(entries[chain[-1].cause])
        return chain[1:]

    def silence(self, event: str) -> str:
        """Why nobody took an event that was raised, as `why_not` has it.

        Args:
            event: the name of its class.

        Returns:
            A sentence about the handler of it that was defined last; or that nobody listens.
        """
        for handler in reversed(self.of_kind()):
            told = self.engine.why_not(handler.cls, event)
            if told.broken and not {"event", "methods"} & {check.rule for check in told.broken}:
                reasons = "; ".join(str(check) for check in told.broken)
                return f"`{handler.name}` did not take it: {reasons}."
        return f"Nobody listens to `{event}`."

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
        what = f"reading {a(event.type)} of version {version}"
        return self.run(what, lambda: revived(self.engine.registry, tuple(row)))

    def _entries(self, kind: str) -> list[Any]:
        return list(self.journal.of(kind=kind))


def _are(count: int) -> str:
    return {0: "is none", 1: "is one"}.get(count, f"are {count}")
