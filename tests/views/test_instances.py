"""The State tab, and `domain.state()`: the instances as they stood after a step."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from ddd_kit import Domain, UnitOfWork
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.origin import origin
from ddd_kit.views.links import linked
from ddd_kit.views.panes import instances as view
from markup_reader import PAYLOADS, Reader, assert_harmless, text_of
from shops import LONG, long_names, seed
from warehouse import commanded, step_of, stocked


def lines(domain: Domain, step: int | None = None, **options: Any) -> list[str]:
    shown = domain.journal.last_step if step is None else step
    said = text_of(str(view.instances(domain, shown, **options)))
    return [re.sub(r"^\s*\| ", "", line) for line in said.splitlines()]


def acts(domain: Domain, step: int | None = None, **options: Any) -> list[tuple[str, str, str]]:
    """What can be clicked: act, argument and text."""
    shown = domain.journal.last_step if step is None else step
    html = str(view.instances(domain, shown, link=linked, **options))
    found = re.findall(r'<button[^>]*data-act="(\w+)" data-arg="([^"]*)"[^>]*>(.*?)</button>', html)
    return [(act, arg, re.sub(r"<[^>]*>", "", text)) for act, arg, text in found]


def filled(count: int) -> Any:
    """A shop with so many orders beside its first, and its inventory."""
    shop = stocked()
    orders = shop.domain.repository_for(shop.Order)
    for number in range(count):
        orders.add(shop.Order(id=f"x-{number}", quantity=number + 1))
    return shop


# As they stood


def test_each_instance_has_a_card_with_what_its_unit_of_work_changed_marked() -> None:
    shop = seed()
    domain = shop.domain
    order, inventory = shop.order.id[:8], shop.inventory.id[:8]
    assert lines(domain) == [
        "2 instances",
        "■ Order 1 instance",
        f"■ Order {order} version 1",
        *("book_id | '1'", "quantity | 10", "total_amount | 100.0", "status | SHIPPED"),
        "■ Inventory 1 instance",
        f"■ Inventory {inventory} version 0 → 1",
        *("book_id | '1'", "in_stock | 100 → 90"),
    ]
    html = str(view.instances(domain, domain.journal.last_step))
    assert html.count('class="ddd-card ddd-new"') == 1
    assert html.count('<tr class="ddd-new">') == 1
    assert "→ <b><bdi>90</bdi></b>" in html


def test_going_back_shows_what_was_there_then() -> None:
    domain = seed().domain
    assert lines(domain, 0) == ["Nothing has happened yet."]
    assert lines(domain, 1) == ["Nothing is stored at this step."]
    assert "in_stock | 100" in lines(domain, step_of(domain, "changed", 1))
    assert lines(domain, step_of(domain, "changed", 0))[2].endswith(" new, version 0")


def test_the_whole_unit_of_work_of_a_step_counts() -> None:
    """What a step did last is shown at its first entry already."""
    shop = stocked()
    with UnitOfWork():
        shop.order.note = "one"
        shop.domain.repository_for(shop.Order).add(shop.order)
        shop.domain.repository_for(shop.Inventory).add(shop.Inventory(id="i-2", in_stock=1))
    first = step_of(shop.domain, "changed", id="o-1")
    assert "■ Inventory i-2 new, version 0" in lines(shop.domain, first)
    assert "note | None → one" in lines(shop.domain, first)
    assert "■ Inventory i-2 new, version 0" not in lines(shop.domain, first - 1)


def test_what_a_unit_of_work_changed_comes_first_and_then_the_newest() -> None:
    shop = filled(3)
    orders = shop.domain.repository_for(shop.Order)
    orders.add(shop.Order(id="z-9"))
    order = orders.get("x-1")
    order.paid = True
    orders.add(order)
    cards = [
        line.split()[2] for line in lines(shop.domain) if line.startswith("■ Order ") and "version" in line
    ]
    assert cards == ["x-1", "z-9", "x-2", "x-0", "o-1"]


def test_aggregates_stand_in_order_of_their_definition() -> None:
    shop = commanded()
    heads = [line for line in lines(shop.domain) if line.endswith(("instance", "instances"))]
    assert heads == ["4 instances", "■ Order 2 instances", "■ Inventory 1 instance", "■ Purchase 1 instance"]


def test_what_was_removed_is_told_at_the_step_that_did() -> None:
    shop = stocked()
    shop.domain.repository_for(shop.Order).remove(shop.order)
    assert lines(shop.domain)[:3] == ["1 instance", "removed: ■ Order o-1", "■ Inventory 1 instance"]
    shop.domain.repository_for(shop.Inventory).add(shop.Inventory(id="i-2", in_stock=1))
    assert "removed" not in " ".join(lines(shop.domain))


def test_the_last_one_that_is_removed_is_told_too() -> None:
    shop = stocked()
    for name, key in (("Order", "o-1"), ("Inventory", "i-1")):
        repository = shop.domain.repository_for(name)
        repository.remove(repository.get(key))
    assert lines(shop.domain) == ["0 instances", "removed: ■ Inventory i-1"]


# Narrowed down


@pytest.mark.parametrize("element", ["Inventory", "StockLow", "ManageInventory"])
def test_an_element_shows_the_aggregate_that_it_is_or_is_part_of(element: str) -> None:
    shop = commanded()
    assert lines(shop.domain, element=element)[:2] == ["1 instance", "■ Inventory 1 instance"]
    assert "Order" not in " ".join(lines(shop.domain, element=element))


def test_an_aggregate_without_instances_is_told() -> None:
    shop = stocked()
    assert lines(shop.domain, element="Buyer") == ["There is no Purchase at this step."]
    assert lines(shop.domain, element="Nobody") == ["There is no Nobody at this step."]


def test_instances_of_a_retired_and_of_a_forgotten_aggregate_are_still_there() -> None:
    shop = stocked()
    shop.domain.retire("Order")
    assert "■ Order o-1 version 0" in lines(shop.domain)
    assert lines(shop.domain, element="Order")[0] == "1 instance"
    shop.domain.forget("Inventory")
    assert "■ Inventory i-1 version 0" in lines(shop.domain)
    assert lines(shop.domain, element="Inventory")[0] == "1 instance"


# Many


def test_of_many_twenty_are_shown_at_a_time() -> None:
    shop = filled(500)
    cards = [line for line in lines(shop.domain) if line.startswith("■") and "version" in line]
    assert len(cards) == 20
    assert lines(shop.domain)[0] == "1 to 20 of 502 instances"
    assert [each for each in acts(shop.domain) if each[0] == "page"] == [("page", "state 1", "20 more")]
    assert [each for each in acts(shop.domain, page=1) if each[0] == "page"] == [
        ("page", "state 0", "back 20"),
        ("page", "state 2", "20 more"),
    ]
    assert lines(shop.domain, page=1)[0] == "21 to 40 of 502 instances"
    assert "■ Order x-480 version 0" in lines(shop.domain, page=0)
    assert "■ Order x-479 version 0" in lines(shop.domain, page=1)


def test_the_last_page_and_those_beyond_it_end_with_the_oldest() -> None:
    shop = filled(30)
    assert [each for each in acts(shop.domain) if each[0] == "page"] == [("page", "state 1", "12 more")]
    assert lines(shop.domain, page=1) == lines(shop.domain, page=99)
    assert "■ Order o-1 version 0" in lines(shop.domain, page=99)
    assert "■ Inventory i-1 version 0" in lines(shop.domain, page=99)
    assert lines(shop.domain, page=-3) == lines(shop.domain)


def test_a_last_page_that_is_full_leads_no_further() -> None:
    shop = filled(38)
    assert [each for each in acts(shop.domain, page=1) if each[0] == "page"] == [
        ("page", "state 0", "back 20")
    ]


def test_what_changed_is_on_the_first_page_though_many_others_come_before_it() -> None:
    shop = filled(30)
    inventory = shop.domain.repository_for(shop.Inventory).get("i-1")
    inventory.in_stock = 1
    shop.domain.repository_for(shop.Inventory).add(inventory)
    assert "in_stock | 100 → 1" in lines(shop.domain)


def test_five_hundred_instances_cost_no_more_than_twenty() -> None:
    def cost(shop: Any) -> float:
        def once() -> float:
            started = time.perf_counter()
            str(view.instances(shop.domain, shop.domain.journal.last_step, link=linked))
            return time.perf_counter() - started

        return min(once() for _ in range(7))

    few, many = filled(20), filled(500)
    assert cost(many) < cost(few) * 2 + 0.002
    assert len(str(view.instances(many.domain, many.domain.journal.last_step, link=linked))) < 30_000


def test_a_card_shows_the_first_fields_the_changed_ones_among_them() -> None:
    domain = Domain(name="Wide")
    names = {f"field_{n}": n for n in range(40)}
    Wide = domain.aggregate(type("Wide", (), names | {"__annotations__": dict.fromkeys(names, int)}))  # noqa: N806
    wide = domain.repository_for(Wide).add(Wide(id="w-1"))
    wide.field_39 = 0
    domain.repository_for(Wide).add(wide)
    said = lines(domain)
    assert said[2:5] == ["■ Wide w-1 version 0 → 1", "field_39 | 39 → 0", "field_0 | 0"]
    assert len(said) == 3 + view.FIELDS + 1
    assert said[-1] == "… | 32 more fields"
    assert "field_38 38" in str(domain.state())
    assert "field_38" in domain.state().html


# Links


def test_each_value_asks_why_at_the_step_that_saved_it() -> None:
    shop = stocked()
    order = step_of(shop.domain, "changed", aggregate="Order")
    inventory = step_of(shop.domain, "changed", aggregate="Inventory")
    assert acts(shop.domain) == [
        ("why", f"{order} quantity", "10"),
        ("why", f"{order} status", "PENDING"),
        ("why", f"{order} note", "None"),
        ("why", f"{order} paid", "False"),
        ("why", f"{inventory} in_stock", "100"),
        ("why", f"{inventory} price", "1.5"),
    ]
    assert 'aria-label="why is in_stock 100?"' in str(
        view.instances(shop.domain, shop.domain.journal.last_step, link=linked)
    )


def test_a_value_whose_saving_was_folded_asks_nothing() -> None:
    shop = stocked(journal_limit=5)
    for number in range(20):
        shop.domain.repository_for(shop.Order).add(shop.Order(id=f"x-{number}"))
    assert "in_stock | 100" in lines(shop.domain, element="Inventory")
    assert not acts(shop.domain, element="Inventory")
    asked = {arg.split()[0] for act, arg, _ in acts(shop.domain) if act == "why"}
    assert min(map(int, asked)) == shop.domain.journal.first_step
    assert lines(shop.domain, shop.domain.journal.first_step - 1)[0] == "17 instances"
    assert lines(shop.domain, 0) == lines(shop.domain, shop.domain.journal.first_step - 1)


def test_an_identity_is_short_in_a_card_and_whole_in_its_title() -> None:
    domain = Domain(name="Shop")

    @domain.aggregate
    class Parcel:
        order_id: str

    whole = "9272d70f-b796-417d-8f30-e01302d9f1a9"
    domain.repository_for(Parcel).add(Parcel(id="p-1", order_id=whole))
    assert "order_id | 9272d70f" in lines(domain)
    assert f'title="{whole}"' in str(view.instances(domain, domain.journal.last_step))


# In a cell


def test_in_a_terminal_the_state_is_a_line_an_instance() -> None:
    shop = commanded()
    assert repr(shop.domain.state()).splitlines() == [
        "Warehouse now: 4 instances",
        "■ Order: 2 instances",
        "  o-2, version 1: quantity 60, status SHIPPED, note fast, paid True",
        "  o-1, version 1: quantity 10, status SHIPPED, note fast, paid True",
        "■ Inventory: 1 instance",
        "  i-1, version 2: in_stock 30, price 2.0",
        "■ Purchase: 1 instance",
        "  p-1, new, version 0: amount 100",
    ]
    at = step_of(shop.domain, "changed", id="i-1", version=1)
    assert (
        "  i-1, version 0 -> 1: in_stock 100 -> 90, price 1.5 -> 1.75"
        in repr(shop.domain.state(at)).splitlines()
    )
    assert repr(shop.domain.state(at)).startswith(f"Warehouse after step {at}: 2 instances")


def test_in_a_notebook_the_state_is_cards_with_all_fields_and_nothing_to_click() -> None:
    shop = commanded()
    html = shop.domain.state()._repr_html_()
    said = text_of(html)
    assert said.splitlines()[0] == "Warehouse now: 4 instances"
    assert " | id | p-1" in said
    assert "<button" not in html
    assert "more instance" not in html + repr(shop.domain.state())


def test_in_a_cell_at_most_fifty_of_an_aggregate_are_shown() -> None:
    shop = filled(100)
    said = repr(shop.domain.state())
    assert len(re.findall("  x-", said)) == 50
    assert "  … 51 more instances\n■ Inventory: 1 instance\n  i-1," in said
    assert "… 51 more instances" in text_of(shop.domain.state().html)
    assert text_of(shop.domain.state().html).count("■ Order x-") == 50


def test_a_step_that_there_is_not_is_an_error() -> None:
    shop = stocked(journal_limit=5)
    with pytest.raises(
        IncorrectUsageError, match=r"domain.state\(999\): there is no such step; the journal has"
    ):
        shop.domain.state(999)
    for number in range(20):
        shop.domain.repository_for(shop.Order).add(shop.Order(id=f"x-{number}"))
    with pytest.raises(IncorrectUsageError, match="older ones are folded"):
        shop.domain.state(3)


def test_an_empty_domain_has_a_state_too() -> None:
    assert repr(Domain(name="Shop").state()) == "Shop now: 0 instances"
    assert repr(Domain(name="Shop").state(0)) == "Shop after step 0: 0 instances"


def test_what_is_not_recorded_is_stored_all_the_same() -> None:
    shop = stocked()
    shop.domain.config["journal"] = False
    shop.domain.repository_for(shop.Order).add(shop.Order(id="silent"))
    assert "silent" in repr(shop.domain.state())
    assert "■ Order silent version 0" in lines(shop.domain)
    assert "silent" not in repr(shop.domain.state(shop.domain.journal.last_step - 1))
    shop.domain.config["journal"] = True
    assert "silent" in repr(shop.domain.state())


def test_the_past_has_its_state() -> None:
    shop = commanded()
    at = step_of(shop.domain, "changed", id="i-1", version=1)
    assert repr(shop.domain.at(at).state()).splitlines()[1:] == repr(shop.domain.state(at)).splitlines()[1:]


# Markup, long names


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_looks_like_markup_is_text(payload: str) -> None:
    shop = stocked()
    key = payload.encode("ascii", "backslashreplace").decode()[:200]
    with origin(payload):
        order = shop.domain.repository_for(shop.Order).add(shop.Order(id=key, note=payload))
    assert_harmless(str(view.instances(shop.domain, shop.domain.journal.last_step, link=linked)), payload)
    assert_harmless(shop.domain.state().html, payload)
    shop.domain.repository_for(shop.Order).remove(order)
    Reader(str(view.instances(shop.domain, shop.domain.journal.last_step, link=linked)))


def test_names_of_sixty_characters_are_shown_whole() -> None:
    domain = long_names()
    domain.repository_for(LONG).add(domain.registry.elements[LONG].cls(id="i" * 60))
    assert lines(domain)[2] == f"■ {LONG} {'i' * 23}… new, version 0"
