"""There: programs written for Protean run here with only their imports changed, and print the same."""

import sys
from pathlib import Path

import pytest

from both_ways import comparable, imported_from_ddd_kit, printed_by_all

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))
THERE = {path.stem: path.read_text() for path in PROGRAMS}
HERE = {name: imported_from_ddd_kit(source) for name, source in THERE.items()}


@pytest.fixture(scope="module")
def on_protean(protean_python, tmp_path_factory):
    """What each program prints there."""
    return printed_by_all(protean_python, THERE, tmp_path_factory.mktemp("there"))


@pytest.fixture(scope="module")
def on_ddd_kit(tmp_path_factory):
    """What each program prints here."""
    return printed_by_all(sys.executable, HERE, tmp_path_factory.mktemp("here"))


@pytest.mark.parametrize("name", THERE)
def test_a_program_for_protean_prints_the_same_here(name, on_protean, on_ddd_kit):
    there = on_protean[name]
    assert "Traceback" not in there, there
    assert comparable(on_ddd_kit[name]) == comparable(there)


def test_there_are_programs():
    assert PROGRAMS
