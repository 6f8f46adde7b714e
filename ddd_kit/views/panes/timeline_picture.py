"""The timeline as a picture: a sign for each step, grouped by cell, with a legend; and the same in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.engine import Engine
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.story import beginning
from ddd_kit.views.mapping.map_style import FONTS
from ddd_kit.views.mapping.map_svg import clean, number
from ddd_kit.views.markup import counted, plain
from ddd_kit.views.palette import DARK, LIGHT, STYLES, Ground
from ddd_kit.views.panes.steps import label, steps_of
from ddd_kit.views.panes.timeline import Tick, cells
from ddd_kit.views.picture import Picture
from ddd_kit.views.text_width import ellipsis, text_width

MOST = 300  # steps
MOST_LINES, MOST_SIGNS, LONGEST_NAME = 60, 40, 32  # in the text
LONGEST_LINE = 640.0  # px
MARGIN, SMALL, HEAD = 14.0, 11.0, 24.0
TICK, WIDTH, HEIGHT = 15.0, 13.0, 19.0  # from one tick to the next; and of one
NARROWEST, GAP, LEADING = 45.0, 10.0, 44.0
ROOM_FOR_NAME = 96.0  # px: an image shows no titles
LEGEND_GAP, LEGEND_LINE = 14.0, 25.0
WORDS = {
    "▶": ("command", "commands"),
    "●": ("event", "events"),
    "◆": ("handler ran", "handlers ran"),
    "◇": ("handler skipped", "handlers skipped"),
    "■": ("aggregate saved", "aggregates saved"),
    "○": ("event that nobody heard", "events that nobody heard"),
    "✗": ("rejected or failed", "rejected or failed"),
    "↯": ("fault injected", "faults injected"),
}
# In a box of 13 x 19 px: fonts differ in what they have for the signs.
SHAPES = {
    "▶": "M3.5 5.5v8l6.5 -4z",
    "●": "M3 9.5a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
    "◆": "M6.5 5l4 4.5l-4 4.5l-4 -4.5z",
    "◇": "M6.5 5l4 4.5l-4 4.5l-4 -4.5z",
    "■": "M3 6h7v7h-7z",
    "○": "M3 9.5a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
    "✗": "M3.5 6.5l6 6m0 -6l-6 6",
    "↯": "M8.5 4.5l-4 5h4l-4 5",
}
IDS = {sign: f"ddd-sign-{place}" for place, sign in enumerate(SHAPES)}


class Group(NamedTuple):
    """Some ticks of a cell, in one line.

    Attributes:
        name: of the cell.
        ticks: at least one.
        x: left side in px.
        y: top in px.
    """

    name: str
    ticks: list[Tick]
    x: float
    y: float

    @property
    def width(self) -> float:
        """In px."""
        name = min(ROOM_FOR_NAME, text_width(self.name, SMALL))
        return max(NARROWEST, TICK * len(self.ticks) - TICK + WIDTH, name)


def timeline(engine: Engine) -> Picture:
    """Draw the steps of a journal; of many the newest.

    Args:
        engine: the domain.

    Returns:
        A picture that shows by itself in a cell.

    Example:
        >>> from ddd_kit import Domain
        >>> timeline(Domain(name="Bookshop"))
        Bookshop: nothing has happened yet.
    """
    with engine.lock:
        steps = steps_of(engine.journal)
        end = len(steps.numbers)
        parts = list(cells(engine.journal, steps, range(max(0, end - MOST), end)))
        titles = {tick.step: label(engine.journal, tick.step) for _, ticks in parts for tick in ticks}
        extent = _extent(engine.journal, end, len(titles))
    headline = plain(f"{engine.name}: {extent}")
    light, dark = (_document(headline, parts, titles, ground) for ground in (LIGHT, DARK))
    counts = _counts(tick for _, ticks in parts for tick in ticks)
    alt = f"Timeline of {headline}" + (f"; {counted(len(parts), 'cell')}: {counts}." if parts else "")
    return Picture(svg=light, dark_svg=dark, text="\n".join([headline, *_lines(parts)]), alt=alt)


def _extent(journal: Journal, steps: int, shown: int) -> str:
    """How many steps there are, as the workbench counts them, and how many are drawn."""
    if not steps:
        told = beginning(journal)
        return told[:1].lower() + told[1:]
    total = len(journal.rows)
    definitions = f", {total - steps:,} of them definitions" if total > steps else ""
    newest = f"; the newest {shown:,} are drawn" if steps > shown else ""
    return f"{counted(total, 'step')}{definitions}{newest}"


def _counts(ticks: Iterable[Tick]) -> str:
    """As `1 event, 2 aggregates saved`."""
    counts = Counter(tick.sign for tick in ticks)
    return ", ".join(counted(counts[sign], *words) for sign, words in WORDS.items() if counts[sign])


def _lines(parts: list[tuple[str, list[Tick]]]) -> Iterator[str]:
    hidden = len(parts) - MOST_LINES
    if hidden > 0:
        yield f"  … {counted(hidden, 'earlier cell')}"
    shown = parts[-MOST_LINES:]
    width = min(max((len(name) for name, _ in shown), default=0), LONGEST_NAME)
    for name, ticks in shown:
        cut = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
        signs = "".join(tick.sign for tick in ticks[:MOST_SIGNS]) + ("…" if len(ticks) > MOST_SIGNS else "")
        yield f"  {cut:{width}}  {signs}  {_counts(ticks)}"


# The drawing


def _document(
    headline: str, parts: list[tuple[str, list[Tick]]], titles: dict[int, str], ground: Ground
) -> str:
    groups = list(_placed(parts))
    inks = {tick.sign: tick.ink for _, ticks in parts for tick in ticks}
    top = groups[-1].y + LEADING + LEGEND_GAP if groups else 0.0
    legend = list(_legend([sign for sign in WORDS if sign in inks], top))
    ends = [text_width(headline, 13, bold=True), *(g.x + g.width for g in groups), *(i.end for i in legend)]
    size = {
        "width": number(max(ends) + 2 * MARGIN),
        "height": number((legend[-1].y if legend else 16.0) + 44),
    }
    whole = h.svg(
        size, xmlns="http://www.w3.org/2000/svg", role="img", class_=_root(ground),
        viewBox=f"0 0 {size['width']} {size['height']}",
    )[
        h.title[clean(f"Timeline of {headline}")],
        h.style[Markup(_style(ground))],  # noqa: S704 - our own constants only
        h.defs[(_sign(sign, ink, ground) for sign, ink in inks.items())],
        h.rect(class_="paper", width="100%", height="100%", rx="6"),
        h.g(transform=f"translate({number(MARGIN)} {number(MARGIN)})")[
            h.text(class_="head", y="12")[clean(headline)],
            (_group(group, titles) for group in groups),
            (_legend_item(item) for item in legend),
        ],
    ]  # fmt: skip
    return str.__str__(str(whole))  # not Markup, which would escape what is added to it


def _root(ground: Ground) -> str:
    return "ddd-kit-timeline-dark" if ground is DARK else "ddd-kit-timeline"


def _style(ground: Ground) -> str:
    rules = [
        ("text", f"font:{number(SMALL)}px {FONTS};fill:{ground.faint}"),
        (".head", f"font-size:13px;font-weight:700;fill:{ground.text}"),
        (".paper", f"fill:{ground.paper}"),
    ]
    return "".join(f".{_root(ground)} {selector}{{{body}}}" for selector, body in rules)


_KINDS = {kind.replace(" ", "-"): kind for kind in STYLES}


def _sign(sign: str, ink: str, ground: Ground) -> h.Element:
    """A bar with a sign in it; its colours stand in it, as style sheets do not reach what is used again."""
    box = {"x": ".5", "y": ".5", "width": number(WIDTH - 1), "height": number(HEIGHT - 1), "rx": "3"}
    if ink == "hollow":
        bar = h.rect(box, fill="none", stroke=ground.faint, stroke_dasharray="2 2")
        return h.g(id=IDS[sign])[bar, h.path(d=SHAPES[sign], fill="none", stroke=ground.faint)]
    paint = _ink(_KINDS[ink], ground) if ink in _KINDS else ground.bad
    drawn = {"fill": "none", "stroke": ground.paper, "stroke-width": "1.8"}
    look = drawn if ink == "bad" else {"fill": ground.paper}
    return h.g(id=IDS[sign])[h.rect(box, fill=paint), h.path(look, d=SHAPES[sign])]


def _ink(kind: str, ground: Ground) -> str:
    return (STYLES[kind].dark if ground is DARK else STYLES[kind].light).text


def _placed(parts: list[tuple[str, list[Tick]]]) -> Iterator[Group]:
    """From left to right; a cell that is longer than the line goes on in the next."""
    x, y, longest = 0.0, HEAD, int(LONGEST_LINE / TICK)
    for name, ticks in parts:
        for first in range(0, len(ticks), longest):
            group = Group(name, ticks[first : first + longest], x, y)
            if x and x + group.width > LONGEST_LINE:
                x, y = 0.0, y + LEADING
                group = group._replace(x=x, y=y)
            yield group
            x += group.width + GAP


def _group(group: Group, titles: dict[int, str]) -> h.Element:
    name = ellipsis(group.name, group.width, SMALL)
    return h.g(transform=f"translate({number(group.x)} {number(group.y)})")[
        h.text(y="12")[clean(name), h.title[clean(group.name)] if name != group.name else None],
        (
            h.use(href=f"#{IDS[tick.sign]}", x=number(TICK * place), y="17")[
                h.title[clean(titles[tick.step])]
            ]
            for place, tick in enumerate(group.ticks)
        ),
    ]


class LegendItem(NamedTuple):
    """A sign and what it stands for.

    Attributes:
        sign: a key of `WORDS`.
        x: left side in px.
        y: top in px.
    """

    sign: str
    x: float
    y: float

    @property
    def end(self) -> float:
        """Where the word ends."""
        return self.x + TICK + 3 + text_width(WORDS[self.sign][0], SMALL)


def _legend(signs: list[str], y: float) -> Iterator[LegendItem]:
    x = 0.0
    for sign in signs:
        item = LegendItem(sign, x, y)
        if item.end > LONGEST_LINE:
            y += LEGEND_LINE
            item = LegendItem(sign, 0.0, y)
        yield item
        x = item.end + LEGEND_GAP


def _legend_item(item: LegendItem) -> h.Element:
    place = {"x": number(item.x), "y": number(item.y)}
    word = {"x": number(item.x + TICK + 3), "y": number(item.y + 13)}
    return h.g[h.use(place, href=f"#{IDS[item.sign]}"), h.text(word)[WORDS[item.sign][0]]]
