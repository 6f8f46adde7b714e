"""How quickly the workbench shows things in a browser: ``python -m benchmarks.workbench [results.json]``.

It needs what the browser tests need, so it runs in their environment: ``make bench-workbench``. Times are
those of the clock on the wall until the browser has drawn: from the end of the callback or of the cell, and
for orientation from the click that led to it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.report import HEADER, line
from benchmarks.rows import Figure

if TYPE_CHECKING:
    from lab import Lab  # type: ignore[import-not-found]

ROOT = str(Path(__file__).parents[1])
TIMES = 15
OPEN = """
import time, ddd_kit
workbench = ddd_kit.demo()
domain = workbench.domain
Order = type(domain.repository_for("Order").query.first)
Inventory = type(domain.repository_for("Inventory").query.first)
def stock_up():
    inventory = domain.repository_for(Inventory).query.first
    inventory.in_stock = 10_000_000
    domain.repository_for(Inventory).add(inventory)
def ship(times):
    for _ in range(times):
        order = Order(book_id=1, quantity=1)
        order.ship_order()
        domain.repository_for(Order).add(order)
stock_up()
"""
# Notes when a callback has ended.
NOTE = """
ends = []
workbench._canvas.observe(lambda change: ends.append(time.time() * 1000), "answered")
"""
FLOOR = """
import sys, timeit
sys.path.insert(0, {root!r})
from benchmarks.floor import Floor
run = Floor().prepare(100)
print(min(timeit.repeat(run, number=2_000, repeat=20)) / 2_000 * 1e6)
"""
FILL = "while domain.journal.last_step < {steps}: ship(1)"
BIG = """
from benchmarks.big_model import hundred_elements
big = hundred_elements()
"""
# Notes the time of each drawing of something; of the workbench it is the slider, which is new with each step.
WATCH = """() => {
    window.drawn = [];
    const part = document.querySelector('%s');
    new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => window.drawn.push(Date.now()))))
        .observe(part, {childList: true, subtree: true});
}"""
STEP = """async arg => {
    const [from, count] = [Date.now(), window.drawn.length];
    document.querySelector(`.ddd-workbench [data-act=go][data-arg=${arg}]`).click();
    while (window.drawn.length === count) await new Promise(done => setTimeout(done, 1));
    return [from, window.drawn.at(-1)];
}"""
SLIDE = """async arg => {
    const slider = document.querySelector('.ddd-workbench input[type=range]');
    const [from, count] = [Date.now(), window.drawn.length];
    slider.value = arg;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    while (window.drawn.length === count) await new Promise(done => setTimeout(done, 1));
    return [from, window.drawn.at(-1)];
}"""
LATER = """async count => {
    while (window.drawn.length <= count) await new Promise(done => setTimeout(done, 1));
    return window.drawn.at(-1);
}"""
# Notes when a workbench can be seen that could not be seen before.
AWAIT = """() => {
    window.seen = new Promise(resolve => {
        const look = () => document.querySelector('.ddd-workbench [data-part=map] svg')
            ? requestAnimationFrame(() => setTimeout(() => resolve(Date.now())))
            : requestAnimationFrame(look);
        look();
    });
}"""
SEEN = "() => window.seen"
# As somebody does who runs a cell that is there: making a new one takes JupyterLab longer than all else here.
RERUN = """async () => {
    window.panel.content.activeCellIndex = window.panel.content.widgets.length - 1;
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
OUTPUT = """() => [...window.panel.content.model.cells].at(-1).sharedModel.getOutputs()
    .map(output => output.text ?? '').join('')"""


def main() -> int:
    """Measure, print a table, write JSON."""
    sys.path.insert(0, str(Path(ROOT) / "tests" / "browser"))
    from lab import open_browser, open_lab

    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("workbench.json")
    print(HEADER, flush=True)
    figures = []
    with tempfile.TemporaryDirectory() as scratch:
        empty = Path(scratch) / "notebooks"
        empty.mkdir()
        with open_browser() as browser, open_lab(browser, empty, Path(scratch), 1300, 1300) as lab:
            for figure in measured(lab):
                figures.append(figure)
                print(line(figure), flush=True)
    target.write_text(json.dumps([vars(figure) for figure in figures], indent=2) + "\n")
    return 0


def measured(lab: Lab) -> Iterator[Figure]:
    """Take all figures, in one notebook."""
    lab.open(lab.write("bench.ipynb", [OPEN]))
    lab.run_all()
    lab.run(FILL.format(steps=1_000))
    yield _times("first picture of a workbench", _first_pictures(lab, "domain"), 300)
    lab.page.evaluate(WATCH % ".ddd-workbench .ddd-slider")
    small = _bytes_a_step(lab)
    lab.run(FILL.format(steps=10_000), seconds=120)
    lab.page.wait_for_timeout(500)
    lab.run(NOTE)
    for name, drawn in (("a step of the buttons", _steps(lab)), ("a far step of the slider", _slides(lab))):
        yield _times(f"{name}, 10,000 entries", drawn.from_the_end, 100)
        yield _times("... from the click", drawn.from_the_click)
    lab.page.evaluate(STEP, "last")
    yield _times("a new dispatch, from the end of its cell", _news(lab, "ship(1)"), 100)
    large = _bytes_a_step(lab)
    yield Figure("bytes a step at 10,000 entries, in times those at 1,000", large / small, "x", most=1.1)
    yield Figure("bytes a step at 10,000 entries", large / 1000, "KB")
    yield _cost_in_a_cell(lab)
    yield _hundred_elements(lab)
    yield _times("... a word in a widget, from the end of its cell", _words(lab))
    lab.run(FLOOR.format(root=ROOT))
    yield Figure("the floor, for the speed of the machine", float(lab.page.evaluate(OUTPUT)), "us")


def _times(name: str, times: list[float], most: float | None = None) -> Figure:
    ordered = sorted(times)
    return Figure(
        name, median(ordered), "ms", most=most, detail={"least": ordered[0], "most_of_all": ordered[-1]}
    )


def _first_pictures(lab: Lab, domain: str) -> list[float]:
    """From the call to the first picture, in a kernel that has made one before."""
    times = []
    lab.run("workbench.close()")
    lab.run(f"print(time.time() * 1000); workbench = {domain}.explore(); workbench")
    for _ in range(12):
        lab.page.evaluate("() => window.panel.content.activeCell.model.clearExecution()")
        lab.page.wait_for_function("() => !document.querySelector('.ddd-workbench [data-part=map] svg')")
        lab.page.evaluate(AWAIT)
        lab.page.evaluate(RERUN)
        seen = lab.page.evaluate(SEEN)
        times.append(seen - float(lab.page.evaluate(OUTPUT).splitlines()[0]))
    return times[1:]


class Drawn(NamedTuple):
    """How long steps took until they were drawn, in milliseconds."""

    from_the_click: list[float]
    from_the_end: list[float]


def _steps(lab: Lab) -> Drawn:
    return _drawn(lab, STEP, ["back"] * TIMES)


def _slides(lab: Lab) -> Drawn:
    return _drawn(lab, SLIDE, [str(9_900 - 517 * n) for n in range(TIMES)])


def _drawn(lab: Lab, script: str, args: list[str]) -> Drawn:
    lab.ask("ends.clear()")
    times = [lab.page.evaluate(script, arg) for arg in args]
    ends = json.loads(lab.ask("ends"))
    return Drawn(
        [drawn - click for click, drawn in times],
        [drawn - end for (_, drawn), end in zip(times, ends, strict=True)],
    )


def _news(lab: Lab, code: str) -> list[float]:
    """From the end of a cell's code to what it led to."""
    times = []
    lab.run(f"{code}; print(time.time() * 1000)")
    for _ in range(TIMES):
        lab.page.wait_for_timeout(300)
        count = lab.page.evaluate("() => window.drawn.length")
        lab.page.evaluate(RERUN)
        times.append(lab.page.evaluate(LATER, count) - float(lab.page.evaluate(OUTPUT)))
    return times


def _words(lab: Lab) -> list[float]:
    """What JupyterLab and the machine take for the least that a cell can show in a widget."""
    lab.run("import ipywidgets; label = ipywidgets.HTML('word').add_class('word'); label")
    lab.page.wait_for_function("() => document.querySelector('.word')")
    lab.page.evaluate(WATCH % ".word")
    return _news(lab, "label.value = f'word {time.time()}'")


def _bytes_a_step(lab: Lab) -> float:
    """What the parts weigh that a step sends: all that have changed."""
    lab.run("""
from dataclasses import replace
from ddd_kit.views.panes.workbench import parts
def shown(back):
    look = replace(workbench.look, live=False, step=domain.journal.last_step - back)
    return parts(domain, look).values()
def sent(back):
    return sum(len(now.encode()) for was, now in zip(shown(back), shown(back + 1)) if was != now)
print(sum(map(sent, range(10, 20))) / 10)
""")
    return float(lab.page.evaluate(OUTPUT))


def _cost_in_a_cell(lab: Lab) -> Figure:
    """10,000 dispatches in one cell, with a workbench that is on the page and without any, in turns."""
    code = """
import gc
def timed():
    domain.reset(); stock_up_anew(); gc.collect()
    start = time.perf_counter(); ship(10_000); return time.perf_counter() - start
def stock_up_anew():
    domain.repository_for(Inventory).add(Inventory(book_id=1, in_stock=10_000_000))
"""
    lab.run(code)
    lab.run("workbench.close()")
    ratios = []
    for _ in range(5):
        lab.page.evaluate(AWAIT)
        lab.run("workbench = domain.explore(); workbench")
        lab.page.evaluate(SEEN)
        lab.run("print(timed())", seconds=120)
        shown = float(lab.page.evaluate(OUTPUT))
        lab.run("workbench.close(); print(timed())", seconds=120)
        ratios.append(shown / float(lab.page.evaluate(OUTPUT)))
    return Figure("10,000 dispatches in a cell, with a workbench open", median(ratios), "x", most=1.1)


def _hundred_elements(lab: Lab) -> Figure:
    """The workbench of a model of 100 elements, from the call to the picture."""
    lab.run(f"import sys; sys.path.insert(0, {ROOT!r})\n{BIG}")
    return _times("first picture of 100 elements", _first_pictures(lab, "big"), 300)


if __name__ == "__main__":
    raise SystemExit(main())
