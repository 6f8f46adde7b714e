"""A notebook as a program that runs on both frameworks: its model first, then what its cells do."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeGuard

import ddd_kit.demo

# What comes between the model and what is done with it, whichever the notebook, for each domain of it.
PRELUDE = """
{domain}.config["event_processing"] = "sync"
{domain}.config["command_processing"] = "sync"
{domain}.config["message_processing"] = "sync"
{domain}.init(traverse=False)
"""
CONTEXT = "{domain}.domain_context().push()"  # of the first one
# What comes at the end: all events that have happened, and the aggregates that there are then.
EPILOGUE = """
import json
with {domain}.domain_context():
    told = [each for each in {domain}.event_store.store.read("$all") if each.metadata.domain.kind == "EVENT"]
    # What a process manager became is a stream of its own there: `Bookshop._FulfilmentTransition.v1`.
    told = [each for each in told if "._" not in each.metadata.headers.type]
    print(json.dumps([[each.metadata.headers.type, each.data] for each in told], sort_keys=True))
    for kind in ({kinds}):
        if not kind.meta_.is_event_sourced:  # of those, the events say all; they have no queries there
            found = {domain}.repository_for(kind).query.all()
            print(kind.__name__, json.dumps([each.to_dict() for each in found]))
"""

PICTURE = "a picture or a table of the journal, which Protean does not have"
IN_ONES_HANDS = "holding deliveries, going back, forks, faults and run files, which Protean does not have"
# Statements that ask the domain for one of these are left out, wherever they stand.
WORDS: Mapping[str, str] = {
    **dict.fromkeys(("chart", "explore", "journal", "lint", "map", "state", "stream", "timeline"), PICTURE),
    "domain": "the workbench's domain, which is the one of the model before it",
    **dict.fromkeys(("mermaid", "sequence_diagram", "test_from", "why", "why_not"), PICTURE),
    **dict.fromkeys(("at", "deliver", "deliver_all", "faults", "fork", "pause_on", "resume"), IN_ONES_HANDS),
    **dict.fromkeys(("processes", "rehydrate"), PICTURE),
    **dict.fromkeys(("load", "replay", "reset", "rewind", "save", "save_html", "waiting"), IN_ONES_HANDS),
}
# The beginnings of the ids of cells with exercises, whose models are the learners'.
EXERCISES = ("exercise-", "starter-", "check-", "progress")
# Names that Protean lacks: their imports, and the statements that use them, are left out too.
OURS: Mapping[str, str] = {"compare": IN_ONES_HANDS, "context_map": PICTURE}
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
}


@dataclass
class Program:
    """What of a notebook runs on both.

    Attributes:
        model: imports, classes and functions, and the domain.
        deeds: what the other statements do, in order.
        left_out: the keys of what was left out by name: a cell, or `cell:Class`.
        written_out: what is written differently.
        kinds: the names of the aggregates, by the variable that holds their domain.
        prefix: what the first domain is called in streams.
    """

    model: list[str] = field(default_factory=list)
    deeds: list[str] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    written_out: set[str] = field(default_factory=set)
    kinds: dict[str, list[str]] = field(default_factory=dict)
    prefix: str = ""

    @property
    def source(self) -> str:
        """The whole program, with the imports of ddd_kit."""
        first, *_ = self.kinds
        preludes = [PRELUDE.replace("{domain}", domain) for domain in self.kinds]
        context = CONTEXT.replace("{domain}", first)
        model = [line.replace("{domain}", self.prefix) for line in self.model]
        return "\n".join((*model, *preludes, context, *self.deeds, *map(self._epilogue, self.kinds)))

    def _epilogue(self, domain: str) -> str:
        kinds = "".join(f"{kind}, " for kind in self.kinds[domain])
        return EPILOGUE.replace("{domain}", domain).replace("{kinds}", kinds)


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
        elif not (source.startswith("%") or key.startswith(EXERCISES)):  # a magic
            _take(program, source, key, left_out)
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
        elif isinstance(statement, ast.ImportFrom):
            statement.names = [each for each in statement.names if each.name not in OURS]
            program.model += [ast.unparse(statement)] if statement.names else []
        elif _is_of_the_model(statement):
            program.model.append(ast.unparse(statement))
            _note(program, statement)
        elif not (WORDS.keys() | OURS.keys()) & set(_asked_of({*program.kinds, "workbench"}, statement)):
            program.deeds.append(ast.unparse(statement))


def _note(program: Program, statement: ast.stmt) -> None:
    """Keep in mind the domains, and the aggregates of each."""
    if _is_domain(statement):
        program.kinds[ast.unparse(statement.targets[0])] = []
        program.prefix = program.prefix or _prefix(statement)
    for domain, kinds in program.kinds.items():
        if _is_aggregate_of(domain, statement) and statement.name not in kinds:
            kinds.append(statement.name)


def _is_of_the_model(statement: ast.stmt) -> bool:
    defined = isinstance(statement, ast.Import | ast.ImportFrom | ast.ClassDef | ast.FunctionDef)
    return defined or _is_domain(statement) or _is_plain(statement)


def _is_domain(statement: ast.stmt) -> TypeGuard[ast.Assign]:
    return isinstance(statement, ast.Assign) and ast.unparse(statement.value).startswith("Domain(")


def _prefix(statement: ast.Assign) -> str:
    assert isinstance(statement.value, ast.Call)
    [name] = [each.value for each in statement.value.keywords if each.arg == "name"]
    return str(ast.literal_eval(name)).lower().replace(" ", "_")


def _is_plain(statement: ast.stmt) -> bool:
    """Whether it gives a name to a plain value, which the model may use."""
    if isinstance(statement, ast.Assign):
        with suppress(ValueError):
            ast.literal_eval(statement.value)
            return True
    return False


def _is_aggregate_of(domain: str, statement: ast.stmt) -> TypeGuard[ast.ClassDef]:
    decorators = map(ast.unparse, getattr(statement, "decorator_list", []))
    return any(each.split("(")[0] == f"{domain}.aggregate" for each in decorators)


def _asked_of(objects: set[str], statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in objects:
            yield node.attr
        if isinstance(node, ast.Name) and node.id in OURS:
            yield node.id


def _model_of_the_demo() -> str:
    """What `ddd_kit.demo()` defines and does, as it would stand in a cell."""
    module = ast.parse(inspect.getsource(ddd_kit.demo))
    [function] = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    body: list[ast.stmt] = []
    for statement in function.body[1:-1]:  # without its docstring, and without the workbench
        body += statement.body if isinstance(statement, ast.With) else [statement]
    lines = ["from ddd_kit import Domain, handle", "from ddd_kit.fields import Identifier, Integer, String"]
    return "\n".join((*lines, *map(ast.unparse, body))).replace("'", '"')
