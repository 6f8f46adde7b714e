"""The Chart tab: a field over the steps, as a picture that can be clicked in."""

from __future__ import annotations

import math
import random
import re
from itertools import pairwise
from typing import Any

import pytest

from ddd_kit import Domain
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.fields import Integer
from ddd_kit.views.charts import line_chart as view
from ddd_kit.views.charts import line_drawing
from ddd_kit.views.charts.series import NAMED
from ddd_kit.views.links import linked, unlinked
from ddd_kit.views.palette import DARK, LIGHT
from ddd_kit.views.text_width import text_width
from journals import accounts, busy, made_busy
from live_reader import Element, read
from markup_reader import PAYLOADS
from shops import LONG, seed


def chart(domain: Domain, step: int | None = None, **options: Any) -> Element:
    shown = domain.journal.last_step if step is None else step
    return read(view.line_chart(domain, "Account", "balance", shown, **options))


def pane(domain: Domain, choice: tuple[str, str] | None = None, step: int | None = None) -> Element:
    shown = domain.journal.last_step if step is None else step
    return read(view.chart_pane(domain, choice, shown, linked))


def tagged(found: Element, tag: str) -> list[Element]:
    return [each for each in found if each.tag == tag]


def held(found: Element) -> list[str]:
    """The values beside the step."""
    return [text.text for text in found.all(look="ddd-held")]


def points(found: Element) -> list[Element]:
    return [each for each in tagged(found, "circle") if "data-act" in each.attrs]


def across(element: Element) -> float:
    key = next(key for key in ("cx", "x", "x1") if key in element.attrs)
    return float(element.attrs[key].removesuffix("%"))


# The choice


def test_the_pane_shows_the_number_that_changed_last_and_offers_all() -> None:
    found = pane(seed().domain)
    [select] = tagged(found, "select")
    assert (select.attrs["data-act"], select.attrs["aria-label"]) == ("chart", "field")
    options = tagged(select, "option")
    assert [option.text for option in options] == [
        "Order.quantity",
        "Order.total_amount",
        "Inventory.in_stock",
    ]
    assert [option.attrs["value"] for option in options if "selected" in option.attrs] == [
        "Inventory in_stock"
    ]
    assert held(found) == ["90"]


def test_another_field_is_shown_where_it_is_chosen_and_exists() -> None:
    domain = seed().domain
    assert held(pane(domain, ("Order", "quantity"))) == ["10"]
    assert held(pane(domain, ("Order", "status"))) == ["90"]
    assert held(pane(domain, ("Gone", "quantity"))) == ["90"]


def test_without_numeric_fields_it_says_what_is_missing() -> None:
    domain = Domain(name="Empty")
    assert "No aggregate has a numeric field" in pane(domain).text
    assert "in_stock = Integer()" in pane(domain).text


def test_before_anything_is_saved_and_without_numbers_it_says_so() -> None:
    domain = seed(run=False).domain
    assert pane(domain, ("Order", "quantity")).text.endswith(
        "No Order has been saved yet, so there is no quantity to draw."
    )
    assert "No Account has had a number as its balance yet" in chart(accounts({"a": [None]})).text


def test_values_that_are_no_numbers_leave_gaps_and_are_named() -> None:
    domain = Domain(name="Odd")

    @domain.aggregate
    class Box:
        size: int | str = 1

    box = Box(id="b")
    for size in (3, "<b>large</b>", 4):
        box.size = size
        domain.repository_for(Box).add(box)
    found = pane(domain)
    assert "values that are no numbers, as <b>large</b>, leave gaps" in found.text
    assert len(points(found)) == 2


def test_a_static_view_names_the_field_and_has_nothing_to_click() -> None:
    domain = seed().domain
    found = read(view.chart_pane(domain, None, domain.journal.last_step, unlinked))
    assert found.text.startswith("Inventory.in_stock")
    assert not [each for each in found if "data-act" in each.attrs]
    assert len(tagged(found, "circle")) == 3


@pytest.mark.parametrize(
    ("aggregate", "field"), [("Acount", "balance"), ("Account", "balanc"), ("Account", "id")]
)
def test_a_wrong_name_is_refused(aggregate: str, field: str) -> None:
    domain = accounts({"a": [1]})
    with pytest.raises(IncorrectUsageError):
        view.line_chart(domain, aggregate, field, 2)


# The step


def test_the_values_are_those_after_the_steps_unit_of_work() -> None:
    domain = seed().domain
    saved = [entry.step for entry in domain.journal.of(kind="changed", aggregate="Inventory")]
    handled = saved[1] - 1
    for step, value in ((saved[0], "100"), (handled - 1, "100"), (handled, "90"), (saved[1], "90")):
        assert held(pane(domain, ("Inventory", "in_stock"), step)) == [value]
        state = domain.at(step).repository_for("Inventory").query.first
        assert str(state.in_stock) == value


def test_the_step_is_marked_and_written_below_in_place_of_those_near_it() -> None:
    found = chart(accounts({"a": list(range(40))}), 19)
    [mark] = [line for line in tagged(found, "line") if line.has("ddd-now")]
    [number] = [text for text in tagged(found, "text") if text.has("ddd-now") and text.has("ddd-middle")]
    assert number.text == "19"
    assert across(mark) == across(number) == pytest.approx((19 - 2) / 39 * 100, abs=0.01)
    below = [across(text) * 4.3 for text in tagged(found, "text") if text.has("ddd-middle")]
    assert min(b - a for a, b in pairwise(sorted(below))) > 30


def test_what_comes_later_is_faint() -> None:
    domain = accounts({"a": [1, 2, 3, 4]})
    found = chart(domain, 3)
    [later] = [each for each in found.all(look="ddd-later") if each.tag == "g"]
    assert [point.attrs["data-arg"] for point in points(later)] == ["4", "5"]
    past, future = found.all(look="ddd-window")
    assert across(future) == pytest.approx(33.33)
    assert not past.has("ddd-later")
    assert future.has("ddd-later")
    assert past.attrs["viewbox"] == "0.0 0 333.3 220"
    assert future.attrs["viewbox"] == "333.3 0 666.7 220"


@pytest.mark.parametrize("step", [0, 1])
def test_before_the_first_value_all_is_later(step: int) -> None:
    domain = accounts({"a": [1, 2]})
    found = chart(domain, step)
    assert held(found) == []
    assert len(found.all(look="ddd-window")) == 1
    assert f"at step {step}: nothing yet" in tagged(found, "div")[0].attrs["aria-label"]


def test_the_chart_has_words() -> None:
    found = chart(accounts({"a": [1.5, 2], "b": [-7]}), 3)
    assert tagged(found, "div")[0].attrs["aria-label"] == "Account.balance by step; at step 3: a 1.5, b -7"


# Points


def test_each_point_says_what_happened_and_leads_there() -> None:
    found = chart(accounts({"a": [1, 2]}))
    first, last = points(found)
    assert (last.attrs["data-act"], last.attrs["data-arg"], last.attrs["role"]) == ("step", "3", "button")
    assert last.name == "step 3: Account a balance 1.0 → 2.0"
    assert last.attrs["aria-current"] == "step"
    assert "aria-current" not in first.attrs


def test_points_are_in_order_of_their_steps() -> None:
    found = points(chart(accounts({"a": [1, 2, 3], "b": [4, 5, 6]}), 4))
    assert [point.attrs["data-arg"] for point in found] == ["2", "3", "4", "5", "6", "7"]


def test_of_many_points_the_extremes_are_kept() -> None:
    random.seed(1)
    values = [random.gauss(0, 1) for _ in range(3000)]
    values[1234], values[77] = 50, -50
    found = chart(accounts({"a": values}), 1000)
    steps = {int(point.attrs["data-arg"]) for point in points(found)}
    assert {1236, 79, 3001} <= steps
    assert len(steps) <= line_drawing.MOST_POINTS + 1 < 600
    [path] = {
        each.attrs["d"] for each in tagged(found, "path") if each.has("ddd-ink0") and "V" in each.attrs["d"]
    }
    assert path.count("V") <= line_drawing.MOST_CORNERS
    assert len(str(view.line_chart(accounts({"a": values}), "Account", "balance", 5))) < 100_000


def test_points_that_the_journal_has_folded_lead_nowhere() -> None:
    domain = accounts({"a": list(range(60))}, limit=20)
    assert min(int(point.attrs["data-arg"]) for point in points(chart(domain))) == domain.journal.first_step
    assert held(chart(domain, domain.journal.first_step - 1)) == [str(domain.journal.first_step - 3)]


# Lines


def test_each_line_has_its_colour_its_dashes_and_its_name_at_its_end() -> None:
    found = chart(accounts({f"a-{i}": [i, i * 2] for i in range(NAMED)}))
    for i in range(NAMED):
        [name] = [text for text in found.all(look=f"ddd-ink{i}") if text.tag == "g"]
        assert name.text == f"a-{i}"
        [sample] = tagged(name, "path")
        assert sample.attrs["class"] == f"ddd-ink{i}"
        assert "H" in sample.attrs["d"]
    assert len({dashes for _, _, dashes in view.INKS}) == len(view.INKS) == NAMED
    assert "more" not in found.text


def test_an_instance_without_a_number_has_no_name() -> None:
    found = chart(accounts({"a-1": [None, None], "a-2": [1, ...]}))
    assert [text.text for text in tagged(found, "text") if text.text.startswith("a-")] == ["a-2"]


def test_of_the_others_the_range_is_drawn_in_grey() -> None:
    found = chart(accounts({f"a-{i}": [i, i * 2] for i in range(20)}), 2)
    [text] = [text for text in tagged(found, "text") if "more" in text.text]
    assert text.text == "12 more"
    assert text.name == "12 more: from 16 to 38"
    assert len({path.attrs["d"] for path in found.all(look="ddd-band") if "z" in path.attrs["d"]}) == 1
    assert len(held(found)) == 1


def test_the_instance_that_the_step_changed_is_named_too() -> None:
    domain = accounts({f"a-{i}": [i, i * 2] for i in range(20)})
    step = next(entry.step for entry in domain.journal.of(kind="changed") if entry.id == "a-15")
    found = chart(domain, step)
    assert "a-15" in [text.text for text in tagged(found, "text")]
    assert held(found)[-1] == "15"
    assert "a-16" not in [text.text for text in tagged(found, "text")]
    assert "a-15" not in [text.text for text in tagged(chart(domain, step + 1), "text")]


def test_texts_do_not_overlap_in_the_room_they_are_made_for() -> None:
    domain = accounts({f"an-account-{i}": [5, 5.0001 * i, 7] for i in range(NAMED)})
    found = chart(domain, width=400)
    for group in (found.all(look="ddd-held"),
                  [text for text in tagged(found, "text") if text.text.startswith("an-")]):  # fmt: skip
        heights = sorted(float(text.attrs["y"]) for text in group)
        assert len(heights) == NAMED
        assert min(b - a for a, b in pairwise(heights)) >= 13.9
        assert heights[-1] < 220


def test_names_of_cells_do_not_overlap() -> None:
    found = read(view.line_chart(busy(1000), "Stock", "left", 500, width=400))
    plot = next(each for each in found.all(look="ddd-plot"))
    room = 400 - sum(
        float(svg.attrs["width"]) for svg in tagged(found, "svg") if svg.attrs.get("width", "%")[-1] != "%"
    )
    names = [text for text in plot.all(look="ddd-faint") if text.tag == "text" and text.text.startswith("In")]
    assert len(names) > 3
    for one, other in pairwise(names):
        end = across(one) / 100 * room + text_width(one.text, 11)
        assert end < across(other) / 100 * room


@pytest.mark.parametrize(
    "history",
    [
        [7],
        [5, 5, 5],
        [-5, -1, -7.25, 3],
        [1, None, 3, None, None, 5, ...],
        [1e300, -1e300, 3e299],
        [1e-9, 2e-9],
        [1e301, 4],
        [0, 0],
        [12345678, 12345999],
    ],
)
def test_whatever_the_numbers_everything_is_in_its_place(history: list[Any]) -> None:
    domain = accounts({"a": history})
    for step in range(domain.journal.last_step + 1):
        found = chart(domain, step, height=180)
        for each in found:
            for key in ("cy", "y1", "y2"):
                assert 0 <= float(each.attrs.get(key, 0)) <= 180
            for key in ("cx", "x1", "x2"):
                value = each.attrs.get(key, "0")
                assert 0 <= float(value.removesuffix("%")) <= 100
        for number in re.findall(r"[MHV ]([-\d.e+]+)", " ".join(p.attrs["d"] for p in tagged(found, "path"))):
            assert math.isfinite(float(number))


# Reading and speed


def test_a_step_makes_no_drawing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    domain = made_busy(300)
    read(view.line_chart(domain, "Stock", "left", 100))
    drawn: list[int] = []
    whole = view.draw
    monkeypatch.setattr(view, "draw", lambda *given: drawn.append(1) or whole(*given))
    read(view.line_chart(domain, "Stock", "left", 101))
    assert drawn == []
    domain.repository_for("Stock").add(domain.registry.elements["Stock"].cls(id="s-new"))
    assert "s-new" in read(view.line_chart(domain, "Stock", "left", 101)).text
    assert drawn == [1]


def test_its_size_does_not_grow_with_the_journal() -> None:
    for instances in (1, 5, 40):
        assert len(str(view.chart_pane(busy(3000, instances), None, 1500))) < 90_000


# Looks


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_names_and_values_can_be_read_on_both_grounds() -> None:
    for on_light, on_dark, _ in view.INKS:
        assert contrast(on_light, LIGHT.paper) > 4.5
        assert contrast(on_light, LIGHT.panel) > 4.5
        assert contrast(on_dark, DARK.paper) > 4.5
        assert contrast(on_dark, "#212121") > 4.5


def test_every_rule_keeps_to_the_kits_own_elements() -> None:
    for selector in re.findall(r"([^{}]+)\{", view.STYLE):
        assert all(
            part.strip().startswith((".ddd", "[data-jp", ".vscode", "html[")) for part in selector.split(",")
        )
        assert ".ddd" in selector


@pytest.mark.parametrize("payload", [*PAYLOADS, LONG])
def test_what_looks_like_markup_is_text(payload: str) -> None:
    identity = payload.encode(errors="replace").decode()
    found = chart(accounts({identity: [1, 2], "b": [3]}, cell=payload))
    beginning = re.search(r"\w{1,8}", payload)
    assert beginning
    said = found.text + "".join(each.text for each in tagged(found, "title"))
    assert said.count(beginning[0]) >= 3
    widths = [
        float(svg.attrs["width"]) for svg in tagged(found, "svg") if svg.attrs.get("width", "%")[-1] != "%"
    ]
    assert max(widths) < 190


def test_long_names_leave_room_for_the_lines() -> None:
    domain = Domain(name="Long")
    made = domain.aggregate(
        type(LONG, (), {"__annotations__": {"f" * 60: int}, "f" * 60: Integer(default=3)})
    )
    domain.repository_for(made).add(made(id="x" * 60))
    found = pane(domain)
    assert tagged(found, "option")[0].text == f"{LONG}.{'f' * 60}"
    [name] = [text for text in tagged(found, "text") if text.text.startswith("xx")]
    assert name.text.endswith("…")
    assert name.name == "x" * 60
