"""Runs with other identities, other numbers of instances and odd values, side by side."""

from typing import Any

import pytest

from ddd_kit import Domain, compare
from ddd_kit.fields import Identifier, Integer


def shop() -> Domain:
    """Orders, which may hold anything, and parcels, which refer to orders."""
    domain = Domain(name="Shop")

    @domain.aggregate
    class Order:
        quantity = Integer(default=1)
        held: Any = None

    @domain.aggregate
    class Parcel:
        order_id = Identifier()

    return domain


def made(world: Domain, *quantities: int) -> list[Any]:
    """Orders with identities of their own, saved in a world."""
    order = world.registry.elements["Order"].cls
    return [world.repository_for("Order").add(order(quantity=quantity)) for quantity in quantities]


def words(left: Domain, right: Domain) -> list[str]:
    return [str(difference) for difference in compare(left, right).differences]


def test_one_that_was_removed_keeps_its_place_among_the_others() -> None:
    domain = shop()
    fork = domain.fork()
    first, _ = made(domain, 1, 2)
    domain.repository_for("Order").remove(first)
    theirs = made(fork, 1, 2)
    assert words(domain, fork) == [f"Order {theirs[0].id[:8]}: only on the right"]
    assert words(fork, domain) == [f"Order {theirs[0].id[:8]}: only on the left"]


def test_runs_with_more_instances_on_one_side() -> None:
    domain = shop()
    made(domain, 7)
    fork = domain.fork()
    made(domain, 1, 2, 3)
    made(fork, 1, 5)
    second, third = domain.repository_for("Order").query.all().items[2:]
    assert words(domain, fork) == [
        f"Order {second.id[:8]} quantity: 2 | 5",
        f"Order {third.id[:8]}: only on the left",
    ]


def test_a_field_that_refers_to_the_instance_of_the_same_place_is_no_difference() -> None:
    domain = shop()
    fork = domain.fork()
    for world in (domain, fork):
        for order in made(world, 1, 2):
            parcel = world.registry.elements["Parcel"].cls(order_id=order.id)
            world.repository_for("Parcel").add(parcel)
    assert compare(domain, fork).same


def test_a_field_that_refers_to_another_instance_is_a_difference() -> None:
    domain = shop()
    fork = domain.fork()
    for world, place in ((domain, 0), (fork, 1)):
        order = made(world, 1, 2)[place]
        world.repository_for("Parcel").add(world.registry.elements["Parcel"].cls(order_id=order.id))
    assert len(words(domain, fork)) == 1


def test_what_a_failed_attempt_had_made_is_no_difference() -> None:
    domain = shop()
    fork = domain.fork()
    for world in (domain, fork):
        identity = made(world, 1)[0].id
        lost = ("Order", f"{identity[:-1]}x", ("quantity",), None, (1,))
        row = ("handled", None, 2, None, 0.0, "Clerk", "m", "m", "E", 1, 0.1, "failed", "x", False, (lost,))
        world.journal.append([row], world.journal.last_step + 1)
    assert compare(domain, fork).same


class Untold:
    """Neither can it be told nor compared."""

    def __init__(self, kept: int) -> None:
        self.kept = kept

    def __repr__(self) -> str:
        raise RuntimeError

    def __eq__(self, other: object) -> Any:
        raise TypeError

    __hash__ = None  # type: ignore[assignment]


def test_values_that_cannot_be_told_or_compared_hide_no_difference() -> None:
    domain = shop()
    fork = domain.fork()
    for world in (domain, fork):
        order = world.registry.elements["Order"].cls(id="o-1", held=Untold(1))
        world.repository_for("Order").add(order)
    found = compare(domain, fork)
    assert str(found.differences[0]) == (
        "Order o-1 held: <Untold that cannot be shown> | <Untold that cannot be shown>"
    )


@pytest.mark.parametrize("held", [{"b", "i", "a", "h"}, [frozenset("abcdefgh")]])
def test_equal_sets_in_another_order_are_the_same(held: Any) -> None:
    domain = shop()
    fork = domain.fork()
    order = domain.registry.elements["Order"].cls
    domain.repository_for("Order").add(order(id="o-1", held=held))
    fork.repository_for("Order").add(order(id="o-1", held=turned(held)))
    assert compare(domain, fork).same


def turned(held: Any) -> Any:
    """The same elements, put in from the last to the first."""
    if isinstance(held, list):
        return list(map(turned, held))
    grown: set[Any] = set()
    for each in [*map(chr, range(200, 400)), *reversed(list(held))]:
        grown.add(each)
    return type(held)(grown - set(map(chr, range(200, 400))))
