"""`%why`: a question in Python's words, answered, or refused with the way out."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.error import UsageError

from ddd_kit import Domain
from ddd_kit.engine.explain import WhyNot
from ddd_kit.journal.causality import Why
from ddd_kit.notebook.asking import answer
from shells import HANDLER, MODEL, SHIP, STOCK, Shell

EMAIL = """
@domain.event_handler(part_of=Inventory)
class EmailNotifications:
    @handle(OrderShipped)
    def send(self, event): ...
"""
MORE = """
inventory = domain.repository_for(Inventory).query.first
orders = [order]
unsaved = Inventory(in_stock=3)
email = EmailNotifications
"""


@pytest.fixture
def names(shell: Shell) -> dict[str, Any]:
    for cell in (MODEL, STOCK, HANDLER.format(name="ManageInventory"), EMAIL, SHIP, MORE):
        shell.run(cell)
    return shell.shell.user_ns


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("inventory.in_stock", "in_stock 100 -> 90."),
        ("orders[0].quantity", "quantity began as 10."),
        ("domain.repository_for(Inventory).query.first.in_stock  # of the first", "in_stock 100 -> 90."),
        ("(inventory if orders else None).in_stock", "in_stock 100 -> 90."),
    ],
)
def test_a_field_of_whatever_aggregate_an_expression_gives(
    names: dict[str, Any], question: str, said: str
) -> None:
    found = answer(question, names)
    assert isinstance(found, Why)
    assert found.sentence.endswith(said)


@pytest.mark.parametrize(
    "question",
    [
        "EmailNotifications",
        "email",
        "'EmailNotifications'",
        "EmailNotifications OrderShipped",
        "EmailNotifications 'OrderShipped'",
        "email  domain.journal.of(kind='event')[-1]",
    ],
)
def test_a_handler_and_an_event(names: dict[str, Any], question: str) -> None:
    found = answer(question, names)
    assert isinstance(found, WhyNot)
    assert found.handler == "EmailNotifications"
    assert [check.rule for check in found.broken] == ["stream_category"]


def test_a_handler_that_only_the_domain_knows_by_name(names: dict[str, Any]) -> None:
    """As one that an imported module defines."""
    del names["EmailNotifications"], names["OrderShipped"]
    found = answer("EmailNotifications OrderShipped", names)
    assert isinstance(found, WhyNot)
    assert found.broken


def test_a_handler_that_is_not_defined_any_more(names: dict[str, Any]) -> None:
    names["domain"].retire("EmailNotifications")
    assert "is not defined any more" in str(answer("EmailNotifications", names))


def test_a_handler_of_another_domain_is_asked_there(names: dict[str, Any]) -> None:
    Domain(name="Library")
    assert isinstance(answer("EmailNotifications", names), WhyNot)


def test_a_handler_of_an_older_domain_of_the_name_is_refused(names: dict[str, Any]) -> None:
    kept = names["domain"]
    Domain(name="Bookshop")
    with pytest.raises(UsageError, match="belongs to an older Bookshop: run its cell again"):
        answer("EmailNotifications", names)
    assert kept.name == "Bookshop"


ASK = "ask for a field, as %why inventory.in_stock, or for an event handler, as %why ManageInventory."


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("", f"%why: {ASK}"),
        ("  ", f"%why: {ASK}"),
        ("inventory.", f"%why inventory.: that is no Python expression; {ASK}"),
        ("x = 1", f"that is no Python expression; {ASK}"),
        (
            "invntory.in_stock",
            "%why invntory.in_stock: there is no name 'invntory': did you mean 'inventory'?",
        ),
        ("EmailNotification", "there is no name 'EmailNotification': did you mean 'EmailNotifications'?"),
        ("orders[nowhere].quantity", "there is no name 'nowhere'"),
        ("inventory.in_stok", "Inventory has no field 'in_stok': did you mean 'in_stock'?"),
        ("order.ship", "Order has no field 'ship'. It has: quantity, id."),
        ("inventory", "%why inventory: which field of it? It has: in_stock, id."),
        ("Inventory.in_stock", "Inventory is a class: ask for a field of one of its objects."),
        ("unsaved.in_stock", "An object counts when it was added to its repository."),
        ("orders[1].quantity", "IndexError: list index out of range"),
        ("orders.quantity", "AttributeError: 'list' object has no attribute 'quantity'"),
        ("5", f"that is no aggregate's field and no event handler; {ASK}"),
        ("OrderShipped", f"%why OrderShipped: that is an event; {ASK}"),
        ("Order", f"that is an aggregate; {ASK}"),
        ("int", "int is not an element of Bookshop."),
        ("EmailNotifications OrderShiped", "there is no name 'OrderShiped': did you mean 'OrderShipped'?"),
        ("EmailNotifications Order", "Order is an aggregate of Bookshop, not an event."),
        ("inventory.in_stock OrderShipped", "an event goes with a handler, not with a field."),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_way_out(
    names: dict[str, Any], question: str, said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        answer(question, names)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_error_of_the_users_own_is_named(names: dict[str, Any]) -> None:
    def broken() -> None:
        raise NameError("by hand")

    with pytest.raises(UsageError, match="NameError: by hand"):
        answer("broken().in_stock", {**names, "broken": broken})


def test_asking_runs_the_expression_once_and_leaves_no_names(names: dict[str, Any]) -> None:
    calls: list[int] = []
    names["find"] = lambda: calls.append(1) or names["inventory"]
    before = set(names)
    answer("(found := find()).in_stock", names)
    assert calls == [1]
    assert set(names) == before
