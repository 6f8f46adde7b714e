"""The findings of the lint, to be read: as text, as a table in a cell, as a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, overload
from weakref import WeakKeyDictionary

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.lint.finding import RULES, UNHANDLED_EVENT, Finding
from ddd_kit.engine.lint.findings import findings
from ddd_kit.views.mapping.tally import PUBLISHED, tally
from ddd_kit.views.markup import counted, framed, name, plain
from ddd_kit.views.palette import STYLES

if TYPE_CHECKING:
    import pandas as pd

    from ddd_kit.engine.engine import Engine

_STYLE = (
    ".ddd .ddd-lint h3{font:600 13px/1.5 inherit;color:inherit;margin:10px 0 0}"
    ".ddd .ddd-lint ul{padding-left:18px;margin:2px 0}.ddd .ddd-lint li{margin:1px 0}"
    ".ddd .ddd-lint .ddd-do{margin:2px 0}"
)


class Lint(Sequence[Finding]):
    """What the lint found, in order of the rules; `domain.lint()` gives it.

    Args:
        found: the findings.
        model: the name of the domain.
        kinds: the kind of each element, by name.
        steps: how many steps of the journal were looked through.
    """

    def __init__(self, found: Sequence[Finding], model: str, kinds: dict[str, str], steps: int) -> None:
        self._found = tuple(found)
        self._model, self._kinds, self._steps = model, kinds, steps

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        """One finding by its place from 0, or some of them."""
        return self._found[index]

    def of(self, element: type | str) -> tuple[Finding, ...]:
        """The findings that an element has to do with.

        Args:
            element: its class or name.

        Returns:
            Findings, in order; none where there is nothing to say.
        """
        wanted = getattr(element, "__name__", element)
        return tuple(finding for finding in self._found if wanted in finding.elements)

    def to_frame(self) -> pd.DataFrame:
        """The findings as a table.

        Returns:
            Columns `rule`, `element`, `elements`, `sentence`, `steps`, `source`, `advice`.

        Raises:
            ModuleNotFoundError: when pandas is missing; the text says what to install.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ModuleNotFoundError(
                "A table of findings needs pandas. Install it with: pip install pandas", name="pandas"
            ) from error
        columns = ["rule", "element", "elements", "sentence", "steps", "source", "advice"]
        rows = [[getattr(finding, column) for column in columns] for finding in self._found]
        return pd.DataFrame(rows, columns=columns)

    def to_text(self) -> str:
        """The findings by rule, each rule with its source and what to do.

        Returns:
            Lines of text.
        """
        lines = [self._title()]
        for rule, group in groupby(self._found, key=lambda finding: finding.rule):
            known = RULES[rule]
            lines += ["", f"{known.title[:1].upper()}{known.title[1:]} ({rule})"]
            lines += [f"  {'→' if f.steps else '-'} {f.sentence} {_evidence(f)}".rstrip() for f in group]
            lines += [f"  What to do: {known.advice}", f"  Source: {known.source}."]
        if not self._found:
            lines.append(f"Looked for: {_checked()}.")
        return "\n".join(lines)

    def _title(self) -> str:
        where = f"{counted(len(self._kinds), 'element')} and {counted(self._steps, 'step')} of the journal"
        if not self._found:
            return f"Nothing found in {plain(self._model)}: {where} were looked through."
        return f"{counted(len(self._found), 'finding')} in {plain(self._model)}, from {where}."

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> Markup:
        parts: list[h.Node] = [h.p[h.b[self._title()]]]
        for rule, group in groupby(self._found, key=lambda finding: finding.rule):
            known = RULES[rule]
            parts.append(h.h3[known.title[:1].upper() + known.title[1:], " ", h.small[h.code[rule]]])
            parts.append(h.ul[[self._item(finding) for finding in group]])
            parts.append(h.p(".ddd-do")[h.small[h.b["What to do: "], known.advice]])
            parts.append(h.p[h.small["Source: ", known.source, "."]])
        if not self._found:
            parts.append(h.p[h.small["Looked for: ", _checked(), "."]])
        return framed(h.div(".ddd-lint")[parts], style=_STYLE)

    def _item(self, finding: Finding) -> h.Element:
        evidence = _evidence(finding)
        return h.li[self._coloured(finding), " ", h.small[evidence] if evidence else None]

    def _coloured(self, finding: Finding) -> list[h.Node]:
        """The sentence, in which the names of elements have the colours of their kinds."""
        nodes: list[h.Node] = []
        for word in finding.sentence.split(" "):
            element, dot, rest = word.partition(".")
            bare = element.strip("(),:;")
            kind = self._kinds.get(bare)
            if kind in STYLES and bare in finding.elements:
                before, _, after = element.partition(bare)
                nodes += [before, name(bare, str(kind)), plain(after + dot + rest), " "]
            else:
                nodes += [plain(word), " "]
        return nodes[:-1]


def lint(engine: Engine) -> Lint:
    """Look a model through.

    Args:
        engine: the domain.

    Returns:
        The findings.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> lint(domain)
        Nothing found in Bookshop: 1 element and 1 step of the journal were looked through.
        Looked for: handlers that change two aggregates in one unit of work; ...
    """
    with engine.lock:
        kinds = {element.name: str(element.kind) for element in engine.registry.elements.values()}
        steps = len(engine.journal) if engine.config["journal"] else 0
        return Lint(findings(engine), engine.name, kinds, steps)


def marks(engine: Engine) -> dict[str, tuple[Finding, ...]]:
    """The findings by the element that has to be changed, to be shown at its place on the map.

    Args:
        engine: the domain.

    Returns:
        Findings by the name of an element, as far as the definitions and their code tell; the journal is left
        out, as a map is drawn often.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> @domain.command(part_of=Order)
        ... class ShipOrder: ...
        >>> {name: [finding.title for finding in found] for name, found in marks(domain).items()}
        {'ShipOrder': ['a command without a handler']}
    """
    marked: dict[str, tuple[Finding, ...]] = {}
    for finding in findings(engine, evidence=False):
        marked[finding.element] = (*marked.get(finding.element, ()), finding)
    return marked


class Remark(NamedTuple):
    """What a map says of an element's findings.

    Attributes:
        text: what was found, and what to do, in lines.
        faint: whether that may well be as it is meant to be.
    """

    text: str
    faint: bool


# The remarks of each domain, and of which definitions they are: reading the code takes its time.
_remarks: WeakKeyDictionary[Engine, tuple[tuple[Any, ...], Mapping[str, Remark]]] = WeakKeyDictionary()


def remarks(engine: Engine) -> Mapping[str, Remark]:
    """What a map says of its elements, found anew only when the definitions changed.

    Args:
        engine: the domain; its lock is held.

    Returns:
        Remarks by the name of an element; those that have no finding are not there.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> @domain.command(part_of=Order)
        ... class ShipOrder: ...
        >>> print(remarks(domain)["ShipOrder"].text)
        Nobody handles ShipOrder.
        What to do: Write a method with @handle in a command handler of its aggregate, or remove the command.
    """
    # Whether nobody raises an event depends on which have been raised.
    counts = tally(engine.journal, None, engine.world.events.rows).count
    raised = frozenset(name for name, _, kind in counts if kind == PUBLISHED)
    seen = engine.registry.generation, raised
    known = _remarks.get(engine)
    if known is None or known[0] != seen:
        found = {name: _remark(marked) for name, marked in marks(engine).items()}
        known = _remarks[engine] = seen, found
    return known[1]


def _remark(found: Sequence[Finding]) -> Remark:
    lines = (line for each in found for line in (each.sentence, f"What to do: {each.advice}"))
    return Remark("\n".join(lines), all(finding.rule == UNHANDLED_EVENT for finding in found))


def _evidence(finding: Finding) -> str:
    return f"({finding.evidence})" if finding.steps else ""


def _checked() -> str:
    return "; ".join(rule.checked for rule in RULES.values())
