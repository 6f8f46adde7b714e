"""A run that is repeated, after faults, failures, interrupts and breakpoints."""

from typing import Any

import pytest

from ddd_kit import Domain, UnitOfWork, apply, handle
from ddd_kit.exceptions import IncorrectUsageError, ValidationError
from ddd_kit.fields import Identifier, Integer, String


class Shop:
    """Orders that are shipped, and a log that gets an entry with an identity of its own for each."""

    def __init__(self, mode: str = "sync", retries: int = 0, *, rescues: bool = False) -> None:
        domain = self.domain = Domain(name="Shop", config={"event_processing": mode})
        self.interrupts = self.fails = False

        @domain.aggregate
        class Order:
            quantity = Integer(min_value=1)

        @domain.event(part_of=Order)
        class Shipped:
            quantity = Integer()

        @domain.command(part_of=Order)
        class Ship:
            quantity = Integer()

        @domain.command_handler(part_of=Order)
        class Clerk:
            @handle(Ship)
            def ship(self, command: Any) -> None:
                order = Order(quantity=command.quantity)
                order.raise_(Shipped(quantity=order.quantity))
                domain.repository_for(Order).add(order)

        @domain.aggregate
        class Line:
            quantity = Integer()

        def write(event: Any) -> None:
            domain.repository_for(Line).add(Line(quantity=event.quantity))
            if self.interrupts:
                raise KeyboardInterrupt
            if event.quantity == 13 or self.fails:
                raise ValueError("thirteen")

        class Log:
            @handle(Shipped)
            def note(self, event: Any) -> None:
                write(event)

        def again(_: type, error: Exception, event: Any) -> None:
            raise error

        if rescues:
            Log.handle_error = classmethod(again)
        domain.event_handler(part_of=Line, stream_category="order", retries=retries)(Log)
        self.Order, self.Shipped, self.Ship = Order, Shipped, Ship

    def ship(self, *quantities: int) -> None:
        for quantity in quantities:
            self.domain.process(self.Ship(quantity=quantity))

    def add_handler(self) -> list[int]:
        """A handler that is defined after the run, and what it is told."""
        told: list[int] = []

        @self.domain.event_handler(part_of="Order")
        class Tell:
            @handle("Shipped")
            def tell(self, event: Any) -> None:
                told.append(event.quantity)

        return told


def lines(domain: Domain) -> list[int]:
    return [line.quantity for line in domain.repository_for("Line").query.all()]


@pytest.mark.parametrize("retries", [0, 2])
def test_an_attempt_that_failed_gets_its_identities_again(retries: int) -> None:
    shop = Shop(retries=retries)
    with pytest.raises(ValueError, match="thirteen"):
        shop.ship(13)
    shop.ship(2)
    found = shop.domain.replay()
    lost = [[kept[1] for kept in entry.undone] for entry in shop.domain.journal.of(kind="handled")]
    assert lost[0]
    assert [[k[1] for k in e.undone] for e in found.right.journal.of(kind="handled")] == lost
    assert found.same


def test_each_command_of_a_unit_of_work_gets_its_own_identities_again() -> None:
    shop = Shop()
    with UnitOfWork(shop.domain):
        shop.ship(2, 3)
    found = shop.domain.replay()
    ids = [[c.message_id for c in run.journal.of(kind="command")] for run in (found.left, found.right)]
    assert ids[0] == ids[1]
    assert list(found.right.world.stores["Order"].rows) == list(shop.domain.world.stores["Order"].rows)
    assert list(found.right.world.stores["Line"].rows) == list(shop.domain.world.stores["Line"].rows)


def test_commands_that_a_command_leads_to_take_no_identity_of_an_aggregate() -> None:
    shop = Shop()
    domain = shop.domain

    @domain.command(part_of="Order")
    class ShipTwice: ...

    @domain.command_handler(part_of="Order")
    class Chief:
        @handle(ShipTwice)
        def twice(self, _: Any) -> None:
            domain.repository_for("Order").add(shop.Order(quantity=9))
            shop.ship(1)
            shop.ship(2)

    domain.process(ShipTwice())
    found = domain.replay()
    assert list(found.right.world.stores["Order"].rows) == list(domain.world.stores["Order"].rows)
    assert found.same


@pytest.mark.parametrize("rescues", [False, True])
def test_in_a_replay_too_what_failed_in_sync_mode_does_not_wait(rescues: bool) -> None:
    """Not in its journal either, so that a replay of the replay is the same again."""
    shop = Shop(rescues=rescues)
    with pytest.raises(ValueError, match="thirteen"):
        shop.ship(13)
    found = shop.domain.replay()
    assert not found.right.waiting
    outcomes = [
        [(e.method, e.outcome, e.waits) for e in run.journal.of(kind="handled")]
        for run in (found.left, found.right)
    ]
    assert outcomes[0] == outcomes[1]
    assert found.right.replay().same
    assert not found.right.at(found.right.journal.last_step).waiting


def test_a_delivery_that_a_fault_doubled_is_made_once_and_others_in_their_turn() -> None:
    shop = Shop(mode="async")
    shop.domain.faults.deliver_twice()
    shop.ship(1, 2, 3)
    for place in (0, 0, 2, 2, 0, 0):
        shop.domain.deliver(place)
    assert lines(shop.domain) == [1, 1, 3, 3, 2, 2]
    assert lines(shop.domain.replay().right) == [1, 3, 2]


@pytest.mark.parametrize("fault", ["deliver_twice", "drop"])
def test_a_new_handler_takes_part_at_once_also_where_faults_were_on(fault: str) -> None:
    """Not only when the whole run was repeated: it is told of an order before the next one is shipped."""
    shop = Shop()
    getattr(shop.domain.faults, fault)()
    shop.ship(1, 2, 3)
    told = shop.add_handler()
    right = shop.domain.replay().right
    assert (told, lines(right)) == ([1, 2, 3], [1, 2, 3])
    kinds = [e.kind for e in right.journal if e.kind in ("command", "handled")]
    assert kinds == ["command", "handled", "handled"] * 3


def test_a_delivery_that_was_interrupted_is_made_when_it_was_made() -> None:
    shop = Shop(mode="async")
    shop.ship(1, 2)
    shop.interrupts = True
    with pytest.raises(KeyboardInterrupt):
        shop.domain.deliver()
    shop.interrupts = False
    shop.domain.deliver(1)
    shop.domain.deliver()
    assert lines(shop.domain) == [2, 1]
    assert lines(shop.domain.replay().right) == [2, 1]


def test_a_replay_does_not_stop_at_breakpoints_and_has_them_after_it() -> None:
    shop = Shop()
    shop.ship(1, 2)
    told = shop.add_handler()
    shop.domain.pause_on("Shipped")
    right = shop.domain.replay().right
    assert (told, lines(right)) == ([1, 2], [1, 2])
    assert not right.waiting
    assert (right.faults.breakpoints, right.config["event_processing"]) == (("Shipped",), "sync")


def test_a_replay_goes_on_with_the_identities_of_the_seed(tmp_path: Any) -> None:
    domain = Domain(name="Seeded", seed=7)

    @domain.aggregate
    class Order:
        quantity = Integer(default=1)

    domain.repository_for(Order).add(Order())
    right = domain.replay().right
    right.save(tmp_path / "run.jsonl")
    with right.fork().domain_context():
        ours = Order().id
    domain.load(tmp_path / "run.jsonl")
    assert Order().id == ours


def test_what_plain_code_was_refused_is_no_difference_of_a_replay() -> None:
    """Nobody knows what that code tried to do, so that it cannot be repeated."""
    shop = Shop()
    with pytest.raises(ValidationError):
        shop.Order(quantity=0)
    shop.ship(1)
    assert shop.domain.journal.of(kind="rejected")
    assert shop.domain.replay().same


def test_an_aggregate_that_does_not_fit_its_class_any_more_is_named() -> None:
    """It is not left out without a word."""
    domain = Domain(name="Shop")

    @domain.aggregate
    class Order:
        quantity = Integer(default=1)

    domain.repository_for(Order).add(Order(id="o-1"))

    @domain.aggregate
    class Order:  # type: ignore[no-redef]
        quantity = Integer(default=1)
        buyer = String(required=True)

    told = r"replay: Order of step 2 does not fit the class of today: .*'buyer'"
    with pytest.raises(IncorrectUsageError, match=told):
        domain.replay()


def test_a_replay_changes_nothing_of_the_run() -> None:
    shop = Shop(mode="async")
    shop.domain.faults.fail(2, chance=0.5, seed=1)
    shop.domain.pause_on("Shipped")
    shop.ship(1, 2, 13)
    with pytest.raises(ExceptionGroup):
        shop.domain.deliver_all()
    before = facts(shop.domain)
    shop.domain.replay()
    shop.domain.replay(since=shop.domain.journal.last_step - 2)
    assert facts(shop.domain) == before


def facts(domain: Domain) -> tuple[Any, ...]:
    return (
        list(domain.journal.rows),
        list(domain.waiting),
        dict(domain.world.stores["Line"].rows),
        dict(domain.config),
        domain.faults.breakpoints,
        [(fault._dice.getstate(), dict(fault._left)) for fault in domain.faults],
    )


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "removed"])
def test_event_sourced_aggregates_that_plain_code_saved_come_again(kept: bool) -> None:
    """New, changed, and removed ones: their events make them what they were."""
    domain: Any = Domain(name="Bookshop")

    @domain.event(part_of="Card")
    class Sold:
        worth = Integer(required=True)

    @domain.event(part_of="Card")
    class Used:
        amount = Integer(required=True)

    @domain.aggregate(event_sourced=True)
    class Card:
        card_id = Identifier(identifier=True)
        balance = Integer(default=0)

        @apply
        def sold(self, event: Sold):
            self.balance = event.worth

        @apply
        def used(self, event: Used):
            self.balance -= event.amount

    card = Card._create_new(card_id="ada")
    card.raise_(Sold(worth=50))
    domain.repository_for(Card).add(card)
    card.raise_(Used(amount=20))
    domain.repository_for(Card).add(card)
    if not kept:
        domain.repository_for(Card).remove(card)
    comparison = domain.replay()
    assert comparison.same, comparison
    found = comparison.right.repository_for(Card).get_or_none("ada")
    assert (found.balance if kept else found) == (30 if kept else None)
