"""All findings of a model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ddd_kit.engine.lint.evidence import Evidence
from ddd_kit.engine.lint.finding import HANDLER_CIRCLE, RULES, UNRAISED_EVENT, Finding
from ddd_kit.engine.lint.model_code import ModelCode
from ddd_kit.engine.lint.rules import ALL
from ddd_kit.journal.entry import EVENT, place

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine
    from ddd_kit.engine.registry import Registry

_TYPE = place(EVENT, "type")


def findings(engine: Engine, *, evidence: bool = True) -> tuple[Finding, ...]:
    """What the literature would frown upon in a model, from its definitions, its code and its journal.

    Args:
        engine: the domain.
        evidence: whether the journal is looked through too, which takes time with its length.

    Returns:
        Findings, by rule and in order of definition, without those that `suppress_checks` silences.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> @domain.command(part_of=Order)
        ... class ShipOrder: ...
        >>> [finding.sentence for finding in findings(domain)]
        ['Nobody handles ShipOrder.']
    """
    with engine.lock:
        registry = engine.registry
        code = ModelCode(registry)
        found = [finding for rule in ALL for finding in rule(registry, code)]
        if any(
            finding.rule == UNRAISED_EVENT for finding in found
        ):  # code in cells may raise it all the same
            raised = {row[_TYPE] for _, row in engine.world.events.rows}
            found = [f for f in found if f.rule != UNRAISED_EVENT or f.element not in raised]
        if evidence and engine.config["journal"]:
            seen = Evidence(engine)
            found = _with_evidence(found, [*seen.two_aggregates(), *seen.circles()])
    order = {name: place for place, name in enumerate(registry.elements)}
    places = {rule: place for place, rule in enumerate(RULES)}
    shown = [finding for finding in found if not _is_silenced(registry, finding)]
    return tuple(sorted(shown, key=lambda f: (places[f.rule], order.get(f.element, 0))))


def _with_evidence(found: Iterable[Finding], seen: Iterable[Finding]) -> list[Finding]:
    """What the journal shows takes the place of what the code says about the same method."""
    shown = list(seen)
    known = {(finding.rule, _method(finding)) for finding in shown}
    circles = {frozenset(finding.elements) for finding in shown}
    return [
        *shown,
        *(
            finding
            for finding in found
            if (finding.rule, _method(finding)) not in known
            and not (finding.rule == HANDLER_CIRCLE and frozenset(finding.elements) in circles)
        ),
    ]


def _method(finding: Finding) -> str:
    return finding.sentence.split(" ", 1)[0]


def _is_silenced(registry: Registry, finding: Finding) -> bool:
    """Whether one of the elements that it is about asks not to hear of the rule."""
    for name in finding.elements:
        known = registry.elements.get(name)
        asked = known.options.get("suppress_checks", ()) if known is not None else ()
        if finding.rule in ((asked,) if isinstance(asked, str) else tuple(asked or ())):
            return True
    return False
