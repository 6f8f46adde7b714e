"""A machine that uses several worlds of one model in turn, and compares them with separate domains."""

from contextlib import suppress

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ddd_kit import Domain, UnitOfWork, handle
from ddd_kit.fields import Identifier, Integer

BOOKS = st.sampled_from(["1", "2"])
QUANTITIES = st.integers(1, 5)


class Shop:
    """A model whose handlers name a global domain; the same one is made again for each separate run."""

    def __init__(self):
        domain = self.domain = Domain(name="Bookshop", config={"event_processing": "async"})

        @domain.aggregate
        class Order:
            book_id = Identifier(required=True)
            quantity = Integer(required=True)

        @domain.event(part_of=Order)
        class OrderShipped:
            book_id = Identifier(required=True)
            quantity = Integer(required=True)

        @domain.aggregate
        class Inventory:
            book_id = Identifier(identifier=True)
            in_stock = Integer(default=20, min_value=0)

        @domain.command(part_of=Order)
        class ShipOrder:
            order_id = Identifier(required=True)
            book_id = Identifier(required=True)
            quantity = Integer(required=True)

        @domain.command_handler(part_of=Order)
        class Clerk:
            @handle(ShipOrder)
            def ship(self, command):
                order = Order(id=command.order_id, book_id=command.book_id, quantity=command.quantity)
                order.raise_(OrderShipped(book_id=order.book_id, quantity=order.quantity))
                domain.repository_for(Order).add(order)

        @domain.event_handler(part_of=Inventory, stream_category="order")
        class ManageInventory:
            @handle(OrderShipped)
            def reduce(self, event):
                stock = domain.repository_for(Inventory)
                inventory = stock.get(event.book_id)
                inventory.in_stock -= event.quantity
                stock.add(inventory)

        self.ShipOrder, self.Inventory = ShipOrder, Inventory
        for book in ("1", "2"):
            domain.repository_for(Inventory).add(Inventory(book_id=book))


def facts(domain):
    """All that is to be the same, times aside."""
    return (
        {
            name: {identity: row[2] for identity, row in store.rows.items()}
            for name, store in domain.world.stores.items()
            if store.rows
        },
        [(entry.kind, entry.cause, getattr(entry, "outcome", None)) for entry in domain.journal],
        [(event.type, event.stream, event.position) for event in domain.stream("order")],
        [delivery.names for delivery in domain.waiting],
    )


class Worlds(RuleBasedStateMachine):
    """Forks on the left, separate domains that had the same history on the right."""

    @initialize()
    def begin(self):
        """One domain, and one that did the same."""
        self.shop = Shop()
        self.runs = [(self.shop.domain, [])]
        self.orders = 0

    def both(self, which, act):
        """Let it happen in a world, and note it for the domain that is made apart."""
        world, history = self.runs[which % len(self.runs)]
        history.append(act)
        self.attempt(act, world)

    def attempt(self, act, world):
        """Let something happen in a world."""
        attempt(act, self.shop, world)

    @rule(which=st.integers(0, 5), book=BOOKS, quantity=QUANTITIES)
    def process(self, which, book, quantity):
        """A command, given to a world by its own method."""
        self.orders += 1
        self.both(which, ("process", f"o-{self.orders}", book, quantity))

    @rule(which=st.integers(0, 5), book=BOOKS, quantity=QUANTITIES)
    def add(self, which, book, quantity):
        """Plain code in the context of a world, which names the global domain."""
        self.both(which, ("stock", book, quantity))

    @rule(which=st.integers(0, 5), number=st.integers(0, 3))
    def deliver(self, which, number):
        """One delivery."""
        self.both(which, ("deliver", number))

    @rule(which=st.integers(0, 5))
    def deliver_all(self, which):
        """All deliveries."""
        self.both(which, ("deliver_all",))

    @rule(which=st.integers(0, 5))
    def reset(self, which):
        """Everything gone, in one world."""
        self.both(which, ("reset",))

    @rule(which=st.integers(0, 5))
    def fork(self, which):
        """One world more."""
        world, history = self.runs[which % len(self.runs)]
        if len(self.runs) < 5:
            self.runs.append((world.fork(), list(history)))

    @rule(which=st.integers(1, 5))
    def drop(self, which):
        """One world less."""
        if len(self.runs) > 1:
            del self.runs[1 + which % (len(self.runs) - 1)]

    @invariant()
    def each_world_is_as_a_domain_apart(self):
        """What all of this is for."""
        for world, history in self.runs:
            apart = Shop()
            for act in history:
                attempt(act, apart, apart.domain)
            assert facts(world) == facts(apart.domain)


def attempt(act, shop, world):
    """Let something happen; what fails, fails in both."""
    what, *given = act
    with suppress(Exception):  # that both fail alike shows in the facts
        if what == "process":
            world.process(shop.ShipOrder(order_id=given[0], book_id=given[1], quantity=given[2]))
        elif what == "stock":
            with world.domain_context(), UnitOfWork():
                inventory = shop.domain.repository_for("Inventory").get(given[0])
                inventory.in_stock = given[1]
                shop.domain.repository_for("Inventory").add(inventory)
        else:
            getattr(world, what)(*given)
