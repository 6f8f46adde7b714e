"""The journal: a read-only sequence of entries that the engine appends to, a batch at a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast, overload

from ddd_kit.exceptions import IncorrectUsageError, did_you_mean
from ddd_kit.journal import frame
from ddd_kit.journal.entry import CHANGED, KIND_AT, KINDS, Entry, Row, copied, entry, place

if TYPE_CHECKING:
    import pandas as pd

AGGREGATE_AT, ID_AT, AFTER_AT = place(CHANGED, "aggregate"), place(CHANGED, "id"), place(CHANGED, "after")
Instance = tuple[str, Any]


class Saved(NamedTuple):
    """An aggregate as it stood after a step.

    Attributes:
        step: the step that saved it.
        version: its version, from 0.
        names: its field names.
        stored: its values, in the same order; shared with the journal, and not to be changed.
    """

    step: int
    version: int
    names: tuple[str, ...]
    stored: tuple[Any, ...]

    @property
    def values(self) -> tuple[Any, ...]:
        """Its values, in the same order."""
        return cast(tuple[Any, ...], copied(self.stored))


class _Window:
    """The rows that are kept, and the state that the folded ones led to; replaced as a whole."""

    __slots__ = ("batch_ends", "before", "first_step", "histories", "indexed", "rows")

    def __init__(self, first_step: int = 1, before: dict[Instance, Saved] | None = None) -> None:
        self.first_step = first_step
        self.rows: list[Row] = []
        self.batch_ends: list[int] = []
        self.before = before or {}
        self.histories: dict[Instance, list[int]] = {}
        self.indexed = 0

    def saved(self, index: int) -> Saved:
        """What the row at an index says, which has to be that of a change."""
        _, _, _, _, _, _, _, version, names, _, after = self.rows[index]
        return Saved(self.first_step + index, version, names, after)


class State(Mapping[Instance, Saved]):
    """Aggregates by name and identity, in the order in which they came to be; read-only.

    What was saved is made when somebody reads it: made at once, the state of 100,000 entries took 45 ms
    instead of 20.

    Args:
        window: the rows that are kept.
        latest: what was saved last of each aggregate, or the index of its row.
    """

    def __init__(self, window: _Window, latest: dict[Instance, Saved | int]) -> None:
        self._window = window
        self._latest = latest

    def __getitem__(self, instance: Instance) -> Saved:
        found = self._latest[instance]
        return found if isinstance(found, Saved) else self._window.saved(found)

    def __iter__(self) -> Iterator[Instance]:
        return iter(self._latest)

    def __len__(self) -> int:
        return len(self._latest)

    def __repr__(self) -> str:
        return repr(dict(self))


class Entries(Sequence[Entry]):
    """Some entries of a journal, in order of their steps; slicing and `of` give fewer of them.

    Args:
        journal: where they are.
        steps: the numbers of their steps, in order, from 1.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     quantity: int = 1
        >>> order = domain.repository_for(Order).add(Order(id="o-1"))
        >>> [entry.kind for entry in domain.journal[:]]
        ['defined', 'changed']
    """

    def __init__(self, journal: Journal, steps: Sequence[int]) -> None:
        self._journal = journal
        self._step_numbers = steps

    @property
    def _steps(self) -> Sequence[int]:
        """The steps, of which the oldest may have been folded since."""
        first = self._journal.first_step
        if not self._step_numbers or self._step_numbers[0] >= first:
            return self._step_numbers
        return self._step_numbers[bisect_left(self._step_numbers, first) :]

    def __len__(self) -> int:
        return len(self._steps)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Entries: ...
    def __getitem__(self, index: int | slice) -> Entry | Entries:
        """One entry by its place from 0, or some of them; `journal.step(9)` takes the step's own number.

        Args:
            index: a place, from the end where it is negative, or a slice.

        Returns:
            The entry, or the entries of the slice.

        Raises:
            IndexError: when there is no such place.
        """
        if isinstance(index, slice):
            return Entries(self._journal, self._steps[index])
        return self._journal.step(self._steps[index])

    def __iter__(self) -> Iterator[Entry]:
        rows, first = self._journal.rows, self._journal.first_step
        for step in self._steps:
            yield entry(step, rows[step - first])

    def numbered_rows(self) -> Iterator[tuple[int, Row]]:
        """Steps with their rows, for code that reads many.

        Yields:
            The step's number, and the row.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> [(step, row[KIND_AT]) for step, row in domain.journal.numbered_rows()]
            [(1, 'defined')]
        """
        rows, first = self._journal.rows, self._journal.first_step
        for step in self._steps:
            yield step, rows[step - first]

    def between(self, first: int, last: int) -> Entries:
        """The entries of some steps.

        Args:
            first: the first step, from 1.
            last: the last step, which is included.

        Returns:
            Those that are here; none where there are no such steps.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> domain.journal.between(2, 2)
            outside a cell
              ■ Order o-1 added: quantity 1
        """
        steps = self._steps
        return Entries(self._journal, steps[bisect_left(steps, first) : bisect_left(steps, last + 1)])

    def of(
        self,
        kind: str | None = None,
        aggregate: type | str | None = None,
        event: type | str | None = None,
        cell: str | None = None,
    ) -> Entries:
        """The entries that have to do with something.

        Args:
            kind: `command`, `event`, `handled`, `skipped`, `changed`, `rejected`, `unhandled` or `defined`;
                None for all.
            aggregate: an aggregate's class or name; None for all.
            event: an event's class or name; None for all.
            cell: a cell, as `In [6]`; None for all.

        Returns:
            Those for which all that is given holds.

        Raises:
            IncorrectUsageError: for a kind that does not exist.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> domain.journal.of(kind="changed", aggregate=Order)
            outside a cell
              ■ Order o-1 added: quantity 1
            >>> domain.journal.of(kind="event")
            No entries: nothing of the kind has happened.
        """
        if kind is not None and kind not in KINDS:
            raise IncorrectUsageError(
                f"journal.of(kind={kind!r}): there is no such kind of entry{did_you_mean(kind, KINDS) or '.'}"
                f" There are: {', '.join(KINDS)}."
            )
        wanted = {"aggregate": aggregate, "event": event}
        names = {key: getattr(value, "__name__", value) for key, value in wanted.items() if value is not None}
        return Entries(
            self._journal,
            [
                step
                for step, row in self.numbered_rows()
                if (kind is None or row[KIND_AT] == kind)
                and (cell is None or row[3] == cell)
                and all(_concerns(row, key, name) for key, name in names.items())
            ],
        )

    def to_frame(self) -> pd.DataFrame:
        """A table with one row an entry, indexed by step; empty cells where a kind has no such field.

        Returns:
            Columns `kind`, `cause` and `chain` (steps), `cell`, `at` (UTC), `element`, `method`, `event`,
            `aggregate`, `id`, `version`, `stream`, `position`, `attempt`, `outcome`, `error`, `duration` (s),
            `rule`, `wanted`, `found`, `change`, `payload` (values by name).

        Raises:
            ModuleNotFoundError: when pandas is missing; the text says what to install.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> domain.journal.to_frame()["kind"].to_dict()
            {1: 'defined', 2: 'changed'}
        """
        return frame.of_entries(list(self.numbered_rows()))

    def changes(self) -> pd.DataFrame:
        """A table with one row for each field that changed.

        Returns:
            Columns `step`, `cell`, `aggregate`, `id`, `version`, `field`, `before`, `after`.

        Raises:
            ModuleNotFoundError: when pandas is missing; the text says what to install.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> domain.journal.changes()[["step", "aggregate", "field", "after"]]
               step aggregate     field after
            0     2     Order  quantity     1
            1     2     Order        id   o-1
        """
        return frame.of_changes(self.of(kind=CHANGED))

    def to_text(self) -> str:
        """The entries as a tree, grouped by cell and indented by cause.

        Returns:
            A text of several lines.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> print(domain.journal.to_text())
            outside a cell
              ■ Order o-1 added: quantity 1
        """
        from ddd_kit.journal.tree import to_text

        return to_text(self)

    def __repr__(self) -> str:
        return self.to_text()


class Journal(Entries):
    """All that happened in a world, in order; `domain.journal` gives it.

    Args:
        settings: read at each batch: `journal_limit` says how many entries are kept, 1 or more; older ones
            are folded into a starting state.

    Attributes:
        last_step: the newest step; 0 before the first.
        missed: whether something happened since the newest step that was not recorded.

    Example:
        >>> from ddd_kit import Domain
        >>> Domain(name="Bookshop").journal.last_step
        0
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(self, ())
        self._settings = settings
        self.last_step = 0
        self.missed = False
        self._window = _Window()

    @property
    def rows(self) -> list[Row]:
        """The rows that are kept; the first is that of `first_step`. Not to be changed.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> len(domain.journal.rows)
            1
        """
        return self._window.rows

    @property
    def first_step(self) -> int:
        """The oldest step that is kept, 1 or more; one more than `last_step` where none is.

        Example:
            >>> from ddd_kit import Domain
            >>> Domain(name="Bookshop").journal.first_step
            1
        """
        return self._window.first_step

    @property
    def _steps(self) -> Sequence[int]:
        return range(self.first_step, self.last_step + 1)

    def step(self, number: int) -> Entry:
        """The entry of a step.

        Args:
            number: the step, from 1.

        Returns:
            The entry.

        Raises:
            IncorrectUsageError: when there is no such step, or it is not kept any more.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> domain.journal.step(2).changes["quantity"]
            (None, 1)
        """
        if not self.first_step <= number <= self.last_step:
            raise IncorrectUsageError(f"There is no step {number}: {self.extent}")
        return entry(number, self.rows[number - self.first_step])

    @property
    def extent(self) -> str:
        """Which steps there are, in words.

        Example:
            >>> from ddd_kit import Domain
            >>> Domain(name="Bookshop").journal.extent
            'the journal is empty.'
        """
        if not self.rows:
            return "the journal is empty."
        folded = " (older ones are folded: see domain.config['journal_limit'])" if self.first_step > 1 else ""
        return f"the journal has steps {self.first_step} to {self.last_step}{folded}."

    def append(self, rows: list[Row], first_step: int) -> None:
        """Add a batch, whole; adding it again changes nothing, so that an interrupt cannot tear it.

        Args:
            rows: at least one row.
            first_step: the step of the first of them, one more than `last_step` was.
        """
        window = self._window
        kept, ends, last = window.rows, window.batch_ends, first_step + len(rows) - 1
        kept[first_step - window.first_step :] = rows
        self.last_step = last
        if not ends or ends[-1] != last:
            ends.append(last)
        limit = self._settings["journal_limit"]
        if len(kept) > limit and len(kept) > limit * 9 // 8:
            self._fold(limit)

    def _fold(self, limit: int) -> None:
        """Forget whole batches from the start until the limit is met; an eighth at a time, to be quick."""
        old = self._window
        if len(old.batch_ends) < 2:
            return
        place = bisect_left(old.batch_ends, self.last_step - limit)
        cut = old.batch_ends[min(place, len(old.batch_ends) - 2)]
        new = _Window(cut + 1, dict(self.state_at(cut)))
        new.rows = old.rows[cut + 1 - old.first_step :]
        new.batch_ends = [end for end in old.batch_ends if end > cut]
        self._window = new

    def begin_anew(self, state: dict[Instance, Saved]) -> None:
        """Forget what is kept, because something happened since that was not recorded.

        Args:
            state: every aggregate as it stands now.
        """
        self._window = _Window(self.last_step + 1, state)
        self.missed = False

    def until(self, step: int) -> Journal:
        """A journal that ends with a step; later entries are not in it.

        Args:
            step: the last step of a unit of work.

        Returns:
            A copy.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> len(domain.journal), len(domain.journal.until(1))
            (2, 1)
        """
        old = self._window
        new = _Window(old.first_step, old.before)
        new.rows = old.rows[: step + 1 - old.first_step]
        new.batch_ends = [end for end in old.batch_ends if end <= step]
        journal = Journal(self._settings)
        journal._window, journal.last_step = new, step
        return journal

    def batch_end(self, step: int) -> int:
        """The last step of the unit of work that a step belongs to.

        Args:
            step: a step; 0 stands for the time before the first.

        Returns:
            That step or a later one.

        Example:
            >>> from ddd_kit import Domain
            >>> Domain(name="Bookshop").journal.batch_end(0)
            0
        """
        ends = self._window.batch_ends
        place = bisect_left(ends, step)
        return ends[place] if place < len(ends) and step >= self.first_step else step

    def state_at(self, step: int) -> State:
        """Every aggregate as it stood after the unit of work that a step belongs to.

        Args:
            step: from the step before `first_step` to `last_step`.

        Returns:
            Aggregates by name and identity, in the order in which they came to be.

        Raises:
            IncorrectUsageError: for another step.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> domain.journal.state_at(2)["Order", "o-1"].values
            (1, 'o-1')
        """
        self._check_state(step)
        window = self._window
        rows, first = window.rows, window.first_step
        latest: dict[Instance, Saved | int] = dict(window.before)
        for index, row in enumerate(rows[: self.batch_end(step) + 1 - first]):
            if row[KIND_AT] == CHANGED:
                if row[AFTER_AT] is None:
                    latest.pop((row[AGGREGATE_AT], row[ID_AT]), None)
                else:
                    latest[row[AGGREGATE_AT], row[ID_AT]] = index
        return State(window, latest)

    def _check_state(self, step: int) -> None:
        if not self.first_step - 1 <= step <= self.last_step:
            raise IncorrectUsageError(f"There is no state after step {step}: {self.extent}")

    def steps_of(self, aggregate: str, identity: Any) -> Sequence[int]:
        """The steps in which one aggregate was saved or removed.

        Args:
            aggregate: its name.
            identity: its identity.

        Returns:
            Steps that are kept, in order; none for an aggregate that was never saved.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> domain.journal.steps_of("Order", "o-1")
            [2]
        """
        window = self._window
        histories, first = window.histories, window.first_step
        for index in range(window.indexed, len(window.rows)):
            row = window.rows[index]
            if row[KIND_AT] == CHANGED:
                history = histories.setdefault((row[AGGREGATE_AT], row[ID_AT]), [])
                if not history or history[-1] < first + index:  # an interrupt may have come in between
                    history.append(first + index)
            window.indexed = index + 1
        return histories.get((aggregate, identity), ())

    def instance_at(self, aggregate: str, identity: Any, step: int) -> Saved | None:
        """One aggregate as it stood after the unit of work that a step belongs to.

        Args:
            aggregate: its name.
            identity: its identity.
            step: from the step before `first_step` to `last_step`.

        Returns:
            What was saved last, or None where it did not exist.

        Raises:
            IncorrectUsageError: for another step.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> domain.journal.instance_at("Order", "o-1", 2).version
            0
        """
        self._check_state(step)
        steps = self.steps_of(aggregate, identity)
        count = bisect_left(steps, self.batch_end(step) + 1)
        if not count:
            return self._window.before.get((aggregate, identity))
        saved = self._window.saved(steps[count - 1] - self.first_step)
        return saved if saved.stored is not None else None


def _concerns(row: Row, what: str, name: Any) -> bool:
    kind = row[KIND_AT]
    if what == "aggregate":
        return bool(_named(row, kind, _AGGREGATE_PLACES) == name)
    return bool(_named(row, kind, _EVENT_PLACES) == name)


def _named(row: Row, kind: str, places: dict[str, int]) -> Any:
    at = places.get(kind)
    return None if at is None else row[at]


_AGGREGATE_PLACES = {
    CHANGED: AGGREGATE_AT,
    "event": place("event", "aggregate"),
    "rejected": place("rejected", "element"),
    "defined": place("defined", "element"),
}
_EVENT_PLACES = {
    "event": place("event", "type"),
    "unhandled": place("unhandled", "type"),
    "handled": place("handled", "event"),
    "skipped": place("skipped", "event"),
    "rejected": place("rejected", "element"),
    "defined": place("defined", "element"),
}
