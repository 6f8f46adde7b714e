"""A step in one sentence, with its cause."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

import seed_model
from ddd_kit import Domain, handle
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.origin import origin
from ddd_kit.journal.story import Story, story
from warehouse import commanded, shipped, step_of, stocked


def told(domain: Domain, kind: str, number: int = -1, **wanted: Any) -> str:
    return story(domain.journal, step_of(domain, kind, number, **wanted)).sentence


@pytest.fixture(scope="module")
def run() -> Any:
    return commanded()


def test_the_seeds_last_step_reads_as_in_the_guide() -> None:
    seed_model.domain.reset()
    names = dict(vars(seed_model))
    for number, cell in enumerate(seed_model.SESSION, 1):
        with origin(f"In [{number}]"):
            exec(cell, names)
    journal = seed_model.domain.journal
    short = names["inventory"].id[:8]
    assert story(journal, journal.last_step).sentence == (
        f"In [6]: OrderShipped (quantity 10, total_amount 100.0) made ManageInventory take Inventory {short} "
        "from in_stock 100 to 90. 1 handler skipped."
    )


def test_a_story_is_data_with_the_sentence_as_its_repr(run: Any) -> None:
    shown = story(run.domain.journal, step_of(run.domain, "changed", id="i-1", version=1))
    assert shown.parts[:5] == (
        ("In [2]", "cell"),
        (": ", ""),
        ("OrderShipped", "event"),
        (" (quantity 10)", ""),
        (" made ", ""),
    )
    assert {role for _, role in shown.parts} == {
        "",
        "cell",
        "event",
        "event handler",
        "aggregate",
        "old",
        "new",
    }
    assert repr(shown) == shown.sentence == "".join(text for text, _ in shown.parts)


# Where nothing or no cell is


def test_before_the_first_step_nothing_has_happened() -> None:
    assert repr(story(Domain(name="Shop").journal, 0)) == "Nothing has happened yet."


def test_a_step_that_is_still_to_come_is_an_error() -> None:
    with pytest.raises(IncorrectUsageError, match="There is no step 3"):
        story(Domain(name="Shop").journal, 3)


def test_a_step_that_was_folded_is_told_as_such() -> None:
    shop = stocked(journal_limit=4)
    for number in range(20):
        shop.domain.repository_for(shop.Order).add(shop.Order(id=f"x-{number}"))
    first = shop.domain.journal.first_step
    assert first > 10
    assert repr(story(shop.domain.journal, 3)) == (
        f"What happened up to step {first - 1} is not in the journal any more."
    )


def test_without_a_cell_the_sentence_says_so() -> None:
    shop = stocked()
    shop.domain.repository_for(shop.Order).add(shop.Order(id="o-9"))
    assert told(shop.domain, "changed").startswith("Outside a cell: Order o-9 was added")


def test_what_a_widget_did_is_told_with_its_label() -> None:
    shop = stocked()
    with origin("Try it"):
        shop.domain.repository_for(shop.Order).add(shop.Order(id="o-9"))
    assert told(shop.domain, "changed").startswith("Try it: Order o-9 was added")


# What was saved


def test_of_a_new_aggregate_the_first_two_fields_are_told() -> None:
    shop = stocked()
    assert told(shop.domain, "changed", aggregate="Order") == (
        "In [1]: Order o-1 was added with quantity 10, status PENDING, and 1 more field."
    )
    assert told(shop.domain, "changed", aggregate="Inventory") == (
        "In [1]: Inventory i-1 was added with in_stock 100 and price 1.5."
    )


def test_plain_code_changes_fields(run: Any) -> None:
    assert told(run.domain, "changed", id="o-1") == (
        "In [2]: Order o-1 went from status PENDING to SHIPPED, note None to fast, and 1 more field."
    )


def test_an_event_handler_changes_fields(run: Any) -> None:
    assert told(run.domain, "changed", id="i-1", version=1) == (
        "In [2]: OrderShipped (quantity 10) made ManageInventory take Inventory i-1 from in_stock 100 to 90 "
        "and price 1.5 to 1.75. 1 handler skipped."
    )


def test_a_command_changes_fields(run: Any) -> None:
    assert told(run.domain, "changed", id="o-2") == (
        "In [3]: ShipOrder made ManageOrder take Order o-2 from status PENDING to SHIPPED, note None to "
        "fast, and 1 more field."
    )


def test_a_chain_is_told_with_its_beginning_and_its_end(run: Any) -> None:
    assert told(run.domain, "changed", id="i-1").startswith(
        "In [3]: ShipOrder led to OrderShipped (quantity 60), which made ManageInventory take Inventory i-1"
    )
    assert told(run.domain, "handled", handler="Reorder") == (
        "In [3]: ShipOrder led, through 1 more message, to StockLow (left 30), which made Reorder run again, "
        "which gave 1 command."
    )
    assert told(run.domain, "changed", id="p-1") == (
        "In [3]: ShipOrder led, through 2 more messages, to Buy (amount 100), which made Buyer add Purchase "
        "p-1 with amount 100."
    )


def test_an_aggregate_that_is_saved_as_it_was_is_told_as_such() -> None:
    shop = stocked()
    shop.order.raise_(shop.Forgotten())
    shop.domain.repository_for(shop.Order).add(shop.order)
    assert told(shop.domain, "changed") == "Outside a cell: Order o-1 was saved, with no field changed."


def test_what_is_removed_is_told() -> None:
    shop = stocked()
    shop.domain.repository_for(shop.Order).remove(shop.order)
    assert told(shop.domain, "changed") == "Outside a cell: Order o-1 was removed."


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("keep", "save Order o-1, with no field changed."),
        ("drop", "remove Order o-1."),
        ("make", "add Order o-5 with"),
    ],
)
def test_a_handler_saves_removes_and_adds(deed: str, words: str) -> None:
    shop = stocked()
    orders = shop.domain.repository_for(shop.Order)

    @shop.domain.event_handler(part_of=shop.Order)
    class Act:
        @handle("Forgotten")
        def act(self, _: Any) -> None:
            order = orders.get("o-1")
            if deed == "drop":
                orders.remove(order)
            elif deed == "make":
                orders.add(shop.Order(id="o-5"))
            else:
                order.raise_(shop.OrderShipped(order_id="o-1"))
                orders.add(order)

    other = shop.Order(id="o-7")
    other.raise_(shop.Forgotten())
    with suppress(ValueError):
        orders.add(other)
    numbers = [e.step for e in shop.domain.journal.of(kind="changed") if e.cause is not None]
    assert f"Forgotten made Act {words}" in story(shop.domain.journal, numbers[0]).sentence


# What was raised


def test_an_event_of_plain_code_says_who_raised_it_and_who_hears_it(run: Any) -> None:
    assert told(run.domain, "event", 0) == (
        "In [2]: Order o-1 raised OrderShipped (quantity 10); it goes to 3 handlers. 1 handler skipped."
    )


def test_an_event_of_a_handler_says_who_let_it_be_raised(run: Any) -> None:
    assert told(run.domain, "event", type="StockLow").endswith(
        "which made ManageInventory let Inventory i-1 raise StockLow (left 30); it goes to Reorder."
    )


def test_an_event_without_listeners_is_told_as_such() -> None:
    shop = stocked()
    shop.order.raise_(shop.Forgotten())
    shop.domain.repository_for(shop.Order).add(shop.order)
    assert told(shop.domain, "event") == "Outside a cell: Order o-1 raised Forgotten; nobody listens to it."
    assert told(shop.domain, "unhandled") == "Outside a cell: Nobody listens to Forgotten."


def test_two_listeners_are_named() -> None:
    shop = stocked()
    for name in ("Left", "Right"):
        methods = {"act": handle("Forgotten")(lambda *_: None)}
        shop.domain.event_handler(part_of=shop.Order)(type(name, (), methods))
    shop.order.raise_(shop.Forgotten())
    shop.domain.repository_for(shop.Order).add(shop.order)
    assert told(shop.domain, "event").endswith("raised Forgotten; it goes to Left and Right.")


def test_an_event_that_only_skipped_handlers_listen_to_is_not_told_as_unheard() -> None:
    shop = stocked()
    methods = {"act": handle("Forgotten")(lambda *_: None)}
    shop.domain.event_handler(part_of=shop.Order, source_stream="web")(type("Choosy", (), methods))
    shop.order.raise_(shop.Forgotten())
    shop.domain.repository_for(shop.Order).add(shop.order)
    assert told(shop.domain, "event") == "Outside a cell: Order o-1 raised Forgotten. 1 handler skipped."


# Who ran


def test_a_handler_that_ran_says_what_it_did(run: Any) -> None:
    assert told(run.domain, "handled", 0, handler="ManageInventory") == (
        "In [2]: OrderShipped (quantity 10) made ManageInventory run reduce, which saved 1 aggregate. "
        "1 handler skipped."
    )
    assert "which saved 1 aggregate and raised 1 event." in told(
        run.domain, "handled", handler="ManageInventory"
    )


def test_a_handler_that_failed_says_why_with_one_full_stop(run: Any) -> None:
    first, second = (told(run.domain, "handled", number, handler="Clumsy") for number in (0, 1))
    assert "made Clumsy run drop, which failed and is tried again: ValueError: no paper. 1 handler" in first
    assert (
        "made Clumsy run drop again, attempt 2, which failed, and nothing of it is saved: ValueError"
        in second
    )
    assert "no paper. 1 handler skipped." in second


def test_a_handler_that_took_its_error_itself_is_told(run: Any) -> None:
    assert "made Careful run handle_error after drop had failed, which changed nothing." in told(
        run.domain, "handled", handler="Careful"
    )


def test_an_interrupted_handler_is_told() -> None:
    shop = stocked()

    @shop.domain.event_handler(part_of=shop.Order)
    class Slow:
        @handle("Forgotten")
        def wait(self, _: Any) -> None:
            raise KeyboardInterrupt

    shop.order.raise_(shop.Forgotten())
    with pytest.raises(KeyboardInterrupt):
        shop.domain.repository_for(shop.Order).add(shop.order)
    assert told(shop.domain, "handled").endswith(
        "made Slow run wait, which was interrupted: nothing of it is saved."
    )


def test_a_command_says_who_took_it(run: Any) -> None:
    assert told(run.domain, "command", type="ShipOrder") == (
        "In [3]: ShipOrder made ManageOrder run ship, which saved 1 aggregate and raised 1 event."
    )
    assert told(run.domain, "command", type="Buy").endswith(
        "which made Reorder give Buy (amount 100), which made Buyer run buy, which saved 1 aggregate."
    )


def test_a_command_that_fails_that_nobody_takes_and_that_is_undone() -> None:
    shop = stocked()

    @shop.domain.event_handler(part_of=shop.Order)
    class Act:
        @handle("Forgotten")
        def act(self, _: Any) -> None:
            shop.domain.process(shop.Buy(amount=1))
            shop.domain.process(shop.Dream())

    shop.order.raise_(shop.Forgotten())
    with suppress(IncorrectUsageError):
        shop.domain.process(shop.Dream())
    with suppress(Exception):
        shop.domain.process(shop.ShipOrder(order_id="nobody"))
    with suppress(IncorrectUsageError):
        shop.domain.repository_for(shop.Order).add(shop.order)
    said = [story(shop.domain.journal, e.step).sentence for e in shop.domain.journal.of(kind="command")]
    assert said[0] == "Outside a cell: Nobody takes Dream."
    assert (
        "ShipOrder made ManageOrder run ship, which failed, and nothing of it is saved: ObjectNot" in said[1]
    )
    assert said[2].endswith(
        "made Act give Buy (amount 1), which made Buyer run buy, which went well, but what it was part of "
        "failed: nothing of it is saved."
    )
    assert said[3].endswith("made Act give Dream, which nobody takes.")


def test_a_command_within_a_command_is_one_more_message() -> None:
    shop = stocked()

    @shop.domain.command(part_of=shop.Order)
    class ShipAll: ...

    @shop.domain.command_handler(part_of=shop.Inventory)
    class Shipper:
        @handle(ShipAll)
        def ship(self, _: Any) -> None:
            shop.domain.process(shop.ShipOrder(order_id="o-1"))

    with suppress(ValueError):
        shop.domain.process(ShipAll())
    assert told(shop.domain, "changed", id="i-1").startswith(
        "Outside a cell: ShipAll led, through 1 more message, to OrderShipped (quantity 10), which made "
    )


# Who did not run


def test_a_skipped_handler_says_the_rule_with_both_values(run: Any) -> None:
    assert told(run.domain, "skipped", 0) == (
        "In [2]: Email did not run notify for OrderShipped (quantity 10): its source stream is web, the "
        "event came from plain code."
    )
    assert told(run.domain, "skipped").endswith("its source stream is web, the event came from manage_order.")


def test_several_skipped_handlers_are_counted_and_those_of_other_events_are_not() -> None:
    shop = stocked()
    methods = {"act": handle("OrderShipped")(lambda *_: None), "too": handle("OrderShipped")(lambda *_: None)}
    shop.domain.event_handler(part_of=shop.Inventory)(type("WrongStream", (), methods))
    shop.order.ship()
    with suppress(ValueError):
        shop.domain.repository_for(shop.Order).add(shop.order)
    assert told(shop.domain, "changed", id="i-1").endswith(". 2 handlers skipped.")
    assert told(shop.domain, "skipped", handler="Email").endswith(". 1 other handler skipped.")
    assert "skipped" not in told(shop.domain, "changed", id="o-1")


def test_a_retired_handler_that_had_a_delivery_waiting_is_told() -> None:
    shop = shipped(event_processing="async")
    shop.domain.retire("Careful")
    with suppress(ValueError):
        shop.domain.deliver_all()
    assert (
        "Careful did not run drop for OrderShipped (quantity 10): Careful.drop is not defined any more."
        in told(shop.domain, "skipped")
    )


# What was refused, and what was defined


def test_a_rejection_says_what_was_tried() -> None:
    shop = stocked()
    with suppress(Exception), origin("In [5]"):
        shop.Order(quantity=0)
    assert told(shop.domain, "rejected") == (
        "In [5]: Order with quantity 0 was rejected: Input should be greater than or equal to 1."
    )
    with suppress(Exception):
        shop.Order(quantity="many", paid="perhaps", status=["no"])
    assert told(shop.domain, "rejected").endswith(", and 2 more messages.")


def test_a_value_that_is_missing_is_named() -> None:
    shop = stocked()
    with suppress(Exception):
        shop.Inventory()
    assert told(shop.domain, "rejected") == "Outside a cell: Inventory was rejected: in_stock is required."


def test_a_rejection_of_the_whole_is_told_without_a_field() -> None:
    shop = stocked()
    other = shop.domain.repository_for(shop.Order).get("o-1")
    other.note = "mine"
    shop.domain.repository_for(shop.Order).add(other)
    shop.order.note = "yours"
    with suppress(Exception):
        shop.domain.repository_for(shop.Order).add(shop.order)
    assert told(shop.domain, "rejected").startswith(
        "Outside a cell: Order was rejected: Order o-1 was loaded"
    )


def test_a_rejection_in_a_handler_says_who_tried() -> None:
    shop = stocked()

    @shop.domain.event_handler(part_of=shop.Order)
    class Act:
        @handle("Forgotten")
        def act(self, _: Any) -> None:
            with suppress(Exception):
                shop.Order(quantity=-1)

    shop.order.raise_(shop.Forgotten())
    shop.domain.repository_for(shop.Order).add(shop.order)
    assert "Forgotten made Act try Order with quantity -1, which was rejected: Input" in told(
        shop.domain, "rejected"
    )


def test_definitions_are_told() -> None:
    shop = stocked()
    shop.domain.event_handler(part_of=shop.Order)(type("Email", (), {}))
    shop.domain.retire("Email")
    shop.domain.forget("Clumsy")
    said = [story(shop.domain.journal, e.step).sentence for e in shop.domain.journal.of(kind="defined")][-3:]
    assert said == [
        "Outside a cell: the event handler Email was defined again.",
        "Outside a cell: the event handler Email was retired: no cell defines it any more.",
        "Outside a cell: the event handler Clumsy was forgotten.",
    ]


# Long and odd values


def test_long_values_are_shortened_and_stay_on_one_line() -> None:
    shop = stocked()
    shop.order.note = "line\nafter line " * 100
    shop.order.status = "x" * 5000
    with origin("c" * 500):
        shop.domain.repository_for(shop.Order).add(shop.order)
    said = told(shop.domain, "changed")
    assert "\n" not in said
    assert len(said) < 200


def test_a_long_error_is_shortened() -> None:
    shop = stocked()

    @shop.domain.event_handler(part_of=shop.Order)
    class Loud:
        @handle("Forgotten")
        def cry(self, _: Any) -> None:
            raise ValueError("a" * 500)

    shop.order.raise_(shop.Forgotten())
    with suppress(ValueError):
        shop.domain.repository_for(shop.Order).add(shop.order)
    assert told(shop.domain, "handled").endswith(f"ValueError: {'a' * 87}…")


def test_a_value_that_cannot_be_told_does_not_hide_the_others() -> None:
    class Untold:
        def __repr__(self) -> str:
            raise ValueError

    shop = stocked()
    shop.order.note = Untold()
    shop.order.paid = True
    shop.domain.repository_for(shop.Order).add(shop.order)
    assert "note None to <Untold that cannot be shown> and paid False to True" in told(shop.domain, "changed")


def test_what_a_folded_cause_leaves_is_still_told() -> None:
    """An event's name is in the entry of its delivery."""
    shop = shipped(event_processing="async", journal_limit=3)
    for number in range(20):
        shop.domain.repository_for(shop.Inventory).add(shop.Inventory(id=f"x-{number}", in_stock=1))
    shop.domain.deliver()
    ran = told(shop.domain, "handled")
    assert ran.startswith("Outside a cell: OrderShipped made ManageInventory run reduce")
    shop.domain.retire("Careful")
    with suppress(ValueError):
        shop.domain.deliver_all()
    assert "Careful did not run drop for OrderShipped: " in told(shop.domain, "skipped")


def test_a_cause_that_is_the_oldest_entry_kept_is_told() -> None:
    shop = shipped(event_processing="async", journal_limit=1)
    shop.domain.deliver()
    assert shop.domain.journal.first_step == step_of(shop.domain, "handled")
    assert "OrderShipped made ManageInventory take Inventory i-1 from" in told(shop.domain, "changed")


def test_every_entry_of_a_run_has_a_sentence(run: Any) -> None:
    for entry in run.domain.journal:
        shown = story(run.domain.journal, entry.step)
        assert isinstance(shown, Story)
        assert shown.sentence.count("..") == 0
        assert shown.sentence.endswith(".")
