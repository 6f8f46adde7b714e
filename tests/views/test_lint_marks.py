"""What the lint has to say, as a small sign on the map."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ddd_kit import Domain, handle
from ddd_kit.views import lint
from ddd_kit.views.lint import remarks
from ddd_kit.views.mapping.live_map import live_map
from ddd_kit.views.mapping.map_svg import svgs
from ddd_kit.views.mapping.sketch import sketch
from ddd_kit.views.page.page import page
from every_kind import every_kind


def desk(*, handled: bool = False) -> SimpleNamespace:
    """A model with an event nobody handles, and perhaps a command nobody handles."""
    domain = Domain(name="Desk")

    @domain.aggregate
    class Order:
        def place(self) -> None:
            self.raise_(OrderPlaced())

    @domain.event(part_of=Order)
    class OrderPlaced: ...

    @domain.command(part_of=Order)
    class PlaceOrder: ...

    if handled:

        @domain.command_handler(part_of=Order)
        class Desk:
            @handle(PlaceOrder)
            def place(self, command: Any) -> None: ...

        @domain.event_handler(part_of=Order)
        class Mail:
            @handle(OrderPlaced)
            def write(self, event: Any) -> None: ...

    return SimpleNamespace(domain=domain, Order=Order)


def test_an_element_with_a_finding_is_marked_with_what_to_do() -> None:
    shown = svgs(sketch(desk().domain))[0]
    assert shown.count('class="remark') == 2
    assert "<title>Nobody handles PlaceOrder.\nWhat to do: Write a method with @handle" in shown


def test_an_event_nobody_handles_is_marked_more_faintly() -> None:
    cards = {node.card.name: node.card for node in sketch(desk().domain).nodes}
    assert cards["OrderPlaced"].faint
    assert not cards["PlaceOrder"].faint
    assert cards["Order"].remark == ""


def test_who_hears_the_map_hears_of_it() -> None:
    assert "nobody handles it, Nobody handles PlaceOrder." in live_map(desk().domain)


@pytest.mark.parametrize("shop", [lambda: desk(handled=True), every_kind], ids=["desk", "every kind"])
def test_a_model_without_findings_looks_as_before(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    domain = shop().domain
    before = svgs(sketch(domain)), live_map(domain)
    assert "remark" not in "".join((*before[0], before[1]))
    again = shop().domain
    monkeypatch.setattr("ddd_kit.views.mapping.sketch.remarks", lambda _: {})
    assert (svgs(sketch(again))[0] == before[0][0]) or shop is every_kind  # durations differ


def test_the_mark_takes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    marked = [(node.card.name, node.box) for node in sketch(desk().domain).nodes]
    monkeypatch.setattr("ddd_kit.views.mapping.sketch.remarks", lambda _: {})
    assert [(node.card.name, node.box) for node in sketch(desk().domain).nodes] == marked


def test_the_code_is_read_once_for_each_state_of_the_definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    domain, asked = desk().domain, []
    found = lint.findings
    monkeypatch.setattr(lint, "findings", lambda engine, **how: asked.append(1) or found(engine, **how))
    for step in (None, 1, 2, 3, None):
        live_map(domain, step)
    assert len(asked) == 1

    @domain.command(part_of="Order")
    class ShipOrder: ...

    assert "ShipOrder" in remarks(domain)
    assert len(asked) == 2


def test_a_mark_goes_when_the_handler_comes() -> None:
    domain = desk().domain
    assert "PlaceOrder" in remarks(domain)

    @domain.command_handler(part_of="Order")
    class Desk:
        @handle("PlaceOrder")
        def place(self, command: Any) -> None: ...

    assert "PlaceOrder" not in remarks(domain)


def test_an_event_that_was_raised_by_a_cell_is_not_said_to_be_raised_by_nobody() -> None:
    domain = Domain(name="Desk")

    @domain.aggregate
    class Order: ...

    @domain.event(part_of=Order)
    class OrderPlaced: ...

    assert "Nobody raises OrderPlaced" in remarks(domain)["OrderPlaced"].text
    order = Order()
    order.raise_(OrderPlaced())
    domain.repository_for(Order).add(order)
    assert "Nobody raises OrderPlaced" not in remarks(domain)["OrderPlaced"].text


def test_matplotlib_draws_the_mark_and_the_page_has_it() -> None:
    import datetime as dt

    from matplotlib.figure import Figure
    from matplotlib.patches import Circle

    domain = desk().domain
    axes = domain.draw(Figure().subplots())
    circles = [patch for patch in axes.patches + axes.artists if isinstance(patch, Circle)]
    assert sum(circle.get_radius() > 4 for circle in circles) == 2
    assert "Nobody handles PlaceOrder." in page(domain, dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
