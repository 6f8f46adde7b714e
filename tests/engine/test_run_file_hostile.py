"""Broken and hostile files: a clear error with the line, or a run that every view can show."""

from __future__ import annotations

import gzip
import hashlib
import json
import random

import pytest

from ddd_kit.exceptions import ImpossibleRunError, RunFileError
from ddd_kit.journal.story import story
from saved_shop import outline, saved, shop

SEEDS = range(100)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The lines of a good file."""
    _, path = saved(tmp_path_factory.mktemp("good"))
    return path.read_bytes()


def sealed(lines):
    """The content of a file with these lines, whose checksum and number of lines are right."""
    header, *body = lines
    content = b"".join(line + b"\n" for line in body)
    try:
        first = json.loads(header)
        first.update(sha256=hashlib.sha256(content).hexdigest(), lines=len(lines))
        header = json.dumps(first).encode()
    except (ValueError, AttributeError):  # the header is what is broken
        pass
    return header + b"\n" + content


def looked_at(domain):
    """Every view of a run, at every step."""
    domain.journal.to_text()
    domain.map().to_text()
    domain.state().to_text()
    repr(domain.waiting)
    for step in range(domain.journal.first_step - 1, domain.journal.last_step + 1):
        past = domain.at(step)
        story(domain.journal, step)
        past.state().to_text()
    for step in range(domain.journal.first_step, domain.journal.last_step + 1):
        domain.map(step)
        domain.state(step).to_text()


def tried(tmp_path, content):
    """Load a content into a domain that has a run of its own: whether it was loaded, and the error."""
    path = tmp_path / "broken.jsonl"
    path.write_bytes(content)
    domain = shop(seed=1)
    domain.repository_for("Stock").add(domain.registry.elements["Stock"].cls(id="mine"))
    before, world = outline(domain), domain.world
    try:
        domain.load(path)
    except (RunFileError, ImpossibleRunError) as error:
        assert outline(domain) == before
        assert domain.world is world
        return error
    looked_at(domain)
    domain.save(path)
    again = shop(seed=1)
    again.load(path)
    assert outline(again)[1:6] == outline(domain)[1:6]
    return None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_file_with_other_bytes_is_refused_or_harmless(good, tmp_path, seed):
    """A byte is flipped, taken out or put in; every second time the checksum is made to fit."""
    dice = random.Random(seed)
    content = bytearray(good)
    for _ in range(dice.choice((1, 1, 1, 5))):
        place = dice.randrange(len(content))
        what = dice.choice(("flip", "flip", "other", "cut", "more"))
        if what == "flip":
            content[place] ^= 1 << dice.randrange(8)
        elif what == "other":
            content[place] = dice.choice(b'0123456789"[]{},:ntf-')
        elif what == "cut":
            del content[place : place + dice.randrange(1, 40)]
        else:
            content[place:place] = dice.randbytes(dice.randrange(1, 4))
    content = bytes(content)
    if seed % 2:
        content = sealed(content.removesuffix(b"\n").split(b"\n"))
    tried(tmp_path, content)


STRANGE = (
    None,
    True,
    0,
    -1,
    1,
    2,
    5,
    10**30,
    1.5,
    1e308,
    -1e300,
    "",
    "x",
    "Order",
    "Shipped",
    "event",
    "o-1",
    "s-1",
    [],
    {},
    [[]],
    [1],
    ["id"],
    [["TakeOut", "take_out"]],
    {"$": "set", "of": [1]},
    {"$": "float", "of": "nan"},
    {"$": "enum", "class": "Colour", "name": "RED", "of": "red"},
    {"$": "tuple", "of": [[]]},
    {"$": "os.system"},
    {"$": "datetime", "of": "9999-12-31T23:59:59-23:59"},
    {"$": "Decimal", "of": "1e999999"},
    {"$": 1, "of": []},
    {"$": "int", "of": "0x" + "f" * 5_000},
)


def places(found, way=()):
    """All places in a line."""
    yield way
    items = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, value in items:
        yield from places(value, (*way, key))


def changed(line, dice):
    """A line of which one place is another."""
    found = json.loads(line)
    *way, last = dice.choice([way for way in places(found) if way])
    holder = found
    for key in way:
        holder = holder[key]
    what = dice.choice(("other", "other", "other", "number", "gone"))
    if what == "gone":
        del holder[last]
    elif what == "number" and type(holder[last]) is int:
        holder[last] += dice.choice((-1, 1, 3))
    else:
        holder[last] = dice.choice(STRANGE)
    return json.dumps(found).encode()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_file_with_other_data_is_refused_or_harmless(good, tmp_path, seed):
    """The JSON stays JSON, and checksum and number of lines fit."""
    dice = random.Random(seed)
    lines = good.removesuffix(b"\n").split(b"\n")
    for _ in range(dice.choice((1, 1, 2))):
        place = dice.randrange(0, len(lines))
        what = dice.choice(("change", "change", "change", "change", "twice", "gone", "swap"))
        if what == "change":
            lines[place] = changed(lines[place], dice)
        elif what == "twice":
            lines.insert(place, lines[place])
        elif what == "gone" and len(lines) > 2:
            del lines[place]
        else:
            other = dice.randrange(0, len(lines))
            lines[place], lines[other] = lines[other], lines[place]
    tried(tmp_path, sealed(lines))


def replaced(good, kind, change):
    """The good content with the first line of a kind changed by a function; and the number of that line."""
    lines = good.removesuffix(b"\n").split(b"\n")
    for place, line in enumerate(lines):
        found = json.loads(line)
        if kind in (found["line"], found.get("kind")):
            change(found)
            lines[place] = json.dumps(found).encode()
            return sealed(lines), place + 1
    raise AssertionError(kind)


@pytest.mark.parametrize(
    ("kind", "change", "text"),
    [
        ("changed", ("step", 99), "does not follow"),
        ("changed", ("cause", 98), "not before it"),
        ("changed", ("chain", 99), "comes after it"),
        ("changed", ("version", -1), "greater than or equal to 0"),
        ("changed", ("version", True), "valid integer"),
        ("changed", ("version", 1.0), "valid integer"),
        ("changed", ("time", 1e300), "less than"),
        ("changed", ("time", "now"), "valid number"),
        ("changed", ("names", ["id", "id"]), "two values"),
        ("changed", ("names", ["id"]), "names and"),
        ("changed", ("after", None), "neither values before nor after"),
        ("changed", ("id", {"$": "set", "of": []}), "identity"),
        ("changed", ("id", {"$": "int", "of": "0x" + "f" * 5_000}), "identity"),
        ("changed", ("cell", 6), "valid string"),
        ("changed", ("surprise", 6), "not permitted"),
        ("event", ("deliveries", [["TakeOut"]]), "field required"),
        ("event", ("position", 5), "position 5 on the stream"),
        ("handled", ("cause", 1), "no message"),
        ("handled", ("duration", -1), "greater than or equal to 0"),
        ("handled", ("undone", [["Order"]]), "field required"),
        ("skipped", ("rule", "whim"), "whim"),
        ("rejected", ("tried", [["quantity", {"$": "gadget", "of": []}]]), "'gadget'"),
        ("defined", ("change", "burnt"), "registered"),
        ("defined", ("element_kind", "gadget"), "aggregate"),
        ("entry", ("kind", "gadget"), "no line of a run"),
        ("stored", ("version", 9), "not what the journal led to"),
        ("delivery", ("position", 9), "of no event"),
        ("delivery", ("parent", 1), "no delivery 1 before it"),
        ("delivery", ("chain", 9), "no chain 9"),
        ("delivery", ("handler", None), "valid string"),
        ("identities", ("state", [1, 2]), "generator"),
        ("clock", ("now", 1e15), "less than"),
        ("header", ("version", 2), "newer kit"),
        ("header", ("format", "pickle"), "no run that domain.save() wrote"),
        ("journal", ("first_step", 0), "greater than or equal to 1"),
        ("journal", ("last_step", 10**9), "should reach to step"),
        ("element", ("element", {}), "field required"),
    ],
)  # fmt: skip
def test_a_column_that_is_wrong_is_named_with_its_line(good, tmp_path, kind, change, text):
    column, value = change
    content, line = replaced(good, kind, lambda found: found.update({column: value}))
    error = tried(tmp_path, content)
    assert isinstance(error, RunFileError), error
    assert text in str(error)
    assert error.line == line
    assert f"line {line}" in str(error)


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (b"[" * 100_000 + b"]" * 100_000, "recursion limit"),
        (b'{"$":"tuple","of":[' * 60 + b"1" + b"]}" * 60, "30 levels"),
        (b"1" * 5_000, "number out of range"),
        (b"NaN", "too large, or none"),
        (b"1e999", "too large, or none"),
        (b'"\xff"', "unicode"),
        (b'"\\ud800"', "hex escape"),
        (b'{"$":"bytes","of":"gASVIAAAAAA="}', "does not accept"),
        (b'{"$":"pickle","of":"gASVIAAAAAA="}', "'pickle'"),
    ],
)
def test_a_value_that_is_none_is_refused(good, tmp_path, inside, text):
    lines = good.removesuffix(b"\n").split(b"\n")
    place = next(
        i for i, line in enumerate(lines) if line.startswith(b'{"line":"stored","aggregate":"Stock"')
    )
    before = lines[place]
    lines[place] = before.replace(b'"values":[', b'"values":[' + inside + b",").replace(b'95,"s-1"', b'"s-1"')
    assert lines[place] != before
    error = tried(tmp_path, sealed(lines))
    assert error is not None
    assert text in str(error)


def test_a_file_that_ends_too_early_says_so(good, tmp_path):
    lines = good.removesuffix(b"\n").split(b"\n")
    error = tried(tmp_path, b"\n".join(lines[:-2]) + b"\n")
    assert f"line {len(lines) - 2}: the file ends here, and should have {len(lines)} lines" in str(error)


def test_a_journal_whose_last_unit_of_work_does_not_end_is_refused(good, tmp_path):
    lines = good.removesuffix(b"\n").split(b"\n")
    last = max(place for place, line in enumerate(lines) if line.startswith(b'{"line":"entry"'))
    lines[last] = lines[last].replace(b'"ends_unit":true,', b"")
    error = tried(tmp_path, sealed(lines))
    assert f"line {last + 1}: the last unit of work does not end" in str(error)


def test_a_file_that_was_changed_says_so(good, tmp_path):
    error = tried(tmp_path, good.replace(b'"In [1]"', b'"In [9]"'))
    assert "line 1: its checksum is of another content" in str(error)


def test_a_line_in_the_wrong_place_says_so(good, tmp_path):
    lines = good.removesuffix(b"\n").split(b"\n")
    error = tried(tmp_path, sealed([*lines, lines[1]]))
    assert f"line {len(lines) + 1}: a line of the kind 'element' does not belong here" in str(error)


def test_what_is_no_run_at_all_is_refused(good, tmp_path):
    for content, text in [
        (b"", "line 1: the file is empty"),
        (b"\n", "line 1: it is no run"),
        (gzip.compress(good), "compressed: unpack it first"),
        (b"\x80\x04\x95", "line 1: it is no run"),
        (b"[]\n", "line 1: it is no run"),
        (b"{}\n", "line 1: it is no run"),
        (good.split(b"\n")[0], "the file ends here"),
    ]:
        error = tried(tmp_path, content)
        assert text in str(error)
        assert error.line == 1


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    domain = shop()
    with pytest.raises(RunFileError, match="is no file"):
        domain.load(tmp_path)
    with pytest.raises(RunFileError, match=r"No such file.*Give a file that domain.save\(\) wrote"):
        domain.load(tmp_path / "nowhere.jsonl")
    with pytest.raises(RunFileError, match="cannot be read"):
        domain.load("null\0byte.jsonl")


def test_a_name_in_a_file_makes_no_object_of_that_class(good, tmp_path):
    """Not even of a class that the program knows: an enum's member is looked for in the field's own type."""
    member = {"$": "enum", "class": "Kind", "name": "AGGREGATE", "of": "aggregate"}

    def change(found):
        found["after"][found["names"].index("left")] = member

    content, _ = replaced(good, "changed", change)
    assert tried(tmp_path, content) is None
    path = tmp_path / "broken.jsonl"
    domain = shop()
    path.write_bytes(content)
    domain.load(path)
    assert domain.journal.of(kind="changed")[0].state["left"] == "aggregate"
    assert type(domain.journal.of(kind="changed")[0].state["left"]) is str
