"""The Streams tab: every category with its events, and how far each handler is with them."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest

from ddd_kit import Domain, handle
from ddd_kit.journal.origin import origin
from ddd_kit.views.links import linked
from ddd_kit.views.panes import streams as view
from markup_reader import PAYLOADS, Reader, assert_harmless, text_of
from shops import LONG, chained, long_names, seed
from warehouse import commanded, shipped, step_of, stocked


def lines(domain: Domain, step: int | None = None, **options: Any) -> list[str]:
    shown = domain.journal.last_step if step is None else step
    return [
        line.strip().removeprefix("▰ ")
        for line in text_of(str(view.streams(domain, shown, **options))).splitlines()
    ]


def heard(domain: Domain, step: int | None = None, **options: Any) -> list[str]:
    return [line.removeprefix("◆ ") for line in lines(domain, step, **options) if line.startswith("◆")]


def acts(domain: Domain, step: int | None = None, **options: Any) -> list[tuple[str, str, str]]:
    """What can be clicked: act, argument and text."""
    shown = domain.journal.last_step if step is None else step
    html = str(view.streams(domain, shown, link=linked, **options))
    found = re.findall(r'<button[^>]*data-act="(\w+)" data-arg="([^"]*)"[^>]*>(.*?)</button>', html)
    return [(act, arg, re.sub(r"<[^>]*>", "", text)) for act, arg, text in found]


def held(count: int) -> Any:
    """So many shipped orders, of which no delivery is made yet."""
    shop = stocked(event_processing="async")
    for number in range(count):
        order = shop.Order(id=f"x-{number}")
        order.ship()
        with origin(f"In [{number}]"):
            shop.domain.repository_for(shop.Order).add(order)
    return shop


# Events


def test_the_seeds_streams_name_events_handlers_and_what_is_silent() -> None:
    shop = seed()
    order = shop.order.id[:8]
    where = f"order-{order} · In [6] · step {step_of(shop.domain, 'event')}"
    assert lines(shop.domain) == [
        "order 1 event",
        "◆ ManageInventory at 1 of 1, last: took 1",
        "◆ EmailNotifications at 1 of 1, last: skipped 1",
        f"1 ● OrderShipped (quantity 10, total_amount 100.0) {where} ◂ led to this step",
        "no events on, and nobody listens to: inventory, notification",
    ]


def test_before_the_first_event_the_listeners_are_there_already() -> None:
    domain = seed(run=False).domain
    assert lines(domain, 0)[:3] == [
        "order no event yet",
        "◆ ManageInventory at 0 of 0, took none yet",
        "◆ EmailNotifications at 0 of 0, took none yet",
    ]
    assert "<ol" not in str(view.streams(domain, 0))
    assert lines(Domain(name="Shop"), 0) == [
        "There are no streams yet: each aggregate has one for its events."
    ]


def test_events_are_shown_up_to_the_unit_of_work_of_the_step() -> None:
    shop = commanded()
    first, second = step_of(shop.domain, "event", 0), step_of(shop.domain, "event", 1)
    assert "2 events" in lines(shop.domain, second)[0]
    assert "1 event" in lines(shop.domain, step_of(shop.domain, "changed", id="o-2", version=0))[0]
    changed = step_of(shop.domain, "changed", cause=None, id="o-1", version=1)
    assert changed < first
    assert f"step {first}" in " ".join(lines(shop.domain, changed))  # saved together


def test_an_event_is_the_way_to_its_step() -> None:
    shop = commanded()
    steps = [str(step_of(shop.domain, "event", n)) for n in range(3)]
    assert acts(shop.domain) == [
        ("step", steps[0], "● OrderShipped"),
        ("step", steps[1], "● OrderShipped"),
        ("step", steps[2], "● StockLow"),
    ]


@pytest.mark.parametrize(("kind", "words"), [("event", "◂ this step"), ("handled", "◂ led to this step")])
def test_the_event_behind_the_step_is_marked(kind: str, words: str) -> None:
    shop = shipped()
    html = str(view.streams(shop.domain, step_of(shop.domain, kind), link=linked))
    assert html.count("ddd-marked") == 1
    assert words in text_of(html)
    assert html.count('aria-current="step"') == 1


def test_no_event_is_marked_where_none_led_to_the_step() -> None:
    shop = commanded()
    html = str(view.streams(shop.domain, step_of(shop.domain, "changed", 0), link=linked))
    assert "ddd-marked" not in html


# Handlers


def test_while_a_chain_runs_deliveries_wait() -> None:
    shop = shipped()
    first = step_of(shop.domain, "handled", handler="ManageInventory")
    assert heard(shop.domain, first) == [
        "ManageInventory at 1 of 1, last: took 1",
        "Email at 1 of 1, last: skipped 1",
        "Clumsy at 0 of 1 (1 waits), took none yet",
        "Careful at 0 of 1 (1 waits), took none yet",
        "Reorder at 0 of 0, took none yet",
    ]
    assert heard(shop.domain)[2:4] == ["Clumsy at 1 of 1, last: took 1", "Careful at 1 of 1, last: took 1"]


def test_in_hold_mode_each_handler_has_its_own_position() -> None:
    shop = held(4)
    shop.domain.deliver()
    assert heard(shop.domain)[:3] == [
        "ManageInventory at 1 of 4 (3 wait), last: took 1",
        "Email at 4 of 4, last: skipped 4",
        "Clumsy at 0 of 4 (4 wait), took none yet",
    ]
    shop.domain.deliver(2)  # the second event, before ManageInventory's
    assert heard(shop.domain)[0] == "ManageInventory at 2 of 4 (2 wait), last: took 2"


def test_a_delivery_made_out_of_order_leaves_the_handler_where_the_first_one_waits() -> None:
    shop = held(3)
    last = max(n for n, d in enumerate(shop.domain.waiting) if d.handler == "ManageInventory")
    shop.domain.deliver(last)
    assert heard(shop.domain)[0] == "ManageInventory at 0 of 3 (2 wait), last: took 3"


def test_the_positions_of_the_past_are_those_of_the_past() -> None:
    shop = held(4)
    before = shop.domain.journal.last_step
    then = heard(shop.domain)
    with suppress(ExceptionGroup):
        shop.domain.deliver_all()
    assert heard(shop.domain)[0] == "ManageInventory at 4 of 4, last: took 4"
    assert heard(shop.domain, before) == then
    assert heard(shop.domain.at(before)) == then


def test_a_failed_delivery_goes_on_waiting_in_hold_mode() -> None:
    shop = held(1)
    clumsy = next(n for n, d in enumerate(shop.domain.waiting) if d.handler == "Clumsy")
    with suppress(ValueError):
        shop.domain.deliver(clumsy)
    assert heard(shop.domain)[2] == "Clumsy at 0 of 1 (1 waits), took none yet"


def test_a_handler_of_everything_listens_to_each_category() -> None:
    shop = commanded()

    @shop.domain.event_handler(part_of=shop.Order, stream_category="$all")
    class Audit:
        @handle("$any")
        def note(self, event: Any) -> None: ...

    shop.order.raise_(shop.Forgotten())
    shop.domain.repository_for(shop.Order).add(shop.order)
    said = [line for line in heard(shop.domain) if line.startswith("Audit")]
    assert said == [
        "Audit at 3 of 3, last: took 3",
        "Audit at 1 of 1, last: skipped 1",
        "Audit at 0 of 0, took none yet",
    ]
    assert heard(shop.domain)[0] == "ManageInventory at 3 of 3, last: took 2"


def test_a_retired_handler_is_shown_while_deliveries_wait_for_it() -> None:
    shop = held(2)
    shop.domain.retire("Careful")
    assert "Careful at 0 of 2 (2 wait), does not listen any more" in heard(shop.domain)
    with suppress(ExceptionGroup):
        shop.domain.deliver_all()
    assert "Careful" not in " ".join(heard(shop.domain))


# Narrowed down


@pytest.mark.parametrize(
    ("element", "category"),
    [
        ("Order", "order"),
        ("OrderShipped", "order"),
        ("ManageInventory", "order"),
        ("Email", "order"),
        ("ShipOrder", "order"),
        ("ManageOrder", "order"),
        ("Inventory", "inventory"),
        ("StockLow", "inventory"),
    ],
)
def test_an_element_shows_the_category_that_it_has_to_do_with(element: str, category: str) -> None:
    shop = commanded()
    heads = [line for line in lines(shop.domain, element=element) if line.endswith((" event", " events"))]
    assert [head.split()[0] for head in heads] == [category]


def test_an_element_without_a_stream_is_told() -> None:
    shop = commanded()
    shop.domain.event(part_of="Oder")(type("Lost", (), {}))
    assert lines(shop.domain, element="Lost") == ["Lost has to do with no stream."]
    assert lines(shop.domain, element="Nobody") == ["Nobody has to do with no stream."]


def test_events_of_a_retired_aggregate_are_still_there() -> None:
    shop = commanded()
    shop.domain.retire("Order")
    assert "order 2 events" in lines(shop.domain)
    assert lines(shop.domain, element="Order")[0] == "order 2 events"


# Many


def test_the_newest_twenty_are_shown_and_the_others_a_page_each() -> None:
    shop = held(45)
    pages = [each for each in acts(shop.domain) if each[0] == "page"]
    assert pages == [("page", "streams order 1", "25 earlier")]
    numbers = [int(line.split("●")[0]) for line in lines(shop.domain) if "●" in line]
    assert numbers == list(range(26, 46))
    pages = [each for each in acts(shop.domain, pages={"streams order": "1"}) if each[0] == "page"]
    assert pages == [("page", "streams order 2", "5 earlier"), ("page", "streams order 0", "20 later")]
    last = lines(shop.domain, pages={"streams order": "99"})
    assert [int(line.split("●")[0]) for line in last if "●" in line] == list(range(1, 6))


def test_the_page_of_the_present_event_is_shown() -> None:
    shop = held(45)
    shop.domain.deliver()
    assert "◂ led to this step" in " ".join(lines(shop.domain))
    assert [each[2] for each in acts(shop.domain) if each[0] == "page"] == ["40 later"]


def test_with_many_categories_each_shows_fewer_events_and_can_be_opened() -> None:
    domain = chained(100, run=True)
    for _ in range(10):
        for number in (0, 19):
            aggregate = domain.registry.elements[f"Aggregate{number}"].cls()
            aggregate.raise_(domain.registry.elements[f"Aggregate{number}Closed"].cls())
            domain.repository_for(f"Aggregate{number}").add(aggregate)
    said = lines(domain, step_of(domain, "event", 0))
    assert len([line for line in said if line.startswith("aggregate")]) == 19
    shown = [line for line in lines(domain) if "●" in line]
    assert len(shown) < 70
    opener = next(each for each in acts(domain) if each[1] == "streams aggregate0 0")
    assert opener[2].endswith(" earlier")
    opened = [
        line
        for line in lines(domain, pages={"streams aggregate0": "0"})
        if "Aggregate0" in line and "●" in line
    ]
    assert len(opened) == 11


def test_of_very_many_categories_the_rest_are_named() -> None:
    domain = chained(150, run=True)
    said = " ".join(lines(domain, 0))
    assert "more streams: aggregate20, aggregate21" in said
    assert ("page", "streams aggregate25 0", "aggregate25") in acts(domain, 0)
    assert "aggregate25 no event yet" in lines(domain, 0, pages={"streams aggregate25": "0"})


# Folded, unrecorded


def test_events_that_are_folded_stay_and_lead_nowhere() -> None:
    shop = shipped(event_processing="async", journal_limit=3)
    for number in range(20):
        shop.domain.repository_for(shop.Inventory).add(shop.Inventory(id=f"x-{number}", in_stock=1))
    assert "1 ● OrderShipped (quantity 10) order-o-1" in lines(shop.domain)
    assert not acts(shop.domain)
    assert heard(shop.domain)[0] == "ManageInventory at 0 of 1 (1 waits), took none yet"


def test_events_that_are_not_recorded_are_there_without_a_step() -> None:
    shop = shipped(event_processing="async")
    shop.domain.config["journal"] = False
    order = shop.Order(id="silent")
    order.ship()
    shop.domain.repository_for(shop.Order).add(order)
    assert "2 ● OrderShipped (quantity 10) order-silent" in lines(shop.domain)
    assert len(acts(shop.domain)) == 1
    assert heard(shop.domain)[0] == "ManageInventory at 0 of 2 (2 wait), took none yet"


# Markup, long names


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_looks_like_markup_is_text(payload: str) -> None:
    domain = Domain(name="Bookshop")

    @domain.aggregate(stream_category=payload)
    class Note:
        text: Any = None

    @domain.event(part_of=Note)
    class Noted:
        text: Any

    note = Note(id=payload.encode("ascii", "backslashreplace").decode()[:200])
    note.raise_(Noted(text=payload))
    with origin(payload):
        domain.repository_for(Note).add(note)
    assert_harmless(str(view.streams(domain, domain.journal.last_step, link=linked)), payload)
    Reader(str(view.streams(domain, 0, link=linked)))


def test_names_of_sixty_characters_are_shown_whole() -> None:
    domain = long_names()
    order = domain.registry.elements[LONG].cls()
    order.raise_(domain.registry.elements[f"E{LONG[1:]}"].cls())
    domain.repository_for(LONG).add(order)
    said = " ".join(lines(domain))
    assert f"● E{LONG[1:]}" in said
    assert f"◆ H{LONG[1:]}" in said


def test_a_handler_that_is_part_of_nothing_does_not_hide_the_others() -> None:
    shop = shipped()
    shop.domain.event_handler(part_of="Oder")(type("Astray", (), {}))
    assert heard(shop.domain)[0] == "ManageInventory at 1 of 1, last: took 1"
