"""Shells of IPython in this process, for tests of what happens around a cell."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from ddd_kit.notebook.cells import install

MODEL = """
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer
domain = Domain(name="Bookshop", seed=7)

@domain.event(part_of="Order")
class OrderShipped:
    quantity = Integer(required=True)

@domain.aggregate
class Order:
    quantity = Integer(default=1)
    def ship(self):
        self.raise_(OrderShipped(quantity=self.quantity))

@domain.aggregate
class Inventory:
    in_stock = Integer(required=True)
"""
HANDLER = """
@domain.event_handler(part_of=Inventory, stream_category="order")
class {name}:
    @handle(OrderShipped)
    def reduce(self, event):
        repository = domain.repository_for(Inventory)
        inventory = repository.query.first
        inventory.in_stock -= event.quantity
        repository.add(inventory)
"""
STOCK = "domain.repository_for(Inventory).add(Inventory(in_stock=100))"
SHIP = """
order = Order(quantity=10)
order.ship()
domain.repository_for(Order).add(order)
"""


class Shell:
    """An IPython shell with the hooks in it."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def run(
        self, source: str, cell_id: str | None = None, *, number: bool = True, fails: bool = False
    ) -> Any:
        """What a cell gives; a cell that fails, or fails to fail, fails the test."""
        result = self.shell.run_cell(source, store_history=number, cell_id=cell_id)
        assert result.success is not fails, result
        return result.result

    @property
    def domain(self) -> Any:
        return self.shell.user_ns["domain"]

    @property
    def elements(self) -> list[str]:
        return list(self.domain.registry.elements)

    @property
    def stock(self) -> int:
        return self.domain.repository_for("Inventory").query.first.in_stock  # type: ignore[no-any-return]

    def changes(self, element: str) -> list[str]:
        """What the journal says about the definition of an element."""
        return [entry.change for entry in self.domain.journal.of(kind="defined") if entry.element == element]


@contextmanager
def open_shell(cls: type[InteractiveShell] = InteractiveShell) -> Iterator[Shell]:
    """A shell whose module is `__main__`, as long as the block lasts."""
    main = sys.modules["__main__"]
    config = Config({"HistoryManager": {"enabled": False}})
    shell = cls(config=config)
    assert isinstance(shell.history_manager, HistoryManager)
    install(shell)
    try:
        yield Shell(shell)
    finally:
        # What IPython does at the end takes a second for each shell, as it collects all garbage there is.
        shell.user_ns.clear()
        atexit.unregister(shell.atexit_operations)
        sys.modules["__main__"] = main
