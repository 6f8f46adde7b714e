"""The journal: what it holds, how it is cut, and how it tells what happened."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import pickle
import re
from typing import Any

import pytest

from ddd_kit import Domain, UnitOfWork, handle
from ddd_kit.exceptions import ExpectedVersionError, IncorrectUsageError, ValidationError
from ddd_kit.fields import Identifier, Integer, String
from ddd_kit.journal.origin import origin
from ddd_kit.journal.sentence import phrase

KINDS = ("command", "event", "handled", "skipped", "changed", "rejected", "unhandled", "defined", "fault")


class Shop:
    """Orders that take from the stock when they are shipped; a mail only goes out for commands."""

    def __init__(self, **config: Any) -> None:
        self.domain = domain = Domain(name="Bookshop", seed=7, config=config)
        self.broken = False
        shop = self

        @domain.event(part_of="Order")
        class OrderShipped:
            order_id = Identifier(required=True)
            quantity = Integer(required=True)
            tags: list[str] = []  # noqa: RUF012 - a field of the model

        @domain.event(part_of="Order")
        class OrderNoted:
            text = String(required=True)

        @domain.aggregate
        class Order:
            quantity = Integer(required=True, min_value=1)
            status = String(default="PENDING")
            tags: list[str] = []  # noqa: RUF012 - a field of the model

            def ship(self) -> Any:
                self.status = "SHIPPED"
                self.raise_(OrderShipped(order_id=self.id, quantity=self.quantity, tags=self.tags))
                return self

            def note(self, text: str) -> Any:
                self.raise_(OrderNoted(text=text))
                return self

        @domain.aggregate
        class Inventory:
            in_stock = Integer(required=True)

        @domain.event_handler(part_of=Inventory, stream_category="order", retries=1)
        class ManageInventory:
            @handle(OrderShipped)
            def reduce(self, event: Any) -> None:
                inventories = domain.repository_for(Inventory)
                inventory = inventories.get("i-1")
                inventory.in_stock -= event.quantity
                inventories.add(inventory)
                if shop.broken:
                    raise ValueError("no paper")

        @domain.event_handler(part_of=Inventory, stream_category="order", source_stream="manage_order")
        class SendMail:
            @handle(OrderShipped)
            def send(self, event: Any) -> None:
                pass

        @domain.command(part_of=Order, stream_category="manage_order")
        class ShipOrder:
            order_id = Identifier(identifier=True)
            tags: list[str] = []  # noqa: RUF012 - a field of the model

        @domain.command_handler(part_of=Order)
        class ManageOrder:
            @handle(ShipOrder)
            def ship(self, command: Any) -> None:
                shop.orders.add(shop.orders.get(command.order_id).ship())

        self.Order, self.Inventory, self.ShipOrder = Order, Inventory, ShipOrder
        self.OrderShipped = OrderShipped
        self.orders = domain.repository_for(Order)
        self.inventories = domain.repository_for(Inventory)

    @property
    def journal(self) -> Any:
        return self.domain.journal

    def begin(self) -> Any:
        """A stock of 100 and an order of 10, each from its cell."""
        self.domain.reset()
        with origin("In [4]"):
            self.inventories.add(self.Inventory(id="i-1", in_stock=100))
        with origin("In [5]"):
            return self.orders.add(self.Order(id="o-1", quantity=10, tags=["gift"]))


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def told(shop: Shop) -> Shop:
    """A shop in which an order was shipped by plain code and another by a command; 15 entries."""
    order = shop.begin()
    with origin("In [6]"):
        shop.orders.add(order.ship())
    with origin("In [7]"):
        shop.orders.add(shop.Order(id="o-2", quantity=5))
        shop.domain.process(shop.ShipOrder(order_id="o-2"))
    return shop


def kinds(entries: Any) -> list[str]:
    return [entry.kind for entry in entries]


def steps(entries: Any) -> list[int]:
    return [entry.step for entry in entries]


# What is in it, in which order.


def test_each_unit_of_work_is_a_batch_its_message_first(told: Shop) -> None:
    assert kinds(told.journal) == [
        "changed",
        "changed",
        *("changed", "event", "skipped"),
        *("handled", "changed"),
        "changed",
        *("command", "changed", "event"),
        *("handled", "changed"),
        "handled",
    ]


def test_causes_name_the_entry_that_led_to_it_and_chains_their_beginning(told: Shop) -> None:
    causes = [(entry.step, entry.cause, entry.chain) for entry in told.journal]
    assert causes[2:7] == [(3, None, 3), (4, None, 4), (5, 4, 4), (6, 4, 4), (7, 6, 4)]
    assert causes[8:] == [(9, None, 9), (10, 9, 9), (11, 9, 9), (12, 11, 9), (13, 12, 9), (14, 11, 9)]


def test_entries_say_which_cell_they_come_from_and_when(told: Shop) -> None:
    assert [entry.cell for entry in told.journal] == ["In [4]", "In [5]", *["In [6]"] * 5, *["In [7]"] * 7]
    times = [entry.at for entry in told.journal]
    assert times == sorted(times)
    assert times[0].tzinfo is dt.UTC
    assert times[0].year == 2024


def test_entries_of_one_batch_have_one_time(told: Shop) -> None:
    assert len({entry.at for entry in told.journal.between(3, 5)}) == 1


def test_an_entry_is_frozen(told: Shop) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        told.journal[0].step = 7


def test_equal_entries_have_one_hash_and_one_repr_however_they_were_made(told: Shop) -> None:
    handled = told.journal.of(kind="handled")[0]
    again = dataclasses.replace(handled, kind=handled.kind)
    assert again == handled
    assert (hash(again), repr(again)) == (hash(handled), repr(handled))
    assert dataclasses.replace(handled, step=99) != handled
    assert pickle.loads(pickle.dumps(handled)) == copy.deepcopy(handled) == handled


def test_entries_of_two_kinds_are_never_equal(told: Shop) -> None:
    assert told.journal.step(3) != told.journal.step(4)


def test_an_event_carries_where_it_stands_and_what_led_to_it(told: Shop) -> None:
    by_code, by_command = told.journal.of(kind="event")
    assert (by_code.stream, by_code.position, by_code.category) == (
        "bookshop::order-o-1",
        0,
        "bookshop::order",
    )
    assert (by_code.causes, by_code.causation_id, by_code.origin_stream) == ((), None, None)
    assert by_command.causes == ("bookshop::manage_order",)
    assert by_command.origin_stream == "bookshop::manage_order:command-o-2"
    assert by_command.causation_id == by_command.correlation_id == told.journal.step(9).message_id
    assert by_command.payload == {"order_id": "o-2", "quantity": 5, "tags": []}
    assert by_command.deliveries == (("ManageInventory", "reduce"), ("SendMail", "send"))


def test_a_change_has_the_fields_that_differ_before_and_after(told: Shop) -> None:
    created, shipped = told.journal.step(2), told.journal.step(3)
    assert (created.change, created.version) == ("created", 0)
    assert created.changes["quantity"] == (None, 10)
    assert (shipped.change, shipped.version) == ("changed", 1)
    assert shipped.changes == {"status": ("PENDING", "SHIPPED")}
    assert shipped.state == {"quantity": 10, "status": "SHIPPED", "tags": ["gift"], "id": "o-1"}


def test_a_removal_is_a_change_without_a_state_after(told: Shop) -> None:
    told.orders.remove(told.orders.get("o-1"))
    removed = told.journal[-1]
    assert (removed.change, removed.state, removed.version) == ("removed", None, 2)
    assert removed.changes["quantity"] == (10, None)


def test_a_skipped_handler_has_the_rule_and_both_values(told: Shop) -> None:
    (skipped,) = told.journal.of(kind="skipped")
    assert (skipped.handler, skipped.method, skipped.event) == ("SendMail", "send", "OrderShipped")
    assert (skipped.rule, skipped.wanted, skipped.found) == (
        "source_stream",
        "bookshop::manage_order",
        "plain code",
    )


def test_each_attempt_is_an_entry_and_says_what_it_would_have_changed(shop: Shop) -> None:
    order = shop.begin()
    shop.broken = True
    with pytest.raises(ValueError, match="no paper"):
        shop.orders.add(order.ship())
    first, second = shop.journal.of(kind="handled")
    assert [(e.attempt, e.outcome, e.error) for e in (first, second)] == [
        (1, "retried", "ValueError: no paper"),
        (2, "failed", "ValueError: no paper"),
    ]
    assert second.undone == (("Inventory", "i-1", ("in_stock", "id"), (100, "i-1"), (90, "i-1")),)
    assert shop.inventories.get("i-1").in_stock == 100


def test_what_was_refused_is_recorded_with_what_was_tried(shop: Shop) -> None:
    shop.begin()
    with pytest.raises(ValidationError):
        shop.Order(quantity=0)
    refused = shop.journal[-1]
    assert (refused.kind, refused.element, refused.tried) == ("rejected", "Order", (("quantity", 0),))
    assert refused.messages[0][0] == "quantity"
    assert (refused.cause, refused.chain) == (None, refused.step)


def test_a_stale_version_is_recorded_as_refused(shop: Shop) -> None:
    shop.begin()
    mine, theirs = shop.orders.get("o-1"), shop.orders.get("o-1")
    mine.quantity, theirs.quantity = 1, 2
    shop.orders.add(theirs)
    with pytest.raises(ExpectedVersionError):
        shop.orders.add(mine)
    assert shop.journal[-1].kind == "rejected"
    assert "loaded at version 0" in shop.journal[-1].messages[0][1]


def test_a_refusal_in_a_handler_is_caused_by_the_handler(shop: Shop) -> None:
    """Though what the handler did is undone."""
    order = shop.begin()

    @shop.domain.event_handler(part_of="Order")
    class OrderAgain:
        @handle("OrderShipped")
        def order(self, event: Any) -> None:
            shop.orders.add(shop.Order(quantity=event.quantity - 10))

    with pytest.raises(ValidationError):
        shop.orders.add(order.ship())
    refused = shop.journal.of(kind="rejected")[0]
    assert shop.journal.step(refused.cause).handler == "OrderAgain"
    assert refused.step == refused.cause + 1


def test_an_event_that_nobody_listens_to_is_said_to_be_so(shop: Shop) -> None:
    shop.orders.add(shop.begin().note("hello"))
    event, unhandled = shop.journal[-2:]
    assert (unhandled.kind, unhandled.type, unhandled.cause) == ("unhandled", "OrderNoted", event.step)


def test_definitions_are_entries_too(shop: Shop) -> None:
    assert [entry.change for entry in shop.journal] == ["registered"] * 8

    @shop.domain.event(part_of="Order")
    class OrderNoted:
        text = String(required=True)

    shop.domain.forget("SendMail")
    assert [(e.element, e.element_kind, e.change) for e in shop.journal[-2:]] == [
        ("OrderNoted", "event", "replaced"),
        ("SendMail", "event handler", "forgotten"),
    ]


def test_a_failed_command_saves_nothing_and_leaves_its_entry(shop: Shop) -> None:
    shop.begin()
    with pytest.raises(Exception, match="o-9"):
        shop.domain.process(shop.ShipOrder(order_id="o-9"))
    (command,) = shop.journal.of(kind="command")
    assert (command.outcome, command.error.split(":")[0]) == ("failed", "ObjectNotFoundError")
    assert command.step == shop.journal.last_step


def test_a_command_inside_a_handler_is_caused_by_it(shop: Shop) -> None:
    order = shop.begin()
    shop.orders.add(shop.Order(id="o-2", quantity=1))

    @shop.domain.event_handler(part_of="Order")
    class ShipTheNext:
        @handle("OrderShipped")
        def ship(self, event: Any) -> None:
            if event.order_id == "o-1":
                shop.domain.process(shop.ShipOrder(order_id="o-2"))

    shop.orders.add(order.ship())
    (command,) = shop.journal.of(kind="command")
    assert shop.journal.step(command.cause).handler == "ShipTheNext"
    assert command.chain == shop.journal.of(kind="event")[0].step
    assert [e.cause for e in shop.journal.between(command.step + 1, command.step + 2)] == [command.step] * 2


# How it is cut.


def test_places_count_from_0_and_steps_from_1(told: Shop) -> None:
    assert told.journal[0] == told.journal.step(1)
    assert told.journal[-1] == told.journal.step(14)
    assert (len(told.journal), told.journal.first_step, told.journal.last_step) == (14, 1, 14)


def test_a_slice_is_a_journal_in_small_that_can_be_cut_again(told: Shop) -> None:
    part = told.journal[2:7]
    assert steps(part) == [3, 4, 5, 6, 7]
    assert steps(part[1:]) == [4, 5, 6, 7]
    assert steps(part[::2]) == [3, 5, 7]
    assert steps(part.of(kind="changed")) == [3, 7]
    assert steps(part.between(4, 6)) == [4, 5, 6]
    assert next(reversed(part)).step == 7
    assert told.journal[5] in part
    assert told.journal[0] not in part


def test_between_takes_both_ends_and_ignores_steps_that_are_not_there(told: Shop) -> None:
    assert steps(told.journal.between(12, 99)) == [12, 13, 14]
    assert steps(told.journal.between(-3, 2)) == [1, 2]
    assert steps(told.journal.between(5, 4)) == []
    assert steps(told.journal.of(kind="changed").between(3, 8)) == [3, 7, 8]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"kind": "command"}, [9]),
        ({"aggregate": "Inventory"}, [1, 7, 13]),
        ({"aggregate": "Order"}, [2, 3, 4, 8, 10, 11]),
        ({"aggregate": "Order", "kind": "event"}, [4, 11]),
        ({"event": "OrderShipped"}, [4, 5, 6, 11, 12, 14]),
        ({"event": "OrderShipped", "kind": "handled"}, [6, 12, 14]),
        ({"cell": "In [6]"}, [3, 4, 5, 6, 7]),
        ({"event": "Nothing"}, []),
        ({}, list(range(1, 15))),
    ],
)
def test_of_picks_what_has_to_do_with_something(told: Shop, asked: Any, found: list[int]) -> None:
    assert steps(told.journal.of(**asked)) == found


def test_of_takes_classes_as_well_as_names(told: Shop) -> None:
    assert steps(told.journal.of(aggregate=told.Inventory)) == [1, 7, 13]
    assert steps(told.journal.of(event=told.OrderShipped, kind="event")) == [4, 11]


def test_a_mistyped_kind_is_refused_with_the_closest(told: Shop) -> None:
    with pytest.raises(IncorrectUsageError, match="did you mean 'changed'") as caught:
        told.journal.of(kind="change")
    assert all(kind in str(caught.value) for kind in KINDS)


@pytest.mark.parametrize("number", [0, -1, 15])
def test_a_step_that_there_is_not_is_refused_and_the_text_says_which_there_are(
    told: Shop, number: int
) -> None:
    with pytest.raises(IncorrectUsageError, match=f"no step {number}: the journal has steps 1 to 14"):
        told.journal.step(number)


def test_an_empty_journal_says_so() -> None:
    journal = Domain(name="Bookshop").journal
    assert (len(journal), journal.first_step, journal.last_step) == (0, 1, 0)
    with pytest.raises(IncorrectUsageError, match="the journal is empty"):
        journal.step(1)
    with pytest.raises(IndexError):
        journal[0]
    assert repr(journal) == "The journal is empty: nothing has happened yet."


def test_the_journal_goes_on_and_a_slice_stays_as_it_was(told: Shop) -> None:
    journal, part = told.journal, told.journal[:]
    told.orders.add(told.Order(quantity=1))
    assert len(journal) == 15
    assert len(part) == 14


# The past.


def test_at_shows_the_whole_batch_that_a_step_belongs_to(told: Shop) -> None:
    """Nobody ever sees half a commit."""
    for step, status, stock in [
        (2, "PENDING", 100),
        (3, "SHIPPED", 100),
        (5, "SHIPPED", 100),
        (6, "SHIPPED", 90),
    ]:
        past = told.domain.at(step)
        assert past.repository_for("Order").get("o-1").status == status
        assert past.repository_for("Inventory").get("i-1").in_stock == stock
    assert told.domain.at(3).journal.last_step == 5
    assert len(told.domain.at(3).stream("order")) == 1


def test_at_0_is_before_everything(told: Shop) -> None:
    past = told.domain.at(0)
    assert past.repository_for("Order").query.count() == 0
    assert (len(past.journal), len(past.stream("order"))) == (0, 0)


def test_at_has_what_waited_then(told: Shop) -> None:
    assert [d.target for d in told.domain.at(4).waiting] == ["ManageInventory.reduce"]
    assert list(told.domain.at(7).waiting) == []
    assert [d.target for d in told.domain.at(9).waiting] == ["ManageInventory.reduce", "SendMail.send"]
    assert [d.target for d in told.domain.at(12).waiting] == ["SendMail.send"]


@pytest.mark.parametrize("step", [-1, 15, "3", 2.5])
def test_at_a_step_that_there_is_not_is_refused(told: Shop, step: Any) -> None:
    with pytest.raises(IncorrectUsageError, match="no such step; the journal has steps 1 to 14"):
        told.domain.at(step)


def test_the_past_cannot_be_changed(told: Shop) -> None:
    past = told.domain.at(5)
    order = past.repository_for("Order").get("o-1")
    for change in (
        lambda: past.repository_for("Order").add(order),
        lambda: past.repository_for("Order").remove(order),
        lambda: past.process(told.ShipOrder(order_id="o-1")),
        past.deliver_all,
        past.reset,
        lambda: past.forget("SendMail"),
        lambda: past.aggregate(type("Later", (), {})),
        UnitOfWork(past).start,
    ):
        with pytest.raises(IncorrectUsageError, match="as it was after step 5: the past cannot be changed"):
            change()
    assert told.journal.last_step == 14
    assert told.orders.query.count() == 2


def test_changing_an_object_of_the_past_changes_nothing(told: Shop) -> None:
    past = told.domain.at(5)
    past.repository_for("Order").get("o-1").tags.append("evil")
    assert past.repository_for("Order").get("o-1").tags == ["gift"]
    assert told.orders.get("o-1").tags == ["gift"]


def test_the_past_keeps_the_order_in_which_objects_came_to_be(shop: Shop) -> None:
    """Also where one was removed and came again."""
    shop.begin()
    for name in ("a", "b", "c"):
        shop.orders.add(shop.Order(id=name, quantity=1))
    shop.orders.remove(shop.orders.get("a"))
    shop.orders.add(shop.Order(id="a", quantity=2))
    past = shop.domain.at(shop.journal.last_step)
    assert [o.id for o in past.repository_for("Order").query.all()] == [o.id for o in shop.orders.query.all()]
    assert [o.id for o in shop.orders.query.all()] == ["o-1", "b", "c", "a"]


def test_state_at_and_instance_at_give_values_with_version_and_step(told: Shop) -> None:
    state = told.journal.state_at(5)
    assert list(state) == [("Inventory", "i-1"), ("Order", "o-1")]
    saved = state["Order", "o-1"]
    assert (saved.step, saved.version, saved.names) == (3, 1, ("quantity", "status", "tags", "id"))
    assert saved.values == (10, "SHIPPED", ["gift"], "o-1")
    assert told.journal.instance_at("Order", "o-1", 5) == saved
    assert told.journal.instance_at("Order", "o-2", 5) is None
    assert told.journal.instance_at("Order", "o-1", 0) is None
    assert list(told.journal.steps_of("Inventory", "i-1")) == [1, 7, 13]


@pytest.mark.parametrize("step", [-1, 15])
def test_a_state_after_a_step_that_there_is_not_is_refused(told: Shop, step: int) -> None:
    with pytest.raises(IncorrectUsageError, match="steps 1 to 14"):
        told.journal.state_at(step)


# Snapshots.


def test_what_is_changed_later_changes_nothing_in_the_journal(shop: Shop) -> None:
    """Neither an aggregate's list, nor an event's or a command's payload."""
    order = shop.begin()
    shop.orders.add(order.ship())
    heard = order.tags
    command = shop.ShipOrder(order_id="o-1", tags=["c"])
    shop.domain.process(command)
    before = [entry.to_dict() for entry in shop.journal]
    order.tags.append("evil")
    heard.append("evil")
    command.tags.append("evil")
    shop.orders.get("o-1").tags.append("evil")
    assert [entry.to_dict() for entry in shop.journal] == before
    assert shop.orders.get("o-1").tags == ["gift"]


def test_a_handler_that_changes_its_event_changes_no_other_handlers_event(shop: Shop) -> None:
    order, heard = shop.begin(), []

    def listener(name: str) -> Any:
        def hear(self: Any, event: Any) -> None:
            heard.append(list(event.tags))
            event.tags.append(name)

        return type(name, (), {"hear": handle("OrderShipped")(hear)})

    for name in ("First", "Second"):
        shop.domain.event_handler(listener(name), part_of="Order")
    shop.orders.add(order.ship())
    assert heard == [["gift"], ["gift"]]
    assert shop.journal.of(kind="event")[0].payload["tags"] == ["gift"]
    assert shop.domain.stream("order")[0].payload["tags"] == ["gift"]


def test_what_a_reader_does_with_an_entry_changes_nothing(told: Shop) -> None:
    """Entries, states and tables hand out copies of what can be changed from inside."""
    shipped, event = told.journal.step(3), told.journal.step(4)
    shipped.state["tags"].append("evil")
    shipped.after[2].append("evil")
    shipped.before[2].append("evil")
    told.journal.step(2).changes["tags"][1].append("evil")
    event.payload["tags"].append("evil")
    event.values[2].append("evil")
    told.journal.state_at(5)["Order", "o-1"].values[2].append("evil")
    told.journal.instance_at("Order", "o-1", 5).values[2].append("evil")
    told.journal.to_frame().loc[4, "payload"]["tags"].append("evil")
    told.journal.changes().query("field == 'tags'")["after"].iloc[0].append("evil")
    assert "evil" not in repr([entry.to_dict() for entry in told.journal])
    assert told.orders.get("o-1").tags == ["gift"]
    assert told.domain.at(5).repository_for("Order").get("o-1").tags == ["gift"]


def test_the_state_at_add_counts_not_the_one_at_the_end_of_the_unit(shop: Shop) -> None:
    order = shop.begin()
    with UnitOfWork(shop.domain):
        order.quantity = 3
        shop.orders.add(order)
        order.quantity = 4
        order.tags.append("late")
    assert shop.journal[-1].changes == {"quantity": (10, 3)}


# Switched off.


def test_without_a_journal_everything_runs_and_nothing_is_recorded() -> None:
    shop = Shop(journal=False)
    order = shop.begin()
    shop.orders.add(order.ship())
    assert shop.inventories.get("i-1").in_stock == 90
    assert len(shop.journal) == 0
    assert [event.position for event in shop.domain.stream("order")] == [0]
    with pytest.raises(
        IncorrectUsageError, match=r"nothing is recorded while domain.config\['journal'\] is False"
    ):
        shop.domain.at(0)


def test_without_a_journal_errors_arrive_as_they_do_with_it() -> None:
    shop = Shop(journal=False)
    order = shop.begin()
    shop.broken = True
    with pytest.raises(ValueError, match="no paper"):
        shop.orders.add(order.ship())
    with pytest.raises(ValidationError):
        shop.Order(quantity=0)
    assert shop.inventories.get("i-1").in_stock == 100
    assert list(shop.domain.waiting) == []


# Tables.


def test_to_frame_has_one_row_an_entry_indexed_by_step(told: Shop) -> None:
    table = told.journal.to_frame()
    assert table.index.name == "step"
    assert list(table.index) == list(range(1, 15))
    assert list(table["kind"]) == kinds(told.journal)
    assert list(table["cell"]) == [entry.cell for entry in told.journal]
    assert list(table["at"]) == [entry.at for entry in told.journal]
    assert {"cause", "chain", "element", "method", "event", "aggregate", "id", "version", "stream"} < set(
        table
    )


def test_to_frame_puts_like_things_into_one_column(told: Shop) -> None:
    table = told.journal.to_frame()
    assert table.loc[9, ["element", "method", "outcome"]].tolist() == ["ShipOrder", "ManageOrder.ship", "ok"]
    assert table.loc[4, ["element", "aggregate", "id", "stream", "position"]].tolist() == [
        *("OrderShipped", "Order", "o-1", "bookshop::order-o-1"),
        0,
    ]
    assert table.loc[6, ["element", "method", "event", "attempt"]].tolist() == [
        *("ManageInventory", "reduce", "OrderShipped"),
        1,
    ]
    assert table.loc[5, ["element", "rule", "found"]].tolist() == ["SendMail", "source_stream", "plain code"]
    assert table.loc[3, ["element", "aggregate", "id", "version"]].tolist() == ["Order", "Order", "o-1", 1]
    assert table.loc[4, "payload"] == {"order_id": "o-1", "quantity": 10, "tags": ["gift"]}


def test_to_frame_leaves_empty_what_a_kind_does_not_have(told: Shop) -> None:
    table = told.journal.to_frame()
    assert table["cause"].isna().tolist() == [entry.cause is None for entry in told.journal]
    assert table["cause"].dtype == "Int64"
    assert table["version"].dropna().tolist() == [e.version for e in told.journal.of(kind="changed")]
    assert table["rule"].notna().tolist() == [entry.kind == "skipped" for entry in told.journal]


def test_a_part_of_the_journal_and_an_empty_one_are_tables_too(told: Shop) -> None:
    assert list(told.journal.of(kind="event").to_frame().index) == [4, 11]
    empty = Domain(name="Empty").journal
    assert (len(empty.to_frame()), len(empty.changes())) == (0, 0)
    assert list(empty.to_frame()) == list(told.journal.to_frame())
    assert list(empty.changes()) == list(told.journal.changes())


def test_to_frame_holds_every_kind_of_entry(shop: Shop) -> None:
    assert set(every_kind(shop).journal.to_frame()["kind"]) == set(KINDS)


def test_changes_has_one_row_a_field(told: Shop) -> None:
    table = told.journal.changes()
    assert list(table) == ["step", "cell", "aggregate", "id", "version", "field", "before", "after"]
    stock = table[table["field"] == "in_stock"]
    assert stock[["step", "cell", "version", "after"]].values.tolist() == [
        [1, "In [4]", 0, 100],
        [7, "In [6]", 1, 90],
        [13, "In [7]", 2, 85],
    ]
    assert stock["before"].tolist()[1:] == [100, 90]
    assert table[(table["step"] == 3)].values.tolist() == [
        [3, "In [6]", "Order", "o-1", 1, "status", "PENDING", "SHIPPED"]
    ]


# In words.


def every_kind(shop: Shop) -> Shop:
    """A shop whose journal has entries of every kind and outcome."""
    order = shop.begin()
    shop.orders.add(order.ship())
    shop.domain.process(shop.ShipOrder(order_id="o-1"))
    shop.orders.add(shop.orders.get("o-1").note("hello"))
    shop.broken = True
    with pytest.raises(ValueError, match="no paper"):
        shop.domain.process(shop.ShipOrder(order_id="o-1"))
    with pytest.raises(ValidationError):
        shop.Order(quantity=0)
    with pytest.raises(Exception, match="o-9"):
        shop.domain.process(shop.ShipOrder(order_id="o-9"))
    shop.broken = False
    shop.domain.faults.drop(handler="SendMail")
    shop.domain.process(shop.ShipOrder(order_id="o-1"))
    shop.orders.remove(shop.orders.get("o-1"))
    shop.domain.forget("SendMail")
    return shop


SENTENCES = [
    "Inventory i-1 added: in_stock 100",
    "Order o-1 added: quantity 10, status PENDING, tags ['gift']",
    "Order o-1 status PENDING -> SHIPPED",
    "OrderShipped (quantity 10, tags ['gift']) on order-o-1",
    "SendMail.send skipped: its source stream is manage_order, the event came from plain code",
    "ManageInventory.reduce ran, _ ms",
    "Inventory i-1 in_stock 100 -> 90",
    "ShipOrder (tags []) on manage_order:command-o-1: ManageOrder.ship took it, _ ms",
    "Order o-1 saved, no field changed",
    "OrderNoted (text hello) on order-o-1",
    "nobody listens to OrderNoted on order-o-1",
    "SendMail.send: dropped (injected)",
    "ManageInventory.reduce ran, attempt 1, retried: ValueError: no paper",
    "ManageInventory.reduce ran, attempt 2, failed: ValueError: no paper",
    "Order rejected: quantity: Input should be greater than or equal to 1",
    "Order o-1 removed",
    "event handler SendMail forgotten",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_kind_of_entry_is_said_in_words(shop: Shop, sentence: str) -> None:
    said = [re.sub(r"[\d.]+ ms", "_ ms", phrase(entry)) for entry in every_kind(shop).journal]
    assert sentence in said


def test_the_sentences_above_are_about_every_kind_of_entry(shop: Shop) -> None:
    assert {entry.kind for entry in every_kind(shop).journal} == set(KINDS)


# As a tree.


def lines(journal: Any) -> list[str]:
    """Without times."""
    return [re.sub(r", [\d.]+ ms$", "", line) for line in repr(journal).splitlines()]


def test_the_tree_is_grouped_by_cell_and_indented_by_cause(told: Shop) -> None:
    assert lines(told.journal.between(2, 14)) == [
        "In [5]",
        "  ■ Order o-1 added: quantity 10, status PENDING, tags ['gift']",
        "In [6]",
        "  ■ Order o-1 status PENDING -> SHIPPED",
        "  ● OrderShipped (quantity 10, tags ['gift']) on order-o-1",
        "    ◇ SendMail.send skipped: its source stream is manage_order, the event came from plain code",
        "    ◆ ManageInventory.reduce ran",
        "      ■ Inventory i-1 in_stock 100 -> 90",
        "In [7]",
        "  ■ Order o-2 added: quantity 5, status PENDING, tags []",
        "  ▶ ShipOrder (tags []) on manage_order:command-o-2: ManageOrder.ship took it",
        "    ■ Order o-2 status PENDING -> SHIPPED",
        "    ● OrderShipped (quantity 5, tags []) on order-o-2",
        "      ◆ ManageInventory.reduce ran",
        "        ■ Inventory i-1 in_stock 90 -> 85",
        "      ◆ SendMail.send ran",
    ]


def test_definitions_are_not_in_the_tree_and_entries_from_nowhere_have_a_group(shop: Shop) -> None:
    shop.inventories.add(shop.Inventory(id="i-1", in_stock=1))
    assert lines(shop.journal) == ["outside a cell", "  ■ Inventory i-1 added: in_stock 1"]


def test_what_is_delivered_in_a_later_cell_stands_below_that_cell(shop: Shop) -> None:
    order = shop.begin()
    shop.domain.config["event_processing"] = "async"
    with origin("In [6]"):
        shop.orders.add(order.ship())
    with origin("Try it"):
        shop.domain.deliver_all()
    assert lines(shop.journal)[-3:] == [
        "Try it",
        "  ◆ ManageInventory.reduce ran",
        "    ■ Inventory i-1 in_stock 100 -> 90",
    ]


def test_of_a_long_journal_the_tree_shows_the_end_and_says_so(shop: Shop) -> None:
    shop.begin()
    for number in range(300):
        shop.orders.add(shop.Order(id=f"n-{number}", quantity=1))
    shown = lines(shop.journal)
    assert shown[0].startswith("… 102 earlier entries")
    assert "n-299" in shown[-1]
    assert len(shown) == 202


# Long chains.


def test_a_chain_of_a_thousand_causes_can_be_told_and_explained() -> None:
    """Nothing in the journal goes down a chain by recursion."""
    domain = Domain(name="Echoes", config={"max_chain_length": 2_000})

    @domain.event(part_of="Echo")
    class Called:
        number = Integer(required=True)

    @domain.aggregate
    class Echo:
        heard = Integer(default=0)

        def call(self, number: int) -> Any:
            self.heard = number
            self.raise_(Called(number=number))
            return self

    @domain.event_handler(part_of=Echo)
    class Answer:
        @handle(Called)
        def answer(self, event: Any) -> None:
            echoes = domain.repository_for(Echo)
            if event.number < 1_000:
                echoes.add(echoes.get("e").call(event.number + 1))

    domain.repository_for(Echo).add(Echo(id="e").call(1))
    echo = domain.repository_for(Echo).get("e")
    explained = domain.why(echo, "heard")
    assert len(explained.chain) == 1_999
    assert explained.sentence.endswith("Echo e heard 999 -> 1000.")
    assert [entry.chain for entry in explained.chain] == [explained.chain[0].step] * 1_999
    assert len(repr(domain.journal).splitlines()) == 202
    assert len(domain.journal[:3000].to_text().splitlines()) == 202
    assert domain.at(1_500).repository_for("Echo").get("e").heard == 500
    assert len(domain.journal.to_frame()) == len(domain.journal) == 3_003
