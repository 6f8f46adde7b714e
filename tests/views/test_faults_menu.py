"""The menu of faults: what the next one is to strike, which there are, and how each goes off again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ddd_kit import Domain, handle
from ddd_kit.views.panes.broker import ANYTHING, CHANCES, COUNTS, Aim, menu, objection
from ddd_kit.views.panes.look import Look, turned
from live_reader import Element, read
from shops import seed


@pytest.fixture
def shop() -> SimpleNamespace:
    return seed(run=False)


def shown(domain: Domain, aim: Aim = ANYTHING) -> Element:
    return read(str(menu(domain, aim)).replace("<hr>", ""))


def chosen(found: Element) -> dict[str, str]:
    """By the label of each list of the aim, what is selected in it."""
    labels = [each for each in found if each.tag == "label" and each.all(act="aim")]
    return {
        label.all()[1].text: next(o.text for o in label if o.tag == "option" and "selected" in o.attrs)
        for label in labels
    }


def buttons(found: Element) -> list[str]:
    return [each.text for each in found.all(act="fault")]


def aimed(domain: Domain, *choices: str) -> Aim:
    look = Look()
    for choice in choices:
        look = turned(domain, look, "aim", choice) or look
    return look.aim


def test_a_fault_is_for_everything_at_first(shop: SimpleNamespace) -> None:
    found = shown(shop.domain)
    assert chosen(found) == {
        "event": "every event",
        "handler": "every handler",
        "how often": "always",
        "how many": "1",
    }
    assert buttons(found) == ["deliver twice", "drop", "out of order", "delay by 1", "fail once"]


def test_what_is_chosen_is_shown_and_said_by_the_buttons(shop: SimpleNamespace) -> None:
    choices = ("event OrderShipped", "handler ManageInventory", "chance 0.1", "count 3")
    found = shown(shop.domain, aimed(shop.domain, *choices))
    assert chosen(found) == {
        "event": "OrderShipped",
        "handler": "ManageInventory",
        "how often": "1 in 10",
        "how many": "3",
    }
    assert buttons(found)[-2:] == ["delay by 3", "fail the first 3 times"]
    assert not any("disabled" in each.attrs for each in found.all(act="fault"))


def test_every_choice_that_is_offered_can_be_made(shop: SimpleNamespace) -> None:
    offered = [
        o.attrs["value"] for each in shown(shop.domain).all(act="aim") for o in each if o.tag == "option"
    ]
    assert {f"chance {each}" for each in CHANCES} | {f"count {each}" for each in COUNTS} <= set(offered)
    for choice in offered:
        what, value = choice.split(" ")
        assert getattr(aimed(shop.domain, choice), what) == (value or None)


def test_every_event_can_be_chosen_again(shop: SimpleNamespace) -> None:
    assert (
        aimed(shop.domain, "event OrderShipped", "event ", "handler EmailNotifications", "handler ")
        == ANYTHING
    )


@pytest.mark.parametrize("choice", ["chance 2", "chance 0", "count 0", "count -1", "count x", "seed 3", ""])
def test_nothing_else_can_be_chosen(shop: SimpleNamespace, choice: str) -> None:
    with pytest.raises(ValueError, match="that cannot be chosen"):
        aimed(shop.domain, choice)


def test_a_handler_that_does_not_handle_the_event_is_told(shop: SimpleNamespace) -> None:
    """In words, with buttons that do nothing; and not any more when one of the two is chosen anew."""
    wrong = aimed(shop.domain, "event NotificationSent", "handler ManageInventory")
    found = shown(shop.domain, wrong)
    told = (
        "ManageInventory does not handle NotificationSent, but OrderShipped: choose another event or handler."
    )
    assert [each.text for each in found.all(role="status")] == [told]
    assert all("disabled" in each.attrs for each in found.all(act="fault"))
    assert objection(shop.domain, wrong.turned("event", "OrderShipped")) is None
    assert objection(shop.domain, wrong.turned("event", "")) is None


def test_an_event_that_nobody_handles_and_a_handler_of_nothing_are_told() -> None:
    domain = Domain(name="Quiet")

    @domain.aggregate
    class Order: ...

    @domain.event(part_of=Order)
    class Whispered: ...

    assert objection(domain, Aim(event="Whispered")) == "No handler handles Whispered: choose another event."

    @domain.event_handler(part_of=Order)
    class Deaf: ...

    assert objection(domain, Aim(handler="Deaf")) == "Deaf handles no event: choose another handler."

    @domain.event_handler(part_of=Order)
    class Nosy:
        @handle("$any")
        def hear(self, event: Any) -> None: ...

    assert objection(domain, Aim(event="Whispered")) is None
    assert objection(domain, Aim(event="Whispered", handler="Nosy")) is None


def test_what_is_not_part_of_the_model_any_more_is_not_chosen(shop: SimpleNamespace) -> None:
    aim = aimed(shop.domain, "event Gone", "handler Retired", "count 2")
    assert aim.within(shop.domain) == Aim(count="2")
    assert chosen(shown(shop.domain, aim))["event"] == "every event"
    kept = Aim(event="OrderShipped", handler="ManageInventory")
    assert kept.within(shop.domain) == kept


def test_what_is_on_is_told_with_a_way_to_switch_it_off(shop: SimpleNamespace) -> None:
    domain = shop.domain
    domain.faults.fail(2, "OrderShipped", chance=0.5)
    domain.faults.delay(3, handler="ManageInventory")
    domain.pause_on("NotificationSent")
    found = shown(domain)
    assert [(each.attrs["data-arg"], each.text, each.name) for each in found.all(look="ddd-off")] == [
        (arg, f"{words}  \N{MULTIPLICATION SIGN}", f"switch off: {words}")
        for arg, words in (
            ("1", "fails the first 2 times: OrderShipped → any handler, chance 0.5"),
            ("2", "delayed by 3 deliveries: any event → ManageInventory"),
            ("NotificationSent", "pauses on NotificationSent"),
        )
    ]
    assert next(each.text for each in found if each.tag == "summary") == "faults: 3 ▾"
    assert "ddd-off" not in str(menu(Domain(name="Quiet"), ANYTHING))


def test_an_event_that_pauses_already_is_not_offered_again(shop: SimpleNamespace) -> None:
    shop.domain.pause_on("OrderShipped")
    [pause] = shown(shop.domain).all(act="pause")
    assert [o.text for o in pause if o.tag == "option"] == ["choose an event", "NotificationSent"]


def test_names_that_look_like_markup_are_text() -> None:
    domain = Domain(name="Odd")
    name = "<img src=x>"
    domain.event(part_of="Order")(type(name, (), {}))
    found = shown(domain, Aim(event=name))
    assert chosen(found)["event"] == name
    assert f"No handler handles {name}" in found.text
