"""Two runs of one model side by side: what they have in common, where they part, and what differs then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

from ddd_kit.engine.pairing import Names, Numbered, State, pairs
from ddd_kit.engine.registry import BORDER
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import (
    CAUSE_AT,
    COLUMNS,
    DEFINED,
    HANDLED,
    KIND_AT,
    REJECTED,
    SKIPPED,
    Row,
    place,
)
from ddd_kit.journal.parts import differences
from ddd_kit.journal.sentence import brief, phrase, short_id, short_path
from ddd_kit.journal.values import same

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine
    from ddd_kit.journal.journal import Journal

LONGEST = 3_000  # entries that are matched one by one; of more the two sides are shown as they are
SHOWN = 40
_HANDLER = {kind: place(kind, "handler") for kind in (HANDLED, SKIPPED)}
# When, where and in which place something happened is no difference.
_ASIDE = frozenset((
    "cause", "chain", "cell", "time", "duration", "message_id", "stream", "origin_stream", "correlation_id",
    "causation_id", "position", "waits",
))  # fmt: skip
_AT = {
    kind: (KIND_AT, *(place(kind, column) for column in columns if column not in {*_ASIDE, "kind"}))
    for kind, columns in COLUMNS.items()
}


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
        field: the name of the field, or a path inside of the aggregate, as `items[sku=A].quantity`; None
            where one run lacks the instance.
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
        return f"{who} {short_path(self.field)}: {brief(self.left)} | {brief(self.right)}"


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
        aside = left.is_replay or right.is_replay
        ours, theirs = (_happened(run.journal, aside=aside) for run in (left, right))
        named = Names(ours, theirs)
        return Comparison(left, right, _parts(ours, theirs, named), tuple(_differences(left, right, named)))


def _parts(ours: Numbered, theirs: Numbered, named: Names) -> tuple[Part, ...]:
    a = [named.signature(row, _AT[row[KIND_AT]], 0) for _, row in ours]
    b = [named.signature(row, _AT[row[KIND_AT]], 1) for _, row in theirs]
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


def _happened(journal: Journal, *, aside: bool) -> Numbered:
    """What there is to compare; beside a replay not what nobody can repeat."""
    return [
        (step, row)
        for step, row in journal.numbered_rows()
        if row[KIND_AT] != DEFINED and not (aside and _is_apart(row))
    ]


def _is_apart(row: Row) -> bool:
    """Whether plain code was refused something, or an event crossed into another domain."""
    kind = row[KIND_AT]
    if kind in _HANDLER:
        return str(row[_HANDLER[kind]]).startswith(BORDER)
    return bool(kind == REJECTED and row[CAUSE_AT] is None)


def _differences(left: Engine, right: Engine, named: Names) -> Iterator[Difference]:
    ours, theirs = _state(left), _state(right)
    for aggregate in {**ours, **theirs}:
        both = pairs(ours.get(aggregate, {}), theirs.get(aggregate, {}), named)
        for (left_id, a), (right_id, b) in both:
            if a is None or b is None:
                yield Difference(aggregate, left_id, right_id, None, a, b)
                continue
            for field in {**a, **b}:
                values = a.get(field), b.get(field)
                names = [named.of(value, side) for side, value in enumerate(values)]
                refers = names[0] is not None and names[0] == names[1]
                if not (same(*values) or refers or same(values, (left_id, right_id))):
                    for path, (here, there) in differences(field, *values):
                        yield Difference(aggregate, left_id, right_id, path, here, there)


def _state(engine: Engine) -> dict[str, State]:
    return {
        name: {
            identity: dict(zip(names, values, strict=True))
            for identity, (_, names, values) in store.rows.items()
        }
        for name, store in engine.world.stores.items()
        if store.rows
    }
