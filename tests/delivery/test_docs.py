"""The site that `make docs` makes: whole, and at home without a network."""

from __future__ import annotations

import functools
import html
import importlib
import inspect
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Page, Route, sync_playwright

import ddd_kit
from browser.chromium import launch_chromium
from fresh import ROOT

pytestmark = pytest.mark.delivery

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SUBMODULES = ("ddd_kit.exceptions", "ddd_kit.fields", "ddd_kit.testing", "ddd_kit.workshop")
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "object": "data"}


@dataclass
class Entry:
    """A name in the reference: what stands below its signature."""

    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


class Reader(HTMLParser):
    """A page: its anchors, its links, what it loads, its names with what is said of them."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.anchors: set[str] = {""}
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.names: dict[str, Entry] = {}
        self._heads: list[str] = []
        self._open: list[list[Entry]] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given["id"]} if "id" in given else set()
        if tag == "a" and "href" in given:
            self.links.add(given["href"])
        if tag == "link" and given.get("rel") in ("stylesheet", "icon", "preload", "prefetch", "preconnect"):
            self.loaded.add(given["href"])
        if given.get(LOADS.get(tag, "")):
            self.loaded.add(given[LOADS[tag]])
        if tag == "dt" and "id" in given:  # of a function with several signatures only the first has one
            self._heads.append(given["id"])
        if tag == "dd":
            self._open.append([self.names.setdefault(head, Entry()) for head in self._heads])
            self._heads = []

    def handle_endtag(self, tag: str) -> None:
        if tag == "dd":
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for entry in self._open[-1] if self._open else ():
            entry.words.append(data)


@dataclass(frozen=True)
class Site:
    """A site as it was built."""

    folder: Path
    said: str
    failed: bool

    @functools.cached_property
    def pages(self) -> dict[Path, Reader]:
        return {page: Reader(page) for page in self.folder.rglob("*.html")}

    @functools.cached_property
    def names(self) -> dict[str, Entry]:
        return {name: entry for reader in self.pages.values() for name, entry in reader.names.items()}

    def page_of(self, notebook: Path) -> str:
        return (self.folder / "notebooks" / f"{notebook.stem}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """What `make docs` makes, beside the project."""
    environment = ROOT / ".venv-docs"
    if not (environment / "ready").exists():
        pytest.fail(f"Sphinx is not installed: {environment.name} is missing. `make test` installs it.")
    folder = tmp_path_factory.mktemp("site")
    command = [environment / "bin" / "python", "-B", "-m", "sphinx", "--quiet", "--jobs=2"]
    settings = ["--conf-dir=docs", f"--doctree-dir={folder / 'read'}", "--fail-on-warning", "--keep-going"]
    done = subprocess.run(
        [*command, *settings, ".", folder / "built"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return Site(folder / "built", done.stdout, done.returncode != 0)


def test_it_is_built_without_a_warning(site: Site) -> None:
    assert not site.failed, site.said


def test_it_begins_with_the_start_page(site: Site) -> None:
    (start,) = re.findall(r"url=([\w/.]+)", (site.folder / "index.html").read_text())
    page = site.folder / start
    assert any(url.endswith("first-notebook.png") for url in site.pages[page].loaded)


def test_the_course_is_in_the_order_of_its_names(site: Site) -> None:
    start = (site.folder / "docs" / "index.html").read_text(encoding="utf-8")
    listed = re.findall(
        r'class="toctree-l1"><a class="reference internal" href="\.\./notebooks/(.+?)\.html"', start
    )
    course = [notebook.stem for notebook in NOTEBOOKS]
    assert [name for name in dict.fromkeys(listed) if name in course] == course


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_a_page_with_all_that_it_shows(site: Site, notebook: Path) -> None:
    page = site.page_of(notebook)
    shown = [data for data in outputs(notebook) if "application/vnd.jupyter.widget-view+json" not in data]
    for data in shown:
        if "text/html" in data:
            assert "".join(data["text/html"]).strip() in page
    images = set(re.findall(r'src="\.\./_images/(\w+\.\w+)"', page))
    assert len(images) == len({"".join(data["image/png"]) for data in shown if "image/png" in data})
    assert all((site.folder / "_images" / name).stat().st_size for name in images)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_of_a_live_widget_nothing_is_left(site: Site, notebook: Path) -> None:
    """Without a kernel its line of text would say nothing; the picture beside it does."""
    page = html.unescape(site.page_of(notebook))
    for data in outputs(notebook):
        if "application/vnd.jupyter.widget-view+json" in data:
            assert "".join(data["text/plain"]) not in page
    assert "widget-view" not in page


def outputs(notebook: Path) -> Iterator[dict[str, list[str] | str]]:
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            if "data" in output:
                yield output["data"]


def public_names() -> dict[str, object]:
    """What the package offers, by its full name."""
    names = {f"ddd_kit.{name}": getattr(ddd_kit, name) for name in {*ddd_kit.__all__, *ddd_kit._LAZY}}
    domain = ddd_kit.Domain(name="Bookshop")
    names |= {f"ddd_kit.Domain.{name}": getattr(ddd_kit.Domain, name, None) for name in dir(domain)}
    for name in SUBMODULES:
        module = importlib.import_module(name)
        offered = getattr(module, "__all__", None) or [
            each for each, thing in vars(module).items() if is_exception(thing) and thing.__module__ == name
        ]
        names |= {f"{name}.{each}": getattr(module, each) for each in offered}
    return names


def is_exception(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, Exception)


def test_every_public_name_is_in_the_reference(site: Site) -> None:
    public = public_names()
    told = [id(thing) for name, thing in public.items() if name in site.names and thing is not None]
    assert [name for name, thing in public.items() if name not in site.names and id(thing) not in told] == []


def test_every_name_in_the_reference_has_its_summary(site: Site) -> None:
    wrong = []
    for name, thing in public_names().items():
        said = site.names[name].text if name in site.names else summary(thing)
        if not said or (is_told(name, thing) and summary(thing) not in said):
            wrong.append(f"{name}: {said[:80]!r}")
    assert wrong == []


def is_told(name: str, thing: object) -> bool:
    """Whether its docstring is its own; other names of a class lead to that class."""
    return inspect.isroutine(thing) or (isinstance(thing, type) and thing.__name__ == name.rpartition(".")[2])


def summary(thing: object) -> str:
    """The first line of a docstring, as a page says it."""
    return (inspect.getdoc(thing) or "?").partition("\n")[0].replace("`", "")


def test_every_link_within_it_leads_somewhere(site: Site) -> None:
    broken = []
    for page, reader in site.pages.items():
        for link in reader.links | reader.loaded:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
            found = site.pages.get(target)
            if not target.exists() or (found and unquote(parts.fragment) not in found.anchors):
                broken.append(f"{page.relative_to(site.folder)}: {link}")
    assert broken == []


def test_no_page_loads_anything_from_another_host(site: Site) -> None:
    elsewhere = {url for reader in site.pages.values() for url in reader.loaded if is_elsewhere(url)}
    for sheet in site.folder.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        urls = re.findall(r"url\(\s*['\"]?([^'\")]+)", text) + re.findall(r"@import\s+['\"]([^'\"]+)", text)
        elsewhere |= {url for url in urls if is_elsewhere(url)}
    assert elsewhere == set()


def is_elsewhere(url: str) -> bool:
    return bool(urlsplit(url).netloc) or urlsplit(url).scheme in ("http", "https")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1000, 390])
def test_in_a_browser_it_asks_no_other_host_and_fits_the_window(site: Site, width: int) -> None:
    with ThreadPoolExecutor(1) as thread:  # a thread of its own: others may have a browser open in this one
        assert thread.submit(faults, site, width).result() == []


def faults(site: Site, width: int) -> list[str]:
    """What is wrong with the pages that a reader sees: the start page, the course, the reference."""
    found: list[str] = []
    pages = [page for page in site.pages if page.parent.name in ("docs", "notebooks", "reference")]
    with served(site.folder) as address, sync_playwright() as driver, launch_chromium(driver) as browser:
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme="dark")
        page.route("**/*", functools.partial(let_pass, address, found))
        page.on("console", lambda message: found.extend(complaints(message)))
        page.on("pageerror", lambda error: found.append(str(error)))
        for path in sorted(pages):
            page.goto(f"{address}/{path.relative_to(site.folder)}")
            found += seen(page, width)
    return found


def let_pass(address: str, found: list[str], route: Route) -> None:
    if route.request.url.startswith((address, "data:")):
        route.continue_()
    else:
        found.append(f"asked {route.request.url}")
        route.abort()


def complaints(message: ConsoleMessage) -> list[str]:
    return [message.text] if message.type in ("error", "warning") else []


def seen(page: Page, width: int) -> list[str]:
    """A page too wide for the window, and a picture that does not show, or not in the colours of the page."""
    wide = page.evaluate("document.documentElement.scrollWidth") > width
    empty = page.evaluate("[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.alt)")
    bright = page.evaluate(
        "[...document.querySelectorAll('.ddd-kit-light')].filter(i => getComputedStyle(i).opacity > 0).length"
    )
    return (
        [f"{page.url} is too wide"] * wide
        + [f"{page.url}: no picture {alt!r}" for alt in empty]
        + [f"{page.url}: light pictures on a dark page"] * bool(bright)
    )


class Quiet(SimpleHTTPRequestHandler):
    """Hands out files, and says nothing."""

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder on a port of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
