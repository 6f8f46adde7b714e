"""A finding: what is not as it should be, why that is so, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Rule(NamedTuple):
    """A rule of modelling.

    Attributes:
        title: what it finds, in a few words.
        source: where the literature says so.
        advice: what to do about a finding.
        checked: what a model without findings was looked through for.
    """

    title: str
    source: str
    advice: str
    checked: str


UNUSED_COMMAND = "UNUSED_COMMAND"
UNRAISED_EVENT = "UNRAISED_EVENT"
UNHANDLED_EVENT = "UNHANDLED_EVENT"
EVENT_NOT_PAST_TENSE = "EVENT_NOT_PAST_TENSE"
CROSS_AGGREGATE_REFERENCE = "CROSS_AGGREGATE_REFERENCE"
TWO_AGGREGATES_IN_ONE_UNIT = "TWO_AGGREGATES_IN_ONE_UNIT"
HANDLER_CIRCLE = "HANDLER_CIRCLE"

# By the name that `suppress_checks` takes; where Protean's check has the same rule, it has the same name.
RULES: Mapping[str, Rule] = {
    TWO_AGGREGATES_IN_ONE_UNIT: Rule(
        "two aggregates in one unit of work",
        'Vernon, "Effective Aggregate Design": modify one aggregate in one transaction, and use eventual '
        "consistency outside of the boundary; Evans, ch. 6",
        "Save one of them, let it raise an event, and change the other in a handler of that event. If both "
        "must change together, they may be one aggregate.",
        "handlers that change two aggregates in one unit of work",
    ),
    HANDLER_CIRCLE: Rule(
        "a handler that leads to itself",
        "Hohpe and Woolf, Enterprise Integration Patterns: composed messaging; Brandolini, EventStorming: a "
        "policy reacts to events, and has to come to an end",
        "Let one of the handlers not react to what it causes itself: raise another event, check the state "
        "first, or name a source_stream.",
        "handlers that lead to themselves in a circle",
    ),
    CROSS_AGGREGATE_REFERENCE: Rule(
        "an aggregate inside of another one",
        'Vernon, "Effective Aggregate Design": reference other aggregates by identity; Evans, ch. 6',
        "Hold its identity, as Reference(Customer) or customer_id = Identifier(), and get it from its "
        "repository.",
        "aggregates that hold another one instead of its identity",
    ),
    UNUSED_COMMAND: Rule(
        "a command without a handler",
        "Vernon, ch. 4: a command is sent to exactly one handler; Brandolini, EventStorming: a command "
        "goes to an aggregate or a system",
        "Write a method with @handle in a command handler of its aggregate, or remove the command.",
        "commands without a handler",
    ),
    UNRAISED_EVENT: Rule(
        "an event nobody raises",
        "Vernon, ch. 8: a domain event is published by an aggregate; Brandolini, EventStorming: what leads "
        "to each event",
        "Raise it where it happens, as in self.raise_(...) of its aggregate, or remove it.",
        "events nobody raises",
    ),
    UNHANDLED_EVENT: Rule(
        "an event nobody handles",
        "Vernon, ch. 8: an event is what others care about; Brandolini, EventStorming: which policy or read "
        "model needs it",
        "Write a handler or a projector for it; say published=True if it is for another context; or remove "
        "it if nobody cares.",
        "events nobody handles",
    ),
    EVENT_NOT_PAST_TENSE: Rule(
        "an event that is not named in the past tense",
        "Vernon, ch. 8: name the event for what happened, in the past tense; Brandolini, EventStorming",
        "Name it after what has happened then, as OrderShipped; what is to be done is a command, as "
        "ShipOrder.",
        "events that are not named in the past tense",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a model that the literature would frown upon.

    Attributes:
        rule: the name of the rule, a key of `RULES`.
        elements: the names of the elements that it is about, the one to change first.
        sentence: what was found, with names.
        steps: where the journal shows it; none where only the definitions or their code do.

    Example:
        >>> finding = Finding("UNUSED_COMMAND", ("ShipOrder",), "Nobody handles ShipOrder.")
        >>> finding.advice
        'Write a method with @handle in a command handler of its aggregate, or remove the command.'
    """

    rule: str
    elements: tuple[str, ...]
    sentence: str
    steps: tuple[int, ...] = ()

    @property
    def element(self) -> str:
        """The element that it is about."""
        return self.elements[0]

    @property
    def title(self) -> str:
        """The rule in a few words."""
        return RULES[self.rule].title

    @property
    def source(self) -> str:
        """Where the literature says so."""
        return RULES[self.rule].source

    @property
    def advice(self) -> str:
        """What to do about it."""
        return RULES[self.rule].advice

    @property
    def evidence(self) -> str:
        """What it rests on, in a few words."""
        if not self.steps:
            return "as it is defined"
        shown = ", ".join(f"{step:,}" for step in self.steps[:3])
        return (
            f"seen at step{'s' if len(self.steps) > 1 else ''} {shown}{' …' if len(self.steps) > 3 else ''}"
        )

    def __str__(self) -> str:
        return f"{self.sentence} ({self.title}; {self.evidence})"
