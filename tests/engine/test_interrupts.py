"""An interrupt tears nothing: whatever runs is done whole or not at all, and what is left waits."""

from __future__ import annotations

import _thread
import contextvars
import dis
import functools
import itertools
import random
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

import ddd_kit.engine
import ddd_kit.journal
from ddd_kit import Domain, UnitOfWork, handle
from ddd_kit.engine.context import active_engine

TRACED = tuple(str(Path(package.__file__ or "").parent) for package in (ddd_kit.engine, ddd_kit.journal))
PATIENCE = 5
"""Seconds that another thread may wait for the domain."""
ENOUGH = 8
"""Places of which a failing test tells."""


class Shop:
    """A model in which one order shipped leads to a chain: stock goes down, and both facts are noted."""

    def __init__(self) -> None:
        self.domain = domain = Domain(name="Bookshop")
        self.before_handling: Callable[[], Any]
        self.tries: int
        self.notes_fail: bool
        self.touched: int
        shop = self

        @domain.aggregate
        class Order:
            quantity: int
            shipped: bool = False

            def ship(self) -> None:
                self.shipped = True
                self.raise_(OrderShipped(order_id=self.id, quantity=self.quantity))

            def touch(self) -> None:
                self.raise_(OrderTouched(order_id=self.id))

        @domain.event(part_of="Order")
        class OrderShipped:
            order_id: str
            quantity: int

        @domain.event(part_of="Order")
        class OrderTouched:
            order_id: str

        @domain.aggregate
        class Inventory:
            name: str
            in_stock: int

            def take(self, quantity: int) -> None:
                self.in_stock -= quantity
                self.raise_(StockTaken(quantity=quantity))

        @domain.event(part_of="Inventory")
        class StockTaken:
            quantity: int

        @domain.aggregate
        class Note:
            text: str

        @domain.event_handler(part_of=Inventory, stream_category="order", retries=1)
        class ManageInventory:
            @handle(OrderShipped)
            def reduce(self, event: Any) -> None:
                shop.tries += 1
                shop.before_handling()
                repository = domain.repository_for(Inventory)
                inventory = repository.find_by(name="books")
                inventory.take(event.quantity)
                repository.add(inventory)

        @domain.event_handler(part_of=Note, stream_category="$all")
        class TakeNotes:
            @handle("$any")
            def note(self, event: Any) -> None:
                domain.repository_for(Note).add(Note(text=type(event).__name__))
                if shop.notes_fail:
                    raise ValueError("out of ink")

            @classmethod
            def handle_error(cls, error: Exception, event: Any) -> None:
                domain.repository_for(Note).add(Note(text=f"{error} for {type(event).__name__}"))

        @domain.command(part_of=Order)
        class ShipOrder:
            order_id: str

        @domain.command_handler(part_of=Order)
        class ManageOrder:
            @handle(ShipOrder)
            def ship(self, command: Any) -> None:
                repository = domain.repository_for(Order)
                order = repository.get(command.order_id)
                if not order.shipped:
                    order.ship()
                    repository.add(order)

        self.classes = (Order, Inventory, Note)
        self.ShipOrder = ShipOrder
        self.orders = domain.repository_for(Order)
        self.inventories = domain.repository_for(Inventory)
        self.notes = domain.repository_for(Note)
        self.begin()

    def begin(self) -> None:
        """Empty the world, and put the first objects in."""
        order, inventory, _ = self.classes
        self.tries = 0
        self.before_handling = lambda: None
        self.notes_fail = False
        self.touched = 0
        self.domain.config["event_processing"] = "sync"
        self.domain.reset()
        self.inventories.add(inventory(name="books", in_stock=100))
        self.order = self.orders.add(order(quantity=10))
        self.another = order(quantity=7)

    def check_consistent(self) -> None:
        """State and events are saved together, and the journal tells the same as the stores."""
        domain = self.domain
        told = {key: saved.values for key, saved in domain.journal.state_at(domain.journal.last_step).items()}
        stored = {}
        for cls in self.classes:
            for found in domain.repository_for(cls).query.all():
                stored[cls.__name__, found.id] = tuple(found.to_dict().values())
        assert stored == told, "the journal tells something else than the stores"
        events = [(e.step, e.type) for name in ("order", "inventory") for e in domain.stream(name)]
        recorded = [(e.step, e.type) for e in domain.journal.of(kind="event")]
        assert sorted(events) == recorded, "the journal tells of other events than the streams"
        types = Counter(name for _, name in recorded)
        shipped = self.orders.query.filter(shipped=True).count()
        assert types["OrderShipped"] == shipped, "orders and their events are not saved together"
        ok = Counter((e.cause, e.handler) for e in domain.journal.of(kind="handled") if e.outcome == "ok")
        assert set(ok.values()) <= {1}, "a delivery was made twice"
        by_handler = Counter(handler for _, handler in ok)
        assert types["StockTaken"] == by_handler["ManageInventory"]
        taken = sum(order.quantity for order in self.orders.query.all() if self._handled(order, ok))
        assert self.inventories.find_by(name="books").in_stock == 100 - taken
        assert self.notes.query.count() == by_handler["TakeNotes"]

    def _handled(self, order: Any, ok: Counter[Any]) -> bool:
        return any((event.step, "ManageInventory") in ok for event in self.domain.stream(order))

    def check_all_handled(self) -> None:
        """Every event reached every handler once, and nothing waits."""
        journal = self.domain.journal
        assert list(self.domain.waiting) == []
        ok = Counter(
            (e.cause, e.handler, e.delivered_to) for e in journal.of(kind="handled") if e.outcome == "ok"
        )
        assert ok == Counter((e.step, *target) for e in journal.of(kind="event") for target in e.deliveries)

    def go_on(self) -> None:
        """The lock is free, no unit is open, and what an interrupt left undone can be done now."""
        in_another_thread(lambda: self.orders.add(self.another))
        assert self.orders.query.filter(quantity=7).count() == 1, "an add joined a unit that nobody ends"
        self.domain.deliver_all()
        if not self.order.shipped:
            self.order = self.orders.get(self.order.id)
        if not self.order.shipped:
            self.order.ship()
        self.orders.add(self.order)
        self.domain.deliver_all()
        self.check_consistent()
        self.check_all_handled()
        assert self.inventories.find_by(name="books").in_stock == 90
        assert len(self.domain.journal.of(event="OrderTouched", kind="event")) == self.touched, (
            "an event was lost"
        )
        assert active_engine.get() is None, "the current domain is for ever the one that was interrupted"


def in_another_thread(work: Callable[[], Any]) -> None:
    """Fails when the work of another thread does not end, or raises."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the other thread raises it
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive(), "another thread waits for the domain for ever"
    if errors:
        raise errors[0]


@functools.cache
def places(code: CodeType) -> frozenset[int]:
    """Where in a function Python looks for signals."""
    return frozenset(
        found.offset
        for found in dis.get_instructions(code)
        if found.opname.startswith(("CALL", "JUMP_BACKWARD")) and "NO_INTERRUPT" not in found.opname
    )


class _Interrupt(int):
    """Reading `now` presses Ctrl-C, and leaves it to the code that runs next to notice."""

    now = property(_thread.interrupt_main)


class Interrupter:
    """Interrupts at some of the places at which Python looks for signals in the engine and the journal.

    Such places are the beginning of a function, the end of a call and the end of a loop's round.
    """

    def __init__(self, *at: int) -> None:
        self.at = at
        self.count = 0
        self.place = "not reached"
        self.swallowed = False
        self._signal = _Interrupt(signal.SIGINT)

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "call":
            if not frame.f_code.co_filename.startswith(TRACED):
                return None
            frame.f_trace_opcodes = True
        elif event != "opcode" or frame.f_lasti not in places(frame.f_code):
            return self
        self.count += 1
        if self.count in self.at:
            code = frame.f_code
            self.place = f"{Path(code.co_filename).name}:{frame.f_lineno} {code.co_qualname}, {event}"
            # No call may stand between this line and the return: it would notice the signal here.
            self._signal.now  # noqa: B018
        return self

    def run(self, work: Callable[[], Any]) -> BaseException | None:
        """Do the work, and return what it raised."""
        tracer, hook = sys.gettrace(), sys.unraisablehook
        sys.unraisablehook = self._swallowed
        try:
            sys.settrace(self)
            try:
                work()
            finally:
                sys.settrace(tracer)
        except BaseException as error:  # noqa: BLE001 - an interrupt is what is wanted
            return error
        finally:
            sys.unraisablehook = hook
        return None

    def _swallowed(self, ignored: Any) -> None:
        """Python itself drops what is raised while it closes a generator that nobody needs any more."""
        self.swallowed = self.swallowed or ignored.exc_type is KeyboardInterrupt


@pytest.fixture(autouse=True)
def _keyboard() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def add(shop: Shop) -> Callable[[], Any]:
    shop.order.ship()
    return lambda: shop.orders.add(shop.order)


def process(shop: Shop) -> Callable[[], Any]:
    return lambda: shop.domain.process(shop.ShipOrder(order_id=shop.order.id))


def deliver_all(shop: Shop) -> Callable[[], Any]:
    shop.domain.config["event_processing"] = "async"
    shop.order.ship()
    shop.orders.add(shop.order)
    return shop.domain.deliver_all


def retried_and_rescued(shop: Shop) -> Callable[[], Any]:
    def fail_at_first() -> None:
        if shop.tries == 1:
            raise ValueError("not yet")

    shop.before_handling = fail_at_first
    shop.notes_fail = True
    return add(shop)


OPERATIONS = (add, process, deliver_all, retried_and_rescued)


def interrupted(shop: Shop, operation: Callable[[Shop], Callable[[], Any]], *at: int) -> Interrupter:
    """One run of an operation, interrupted at some places, and all that has to hold afterwards."""
    shop.begin()
    work = operation(shop)
    interrupter = Interrupter(*at)
    error = interrupter.run(work)
    if shop.order.shipped:
        shop.order.touch()  # before the engine has a chance to tidy up
        shop.touched = 1
    if interrupter.count >= at[0]:
        try:
            assert isinstance(error, KeyboardInterrupt) or interrupter.swallowed, (
                f"lost, raised was {error!r}"
            )
            shop.check_consistent()
            shop.go_on()
        except Exception as torn:
            text = f"{at} {interrupter.place}: {type(torn).__name__} {torn}"
            raise AssertionError(text.split("\n", maxsplit=1)[0]) from torn
    return interrupter


def failing(shop: Shop, operation: Callable[[Shop], Callable[[], Any]], *at: int) -> bool | AssertionError:
    """Whether the place was reached; or what was torn."""
    try:
        # A context of its own: if one run leaves the current domain wrong, the next does not suffer.
        return contextvars.copy_context().run(interrupted, shop, operation, *at).count >= at[0]
    except AssertionError as error:
        return error


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
def test_an_interrupt_at_any_place_of_the_engine_tears_nothing(operation: Any) -> None:
    """The lock is free, all or nothing is saved, and the rest can be done, wherever Ctrl-C was noticed."""
    torn: list[str] = []
    shop = Shop()
    for at in itertools.count(1):
        result = failing(shop, operation, at)
        if not result or len(torn) == ENOUGH:
            break
        if isinstance(result, AssertionError):
            torn.append(str(result))
            shop = Shop()
    assert not torn, "\n".join(torn)
    assert at > 100, "the engine was not traced"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
def test_a_second_interrupt_while_the_first_is_dealt_with_tears_nothing(operation: Any) -> None:
    """Impatient people press Ctrl-C twice."""
    torn: list[str] = []
    shop, dice = Shop(), random.Random(7)
    for _ in range(100):
        at = dice.randint(1, 400)
        result = failing(shop, operation, at, at + dice.randint(1, 8))
        if isinstance(result, AssertionError):
            torn.append(str(result))
            shop = Shop()
        if len(torn) == ENOUGH:
            break
    assert not torn, "\n".join(torn)


def test_an_interrupted_handler_is_undone_and_waits_with_the_rest() -> None:
    """What the order's own unit of work saved stays; the delivery that ran and those behind it wait."""
    shop = Shop()
    shop.before_handling = press_ctrl_c
    shop.order.ship()
    with pytest.raises(KeyboardInterrupt) as caught:
        shop.orders.add(shop.order)
    assert shop.orders.get(shop.order.id).shipped
    assert shop.inventories.find_by(name="books").in_stock == 100
    assert [d.target for d in shop.domain.waiting] == ["ManageInventory.reduce", "TakeNotes.note"]
    note = " ".join(caught.value.__notes__)
    assert "2 deliveries wait" in note
    assert "domain.deliver_all()" in note
    assert "domain.waiting" in note


def press_ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


def test_deliver_all_finishes_what_an_interrupt_left() -> None:
    """Each delivery is made once in the end, and the journal knows of the attempt that was interrupted."""
    shop = Shop()
    shop.before_handling = press_ctrl_c
    shop.order.ship()
    with pytest.raises(KeyboardInterrupt):
        shop.orders.add(shop.order)
    shop.before_handling = lambda: None
    assert shop.domain.deliver_all() == 3
    assert shop.inventories.find_by(name="books").in_stock == 90
    shop.check_all_handled()
    shop.check_consistent()
    outcomes = [(e.method, e.outcome) for e in shop.domain.journal.of(kind="handled")]
    assert outcomes == [("reduce", "interrupted"), ("reduce", "ok"), ("note", "ok"), ("note", "ok")]


def test_an_interrupt_is_never_tried_again_as_an_error_would_be() -> None:
    """`retries` and `handle_error` are for errors; who interrupts wants an end."""
    shop = Shop()
    shop.before_handling = press_ctrl_c
    shop.order.ship()
    with pytest.raises(KeyboardInterrupt):
        shop.orders.add(shop.order)
    assert shop.tries == 1


def test_the_next_add_goes_on_with_what_an_interrupt_left() -> None:
    """Nobody has to know about deliver_all: in sync processing any add works off what waits."""
    shop = Shop()
    shop.before_handling = press_ctrl_c
    shop.order.ship()
    with pytest.raises(KeyboardInterrupt):
        shop.orders.add(shop.order)
    shop.before_handling = lambda: None
    shop.orders.add(shop.another)
    shop.check_all_handled()
    assert shop.inventories.find_by(name="books").in_stock == 90


def test_an_interrupted_command_is_undone_and_recorded() -> None:
    """Nothing of it is saved, and the journal says that it was interrupted."""
    shop = Shop()

    @shop.domain.command_handler(part_of="Order")
    class ManageOrder:
        @handle(shop.ShipOrder)
        def ship(self, command: Any) -> None:
            order = shop.orders.get(command.order_id)
            order.ship()
            shop.orders.add(order)
            press_ctrl_c()

    with pytest.raises(KeyboardInterrupt):
        shop.domain.process(shop.ShipOrder(order_id=shop.order.id))
    assert not shop.orders.get(shop.order.id).shipped
    assert [e.outcome for e in shop.domain.journal.of(kind="command")] == ["interrupted"]
    assert len(shop.domain.stream("order")) == 0
    shop.check_consistent()


def test_an_interrupt_in_the_second_of_three_deliveries_keeps_the_first() -> None:
    """What was delivered before the interrupt stays delivered."""
    shop = Shop()
    shop.order.ship()
    shop.domain.config["event_processing"] = "async"
    shop.orders.add(shop.order)
    shop.domain.deliver(1)
    shop.before_handling = press_ctrl_c
    shop.domain.config["event_processing"] = "sync"
    with pytest.raises(KeyboardInterrupt):
        shop.domain.deliver_all()
    assert shop.notes.query.count() == 1
    assert [d.target for d in shop.domain.waiting] == ["ManageInventory.reduce"]
    shop.before_handling = lambda: None
    shop.go_on()


def test_interrupts_in_a_unit_of_work_of_plain_code_leave_the_domain_usable() -> None:
    """The block is undone, and its objects can be added afterwards."""
    shop = Shop()
    shop.order.ship()

    def work() -> None:
        with UnitOfWork(shop.domain):
            shop.orders.add(shop.order)
            press_ctrl_c()

    with pytest.raises(KeyboardInterrupt):
        work()
    assert not shop.orders.get(shop.order.id).shipped
    shop.go_on()
