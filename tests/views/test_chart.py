"""A numeric field over the steps."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ddd_kit import Domain
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.fields import Float, Integer
from ddd_kit.journal.origin import origin
from shops import seed

mpl.use("agg")


@pytest.fixture(autouse=True)
def _no_figure_stays_open() -> object:
    yield
    plt.close("all")


@pytest.fixture
def ax() -> Axes:
    return Figure().subplots()


def stocked(count: int) -> Domain:
    """So many inventories, each changed once."""
    domain = Domain(name="Bookshop")

    @domain.aggregate
    class Inventory:
        in_stock = Integer(default=0)
        price = Float()
        note: Any = None

    for i in range(count):
        with origin(f"In [{i + 1}]"):
            inventory = Inventory(id=f"i-{i}")
            domain.repository_for(Inventory).add(inventory)
            inventory.in_stock = i
            domain.repository_for(Inventory).add(inventory)
    return domain


def values(ax: Axes, line: int = 0) -> list[float]:
    return [float(y) for y in ax.lines[line].get_ydata()]


def test_the_seeds_stock_goes_from_100_to_90(ax: Axes) -> None:
    shop = seed()
    shop.domain.chart(shop.Inventory, "in_stock", ax)
    assert values(ax) == [100, 90, 90]
    assert ax.lines[0].get_drawstyle() == "steps-post"


def test_its_x_are_the_steps_of_the_journal(ax: Axes) -> None:
    domain = seed().domain
    domain.chart("Inventory", "in_stock", ax)
    steps = [entry.step for entry in domain.journal.of(kind="changed", aggregate="Inventory")]
    assert list(ax.lines[0].get_xdata()) == [*steps, domain.journal.last_step]


def test_title_and_axes_are_labelled(ax: Axes) -> None:
    seed().domain.chart("Inventory", "in_stock", ax)
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == ("Inventory.in_stock", "step", "in_stock")


def test_the_cells_are_marked(ax: Axes) -> None:
    seed().domain.chart("Inventory", "in_stock", ax)
    assert [text.get_text() for text in ax.texts] == ["In [4]", "In [6]"]


def test_of_many_cells_only_as_many_are_named_as_there_is_room_for(ax: Axes) -> None:
    stocked(60).chart("Inventory", "in_stock", ax)
    places = [text.get_position()[0] for text in ax.texts]
    assert 5 < len(places) < 15
    assert min(b - a for a, b in pairwise(places)) > 5


def test_twelve_instances_are_named_and_the_rest_is_grey(ax: Axes) -> None:
    stocked(15).chart("Inventory", "in_stock", ax)
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == [*(f"i-{i}" for i in range(12)), "3 more"]


def test_a_removed_instance_ends_there(ax: Axes) -> None:
    shop = seed()
    shop.domain.repository_for(shop.Inventory).remove(shop.stock)
    shop.domain.chart("Inventory", "in_stock", ax)
    assert str(values(ax)[-1]) == "nan"


def test_a_field_without_a_value_leaves_a_gap(ax: Axes) -> None:
    stocked(1).chart("Inventory", "price", ax)
    assert {str(value) for value in values(ax)} == {"nan"}


def test_what_the_journal_has_folded_is_where_its_line_begins(ax: Axes) -> None:
    domain = stocked(1)
    domain.config["journal_limit"] = 5
    for _ in range(20):
        domain.repository_for("Inventory").add(domain.registry.elements["Inventory"].cls(in_stock=7))
    domain.chart("Inventory", "in_stock", ax)
    assert values(ax)[0] == 0
    assert ax.lines[0].get_xdata()[0] == domain.journal.first_step - 1


def test_before_anything_is_recorded_it_is_empty_and_says_so(ax: Axes) -> None:
    seed(run=False).domain.chart("Inventory", "in_stock", ax)
    assert [text.get_text() for text in ax.texts] == ["Nothing recorded yet"]
    assert ax.get_title() == "Inventory.in_stock"


def test_without_axes_it_makes_one_figure() -> None:
    seed().domain.chart("Inventory", "in_stock")
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize(
    ("aggregate", "field", "text"),
    [
        ("Inventry", "in_stock", "did you mean 'Inventory'"),
        ("Inventory", "in_stok", "did you mean 'in_stock'"),
        ("Inventory", "zzz", "Its numeric fields: in_stock"),
        ("Order", "status", "Order.status holds no numbers.* Its numeric fields: quantity, total_amount"),
        ("Notification", "sent", "It has no numeric field"),
        ("OrderShipped", "quantity", "is an event of Bookshop, not an aggregate"),
    ],
)
def test_a_wrong_name_is_refused_with_the_right_one(aggregate: str, field: str, text: str) -> None:
    with pytest.raises(IncorrectUsageError, match=text):
        seed().domain.chart(aggregate, field)


def test_a_field_of_any_type_that_holds_a_text_is_refused(ax: Axes) -> None:
    domain = stocked(1)
    domain.repository_for("Inventory").add(domain.registry.elements["Inventory"].cls(note="<script>"))
    with pytest.raises(IncorrectUsageError, match="holds <script>, which is no number"):
        domain.chart("Inventory", "note", ax)


def test_the_class_of_another_domain_is_refused() -> None:
    with pytest.raises(IncorrectUsageError, match="older Bookshop"):
        seed().domain.chart(seed().Inventory, "in_stock")
