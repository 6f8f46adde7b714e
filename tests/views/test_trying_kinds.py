"""What can be tried of services, queries, repositories, streams of messages and factories; and its Python."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from ddd_kit import Domain
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import Integer
from ddd_kit.views.trying.actions import actions
from ddd_kit.views.trying.offers import chosen_for, offer
from ddd_kit.views.trying.parameters import Parameter, Stored
from ddd_kit.views.trying.snippet import in_short, python, run
from ddd_kit.views.trying.targets import Action, Target
from trying_shop import Speed, open_shop


@pytest.fixture
def shop() -> SimpleNamespace:
    return open_shop()


def target(domain: Any, element: str) -> Target:
    return next(each for each in offer(domain).targets if each.element == element)


def action(domain: Any, element: str, name: str = "") -> Action:
    return next(each for each in actions(domain, target(domain, element)) if name in ("", each.name))


def code(domain: Any, element: str, name: str = "", **values: Any) -> str:
    return python(domain, target(domain, element), action(domain, element, name), values)


def lines(*given: str) -> str:
    return "\n".join(given)


def in_a_cell(shop: SimpleNamespace, source: str) -> dict[str, Any]:
    """Run it as a cell of a notebook would that has the model's names."""
    names = {**vars(shop), "Speed": Speed}
    exec(source, names)
    return names


# What is offered


def test_each_kind_has_its_place_and_nothing_else_is_offered(shop: SimpleNamespace) -> None:
    shop.orders.add(shop.Order(id="o-3"))
    shop.domain.process(shop.PlaceOrder(order_id="o-3"))
    assert shop.domain.repository_for(shop.OrderList).query.count() == 1
    assert shop.domain.repository_for(shop.Fulfilment).query.count() == 1
    labels = [each.label for each in offer(shop.domain).targets]
    assert labels == [
        "▶ PlaceOrder",
        "⌂ Shop",
        "▽ OrdersOfStatus",
        "▥ Shelves of Inventory",
        "◀ Message on payments",
        "⬟ Taking",
        "■ New Order",
        "■ New Inventory",
        "■ New Card",
        *("■ Order o-3 (PLACED)", "■ Order o-2 (OPEN)", "■ Order o-1 (OPEN)"),
    ]


def test_what_has_nothing_to_call_is_not_offered() -> None:
    domain = Domain(name="Bookshop")

    @domain.aggregate
    class Order: ...

    @domain.aggregate(event_sourced=True)
    class Card: ...

    @domain.application_service(part_of=Order)
    class Shop:
        def tell(self) -> None: ...

    @domain.repository(part_of=Order)
    class Orders: ...

    @domain.domain_service(part_of=[Order, Card])
    class Idle: ...

    assert [each.label for each in offer(domain).targets] == ["■ New Order"]


def test_streams_of_other_brokers_are_told_apart() -> None:
    domain = Domain(name="Bookshop")
    for broker in ("default", "bank"):

        def hear(self: Any, payload: Any) -> None: ...

        subscriber = type(f"Hear{broker}", (), {"__call__": hear})
        domain.subscriber(stream="payments", broker=broker)(subscriber)
    labels = [each.label for each in offer(domain).targets]
    assert labels == ["◀ Message on payments", "◀ Message on payments, from the broker bank"]
    source = code(domain, "Hearbank", message={"a": 1})
    assert source == "domain.brokers['bank'].publish('payments', {'a': 1})"
    run(domain, source)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Shop", "⌂ Shop"),
        ("OrderDesk", "▶ PlaceOrder"),
        ("ReadOrderList", "▽ OrdersOfStatus"),
        ("CountPayments", "◀ Message on payments"),
        ("Shelves", "▥ Shelves of Inventory"),
        ("Order", "■ Order o-2 (OPEN)"),
        ("Card", "■ New Card"),
        ("WriteOrderList", None),
        ("Fulfilment", None),
        ("OrderPlaced", None),
        ("nobody", None),
    ],
)
def test_an_element_of_the_map_leads_to_what_can_be_tried_of_it(
    shop: SimpleNamespace, name: str, label: str | None
) -> None:
    found = chosen_for(shop.domain, offer(shop.domain), name)
    assert (found and found.label) == label


# Use cases


def test_use_cases_are_called_and_other_methods_are_not_offered(shop: SimpleNamespace) -> None:
    labels = [each.label for each in actions(shop.domain, target(shop.domain, "Shop"))]
    assert labels == ["order(order_id, copies=…, speed=…)", "fail()"]
    source = code(shop.domain, "Shop", "order", order_id="o-9", copies=3, speed=Speed.FAST)
    assert source == "Shop().order(order_id='o-9', copies=3, speed=Speed.FAST)"
    assert run(shop.domain, source) == "o-9 FAST"
    called = shop.domain.journal[-2]
    assert (called.kind, called.cell) == ("called", "Try it")
    in_a_cell(shop, source.replace("o-9", "o-10"))
    assert shop.orders.get("o-10").copies == 3


def test_a_use_case_that_fails_is_in_the_journal(shop: SimpleNamespace) -> None:
    with pytest.raises(ValueError, match="closed"):
        run(shop.domain, code(shop.domain, "Shop", "fail"))
    assert (shop.domain.journal[-1].kind, shop.domain.journal[-1].outcome) == ("called", "failed")


# Queries


def test_a_query_is_asked_for_its_fields_and_dispatched(shop: SimpleNamespace) -> None:
    shop.domain.process(shop.PlaceOrder(order_id="o-1"))
    (asked,) = action(shop.domain, "OrdersOfStatus").parameters
    assert (asked.kind, asked.choices) == ("choice", ("placed", "paid"))
    source = code(shop.domain, "OrdersOfStatus", status="placed")
    assert source == "domain.dispatch(OrdersOfStatus(status='placed'))"
    assert [each.order_id for each in run(shop.domain, source)] == ["o-1"]
    in_a_cell(shop, source)


def test_a_query_that_nobody_answers_says_so(shop: SimpleNamespace) -> None:
    shop.domain.forget("ReadOrderList")
    assert action(shop.domain, "OrdersOfStatus").obstacle == (
        "Nobody answers OrdersOfStatus yet: no query handler has a method with @read(OrdersOfStatus)."
    )


def test_a_named_query_is_asked_of_the_repository_of_its_aggregate(shop: SimpleNamespace) -> None:
    assert [each.name for each in actions(shop.domain, target(shop.domain, "Shelves"))] == [
        "holding_less_than"
    ]
    source = code(shop.domain, "Shelves", copies=3)
    assert source == "domain.repository_for(Inventory).holding_less_than(copies=3)"
    assert [each.book for each in run(shop.domain, source)] == ["Momo"]
    in_a_cell(shop, source)


# Messages


def test_a_message_reaches_all_that_hear_its_stream(shop: SimpleNamespace) -> None:
    message = {"type": "paid", "reference": "o-1", "cents": 5, "note": None, "gift": True}
    source = code(shop.domain, "HearPayments", message=message)
    assert source == f"domain.brokers['default'].publish('payments', {message!r})"
    run(shop.domain, source)
    assert shop.orders.get("o-1").status == "PLACED"
    heard = [each.handler for each in shop.domain.journal if each.kind == "handled" and each.cell == "Try it"]
    assert {"HearPayments", "CountPayments"} <= set(heard)
    in_a_cell(shop, source.replace("o-1", "o-2"))
    assert shop.orders.get("o-2").status == "PLACED"


def test_the_example_is_what_subscribers_read_and_then_the_newest_message(shop: SimpleNamespace) -> None:
    (asked,) = action(shop.domain, "HearPayments").parameters
    assert asked.default == {"type": "paid", "cents": "…", "reference": "…"}
    shop.domain.brokers.publish("payments", {"type": "refused", "why": ["no money"]})
    (asked,) = action(shop.domain, "HearPayments").parameters
    assert asked.default == {"type": "refused", "why": ["no money"]}


@pytest.mark.parametrize("message", [{"at": object}, {1: 2}, {"a": (1,)}, {"a": "x" * 5000}])
def test_a_message_that_no_field_can_show_is_no_example(shop: SimpleNamespace, message: Any) -> None:
    shop.domain.brokers.publish("payments", {"type": "refused", **message})
    (asked,) = action(shop.domain, "HearPayments").parameters
    assert list(asked.default) == ["type", "cents", "reference"]


def test_without_anything_known_of_a_message_there_is_an_example_all_the_same() -> None:
    domain = Domain(name="Bookshop")
    names: dict[str, Any] = {}
    exec("class Hear:\n    def __call__(self, payload):\n        payload['a']", names)  # its source is gone
    domain.subscriber(stream="payments")(names["Hear"])
    assert action(domain, "Hear").parameters[0].default == {"id": "1"}


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ('{"a": 1}', None),
        ("{'a': 1}", "is no JSON: Expecting property name enclosed in double quotes, at line 1, column 2"),
        ('{"a": ', "is no JSON: Expecting value, at line 1, column 7, where it ends"),
        ('{"a": NaN}', "is no JSON: NaN is no number"),
        ("[1]", "should be an object in braces"),
        ("[" * 100_000, "is no JSON that can be read: it is nested too deeply"),
    ],
)
def test_what_is_no_message_is_told_at_its_field(typed: str, problem: str | None) -> None:
    asked = Parameter("message", "json")
    found = asked.problem(asked.read(typed))
    assert found is None if problem is None else (found or "").startswith(problem)


# Domain services


def test_a_domain_service_gets_stored_aggregates_and_all_is_saved_together(shop: SimpleNamespace) -> None:
    order, inventories, times = action(shop.domain, "Taking").parameters
    assert (order.kind, order.labels) == ("choice", ("■ Order o-2 (OPEN)", "■ Order o-1 (OPEN)"))
    assert (inventories.kind, len(inventories.choices), times.kind) == ("choices", 3, "whole")
    source = code(
        shop.domain, "Taking",
        order=Stored("Order", "o-2"), inventories=(Stored("Inventory", "Emma"), Stored("Inventory", "Dune")),
    )  # fmt: skip
    assert source == lines(
        "from ddd_kit import UnitOfWork",
        "with UnitOfWork(domain):",
        "    order = domain.repository_for(Order).get('o-2')",
        "    inventories = [domain.repository_for(Inventory).get(each) for each in ['Emma', 'Dune']]",
        "    result = Taking(order=order, inventories=inventories).take()",
        "    domain.repository_for(Order).add(order)",
        "    for each in inventories:",
        "        domain.repository_for(Inventory).add(each)",
        "result",
    )
    assert run(shop.domain, source) == "taken"
    assert [shop.shelves.get(book).in_stock for book in ("Emma", "Dune")] == [7, 1]
    assert [each.kind for each in shop.domain.journal[-3:]] == ["called", "changed", "changed"]
    assert in_a_cell(shop, source.replace("'o-2'", "'o-1'"))["result"] == "taken"
    with pytest.raises(ValidationError, match="in_stock is too little"):
        run(shop.domain, source)
    assert [shop.shelves.get(book).in_stock for book in ("Emma", "Dune")] == [6, 0]


def test_which_arguments_are_aggregates_is_known_by_annotation_by_name_and_by_where_they_go() -> None:
    domain = Domain(name="Bank")

    @domain.aggregate
    class Account:
        balance: int = 0

    @domain.aggregate
    class Policy: ...

    @domain.domain_service(part_of=[Account, Policy])
    class Transfer:
        def __init__(self, source, policies, *targets, limit=5):  # type: ignore[no-untyped-def] # noqa: ARG002
            super().__init__(source, *policies, *targets)  # type: ignore[call-arg]
            self.source, self.targets = source, targets

        def of(self, amount: int, /, checked: Iterable[Account] = (), by: Account | None = None) -> Any:
            for each in self.targets:
                each.balance += amount
            return by or checked

        @staticmethod
        def fee(amount: int) -> int:
            return amount // 10

        def __call__(self) -> str:
            return "called"

    accounts = domain.repository_for(Account)
    for number in (1, 2):
        accounts.add(Account(id=f"a-{number}"))
    of, fee, call = actions(domain, target(domain, "Transfer"))
    assert [(p.name, p.kind) for p in of.parameters] == [
        *(("source", "choice"), ("policies", "choices"), ("targets", "choices"), ("limit", "whole")),
        *(("amount", "whole"), ("checked", "choices"), ("by", "choice")),
    ]
    assert of.parameters[1].hint == "no Policy is stored yet"
    assert {each.aggregate for each in of.parameters[0].choices} == {"Account"}
    one, two = Stored("Account", "a-1"), Stored("Account", "a-2")
    source = code(domain, "Transfer", "of", source=one, policies=(), targets=(two,), amount=3, by=one)
    assert "Transfer(source, policies, *targets).of(3, by=by)" in source
    assert run(domain, source).id == "a-1"
    assert accounts.get("a-2").balance == 3
    assert (fee.label, run(domain, code(domain, "Transfer", "fee", amount=50))) == ("fee(amount)", 5)
    assert call.label.startswith("call(")
    assert run(domain, code(domain, "Transfer", "__call__", source=one, policies=())) == "called"


def test_of_many_instances_the_identity_is_typed(shop: SimpleNamespace) -> None:
    for number in range(1000):
        shop.orders.add(shop.Order(id=f"m-{number}"))
        shop.shelves.add(shop.Inventory(book=f"b-{number}"))
    order, inventories, _ = action(shop.domain, "Taking").parameters
    assert (order.kind, order.suggests, order.hint) == ("text", "Order", "the identity of one of 1,002 Order")
    assert (len(inventories.choices), inventories.hint) == (100, "the newest 100 of 1,003 Inventory")
    source = code(shop.domain, "Taking", order="m-3", inventories=(Stored("Inventory", "b-3"),), times=2)
    assert run(shop.domain, source) == "taken"
    assert shop.shelves.get("b-3").in_stock == 3


def test_variables_hide_nothing_and_are_different() -> None:
    domain = Domain(name="Bank")
    for name in ("Account", "each"):
        domain.aggregate(type(name, (), {}))

    @domain.domain_service(part_of=["Account", "each"])
    class Joining:
        def of(self, result: Account, accounts: list[Account]) -> Any:  # noqa: F821
            return [result.id, *(each.id for each in accounts)]

    for number in "12":
        domain.repository_for("Account").add(domain.registry.elements["Account"].cls(id=number))
    one, two = Stored("Account", "1"), Stored("Account", "2")
    source = code(domain, "Joining", result=one, accounts=(two,))
    assert run(domain, source) == ["1", "2"]


def test_what_takes_the_same_name_twice_is_left_to_a_cell() -> None:
    domain = Domain(name="Bank")
    domain.aggregate(type("Account", (), {}))
    domain.aggregate(type("Ledger", (), {}))

    @domain.domain_service(part_of=["Account", "Ledger"])
    class Joining:
        def __init__(self, account: Any) -> None:
            super().__init__(account)  # type: ignore[call-arg]

        def of(self, account: Any) -> None: ...

    assert "takes 'account' twice" in action(domain, "Joining").obstacle


# Aggregates by a factory


def test_an_event_sourced_aggregate_is_made_by_its_factory(shop: SimpleNamespace) -> None:
    labels = [each.label for each in actions(shop.domain, target(shop.domain, "Card"))]
    assert labels == ["sell(card_id, worth)"]
    source = code(shop.domain, "Card", card_id="c-1", worth=5)
    assert source == lines(
        "card = Card.sell(card_id='c-1', worth=5)", "domain.repository_for(Card).add(card)"
    )
    assert run(shop.domain, source).worth == 5
    in_a_cell(shop, source.replace("c-1", "c-2"))


def test_other_aggregates_have_their_constructor_first() -> None:
    domain = Domain(name="Bookshop")

    @domain.aggregate
    class Order:
        copies = Integer(default=1)

        @classmethod
        def of(cls, copies: int) -> Any:
            return cls(copies=copies)  # type: ignore[call-arg]

    assert [each.label for each in actions(domain, target(domain, "Order"))] == [
        "Order(copies=…, id=…)",
        "of(copies)",
    ]


# In other worlds


def test_in_a_fork_all_of_it_happens_in_the_fork(shop: SimpleNamespace) -> None:
    fork = shop.domain.fork()
    step = shop.domain.journal.last_step
    run(fork, code(fork, "Shop", "order", order_id="o-9"))
    run(fork, code(fork, "HearPayments", message={"type": "paid", "cents": 1, "reference": "o-9"}))
    taken = {"order": Stored("Order", "o-9"), "inventories": (Stored("Inventory", "Emma"),)}
    run(fork, code(fork, "Taking", **taken))
    found = run(fork, code(fork, "OrdersOfStatus", status="placed"))
    assert [each.order_id for each in found] == ["o-9"]
    assert [each.book for each in run(fork, code(fork, "Shelves", copies=9))] == ["Dune", "Emma", "Momo"]
    assert shop.domain.journal.last_step == step
    assert shop.orders.get_or_none("o-9") is None


def test_held_deliveries_of_a_message_wait(shop: SimpleNamespace) -> None:
    shop.domain.config["event_processing"] = "async"
    run(
        shop.domain,
        code(shop.domain, "HearPayments", message={"type": "paid", "cents": 1, "reference": "o-1"}),
    )
    assert (len(shop.domain.world.waiting), shop.orders.get("o-1").status) == (2, "OPEN")
    shop.domain.deliver_all()
    assert shop.orders.get("o-1").status == "PLACED"


def test_the_newest_class_runs_after_its_cell_ran_again(shop: SimpleNamespace) -> None:
    sources = [code(shop.domain, "Shelves"), code(shop.domain, "Shop", "order", order_id="o-9")]

    @shop.domain.repository(part_of=shop.Inventory)
    class Shelves:
        def holding_less_than(self) -> str:
            return "newer"

    from ddd_kit import use_case

    @shop.domain.application_service(part_of=shop.Order)
    class Shop:
        @use_case
        def order(self, order_id: str) -> str:
            return f"newer {order_id}"

    assert [run(shop.domain, source) for source in sources] == ["newer", "newer o-9"]


# In one line


@pytest.mark.parametrize(
    ("element", "name", "values", "told"),
    [
        ("Shop", "order", {"order_id": "o-9"}, "Shop: order(order_id='o-9')"),
        ("OrdersOfStatus", "", {"status": "paid"}, "OrdersOfStatus(status='paid')"),
        ("Shelves", "", {}, "Shelves: holding_less_than()"),
        ("HearPayments", "", {"message": {"a": 1}}, "Message on payments: {'a': 1}"),
        ("Card", "sell", {"card_id": "c", "worth": 1}, "Card.sell(card_id='c', worth=1)"),
        (
            "Taking",
            "take",
            {"order": Stored("Order", "o-1"), "inventories": (Stored("Inventory", "Emma"),)},
            "Taking: take(order='o-1', inventories=['Emma'])",
        ),
    ],
)
def test_in_short(shop: SimpleNamespace, element: str, name: str, values: Any, told: str) -> None:
    assert in_short(target(shop.domain, element), action(shop.domain, element, name), values) == told
