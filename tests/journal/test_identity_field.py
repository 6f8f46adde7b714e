"""The identity is left out of what an aggregate began with, and no other value, though it may equal it."""

from __future__ import annotations

from typing import Any

from ddd_kit import Domain
from ddd_kit.fields import Integer
from ddd_kit.journal.entry import ChangedEntry
from ddd_kit.journal.sentence import held_fields, phrase
from ddd_kit.journal.story import story


def created(cls: Any, **values: Any) -> tuple[Domain, ChangedEntry]:
    domain = Domain(name="Shop")
    shelf = domain.aggregate(cls)
    domain.repository_for(shelf).add(shelf(**values))
    found = domain.journal.step(domain.journal.last_step)
    assert isinstance(found, ChangedEntry)
    return domain, found


class Numbered:
    no = Integer(identifier=True)
    in_stock: int = 0
    flag: bool = False


def test_a_flag_is_told_though_true_equals_1() -> None:
    domain, entry = created(Numbered, no=1, in_stock=4, flag=True)
    assert phrase(entry) == "Numbered 1 added: in_stock 4, flag True"
    assert "flag True" in repr(story(domain.journal, entry.step))


def test_a_number_is_told_though_it_equals_the_identity() -> None:
    """Where nothing tells which of the two is the identity, both are told."""
    domain, entry = created(Numbered, no=1, in_stock=1, flag=True)
    assert phrase(entry) == "Numbered 1 added: in_stock 1, flag True, no 1"
    assert "in_stock 1" in repr(story(domain.journal, entry.step))


def test_a_field_named_as_identities_are_is_the_one_left_out() -> None:
    class Shelf:
        in_stock: int = 0
        shelf_id = Integer(identifier=True)

    class Box:
        label: str = ""

    assert held_fields(created(Shelf, in_stock=1, shelf_id=1)[1]) == {"in_stock": 1}
    assert held_fields(created(Box, label="b", id="b")[1]) == {"label": "b"}
