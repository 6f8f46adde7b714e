"""What a subscriber made of the last message that reached it."""

from __future__ import annotations

import htpy as h

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.journal.causality import steps_to
from ddd_kit.journal.entries import Entries
from ddd_kit.journal.entry import HANDLED, KIND_AT, place
from ddd_kit.journal.story import story
from ddd_kit.views import answers
from ddd_kit.views.kinds import kinds_of
from ddd_kit.views.links import Link, unlinked
from ddd_kit.views.markup import name, plain, symbol

_HANDLER = place(HANDLED, "handler")


def is_subscriber(engine: Engine, element: str) -> bool:
    """Whether an element is a subscriber, which hears messages from elsewhere and no events."""
    known = engine.registry.elements.get(element) or engine.registry.retired.get(element)
    return known is not None and known.kind is Kind.SUBSCRIBER


def panel(engine: Engine, subscriber: str, step: int, link: Link = unlinked) -> h.Element:
    """Why a subscriber ran last, up to a step.

    Args:
        engine: the domain; its lock is held.
        subscriber: its name.
        step: a step of the journal.
        link: makes each cause a way to its step.

    Returns:
        An element.
    """
    journal = engine.journal
    kept = journal.rows[: max(0, journal.batch_end(step) + 1 - journal.first_step)]
    ran = (row[KIND_AT] == HANDLED and row[_HANDLER] == subscriber for row in reversed(kept))
    back = next((back for back, found in enumerate(ran) if found), None)
    if back is None:
        return h.p(".ddd-empty")[f"No message has reached {plain(subscriber)} by step {step:,}."]
    number = journal.first_step + len(kept) - 1 - back
    steps, complete = steps_to(journal, number)
    chain = [*Entries(journal, steps)]
    question = h.h3(".ddd-question")[
        "Why did ", symbol("subscriber"), " ", name(subscriber, "subscriber"), " run?"
    ]
    sentence = h.p(".ddd-sentence")[plain(story(journal, number).sentence)]
    return h.div[question, sentence, answers.causes(chain, complete, link, kinds=kinds_of(journal))]
