"""Whether a run fits the model of today, and why not: element by element and field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import ValidationError as PydanticError

from ddd_kit.building_blocks.part import Part, is_parts
from ddd_kit.engine.registry import LISTENERS, STORED
from ddd_kit.engine.run_file.run import Run
from ddd_kit.engine.run_file.shape import ElementShape, FieldShape, shapes
from ddd_kit.journal.entry import EVENT, place
from ddd_kit.journal.sentence import brief, short_id

if TYPE_CHECKING:
    from ddd_kit.building_blocks.schema import Schema
    from ddd_kit.engine.model import Model
    from ddd_kit.engine.store import Row

FINE, RISKY, IMPOSSIBLE = "fine", "risky", "impossible"
_TYPE = place(EVENT, "type")
_RANK = {IMPOSSIBLE: 0, RISKY: 1}
_OPENINGS = {
    FINE: "Fine: the run of {file} fits the model.",
    RISKY: "Risky: the run of {file} was saved with another model.",
    IMPOSSIBLE: "Impossible: the run of {file} does not fit the model.",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that differs.

    Attributes:
        level: `risky` or `impossible`.
        element: the name of the element, or of the domain where it is about the whole.
        field: the name of the field, or None.
        text: what is different, and what it leads to; goes on after the name.
    """

    level: str
    element: str
    field: str | None
    text: str

    def __str__(self) -> str:
        return f"{self.element}{f'.{self.field}' if self.field else ''} {self.text}"


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """Whether a run fits the model; `domain.load` gives it.

    Attributes:
        level: `fine`, `risky` or `impossible`.
        reasons: why, the worst first; none where it is fine.
        file: the name of the file.

    Example:
        >>> Verdict("risky", (Reason("risky", "Order", "note", "is not there any more"),), "run.jsonl")
        Risky: the run of run.jsonl was saved with another model.
          Order.note is not there any more.
    """

    level: str
    reasons: tuple[Reason, ...]
    file: str

    def __repr__(self) -> str:
        opening = _OPENINGS[self.level].format(file=self.file)
        several = {reason.level for reason in self.reasons} == {RISKY, IMPOSSIBLE}
        lines = [f"  {f'{each.level}: ' if several else ''}{each}." for each in self.reasons]
        return "\n".join([opening, *lines])


def judge(model: Model, run: Run) -> Verdict:
    """Compare a run with the model of today.

    Args:
        model: the domain.
        run: what the file holds.

    Returns:
        The verdict.
    """
    today = shapes(model.registry)
    reasons = list(_of_domain(model, run))
    for name, shape in run.elements.items():
        reasons += _of_element(run, shape, today.get(name))
    reasons += _of_new(run, today)
    for name, rows in run.stored.items():
        element = model.registry.elements.get(name)
        if element is not None and element.kind in STORED:
            reasons += _of_stored(element.schema, name, rows)
    reasons += _of_deliveries(model, run)
    reasons += [
        Reason(RISKY, element, field, "held a member of an enum that its type does not name: it is plain now")
        for element, field in run.members.lost
        if element in today
    ]
    ordered = sorted(dict.fromkeys(reasons), key=lambda reason: _RANK[reason.level])
    return Verdict(ordered[0].level if ordered else FINE, tuple(ordered), run.path.name)


def _of_domain(model: Model, run: Run) -> Iterator[Reason]:
    saved, streams = run.header["domain"], run.header["streams"]
    if streams != model.registry.prefix:
        yield Reason(
            IMPOSSIBLE,
            model.name,
            None,
            f"is not the domain of the run, and the streams bear the domain's name: make one with "
            f"Domain(name={saved!r})",
        )
    elif saved != model.name:
        yield Reason(RISKY, model.name, None, f"was called {saved}")
    if run.header["seed"] != model.seed:
        yield Reason(
            RISKY,
            model.name,
            None,
            f"has the seed {model.seed!r}, and the run {run.header['seed']!r}: identities and times go on as "
            "in the run, until domain.reset()",
        )


def _of_element(run: Run, saved: ElementShape, today: ElementShape | None) -> Iterator[Reason]:
    name = saved["name"]
    if today is None:
        stored = len(run.stored.get(name, ()))
        if stored:
            are = "is" if stored == 1 else "are"
            what = f"is not defined, and {stored:,} of it {are} stored: run its cell"
            yield Reason(IMPOSSIBLE, name, None, what)
        else:
            yield Reason(RISKY, name, None, f"is not defined any more; the run had it as {saved['kind']}")
        return
    if saved["kind"] != today["kind"]:
        what = f"is defined as {today['kind']}, and was saved as {saved['kind']}: give one another name"
        yield Reason(IMPOSSIBLE, name, None, what)
        return
    yield from _of_fields(name, saved["fields"], today["fields"])
    yield from _of_options(name, saved["options"], today["options"])
    if saved["methods"] != today["methods"]:
        before, after = _methods(saved), _methods(today)
        yield Reason(RISKY, name, None, f"takes other messages: {after}; in the run {before}")


def _methods(shape: ElementShape) -> str:
    return ", ".join(f"{message} by {method}" for method, message in shape["methods"]) or "none"


def _of_options(name: str, saved: Mapping[str, Any], today: Mapping[str, Any]) -> Iterator[Reason]:
    for option in dict.fromkeys([*saved, *today]):
        before, after = saved.get(option), today.get(option)
        if before != after:
            yield Reason(RISKY, name, None, f"has {option}={after!r}, and had {before!r}")


def _of_fields(name: str, saved: tuple[FieldShape, ...], today: tuple[FieldShape, ...]) -> Iterator[Reason]:
    before, after = {each["name"]: each for each in saved}, {each["name"]: each for each in today}
    for field in dict.fromkeys([*after, *before]):
        old, new = before.get(field), after.get(field)
        if new is None:
            yield Reason(RISKY, name, field, "is not there any more: what the run has in it is left out")
        elif old is None:
            default = "what is stored gets its default" if new["default"] else "it has no default"
            yield Reason(RISKY, name, field, f"is new: {default}")
        else:
            yield from _of_field(name, old, new)


def _of_field(name: str, old: FieldShape, new: FieldShape) -> Iterator[Reason]:
    field = new["name"]
    if old["type"] != new["type"]:
        yield Reason(RISKY, name, field, f"is {new['type']}, and was {old['type']}")
    words = (("default", "a default"), ("identity", "the role of the identity"), ("unique", "unique values"))
    for key, what in words:
        if old[key] != new[key]:  # type: ignore[literal-required]
            now, then = ("has", "had not") if new[key] else ("does not have", "had")  # type: ignore[literal-required]
            yield Reason(RISKY, name, field, f"{now} {what}, and {then}")


def _of_new(run: Run, today: Mapping[str, ElementShape]) -> Iterator[Reason]:
    """A handler that the run did not have would have done something in it; other elements would not."""
    for name, shape in today.items():
        if name not in run.elements and shape["kind"] in LISTENERS:
            yield Reason(RISKY, name, None, "is new: it did not hear what happened in the run")


def _of_stored(schema: Schema, name: str, rows: Mapping[Any, Row]) -> Iterator[Reason]:
    """Stored values that the fields of today do not accept, one for each field."""
    found: dict[str, tuple[str, int]] = {}
    for identity, row in rows.items():
        try:
            wrong = wrong_inside(schema, row)
            if not wrong:
                accepted(schema, identity, row)
        except PydanticError as error:
            wrong = schema.explain(error).messages
        except Exception as error:  # noqa: BLE001 - a default or a validator of the user may raise anything
            wrong = {"": [f"its check failed with {type(error).__name__}: {error}"]}
        if not wrong:
            continue
        held = dict(zip(row[1], row[2], strict=True))
        for field, texts in wrong.items():
            told = f" holds {brief(held[field])}" if field in held else " has none"
            example = f"{short_id(identity)}{told if field else ''}: {texts[0][:1].lower()}{texts[0][1:]}"
            text, count = found.get(field, (example, 0))
            found[field] = (text, count + 1)
    for field, (text, count) in found.items():
        what = f"does not accept what is stored ({count:,} of {len(rows):,}); {text.rstrip('.')}"
        yield Reason(IMPOSSIBLE, name, field or None, what)


def wrong_inside(schema: Schema, row: Row | Part) -> dict[str, list[str]]:
    """What the classes of today do not accept of the value objects and entities that were stored.

    Args:
        schema: of what holds them.
        row: as it was saved.

    Returns:
        Texts by path, as `items.quantity`.

    Raises:
        ConfigurationError: when a class is not defined.
    """
    names, values = row[-2:]
    wrong: dict[str, list[str]] = {}
    for field, value in zip(names, values, strict=True):
        for part in (value,) if isinstance(value, Part) else value if is_parts(value) else ():
            if field in schema.nested and part.element == schema.nested[field].name:
                inner = schema.find(part.element)._schema  # type: ignore[attr-defined]
                for path, texts in {**wrong_inside(inner, part), **_not_accepted(inner, part)}.items():
                    wrong.setdefault(f"{field}.{path}", texts)
    return wrong


def _not_accepted(schema: Schema, part: Part) -> dict[str, list[str]]:
    """What a class does not accept of the plain values of a part."""
    plain = {
        name: value
        for name, value in zip(part.names, part.values, strict=True)
        if name in schema.fields and name not in schema.nested
    }
    wrong: dict[str, list[str]] = {}
    for name, value in plain.items():
        try:
            schema.checks[name](value)
        except PydanticError as error:
            wrong |= schema.explain_field(name, error).messages
    return wrong


def accepted(schema: Schema, identity: Any, row: Row) -> dict[str, Any]:
    """The values of a stored row as the newest class accepts them.

    Args:
        schema: of the newest class.
        identity: of the aggregate.
        row: as it was saved.

    Returns:
        Values by field name.

    Raises:
        PydanticError: when one is not accepted, or is missing.
    """
    stored = {name: value for name, value in zip(row[1], row[2], strict=True) if name in schema.fields}
    return schema.check({**stored, schema.identity: identity})


def _of_deliveries(model: Model, run: Run) -> Iterator[Reason]:
    """Deliveries that wait, and would be skipped or fail."""
    for line in run.deliveries.values():
        if not line["waits"]:
            continue
        _, row = run.events[run.places[line["stream"], line["position"]]]
        event = row[_TYPE]
        handler, element = model.registry.taker(line["handler"], line["method"], event)
        if handler is None or element is None:
            gone = f"{line['handler']}.{line['method']}" if handler is None else event
            what = f"is not there, and a delivery of {event} waits for it: it would be skipped"
            yield Reason(RISKY, gone, None, what)
