"""A notebook as a program that runs on both frameworks: its model first, then what its cells do."""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from notebook_statements import (
    asked_of,
    is_definition,
    is_domain,
    is_stored_in,
    model_of_the_demo,
    name_of_a_plain_value,
    prefix_of,
    statements_of,
)

# How a program prints what can be compared: plain values, and errors without the framework's words.
TELLING = """
def _is_plain(value):
    if isinstance(value, dict):
        return _is_plain([*value, *value.values()])
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return isinstance(value, (bool, int, float, str))

def _shown(value):
    if _is_plain(value):
        print("shown", repr(value))

def _told(error):
    return type(error).__name__, dict(getattr(error, "messages", {}))
"""
# What comes between the model and what is done with it, whichever the notebook, for each domain of it.
PRELUDE = """
{domain}.config["event_processing"] = "sync"
{domain}.config["command_processing"] = "sync"
{domain}.config["message_processing"] = "sync"
{domain}.init(traverse=False)
"""
CONTEXT = "{domain}.domain_context().push()"  # of the first one
# What comes at the end: all events that have happened, and what is stored then.
EPILOGUE = """
with {domain}.domain_context():
    _all = {domain}.event_store.store.read("$all")
    _events = [(it.metadata.headers.type, it.data) for it in _all if it.metadata.domain.kind == "EVENT"]
    # What a process manager became is a stream of its own there: `Bookshop._FulfilmentTransition.v1`.
    print("events", [(kind, data) for kind, data in _events if "._" not in kind])
    for _kind in ({kinds}):
        if not getattr(_kind.meta_, "is_event_sourced", False):  # of those, the events say all
            _found = {domain}.repository_for(_kind).query.all()
            print("state", _kind.__name__, [each.to_dict() for each in _found])
"""

PICTURE = "a picture or a table of the journal, which Protean does not have"
IN_ONES_HANDS = "holding deliveries, going back, forks, faults and run files, which Protean does not have"
# Statements that ask the domain for one of these are left out, wherever they stand.
WORDS: Mapping[str, str] = {
    **dict.fromkeys(
        ("chart", "explore", "glossary", "journal", "lint", "map", "state", "stream", "timeline"), PICTURE
    ),
    "config": "how messages are dealt with is said by the prelude: hold mode is not there",
    **dict.fromkeys(("mermaid", "sequence_diagram", "test_from", "why", "why_not"), PICTURE),
    **dict.fromkeys(("at", "deliver", "deliver_all", "faults", "fork", "pause_on", "resume"), IN_ONES_HANDS),
    **dict.fromkeys(("processes", "rehydrate"), PICTURE),
    **dict.fromkeys(("load", "replay", "reset", "rewind", "save", "save_html", "waiting"), IN_ONES_HANDS),
}
# The beginnings of the ids of cells with exercises, whose models are the learners'.
EXERCISES = ("exercise-", "starter-", "check-", "progress")
# Names that Protean lacks: their imports, and the statements that use them, are left out too.
OURS: Mapping[str, str] = {
    "compare": IN_ONES_HANDS,
    "context_map": PICTURE,
    "workbench": "its domain is the one of the model before it",
}
# Written out for Protean; the rows of the table in docs/protean.md that say why.
WRITTEN_OUT: Mapping[str, str] = {
    'stream_category="order"': 'stream_category="{domain}::order"',  # a bare name is never called there
    'stream_category="inventory"': 'stream_category="{domain}::inventory"',
    ', stream_category="manage_order"': "",  # a command has no category there
    "find_by(book_id=1)": 'find_by(book_id="1")',  # identifiers in look-ups are not made texts there
    # Names in the place of classes are refused there; an event's is never heard.
    '@handle("OrderShipped")': "@handle(OrderShipped)",
    'repository_for("Order")': "repository_for(Order)",
    'repository_for("Inventory")': "repository_for(Inventory)",
    "part_of=GiftCard, version=2": 'part_of="GiftCard", version=2',  # it comes before the card
    ", seed=7": "",  # identities do not repeat there
}


@dataclass
class Part:
    """What becomes of a notebook, from one making of its domain to the next.

    Attributes:
        model: imports, domains, classes, functions and plain values. What is defined again is there once, as
            it is at last, since Protean runs a handler of each cell: where the first one was.
        deeds: what the other statements do, in order.
        stored: the names of the aggregates and projections, by the variable that holds their domain.
        prefix: what the first domain is called in streams.
    """

    model: dict[str, str] = field(default_factory=dict)
    deeds: list[str] = field(default_factory=list)
    stored: dict[str, list[str]] = field(default_factory=dict)
    prefix: str = ""

    def define(self, statement: ast.ClassDef | ast.FunctionDef) -> None:
        """Take a class or a function into the model."""
        self.model[statement.name] = ast.unparse(statement)
        for domain, names in self.stored.items():
            if is_stored_in(domain, statement) and statement.name not in names:
                names.append(statement.name)

    @property
    def source(self) -> str:
        """Its text: the model, the prelude, the deeds, and what is there at the end."""
        first, *_ = self.stored
        model = [line.replace("{domain}", self.prefix) for line in self.model.values()]
        preludes = [PRELUDE.replace("{domain}", domain) for domain in self.stored]
        context = CONTEXT.replace("{domain}", first)
        return "\n".join((*model, *preludes, context, *self.deeds, *map(self._epilogue, self.stored)))

    def _epilogue(self, domain: str) -> str:
        kinds = "".join(f"{kind}, " for kind in self.stored[domain])
        return EPILOGUE.replace("{domain}", domain).replace("{kinds}", kinds)


@dataclass
class Program:
    """What of a notebook runs on both.

    Attributes:
        parts: one after the other; a domain that is made anew begins a part.
        left_out: the keys of what was left out by name.
        done_first: the keys of what is done before all else.
        written_out: what is written differently.
    """

    parts: list[Part] = field(default_factory=lambda: [Part()])
    left_out: set[str] = field(default_factory=set)
    done_first: set[str] = field(default_factory=set)
    written_out: set[str] = field(default_factory=set)

    @property
    def source(self) -> str:
        """The whole program, with the imports of ddd_kit."""
        return "\n".join((TELLING, *(part.source for part in self.parts)))


def program_of(notebook: Path, left_out: Collection[str], done_first: Collection[str] = ()) -> Program:
    """The program that a notebook is.

    Args:
        notebook: its file.
        left_out: ids of cells, `id:Name` for a class or a function in a cell, or `id:text` for a statement.
        done_first: statements, named in the same way, that the handlers of later cells need.
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
            _take(program, source, key, left_out, done_first)
    return program


def _take(
    program: Program, source: str, cell: str, left_out: Collection[str], done_first: Collection[str]
) -> None:
    if "ddd_kit.demo()" in source:
        source = model_of_the_demo()
    for written, written_out in WRITTEN_OUT.items():
        if written in source:
            program.written_out.add(written)
            source = source.replace(written, written_out)
    for called, statement in statements_of(source):
        key = f"{cell}:{called}"
        if key in left_out:
            program.left_out.add(key)
        elif key in done_first:
            program.done_first.add(key)
            program.parts[-1].deeds.insert(0, ast.unparse(statement))
        else:
            _sort_in(program, statement)


def _sort_in(program: Program, statement: ast.stmt) -> None:
    """Put a statement where it belongs: into the model, among the deeds, or nowhere."""
    domain = ast.unparse(statement.targets[0]) if is_domain(statement) else ""
    if domain in program.parts[-1].stored:
        program.parts.append(Part())
    part = program.parts[-1]
    plain = name_of_a_plain_value(statement)
    if isinstance(statement, ast.Import | ast.ImportFrom):
        statement.names = [each for each in statement.names if each.name not in OURS]
        part.model |= {ast.unparse(statement): ast.unparse(statement)} if statement.names else {}
    elif is_domain(statement):
        part.model[domain], part.stored[domain] = ast.unparse(statement), []
        part.prefix = part.prefix or prefix_of(statement)
    elif is_definition(statement):
        part.define(statement)
    elif plain and plain not in part.model:
        part.model[plain] = ast.unparse(statement)
    elif not _is_not_there(part, statement):
        part.deeds.append(ast.unparse(statement))


def _is_not_there(part: Part, statement: ast.stmt) -> bool:
    """Whether it asks for something that only ddd_kit has."""
    ours = WORDS.keys() | {f"{name} itself" for name in OURS}
    return not ours.isdisjoint(asked_of(set(part.stored), statement))
