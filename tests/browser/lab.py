"""A real JupyterLab in a real Chromium, for tests and for people who want to look at a notebook.

    with open_browser() as browser, open_lab(browser, notebooks, scratch) as lab:
        lab.open("00-start-here.ipynb")
        lab.run_all()
        lab.shoot(Path("first-notebook.png"))

Everything JupyterLab keeps (settings, trust, workspaces, checkpoints) lives in the scratch folder, and it
serves a copy of the notebooks there: nothing in the project or in the user's home is read or changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import nbformat
from playwright.sync_api import Browser, Locator, Page, Route, WebSocket, sync_playwright

from chromium import launch_chromium
from servers import LAB, serve

Theme = Literal["light", "dark"]

ELSEWHERE = re.compile(r"^(?:https?|wss?)://(?!127\.0\.0\.1[:/])")
"""Any address but the one that JupyterLab is served from."""

THEIRS = (
    # Notebook 7.6, as it starts, about settings.
    re.compile(r"reading 'schema'.*\n.*/static/notebook/notebook_core"),
    # anywidget 0.11, two seconds after the kernel has closed a model that had not been drawn yet.
    re.compile(r"\[anywidget\] Failed to initialize model"),
)
"""Errors of scripts that are not ours."""

RESTORED = "async () => { await window.jupyterapp.restored; window.jupyterapp.shell.collapseLeft(); }"

OPEN = """async path => {
    const app = window.jupyterapp;
    for (const widget of [...app.shell.widgets('main')]) widget.dispose();
    const panel = await app.commands.execute('docmanager:open', {path, factory: 'Notebook'});
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
    window.panel = panel;
}"""

RUN_ALL = "async () => { await window.jupyterapp.commands.execute('notebook:run-all-cells'); }"

RUN_CELL = """async source => {
    const {content, sessionContext} = window.panel;
    const model = content.model.sharedModel;
    model.insertCell(model.cells.length, {cell_type: 'code', source});
    content.activeCellIndex = content.widgets.length - 1;
    await window.jupyterapp.commands.execute('notebook:run-cell');
    await content.activeCell.ready;
}"""

RUN_AT = """async index => {
    window.panel.content.activeCellIndex = index;
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""

EDIT = """async source => {
    const {content} = window.panel;
    content.activeCellIndex = 0;
    content.activeCell.model.sharedModel.setSource(source);
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""

START = """source => {
    const {content} = window.panel;
    const model = content.model.sharedModel;
    model.insertCell(model.cells.length, {cell_type: 'code', source});
    content.activeCellIndex = content.widgets.length - 1;
    window.started = window.jupyterapp.commands.execute('notebook:run-cell');
}"""

INTERRUPT = (
    "async () => { await window.panel.sessionContext.session.kernel.interrupt(); await window.started; }"
)

RESTART = "async () => { await window.panel.sessionContext.session.kernel.restart(); }"

ENDED = "async () => { await window.started; }"

# Quietly: no hook is told, and no number is used up.
ASK = """async expression => {
    const {kernel} = window.panel.sessionContext.session;
    const asked = {code: '', silent: true, store_history: false, user_expressions: {answer: expression}};
    const {answer} = (await kernel.requestExecute(asked).done).content.user_expressions;
    return answer.status === 'ok' ? answer.data['text/plain'] : `${answer.ename}: ${answer.evalue}`;
}"""

ERRORS = """() => [...window.panel.content.model.cells].flatMap(cell =>
    cell.type !== 'code' || (cell.getMetadata('tags') ?? []).includes('raises-exception') ? [] :
    cell.sharedModel.getOutputs().filter(output => output.output_type === 'error')
        .map(output => [cell.sharedModel.getSource(), ...output.traceback].join('\\n')))"""

CLOSE = """async () => {
    const app = window.jupyterapp;
    for (const widget of [...app.shell.widgets('main')]) widget.dispose();
    await app.serviceManager.sessions.shutdownAll();
}"""

THEME_IS = "name => document.body.dataset.jpThemeName === name"

THEME = "async theme => { await window.jupyterapp.commands.execute('apputils:change-theme', {theme}); }"

HEIGHT = """() => {
    const notebook = window.panel.content.node;
    const scroller = notebook.querySelector('.jp-WindowedPanel-outer') ?? notebook;
    return Math.ceil(innerHeight - scroller.clientHeight + scroller.scrollHeight);
}"""


class Watched:
    """A page that is to ask nobody but its own server.

    What else it asks for it does not get, and is noted; what is allowed it does not get either.
    """

    def __init__(self, page: Page, allowed: str = "") -> None:
        self.page = page
        self.allowed = allowed
        self.requests_elsewhere: list[str] = []
        self.script_errors: list[str] = []
        page.context.route(ELSEWHERE, self._refuse)
        page.on("websocket", self._watch)
        page.on("pageerror", lambda error: self._note(error.stack or str(error)))

    def _note(self, error: str) -> None:
        if not any(theirs.search(error) for theirs in THEIRS):
            self.script_errors.append(error)

    def _refuse(self, route: Route) -> None:
        if not self.allowed or self.allowed not in route.request.url:
            self.requests_elsewhere.append(route.request.url)
        route.abort()

    def _watch(self, websocket: WebSocket) -> None:
        if ELSEWHERE.match(websocket.url):
            self.requests_elsewhere.append(websocket.url)


class Lab(Watched):
    """One page with JupyterLab in it; notebooks are opened in it one after the other."""

    def __init__(self, page: Page, served: Path) -> None:
        super().__init__(page)
        self.served = served

    def load(self, url: str, seconds: float = 60) -> None:
        """Go to JupyterLab, and wait until it has started."""
        self.page.goto(url, timeout=seconds * 1000)
        self.page.wait_for_function("() => window.jupyterapp", timeout=seconds * 1000)
        self._await(RESTORED, None, seconds)

    def open(self, path: str, seconds: float = 30) -> None:
        """Open the notebook at `path`, below the served folder, in place of all others, with a new kernel."""
        self._await(OPEN, path, seconds)

    def run_all(self, seconds: float = 60) -> None:
        """Run all cells of the open notebook.

        Raises `AssertionError` with the traceback when a cell fails that is not tagged `raises-exception`.
        """
        self._await(RUN_ALL, None, seconds)
        errors = self.page.evaluate(ERRORS)
        assert not errors, re.sub(r"\x1b\[[0-9;]*m", "", "\n\n".join(errors))

    def write(self, name: str, cells: Sequence[str]) -> str:
        """Write a notebook of code cells into the served folder; gives its path for `open`."""
        write_notebook(self.served / name, cells)
        return name

    def run(self, source: str, seconds: float = 60) -> None:
        """Add a cell to the end of the open notebook, and run it to its end."""
        self._await(RUN_CELL, source, seconds)

    def run_at(self, index: int, seconds: float = 60) -> None:
        """Run a cell of the open notebook, once more maybe, to its end."""
        self._await(RUN_AT, index, seconds)

    def edit(self, source: str, seconds: float = 60) -> None:
        """Put something else into the first cell of the open notebook, and run it to its end."""
        self._await(EDIT, source, seconds)

    def start(self, source: str) -> None:
        """Add a cell to the end of the open notebook, and let it begin to run."""
        self.page.evaluate(START, source)

    def ended(self, seconds: float = 30) -> None:
        """Wait until the cell that `start` began has ended."""
        self._await(ENDED, None, seconds)

    def interrupt(self, seconds: float = 30) -> None:
        """Interrupt the cell that `start` began."""
        self._await(INTERRUPT, None, seconds)

    def restart(self, seconds: float = 30) -> None:
        """Restart the kernel of the open notebook."""
        self._await(RESTART, None, seconds)

    def ask(self, expression: str, seconds: float = 30) -> str:
        """How the kernel writes the value of an expression; no cell runs for that."""
        return str(self._await(ASK, expression, seconds))

    def close(self, seconds: float = 30) -> None:
        """Close all notebooks unsaved and shut down their kernels."""
        self._await(CLOSE, None, seconds)

    def theme(self, theme: Theme) -> None:
        """Switch to JupyterLab's light or dark theme."""
        name = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}[theme]
        if self.page.evaluate(THEME_IS, name):
            return
        self._await(THEME, name, 20)
        self.page.wait_for_function(THEME_IS, arg=name, timeout=20_000)
        # JupyterLab takes its curtain away a while later, and fails when there is a second one by then.
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def outputs(self) -> Locator:
        """The output areas of the open notebook."""
        return self.page.locator(".jp-NotebookPanel .jp-OutputArea-output")

    def fit(self) -> None:
        """Make the window as high as the open notebook: cells outside of it are not drawn."""
        for _ in range(4):
            self.page.wait_for_timeout(150)
            height = min(self.page.evaluate(HEIGHT), 16_000)
            size = self.page.viewport_size
            if size is None or height == size["height"]:
                return
            self.page.set_viewport_size({"width": size["width"], "height": height})

    def shoot(self, path: Path, selector: str = ".jp-NotebookPanel") -> None:
        """Write a picture of the first element that `selector` finds, by default the whole notebook."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.locator(selector).first.screenshot(path=path, animations="disabled", timeout=30_000)

    def _await(self, script: str, argument: object, seconds: float) -> Any:
        """What the promise of `script` resolves to, in time: `page.evaluate` has no limit of its own."""
        return self.page.evaluate(
            f"""([argument, ms]) => Promise.race([
                ({script})(argument),
                new Promise((_, fail) => setTimeout(() => fail(new Error(`not done after ${{ms}} ms`)), ms)),
            ])""",
            [argument, seconds * 1000],
        )


def write_notebook(path: Path, cells: Sequence[str]) -> None:
    """Write a notebook of code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_lab(
    browser: Browser, notebooks: Path, scratch: Path, width: int = 1200, height: int = 900
) -> Iterator[Lab]:
    """JupyterLab on a copy of `notebooks`, loaded in a page of `width` times `height` pixels."""
    with serve(LAB, notebooks, scratch) as url:
        lab = Lab(browser.new_page(viewport={"width": width, "height": height}), scratch / "served")
        lab.load(url)
        yield lab
        lab.page.close()
