"""How a map looks: rules of style for its classes, with colours or with names of colours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields

from ddd_kit.views.mapping.cards import LABEL, SMALL
from ddd_kit.views.mapping.sketch import FAILED, IDLE, ON, SKIPPED
from ddd_kit.views.palette import DARK, LIGHT, STYLES, Ground, Ink

FONTS = "system-ui,DejaVu Sans,Verdana,Arial,sans-serif"
THIN, STROKE, BOLD = 1.0, 1.3, 2.4  # px
PALE = 0.75
FOCUS_ON_LIGHT, FOCUS_ON_DARK = "#1d4ed8", "#7db2ff"
Rule = tuple[str, str]
Inks = Mapping[str, Ink]

LIGHT_INKS: Inks = {kind: style.light for kind, style in STYLES.items()}
DARK_INKS: Inks = {kind: style.dark for kind, style in STYLES.items()}


def inks(ground: Ground) -> Inks:
    """The colours of the kinds on a ground."""
    return DARK_INKS if ground is DARK else LIGHT_INKS


def slug(kind: str) -> str:
    """The class of a kind in style sheets."""
    return kind.replace(" ", "-")


def style(root: str, ground: Ground, colours: Inks) -> str:
    """The style sheet of a map; every rule keeps to this map, wherever on a page the SVG is put.

    Args:
        root: the selector of the whole SVG.
        ground: the colours that are not those of a kind.
        colours: those of the kinds that are on the map.

    Returns:
        Rules.
    """
    rules = [
        *_shapes(ground),
        *(rule for kind, ink in colours.items() for rule in _kind_rules(kind, ink)),
        *_states(ground),
    ]
    return sheet(root, rules)


def sheet(root: str, rules: Iterable[Rule]) -> str:
    """Rules below a selector."""
    return "".join(f"{root} {selector}{{{body}}}" for selector, body in rules)


def _shapes(ground: Ground) -> list[Rule]:
    return [
        ("text", f"font:{SMALL:g}px {FONTS};fill:{ground.text}"),
        (".label", f"font-weight:700;font-size:{LABEL:g}px"),
        (".paper", f"fill:{ground.paper}"),
        (".faint", f"fill:{ground.faint}"),
        (".bad", f"fill:{ground.bad}"),
        (".line", f"fill:none;stroke:{ground.line};stroke-width:{STROKE}"),
        (".head", f"fill:{ground.line}"),
        (".count", f"text-anchor:middle;fill:{ground.faint}"),
        (".rule", f"stroke:{ground.text};stroke-opacity:.25"),
    ]


def _kind_rules(kind: str, ink: Ink) -> list[Rule]:
    return [
        (f".{slug(kind)} .card", f"fill:{ink.fill};stroke:{ink.line}"),
        (f".{slug(kind)} .sign", f"fill:{ink.text};stroke:{ink.text}"),
    ]


def _states(ground: Ground) -> Iterator[Rule]:
    for state, colour in ((ON, ground.accent), (FAILED, ground.bad)):
        yield f".{state} .line", f"stroke:{colour};stroke-width:{BOLD}"
        yield f".{state} .head", f"fill:{colour}"
        yield f".{state} .count", f"fill:{colour};font-weight:700"
        yield f".{state} .card", f"stroke:{colour};stroke-width:{BOLD}"
    yield f".{IDLE} .line", f"stroke-width:{THIN};stroke-opacity:{PALE}"
    yield f".{IDLE} .head", f"fill-opacity:{PALE}"
    yield f".{SKIPPED} .line", "stroke-dasharray:4 4"
    yield f".{SKIPPED} .card", "stroke-dasharray:4 3;fill-opacity:.45"
    yield ".again .card", "fill-opacity:.5"
    yield ".retired .card", f"fill:{ground.panel};stroke:{ground.faint};stroke-dasharray:1 3"


def remark_rules(ground: Ground) -> list[Rule]:
    """How the sign of what the lint has to say looks."""
    return [
        (".remark circle", f"fill:{ground.paper};stroke:{ground.text}"),
        (".remark path", f"fill:none;stroke:{ground.text};stroke-width:1.6"),
        (".faintly circle", f"stroke:{ground.faint};stroke-opacity:.6"),
        (".faintly path", f"stroke:{ground.faint};stroke-width:1.2"),
    ]


# The live map: the same rules, with names of colours that a page gives their values.

# What a page calls those colours that its lists have, too.
_SHARED = {"faint": "--ddd-faint", "accent": "--ddd-accent", "good": "--ddd-good", "bad": "--ddd-bad"}
_DARK_PAGES = '[data-jp-theme-light="false"] .ddd,.vscode-dark .ddd,html[theme=dark] .ddd'


def _variable(name: str) -> str:
    return _SHARED.get(name, f"--ddd-map-{name}")


def _named() -> tuple[Ground, Inks]:
    ground = Ground(**{field.name: f"var({_variable(field.name)})" for field in fields(Ground)})
    named = {
        kind: Ink(
            f"var({_variable(f'{slug(kind)}-fill')})",
            f"var({_variable(f'{slug(kind)}-line')})",
            f"var(--ddd-{slug(kind)})",
        )
        for kind in STYLES
    }
    return ground, named


def _values(ground: Ground) -> str:
    own = [field.name for field in fields(Ground) if field.name not in _SHARED]
    pairs = [(name, getattr(ground, name)) for name in own]
    pairs.append(("focus", FOCUS_ON_DARK if ground is DARK else FOCUS_ON_LIGHT))
    for kind, ink in inks(ground).items():
        pairs += [(f"{slug(kind)}-fill", ink.fill), (f"{slug(kind)}-line", ink.line)]
    return "".join(f"{_variable(name)}:{colour};" for name, colour in pairs)


def live_style(root: str) -> str:
    """The style sheet of the live map: on light and on dark pages the same drawing.

    Args:
        root: the selector of the whole SVG.

    Returns:
        Rules, with the values of the colours on `.ddd`.
    """
    return (
        f".ddd{{{_values(LIGHT)}}}{_DARK_PAGES}{{{_values(DARK)}}}"
        + style(root, *_named())
        + sheet(root, remark_rules(_named()[0]))
    )
