"""Which messages came of one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ddd_kit.testing.expected import Line, table


def assert_chain(chain: Sequence[Any], expected: Sequence[str | type]) -> None:
    """Expect messages of these types, in this order.

    Args:
        chain: what `domain.correlation_trace` gives: objects with a `message_type`, as
            `Bookshop.OrderShipped.v1`.
        expected: their types, or the classes of commands and events.

    Raises:
        AssertionError: when there are others; both are shown side by side.

    Example:
        >>> from types import SimpleNamespace
        >>> assert_chain([SimpleNamespace(message_type="Bookshop.PlaceOrder.v1")], ["Bookshop.PlaceOrder.v1"])
    """
    __tracebackhide__ = True
    found = [str(node.message_type) for node in chain]
    wanted = [str(getattr(each, "__type__", getattr(each, "__name__", each))) for each in expected]
    if found == wanted:
        return
    length = max(len(found), len(wanted))
    pairs = [
        (side[place] if place < len(side) else "nothing" for side in (wanted, found))
        for place in range(length)
    ]
    lines = [
        Line(f"message {number}", one, other, same=one == other)
        for number, (one, other) in enumerate(pairs, 1)
    ]
    raise AssertionError(f"Chain mismatch.\n\n{table(lines)}")
