"""The places of the page, which its script fills, and what stands there where no script runs."""

from __future__ import annotations

import datetime as dt

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.engine import Engine
from ddd_kit.views.mapping.map import domain_map
from ddd_kit.views.markup import plain
from ddd_kit.views.page.map_part import drawing
from ddd_kit.views.page.record import story_of
from ddd_kit.views.panes import bar

TABS = {"changes": "Changes", "state": "State", "why": "Why"}
MOVES = (("first", "|◀"), ("back", "◀"), ("forward", "▶"), ("last", "▶|"))
ZOOMS = (
    ("out", "\N{MINUS SIGN}", "smaller"),
    ("one", "1:1", "as large as its text wants"),
    ("in", "+", "larger"),
    ("fit", "fit", "the whole map"),
)


def workbench(engine: Engine, title: str) -> h.Element:
    """The places of bar, map, journal, panes and sentence.

    Args:
        engine: the domain; its lock is held.
        title: of the page.

    Returns:
        An element, hidden until a script fills it.
    """
    return h.main(".ddd-workbench", id="ddd-workbench", hidden=True)[
        h.div(".ddd.ddd-canvas")[
            h.div(".ddd-sheet", role="group", aria_label="Workbench")[
                _bar(engine, title),
                _note(engine),
                _map(engine),
                h.div(".ddd-panes")[_journal(), _panes()],
                h.div(".ddd-story", id="ddd-story", role="status"),
            ]
        ]
    ]


def _bar(engine: Engine, title: str) -> h.Element:
    journal = engine.journal
    moves = [
        h.button(".ddd-button", type="button", data_act="go", data_arg=to, aria_label=f"{to} step",
                 title=f"{to} step")[sign]
        for to, sign in MOVES
    ]  # fmt: skip
    play = h.button(".ddd-button", type="button", data_act="play")["▷ play"]
    return h.div(".ddd-bar")[
        h.h1(".ddd-title")[title],
        h.span(".ddd-group", role="group", aria_label="time travel")[moves, play],
        h.span(".ddd-place", id="ddd-place"),
        h.div(".ddd-ticks-place", id="ddd-ticks"),
        h.div(".ddd-slider")[
            h.input(type="range", id="ddd-slider", min=str(journal.first_step - 1),
                    max=str(journal.last_step), value=str(journal.last_step), aria_label="step"),
        ],
    ]  # fmt: skip


def _note(engine: Engine) -> h.Element | None:
    """What is not in the journal, and so not on the page."""
    journal = engine.journal
    told = []
    if journal.first_step > 1 and journal.rows:
        told.append(
            f"Steps 1 to {journal.first_step - 1:,} were folded into the state that they led to "
            f"(domain.config['journal_limit']): this page begins after step {journal.first_step - 1:,}."
        )
    if not engine.config["journal"] or journal.missed:
        told.append(
            "Not everything was recorded: domain.config['journal'] was False. This is not the present."
        )
    return h.div(".ddd-page-note", role="note")[[h.p[each] for each in told]] if told else None


def _map(engine: Engine) -> h.Element:
    zooms = [
        h.button(".ddd-button", type="button", data_act="zoom", data_arg=how, aria_label=label, title=label)[
            sign
        ]
        for how, sign, label in ZOOMS
    ]
    return h.div(".ddd-map-place")[
        h.div(".ddd-map-box", id="ddd-map")[Markup(drawing(engine))],  # noqa: S704 - a view made it
        h.div(".ddd-map-foot")[h.ul(".ddd-legend", id="ddd-legend"), h.span(".ddd-group")[zooms]],
    ]


def _journal() -> h.Element:
    return h.section(".ddd-pane", aria_label="Journal")[
        h.div(".ddd-tabs")[h.h2(".ddd-tab.ddd-page-head")["Journal"]],
        h.div(".ddd-content", id="ddd-left", tabindex="0", role="group", aria_label="Journal"),
    ]


def _panes() -> h.Element:
    heads = [
        h.button(".ddd-tab", type="button", role="tab", data_act="right", data_arg=key, id=f"ddd-tab-{key}",
                 aria_controls="ddd-right")[word]
        for key, word in TABS.items()
    ]  # fmt: skip
    return h.section(".ddd-pane", aria_label="Step")[
        h.div(".ddd-tabs", role="tablist", aria_label="What to show of the step")[heads],
        h.div(".ddd-content", id="ddd-right", role="tabpanel", tabindex="0"),
    ]


def without_scripts(engine: Engine) -> h.Element:
    """The last step, for those who let no script run.

    Args:
        engine: the domain; its lock is held.

    Returns:
        An element with the map and the sentence.
    """
    end = bar.end(engine.journal)
    picture = domain_map(engine, end if engine.journal.rows else None)
    return h.noscript[
        h.div(".ddd.ddd-page-static")[
            h.h1[plain(engine.name)],
            Markup(picture.to_html()),  # noqa: S704 - a view made it
            h.p[plain(story_of(engine.journal, end).sentence)],
            h.p[h.small["With scripts, this page shows every step."]],
        ]
    ]


def foot(engine: Engine, saved: dt.datetime, version: str) -> h.Element:
    """Of what this is a page, and since when.

    Args:
        engine: the domain.
        saved: when it is saved.
        version: of the kit.

    Returns:
        An element.
    """
    kit = f"ddd_kit {version}".strip()
    day = saved.astimezone(dt.UTC)
    return h.footer(".ddd.ddd-page-foot")[
        h.b[plain(engine.name)],
        ", saved ",
        h.time(datetime=f"{day:%Y-%m-%dT%H:%M:%SZ}")[f"{day:%Y-%m-%d %H:%M} UTC"],
        f" with {kit}",
    ]
