"""Answers to the exercises on events and handlers."""

from tests.workshop.answers_of import Answers, Wrong, base

_HANDLER = """
@shop.event_handler({options})
class KeepStock:
    @handle(OrderShipped)
    def on_shipped(self, event):
        inventories = shop.repository_for(Inventory)
{body}
"""


def _with(body: str, options: str = 'part_of=Inventory, stream_category="order"') -> str:
    lines = "\n".join(f"        {line}" for line in body.strip().splitlines())
    return base("reduce-stock") + _HANDLER.format(options=options, body=lines)


_RIGHT = """
inventory = inventories.find_by(book_id=event.book_id)
inventory.in_stock -= event.quantity
inventories.add(inventory)
"""

ANSWERS = {
    "reduce-stock": Answers(
        right=_with(_RIGHT),
        alternative=base("reduce-stock")
        + """
from ddd_kit import current_domain


@shop.event_handler(part_of=Order)
class TellTheShelves:
    @handle("OrderShipped")
    def tell(self, event):
        repository = current_domain.repository_for(Inventory)
        for inventory in repository.query.filter(book_id=event.book_id).all():
            inventory.in_stock = inventory.in_stock - event.quantity
            repository.add(inventory)
""",
        wrong=[
            Wrong(_with(_RIGHT, "part_of=Inventory"), "does not listen", "on which stream"),
            Wrong(_with(_RIGHT.replace("inventories.add(inventory)", "")), "Did it save", "is a copy"),
            Wrong(
                _with(_RIGHT.replace("find_by(book_id=event.book_id)", "query.first")), "“dune”", "Which one"
            ),
            Wrong(_with(_RIGHT.replace("event.quantity", "3")), "There should be 5", "one after the other"),
            Wrong(_with("while True: pass"), "does not end", "round and round"),
        ],
    ),
}
