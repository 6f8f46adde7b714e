"""Two runs of one model side by side: what they have in common, where they part, and what differs then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import CHANGED, COLUMNS, DEFINED, KIND_AT, Row, place
from ddd_kit.journal.sentence import brief, phrase, short_id

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine
    from ddd_kit.journal.journal import Journal

LONGEST = 3_000  # entries that are matched one by one; of more the two sides are shown as they are
SHOWN = 40
# When, where and in which place something happened is no difference.
_ASIDE = frozenset((
    "cause", "chain", "cell", "time", "duration", "message_id", "stream", "origin_stream", "correlation_id",
    "causation_id", "position", "waits",
))  # fmt: skip
_AT = {
    kind: [place(kind, column) for column in columns if column not in _ASIDE]
    for kind, columns in COLUMNS.items()
}
_AGGREGATE, _ID, _BEFORE = place(CHANGED, "aggregate"), place(CHANGED, "id"), place(CHANGED, "before")


class Part(NamedTuple):
    """A stretch of two runs.

    Attributes:
        same: whether both have it.
        left: the steps of the first run.
        right: those of the second.
    """

    same: bool
    left: tuple[int, ...]
    right: tuple[int, ...]


@dataclass(frozen=True)
class Difference:
    """A field that is not the same at the end of two runs.

    Attributes:
        aggregate: the name of the aggregate.
        left_id: the identity of the instance in the first run, or None where it is not there.
        right_id: that in the second.
        field: the name of the field; None where one run lacks the instance.
        left: the value in the first run.
        right: that in the second.
    """

    aggregate: str
    left_id: Any
    right_id: Any
    field: str | None
    left: Any
    right: Any

    def __str__(self) -> str:
        who = f"{self.aggregate} {short_id(self.right_id if self.left_id is None else self.left_id)}"
        if self.field is None:
            return f"{who}: only on the {'right' if self.left_id is None else 'left'}"
        return f"{who} {self.field}: {brief(self.left)} | {brief(self.right)}"


@dataclass(frozen=True, repr=False)
class Comparison:
    """Two runs of one model.

    Attributes:
        left: the first, as the domain.
        right: the second, as a fork of it.
        parts: what both have, and what only one has, in order.
        differences: the fields that are not the same at the end.
    """

    left: Engine
    right: Engine
    parts: tuple[Part, ...]
    differences: tuple[Difference, ...]

    @property
    def common(self) -> int:
        """How many entries they have in common before they part, definitions left out."""
        return len(self.parts[0].left) if self.parts and self.parts[0].same else 0

    @property
    def same(self) -> bool:
        """Whether the two went the same way and ended the same."""
        return not self.differences and all(part.same for part in self.parts)

    @property
    def sentence(self) -> str:
        """The result in one line."""
        steps = f"{self.common:,} {'entry' if self.common == 1 else 'entries'} in common"
        if self.same:
            return f"{self.left.name}: both runs are the same, {steps}."
        count = len(self.differences)
        ends = f"{count:,} field{'' if count == 1 else 's'}" if count else "nothing"
        apart = "then they part" if any(not part.same for part in self.parts) else "and no other"
        return f"{self.left.name}: {steps}, {apart}; {ends} differs at the end.".replace(
            "fields differs", "fields differ"
        )

    def to_text(self) -> str:
        """The whole in words: what only one side did, and what differs."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield self.sentence
        for part in self.parts:
            if part.same:
                continue
            yield from _side("left ", self.left.journal, part.left)
            yield from _side("right", self.right.journal, part.right)
        if self.differences:
            yield "What differs at the end:"
            yield from (f"  {each}" for each in self.differences[:SHOWN])
            if len(self.differences) > SHOWN:
                yield f"  … {len(self.differences) - SHOWN:,} more"

    def __repr__(self) -> str:
        return self.to_text()


def _side(name: str, journal: Journal, steps: tuple[int, ...]) -> Iterator[str]:
    for step in steps[:SHOWN]:
        yield f"  {name} {step:>4,}  {phrase(journal.step(step))}"
    if len(steps) > SHOWN:
        yield f"  {name}       … {len(steps) - SHOWN:,} more"


def compare(left: Engine, right: Engine) -> Comparison:
    """Two runs of one model side by side.

    Instances are paired by the order in which they came to be, so that identities may differ.

    Args:
        left: a domain, as it is or as it was.
        right: another world of it: a fork, a replay, the past.

    Returns:
        What they have in common, where they part, and what differs; it shows by itself.

    Raises:
        IncorrectUsageError: when they are not of one model.

    Example:
        >>> from ddd_kit import Domain, compare
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Inventory:
        ...     in_stock: int = 0
        >>> stock = domain.repository_for(Inventory)
        >>> inventory = stock.add(Inventory(id="i-1", in_stock=100))
        >>> fork = domain.fork()
        >>> inventory.in_stock = 90
        >>> stock.add(inventory)
        <Inventory: Inventory object (id: i-1)>
        >>> compare(domain, fork)
        Bookshop: 1 entry in common, then they part; 1 field differs at the end.
          left     3  Inventory i-1 in_stock 100 -> 90
        What differs at the end:
          Inventory i-1 in_stock: 90 | 100
    """
    for given in (left, right):
        if getattr(given, "link", None) is None:
            raise IncorrectUsageError(
                f"compare({given!r}): give it two runs of a domain, as in compare(domain, fork)."
            )
    if left.link is not right.link:
        raise IncorrectUsageError(
            f"compare({left.name}, {right.name}): these are two domains. Compare two runs of one: "
            "compare(domain, domain.fork())."
        )
    with left.lock:
        return Comparison(left, right, _parts(left.journal, right.journal), tuple(_differences(left, right)))


def _parts(left: Journal, right: Journal) -> tuple[Part, ...]:
    ours, theirs = _happened(left), _happened(right)
    named = _Names(ours, theirs)
    a = [named.signature(row, 0) for _, row in ours]
    b = [named.signature(row, 1) for _, row in theirs]
    start = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    parts = [(True, (0, start), (0, start))] if start else []
    rest_a, rest_b = a[start:], b[start:]
    if max(len(rest_a), len(rest_b)) > LONGEST:
        parts.append((False, (start, len(a)), (start, len(b))))
    else:
        for tag, i, j, k, m in SequenceMatcher(None, rest_a, rest_b, autojunk=False).get_opcodes():
            parts.append((tag == "equal", (start + i, start + j), (start + k, start + m)))
    return tuple(
        Part(same, tuple([s for s, _ in ours[i:j]]), tuple([s for s, _ in theirs[k:m]]))
        for same, (i, j), (k, m) in parts
    )


def _happened(journal: Journal) -> list[tuple[int, Row]]:
    first = journal.first_step
    return [(first + n, row) for n, row in enumerate(journal.rows) if row[KIND_AT] != DEFINED]


class _Names:
    """Instances by the order in which they came to be, where identities are not the same in both runs."""

    def __init__(self, ours: list[tuple[int, Row]], theirs: list[tuple[int, Row]]) -> None:
        created = [
            [row for _, row in rows if row[KIND_AT] == CHANGED and row[_BEFORE] is None]
            for rows in (ours, theirs)
        ]
        both = {row[_ID] for row in created[0]} & {row[_ID] for row in created[1]}
        self._tokens: list[dict[Any, str]] = []
        for rows in created:
            counts: Counter[str] = Counter()
            tokens = {}
            for row in rows:
                counts[row[_AGGREGATE]] += 1
                if row[_ID] not in both:
                    tokens[row[_ID]] = f"{row[_AGGREGATE]} number {counts[row[_AGGREGATE]]}"
            self._tokens.append(tokens)

    def signature(self, row: Row, side: int) -> str:
        """What an entry says, as a text that is the same where it says the same."""
        tokens = self._tokens[side]
        return repr(
            [_named(row[at], tokens) for at in (KIND_AT, *_AT[row[KIND_AT]]) if at > 0 or at == KIND_AT]
        )


def _named(value: Any, tokens: Mapping[Any, str]) -> Any:
    if isinstance(value, tuple):
        return [_named(each, tokens) for each in value]
    return tokens.get(value, value) if isinstance(value, str | int) else value


def _differences(left: Engine, right: Engine) -> Iterator[Difference]:
    ours, theirs = _state(left), _state(right)
    for aggregate in {**ours, **theirs}:
        for (left_id, a), (right_id, b) in _pairs(ours.get(aggregate, {}), theirs.get(aggregate, {})):
            if a is None or b is None:
                yield Difference(aggregate, left_id, right_id, None, a, b)
                continue
            for field in {**a, **b}:
                values = a.get(field), b.get(field)
                if values[0] != values[1] and values != (left_id, right_id):
                    yield Difference(aggregate, left_id, right_id, field, *values)


State = dict[Any, dict[str, Any]]
Paired = tuple[Any, "dict[str, Any] | None"]


def _state(engine: Engine) -> dict[str, State]:
    return {
        name: {
            identity: dict(zip(names, values, strict=True))
            for identity, (_, names, values) in store.rows.items()
        }
        for name, store in engine.world.stores.items()
        if store.rows
    }


def _pairs(ours: State, theirs: State) -> Iterator[tuple[Paired, Paired]]:
    """The same identity where both have it; the others in the order in which they came to be."""
    for identity in ours:
        if identity in theirs:
            yield (identity, ours[identity]), (identity, theirs[identity])
    left = [(identity, ours[identity]) for identity in ours if identity not in theirs]
    right = [(identity, theirs[identity]) for identity in theirs if identity not in ours]
    nobody: Paired = (None, None)
    yield from zip_longest(left, right, fillvalue=nobody)
