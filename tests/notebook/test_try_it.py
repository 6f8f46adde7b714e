"""Forms to try a model with, as widgets."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

import ipywidgets as widgets
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from ddd_kit import Domain, handle
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import Float, Identifier, Integer, String
from ddd_kit.notebook.widgets.form import Field, Form, dispose
from ddd_kit.notebook.widgets.try_it import EMPTY, STYLE, TryIt
from ddd_kit.views.trying.parameters import UNSET, Parameter
from shells import open_shell

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'); domain.reset() #",
    "{{7*7}} ${7*7} %s {0}",
    "\u202egnp.exe",
    "bell\x07 null\x00",
)
INSTANCES = widgets.widgets.widget._instances


class Colour(Enum):
    RED = 1
    GREEN = 2


@pytest.fixture
def shop() -> Any:
    domain = Domain(name="Bookshop", seed=7)

    @domain.event(part_of="Order")
    class OrderShipped: ...

    @domain.aggregate
    class Order:
        book_id = Identifier(required=True)
        quantity = Integer(default=1, min_value=1, max_value=100)
        status = String(choices=["PENDING", "SHIPPED"], default="PENDING")

        def ship(self) -> None:
            self.status = "SHIPPED"
            self.raise_(OrderShipped())

        def change(self, quantity: int, note: str = "") -> str:
            self.quantity = quantity
            print("changed to", quantity)
            print("really", file=sys.stderr)
            return note

        def break_(self, how: str) -> None:
            if how == "group":
                raise ExceptionGroup("two", [ValueError("one"), KeyError("two")])
            if how == "stop":
                raise KeyboardInterrupt
            if how == "exit":
                sys.exit(1)
            error = ValueError(f"<b>{how}</b>")
            error.add_note("try another way")
            raise error

        def merge(self, other: Order) -> None: ...

    @domain.aggregate
    class Inventory:
        in_stock = Integer(required=True)

    @domain.command(part_of=Order)
    class ShipOrder:
        order_id = Identifier(required=True)

    @domain.command_handler(part_of=Order)
    class ManageOrder:
        @handle(ShipOrder)
        def ship(self, command: Any) -> None:
            repository = domain.repository_for(Order)
            order = repository.get(command.order_id)
            order.ship()
            repository.add(order)

    domain.Order, domain.Inventory, domain.ShipOrder = Order, Inventory, ShipOrder
    return domain


class Trying(TryIt):
    """One whose words and calls can be read."""

    def __init__(self, domain: Any, **options: Any) -> None:
        self.shown = ""
        self.calls = 0
        super().__init__(domain, show=self._keep, after=self._count_call, **options)

    def _keep(self, html: str) -> None:
        self.shown = html

    def _count_call(self) -> None:
        self.calls += 1

    @property
    def targets(self) -> list[str]:
        return [label for label, _ in self.target_list.options]

    @property
    def actions(self) -> list[str]:
        return [label for label, _ in self.action_list.options]

    @property
    def fields(self) -> dict[str, Field]:
        return self._form.fields

    @property
    def outcome(self) -> str:
        return str(self._outcome.value)

    @property
    def line(self) -> str:
        return str(self._line.value)

    def choose(self, label: str, action: str | None = None) -> None:
        self.target_list.index = self.targets.index(label)
        if action is not None:
            self.action_list.index = self.actions.index(action)

    def enter(self, **values: Any) -> None:
        for name, value in values.items():
            self.fields[name].input.value = value

    def message(self, name: str) -> str:
        return str(self.fields[name]._message.value)

    @property
    def visible(self) -> list[Any]:
        return [*self._head.children, *self._fields.children]


@pytest.fixture
def make() -> Iterator[Callable[..., Trying]]:
    made: list[Trying] = []

    def open_one(domain: Any, **options: Any) -> Trying:
        made.append(Trying(domain, **options))
        return made[-1]

    yield open_one
    for each in made:
        each.close()


def add(shop: Any, **values: Any) -> Any:
    return shop.repository_for(shop.Order).add(shop.Order(**{"book_id": "1", "id": "o-1", **values}))


def lines(*given: str) -> str:
    return "\n".join(given)


# Targets, actions and forms


def test_it_begins_with_the_first_command(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    trying = make(shop)
    assert trying.targets == ["▶ ShipOrder", "■ New Order", "■ New Inventory", "■ Order o-1 (PENDING)"]
    assert list(trying.fields) == ["order_id"]
    assert trying.code == "domain.process(ShipOrder())"
    assert trying.visible == [trying.target_list, trying.fields["order_id"].box, trying.run_button]


def test_several_methods_are_a_list_to_choose_from(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    trying = make(shop)
    trying.choose("■ Order o-1 (PENDING)")
    assert trying.actions == ["ship()", "change(quantity, note=…)", "break_(how)", "merge()"]
    assert trying.visible == [trying.target_list, trying.action_list, trying.run_button]
    assert trying.line == ""
    trying.choose("■ Order o-1 (PENDING)", "change(quantity, note=…)")
    assert list(trying.fields) == ["quantity", "note"]


def test_the_action_chosen_last_comes_back_with_its_kind(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    add(shop, id="o-2")
    trying = make(shop)
    trying.choose("■ Order o-1 (PENDING)", "break_(how)")
    trying.choose("■ New Inventory")
    trying.choose("■ Order o-2 (PENDING)")
    assert trying.action_list.label == "break_(how)"


def test_every_widget_has_a_label(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    trying = make(shop)
    for label in trying.targets:
        trying.choose(label)
        inputs = [field.input for field in trying.fields.values()]
        assert all(
            each.description for each in [trying.target_list, trying.action_list, trying.run_button, *inputs]
        )


def test_a_model_with_nothing_to_try_says_so_until_there_is_something(make: Callable[..., Trying]) -> None:
    domain = Domain(name="Bookshop")
    trying = make(domain)
    assert EMPTY in trying.line
    assert (trying.visible, trying.code) == ([], "")

    @domain.aggregate
    class Order: ...

    trying.refresh(domain)
    assert trying.targets == ["■ New Order"]
    assert (trying.line, trying.run_button.disabled) == ("", False)
    trying.run()
    assert domain.repository_for(Order).query.count() == 1
    domain.forget(Order)
    trying.refresh(domain)
    assert (trying.visible, trying.code) == ([], "")


def test_what_no_form_can_do_says_so_and_cannot_be_run(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    trying = make(shop)
    trying.choose("■ Order o-1 (PENDING)", "merge()")
    assert "an object, which no form can give" in trying.line
    assert (trying.run_button.disabled, trying.code) == (True, "")
    trying.run_button.click()
    assert trying.calls == 0


def test_of_many_instances_the_number_is_told(shop: Any, make: Callable[..., Trying]) -> None:
    for number in range(500):
        add(shop, id=f"o-{number}")
    trying = make(shop)
    trying.choose("■ Order o-499 (PENDING)")
    assert len(trying.targets) == 103
    assert "Of 500 instances of Order, the newest 100 are listed." in trying.line
    trying.choose("■ New Order")
    assert trying.line == ""
    trying.select("Order", "o-3")
    assert (trying.target_list.label, len(trying.targets)) == ("■ Order o-3 (PENDING)", 104)
    trying.run()
    assert shop.repository_for(shop.Order).get("o-3").status == "SHIPPED"
    assert trying.target_list.label == "■ Order o-3 (SHIPPED)"


def test_identities_are_suggested_the_newest_first(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    trying = make(shop)
    assert trying.fields["order_id"].input.options == ("o-1",)
    add(shop, id="o-2")
    trying.refresh(shop)
    assert trying.fields["order_id"].input.options == ("o-2", "o-1")


# Running


def test_the_code_follows_what_is_entered(shop: Any, make: Callable[..., Trying]) -> None:
    trying = make(shop)
    trying.choose("■ New Order")
    trying.enter(book_id="7", quantity="3")
    assert trying.code == lines(
        "order = Order(book_id='7', quantity=3)", "domain.repository_for(Order).add(order)"
    )
    assert trying.code_html in trying.shown
    assert "quantity=3" in trying.shown


def test_run_does_what_the_code_says(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    trying = make(shop)
    trying.choose("■ Order o-1 (PENDING)")
    trying.run_button.click()
    assert shop.repository_for(shop.Order).get("o-1").status == "SHIPPED"
    assert shop.journal[-1].cell == "Try it"
    assert "✓" in trying.outcome
    assert "Order o-1: ship()" in trying.outcome
    assert (trying.calls, trying.target_list.label) == (1, "■ Order o-1 (SHIPPED)")


def test_a_command_is_processed(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    trying = make(shop)
    trying.enter(order_id="o-1")
    trying.run()
    assert [entry.kind for entry in shop.journal[-4:]] == ["command", "changed", "event", "unhandled"]


def test_what_was_printed_and_returned_is_shown(shop: Any, make: Callable[..., Trying], capsys: Any) -> None:
    add(shop)
    trying = make(shop)
    trying.choose("■ Order o-1 (PENDING)", "change(quantity, note=…)")
    trying.enter(quantity="5", note="<b>")
    trying.run()
    assert "changed to 5\nreally" in trying.outcome
    assert "&#39;&lt;b&gt;&#39;" in trying.outcome
    assert capsys.readouterr() == ("", "")


def test_what_a_method_displays_stands_in_the_outcome(
    shop: Any, make: Callable[..., Trying], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(shop)
    trying = make(shop)
    with open_shell() as opened:
        monkeypatch.setattr(InteractiveShell, "_instance", opened.shell)
        order = shop.registry.elements["Order"].cls
        monkeypatch.setattr(order, "ship", lambda _: display("shipped"))
        trying.choose("■ Order o-1 (PENDING)", "ship()")
        trying.run()
    assert "displayed" in trying.outcome
    assert "shipped" in trying.outcome


def test_messages_stand_at_their_fields_and_what_was_entered_stays(
    shop: Any, make: Callable[..., Trying]
) -> None:
    trying = make(shop)
    trying.choose("■ New Order")
    trying.enter(quantity="500")
    trying.run()
    assert "is required" in trying.message("book_id")
    assert "less than or equal to 100" in trying.message("quantity")
    assert 'role="alert"' in trying.message("quantity")
    assert "ddd-try-wrong" in trying.fields["quantity"].box._dom_classes
    assert "Order was not accepted: book_id is required" in trying.outcome
    assert trying.fields["quantity"].input.value == "500"
    trying.enter(quantity="50")
    assert (trying.message("quantity"), "is required" in trying.message("book_id")) == (
        "<small>1 to 100</small>",
        True,
    )
    trying.enter(book_id="7")
    trying.run()
    assert trying.message("book_id") == ""
    assert "ddd-try-wrong" not in trying.fields["quantity"].box._dom_classes
    assert (trying.fields["book_id"].input.value, trying.fields["quantity"].input.value) == ("7", "50")


def test_an_outcome_goes_when_something_else_is_chosen_and_stays_when_the_model_changes(
    shop: Any, make: Callable[..., Trying]
) -> None:
    add(shop)
    trying = make(shop)
    trying.run()
    add(shop, id="o-2")
    trying.refresh(shop)
    assert "ShipOrder" in trying.outcome
    trying.choose("■ New Order")
    assert trying.outcome == ""
    assert "ShipOrder" in trying.history_html


def test_an_argument_that_is_missing_is_told_at_its_field_and_nothing_runs(
    shop: Any, make: Callable[..., Trying]
) -> None:
    add(shop)
    trying = make(shop)
    trying.choose("■ Order o-1 (PENDING)", "break_(how)")
    trying.run()
    assert "is required" in trying.message("how")
    assert (trying.calls, trying.history_html) == (0, "")


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("badly", ["ValueError", "&lt;b&gt;badly&lt;/b&gt;", "try another way"]),
        ("group", ["ExceptionGroup", "two (2 sub-exceptions)", "ValueError: one", "KeyError: &#39;two&#39;"]),
        ("exit", ["SystemExit", "1"]),
    ],
)
def test_errors_are_told_with_their_notes_and_members(
    shop: Any, make: Callable[..., Trying], how: str, told: list[str]
) -> None:
    add(shop)
    trying = make(shop)
    trying.choose("■ Order o-1 (PENDING)", "break_(how)")
    trying.enter(how=how)
    trying.run()
    for words in told:
        assert words in trying.outcome
    assert 'role="alert"' in trying.outcome
    assert (trying.calls, trying.fields["how"].input.value) == (1, how)


def test_an_interrupt_is_told_and_passes(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    trying = make(shop)
    trying.choose("■ Order o-1 (PENDING)", "break_(how)")
    trying.enter(how="stop")
    with pytest.raises(KeyboardInterrupt):
        trying.run()
    assert "KeyboardInterrupt" in trying.outcome
    assert trying.calls == 1


# What was tried


def test_again_runs_the_same_code_once_more(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    trying = make(shop)
    trying.choose("■ New Order")
    trying.enter(book_id="7")
    trying.run()
    trying.choose("■ Order o-1 (PENDING)")
    trying.run()
    trying.again(1)
    assert shop.repository_for(shop.Order).query.filter(book_id="7").count() == 2
    assert trying.history_html.count("<li>") == 3
    assert trying.history_html.index('data-arg="3"') < trying.history_html.index('data-arg="1"')
    assert trying.history_html in trying.shown
    trying.again(99)
    assert trying.calls == 3


def test_the_last_twenty_are_kept(shop: Any, make: Callable[..., Trying]) -> None:
    trying = make(shop)
    for _ in range(25):
        trying.run()
    assert trying.history_html.count("<li>") == 20
    assert 'data-arg="5"' not in trying.history_html
    trying.again(5)
    assert trying.calls == 25


def test_messages_of_something_else_that_is_tried_again_are_not_put_at_these_fields(
    shop: Any, make: Callable[..., Trying]
) -> None:
    trying = make(shop)
    trying.choose("■ New Order")
    trying.run()
    trying.enter(book_id="7")
    trying.again(1)
    assert trying.message("book_id") == ""


# What the workbench does


def test_while_it_is_busy_nothing_can_be_run(shop: Any, make: Callable[..., Trying]) -> None:
    trying = make(shop)
    trying.choose("■ New Inventory")
    trying.run()
    trying.busy("This is step 5 of 9: go to the last one.")
    assert "step 5 of 9" in trying.line
    assert trying.run_button.disabled
    trying.run_button.click()
    trying.again(1)
    assert trying.calls == 1
    trying.busy(None)
    assert (trying.line, trying.run_button.disabled) == ("", False)


def test_selecting_an_element_chooses_its_newest_instance_or_its_form(
    shop: Any, make: Callable[..., Trying]
) -> None:
    add(shop)
    add(shop, id="o-2")
    trying = make(shop)
    for element, label in (
        ("Order", "■ Order o-2 (PENDING)"),
        ("Inventory", "■ New Inventory"),
        ("ShipOrder", "▶ ShipOrder"),
        ("OrderShipped", "▶ ShipOrder"),
    ):
        trying.select(element)
        assert trying.target_list.label == label
    trying.select("Order", "o-1")
    trying.select("Order")
    assert trying.target_list.label == "■ Order o-1 (PENDING)"
    trying.select("Order", "nobody")
    assert trying.target_list.label == "■ Order o-1 (PENDING)"


def test_an_instance_without_methods_can_be_selected_and_says_so(
    shop: Any, make: Callable[..., Trying]
) -> None:
    shop.repository_for(shop.Inventory).add(shop.Inventory(in_stock=5, id="i-1"))
    trying = make(shop)
    trying.select("Inventory", "i-1")
    assert "Inventory has no public method to call." in trying.line
    assert (trying.code, trying.fields) == ("", {})


def test_refreshing_keeps_the_selection_and_what_was_typed(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    trying = make(shop)
    trying.choose("■ Order o-1 (PENDING)", "break_(how)")
    trying.enter(how="half a sen")
    field = trying.fields["how"]
    add(shop, id="o-2")
    add(shop, id="o-0")
    trying.refresh(shop)
    assert trying.target_list.label == "■ Order o-1 (PENDING)"
    assert (trying.action_list.label, trying.fields["how"]) == ("break_(how)", field)
    trying.choose("■ New Order")
    trying.choose("■ Order o-2 (PENDING)")
    assert trying.fields["how"].input.value == "half a sen"


def test_redefining_a_class_keeps_what_was_typed(shop: Any, make: Callable[..., Trying]) -> None:
    trying = make(shop)
    trying.choose("■ New Order")
    trying.enter(book_id="7", quantity="4")
    trying.fields["status"].input.index = 1
    kept = trying.fields["book_id"]

    @shop.aggregate
    class Order:
        weight = Float(default=1.5)
        book_id = Identifier(required=True)
        quantity = Integer(default=2)
        status = String(choices=["NEW", "PENDING", "SHIPPED"], default="NEW")

    trying.refresh(shop)
    assert list(trying.fields) == ["weight", "book_id", "quantity", "status", "id"]
    assert trying.fields["book_id"] is kept
    assert "Order(book_id='7', quantity=4, status='SHIPPED')" in trying.code


def test_when_the_selected_instance_is_gone_the_form_of_its_class_comes(
    shop: Any, make: Callable[..., Trying]
) -> None:
    order = add(shop)
    trying = make(shop)
    trying.choose("■ Order o-1 (PENDING)")
    shop.repository_for(shop.Order).remove(order)
    trying.refresh(shop)
    assert trying.target_list.label == "■ New Order"


def test_it_moves_to_a_newer_domain(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    trying = make(shop)
    trying.choose("■ Order o-1 (PENDING)")
    newer = Domain(name="Bookshop")

    @newer.aggregate
    class Order:
        pages: int = 1

    trying.refresh(newer)
    assert trying.targets == ["■ New Order"]
    trying.run()
    assert newer.repository_for(Order).query.count() == 1


def test_a_choice_that_is_made_while_the_model_changes_counts(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    waiting: list[Callable[[], None]] = []
    trying = make(shop, guard=waiting.append)
    trying.choose("■ Order o-1 (PENDING)")
    add(shop, id="o-2")
    trying.refresh(shop)
    assert trying.target_list.label == "■ Order o-1 (PENDING)"
    assert trying.code.startswith("order = domain.repository_for(Order).get('o-1')")
    for callback in waiting:
        callback()
    assert trying.target_list.label == "■ Order o-1 (PENDING)"


def test_everything_that_people_do_goes_through_the_guard(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    waiting: list[Callable[[], None]] = []
    trying = make(shop, guard=waiting.append)
    code = trying.code
    trying.choose("■ New Order")
    trying.enter(order_id="o-1")
    trying.run_button.click()
    assert (len(waiting), trying.code, trying.calls) == (3, code, 0)
    for callback in waiting:
        callback()
    assert trying.calls == 1


def test_what_was_chosen_and_entered_last_is_what_runs(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    waiting: list[Callable[[], None]] = []
    trying = make(shop, guard=waiting.append)
    trying.enter(order_id="o-1")
    trying.run()
    assert shop.repository_for(shop.Order).get("o-1").status == "SHIPPED"
    trying.choose("■ New Inventory")
    trying.run()
    assert shop.repository_for(shop.Inventory).query.count() == 1


def test_refreshing_is_cheap_when_nothing_has_changed(shop: Any, make: Callable[..., Trying]) -> None:
    for number in range(500):
        add(shop, id=f"o-{number}")
    trying = make(shop)
    trying.choose("■ Order o-499 (PENDING)")
    sent: list[Any] = []
    trying.target_list.observe(sent.append)
    started = time.perf_counter()
    for _ in range(10):
        trying.refresh(shop)
    assert time.perf_counter() - started < 0.1
    assert sent == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_looks_like_markup_or_code_is_a_text_everywhere(
    shop: Any, make: Callable[..., Trying], payload: str
) -> None:
    add(shop, id=payload)
    trying = make(shop)
    trying.select("Order", payload)
    trying.run()
    trying.choose("■ New Order")
    trying.enter(book_id=payload, id=payload + "2")
    trying.run()
    assert shop.repository_for(shop.Order).get(payload).status == "SHIPPED"
    assert shop.repository_for(shop.Order).get(payload + "2").book_id == payload
    for html in (trying.shown, trying.outcome):
        assert "<script" not in html
        assert "<img" not in html
        html.encode()
    "".join(trying.targets).encode()


def test_closing_leaves_nothing_behind(shop: Any, make: Callable[..., Trying]) -> None:
    add(shop)
    before = set(INSTANCES)
    trying = make(shop)
    for label in trying.targets:
        trying.choose(label)
    for action in trying.actions:
        trying.choose("■ Order o-1 (PENDING)", action)
    trying.choose("■ New Inventory")
    trying.run()
    assert set(INSTANCES) > before
    trying.close()
    trying.close()
    assert set(INSTANCES) == before


def test_forms_of_elements_that_are_gone_are_closed(shop: Any, make: Callable[..., Trying]) -> None:
    trying = make(shop)
    trying.choose("■ New Inventory")
    trying.choose("■ New Order")
    before = len(INSTANCES)
    shop.forget("Inventory")
    trying.refresh(shop)
    assert len(INSTANCES) < before


# Fields


@pytest.mark.parametrize(
    ("parameter", "kind", "start"),
    [
        (Parameter("it", "whole"), widgets.Text, 0),
        (Parameter("it", "whole", bounds=(3, 9)), widgets.Text, 3),
        (Parameter("it", "whole", required=False, default=7), widgets.Text, 7),
        (Parameter("it", "whole", required=False, default=None, optional=True), widgets.Text, UNSET),
        (Parameter("it", "whole", required=False, default=2**60), widgets.Text, 2**60),
        (Parameter("it", "whole", required=False), widgets.Text, UNSET),
        (Parameter("it", "whole", suggests="Order"), widgets.Combobox, UNSET),
        (Parameter("it", "number"), widgets.Text, 0.0),
        (Parameter("it", "number", bounds=(-5, -1)), widgets.Text, 0.0),
        (Parameter("it", "whole", required=False, default=1.5), widgets.Text, UNSET),
        (Parameter("it", "flag"), widgets.Checkbox, False),
        (Parameter("it", "flag", required=False, default=True), widgets.Checkbox, True),
        (Parameter("it", "choice", choices=(1, True)), widgets.Dropdown, UNSET),
        (Parameter("it", "choice", required=False, choices=(1, True), default=True), widgets.Dropdown, True),
        (Parameter("it", "text"), widgets.Text, UNSET),
        (Parameter("it", "text", suggests="Order"), widgets.Combobox, UNSET),
        (Parameter("it", "literal"), widgets.Text, UNSET),
    ],
)
def test_each_kind_has_its_widget_and_where_it_starts(parameter: Parameter, kind: type, start: Any) -> None:
    field = Field(parameter, lambda _: None)
    assert (type(field.input), field.value) == (kind, start)
    assert type(field.value) is type(start)
    dispose(field.box)


def test_hints_and_defaults_are_seen() -> None:
    form = Form(lambda _: None)
    form.ask([
        Parameter("a", "text", hint="as on the <cover>"),
        Parameter("b", "text", required=False, default="x"),
        Parameter("c", "literal", required=False, default=None),
    ])  # fmt: skip
    assert form.fields["a"]._message.value == "<small>as on the &lt;cover&gt;</small>"
    assert [f.input.placeholder for f in form.fields.values()] == [
        "required",
        "x if left empty",
        "text, or Python, optional",
    ]
    form.close()


def test_fields_that_are_replaced_or_gone_are_closed() -> None:
    form = Form(lambda _: None)
    form.ask([Parameter("a", "text")])
    one = len(INSTANCES)
    form.ask([Parameter("a", "text", hint="new"), Parameter("b", "text")])
    form.ask([Parameter("a", "text", hint="newer")])
    assert len(INSTANCES) == one
    form.close()


def test_messages_of_fields_that_are_not_there_are_left_out() -> None:
    form = Form(lambda _: None)
    form.ask([Parameter("a", "text")])
    form.say(ValidationError({"b": ["no"], "_entity": ["no"]}).messages)
    assert form.fields["a"]._message.value == ""
    form.close()


def test_the_style_touches_nothing_else_on_the_page() -> None:
    rules = [rule.split("*/")[-1] for rule in STYLE.split("}")[:-1]]
    selectors = [part.strip() for rule in rules for part in _parts(rule.split("{")[0])]
    assert [selector for selector in selectors if ".ddd-try" not in selector] == []


def _parts(selectors: str) -> list[str]:
    """The selectors of a rule; a comma in brackets parts none."""
    depth, parts = 0, [""]
    for character in selectors:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def test_nothing_in_it_is_deprecated(shop: Any, make: Callable[..., Trying]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(shop).close()


# Numbers


@pytest.fixture
def numbers(make: Callable[..., Trying]) -> Trying:
    domain = Domain(name="Numbers")

    @domain.aggregate
    class Order:
        quantity: int
        price: float = 1.5

        def change(self, quantity: int, price: float = 1.5) -> Any:
            return [quantity, price]

    domain.repository_for(Order).add(Order(id="o-1", quantity=1))
    return make(domain)


@pytest.mark.parametrize("typed", ["12345678901234567890", "9007199254740993", "-7", "007"])
@pytest.mark.parametrize("label", ["■ New Order", "■ Order o-1 (quantity 1, price 1.5)"])
def test_a_whole_number_reaches_the_model_as_it_was_typed(numbers: Trying, label: str, typed: str) -> None:
    numbers.choose(label, "change(quantity, price=…)" if "New" not in label else None)
    numbers.enter(quantity=typed)
    assert f"(quantity={int(typed)})" in numbers.code
    numbers.run()
    assert numbers.calls == 1


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("quantity", "5.7", "should be a whole number"),
        ("quantity", "1e3", "should be a whole number"),
        ("quantity", "many", "should be a whole number"),
        ("price", "1e400", "should be a number that a float can hold"),
        ("price", "1e-400", "should be a number that a float can hold"),
        ("price", "1,5", "should be a number"),
    ],
)
@pytest.mark.parametrize("label", ["■ New Order", "■ Order o-1 (quantity 1, price 1.5)"])
def test_what_is_no_such_number_is_refused_at_its_field(
    numbers: Trying, label: str, name: str, typed: str, message: str
) -> None:
    numbers.choose(label, "change(quantity, price=…)" if "New" not in label else None)
    numbers.enter(**{name: typed})
    numbers.run()
    assert f"</span>{message}</div>" in numbers.message(name)
    assert numbers.calls == 0


@pytest.mark.parametrize("label", ["■ New Order", "■ Order o-1 (quantity 1, price 1.5)"])
def test_an_emptied_number_is_required_again(numbers: Trying, label: str) -> None:
    numbers.choose(label, "change(quantity, price=…)" if "New" not in label else None)
    numbers.enter(quantity="5")
    numbers.enter(quantity="")
    numbers.run()
    assert "is required" in numbers.message("quantity")


def test_an_untouched_number_follows_a_new_default() -> None:
    form = Form(lambda _: None)
    form.ask([Parameter("a", "whole", required=False, default=1)])
    form.ask([Parameter("a", "whole", required=False, default=2)])
    assert form.values == {"a": 2}
    form.close()
