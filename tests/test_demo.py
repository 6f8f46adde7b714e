"""The bookshop of `ddd_kit.demo()`: what a class sees in its first minute has to be so each time."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import ddd_kit
from ddd_kit import Domain
from ddd_kit.notebook import live
from ddd_kit.notebook.widgets.workbench import Workbench

OpenDemo = Callable[[], Workbench]


@pytest.fixture
def open_demo() -> Iterator[OpenDemo]:
    """Opens demos, and closes them after the test."""
    opened: list[Workbench] = []

    def demo() -> Workbench:
        opened.append(ddd_kit.demo())
        return opened[-1]

    yield demo
    for workbench in opened:
        workbench.close()


@pytest.fixture
def shop(open_demo: OpenDemo) -> Any:
    return open_demo().domain


def stock(shop: Domain) -> int:
    return shop.repository_for("Inventory").query.first.in_stock


def all_of(shop: Domain, aggregate: str) -> list[Any]:
    return list(shop.repository_for(aggregate).query.all())


def waiting_order(shop: Domain) -> Any:
    [order] = [order for order in all_of(shop, "Order") if order.status == "PENDING"]
    return order


def ship_by_plain_code(shop: Domain) -> None:
    order = waiting_order(shop)
    order.ship_order()
    shop.repository_for("Order").add(order)


def ship_by_command(shop: Domain) -> None:
    ship_order = shop.registry.elements["ShipOrder"].cls
    shop.process(ship_order(order_id=waiting_order(shop).id))


def without_durations(text: str) -> str:
    return re.sub(r"[\d.]+ ms", "... ms", text)


def test_four_things_have_happened(shop: Domain) -> None:
    labels = [entry.cell for entry in shop.journal if entry.kind != "defined"]
    assert list(dict.fromkeys(labels)) == ["demo 1", "demo 2", "demo 3", "demo 4"]


def test_the_stock_went_from_105_to_100_to_90(shop: Domain) -> None:
    changes = shop.journal.of(kind="changed", aggregate="Inventory")
    assert [(entry.cell, entry.state["in_stock"]) for entry in changes] == [
        ("demo 1", 105),
        ("demo 3", 100),
        ("demo 4", 90),
    ]
    assert stock(shop) == 90


def test_one_order_waits_and_it_is_for_all_that_is_left(shop: Domain) -> None:
    assert waiting_order(shop).quantity == stock(shop) == 90
    assert sorted(order.quantity for order in all_of(shop, "Order")) == [5, 10, 90]


def test_only_the_order_that_a_command_shipped_led_to_a_mail(shop: Domain) -> None:
    [mail] = all_of(shop, "Notification")
    assert shop.repository_for("Order").get(mail.order_id).quantity == 5
    why_not = shop.why_not("EmailNotifications")
    assert "source_stream is `manage_order`, and the event came from plain code" in why_not.sentence


@pytest.mark.parametrize(("ship", "mails"), [(ship_by_plain_code, 1), (ship_by_command, 2)])
def test_shipping_the_order_that_waits_empties_the_shelf_and_orders_from_the_publisher(
    shop: Domain, ship: Callable[[Domain], None], mails: int
) -> None:
    assert all_of(shop, "PurchaseOrder") == []
    ship(shop)
    assert stock(shop) == 0
    assert [(order.book_id, order.quantity) for order in all_of(shop, "PurchaseOrder")] == [("1", 100)]
    assert len(all_of(shop, "Notification")) == mails


def test_it_is_the_same_from_run_to_run(open_demo: OpenDemo) -> None:
    """Identities and times too, also after the next step."""
    texts = []
    for _ in range(2):
        workbench = open_demo()
        ship_by_plain_code(workbench.domain)
        times = [entry.time for entry in workbench.domain.journal]
        texts.append((without_durations(workbench.to_text()), times))
    assert texts[0] == texts[1]


def test_two_of_them_do_not_know_each_other(open_demo: OpenDemo) -> None:
    first, second = open_demo().domain, open_demo().domain
    ship_by_command(first)
    assert (stock(first), stock(second)) == (0, 90)
    ship_by_plain_code(second)
    assert (len(all_of(first, "Notification")), len(all_of(second, "Notification"))) == (2, 1)


def test_nothing_is_shown_until_somebody_asks(
    open_demo: OpenDemo, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script gets the same bookshop, and the words."""
    workbench = open_demo()
    assert capsys.readouterr() == ("", "")
    assert "made ManageInventory take Inventory" in workbench.to_text()
    workbench.close()
    assert all(each is not workbench for each in live.watched())
    assert stock(workbench.domain) == 90


def test_its_source_is_the_whole_model(shop: Domain) -> None:
    """`ddd_kit.demo??` is how people look at it."""
    source = inspect.getsource(ddd_kit.demo)
    assert [name for name in shop.registry.elements if f"class {name}:" not in source] == []
