"""There: programs written for Protean run here with only their imports changed, and print the same."""

import json
import subprocess
from pathlib import Path

import pytest
from both_ways import comparable, imported_from_ddd_kit, printed_by

HERE = Path(__file__).parent
PROGRAMS = {path.stem: path.read_text() for path in sorted((HERE / "programs").glob("*.py"))}


@pytest.fixture(scope="module")
def on_protean(protean_python, tmp_path_factory):
    """What each program prints on Protean."""
    folder = tmp_path_factory.mktemp("protean")
    (folder / "programs.json").write_text(json.dumps(PROGRAMS))
    command = [protean_python, HERE / "run_on_protean.py", "programs.json"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_for_protean_prints_the_same_here(name, on_protean):
    there = on_protean[name]
    assert "Traceback" not in there, there
    here = printed_by(imported_from_ddd_kit(PROGRAMS[name]), name)
    assert comparable(here) == comparable(there)


def test_there_are_programs():
    assert PROGRAMS
