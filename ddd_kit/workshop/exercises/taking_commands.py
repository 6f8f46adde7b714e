"""Commands of a learner's model, which several exercises ask for."""

from __future__ import annotations

from ddd_kit.workshop.exercise import NotYet
from ddd_kit.workshop.trial import Trial


def taken(shop: Trial, name: str, *fields: str) -> None:
    """Make sure that there is a command with some fields, and somebody who takes it."""
    shop.element("command", name, "Order")
    shop.fields(name, *fields)
    heard = {command for handler in shop.of_kind("command handler") for _, command in handler.methods}
    if name not in heard:
        raise NotYet(f"There is a command `{name}`, and no command handler takes it.", _NOBODY, stops=True)


_NOBODY = (
    "You can ask now. Who hears it?",
    "Commands are taken by a class with `@shop.command_handler(part_of=Order)`, in a method with `@handle(...)`.",
    "`@handle(ShipOrder)` above a method `def ship(self, command):`, in such a class; with your own command's name",
)
