"""What is shown after a click."""

from __future__ import annotations

import pytest

from ddd_kit import Domain, handle
from ddd_kit.views.panes.look import Look, followed, turned


@pytest.fixture
def shop() -> Domain:
    """Steps 1 to 3 define; 4 adds an order; 5 and 6 ship it; 7 passes a handler over; 8 defines."""
    domain = Domain(name="Bookshop", seed=7)

    @domain.aggregate
    class Order:
        quantity: int = 1

        def ship(self) -> None:
            self.raise_(OrderShipped())  # type: ignore[attr-defined]

    @domain.event(part_of=Order)
    class OrderShipped: ...

    @domain.event_handler(part_of=Order, source_stream="manage_order")
    class Notify:
        @handle(OrderShipped)
        def tell(self, event: object) -> None: ...

    orders = domain.repository_for(Order)
    order = orders.add(Order())
    order.ship()
    orders.add(order)

    @domain.aggregate
    class Later: ...

    return domain


def steps(domain: Domain) -> list[str]:
    return [f"{entry.step} {entry.kind}" for entry in domain.journal]


def test_the_newest_step_but_definitions_is_followed(shop: Domain) -> None:
    assert steps(shop)[3:] == ["4 changed", "5 changed", "6 event", "7 skipped", "8 defined"]
    assert followed(shop, Look()).step == 7
    assert followed(shop, Look(step=4, live=False)).step == 4


@pytest.mark.parametrize(
    ("step", "go", "arrived"),
    [
        (7, "back", 6),
        (4, "back", 4),
        (6, "forward", 7),
        (7, "forward", 7),
        (2, "forward", 4),
        (0, "forward", 4),
        (8, "back", 7),
        (5, "first", 4),
        (5, "last", 7),
    ],
)
def test_going_leaves_definitions_out(shop: Domain, step: int, go: str, arrived: int) -> None:
    look = turned(shop, Look(step=step, live=False), "go", go)
    assert look is not None
    assert look.step == arrived


def test_who_goes_back_does_not_follow_any_more_and_at_the_end_follows_again(shop: Domain) -> None:
    back = turned(shop, Look(step=7), "go", "back")
    assert back is not None
    assert not back.live
    end = turned(shop, back, "go", "last")
    assert end is not None
    assert end.live


@pytest.mark.parametrize(("arg", "step"), [("-5", 0), ("0", 0), ("6", 6), ("999", 8)])
def test_a_step_that_there_is_not_becomes_the_nearest(shop: Domain, arg: str, step: int) -> None:
    look = turned(shop, Look(), "step", arg)
    assert look is not None
    assert look.step == step


def test_an_element_narrows_down_and_again_does_not(shop: Domain) -> None:
    once = turned(shop, Look(step=6), "element", "Order")
    assert once is not None
    assert once.element == "Order"
    twice = turned(shop, once, "element", "Order")
    assert twice is not None
    assert twice.element is None


def test_a_handler_that_was_passed_over_is_asked_why(shop: Domain) -> None:
    look = turned(shop, Look(step=7), "element", "Notify")
    assert look is not None
    assert (look.right, look.question) == ("why", ("edge", "OrderShipped Notify"))


def test_a_handler_with_nothing_to_explain_is_not(shop: Domain) -> None:
    look = turned(shop, Look(step=4), "element", "Notify")
    assert look is not None
    assert (look.right, look.question) == ("changes", None)


def test_a_question_opens_the_answer(shop: Domain) -> None:
    look = turned(shop, Look(), "why", "5 quantity")
    assert look is not None
    assert (look.right, look.question) == ("why", ("why", "5 quantity"))


def test_pages_are_kept_by_list_and_given_up_where_they_mean_nothing_any_more(shop: Domain) -> None:
    look = turned(shop, Look(step=7), "page", "streams order 2")
    assert look is not None
    assert dict(look.pages) == {"streams order": "2"}
    look = turned(shop, look, "page", "journal 1")
    assert look is not None
    look = turned(shop, look, "go", "back")
    assert look is not None
    assert dict(look.pages) == {"streams order": "2"}
    look = turned(shop, look, "clear", "")
    assert look is not None
    assert dict(look.pages) == {}


@pytest.mark.parametrize(("act", "arg"), [("left", "x"), ("right", "map"), ("go", "up"), ("step", "two")])
def test_nonsense_is_refused(shop: Domain, act: str, arg: str) -> None:
    with pytest.raises(ValueError, match=arg):
        turned(shop, Look(), act, arg)


def test_an_act_that_shows_nothing_else_is_not_its_business(shop: Domain) -> None:
    assert turned(shop, Look(), "deliver", "0") is None
