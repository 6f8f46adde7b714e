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
RUN_AGAIN = "a handler defined again runs twice there, in its old and in its new version"
A_FORK = "Protean has no forks"
ACROSS = "handlers of one domain do not hear another's events there without a server"
GIVEN = "the words of tests are others there"
HOLD = "Protean has no deliveries that wait"
TEXTS = "it prints an error, whose text is the dictionary there and a sentence here"
# By notebook: the cells, and classes in cells (`cell:Class`), that rest on what Protean does not do.
LEFT_OUT = {
    "01-event-handlers": {"code-32:EmailNotifications": SOURCE_STREAM},
    "02-workbench": {
        "code-01:EmailNotifications": SOURCE_STREAM,
        "code-16": "the domain as it was: Protean has no past but that of event-sourced aggregates",
        "code-31": HOLD,
        "code-37": HOLD,
    },
    "03-laboratory": {
        "code-11": A_FORK,
        "code-13": A_FORK,
        "code-15": RUN_AGAIN,
        "code-25": RUN_AGAIN,
        "code-28:ManageInventory": RUN_AGAIN,
    },
    "04-building-blocks": {
        "code-06": TEXTS,
        "code-11": TEXTS,
        "code-28": TEXTS,
        "code-41": "a class defined again, as one version later: a program has one of them",
        "code-46:ThankGoodCustomers": "event handlers come before process managers there",
        "code-55:PackParcels": ACROSS,
        "code-57:HearOfParcels": ACROSS,
        "code-62": ACROSS,
        "code-66": GIVEN,
        "code-67": GIVEN,
        "code-69": GIVEN,
        "code-71": "a handler made for `domain.lint()`, which Protean does not have",
    },
}
PROGRAMS = {path.stem: program_of(path, LEFT_OUT.get(path.stem, {})) for path in NOTEBOOKS}
SOURCES = {name: program.source for name, program in PROGRAMS.items()}


@pytest.fixture(scope="module")
def on_protean(protean_python, tmp_path_factory):
    """What each program prints there."""
    return printed_by_all(
        protean_python,
        {name: imported_from_protean(source) for name, source in SOURCES.items()},
        tmp_path_factory.mktemp("there"),
    )


@pytest.fixture(scope="module")
def on_ddd_kit(tmp_path_factory):
    """What each program prints here."""
    return printed_by_all(sys.executable, SOURCES, tmp_path_factory.mktemp("here"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_notebook_ends_the_same_on_protean(name, on_protean, on_ddd_kit):
    """The same events with the same values, in order, and the same aggregates."""
    there = comparable(on_protean[name])
    assert "Traceback" not in there, there
    here = comparable(on_ddd_kit[name])
    assert here == there
    assert here.count("identity") > 1, "nothing has happened"


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_left_out_is_there(name):
    """A cell that is gone is named no more."""
    assert PROGRAMS[name].left_out == LEFT_OUT.get(name, {}).keys()


def test_what_is_written_differently_is_there():
    assert set().union(*(program.written_out for program in PROGRAMS.values())) == WRITTEN_OUT.keys()


def test_there_are_notebooks_to_run():
    assert PROGRAMS
