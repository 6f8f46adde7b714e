"""Tests that the kit writes: they pass on the model that they were made from, and fail when it breaks."""

from __future__ import annotations

import datetime as dt
import enum
import re
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from ddd_kit import Domain, UnitOfWork, demo, handle
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import HandledEntry
from shops import seed, ship_by_command
from warehouse import commanded, shipped, step_of


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Where the written tests import the model from."""
    made = ModuleType("my_model")
    monkeypatch.setitem(sys.modules, "my_model", made)
    return made


@pytest.fixture
def run(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Writes a test, runs it on the model, and gives its text."""

    def written(domain: Domain, steps: int | range, **options: Any) -> str:
        text = str(domain.test_from(steps, **options))
        again(text, domain, module, monkeypatch)
        return text

    return written


def again(text: str, domain: Domain, module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    vars(module).update(Size=Size, Money=Money)
    vars(module).update({name: e.cls for name, e in domain.registry.elements.items()}, domain=domain)
    names: dict[str, Any] = {}
    exec(compile(text, "written", "exec"), names)
    [test] = [value for name, value in names.items() if name.startswith("test_")]
    test(**({"monkeypatch": monkeypatch} if test.__code__.co_argcount else {}))


def bookshop() -> Domain:
    workbench = demo()
    workbench.close()
    return workbench.domain


# Runs


def test_a_command_with_all_that_it_led_to(run: Callable[..., str]) -> None:
    domain = bookshop()
    text = run(domain, step_of(domain, "command"))
    assert "def test_ship_order(" in text
    assert "domain.process(ShipOrder(order_id='" in text
    assert "assert inventory.in_stock == 100\n" in text
    assert "('EmailNotifications', 'notify_customer', 'ok')" in text
    assert "assert notification.order_id == '" in text


def test_any_step_of_a_chain_stands_for_the_whole(run: Callable[..., str]) -> None:
    domain = bookshop()
    first = domain.journal.of(kind="command")[-1].step
    text = str(domain.test_from(first))
    assert all(str(domain.test_from(step)) == text for step in range(first, first + 5))
    assert str(domain.test_from(range(first + 1, first + 3))) == text


def test_the_whole_journal(run: Callable[..., str]) -> None:
    for domain in (bookshop(), seed().domain, commanded().domain):
        whole = range(domain.journal.first_step, domain.journal.last_step + 1)
        assert str(domain.test_from()) == str(domain.test_from(whole))
        run(domain, whole)


def test_every_single_step_of_several_runs(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for make in (bookshop, lambda: seed().domain, lambda: commanded().domain):
        written = {}
        for entry in make().journal:
            if entry.kind != "defined":
                domain = make()
                written[entry.chain] = str(domain.test_from(entry.step)), domain
        for text, domain in written.values():
            again(text, domain, module, monkeypatch)


def test_plain_code_raises_the_recorded_events(run: Callable[..., str]) -> None:
    shop = seed()
    text = run(shop.domain, step_of(shop.domain, "event"))
    assert "order.status = 'SHIPPED'" in text
    assert "order.raise_(OrderShipped(order_id='" in text
    assert "assert inventory.in_stock == 90" in text


def test_an_identity_made_by_one_command_is_found_for_the_next(run: Callable[..., str]) -> None:
    domain = bookshop()
    steps = [entry.step for entry in domain.journal.of(kind="command")]
    text = run(domain, range(steps[0], steps[-1] + 1))
    assert "[order, order_2] = domain.repository_for(Order).query.all()" in text
    assert "domain.process(ShipOrder(order_id=order.id))" in text
    assert "('OrderPlaced', {'order_id': order_2.id})" in text


def test_new_identities_do_not_meet_given_ones_where_a_seed_repeats_them(run: Callable[..., str]) -> None:
    domain = Domain(name="Shop", seed=7)

    @domain.aggregate
    class Order: ...

    @domain.command(part_of=Order)
    class PlaceOrder: ...

    @domain.command_handler(part_of=Order)
    class Manage:
        @handle(PlaceOrder)
        def place(self, _: Any) -> None:
            domain.repository_for(Order).add(Order())

    domain.process(PlaceOrder())
    domain.process(PlaceOrder())
    text = run(domain, domain.journal.last_step, everything=True)
    assert text.count(".add(Order(") == 1
    assert "monkeypatch.setattr(domain, 'seed', None)" in text


def test_commands_and_plain_code_of_one_unit_take_turns(run: Callable[..., str]) -> None:
    domain = Domain(name="Shop")

    @domain.aggregate
    class Order:
        number: int

    @domain.event(part_of=Order)
    class Placed:
        number: int

    @domain.command(part_of=Order)
    class Place:
        number: int

    @domain.command_handler(part_of=Order)
    class Manage:
        @handle(Place)
        def place(self, command: Any) -> None:
            save(command.number)

    def save(number: int) -> None:
        order = Order(number=number)
        order.raise_(Placed(number=number))
        domain.repository_for(Order).add(order)

    with UnitOfWork(domain):
        domain.process(Place(number=1))
        save(2)
        save(3)
        domain.process(Place(number=4))
        save(5)
    text = run(domain, range(domain.journal.first_step, domain.journal.last_step + 1))
    done = re.findall(r"Place\(number=\d\)|= Order\(number=\d", text)
    assert [line[-2 if line.endswith(")") else -1] for line in done] == ["1", "2", "3", "4", "5"]


def test_one_of_the_new_ones_is_removed_in_the_end(run: Callable[..., str]) -> None:
    """It was there when the second one was looked up, and it is looked up to be removed."""
    domain = Domain(name="Shop")

    @domain.aggregate
    class Order:
        shipped: bool = False

    @domain.command(part_of=Order)
    class PlaceOrder: ...

    @domain.command_handler(part_of=Order)
    class Manage:
        @handle(PlaceOrder)
        def place(self, _: Any) -> None:
            domain.repository_for(Order).add(Order())

    orders = domain.repository_for(Order)
    domain.process(PlaceOrder())
    domain.process(PlaceOrder())
    first, second = orders.query.all()
    second.shipped = True
    orders.add(second)
    orders.remove(first)
    text = run(domain, range(domain.journal.first_step, domain.journal.last_step + 1))
    assert "[order_2, order] = domain.repository_for(Order).query.all()" in text
    assert ".remove(order_2)" in text


def test_failures_retries_and_rescues_are_expected(run: Callable[..., str]) -> None:
    domain = commanded().domain
    text = run(domain, step_of(domain, "command", type="ShipOrder"))
    assert "with pytest.raises(Exception) as raised:" in text
    assert "('Clumsy', 'drop', 'retried')" in text
    assert "('Careful', 'handle_error', 'ok')" in text


def test_a_command_that_fails_is_expected_to() -> None:
    domain = Domain(name="Shop")

    @domain.aggregate
    class Order: ...

    @domain.command(part_of=Order)
    class Cancel: ...

    @domain.command_handler(part_of=Order)
    class Manage:
        broken = True

        @handle(Cancel)
        def cancel(self, _: Any) -> None:
            if Manage.broken:
                raise LookupError("no order")

    with suppress(LookupError):
        domain.process(Cancel())
    names = {"domain": domain, "Cancel": Cancel}
    exec(str(domain.test_from(domain.journal.last_step, module=None)), names)
    names["test_cancel"]()
    Manage.broken = False
    with pytest.raises(BaseException, match="DID NOT RAISE"):
        names["test_cancel"]()


def test_hold_mode_makes_the_same_deliveries_in_the_same_order(run: Callable[..., str]) -> None:
    shop = shipped(event_processing="async")
    domain = shop.domain
    order = step_of(domain, "event")
    for place in (1, 1, 0):
        with suppress(ValueError):
            domain.deliver(place)
    text = run(domain, order)
    assert text.count("domain.deliver(1)") == 2
    assert "domain.deliver()" in text


def test_deliveries_that_were_held_cannot_be_made_again_in_sync_mode(run: Callable[..., str]) -> None:
    shop = seed()
    domain = shop.domain
    first = domain.journal.last_step + 1
    domain.config["event_processing"] = "async"
    ship_by_command(shop)
    ship_by_command(shop)
    domain.resume()
    steps = range(first, domain.journal.last_step + 1)
    with pytest.raises(IncorrectUsageError, match=r"was held while other things happened, .* = 'async' and"):
        domain.test_from(steps)
    domain.config["event_processing"] = "async"
    assert "domain.deliver()" in run(domain, steps)


def test_a_delivery_that_still_waits_in_sync_mode_is_named() -> None:
    """As after going back to the middle of a chain: the test would make it."""
    shop = seed()
    ship_by_command(shop)
    event = step_of(shop.domain, "event", type="OrderShipped")
    shop.domain.rewind(event)
    assert shop.domain.waiting
    with pytest.raises(IncorrectUsageError, match=f"the event of step {event} still waits"):
        shop.domain.test_from(event)


def test_what_is_saved_together_is_saved_together_again(run: Callable[..., str]) -> None:
    shop = seed(run=False)
    with UnitOfWork(shop.domain):
        shop.domain.repository_for(shop.Inventory).add(shop.Inventory(book_id=1, in_stock=7))
        order = shop.Order(book_id=1, quantity=3, total_amount=1)
        order.ship_order()
        shop.domain.repository_for(shop.Order).add(order)
    text = run(shop.domain, shop.domain.journal.last_step)
    assert "    with UnitOfWork(domain):\n" in text
    assert "assert inventory.in_stock == 4" in text


def test_what_was_removed_is_removed_again(run: Callable[..., str]) -> None:
    shop = seed()
    shop.domain.repository_for(shop.Inventory).remove(shop.domain.repository_for(shop.Inventory).query.first)
    text = run(shop.domain, shop.domain.journal.last_step)
    assert ".get_or_none(" in text
    assert "is None" in text


# Broken models


@pytest.mark.parametrize("broken", ["not run", "wrong amount", "no event", "another event", "saves another"])
def test_a_written_test_fails_when_a_handler_is_broken(
    broken: str, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = seed()
    ship_by_command(shop)
    domain = shop.domain
    text = str(domain.test_from(step_of(domain, "command")))
    again(text, domain, module, monkeypatch)
    handlers = {
        "not run": (shop.ManageInventory, "reduce_stock_level", lambda *_: None),
        "wrong amount": (shop.Inventory, "__setattr__", _one_off(shop)),
        "no event": (shop.Notification, "send", lambda self: setattr(self, "sent", "YES")),
        "another event": (shop.Order, "ship_order", _ship_twice(shop)),
        "saves another": (shop.EmailNotifications, "notify_customer", lambda *_: None),
    }
    monkeypatch.setattr(*handlers[broken])
    with pytest.raises((AssertionError, ValueError)):
        again(text, domain, module, monkeypatch)


def _one_off(shop: SimpleNamespace) -> Any:
    usual = shop.Inventory.__setattr__
    return lambda self, name, value: usual(self, name, value - 1 if name == "in_stock" else value)


def _ship_twice(shop: SimpleNamespace) -> Any:
    usual = shop.Order.ship_order
    return lambda self: (usual(self), usual(self))


def test_a_written_test_fails_when_a_handler_is_gone(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = seed()
    text = str(shop.domain.test_from(step_of(shop.domain, "event")))
    again(text, shop.domain, module, monkeypatch)
    shop.domain.retire("ManageInventory")
    with pytest.raises(AssertionError):
        again(text, shop.domain, module, monkeypatch)


# Values


class Size(enum.Enum):
    SMALL = "s"


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str = "EUR"


VALUES = (
    *(
        1,
        -1.5,
        True,
        None,
        "text",
        "quo\"te's\\",
        "line\nline",
        "日本語",
        "",
        b"\xff",
        1j,
        float("inf"),
        10**30,
    ),
    *([1, [2]], (1,), (), {1, 2}, set(), frozenset({1}), frozenset(), {"a": {"b": [None]}}, Decimal("1.50")),
    *(dt.datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC), dt.datetime(2024, 1, 2), dt.date(2024, 1, 2)),  # noqa: DTZ001
    *(dt.time(3, 4), dt.timedelta(days=-1, microseconds=5), uuid.UUID(int=5), Size.SMALL, [Size.SMALL]),
    *(Money(Decimal(3)), float("nan"), "<script>", '"""', "# When", "{x}", "\ud800"),
)


@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_values_of_any_plain_kind_are_written_as_python(value: Any, run: Callable[..., str]) -> None:
    domain = Domain(name='Shop """ \\')
    said = {"__annotations__": {"value": Any}}
    box = domain.aggregate(type("Box", (), dict(said)))
    other = domain.aggregate(type("Other", (), dict(said)))
    packed = domain.event(part_of=box)(type("Packed", (), dict(said)))

    @domain.event_handler(part_of=other, stream_category="box")
    class Copy:
        @handle(packed)
        def copy(self, event: Any) -> None:
            domain.repository_for(other).add(other(value=event.value))

    saved = domain.repository_for(box).add(box(value=value))
    saved.raise_(packed(value=value))
    domain.repository_for(box).add(saved)
    run(domain, step_of(domain, "handled"))


def test_times_and_identities_that_nobody_gave_may_be_any(run: Callable[..., str]) -> None:
    domain = Domain(name="Shop")

    @domain.aggregate
    class Visit:
        at: dt.datetime
        token: str
        page: str

    @domain.event(part_of=Visit)
    class Visited:
        token: str
        at: dt.datetime
        page: str

    @domain.command(part_of=Visit)
    class Come:
        page: str

    @domain.command_handler(part_of=Visit)
    class Door:
        @handle(Come)
        def come(self, command: Any) -> None:
            now, token = dt.datetime.now(dt.UTC), str(uuid.uuid4())
            visit = Visit(at=now, token=token, page=command.page)
            visit.raise_(Visited(token=token, at=now, page=command.page))
            domain.repository_for(Visit).add(visit)

    domain.process(Come(page="home"))
    text = run(domain, domain.journal.last_step)
    assert "from unittest.mock import ANY" in text
    assert "('Visited', {'token': ANY, 'at': ANY, 'page': 'home'})" in text
    assert "assert visit.page == 'home'" in text
    assert "visit.token" not in text


def test_names_that_python_does_not_take_or_the_test_needs_itself(run: Callable[..., str]) -> None:
    domain = Domain(name="Shop")
    for name in ("domain", "dt", "list", "Not A Name", "class", "Order2", "events", "ANY"):
        made = domain.aggregate(type(name, (), {"class": 1, "__annotations__": {"class": int, "a b": int}}))
        domain.repository_for(made).add(made(**{"class": 2, "a b": 3}))
    domain_steps = range(domain.journal.first_step, domain.journal.last_step + 1)
    text = run(domain, domain_steps)
    assert "domain.registry.elements['Not A Name'].cls(" in text


# The text


def test_it_is_a_text_that_can_be_saved(tmp_path: Path) -> None:
    written = seed().domain.test_from(range(10, 12))
    assert repr(written) == str(written)
    assert written.save(tmp_path / "test_shop.py").read_text(encoding="utf-8") == str(written)
    with pytest.raises(ValueError, match=r"saved as \.py"):
        written.save(tmp_path / "test_shop.txt")


def test_pytest_runs_the_saved_file(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    shop = seed()
    source = Path(__file__).parents[1] / "seed_model.py"
    (tmp_path / "bookshop_model.py").write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    shop.domain.test_from(step_of(shop.domain, "event"), module="bookshop_model").save(
        tmp_path / "test_it.py"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        assert pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]) == 0
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("bookshop_model", None)


@pytest.mark.parametrize("steps", [0, 99, range(90, 99), range(5, 5), range(1, 9, 2), "7", True, 1.5])
def test_steps_that_there_are_not_are_refused(steps: Any) -> None:
    domain = seed().domain
    with pytest.raises(IncorrectUsageError, match=r"step|Steps|journal"):
        domain.test_from(steps)


def test_steps_in_which_nothing_was_done_are_refused() -> None:
    domain = seed(run=False).domain
    with pytest.raises(IncorrectUsageError, match="nothing was saved"):
        domain.test_from(range(1, 4))


def test_what_is_not_defined_any_more_cannot_be_tested() -> None:
    shop = seed()
    shop.domain.retire("OrderShipped")
    with pytest.raises(IncorrectUsageError, match="OrderShipped is not part of"):
        shop.domain.test_from(step_of(shop.domain, "event"))


def test_a_handler_that_is_not_defined_any_more_cannot_be_tested() -> None:
    shop = seed()
    shop.domain.retire("ManageInventory")
    with pytest.raises(IncorrectUsageError, match="ManageInventory is not part of"):
        shop.domain.test_from(step_of(shop.domain, "event"))


def test_injected_faults_are_no_part_of_a_test() -> None:
    shop = seed(run=False)
    domain = shop.domain
    shop.domain.faults.drop(handler=shop.ManageInventory)
    order = shop.Order(book_id=1, quantity=3, total_amount=1)
    order.ship_order()
    domain.repository_for(shop.Order).add(order)
    with pytest.raises(IncorrectUsageError, match="is an injected fault"):
        domain.test_from(domain.journal.last_step)


def test_a_value_that_python_cannot_make_is_named() -> None:
    domain = Domain(name="Shop")
    box = domain.aggregate(type("Box", (), {"__annotations__": {"value": Any}}))
    domain.repository_for(box).add(box(value=object()))
    with pytest.raises(IncorrectUsageError, match="of the type object"):
        domain.test_from(domain.journal.last_step)


def test_what_came_in_between_has_to_be_taken_in(run: Callable[..., str]) -> None:
    domain = shipped(event_processing="async").domain
    inventory = domain.repository_for("Inventory").query.first
    inventory.in_stock = 500
    domain.repository_for("Inventory").add(inventory)
    domain.deliver()
    event = step_of(domain, "event", 0)
    with pytest.raises(IncorrectUsageError, match=r"Take it in: test_from\(range\("):
        domain.test_from(event)
    assert isinstance(domain.journal.of(kind="handled")[-1], HandledEntry)
    run(domain, range(event, domain.journal.last_step + 1))
