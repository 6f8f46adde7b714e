"""The map drawn with matplotlib."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.views.mapping.sketch import sketch
from ddd_kit.views.palette import DARK, LIGHT
from shops import MODELS, seed, troubled

mpl.use("agg")


@pytest.fixture(autouse=True)
def _no_figure_stays_open() -> object:
    yield
    plt.close("all")


@pytest.mark.parametrize("model", [name for name in MODELS if name != "100 elements"])
def test_every_model_can_be_drawn_and_saved(model: str, tmp_path: Path) -> None:
    axes = MODELS[model]().draw()
    axes.figure.savefig(tmp_path / "map.png")


def test_it_draws_on_the_axes_that_it_is_given_and_returns_them() -> None:
    axes = Figure().subplots()
    assert seed().domain.draw(axes) is axes
    assert plt.get_fignums() == []


def test_without_axes_it_makes_one_figure() -> None:
    seed().domain.draw()
    assert len(plt.get_fignums()) == 1


def test_all_nodes_are_where_they_are_on_the_map() -> None:
    domain = seed().domain
    axes = domain.draw(Figure().subplots())
    boxes = {(round(p.get_x()), round(p.get_y())) for p in axes.patches if hasattr(p, "get_boxstyle")}
    assert boxes == {(round(node.box.x), round(node.box.y)) for node in sketch(domain).nodes}


def test_everything_is_inside_the_axes() -> None:
    axes = troubled().draw(Figure().subplots())
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    for patch in axes.patches:
        extent = patch.get_path().get_extents(patch.get_patch_transform())
        assert left <= extent.x0 <= extent.x1 <= right
        assert top <= extent.y0 <= extent.y1 <= bottom


@pytest.mark.parametrize(("style", "ground"), [("default", LIGHT), ("dark_background", DARK)])
def test_it_takes_the_colours_of_the_ground(style: str, ground: object) -> None:
    with plt.style.context(style):
        axes = seed().domain.draw()
    assert ground.accent in {to_hex(patch.get_edgecolor()) for patch in axes.patches}  # type: ignore[attr-defined]


def test_dollars_and_markup_in_an_error_are_text() -> None:
    troubled(error=r"<script>$\frac$</script>").draw(Figure().subplots())


def test_a_step_that_there_is_not_is_refused() -> None:
    with pytest.raises(IncorrectUsageError, match="There is no step 99"):
        seed().domain.draw(step=99)
