"""Values are compared whatever their class makes of `==`."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ddd_kit.journal.entry import CHANGED, ChangedEntry, entry
from ddd_kit.journal.sentence import phrase
from ddd_kit.journal.values import same


class Refuses:
    """Raises when it is compared, shown, or asked whether it is true."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __eq__(self, other: object) -> Any:
        return self._refused("eq")

    def __bool__(self) -> bool:
        return bool(self._refused("bool"))

    def __repr__(self) -> str:
        return str(self._refused("repr"))

    def _refused(self, name: str) -> Any:
        if name in self.names:
            raise RuntimeError(name)
        return self

    __hash__ = None  # type: ignore[assignment]


NAN = float("nan")
PAIRS = [
    (np.arange(3), np.arange(3), True),
    (np.arange(3), np.arange(4), False),
    (np.arange(3), np.arange(3) + 1, False),
    (np.ones(3), 1, False),
    (np.zeros(0), np.zeros(1), False),
    (np.int64(3), 3, True),
    (np.arange(3), None, False),
    (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 2]}), True),
    (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 3]}), False),
    (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]}), False),
    (pd.Series([1]), pd.Series([2]), False),
    (pd.NA, pd.NA, True),
    (pd.NA, 3, False),
    (Refuses("eq"), Refuses(), False),
    (Refuses("bool"), Refuses(), False),
    (NAN, NAN, True),
    ([np.arange(3)], [np.arange(3)], False),
]


@pytest.mark.parametrize(("one", "other", "expected"), PAIRS)
def test_same(one: Any, other: Any, expected: bool) -> None:
    assert same(one, other) is expected
    assert same(one, one) is True


def changed(before: Any, after: Any) -> ChangedEntry:
    """A box, of which one field is as it was, and another is not."""
    row = (CHANGED, None, 1, None, 0.0, "Box", "b", 1, ("size", "held"), (1, before), (2, after))
    found = entry(1, row)
    assert isinstance(found, ChangedEntry)
    return found


def test_a_field_with_an_array_is_changed_where_the_array_is() -> None:
    assert list(changed(np.arange(3), np.arange(3)).changes) == ["size"]
    assert list(changed(np.arange(3), np.arange(4)).changes) == ["size", "held"]


@pytest.mark.parametrize("what", ["eq", "bool", "repr"])
def test_a_value_that_refuses_hides_no_other_field(what: str) -> None:
    told = phrase(changed(Refuses(what, "eq"), Refuses(what, "eq")))
    assert told.startswith("Box b size 1 -> 2, held ")
