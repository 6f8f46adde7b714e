"""What Mermaid itself, as JupyterLab brings it along, makes of our diagrams."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from ddd_kit import Domain, demo
from ddd_kit.views.exports.flowchart import flowchart
from ddd_kit.views.exports.mermaid import Mermaid
from ddd_kit.views.exports.sequence import sequence_diagram
from ddd_kit.views.markup import plain
from every_kind import every_kind
from hostile_names import HOSTILE, class_name, hostile
from lab import Lab

DEMO = "from ddd_kit import demo\nbench = demo()"
pytestmark = pytest.mark.browser

RENDER = """async sources => {
    const {rendermime} = window.panel.content;
    const drawn = [];
    for (const source of sources) {
        const model = rendermime.createModel({data: {'text/vnd.mermaid': source}, trusted: true});
        const renderer = rendermime.createRenderer('text/vnd.mermaid');
        await renderer.renderModel(model);
        const image = renderer.node.querySelector('img');
        if (!image) { drawn.push({error: renderer.node.textContent}); continue; }
        await image.decode();
        const text = decodeURIComponent(image.src.slice(image.src.indexOf(',') + 1));
        const svg = new DOMParser().parseFromString(text, 'image/svg+xml');
        svg.querySelectorAll('style, title').forEach(other => other.remove());
        const injected = 'script, img, a, b, strong, em, code, parsererror, [onerror], [onload]';
        drawn.push({words: svg.documentElement.textContent, injected: svg.querySelectorAll(injected).length});
    }
    return drawn;
}"""
TOGETHER = 8  # names in a model
SHOWN = 30  # characters of a name, which may be shortened after them


def draw(lab: Lab, sources: list[Mermaid]) -> list[dict[str, Any]]:
    lab.open(lab.write("empty.ipynb", ["1"]))
    drawn: list[dict[str, Any]] = lab.page.evaluate(RENDER, [str(source) for source in sources])
    return drawn


def squeezed(text: str) -> str:
    """Without blanks: a picture breaks its lines where it wants."""
    return "".join(text.split())


def test_mermaid_draws_small_and_large_models_and_their_runs(lab: Lab) -> None:
    workbench = demo()
    workbench.close()
    shop = every_kind()
    shop.domain.rebuild_projection(shop.OrderList)
    domains = [Domain(name="Empty"), workbench.domain, hostile(HOSTILE[:20]), shop.domain]
    drawn = draw(
        lab, [diagram for domain in domains for diagram in (flowchart(domain), sequence_diagram(domain))]
    )
    assert [each["error"] for each in drawn if "error" in each] == []
    for name in domains[1].graph():
        assert name in drawn[2]["words"]
    assert "in_stock 105 → 100" in drawn[3]["words"]
    for label in ("⬢ Fulfilment", "✚ bank", "⌂ Ordering", "▤ OrderList", "◀ HearBank"):
        assert squeezed(label) in squeezed(drawn[6]["words"])
        assert squeezed(label) in squeezed(drawn[7]["words"])


def test_whatever_a_name_or_value_looks_like_it_is_shown_as_text(lab: Lab) -> None:
    """Keywords, brackets, entity codes, Markdown, HTML, directives, long ones, at every place."""
    groups = [HOSTILE[first : first + TOGETHER] for first in range(0, len(HOSTILE), TOGETHER)]
    domains = [hostile(group) for group in groups]
    drawn = draw(
        lab, [chart for domain in domains for chart in (flowchart(domain), sequence_diagram(domain))]
    )
    assert [each["error"] for each in drawn if "error" in each] == []
    assert sum(each["injected"] for each in drawn) == 0
    for number, each in enumerate(drawn):
        words = squeezed(each["words"])
        for text in groups[number // 2]:
            beginning = squeezed(plain(class_name(text)))[:SHOWN]
            assert words.count(beginning) >= 5, text  # on each of its elements


def test_a_cell_draws_a_diagram_by_itself(lab: Lab) -> None:
    cells = [f"{DEMO}\nbench.close()", "bench.domain.mermaid()", "bench.domain.sequence_diagram()"]
    lab.open(lab.write("mermaid.ipynb", cells))
    lab.run_all()
    lab.fit()
    expect(lab.page.locator(".jp-RenderedMermaid img")).to_have_count(2)
    expect(lab.page.locator(".jp-RenderedMermaid.jp-mod-warning")).to_have_count(0)
