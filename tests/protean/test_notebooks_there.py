"""The other way: the notebooks' models and what is done with them run on Protean, with the same end.

A notebook becomes one program, since Protean wants its whole model before the first use: the model of all
cells, one fixed prelude, what the cells do. It runs on Protean with its imports changed; as it is, here.
"""

import sys
from pathlib import Path

import pytest

from both_ways import comparable, imported_from_protean, printed_by_all
from notebook_program import WRITTEN_OUT, program_of

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))

SOURCE_STREAM = "`source_stream` is ignored there in sync mode: the handler runs for every order"
BEFORE = "what the class did before it was defined again: a program has the class as it is at last"
FAILS = "a handler that fails: a TransactionError there, its own error here"
A_FORK = "Protean has no forks"
ANY_ORDER = "two handlers of one event run in any order there, and both raise events"
RESET = "it comes after `domain.reset()`, which Protean does not have"
ACROSS = "handlers of one domain do not hear another's events there without a server"
GIVEN = "the words of tests are others there"
PROCESS = "an instance of a process manager is a stream there, and has no repository"
# By notebook, what rests on what Protean does not do: cells, `cell:Class`, `cell:statement`.
LEFT_OUT = {
    "00-start-here": {"bookshop:EmailNotifications": SOURCE_STREAM},
    "01-first-look": {
        "demo:EmailNotifications": SOURCE_STREAM,
        "at-29": "the domain as it was: Protean has no past but that of event-sourced aggregates",
    },
    "02-aggregates": {"no-repository": "entities have repositories there"},
    "03-invariants": {"minus-two": BEFORE, "saved": "rules are not checked there when something is saved"},
    "04-events-and-handlers": {"out-of-paper": FAILS},
    "05-streams": {"email-notifications:EmailNotifications": SOURCE_STREAM},
    "08-when-things-fail": {"twice-again": RESET},
    "09-event-sourcing": {
        "write-thousand:print(warned[0].message)": "it does not warn there",
        "fork-one": A_FORK,
        "rewind-it": "it comes after `domain.rewind()`, which Protean does not have",
    },
    "11-process-managers": {"remembers": PROCESS},
    "12-to-production": {
        "given-when-then": GIVEN,
        "given-unpaid": GIVEN,
        "shipping:PackParcels": ACROSS,
        "provider:shipping.repository_for(Parcel).get('cleo-1').address": ACROSS,
    },
    "building-blocks": {
        "code-46:ThankGoodCustomers": ANY_ORDER,
        "code-55:PackParcels": ACROSS,
        "code-57:HearOfParcels": ACROSS,
        "code-62": ACROSS,
        "code-66": GIVEN,
        "code-67": GIVEN,
        "code-69": GIVEN,
    },
    "laboratory": {"code-11": A_FORK},
}
# A program's handlers are there from the beginning, those of later cells too; what they need comes first.
DONE_FIRST = {
    "05-streams": {"ship-ten:domain.repository_for(Inventory).add(Inventory(book_id=1, in_stock=100))"},
}
# What the reader is asked to do in the workbench.
CLICKED = {"sandbox": ["ada.give_back()", "loans.add(ada)"]}


def program_without(key, path):
    """What a notebook is when one thing, named by its key, is neither left out nor done first."""
    name = path.stem
    left_out, done_first = LEFT_OUT.get(name, {}).keys(), DONE_FIRST.get(name, set())
    program = program_of(path, left_out - {key}, done_first - {key})
    program.parts[-1].deeds += CLICKED.get(name, [])
    return program


PROGRAMS = {path.stem: program_without(None, path) for path in NOTEBOOKS}
SOURCES = {name: program.source for name, program in PROGRAMS.items()}
# Each notebook with one of these exceptions less; what is in any order may be the same by chance.
WITH_ONE_MORE = {
    f"{path.stem}, {key}": program_without(key, path).source
    for path in NOTEBOOKS
    for key, reason in (LEFT_OUT.get(path.stem, {}) | dict.fromkeys(DONE_FIRST.get(path.stem, ()))).items()
    if reason != ANY_ORDER
}
TO_RUN = SOURCES | WITH_ONE_MORE


@pytest.fixture(scope="module")
def on_protean(protean_python, tmp_path_factory):
    """What each program prints there."""
    return printed_by_all(
        protean_python,
        {name: imported_from_protean(source) for name, source in TO_RUN.items()},
        tmp_path_factory.mktemp("there"),
    )


@pytest.fixture(scope="module")
def on_ddd_kit(tmp_path_factory):
    """What each program prints here."""
    return printed_by_all(sys.executable, TO_RUN, tmp_path_factory.mktemp("here"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_notebook_ends_the_same_on_protean(name, on_protean, on_ddd_kit):
    """The same values under its cells, the same events in order, and the same things stored."""
    there = comparable(on_protean[name])
    assert "Traceback" not in there, there
    here = comparable(on_ddd_kit[name])
    assert here == there
    assert_that_something_has_happened(name, here)


def assert_that_something_has_happened(name, printed):
    """There are events, if anything in the notebook raises one, and a thing is stored at the end."""
    events = [line for line in printed.splitlines() if line.startswith("events ") and line != "events []"]
    states = [line for line in printed.splitlines() if line.startswith("state ") and "{" in line]
    assert bool(events) == (".raise_(" in SOURCES[name]), printed
    assert states, printed


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_left_out_is_there(name):
    """A cell that is gone is named no more."""
    assert PROGRAMS[name].left_out == LEFT_OUT.get(name, {}).keys()
    assert PROGRAMS[name].done_first == DONE_FIRST.get(name, set())


@pytest.mark.parametrize("name", WITH_ONE_MORE)
def test_what_is_left_out_has_to_be(name, on_protean, on_ddd_kit):
    """With it, the program fails there, or ends otherwise than here."""
    there = comparable(on_protean[name])
    assert "Traceback" in there or there != comparable(on_ddd_kit[name])


def test_what_is_left_out_is_of_a_notebook():
    assert LEFT_OUT.keys() | DONE_FIRST.keys() | CLICKED.keys() <= PROGRAMS.keys()


def test_what_is_written_differently_is_there():
    assert set().union(*(program.written_out for program in PROGRAMS.values())) == WRITTEN_OUT.keys()


def test_there_are_notebooks_to_run():
    assert PROGRAMS
