"""Forms for use cases, queries, messages and domain services, as widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import ipywidgets as widgets
import pytest

from ddd_kit import Domain, use_case
from ddd_kit.fields import String
from ddd_kit.notebook.widgets.form import Field, Form, dispose
from ddd_kit.notebook.widgets.try_it import TryIt
from ddd_kit.views.trying.parameters import UNSET, Parameter, Stored
from trying_shop import open_shop

INSTANCES = widgets.widgets.widget._instances


@pytest.fixture
def shop() -> SimpleNamespace:
    return open_shop()


@pytest.fixture
def make() -> Iterator[Callable[[Any], TryIt]]:
    made: list[TryIt] = []

    def open_one(domain: Any) -> TryIt:
        made.append(TryIt(domain))
        return made[-1]

    yield open_one
    for each in made:
        each.close()


def choose(trying: TryIt, label: str, action: str | None = None) -> None:
    trying.target_list.index = [text for text, _ in trying.target_list.options].index(label)
    if action is not None:
        trying.action_list.index = [text for text, _ in trying.action_list.options].index(action)


def field(trying: TryIt, name: str) -> Field:
    return trying._form.fields[name]


def message(trying: TryIt, name: str) -> str:
    return str(field(trying, name)._message.value)


def outcome(trying: TryIt) -> str:
    return str(trying._outcome.value)


# Use cases and queries


def test_a_use_case_names_its_method_and_shows_what_it_returned(
    shop: SimpleNamespace, make: Callable[[Any], TryIt]
) -> None:
    trying = make(shop.domain)
    choose(trying, "⌂ Shop")
    assert trying.action_list in trying._head.children
    field(trying, "order_id").input.value = "o-9"
    field(trying, "speed").input.index = 1
    assert trying.code == "Shop().order(order_id='o-9', speed=Speed.FAST)"
    trying.run()
    assert "&#39;o-9 FAST&#39;" in outcome(trying)
    assert shop.domain.journal[-2].kind == "called"


def test_what_a_use_case_lacks_is_told_before_it_runs(
    shop: SimpleNamespace, make: Callable[[Any], TryIt]
) -> None:
    trying = make(shop.domain)
    choose(trying, "⌂ Shop")
    step = shop.domain.journal.last_step
    trying.run()
    assert "is required" in message(trying, "order_id")
    assert (shop.domain.journal.last_step, trying.history_html) == (step, "")


def test_what_the_model_refuses_in_a_use_case_stands_at_the_field(
    shop: SimpleNamespace, make: Callable[[Any], TryIt]
) -> None:
    trying = make(shop.domain)
    choose(trying, "⌂ Shop")
    field(trying, "order_id").input.value = "o-9"
    field(trying, "copies").input.value = "0"
    trying.run()
    assert "greater than or equal to 1" in message(trying, "copies")
    assert "was not accepted" in outcome(trying)


def test_a_query_shows_what_was_found_as_a_table(shop: SimpleNamespace, make: Callable[[Any], TryIt]) -> None:
    shop.domain.process(shop.PlaceOrder(order_id="o-1"))
    trying = make(shop.domain)
    choose(trying, "▽ OrdersOfStatus")
    trying.run()
    assert "is required" in message(trying, "status")
    field(trying, "status").input.index = 1
    trying.run()
    assert "<td><code>o-1</code></td>" in outcome(trying)
    assert message(trying, "status") == ""


def test_a_query_that_nobody_answers_cannot_be_run(
    shop: SimpleNamespace, make: Callable[[Any], TryIt]
) -> None:
    shop.domain.forget("ReadOrderList")
    trying = make(shop.domain)
    choose(trying, "▽ OrdersOfStatus")
    assert "Nobody answers OrdersOfStatus yet" in trying._line.value
    assert trying.run_button.disabled


def test_a_named_query_shows_what_was_found(shop: SimpleNamespace, make: Callable[[Any], TryIt]) -> None:
    trying = make(shop.domain)
    trying.select("Shelves")
    field(trying, "copies").input.value = "4"
    trying.run()
    assert outcome(trying).count("<tr>") == 3


# Messages


def test_a_message_has_an_example_and_what_is_wrong_stands_at_its_field(
    shop: SimpleNamespace, make: Callable[[Any], TryIt]
) -> None:
    trying = make(shop.domain)
    trying.select("CountPayments")
    text = field(trying, "message").input
    assert (type(text), text.value) == (
        widgets.Textarea,
        '{"type": "paid", "cents": "…", "reference": "…"}',
    )
    text.value = '{"type": paid}'
    assert trying.code == ""
    trying.run()
    assert "is no JSON" in message(trying, "message")
    text.value = ""
    trying.run()
    assert "is required" in message(trying, "message")
    text.value = "{}"
    trying.run()
    assert "cannot be empty" in message(trying, "message")
    text.value = '{"type": "paid", "cents": 1, "reference": "o-2"}'
    trying.run()
    assert shop.orders.get("o-2").status == "PLACED"
    assert "payments-default-0" in outcome(trying)


def test_a_message_that_is_being_typed_stays_when_another_one_comes(
    shop: SimpleNamespace, make: Callable[[Any], TryIt]
) -> None:
    trying = make(shop.domain)
    trying.select("HearPayments")
    typed = field(trying, "message")
    typed.input.value = '{"type": "pa'
    shop.domain.brokers.publish("payments", {"type": "paid", "cents": 1, "reference": "o-1"})
    trying.refresh(shop.domain)
    assert field(trying, "message") is typed
    typed.input.value = typed._start
    shop.domain.brokers.publish("payments", {"type": "paid", "cents": 2, "reference": "o-2"})
    trying.refresh(shop.domain)
    assert '"cents": 2' in field(trying, "message").input.value


# Domain services


def test_a_domain_service_is_given_stored_aggregates(
    shop: SimpleNamespace, make: Callable[[Any], TryIt]
) -> None:
    trying = make(shop.domain)
    choose(trying, "⬟ Taking")
    trying.run()
    assert [("is required" in message(trying, name)) for name in ("order", "inventories")] == [True, True]
    field(trying, "order").input.index = 2
    field(trying, "inventories").input.index = (1, 2)
    trying.run()
    assert "taken" in outcome(trying)
    assert [shop.shelves.get(book).in_stock for book in ("Emma", "Dune", "Momo")] == [8, 2, 1]
    # What was chosen stays, though its labels say something else now.
    assert field(trying, "order").value == Stored("Order", "o-1")
    assert field(trying, "inventories").value == (Stored("Inventory", "Dune"), Stored("Inventory", "Emma"))
    assert "■ Inventory Dune (in_stock 2)" in field(trying, "inventories").parameter.labels
    trying.run()
    assert shop.shelves.get("Dune").in_stock == 1


def test_of_a_thousand_instances_the_identity_is_typed_and_looked_up(
    shop: SimpleNamespace, make: Callable[[Any], TryIt]
) -> None:
    for number in range(1000):
        shop.orders.add(shop.Order(id=f"m-{number}"))
    trying = make(shop.domain)
    choose(trying, "⬟ Taking")
    assert len(field(trying, "order").input.options) == 100
    field(trying, "order").input.value = "nobody"
    field(trying, "inventories").input.index = (0,)
    trying.run()
    assert "no Order of this identity is stored" in message(trying, "order")
    assert trying.history_html == ""
    field(trying, "order").input.value = "m-3"
    trying.run()
    assert shop.shelves.get("Momo").in_stock == 0


def test_a_factory_is_named_even_where_it_is_the_only_one(
    shop: SimpleNamespace, make: Callable[[Any], TryIt]
) -> None:
    trying = make(shop.domain)
    choose(trying, "■ New Card")
    assert trying.action_list in trying._head.children
    trying.run()
    assert "is required" in message(trying, "card_id")
    field(trying, "card_id").input.value = "c-1"
    field(trying, "worth").input.value = "5"
    trying.run()
    assert shop.domain.repository_for(shop.Card).get("c-1").worth == 5


# As things change


def test_after_its_cell_ran_again_what_was_entered_stays_and_the_newest_class_runs(
    shop: SimpleNamespace, make: Callable[[Any], TryIt]
) -> None:
    trying = make(shop.domain)
    choose(trying, "⌂ Shop")
    field(trying, "order_id").input.value = "o-9"

    @shop.domain.application_service(part_of=shop.Order)
    class Shop:
        @use_case
        def order(self, order_id: str, gift: bool = False) -> str:
            return f"newer {order_id} {gift}"

    trying.refresh(shop.domain)
    assert list(trying._form.fields) == ["order_id", "gift"]
    trying.run()
    assert "newer o-9 False" in outcome(trying)


def test_it_goes_over_to_a_fork(shop: SimpleNamespace, make: Callable[[Any], TryIt]) -> None:
    trying = make(shop.domain)
    choose(trying, "⌂ Shop")
    fork = shop.domain.fork()
    trying.refresh(fork)
    field(trying, "order_id").input.value = "o-9"
    trying.run()
    assert (fork.repository_for("Order").query.count(), shop.orders.query.count()) == (3, 2)
    choose(trying, "⬟ Taking")
    assert "■ Order o-9 (OPEN)" in field(trying, "order").parameter.labels


def test_closing_leaves_nothing_behind(shop: SimpleNamespace, make: Callable[[Any], TryIt]) -> None:
    before = set(INSTANCES)
    trying = make(shop.domain)
    for label, _ in trying.target_list.options:
        choose(trying, label)
        trying.run()
    assert set(INSTANCES) > before
    trying.close()
    assert set(INSTANCES) == before


# Many and long


def test_long_names_and_many_choices_are_all_there(make: Callable[[Any], TryIt]) -> None:
    domain = Domain(name="Long")
    name = "AnApplicationServiceWithANameThatNobodyWouldEverWantToReadAloudAtAWorkshop"
    domain.aggregate(type("Order", (), {}))

    def choose_one(self: Any, colour: Any) -> Any:
        return colour

    query = type(f"{name}Query", (), {"colour": String(choices=[f"colour {n}" for n in range(50)])})
    domain.projection(type("List", (), {"list_id": String(identifier=True)}))
    domain.query(part_of="List")(query)
    domain.application_service(part_of="Order")(
        type(name, (), {f"choose_one_of_the_colours_{n}": use_case(choose_one) for n in range(50)})
    )
    trying = make(domain)
    choose(trying, f"⌂ {name}")
    assert len(trying.action_list.options) == 50
    choose(trying, f"▽ {name}Query")
    assert len(field(trying, "colour").input.options) == 51


# Fields


def test_several_are_chosen_in_a_list() -> None:
    labels, choices = ("one", "two", "three"), (1, True, "1")
    chosen = Field(Parameter("it", "choices", choices=choices, labels=labels), lambda _: None)
    assert (chosen.value, type(chosen.input)) == (UNSET, widgets.SelectMultiple)
    chosen.input.index = (1, 2)
    assert chosen.value == (True, "1")
    fewer = Field(Parameter("it", "choices", choices=("1", 1), labels=("three", "one")), lambda _: None)
    fewer.take_over(chosen)
    assert fewer.value == ("1",)
    for each in (chosen, fewer):
        dispose(each.box)


def test_a_list_says_how_several_are_chosen() -> None:
    form = Form(lambda _: None)
    form.ask([Parameter("it", "choices", choices=(1, 2), labels=("<1>", "<2>"), hint="numbers")])
    assert form.fields["it"]._message.value == "<small>numbers; several with Ctrl or ⌘</small>"
    form.close()


def test_a_choice_stays_when_its_label_says_something_else_by_now() -> None:
    before, after = (
        Field(Parameter("it", "choice", choices=("a", "b"), labels=labels), lambda _: None)
        for labels in (("a (OPEN)", "b (OPEN)"), ("a (PLACED)", "b (PLACED)"))
    )
    before.input.index = 2
    after.take_over(before)
    assert (after.value, after.input.label) == ("b", "b (PLACED)")
    for each in (before, after):
        dispose(each.box)
