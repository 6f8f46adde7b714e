"""The numbers of a field, and the lines that they make."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from ddd_kit import Domain
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.fields import Float, Integer, String
from ddd_kit.views.charts.line_paths import apart, band_path, step_path, thinned
from ddd_kit.views.charts.scale import Scale, around, texts, ticks
from ddd_kit.views.charts.series import NAMED, Line, Series, changed_last, drawable, numeric_fields, series
from journals import accounts, busy, made_busy


def balances(domain: Domain) -> Series:
    return series(domain, "Account", "balance")


def line(*values: float, first: int = 0) -> Line:
    made = Line()
    for step, value in enumerate(values, first):
        made.add(step, value)
    return made


def held(domain: Domain, identity: str) -> list[tuple[int, str]]:
    found = balances(domain).lines[identity]
    return [(step, f"{value:g}") for step, value in zip(found.steps, found.values, strict=True)]


# Reading


def test_each_instance_has_its_steps_and_values() -> None:
    domain = accounts({"a": [1, 2], "b": [5]})
    assert held(domain, "a") == [(2, "1"), (4, "2")]
    assert held(domain, "b") == [(3, "5")]
    assert [balances(domain).lines["a"].at(step) for step in (2, 3, 4, 9)] == [1, 1, 2, 2]
    assert math.isnan(balances(domain).lines["a"].at(1))


def test_what_has_no_value_and_what_was_removed_is_a_gap() -> None:
    assert held(accounts({"a": [1, None, 2, ...]}), "a") == [(2, "1"), (3, "nan"), (4, "2"), (5, "nan")]


def test_what_was_saved_before_the_field_was_there_is_a_gap() -> None:
    domain = accounts({"a": [1]})

    @domain.aggregate
    class Account:
        balance = Float()
        limit = Float()

    domain.repository_for(Account).add(Account(id="a-2", limit=5))
    assert [
        list(map(math.isnan, each.values)) for each in series(domain, "Account", "limit").lines.values()
    ] == [
        [True],
        [False],
    ]


def test_it_goes_on_where_it_was_and_reads_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    domain = made_busy(200)
    first = series(domain, "Stock", "left")
    before = {identity: len(found.steps) for identity, found in first.lines.items()}
    rows: list[Any] = []
    whole = Series.read
    monkeypatch.setattr(Series, "read", lambda me, step, new: rows.extend(new) or whole(me, step, new))
    domain.repository_for("Stock").add(domain.registry.elements["Stock"].cls(id="s-new"))
    again = series(domain, "Stock", "left")
    assert again is first
    assert len(rows) == 1
    assert {identity: len(found.steps) for identity, found in again.lines.items()} == {**before, "s-new": 1}


def test_an_interrupt_while_reading_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    domain = accounts({"a": [1, 2, 3]})
    whole = Series._add

    def interrupted(me: Series, identity: Any, step: int, *rest: Any) -> None:
        if step == 3:
            raise KeyboardInterrupt
        whole(me, identity, step, *rest)

    monkeypatch.setattr(Series, "_add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        balances(domain)
    monkeypatch.undo()
    assert held(domain, "a") == [(2, "1"), (3, "2"), (4, "3")]


def test_what_the_journal_has_folded_is_where_a_line_begins() -> None:
    domain = accounts({"a": list(range(60))}, limit=20)
    first = domain.journal.first_step
    assert held(domain, "a")[0] == (first - 1, str(first - 3))
    assert held(domain, "a")[-1] == (61, "59")


def test_a_series_follows_its_journal_when_older_entries_are_folded() -> None:
    domain = accounts({"a": [0]}, limit=20)
    account = domain.repository_for("Account").get("a")
    for balance in range(1, 70):
        account.balance = balance
        domain.repository_for("Account").add(account)
        assert balances(domain).lines["a"].values[-1] == balance
        assert balances(domain).lines["a"].steps[0] >= domain.journal.first_step - 1


def test_of_many_instances_the_range_of_the_others_is_known_at_each_step() -> None:
    random.seed(4)
    choices = [0, 1, 2.5, 7, 7, -3, None]
    histories = {f"a-{i}": [random.choice(choices) for _ in range(12)] for i in range(NAMED + 9)}
    histories["a-9"].append(...)
    found = balances(accounts(histories))
    assert list(found.named) == [f"a-{i}" for i in range(NAMED)]
    assert len(found.others) == 9
    for step in range(2, 220):
        values = [v for each in found.others.values() if not math.isnan(v := each.at(step))]
        least, most = found.lowest.at(step), found.highest.at(step)
        assert (least, most) == (min(values), max(values)) if values else math.isnan(least)


def test_a_range_is_noted_where_it_changes_only() -> None:
    found = balances(accounts({f"a-{i}": [5] * 30 for i in range(NAMED + 3)}))
    assert found.lowest.values == [5]


def test_the_extremes_and_whether_all_are_whole_are_known() -> None:
    found = balances(accounts({"a": [1, -2, None], "b": [7]}))
    assert (found.least, found.most, found.whole) == (-2, 7, True)
    assert not balances(accounts({"a": [1, 2.5]})).whole
    empty = balances(accounts({"a": [None]}))
    assert empty.least > empty.most


@pytest.mark.parametrize(
    ("value", "drawn"),
    [
        (90, 90.0),
        (Decimal("0.1"), 0.1),
        (True, math.nan),
        ("90", math.nan),
        (None, math.nan),
        (10**400, math.nan),
        (math.inf, math.nan),
        (Decimal("sNaN"), math.nan),
        (1e301, math.nan),
    ],
)
def test_what_no_chart_can_show_is_no_number(value: Any, drawn: float) -> None:
    assert drawable(value) == drawn or (math.isnan(drawn) and math.isnan(drawable(value)))


# Which fields


@pytest.fixture
def shelf() -> Domain:
    domain = Domain(name="Shelf")

    @domain.aggregate
    class Book:
        number = Integer(identifier=True)
        title = String()
        pages = Integer()
        price = Float()
        lent: bool = False
        note: Any = None
        weight: Decimal | None = None

    @domain.event(part_of=Book)
    class Lent:
        days = Integer()

    return domain


def test_all_fields_of_numbers_are_offered_but_identities(shelf: Domain) -> None:
    assert numeric_fields(shelf) == [("Book", "pages"), ("Book", "price"), ("Book", "weight")]


def test_what_changed_last_is_the_first_number_of_the_newest_change(shelf: Domain) -> None:
    offered = numeric_fields(shelf)
    assert changed_last(shelf.journal, offered) is None
    book = shelf.registry.elements["Book"].cls(number=1, title="A", price=3.5)
    shelf.repository_for("Book").add(book)
    assert changed_last(shelf.journal, offered) == ("Book", "price")
    book.title, book.pages = "B", 7
    shelf.repository_for("Book").add(book)
    assert changed_last(shelf.journal, offered) == ("Book", "pages")
    book.title = "C"
    shelf.repository_for("Book").add(book)
    assert changed_last(shelf.journal, offered) == ("Book", "pages")
    book.price = 9.5
    shelf.repository_for("Book").add(book)
    assert changed_last(shelf.journal, offered) == ("Book", "price")
    book.price = None
    shelf.repository_for("Book").add(book)
    shelf.repository_for("Book").remove(book)
    assert changed_last(shelf.journal, offered) == ("Book", "price")
    assert changed_last(shelf.journal, []) is None


def test_a_wrong_name_is_refused(shelf: Domain) -> None:
    with pytest.raises(IncorrectUsageError, match="did you mean 'pages'"):
        series(shelf, "Book", "page")
    with pytest.raises(IncorrectUsageError, match="holds no numbers"):
        series(shelf, "Book", "title")


# Thinning and paths


def test_a_short_line_is_drawn_whole() -> None:
    assert thinned(line(*range(30)), 0, 29, 10) == list(range(30))


def test_of_a_long_line_each_column_keeps_its_extremes_and_its_last() -> None:
    random.seed(2)
    long = line(*(random.gauss(0, 1) for _ in range(5000)))
    kept = thinned(long, 0, 5000, 100)
    assert len(kept) <= 300
    assert kept == sorted(set(kept))
    for column in range(100):
        values = long.values[column * 50 : column * 50 + 50]
        here = [long.values[i] for i in kept if column * 50 <= i < column * 50 + 50]
        assert {min(values), max(values)} <= set(here)
        assert here[-1] == values[-1]


def test_thinning_survives_gaps() -> None:
    """NaN is neither less nor more than anything, so that a plain minimum would depend on the order."""
    gaps = line(*([math.nan] * 500 + [math.nan, 2, 1, math.nan, 3] * 300 + [math.nan] * 500))
    kept = thinned(gaps, 0, 2500, 20)
    for column in range(4, 16):
        assert {1, 3} <= {gaps.values[i] for i in kept if column * 125 <= i < column * 125 + 125}
    assert kept[-1] == 2499


SCALE = Scale(0, 10, 0.0, 100.0)


def test_a_line_keeps_its_height_until_the_next_step() -> None:
    assert step_path(line(1, 3), [0, 1], SCALE, SCALE, 4) == "M0.0 10.0H10.0V30.0H40.0"


def test_a_line_has_gaps() -> None:
    gaps = line(1, math.nan, math.nan, 3, math.nan)
    assert step_path(gaps, range(5), SCALE, SCALE, 9) == "M0.0 10.0H10.0M30.0 30.0H40.0"


def test_a_range_is_an_area_with_gaps() -> None:
    low, high = line(1, math.nan, 2), line(3, math.nan, 4)
    assert band_path((low, high), 50, SCALE, SCALE, 4) == (
        "M0.0 30.0V30.0H10.0V10.0H0.0zM20.0 40.0V40.0H40.0V20.0H20.0z"
    )
    assert band_path((Line(), Line()), 50, SCALE, SCALE, 4) == ""


@pytest.mark.parametrize("count", [1, 2, 8, 30])
def test_texts_are_moved_apart_within_their_room(count: int) -> None:
    random.seed(count)
    wanted = [random.choice([0, 50, 51, 52, 100, 170]) for _ in range(count)]
    places = apart(wanted, 14, 0, 170)
    assert all(-1e-9 <= place <= 170 + 1e-9 for place in places)
    distances = [b - a for a, b in pairwise(sorted(places))]
    assert min(distances, default=14) >= min(14, 170 / max(1, count - 1)) - 1e-9
    order = sorted(range(count), key=lambda i: (wanted[i], i))
    assert order == sorted(range(count), key=lambda i: (places[i], i))


# Axes


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (90, 100), (0, 1), (-5, 5), (-1e300, 1e300), (1e-310, 2e-310), (5, 5), (0, 0), (-7, -7),
        (1e9, 1e9 + 4), (1e6, 3e6), (-3, -1), (1e300, 1e300), (0.1, 0.1000001), (1e15, 1e15 + 3),
        (12345678, 12345999), (1e-8, 5e-8), (-1e12, 3), (-1e-300, 1e-300),
    ],
)  # fmt: skip
def test_axes_are_round_readable_and_hold_all(low: float, high: float) -> None:
    bottom, top = around(low, high)
    assert bottom <= low <= high <= top
    assert bottom < top
    marks = ticks(bottom, top, 5)
    assert 1 <= len(marks) <= 7
    assert all(bottom - 1e-9 * abs(bottom) <= mark <= top + 1e-9 * abs(top) for mark in marks)
    told = texts(marks)
    assert len(set(told)) == len(told)
    assert max(map(len, told)) <= 14


def test_steps_are_whole() -> None:
    assert ticks(1, 2, 5, whole=True) == [1, 2]
    assert ticks(4, 4.4, 5, whole=True) == [4]


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ([0, 20_000, 40_000], ["0", "20,000", "40,000"]),
        ([2e6, 3e6], ["2M", "3M"]),
        ([1.5e9, 2e9], ["1.5B", "2.0B"]),
        ([-0.02, 0, 0.02], ["-0.02", "0", "0.02"]),
        ([1_000_000, 1_000_001], ["1,000,000", "1,000,001"]),
        ([1e-7, 2e-7], ["1e-07", "2e-07"]),
    ],
)
def test_numbers_of_an_axis_are_written_alike(marks: list[float], told: list[str]) -> None:
    assert texts(marks) == told


def test_a_long_journals_series_is_right() -> None:
    domain = busy(1000)
    found = series(domain, "Stock", "left")
    for identity, each in found.lines.items():
        state = domain.at(500).repository_for("Stock").get(identity)
        end = domain.journal.batch_end(500)
        assert each.values[bisect_right(each.steps, end) - 1] == state.left
