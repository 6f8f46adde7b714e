"""A notebook as a program that runs on both frameworks: its model first, then what its cells do."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import ddd_kit.demo

# What comes between the model and what is done with it, whichever the notebook.
PRELUDE = """
domain.config["event_processing"] = "sync"
domain.config["command_processing"] = "sync"
domain.init(traverse=False)
domain.domain_context().push()
"""
# What comes at the end: everything that has happened, and what there is then.
EPILOGUE = """
import json
told = [each for each in domain.event_store.store.read("$all") if each.metadata.domain.kind == "EVENT"]
print(json.dumps([[each.metadata.headers.type, each.data] for each in told], sort_keys=True))
for kind in ({kinds}):
    print(kind.__name__, json.dumps([each.to_dict() for each in domain.repository_for(kind).query.all()]))
"""

PICTURE = "a picture or a table of the journal, which Protean does not have"
IN_ONES_HANDS = "holding deliveries, going back, forks, faults and run files, which Protean does not have"
# Statements that ask the domain for one of these are left out, wherever they stand.
WORDS: Mapping[str, str] = {
    **dict.fromkeys(("chart", "explore", "journal", "lint", "map", "state", "stream", "timeline"), PICTURE),
    "domain": "the workbench's domain, which is the one of the model before it",
    **dict.fromkeys(("mermaid", "sequence_diagram", "test_from", "why", "why_not"), PICTURE),
    **dict.fromkeys(("at", "deliver", "deliver_all", "faults", "fork", "pause_on", "resume"), IN_ONES_HANDS),
    **dict.fromkeys(("load", "replay", "reset", "rewind", "save", "save_html", "waiting"), IN_ONES_HANDS),
}
# Written out for Protean; the rows of the table in docs/protean.md that say why.
WRITTEN_OUT: Mapping[str, str] = {
    'stream_category="order"': 'stream_category="{domain}::order"',  # a bare name is never called there
    'stream_category="inventory"': 'stream_category="{domain}::inventory"',
    ', stream_category="manage_order"': "",  # a command has no category there
    # Members of an Enum are refused there, their values are not.
    "status = OrderStatus.SHIPPED": "status = OrderStatus.SHIPPED.value",
    "default=OrderStatus.PENDING": "default=OrderStatus.PENDING.value",
    "find_by(book_id=1)": 'find_by(book_id="1")',  # identifiers in look-ups are not made texts there
    # Names in the place of classes are refused there; an event's is never heard.
    '@handle("OrderShipped")': "@handle(OrderShipped)",
    'repository_for("Order")': "repository_for(Order)",
    'repository_for("Inventory")': "repository_for(Inventory)",
    ", seed=7": "",  # identities do not repeat there
    "import Domain, compare, handle": "import Domain, handle",
}


@dataclass
class Program:
    """What of a notebook runs on both.

    Attributes:
        model: imports, classes and functions, and the domain.
        deeds: what the other statements do, in order.
        left_out: the keys of what was left out by name: a cell, or `cell:Class`.
        written_out: what is written differently.
        kinds: the names of the aggregates.
    """

    model: list[str] = field(default_factory=list)
    deeds: list[str] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    written_out: set[str] = field(default_factory=set)
    kinds: dict[str, None] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The whole program, with the imports of ddd_kit."""
        kinds = "".join(f"{kind}, " for kind in self.kinds)
        return "\n".join((*self.model, PRELUDE, *self.deeds, EPILOGUE.replace("{kinds}", kinds)))


def program_of(notebook: Path, left_out: Mapping[str, str]) -> Program:
    """The program that a notebook is.

    Args:
        notebook: its file.
        left_out: reasons, by the id of a cell, or `id:Name` for a class or a function in it.
    """
    program = Program()
    cells = json.loads(notebook.read_text())["cells"]
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        source, key = "".join(cell["source"]).removeprefix("%%trace\n"), cell["id"]
        if key in left_out:
            program.left_out.add(key)
        elif not source.startswith("%"):  # a magic
            _take(program, source, key, left_out)
    name = next(line for line in program.model if line.startswith("domain = ")).split("'")[1].lower()
    program.model = [line.replace("{domain}", name) for line in program.model]
    return program


def _take(program: Program, source: str, cell: str, left_out: Mapping[str, str]) -> None:
    if "ddd_kit.demo()" in source:
        source = _model_of_the_demo()
    for written, written_out in WRITTEN_OUT.items():
        if written in source:
            program.written_out.add(written)
            source = source.replace(written, written_out)
    for statement in ast.parse(source).body:
        key = f"{cell}:{getattr(statement, 'name', '')}"
        if key in left_out:
            program.left_out.add(key)
        elif isinstance(statement, ast.Import | ast.ImportFrom | ast.ClassDef | ast.FunctionDef):
            program.model.append(ast.unparse(statement))
            if _is_aggregate(statement):
                program.kinds[statement.name] = None
        elif _is_ground(statement):
            program.model.append(ast.unparse(statement))
        elif not WORDS.keys() & set(_asked_of_the_domain(statement)):
            program.deeds.append(ast.unparse(statement))


def _is_ground(statement: ast.stmt) -> bool:
    """Whether it only gives the domain, or a plain value, a name."""
    if not isinstance(statement, ast.Assign):
        return False
    with suppress(ValueError):
        ast.literal_eval(statement.value)
        return True
    return ast.unparse(statement).startswith("domain = Domain(")


def _is_aggregate(statement: ast.stmt) -> bool:
    decorators = getattr(statement, "decorator_list", [])
    return any("domain.aggregate" in ast.unparse(decorator) for decorator in decorators)


def _asked_of_the_domain(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("domain", "workbench"):
            yield node.attr


def _model_of_the_demo() -> str:
    """What `ddd_kit.demo()` defines and does, as it would stand in a cell."""
    module = ast.parse(inspect.getsource(ddd_kit.demo))
    [function] = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    body: list[ast.stmt] = []
    for statement in function.body[1:-1]:  # without its docstring, and without the workbench
        body += statement.body if isinstance(statement, ast.With) else [statement]
    lines = ["from ddd_kit import Domain, handle", "from ddd_kit.fields import Identifier, Integer, String"]
    return "\n".join((*lines, *map(ast.unparse, body))).replace("'", '"')
