"""The Changes tab and the sentence: all that a step's entry holds, and what led to it."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest

from ddd_kit import Domain, handle
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.origin import origin
from ddd_kit.views.links import linked
from ddd_kit.views.panes import changes as view
from ddd_kit.views.panes.effects import MOST_EFFECTS, MOST_FIELDS, difference
from markup_reader import PAYLOADS, Reader, assert_harmless, text_of
from shops import LONG, long_names
from warehouse import commanded, shipped, step_of, stocked


def lines(domain: Domain, step: int) -> list[str]:
    """Without durations."""
    said = text_of(str(view.changes(domain, step)))
    return [re.sub(r"\d+(\.\d+)? ms", "0.1 ms", line).strip() for line in said.splitlines()]


def rows(domain: Domain, step: int) -> list[list[str]]:
    return [line.removeprefix("| ").split(" | ") for line in lines(domain, step) if " | " in line]


def acts(domain: Domain, step: int) -> list[tuple[str, str, str]]:
    """What can be clicked: act, argument and text."""
    html = str(view.changes(domain, step, linked))
    found = re.findall(r'<button[^>]*data-act="(\w+)" data-arg="([^"]*)"[^>]*>(.*?)</button>', html)
    return [(act, arg, re.sub(r"<[^>]*>", "", text)) for act, arg, text in found]


@pytest.fixture(scope="module")
def run() -> Any:
    return commanded()


# The sentence


def test_the_sentence_has_names_in_the_colours_of_their_kinds_and_new_values_in_bold(run: Any) -> None:
    html = str(view.story_html(run.domain.journal, step_of(run.domain, "changed", id="i-1", version=1)))
    assert text_of(html).startswith("In [2]: OrderShipped (quantity 10) made ManageInventory take")
    assert '<b class="ddd-event-handler">ManageInventory</b>' in html
    assert '<b class="ddd-aggregate">Inventory i-1</b>' in html
    assert "from in_stock 100 to <b>90</b>" in html


# What was saved


def test_a_change_has_its_fields_before_and_after_those_that_changed_first(run: Any) -> None:
    step = step_of(run.domain, "changed", id="i-1", version=1)
    assert lines(run.domain, step)[0] == "■ Inventory i-1 version 0 → 1"
    assert rows(run.domain, step) == [
        ["field", "before", "after"],
        ["in_stock", "100", "90 (−10)"],  # noqa: RUF001 - a true minus
        ["price", "1.5", "1.75 (+0.25)"],
        ["id", "i-1", "i-1"],
    ]
    html = str(view.changes(run.domain, step))
    assert html.count('<tr class="ddd-new">') == 2
    assert html.count('<tr class="ddd-faint">') == 1
    assert '<s class="ddd-bad"><bdi>100</bdi></s>' in html
    assert '<b class="ddd-good"><bdi>90</bdi></b>' in html


def test_each_value_after_it_asks_why(run: Any) -> None:
    step = step_of(run.domain, "changed", id="i-1", version=1)
    asked = [each for each in acts(run.domain, step) if each[0] == "why"]
    assert asked == [
        ("why", f"{step} in_stock", "90"),
        ("why", f"{step} price", "1.75"),
        ("why", f"{step} id", "i-1"),
    ]
    assert 'aria-label="why is in_stock 90?"' in str(view.changes(run.domain, step, linked))


def test_below_a_change_stand_its_causes_each_with_the_way_to_its_step(run: Any) -> None:
    step = step_of(run.domain, "changed", id="p-1")
    event, handled = (
        step_of(run.domain, "event", type="StockLow"),
        step_of(run.domain, "handled", handler="Reorder"),
    )
    said = lines(run.domain, step)
    assert said[said.index("because") + 1 :][:2] == [
        "In [3] gave a command",
        f"▶ ShipOrder was taken by ManageOrder.ship step {step_of(run.domain, 'command', type='ShipOrder')}",
    ]
    assert said[-3:] == [
        f"● StockLow (left 30) was raised on inventory step {event}",
        f"◆ Reorder listens to inventory and ran again step {handled}",
        f"▶ Buy (amount 100) was taken by Buyer.buy step {step_of(run.domain, 'command', type='Buy')}",
    ]
    steps = [each for each in acts(run.domain, step) if each[0] == "step"]
    assert ("step", str(event), "● StockLow") in steps
    assert len(steps) == 6


def test_a_new_aggregate_has_its_values_and_a_removed_one_those_that_it_had() -> None:
    shop = stocked()
    shop.domain.repository_for(shop.Order).remove(shop.order)
    new, gone = step_of(shop.domain, "changed", 0, aggregate="Order"), step_of(shop.domain, "changed")
    assert lines(shop.domain, new)[0] == "■ Order o-1 new, version 0"
    assert rows(shop.domain, new)[:2] == [["field", "value"], ["quantity", "10"]]
    assert lines(shop.domain, new)[-1] == "In [1] saved it"
    assert lines(shop.domain, gone)[0] == "■ Order o-1 removed, it was at version 0"
    assert rows(shop.domain, gone)[:2] == [["field", "before"], ["quantity", "10"]]
    assert lines(shop.domain, gone)[-1] == "code outside a cell removed it"
    assert not [each for each in acts(shop.domain, gone) if each[0] == "why"]


def test_a_saving_that_changed_no_field_says_so() -> None:
    shop = stocked()
    shop.order.raise_(shop.Forgotten())
    shop.domain.repository_for(shop.Order).add(shop.order)
    assert "saved, no field changed" in lines(shop.domain, step_of(shop.domain, "changed"))


def test_of_many_fields_the_first_sixty_are_shown_the_changed_ones_among_them() -> None:
    domain = Domain(name="Wide")
    Wide = domain.aggregate(type("Wide", (), {f"field_{n}": n for n in range(99)} | {"__annotations__": {  # noqa: N806
        f"field_{n}": int for n in range(99)}}))  # fmt: skip
    wide = domain.repository_for(Wide).add(Wide())
    assert rows(domain, domain.journal.last_step)[-1] == ["…", "40 more fields"]
    wide.field_98 = 0
    domain.repository_for(Wide).add(wide)
    said = rows(domain, domain.journal.last_step)
    assert said[1] == ["field_98", "98", "0 (−98)"]  # noqa: RUF001 - a true minus
    assert len(said) == 1 + MOST_FIELDS + 1
    assert said[-1] == ["…", "40 more fields"]


def test_of_sixty_fields_none_is_left_out() -> None:
    domain = Domain(name="Wide")
    names = {f"field_{n}": n for n in range(59)}
    Wide = domain.aggregate(type("Wide", (), names | {"__annotations__": dict.fromkeys(names, int)}))  # noqa: N806
    domain.repository_for(Wide).add(Wide())
    assert len(rows(domain, domain.journal.last_step)) == 1 + MOST_FIELDS
    assert rows(domain, domain.journal.last_step)[-1][0] == "id"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (100, 90, "\N{MINUS SIGN}10"),
        (1.4, 1.2999999999999998, "\N{MINUS SIGN}0.1"),
        (0, 0.5, "+0.5"),
        (True, 3, None),
        (None, 3, None),
        ("1", "2", None),
        (1e308, -1e308, None),
        (float("nan"), 1.0, None),
        (10**400, 0.5, None),
        (0, 10**40, None),
    ],
)
def test_a_difference_is_told_for_two_numbers_of_a_readable_size(before: Any, after: Any, told: str) -> None:
    assert difference(before, after) == told


def test_long_values_are_shown_up_to_two_hundred_characters() -> None:
    shop = stocked()
    shop.order.note = "w" * 150
    shop.domain.repository_for(shop.Order).add(shop.order)
    assert ["note", "None", "w" * 150] in rows(shop.domain, shop.domain.journal.last_step)
    shop.order.note = "w" * 300
    shop.domain.repository_for(shop.Order).add(shop.order)
    assert ["note", "w" * 150, "w" * 199 + "…"] in rows(shop.domain, shop.domain.journal.last_step)


# Events


def test_an_event_says_where_it_is_who_raised_it_and_what_it_holds(run: Any) -> None:
    step = step_of(run.domain, "event", 0)
    assert lines(run.domain, step)[:2] == [
        "● OrderShipped on order-o-1 at position 0",
        "raised by ■ Order o-1",
    ]
    assert rows(run.domain, step) == [["order_id", "o-1"], ["quantity", "10"]]
    assert lines(run.domain, step)[-1] == "In [2] saved ■ Order o-1"


def test_an_event_says_who_heard_it_and_who_did_not(run: Any) -> None:
    domain, event = run.domain, step_of(run.domain, "event", 0)
    ran, failed, rescued = (step_of(domain, "handled", n, cause=event) for n in (0, 2, 4))
    skipped = step_of(domain, "skipped", cause=event)
    said = lines(domain, event)
    assert said[said.index("heard by") + 1 : said.index("because")] == [
        f"◆ ManageInventory.reduce ✓ ran in 0.1 ms step {ran}",
        f"◆ Clumsy.drop ✗ failed after 0.1 ms, attempt 2: ValueError: no paper. step {failed}",
        f"◆ Careful.drop ✓ ran handle_error after that failed in 0.1 ms step {rescued}",
        "◇ Email.notify skipped: its source stream is web, the event came from plain code",
    ]
    assert [each[:2] for each in acts(domain, event)] == [
        ("step", str(ran)),
        ("step", str(failed)),
        ("step", str(rescued)),
        ("whynot", str(skipped)),
    ]


def test_a_delivery_that_waits_is_told_also_after_it_failed() -> None:
    shop = shipped(event_processing="async")
    event = step_of(shop.domain, "event")
    said = lines(shop.domain, event)
    assert "◆ ManageInventory.reduce waits" in said
    with suppress(ValueError):
        shop.domain.deliver(1)  # fails, and goes on waiting
    shop.domain.deliver(0)
    said = " ".join(lines(shop.domain, event))
    assert re.search(
        r"Clumsy.drop ✗ failed after 0.1 ms, attempt 2: ValueError: no paper. step \d+, and waits", said
    )
    assert re.search(r"ManageInventory.reduce ✓ ran in 0.1 ms step \d+ ◆", said)


def test_a_delivery_to_a_retired_handler_is_told() -> None:
    shop = shipped(event_processing="async")
    shop.domain.retire("Careful")
    with suppress(ValueError):
        shop.domain.deliver_all()
    event = step_of(shop.domain, "event")
    assert "◇ Careful.drop skipped: Careful.drop is not defined any more" in lines(shop.domain, event)
    assert "source_stream" not in " ".join(lines(shop.domain, step_of(shop.domain, "skipped")))


def test_of_a_payload_the_first_sixty_fields_are_shown() -> None:
    shop = stocked()
    names = {f"field_{n}": n for n in range(99)}
    wide = shop.domain.event(part_of=shop.Order)(
        type("Wide", (), names | {"__annotations__": dict.fromkeys(names, int)})
    )
    shop.order.raise_(wide())
    shop.domain.repository_for(shop.Order).add(shop.order)
    said = rows(shop.domain, step_of(shop.domain, "event"))
    assert len(said) == MOST_FIELDS + 1
    assert said[-1] == ["…", "39 more fields"]


def test_an_event_that_nobody_hears_says_so() -> None:
    shop = stocked()
    shop.order.raise_(shop.Forgotten())
    shop.domain.repository_for(shop.Order).add(shop.order)
    said = lines(shop.domain, step_of(shop.domain, "event"))
    assert "It has no fields." in said
    assert "Nobody listens to it." in said
    said = lines(shop.domain, step_of(shop.domain, "unhandled"))
    assert said[0] == "Nobody listens to ○ Forgotten on order-o-1"


def test_who_heard_is_found_where_it_happened_thousands_of_entries_later() -> None:
    shop = shipped(event_processing="async")
    for number in range(1000):
        shop.domain.repository_for(shop.Inventory).add(shop.Inventory(id=f"x-{number}", in_stock=1))
    shop.domain.deliver(0)
    ran = step_of(shop.domain, "handled")
    said = " ".join(lines(shop.domain, step_of(shop.domain, "event", 0)))
    assert f"ManageInventory.reduce ✓ ran in 0.1 ms step {ran}" in said


# Who ran


def test_a_command_says_what_it_holds_who_took_it_and_what_that_did(run: Any) -> None:
    step = step_of(run.domain, "command", type="ShipOrder")
    said = lines(run.domain, step)
    assert said[0].startswith("▶ ShipOrder on manage_order:command-")
    assert said[1:] == [
        "| order_id | o-2",
        "taken by ▷ ManageOrder.ship ✓ ran in 0.1 ms",
        "it did",
        "■ Order o-2 status PENDING → SHIPPED, note None → fast, paid False → True",
        "raised ● OrderShipped (quantity 60)",
        "because",
        "In [3] gave a command",
    ]
    changed, event = step_of(run.domain, "changed", id="o-2"), step_of(run.domain, "event", 1)
    assert [each[:2] for each in acts(run.domain, step)] == [
        ("step", str(changed)),
        ("why", f"{changed} status"),
        ("why", f"{changed} note"),
        ("why", f"{changed} paid"),
        ("step", str(event)),
    ]


def test_a_command_that_nobody_takes_says_so_with_the_whole_error() -> None:
    shop = stocked()
    with suppress(IncorrectUsageError):
        shop.domain.process(shop.Dream())
    said = lines(shop.domain, step_of(shop.domain, "command"))
    assert "taken by nobody" in said
    assert "IncorrectUsageError: Nobody handles Dream. Define a class" in " ".join(said)
    assert said[-3].endswith("or run its cell again.")


def test_a_handler_says_what_it_did(run: Any) -> None:
    said = lines(run.domain, step_of(run.domain, "handled", handler="ManageInventory"))
    assert said[:5] == [
        "◆ ManageInventory.reduce",
        "✓ ran in 0.1 ms",
        "it did",
        "■ Inventory i-1 in_stock 90 → 30, price 1.75 → 2.0",
        "raised ● StockLow (left 30)",
    ]
    assert "gave ▶ Buy (amount 100)" in lines(run.domain, step_of(run.domain, "handled", handler="Reorder"))
    assert "■ Purchase p-1 added amount 100" in lines(run.domain, step_of(run.domain, "command", type="Buy"))


def test_a_handler_that_did_nothing_says_so(run: Any) -> None:
    said = lines(run.domain, step_of(run.domain, "handled", handler="Careful", outcome="ok"))
    assert said[2] == "It saved nothing, and raised nothing."


def test_a_handler_that_failed_says_its_whole_error_and_what_was_undone(run: Any) -> None:
    said = lines(run.domain, step_of(run.domain, "handled", 0, handler="Clumsy"))
    assert said[1:6] == [
        "✗ retried after 0.1 ms, attempt 1",
        "ValueError: no paper.",
        "undone, because it failed",
        "■ Order o-1 note fast → lost",
        "because",
    ]
    assert not [
        each
        for each in acts(run.domain, step_of(run.domain, "handled", handler="Clumsy"))
        if each[0] == "why"
    ]


def test_a_long_error_is_shown_whole() -> None:
    shop = stocked()

    @shop.domain.event_handler(part_of=shop.Order)
    class Loud:
        @handle("Forgotten")
        def cry(self, _: Any) -> None:
            raise ValueError("a" * 900 + "\nend")

    shop.order.raise_(shop.Forgotten())
    with suppress(ValueError):
        shop.domain.repository_for(shop.Order).add(shop.order)
    html = str(view.changes(shop.domain, step_of(shop.domain, "handled")))
    assert "a" * 900 + "\nend" in html


def test_what_was_refused_in_a_handler_is_among_its_effects() -> None:
    shop = stocked()

    @shop.domain.event_handler(part_of=shop.Order)
    class Rash:
        @handle("Forgotten")
        def act(self, _: Any) -> None:
            with suppress(Exception):
                shop.Order(quantity=-1)

    shop.order.raise_(shop.Forgotten())
    shop.domain.repository_for(shop.Order).add(shop.order)
    step = step_of(shop.domain, "handled")
    assert ("step", str(step_of(shop.domain, "rejected")), "✗ Order was rejected") in acts(shop.domain, step)


def test_of_many_effects_the_first_are_shown() -> None:
    shop = stocked()

    @shop.domain.event_handler(part_of=shop.Order)
    class Busy:
        @handle("Forgotten")
        def make(self, _: Any) -> None:
            for number in range(100):
                shop.domain.repository_for(shop.Inventory).add(shop.Inventory(id=f"x-{number}", in_stock=1))

    shop.order.raise_(shop.Forgotten())
    shop.domain.repository_for(shop.Order).add(shop.order)
    said = lines(shop.domain, step_of(shop.domain, "handled"))
    assert len([line for line in said if line.startswith("■ Inventory")]) == MOST_EFFECTS
    assert f"… {100 - MOST_EFFECTS} more" in said


# Who did not run, what was refused, what was defined


def test_a_skipped_handler_has_the_rule_with_both_values_and_the_way_to_all_rules(run: Any) -> None:
    step = step_of(run.domain, "skipped", 0)
    assert lines(run.domain, step)[0] == "◇ Email.notify did not run"
    assert rows(run.domain, step) == [["rule", "wanted", "found"], ["source_stream", "web", "plain code"]]
    assert ("whynot", str(step), "every rule that was checked") in acts(run.domain, step)


def test_a_rejection_has_a_row_for_each_message_then_one_for_what_else_was_tried() -> None:
    shop = stocked()
    with suppress(Exception), origin("In [5]"):
        shop.Order(quantity=0, status="NEW")
    step = step_of(shop.domain, "rejected")
    assert lines(shop.domain, step)[0] == "✗ ■ Order was rejected"
    assert rows(shop.domain, step) == [
        ["field", "tried", "message"],
        ["quantity", "0", "Input should be greater than or equal to 1"],
        ["status", "NEW |"],
    ]
    assert lines(shop.domain, step)[-1] == "In [5] gave values"


def test_a_value_that_is_missing_has_a_row_too() -> None:
    shop = stocked()
    with suppress(Exception):
        shop.Inventory(price=2.0)
    said = rows(shop.domain, step_of(shop.domain, "rejected"))
    assert said[1:] == [["in_stock", "", "is required"], ["price", "2.0 |"]]


def test_a_definition_is_one_line(run: Any) -> None:
    assert lines(run.domain, 1) == ["● the event OrderShipped was registered"]


# Where the journal ends


def test_before_the_first_step_and_where_it_was_folded_a_sentence_stands_alone() -> None:
    assert lines(Domain(name="Shop"), 0) == ["Nothing has happened yet."]
    shop = shipped(event_processing="async", journal_limit=3)
    for number in range(20):
        shop.domain.repository_for(shop.Inventory).add(shop.Inventory(id=f"x-{number}", in_stock=1))
    assert "is not in the journal any more" in lines(shop.domain, 2)[0]
    shop.domain.deliver()
    said = lines(shop.domain, step_of(shop.domain, "handled"))
    assert said[-1] == "what came before is not in the journal any more"


def test_a_step_that_is_still_to_come_is_an_error() -> None:
    with pytest.raises(IncorrectUsageError, match="There is no step 3"):
        view.changes(Domain(name="Shop"), 3)


def test_a_chain_of_hundreds_is_shown_by_its_ends() -> None:
    shop = stocked()

    @shop.domain.event(part_of=shop.Order)
    class Counted:
        left: int

    def count(left: int) -> None:
        order = shop.Order(id=f"c-{left}")
        order.raise_(Counted(left=left))
        shop.domain.repository_for(shop.Order).add(order)

    @shop.domain.event_handler(part_of=shop.Order)
    class Countdown:
        @handle(Counted)
        def go_on(self, event: Any) -> None:
            if event.left:
                count(event.left - 1)

    count(300)
    said = lines(shop.domain, step_of(shop.domain, "changed"))
    assert "… 540 more links" in said
    assert "Counted (left 300)" in " ".join(said)
    assert said[-1].startswith("◆ Countdown listens to order and ran go_on step ")


# Markup, long names


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_looks_like_markup_is_text(payload: str) -> None:
    shop = stocked()

    @shop.domain.event(part_of=shop.Order)
    class Noted:
        text: Any

    @shop.domain.command(part_of=shop.Order)
    class Note:
        text: Any

    @shop.domain.event_handler(part_of=shop.Order)
    class Broken:
        @handle(Noted)
        def fail(self, event: Any) -> None:
            raise RuntimeError(event.text)

    domain, order = shop.domain, shop.order
    order.note = payload
    order.raise_(Noted(text=payload))
    with origin(payload):
        with suppress(RuntimeError):
            domain.repository_for(shop.Order).add(order)
        with suppress(Exception):
            domain.process(Note(text=payload))
        with suppress(Exception):
            shop.Order(quantity=payload)
    for kind in ("changed", "event", "handled", "command", "rejected"):
        assert_harmless(str(view.changes(domain, step_of(domain, kind), linked)), payload)
    for entry in domain.journal:
        Reader(str(view.changes(domain, entry.step, linked)))
        Reader(str(view.story_html(domain.journal, entry.step)))


def test_a_value_that_cannot_be_told_does_not_hide_the_others() -> None:
    class Untold:
        def __repr__(self) -> str:
            raise ValueError

    shop = stocked()
    shop.order.note, shop.order.paid = Untold(), True
    shop.domain.repository_for(shop.Order).add(shop.order)
    said = rows(shop.domain, shop.domain.journal.last_step)
    assert said[1:3] == [["note", "None", "<Untold that cannot be shown>"], ["paid", "False", "True"]]
    view.changes(shop.domain, shop.domain.journal.last_step, linked)


def test_names_of_sixty_characters_are_shown_whole() -> None:
    domain = long_names()
    order = domain.registry.elements[LONG].cls()
    order.raise_(domain.registry.elements[f"E{LONG[1:]}"].cls())
    domain.repository_for(LONG).add(order)
    for kind in ("changed", "event", "handled"):
        assert LONG[1:] in text_of(str(view.changes(domain, step_of(domain, kind))))


def test_nothing_can_be_clicked_in_a_static_view_and_no_button_stands_in_another(run: Any) -> None:
    for entry in run.domain.journal:
        assert "<button" not in str(view.changes(run.domain, entry.step))
        assert not re.search(
            r"<button[^>]*>(?:(?!</button>).)*<button", str(view.changes(run.domain, entry.step, linked))
        )
