"""Which instance of one run is which of another: by identity, or by the order in which they came to be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from ddd_kit.journal.entry import CHANGED, HANDLED, KIND_AT, Row, place

_AGGREGATE, _ID, _BEFORE = place(CHANGED, "aggregate"), place(CHANGED, "id"), place(CHANGED, "before")
_UNDONE = place(HANDLED, "undone")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
Numbered = list[tuple[int, Row]]
State = dict[Any, dict[str, Any]]
Paired = tuple[Any, "dict[str, Any] | None"]


class Names:
    """Names for instances, by the order in which they came to be, where the runs have other identities.

    Args:
        ours: the rows of one run, with their steps.
        theirs: those of the other.
    """

    def __init__(self, ours: Numbered, theirs: Numbered) -> None:
        created = [[each for _, row in rows for each in _created(row)] for rows in (ours, theirs)]
        both = {identity for _, identity in created[0]} & {identity for _, identity in created[1]}
        self._names: list[dict[Any, str]] = []
        for instances in created:
            counts: Counter[str] = Counter()
            names = {}
            for aggregate, identity in instances:
                counts[aggregate] += 1
                if identity not in both:
                    names[identity] = f"{aggregate} number {counts[aggregate]}"
            self._names.append(names)

    def of(self, value: Any, side: int) -> str | None:
        """The name of the instance that a value is the identity of.

        Args:
            value: any value.
            side: 0 for our run, 1 for theirs.

        Returns:
            Its name; None where it is no identity, or one that both runs have.
        """
        return self._names[side].get(value) if type(value) in (str, int) else None

    def signature(self, row: Row, places: Sequence[int], side: int) -> str:
        """What a row says, as a text that is the same where it says the same.

        Args:
            row: of the journal.
            places: those of its columns that count.
            side: 0 for our run, 1 for theirs.

        Returns:
            A text to compare, not to read.
        """
        names = self._names[side]
        return _told([_named(row[at], names) for at in places])


def _created(row: Row) -> Iterator[tuple[str, Any]]:
    """The instances that came to be, also where a failure undid that: name and identity of each."""
    if row[KIND_AT] == CHANGED:
        if row[_BEFORE] is None:
            yield row[_AGGREGATE], row[_ID]
    elif row[KIND_AT] == HANDLED:
        yield from ((name, identity) for name, identity, _, before, _ in row[_UNDONE] if before is None)


def _named(value: Any, names: Mapping[Any, str]) -> Any:
    if isinstance(value, tuple):
        return [_named(each, names) for each in value]
    return names.get(value, value) if type(value) in (str, int) else value


def _told(value: Any) -> str:
    """A value as a text, the same for values that are equal; of what cannot be told only its class."""
    kind = type(value)
    if kind is list:
        return f"[{', '.join(map(_told, value))}]"
    if kind in (set, frozenset):  # equal ones may have another order
        return f"{kind.__name__} {sorted(map(_told, value))}"
    try:
        return _ADDRESS.sub("", repr(value))
    except Exception:  # noqa: BLE001 - one value that cannot be told must not hide the others
        return f"<{kind.__name__}>"


def pairs(ours: State, theirs: State, named: Names) -> Iterator[tuple[Paired, Paired]]:
    """The instances of one aggregate, in pairs.

    The same identity where both runs have it, else the same place in the order in which they came to be. One
    that was removed since keeps its place, as far as the journal tells of it.

    Args:
        ours: the values of each instance in one run, by identity and field.
        theirs: those in the other.
        named: of both runs.

    Yields:
        Identity and values of ours, and those of theirs; None twice where that run lacks it.
    """
    partners = {named.of(identity, 1): identity for identity in theirs}
    partners.pop(None, None)
    paired = {identity: identity for identity in ours if identity in theirs}
    for identity in ours:
        partner = partners.get(named.of(identity, 0))
        if identity not in paired and partner is not None:
            paired[identity] = partner
    for identity, partner in paired.items():
        yield (identity, ours[identity]), (partner, theirs[partner])
    there = set(paired.values())
    left = [(each, values) for each, values in ours.items() if each not in paired]
    right = [(each, values) for each, values in theirs.items() if each not in there]
    nobody: Paired = (None, None)
    yield from ((each, nobody) for each in left if named.of(each[0], 0) is not None)
    yield from ((nobody, each) for each in right if named.of(each[0], 1) is not None)
    yield from zip_longest(
        [each for each in left if named.of(each[0], 0) is None],
        [each for each in right if named.of(each[0], 1) is None],
        fillvalue=nobody,
    )
