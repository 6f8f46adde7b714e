"""Programs for Protean, run on Protean and on ddd_kit, and what of their texts may differ."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import subprocess
import traceback
from collections.abc import Mapping
from pathlib import Path

UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d)?|datetime\.datetime\([^)]*\)\)?")
ADDRESS = re.compile(r"0x[0-9a-f]+")
# What Protean has in submodules, and ddd_kit in the package itself.
DEEPER = {
    "BaseUpcaster": "protean.core.upcaster",
    "given": "protean.testing",
    "on": "protean.core.projector",
}
SUBMODULE = re.compile(r"(?m)^(\s*)from protean\.(?!fields\b|exceptions\b)[\w.]+ import\b")


def imported_from_ddd_kit(source: str) -> str:
    """The same program with its imports changed: submodules that we do not have are the package itself."""
    source = SUBMODULE.sub(r"\1from protean import", source)
    return re.sub(r"(?m)^(\s*)(from|import) protean\b", r"\1\2 ddd_kit", source)


def imported_from_protean(source: str) -> str:
    """The other way round: what is written for ddd_kit, with Protean's imports."""
    source = re.sub(r"(?m)^(\s*)(from|import) ddd_kit\b", r"\1\2 protean", source)
    return re.sub(r"(?m)^from protean import (.+)$", _from_where_it_is, source)


def _from_where_it_is(found: re.Match[str]) -> str:
    names = found[1].split(", ")
    lines = [f"from {DEEPER[name]} import {name}" for name in names if name in DEEPER]
    rest = ", ".join(name for name in names if name not in DEEPER)
    return "\n".join([f"from protean import {rest}"] * bool(rest) + lines)


def printed_by_all(python: str | Path, programs: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What programs print, in a process of their own.

    Args:
        python: the interpreter, whose environment has what they import.
        programs: their texts by name.
        folder: an empty one, where they run.
    """
    (folder / "programs.json").write_text(json.dumps(programs))
    script = Path(__file__).with_name("run_programs.py")
    run = subprocess.run(
        [python, script, "programs.json"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    printed: dict[str, str] = json.loads(run.stdout)
    return printed


def printed_by(source: str, name: str) -> str:
    """What a program prints; an error that leaves it stands at the end.

    Args:
        source: its text.
        name: what an error calls it.
    """
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            exec(compile(source, name, "exec", dont_inherit=True), {"__name__": name})
        except Exception:  # noqa: BLE001 - whatever a program ends with is part of what it says
            traceback.print_exc(file=out)
    return out.getvalue()


def comparable(text: str) -> str:
    """A program's text without what differs from run to run, and without what differs on purpose.

    Identities are numbered as they appear; times and addresses are left out. In dictionaries there is no
    `_version`, and the order of fields does not count: these two stand in docs/protean.md.
    """
    seen: dict[str, str] = {}
    text = UUID.sub(lambda found: seen.setdefault(found[0], f"identity {len(seen) + 1}"), text)
    text = ADDRESS.sub("0x", TIME.sub("'a time'", text))
    return "\n".join(_without_version(line) for line in text.splitlines())


def _without_version(line: str) -> str:
    """The line with each dictionary in it sorted, and `_version` gone."""
    start = line.find("{")
    if start < 0:
        return line
    for end in range(len(line), start, -1):
        if line[end - 1] == "}":
            with contextlib.suppress(ValueError, SyntaxError):
                value = _sorted(ast.literal_eval(line[start:end]))
                return f"{line[:start]}{value!r}{_without_version(line[end:])}"
    return line[: start + 1] + _without_version(line[start + 1 :])


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value, key=str) if key != "_version"}
    if isinstance(value, list | tuple):
        return [_sorted(item) for item in value]
    return value
