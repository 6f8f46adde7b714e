"""`domain.processes(...)` alone in a cell."""

import pytest

from ddd_kit import Domain, handle
from ddd_kit.views.panes.processes import MOST_HEARD, NEWEST, processes


@pytest.fixture
def shop():
    domain = Domain(name="Bookshop")

    @domain.aggregate
    class Order:
        def say(self, event):
            self.raise_(event(order_id=self.id))

    @domain.event(part_of=Order)
    class OrderPlaced:
        order_id: str

    @domain.event(part_of=Order)
    class OrderPaid:
        order_id: str

    @domain.event(part_of=Order)
    class OrderShipped:
        order_id: str

    @domain.process_manager(aggregates=[Order])
    class Fulfilment:
        note: str = "<b>new</b>"

        @handle(OrderPlaced, start=True, correlate="order_id")
        def placed(self, event):
            self.note = f"<i>{event.order_id}</i>"

        @handle(OrderPaid, correlate="order_id")
        def paid(self, event):
            if event.order_id == "o-3":
                raise ValueError("<no> money")

        @handle(OrderShipped, correlate="order_id", end=True)
        def shipped(self, event): ...

    def told(identity, *events):
        repository = domain.repository_for(Order)
        order = repository.get_or_none(identity) or Order(id=identity)
        for event in events:
            order.say(event)
        repository.add(order)

    domain.told = told
    domain.events = OrderPlaced, OrderPaid, OrderShipped
    return domain


def test_each_process_says_what_it_heard_waits_for_and_holds(shop):
    placed, paid, shipped = shop.events
    shop.told("o-1", placed)
    shop.told("o-2", placed, paid, shipped)
    html = str(processes(shop.processes("Fulfilment")))
    assert "2 processes, 1 complete" in html
    first, second = html.split("<tbody>")[1].split("</tr>")[:2]
    assert ">o-1<" in first
    assert first.index("OrderPlaced") < first.index("OrderPaid") < first.index("OrderShipped")
    assert "complete" in second
    assert "complete" not in first


def test_values_and_errors_are_text(shop):
    placed, paid, _ = shop.events
    shop.told("o-3", placed)
    with pytest.raises(ValueError, match="money"):
        shop.told("o-3", paid)
    html = str(processes(shop.processes("Fulfilment")))
    assert "failed: ValueError: &lt;no&gt; money" in html
    assert "<i>" not in html
    assert "&lt;i&gt;o-3&lt;/i&gt;" in html


def test_none_and_many(shop):
    assert "No process has begun." in str(processes(shop.processes("Fulfilment")))
    placed, paid, _ = shop.events
    for number in range(NEWEST + 2):
        shop.told(f"p-{number}", placed)
    shop.told("p-51", *[paid] * MOST_HEARD)
    html = str(processes(shop.processes("Fulfilment")))
    assert "2 earlier processes" in html
    assert "… 1 before" in html
    assert html.count('scope="row"') == NEWEST
