"""The map is calm: nothing is said twice, only arrows look like arrows, no card has empty room."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ddd_kit import Domain, handle, invariant
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import Identifier, Integer
from ddd_kit.views.mapping import arrange, signs
from ddd_kit.views.mapping.live_map import live_map
from ddd_kit.views.mapping.map import domain_map
from ddd_kit.views.mapping.sketch import Node, Sketch, sketch

SVG = "{http://www.w3.org/2000/svg}"


def heard_by(handlers: int, *, late: bool = False) -> Domain:
    """An event, raised twice, that several handlers hear; the last of them only once where it came late."""
    domain = Domain(name="Bookshop", seed=1)

    @domain.aggregate
    class Order:
        copies = Integer(default=1)

    @domain.event(part_of=Order)
    class OrderPaid:
        copies = Integer()

    @domain.event(part_of=Order)
    class SomethingElseWithALongName:
        """It makes the column wide, so that there is room before the arrows part."""

    def hear(number: int) -> None:
        @handle(OrderPaid)
        def on_paid(self: Any, event: Any) -> None: ...

        name = f"Handler{number}"
        domain.event_handler(part_of=Order)(type(name, (), {"on_paid": on_paid, "__module__": __name__}))

    def pay() -> None:
        order = Order()
        order.raise_(OrderPaid(copies=1))
        domain.repository_for(Order).add(order)

    for number in range(handlers - late):
        hear(number)
    pay()
    if late:
        hear(handlers - 1)
    pay()
    return domain


def counts(drawn: Sketch) -> list[tuple[str, int]]:
    """The targets and counts that stand beside arrows to handlers."""
    return [(a.target, a.count) for a in drawn.arrows if a.source == "OrderPaid" and a.label and a.count]


def test_several_that_heard_an_event_equally_often_say_so_once() -> None:
    (told,) = counts(sketch(heard_by(3)))
    assert told[1] == 2
    assert all("2 times" in a.title for a in sketch(heard_by(3)).arrows if a.source == "OrderPaid")


def test_one_that_heard_it_less_often_says_so_itself() -> None:
    told = counts(sketch(heard_by(3, late=True)))
    assert sorted(count for _, count in told) == [1, 2]
    assert ("Handler2", 1) in told


def test_what_is_said_once_stands_before_the_arrows_part() -> None:
    drawn = sketch(heard_by(3))
    (label,) = [a.label for a in drawn.arrows if a.source == "OrderPaid" and a.label]
    ends = [a.pieces[0][-1][0] for a in drawn.arrows if a.source == "OrderPaid"]
    assert label.right <= min(ends) + 1


def test_of_a_step_one_on_its_path_says_it() -> None:
    domain = heard_by(3)
    drawn = sketch(domain, domain.journal.last_step)
    (said,) = [a for a in drawn.arrows if a.source == "OrderPaid" and a.label and a.count]
    assert said.state == "on"


# Cards


@pytest.fixture
def refusing() -> SimpleNamespace:
    """An order that refused twice, for a reason that needs several lines."""
    domain = Domain(name="Bookshop", seed=1)

    @domain.aggregate
    class Order:
        copies = Integer(default=1)

        @invariant.post
        def few(self) -> None:
            if self.copies > 10:
                raise ValidationError(
                    {"copies": ["must not be more than ten, as nobody can carry more than that."]}
                )

    for _ in range(2):
        with pytest.raises(ValidationError):
            Order(copies=11)
    refused = domain.journal.last_step
    domain.repository_for(Order).add(Order())
    return SimpleNamespace(domain=domain, refused=refused)


def order_of(drawn: Sketch) -> Node:
    return next(node for node in drawn.nodes if node.card.name == "Order" and not node.again)


def test_a_card_is_as_high_as_what_is_on_it_and_stays_where_it_is(refusing: SimpleNamespace) -> None:
    now, then = order_of(sketch(refusing.domain)), order_of(sketch(refusing.domain, refusing.refused))
    assert now.card.status == ("rejected 2\N{MULTIPLICATION SIGN}",)
    assert len(then.card.status) == 3
    assert now.box == then.box, "arrows lead to the same place"
    assert now.shown.height < then.shown.height == then.box.height
    assert now.shown.middle == now.box.middle
    assert now.shown.height == now.card.tight


def test_the_map_of_the_saved_page_has_room_for_every_step(refusing: SimpleNamespace) -> None:
    def height(svg: str) -> float:
        (card,) = (each for each in ET.fromstring(svg).iter("rect") if each.get("class") == "card")
        return float(card.get("height", 0))

    tight, full = (height(live_map(refusing.domain, roomy=roomy)) for roomy in (False, True))
    assert tight < full == order_of(sketch(refusing.domain)).box.height


def test_the_line_above_a_reason_does_not_reach_the_sides_where_arrows_end(refusing: SimpleNamespace) -> None:
    svg = ET.fromstring(domain_map(refusing.domain).svg)
    (rule,) = (each for each in svg.iter(f"{SVG}path") if each.get("class") == "rule")
    begin, end = rule.get("d", "").removeprefix("M").split("H")
    assert float(begin.split()[0]) > 5
    assert float(end) < order_of(sketch(refusing.domain)).box.width - 5


def test_a_reason_that_ends_with_a_full_stop_gets_no_second_one(refusing: SimpleNamespace) -> None:
    alt = domain_map(refusing.domain, refusing.refused).alt
    assert "nobody can carry more than that." in alt, "in full"
    assert ".." not in alt


# Places and signs


def test_a_domain_service_stands_with_what_uses_it_and_not_where_lines_pass() -> None:
    assert arrange.COLUMNS["domain service"] == arrange.COLUMNS["command"]
    assert "domain service" not in [kind for kind, column in arrange.COLUMNS.items() if column == 1]


def test_signs_on_the_map_are_those_of_the_journal() -> None:
    """Where a kind's character is an outline, the drawn sign is one; a projection has lines across."""
    assert {"projector", "projection", "application service"} <= signs.OUTLINED
    assert not {"aggregate", "event", "command", "process manager", "event handler"} & signs.OUTLINED
    assert len(signs.bars("projection", 0, 0)) == 2
    domain = Domain(name="Bookshop")

    @domain.projection
    class OrderList:
        order_id = Identifier(identifier=True)

    svg = ET.fromstring(domain_map(domain).svg)
    (node,) = (each for each in svg.iter(f"{SVG}g") if each.get("data-element") == "OrderList")
    sign = next(each for each in node.iter() if each.get("class") == "sign")
    assert sign.get("fill-opacity") == "0"
    assert sign.get("d", "").count("M") == 3
