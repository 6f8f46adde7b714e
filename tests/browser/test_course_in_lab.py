"""Every notebook in JupyterLab, 1,000 px wide: run from top to bottom, looked through, its workbench used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lab import Lab

pytestmark = pytest.mark.browser

NOTEBOOKS = sorted(path.name for path in (Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
WIDTH = 1000
# Boxes of outputs that are wider than what they stand in, and scroll; a map that pans has arrows of its own.
SCROLLS = """() => [...document.querySelectorAll('.jp-NotebookPanel .jp-OutputArea-output')]
    .flatMap(output => [output, ...output.querySelectorAll('*')])
    .filter(box => box.scrollWidth > box.clientWidth + 1 && box.getClientRects().length
        && /auto|scroll/.test(getComputedStyle(box).overflowX) && !box.closest('[data-pan]'))
    .map(box => [box.className, box.scrollWidth, box.clientWidth, box.textContent.slice(0, 50)])"""
WARNINGS = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_of_the_course(lab: Lab, shots: Path, name: str) -> None:
    """No scroll bar across, no warning, and a workbench that goes back a step."""
    lab.page.set_viewport_size({"width": WIDTH, "height": 900})
    lab.open(name)
    lab.run_all(120)
    lab.fit()
    benches = lab.page.locator(".ddd-workbench")
    for place in range(benches.count()):
        bench = benches.nth(place)
        slider = bench.get_by_role("slider")
        now = int(slider.input_value())
        bench.get_by_role("button", name="back step").click()
        expect(slider).to_have_value(str(now - 1))
    assert lab.page.evaluate(SCROLLS) == []
    expect(lab.page.locator(WARNINGS)).to_have_count(0)
    if "DDD_KIT_SHOTS" in os.environ:  # somebody wants to look
        lab.shoot(shots / f"{name} light.png")
        lab.theme("dark")
        lab.shoot(shots / f"{name} dark.png")
