"""What stands alone in a cell is shown as HTML; in a terminal, and after a fault, as text."""

from __future__ import annotations

from typing import Any

import pytest

from ddd_kit.views import state
from shells import HANDLER, MODEL, SHIP, STOCK, Shell

SHOWN = {
    "order": "Order object (id: ",
    "domain.journal": "OrderShipped",
    "domain.journal[-1:]": "In [",
    "domain.journal[-1]": "Entry(",
    "OrderShipped(quantity=1)": "OrderShipped(quantity=1)",
    "domain.stream('order')": "Stream order: 1 event",
    "domain.repository_for(Order).query": "[<Order: ",
    "domain.repository_for(Order).query.all()": "[<Order: ",
    "domain.waiting": "No delivery is waiting.",
    "domain.why(domain.repository_for(Inventory).query.first, 'in_stock')": "in_stock 100 -> 90.",
    "domain.why_not(ManageInventory)": "ManageInventory did take OrderShipped",
}


@pytest.fixture
def shop(shell: Shell) -> Shell:
    for cell in (MODEL, STOCK, HANDLER.format(name="ManageInventory"), SHIP):
        shell.run(cell)
    return shell


def bundle(shell: Shell, shown: Any) -> dict[str, str]:
    shell.shell.display_formatter.active_types = ["text/plain", "text/html"]
    return shell.shell.display_formatter.format(shown)[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize("source", SHOWN)
def test_each_has_html_and_keeps_its_text(shop: Shell, source: str) -> None:
    found = bundle(shop, shop.shell.ev(source))
    assert found["text/html"].startswith('<div class="ddd">')
    assert SHOWN[source] in found["text/plain"]


def test_a_fault_in_a_picture_warns_and_leaves_the_text(shop: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(shown: Any) -> str:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(state, "aggregate", fail)
    with pytest.warns(RuntimeWarning, match="shown as text, because .* ZeroDivisionError: by nothing"):
        found = bundle(shop, shop.shell.ev("order"))
    assert list(found) == ["text/plain"]


def test_a_class_with_html_of_its_own_keeps_it(shop: Shell) -> None:
    shop.run("@domain.aggregate\nclass Poster:\n    def _repr_html_(self): return '<h1>Poster</h1>'")
    assert bundle(shop, shop.shell.ev("Poster()"))["text/html"] == "<h1>Poster</h1>"


def test_the_style_is_small_and_touches_nothing_else_on_the_page(shop: Shell) -> None:
    html = bundle(shop, shop.shell.ev("domain.journal"))["text/html"]
    style = html[html.index("<style>") + 7 : html.index("</style>")]
    assert len(style) < 4000
    selectors = [part for rule in style.split("}")[:-1] for part in rule.split("{")[0].split(",")]
    assert [selector for selector in selectors if ".ddd" not in selector] == []
    assert "url(" not in style
    assert "@import" not in style
