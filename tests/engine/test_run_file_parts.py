"""Value objects and entities in run files: they come back as they were, and nothing else comes in."""

from __future__ import annotations

import hashlib
import json
import random
from decimal import Decimal
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddd_kit import Domain
from ddd_kit.building_blocks.part import Part, Parts
from ddd_kit.engine.run_file.decoding import UnreadableError, decode
from ddd_kit.engine.run_file.values import encode
from ddd_kit.exceptions import ImpossibleRunError, RunFileError
from ddd_kit.fields import HasMany, String, ValueObject
from ddd_kit.journal.story import story
from ddd_kit.views import tree
from ddd_kit.views.panes import instances
from ddd_kit.views.panes.changes import changes
from rich_model import rich

names = st.lists(st.text("abcd", min_size=1, max_size=3), min_size=1, max_size=4, unique=True)
plain = st.one_of(st.none(), st.integers(), st.text(max_size=5), st.decimals(allow_nan=False))


@st.composite
def parts(draw, inner=plain):
    found = draw(names)
    values = [draw(inner) for _ in found]
    identity = draw(
        st.sampled_from(
            [None, *(n for n, v in zip(found, values, strict=True) if v is None or type(v) in (int, str))]
        )
    )
    return Part(draw(st.text("AB", min_size=1, max_size=3)), identity, tuple(found), tuple(values))


nested = st.recursive(
    plain, lambda held: st.one_of(parts(held), st.lists(parts(held), max_size=3).map(Parts)), max_leaves=8
)


def there_and_back(value):
    return decode(json.loads(json.dumps(encode(value), allow_nan=False)))


@given(nested)
def test_parts_come_back_as_they_were(value) -> None:
    again = there_and_back(value)
    assert again == value
    assert repr(again) == repr(value)
    assert type(again) is type(value)


def run_of(domain: Domain) -> tuple[object, ...]:
    return (
        [row for _, row in domain.journal.numbered_rows()],
        {name: dict(store.rows) for name, store in domain.world.stores.items() if store.rows},
        [row for _, row in domain.world.events.rows],
    )


def test_a_run_comes_back_with_its_associations_and_its_broken_rules(tmp_path) -> None:
    shop, other = rich(), rich(run=False)
    shop.domain.save(tmp_path / "run.jsonl")
    other.domain.load(tmp_path / "run.jsonl")
    assert run_of(other.domain) == run_of(shop.domain)
    assert repr(run_of(other.domain)) == repr(run_of(shop.domain))
    order = other.domain.repository_for(other.Order).get("o-1")
    assert order.total == other.Money(amount=Decimal("26.00"))
    assert order.get_one_from_items(sku="C").quantity == 3
    order.change_quantity("C", 4)
    other.domain.repository_for(other.Order).add(order)
    assert other.domain.why(order, "items[sku=C].quantity").sentence.endswith("3 -> 4.")


def test_a_file_without_the_column_of_rules_is_an_older_one(tmp_path) -> None:
    shop = rich()
    path = tmp_path / "run.jsonl"
    shop.domain.save(path)
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    for line in lines:
        for column in ("rules", "extensions"):
            line.pop(column, None)
    path.write_bytes(sealed([json.dumps(line).encode() for line in lines]))
    older = rich(run=False)
    older.domain.load(path)
    (entry,) = older.domain.journal.of(kind="rejected")
    assert entry.rules == ()
    assert entry.messages == (("items", "must not be more than ten books"),)


class Binding(Enum):
    PAPER = "paper"


def shelf() -> Domain:
    domain = Domain(name="Desk", seed=1)

    @domain.value_object
    class Look:
        binding: Binding = Binding.PAPER

    @domain.entity(part_of="Shelf")
    class Book:
        look = ValueObject(Look)
        title = String()

    @domain.aggregate
    class Shelf:
        books = HasMany(Book)

    return domain


def test_a_member_of_an_enum_inside_is_found_in_the_type_of_its_field(tmp_path) -> None:
    domain, again = shelf(), shelf()
    cls = {name: element.cls for name, element in domain.registry.elements.items()}
    made = cls["Shelf"](id="s")
    made.add_books(cls["Book"](title="Emma", look=cls["Look"](binding=Binding.PAPER)))
    domain.repository_for("Shelf").add(made)
    domain.save(tmp_path / "run.jsonl")
    again.load(tmp_path / "run.jsonl")
    assert again.repository_for("Shelf").get("s").books[0].look.binding is Binding.PAPER
    assert run_of(again) == run_of(domain)


def tagged(**changed):
    good = {"$": "part", "element": "M", "identity": None, "names": ["a"], "of": [1]}
    return {key: value for key, value in {**good, **changed}.items() if value != "-"}


@pytest.mark.parametrize(
    "data",
    [
        tagged(element="-"),
        tagged(element=1),
        tagged(element=["M"]),
        tagged(identity="b"),
        tagged(identity=["a"]),
        tagged(identity="-"),
        tagged(names="a"),
        tagged(names=[1]),
        tagged(names=["a", "b"]),
        tagged(names=["a", "a"], of=[1, 2]),
        tagged(names=[["a"]]),
        tagged(of=1),
        tagged(of="-"),
        tagged(more=1),
        tagged(identity="a", of=[[1]]),
        {"$": "parts", "of": [1]},
        {"$": "parts", "of": "x"},
        {"$": "parts"},
        {"$": "parts", "of": [tagged()], "element": "M"},
        tagged(of=[{"$": "nothing"}]),
    ],
)
def test_what_is_no_part_is_refused(data) -> None:
    with pytest.raises(UnreadableError):
        decode(data)


def test_parts_in_parts_have_an_end() -> None:
    deep = 1
    for _ in range(100):
        deep = tagged(of=[deep])
    with pytest.raises(UnreadableError, match="levels"):
        decode(deep)


def test_values_inside_that_the_classes_of_today_refuse_make_it_impossible(tmp_path) -> None:
    shop = rich()
    path = tmp_path / "run.jsonl"
    shop.domain.save(path)
    content = path.read_bytes().replace(b'["C",3,', b'["C","many",')
    path.write_bytes(sealed(content.removesuffix(b"\n").split(b"\n")))
    with pytest.raises(ImpossibleRunError, match=r"Order\.items\.quantity does not accept"):
        rich(run=False).domain.load(path)


# Files that were changed, as in test_run_file_hostile


def sealed(lines):
    header, *body = lines
    content = b"".join(line + b"\n" for line in body)
    first = json.loads(header)
    first.update(sha256=hashlib.sha256(content).hexdigest(), lines=len(lines))
    return json.dumps(first).encode() + b"\n" + content


def looked_at(domain: Domain) -> None:
    domain.journal.to_text()
    tree.journal(domain.journal)
    domain.map().to_text()
    domain.journal.to_frame()
    domain.journal.changes()
    for step in range(domain.journal.first_step, domain.journal.last_step + 1):
        story(domain.journal, step)
        changes(domain, step)
        instances.instances(domain, step)
        instances.state(domain, step)


STRANGE = (
    *(None, True, 0, -1, 10**30, 1.5, "", "x", [], {}, [[]], [1], {"$": "part"}, {"$": "parts", "of": []}),
    *(tagged(), tagged(identity="a")),
    {"$": "parts", "of": [tagged(), tagged(names=["b"])]},
    {"$": "parts", "of": [tagged(identity="a"), tagged(identity="a")]},
)


def places(data, path=()):
    """Where something can be put in the place of something else."""
    if isinstance(data, dict | list):
        for key, each in data.items() if isinstance(data, dict) else enumerate(data):
            yield (*path, key)
            yield from places(each, (*path, key))


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "run.jsonl"
    rich().domain.save(path)
    return path.read_bytes()


@pytest.mark.parametrize("seed", range(80))
def test_a_file_with_something_strange_inside_is_refused_or_harmless(good, tmp_path, seed) -> None:
    dice = random.Random(seed)
    lines = good.removesuffix(b"\n").split(b"\n")
    with_parts = [number for number, line in enumerate(lines) if b'"$":"part' in line]
    number = dice.choice(with_parts)
    line = json.loads(lines[number])
    inside = [path for path in places(line) if path[0] in ("before", "after", "values", "rules", "tried")]
    *way, last = dice.choice(inside)
    holder = line
    for key in way:
        holder = holder[key]
    holder[last] = dice.choice(STRANGE)
    lines[number] = json.dumps(line).encode()
    path = tmp_path / "run.jsonl"
    path.write_bytes(sealed(lines))
    domain = rich(run=False).domain
    before = run_of(domain)
    try:
        domain.load(path)
    except (RunFileError, ImpossibleRunError):
        assert run_of(domain) == before
        return
    looked_at(domain)
    domain.save(path)
    again = rich(run=False).domain
    again.load(path)
    assert repr(run_of(again)[1:]) == repr(run_of(domain)[1:])
