"""The course in the browser alone: the site of `make lite`, in a page that reaches no other host."""

from __future__ import annotations

import functools
import hashlib
import http.server
import re
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from bench import DEMO, LAST, Bench
from lab import ERRORS, RUN_ALL, Lab, Theme

pytestmark = [pytest.mark.browser, pytest.mark.delivery]

ROOT = Path(__file__).parents[2]
FIRST = min(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
PYODIDE = "/pyodide/v"
NEEDS = ("needs matplotlib. Install it with", "needs pandas. Install it with")
"""What is said offline; online readers get it from Pyodide."""

WIDGETS = "len(__import__('ipywidgets').widgets.widget._instances)"

TO_THE_TOP = "() => { window.panel.content.activeCellIndex = 0; window.panel.content.scrollToItem(0); }"

FILES = (
    """async () => (await window.jupyterapp.serviceManager.contents.get('')).content.map(file => file.name)"""
)

MODEL = """
from ddd_kit import Domain
from ddd_kit.fields import Integer
domain = Domain(name="Warehouse")

@domain.aggregate
class Box:
    weight = Integer()
"""

# Pyodide checks what it gets: it is told what the stand-in is, and that it needs nothing else.
STAND_IN = """
import sys, types, pyodide_js
expected = pyodide_js._api.lockfile_packages.pandas
expected.sha256, expected.depends.length = "{digest}", 0
sys.modules["numpy"] = types.ModuleType("numpy")
"""
PANDAS = {
    "pandas/__init__.py": "raise ImportError('a table from Pyodide')",
    "pandas-3.dist-info/METADATA": "Metadata-Version: 2.1\nName: pandas\nVersion: 3\n",
    "pandas-3.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "pandas-3.dist-info/RECORD": "",
}


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site, as built from the tree as it is."""
    environment = ROOT / ".venv-lite"
    if not (environment / "ready").exists():
        pytest.fail(f"{environment.name} is missing. `make test` makes it.")
    folder = tmp_path_factory.mktemp("lite") / "site"
    command = [environment / "bin" / "python", "-m", "lite", f"--output={folder}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"lab/index.html?path={FIRST}" in done.stdout
    handler = functools.partial(_Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/lab/index.html"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Iterator[Lab]:
    """The site, open on the first notebook, whose kernel has started."""
    lab = Lab(browser.new_page(viewport={"width": 1200, "height": 900}), ROOT / "notebooks")
    lab.load(site)
    lab.open(FIRST, seconds=180)
    yield lab
    lab.page.close()


@pytest.fixture
def lite(page: Lab) -> Iterator[Lab]:
    """The same, whose page is to ask nobody for anything, but Pyodide for what charts and tables need."""
    page.allowed = PYODIDE
    page.requests_elsewhere.clear()
    yield page
    assert page.requests_elsewhere == []
    assert page.script_errors == []


def test_the_first_notebook_runs_without_a_network(lite: Lab, shots: Path) -> None:
    """But for what needs matplotlib or pandas, which says so."""
    lite.page.evaluate(RUN_ALL)
    failed = lite.page.evaluate(ERRORS)
    assert all(any(said in error for said in NEEDS) for error in failed), failed
    lite.page.evaluate(TO_THE_TOP)
    lite.page.set_viewport_size({"width": 1200, "height": 6000})
    themes: tuple[Theme, ...] = ("dark", "light")
    for theme in themes:
        lite.theme(theme)
        expect(lite.outputs().locator("svg.ddd-map, img.ddd-kit-light").first).to_be_visible()
        lite.shoot(shots / f"lite {theme}.png")
    lite.page.set_viewport_size({"width": 1200, "height": 900})


def test_in_the_workbench_clicks_and_forms_work(lite: Lab, shots: Path) -> None:
    lite.run(DEMO)
    bench = Bench(lite.page)
    bench.expect_demo()
    bench.button("back step").click()
    bench.expect_step(LAST - 1, LAST)
    bench.button("forward step").click()
    bench.expect_step(LAST, LAST)
    bench.why_90.click()
    expect(bench.right).to_contain_text("OrderShipped")
    themes: tuple[Theme, ...] = ("dark", "light")
    for theme in themes:
        lite.theme(theme)
        lite.shoot(shots / f"lite workbench {theme}.png", ".ddd-workbench")


def test_the_journal_names_cells_as_the_page_does(lite: Lab) -> None:
    lite.run(MODEL)
    lite.run("box = domain.repository_for(Box).add(Box(weight=4))")
    number = lite.page.evaluate("() => window.panel.content.activeCell.model.executionCount")
    lite.run("print(domain.journal)")
    expect(lite.outputs().last).to_contain_text(f"In [{number}]")


def test_a_workbench_whose_cell_runs_again_takes_the_place_of_the_old_one(lite: Lab) -> None:
    lite.run("workbench = domain.explore()\nworkbench")
    index = lite.page.evaluate("() => window.panel.content.activeCellIndex")
    lite.run(f"before = {WIDGETS}")
    lite.run_at(index)
    lite.run(f"print('widgets: before', before, 'and now', {WIDGETS})")
    before, now = re.findall(r"\d+", lite.outputs().last.inner_text())
    assert before == now


def test_files_that_it_writes_are_in_the_file_browser(lite: Lab) -> None:
    lite.run("domain.save('mine.jsonl'); domain.save_html('mine.html')")
    assert {"mine.jsonl", "mine.html"} <= set(lite.page.evaluate(FILES))
    lite.run("domain.load('mine.jsonl'); print('it goes on at', len(domain.journal))")
    expect(lite.outputs().last).to_contain_text("it goes on at")


def test_offline_a_table_says_what_is_missing(page: Lab) -> None:
    page.run("import sys\nassert not {'pandas', 'matplotlib', 'numpy'} & {*sys.modules}")
    page.run("try:\n    domain.journal.to_frame()\nexcept ModuleNotFoundError as error:\n    print(error)")
    expect(page.outputs().last).to_contain_text("Install it with: pip install pandas")


def test_online_it_gets_pandas_from_pyodide(page: Lab, tmp_path: Path) -> None:
    """Only when it is asked for, and from where Pyodide has its packages."""
    wheel = tmp_path / "pandas.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in PANDAS.items():
            archive.writestr(path, text)
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(path=wheel, headers={"access-control-allow-origin": "*"})

    page.page.context.route("**/pandas-*.whl", answer)
    page.run(STAND_IN.format(digest=hashlib.sha256(wheel.read_bytes()).hexdigest()))
    assert asked == []
    page.run("domain.journal.to_frame()")
    expect(page.outputs().last).to_contain_text("a table from Pyodide")
    (url,) = asked
    assert re.fullmatch(r"https://[^/]+/pyodide/v[\d.]+/full/pandas-[^/]+_wasm32\.whl", url)
