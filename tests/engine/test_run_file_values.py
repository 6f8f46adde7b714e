"""Values in a file: all that JSON lacks comes back as it was, and nothing else comes in."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal
from enum import Enum, Flag, IntEnum
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddd_kit import Domain
from ddd_kit.engine.run_file.decoding import UnreadableError, decode, enums_in
from ddd_kit.engine.run_file.values import UnwritableError, encode, encode_tried


class Colour(Enum):
    RED = "red"
    BOTH = (1, "x")


class Size(IntEnum):
    SMALL = 1


class Right(Flag):
    READ = 1
    WRITE = 2


def there_and_back(value, *enums):
    return decode(json.loads(json.dumps(encode(value), allow_nan=False)), enums)


VALUES = [
    None,
    True,
    False,
    0,
    -1,
    2**53 + 1,
    10**300,
    -(10**5_000),
    0.1,
    -0.0,
    1e308,
    "",
    "text",
    "äöü😀",
    "\ud800x",
    b"",
    b"\x00\xff",
    1 + 2j,
    complex(math.inf, -0.0),
    Decimal("1.10"),
    Decimal("-Infinity"),
    Decimal("1E+999"),
    UUID(int=7),
    dt.date(1, 1, 1),
    dt.date(2024, 2, 29),
    dt.time(23, 59, 59, 999_999),
    dt.time(1, tzinfo=ZoneInfo("Europe/Berlin")),
    dt.datetime.fromisoformat("2024-01-01T12:00:00.000001"),
    dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    dt.datetime(2024, 7, 1, tzinfo=ZoneInfo("Europe/Berlin")),
    dt.datetime(2024, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=-3, seconds=7))),
    dt.timedelta(-1, 2, 3),
    dt.timedelta.max,
    [],
    [1, [2, []]],
    (),
    (1, (2,)),
    set(),
    {1, "a"},
    frozenset({(1, 2)}),
    {},
    {"a": {"b": []}},
    {1: "a", (2, 3): "b", None: "c"},
    {"$": "date", "of": "x"},
    {"ä": 1},
    {"deep": [({1: (frozenset({2}),)},)]},
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{type(value).__name__}")
def test_a_value_comes_back_as_it_was(value):
    found = there_and_back(value)
    assert found == value
    assert type(found) is type(value)
    if not (isinstance(value, int) and value.bit_length() > 10_000):  # those have no repr
        assert repr(found) == repr(value)


def test_nan_comes_back_as_one_object():
    """So that it is found where it is an identity."""
    assert math.isnan(there_and_back(math.nan))
    assert there_and_back(math.nan) is there_and_back([math.nan])[0]
    assert math.isnan(there_and_back(complex(math.nan, 1)).real)
    assert there_and_back([math.inf, -math.inf]) == [math.inf, -math.inf]


def test_the_time_zone_of_a_moment_stays():
    summer = dt.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))
    found = there_and_back(summer)
    assert (found.tzinfo.key, found.fold, found.utcoffset()) == ("Europe/Berlin", 1, dt.timedelta(hours=1))
    unknown = encode(summer) | {"zone": "Nowhere/Atlantis"}
    assert decode(unknown).utcoffset() == dt.timedelta(hours=1)


@pytest.mark.parametrize("member", [*Colour, *Size, *Right, Right.READ | Right.WRITE])
def test_a_member_comes_back_where_its_enum_is_known(member):
    assert there_and_back(member, Size, Colour, Right) is member


def test_a_member_comes_back_as_its_plain_value_where_its_enum_is_not_known():
    assert there_and_back(Colour.RED) == "red"
    assert there_and_back(Colour.BOTH) == (1, "x")


def test_a_member_of_an_enum_that_changed_is_found_by_value_or_name():
    class Renamed(Enum):
        CRIMSON = "red"

    class Revalued(Enum):
        RED = "#f00"

    assert there_and_back(Colour.RED, Renamed) is Renamed.CRIMSON
    assert there_and_back(Colour.RED, Revalued) is Revalued.RED


def test_a_member_whose_value_is_no_data_is_found_by_its_name():
    class Rule(Enum):
        FIRST = object()

    assert there_and_back(Rule.FIRST, Rule) is Rule.FIRST
    assert there_and_back(Rule.FIRST) == "FIRST"


def test_enums_are_found_inside_of_types():
    assert enums_in(dict[str, list[Colour | None]] | Size) == (Colour, Size)
    assert enums_in(list[str]) == ()


class Pair(NamedTuple):
    one: int


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "value", [object(), Pair(1), Text("a"), [object()], {1: object()}, int, len, Decimal("sNaN")]
)
def test_what_is_no_plain_data_is_refused(value):
    with pytest.raises(UnwritableError):
        encode(value)


def test_lists_in_one_another_have_a_limit():
    ring: list[Any] = []
    ring.append(ring)
    with pytest.raises(UnwritableError, match="30 levels"):
        encode(ring)
    deep: Any = 1
    for _ in range(30):
        deep = {1: deep}
    assert there_and_back(deep) == deep
    with pytest.raises(UnwritableError, match="30 levels"):
        encode((deep,))
    with pytest.raises(UnreadableError, match="30 levels"):
        decode([[encode(deep)]])


def test_what_was_tried_is_kept_as_plain_data():
    assert encode_tried(Text("a")) == "a"
    assert type(encode_tried(Text("a"))) is str


@pytest.mark.parametrize(
    "data",
    [
        {"$": "gadget", "of": 1},
        {"$": None, "of": 1},
        {"$": ["set"], "of": []},
        {"$": "set"},
        {"$": "set", "of": 1},
        {"$": "set", "of": [[]]},
        {"$": "set", "of": [], "more": 1},
        {"$": "dict", "of": [[1]]},
        {"$": "dict", "of": [[[], 1]]},
        {"$": "dict", "of": 5},
        {"$": "dict", "of": [7]},
        {"$": "dict", "of": "ab"},
        {"$": "date", "of": "2024-02-30"},
        {"$": "date", "of": [1]},
        {"$": "datetime", "of": "now"},
        {"$": "datetime", "of": "0001-01-01T00:00:00+00:00", "zone": "America/New_York"},
        {"$": "timedelta", "of": [10**12, 0, 0]},
        {"$": "timedelta", "of": [1]},
        {"$": "timedelta", "of": [1.5, 0, 0]},
        {"$": "int", "of": "12"},
        {"$": "int", "of": "0x"},
        {"$": "float", "of": "1"},
        {"$": "complex", "of": [1, 2]},
        {"$": "Decimal", "of": "sNaN"},
        {"$": "Decimal", "of": "x"},
        {"$": "UUID", "of": "x"},
        {"$": "bytes", "of": "a"},
        {"$": "bytes", "of": "ä"},
        {"$": "str", "of": "!"},
        {"$": "enum", "name": "RED"},
        {"$": "enum", "class": "Colour", "name": 1, "of": 1},
        {"$": "enum", "class": "Colour", "name": None},
        {"$": "enum", "class": 1, "name": "RED", "of": "red"},
        {"$": "set", "of": [1], "zone": "UTC"},
        math.nan,
        math.inf,
        object(),
    ],
)
def test_what_stands_for_no_value_is_refused(data):
    with pytest.raises(UnreadableError):
        decode(data, (Colour,))


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.dates()
    | st.datetimes()
    | st.timedeltas()
    | st.decimals(allow_nan=False)
    | st.uuids(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner, max_size=3)
        | st.dictionaries(st.integers() | st.tuples(st.integers()), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(plain)
def test_any_plain_data_comes_back(value):
    found = there_and_back(value)
    assert found == value
    assert repr(found) == repr(value)


def test_every_value_comes_back_in_a_field(tmp_path):
    """Through the file, and through the journal."""

    def model():
        domain = Domain(name="Shelf")

        @domain.aggregate
        class Thing:
            held: Any = None
            colour: Colour | None = None

        return domain, Thing

    domain, thing = model()
    for number, value in enumerate([*VALUES, math.nan]):
        domain.repository_for(thing).add(thing(id=f"t-{number}", held=value, colour=Colour.RED))
    domain.save(tmp_path / "run.jsonl")
    other, thing = model()
    assert other.load(tmp_path / "run.jsonl").level == "fine"
    for number, value in enumerate(VALUES):
        found = other.repository_for(thing).get(f"t-{number}")
        assert found.held == value
        assert found.colour is Colour.RED
    assert math.isnan(other.repository_for(thing).get(f"t-{len(VALUES)}").held)
    assert [entry.kind for entry in other.journal] == [entry.kind for entry in domain.journal]


def test_identities_of_other_types_come_back(tmp_path):
    def model():
        domain = Domain(name="Shelf")
        from ddd_kit.fields import Integer

        @domain.aggregate
        class Thing:
            number = Integer(identifier=True)

        return domain, Thing

    domain, thing = model()
    domain.repository_for(thing).add(thing(number=7))
    domain.save(tmp_path / "run.jsonl")
    other, thing = model()
    other.load(tmp_path / "run.jsonl")
    assert other.repository_for(thing).get(7).number == 7
