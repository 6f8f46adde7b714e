"""Fact events in tests of a model: nobody raises them, so nobody has to expect them."""

import pytest

from ddd_kit import Domain, apply, given, handle
from ddd_kit.testing import some

domain = Domain(name="Bookshop")


@domain.aggregate(fact_events=True)
class Inventory:
    in_stock: int = 0

    def take(self, quantity):
        self.in_stock -= quantity
        self.raise_(Taken(quantity=quantity))


@domain.event(part_of=Inventory)
class Taken:
    quantity: int


@domain.command(part_of=Inventory)
class Take:
    inventory_id: str
    quantity: int


@domain.command_handler(part_of=Inventory)
class ManageInventory:
    @handle(Take)
    def take(self, command):
        repository = domain.repository_for(Inventory)
        inventory = repository.get(command.inventory_id)
        if command.quantity:
            inventory.take(command.quantity)
        repository.add(inventory)


Fact = domain.registry.elements["InventoryFactEvent"].cls


def taken(quantity=1):
    return given(Inventory(id="i-1", in_stock=5)).when(Take(inventory_id="i-1", quantity=quantity))


def test_they_need_not_be_expected():
    taken().then(Taken(quantity=1)).has(Inventory, "i-1", in_stock=4)
    taken(0).then_nothing()


def test_they_may_be_expected_with_their_values():
    taken().then(Taken, some(Fact, in_stock=4))
    with pytest.raises(AssertionError, match="Taken, InventoryFactEvent came with other values"):
        taken().then(Taken, some(Fact, in_stock=3))
    with pytest.raises(AssertionError, match="Expected InventoryFactEvent; found no event"):
        taken(0).then(Fact)


def test_another_event_is_still_missed_without_naming_them():
    with pytest.raises(AssertionError, match=r"Expected no event; found Taken\."):
        taken().then_nothing()


def test_all_events_of_the_outcome_have_them():
    assert taken().events.types == [Taken, Fact]


def test_those_of_the_aggregate_itself_are_without_them_as_in_protean():
    ledger = Domain(name="Ledger")

    @ledger.aggregate(event_sourced=True, fact_events=True)
    class Account:
        status: str = ""

        @apply
        def opened(self, _: "Opened"):
            self.status = "open"

        @apply
        def closed(self, _: "Closed"):
            self.status = "closed"

    @ledger.event(part_of=Account)
    class Opened:
        account_id: str

    @ledger.event(part_of=Account)
    class Closed:
        account_id: str

    @ledger.command(part_of=Account)
    class Close:
        account_id: str

    @ledger.command_handler(part_of=Account)
    class ManageAccount:
        @handle(Close)
        def close(self, command):
            account = ledger.repository_for(Account).get(command.account_id)
            account.raise_(Closed(account_id=account.id))
            ledger.repository_for(Account).add(account)

    account = given(Account, Opened(account_id="a-1")).process(Close(account_id="a-1"))
    assert account.accepted
    assert account.events.types == [Closed]
