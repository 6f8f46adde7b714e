"""A whole run as one page: without a kernel, without a network, at any step."""

from __future__ import annotations

import datetime as dt
import json
import os
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.engine import Engine
from ddd_kit.views import answers, markup, tree
from ddd_kit.views.mapping import live_map
from ddd_kit.views.markup import plain
from ddd_kit.views.page import frame
from ddd_kit.views.page.map_part import marks
from ddd_kit.views.page.record import record
from ddd_kit.views.palette import DARK, LIGHT, Ground
from ddd_kit.views.panes import changes, instances, journal_pane, timeline
from ddd_kit.views.target import target_of

SUFFIXES = (".html", ".htm")
SCRIPTS = ("read.js", "words.js", "map.js", "rows.js", "panes.js", "why.js", "page.js")
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
# Before anything is drawn, so that a dark page does not flash.
_THEME = (
    'const dark = matchMedia("(prefers-color-scheme: dark)"); '
    'const dress = () => document.documentElement.setAttribute("theme", dark.matches ? "dark" : "light"); '
    'dress(); dark.addEventListener("change", dress);'
)


def save(engine: Engine, path: str | os.PathLike[str], title: str | None = None) -> Path:
    """Save a whole run as one page.

    Args:
        engine: the domain.
        path: a file name that ends in `.html` or `.htm`; a file that is there is replaced as a whole.
        title: of the page; the domain's name when None.

    Returns:
        Where it was saved.

    Raises:
        IncorrectUsageError: for something that names no file.
        ValueError: for another kind of file.
        FileNotFoundError: when the folder does not exist.
        IsADirectoryError: when there is a folder of that name.
        OSError: when the file cannot be written.
    """
    target = target_of(path, "save_html", "session.html")
    said = f"save_html({os.fspath(path)!r})"
    if target.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{said}: a page is saved as .html, as in save_html({target.stem + '.html'!r}).")
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"{said}: there is no folder {str(target.parent)!r}. Make it first, or choose another one."
        )
    if target.is_dir():
        raise IsADirectoryError(f"{said}: that is a folder. Choose the name of a file.")
    _replace(target, page(engine, dt.datetime.now(dt.UTC), title))
    return target


def _replace(target: Path, text: str) -> None:
    """Write a file as a whole: who reads it meanwhile reads the old one, or the new one."""
    draft = target.with_name(f".{target.name}.{uuid4().hex[:8]}.tmp")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def page(engine: Engine, saved: dt.datetime, title: str | None = None) -> str:
    """A whole run as the text of a page.

    Args:
        engine: the domain.
        saved: when it is saved, with its time zone.
        title: of the page; the domain's name when None.

    Returns:
        HTML that asks nobody for anything.

    Example:
        >>> from ddd_kit import Domain
        >>> saved = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        >>> page(Domain(name="Bookshop"), saved).startswith("<!doctype html>")
        True
    """
    with engine.lock:
        data = record(engine)
        data["map"] = marks(engine, data["shapes"])
        shown = plain(engine.name) if title is None else plain(title)
        body = h.body[
            frame.without_scripts(engine),
            frame.workbench(engine, shown),
            frame.foot(engine, saved, _version()),
            h.script(id="ddd-data", type="application/json")[Markup(as_json(data))],  # noqa: S704 - no < is left
            h.script[Markup(script())],  # noqa: S704 - our own files
        ]
        whole = h.html(lang="en")[_head(shown, style()), body]
        return str.__str__(str(whole))  # htpy puts the doctype before it


def document(title: str, content: Markup) -> str:
    """A view as a page of its own: without steps, light or dark as the reader's system is.

    Args:
        title: of the page.
        content: HTML of a view, with its own style.

    Returns:
        HTML that asks nobody for anything.

    Example:
        >>> document("Glossary", Markup("<p>Order</p>")).startswith("<!doctype html>")
        True
    """
    rules = _colours("html", LIGHT) + _colours("html[theme=dark]", DARK) + _text_of("page.css")
    whole = h.html(lang="en")[_head(plain(title), rules), h.body[h.main(".ddd-page-static")[content]]]
    return str.__str__(str(whole))


def _version() -> str:
    with suppress(PackageNotFoundError):
        return version("ddd-kit")
    return ""


def _head(title: str, rules: str) -> h.Element:
    return h.head[
        h.meta(charset="utf-8"),
        h.meta(http_equiv="Content-Security-Policy", content=POLICY),
        h.meta(name="viewport", content="width=device-width, initial-scale=1"),
        h.meta(name="color-scheme", content="light dark"),
        h.title[title],
        h.style[Markup(rules)],  # noqa: S704 - our own constants only
        h.script[Markup(_THEME)],  # noqa: S704 - a constant
    ]


def style() -> str:
    """The page's rules: those of the workbench, with the colours that a notebook would give it."""
    views = (answers, changes, instances, journal_pane, live_map, timeline, tree)
    return "".join(
        [
            _colours("html", LIGHT),
            _colours("html[theme=dark]", DARK),
            markup.STYLE,
            *(view.STYLE for view in views),
            files("ddd_kit.views.panes").joinpath("workbench.css").read_text(encoding="utf-8"),
            _text_of("page.css"),
        ]
    )


def _colours(where: str, ground: Ground) -> str:
    names = {"layout-color1": ground.paper, "layout-color2": ground.panel, "content-font-color1": ground.text}
    return f"{where}{{{''.join(f'--jp-{name}:{colour};' for name, colour in names.items())}}}"


def _text_of(name: str) -> str:
    return files("ddd_kit.views.page").joinpath(name).read_text(encoding="utf-8")


def script() -> str:
    """What the page runs."""
    return "\n".join(map(_text_of, SCRIPTS))


def as_json(data: Any) -> str:
    r"""Data to stand in a script element, in which nothing can end it or begin another.

    Args:
        data: lists, dictionaries, texts and numbers.

    Returns:
        JSON.

    Example:
        >>> print(as_json("</script>"))
        "\u003c/script\u003e"
    """
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_IN_SCRIPT)
