"""The workbench where nothing runs: as a static picture for a page, as words for a terminal."""

from __future__ import annotations

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.engine import Engine
from ddd_kit.journal.story import story
from ddd_kit.views import markup, tree
from ddd_kit.views.mapping.map import domain_map
from ddd_kit.views.panes import changes
from ddd_kit.views.panes.look import Look

MOST_ENTRIES = 60


def twin(engine: Engine, look: Look, name: str) -> str:
    """The workbench as a picture, for pages that run nothing.

    Args:
        engine: the domain.
        look: what to show.
        name: a class, by which the live workbench hides it.

    Returns:
        HTML of which the map, the sentence and the journal stay where styles are taken away.
    """
    whole = h.div(class_=name)[
        Markup(domain_map(engine, look.step, streams=look.streams).to_html()),  # noqa: S704 - a view made it
        markup.framed(
            h.p[changes.story_html(engine.journal, look.step)],
            h.details[h.summary["Journal"], tree.journal(engine.journal, MOST_ENTRIES)],
            style=changes.STYLE,
        ),
    ]
    return str.__str__(str(whole))


def to_text(engine: Engine, look: Look) -> str:
    """The workbench in words, for a terminal.

    Args:
        engine: the domain.
        look: what to show.

    Returns:
        The map, the step in a sentence, and the journal.
    """
    shown = domain_map(engine, look.step, streams=look.streams).to_text()
    return f"{shown}\n\n{story(engine.journal, look.step).sentence}\n\n{engine.journal.to_text()}"
