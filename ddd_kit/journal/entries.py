"""Some entries of a journal: a read-only sequence that can be narrowed down."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from ddd_kit.exceptions import IncorrectUsageError, did_you_mean
from ddd_kit.journal import frame
from ddd_kit.journal.entry import CELL_AT, CHANGED, KIND_AT, KINDS, Entry, Row, entry, place

if TYPE_CHECKING:
    import pandas as pd

    from ddd_kit.journal.journal import Journal

# What the rest of the kit needs of a journal, and nobody who reads one.
_MACHINERY = frozenset(
    (
        *("append", "batch_end", "begin_anew", "instance_at", "missed"),
        *("numbered_rows", "rows", "steps_of", "until"),
    )
)


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
            kind: `command`, `event`, `handled`, `skipped`, `changed`, `rejected`, `unhandled`, `defined`,
                `fault` or `called`; None for all.
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
                and (cell is None or row[CELL_AT] == cell)
                and all(_concerns(row, key, name) for key, name in names.items())
            ],
        )

    def to_frame(self) -> pd.DataFrame:
        """A table with one row an entry, indexed by step; empty cells where a kind has no such field.

        Returns:
            Columns `kind`, `cause` and `chain` (steps), `cell`, `at` (UTC), `element`, `method`, `event`,
            `aggregate`, `id`, `version`, `stream`, `position`, `attempt`, `outcome`, `error`, `duration` (s),
            `rule`, `wanted`, `found`, `change`, `payload` (values by name). A fault is in `rule`, and its
            detail in `found`.

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

    def __dir__(self) -> list[str]:
        """The words for those who read; completion offers these."""
        return [name for name in super().__dir__() if not name.startswith("_") and name not in _MACHINERY]

    def __repr__(self) -> str:
        return self.to_text()


def _concerns(row: Row, what: str, name: Any) -> bool:
    kind = row[KIND_AT]
    if what == "aggregate":
        return bool(_named(row, kind, _AGGREGATE_PLACES) == name)
    return bool(_named(row, kind, _EVENT_PLACES) == name)


def _named(row: Row, kind: str, places: dict[str, int]) -> Any:
    at = places.get(kind)
    return None if at is None else row[at]


_AGGREGATE_PLACES = {
    CHANGED: place(CHANGED, "aggregate"),
    "event": place("event", "aggregate"),
    "rejected": place("rejected", "element"),
    "defined": place("defined", "element"),
}
_EVENT_PLACES = {
    "event": place("event", "type"),
    "unhandled": place("unhandled", "type"),
    "handled": place("handled", "event"),
    "skipped": place("skipped", "event"),
    "fault": place("fault", "event"),
    "rejected": place("rejected", "element"),
    "defined": place("defined", "element"),
}
