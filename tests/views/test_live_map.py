"""The map of the workbench: what can be clicked, what is marked, and that nothing in it can do harm."""

from __future__ import annotations

import re
import time
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ddd_kit import Domain, handle
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.views.mapping import arrange, cards, counts, live_map, map_svg, sketch
from ddd_kit.views.mapping.live_map import STYLE, legend_html
from ddd_kit.views.mapping.map_svg import number
from ddd_kit.views.mapping.map_text import EMPTY
from ddd_kit.views.markup import STYLE as PAGE_STYLE
from ddd_kit.views.palette import DARK, LIGHT, STYLES
from markup_reader import PAYLOADS
from shops import LONG, MODELS, chained, long_names, seed, ship_by_command, troubled

all_models = pytest.mark.parametrize("model", MODELS)
with_and_without_streams = pytest.mark.parametrize("streams", [False, True], ids=["plain", "streams"])


def drawn(domain: Any, step: int | None = None, **how: Any) -> ET.Element:
    return ET.fromstring(live_map.live_map(domain, step, **how))


def items(svg: ET.Element, act: str) -> dict[str, ET.Element]:
    """What can be clicked, by the argument of its act; of an element drawn twice the first."""
    groups = [group for group in svg.iter("g") if group.attrib.get("data-act") == act]
    return {group.attrib["data-arg"]: group for group in reversed(groups)}


def label(group: ET.Element) -> str:
    return group.attrib["aria-label"]


def states(group: ET.Element) -> set[str]:
    return set(group.attrib.get("class", "").split())


def words(svg: ET.Element) -> str:
    return " ".join(text.text or "" for text in svg.iter("text"))


def step_of(domain: Any, kind: str) -> int:
    return int(domain.journal.of(kind=kind)[-1].step)


# Form


@all_models
@with_and_without_streams
def test_it_is_well_formed_and_hides_nothing_from_screen_readers(model: str, streams: bool) -> None:
    """An `img` hides what is in it; a group does not."""
    svg = drawn(MODELS[model](), streams=streams)
    assert svg.attrib["role"] == "group"
    assert svg.attrib["aria-label"].startswith("Map of ")


@all_models
@with_and_without_streams
def test_what_can_be_clicked_is_a_button_with_a_name(model: str, streams: bool) -> None:
    groups = [
        group for group in drawn(MODELS[model](), streams=streams).iter("g") if "data-act" in group.attrib
    ]
    for group in groups:
        assert (group.attrib["role"], group.attrib["tabindex"]) == ("button", "-1")
        assert label(group)
        assert group.attrib["data-arg"]


@all_models
@with_and_without_streams
def test_no_button_is_in_another_or_hidden(model: str, streams: bool) -> None:
    for group in drawn(MODELS[model](), streams=streams).iter("g"):
        if group.attrib.get("role") == "button" or group.attrib.get("aria-hidden") == "true":
            assert not [
                inner for inner in group.iter("g") if inner is not group and "data-act" in inner.attrib
            ]


@all_models
def test_every_element_is_there_to_be_clicked(model: str) -> None:
    domain = MODELS[model]()
    shown = {e.name for e in domain.registry.elements.values() if str(e.kind) != "command handler"}
    assert shown <= set(items(drawn(domain), "element"))


@all_models
def test_it_has_no_colours_and_no_style_sheet_of_its_own(model: str) -> None:
    svg = live_map.live_map(MODELS[model]())
    assert "<style" not in svg
    assert "style=" not in svg
    assert not re.search(r"#[0-9a-f]{6}\b", svg)


@all_models
@with_and_without_streams
def test_it_is_the_drawing_of_the_picture(model: str, streams: bool) -> None:
    domain = MODELS[model]()
    live, still = live_map.live_map(domain, streams=streams), domain.map(streams=streams).svg
    for shape in ('class="line" d', 'class="card" width', 'class="head" d'):
        pattern = rf'{shape}="([^"]*)"'
        of_legend = re.findall(r'd="(M[\d.]+ -4H[\d.]+)"', still)
        assert sorted([*re.findall(pattern, live), *(of_legend if "line" in shape else [])]) == sorted(
            re.findall(pattern, still)
        )


@all_models
@with_and_without_streams
def test_everything_is_inside_it(model: str, streams: bool) -> None:
    domain = MODELS[model]()
    svg, made = drawn(domain, streams=streams), sketch.sketch(domain, streams=streams)
    assert float(svg.attrib["width"]) >= made.width + 2 * live_map.RING
    assert svg.attrib["viewBox"] == f"0 0 {svg.attrib['width']} {svg.attrib['height']}"


def test_the_keys_lead_through_the_nodes_column_by_column() -> None:
    svg = drawn(seed().domain)
    places = [
        tuple(map(float, re.findall(r"[\d.]+", group.attrib["transform"])))
        for group in svg.iter("g")
        if group.attrib.get("data-act") == "element"
    ]
    assert places == sorted(places)
    assert len(places) == 8


def test_an_empty_model_says_what_to_do() -> None:
    assert EMPTY in words(drawn(Domain(name="Empty")))


def test_a_step_that_there_is_not_is_refused() -> None:
    with pytest.raises(IncorrectUsageError, match="There is no step 99"):
        live_map.live_map(seed().domain, 99)


# Nodes


def test_a_node_says_what_it_is_and_what_the_step_has_to_do_with_it() -> None:
    nodes = items(drawn(seed().domain), "element")
    assert (
        label(nodes["Order"])
        == "aggregate Order, 1 instance, on the path of this step, leads to OrderShipped"
    )
    assert label(nodes["ShipOrder"]) == (
        "command ShipOrder, stream manage_order, command handler ManageOrder.ship_order, leads to Order"
    )
    assert "skipped: came from plain code, not from manage_order" in label(nodes["EmailNotifications"])


def test_a_failed_handler_says_so() -> None:
    assert "failed: ValueError: no paper" in label(items(drawn(troubled()), "element")["Billing"])


def test_the_label_of_a_long_name_has_all_of_it() -> None:
    assert LONG in label(items(drawn(long_names()), "element")[LONG])


def test_a_node_that_leads_to_many_names_some() -> None:
    nodes = items(drawn(troubled()), "element")
    assert label(nodes["OrderPaid"]).endswith("leads to Billing, Confirm, FromWeb, OldOne and 1 more")


def test_the_chosen_element_is_pressed_and_framed_wherever_it_is_drawn() -> None:
    svg = drawn(chained(30), element="Aggregate3")
    pressed = [group for group in svg.iter("g") if group.attrib.get("aria-pressed") == "true"]
    framed = [group for group in svg.iter("g") if group.find("rect[@class='chosen']") is not None]
    assert [group.attrib["data-arg"] for group in pressed] == ["Aggregate3"] * 2
    assert framed == pressed


def test_no_element_is_chosen_unless_asked_for() -> None:
    svg = drawn(seed().domain)
    assert {group.attrib.get("aria-pressed") for group in items(svg, "element").values()} == {"false"}
    assert "chosen" not in ET.tostring(svg, encoding="unicode")


@pytest.mark.parametrize(
    ("kind", "element"),
    [
        ("changed", "Inventory"),
        ("event", "OrderShipped"),
        ("handled", "ManageInventory"),
        ("skipped", "EmailNotifications"),
        ("defined", "EmailNotifications"),
    ],
)
@with_and_without_streams
def test_the_node_that_a_step_is_about_is_the_one_to_be_shown(kind: str, element: str, streams: bool) -> None:
    domain = seed().domain
    svg = drawn(domain, step_of(domain, kind), streams=streams)
    assert [g.attrib["data-arg"] for g in svg.iter("g") if "data-reveal" in g.attrib] == [element]


def test_a_command_a_rejection_and_an_unheard_event_are_shown_too() -> None:
    shop = seed()
    ship_by_command(shop)
    with pytest.raises(Exception, match="quantity"):
        shop.Order(book_id=1, quantity="many", total_amount=1)
    expected = {"command": "ShipOrder", "rejected": "Order", "unhandled": "NotificationSent"}
    for kind, element in expected.items():
        svg = drawn(shop.domain, step_of(shop.domain, kind))
        assert [g.attrib["data-arg"] for g in svg.iter("g") if "data-reveal" in g.attrib] == [element]


def test_of_an_element_that_is_drawn_twice_the_one_where_the_path_ends_is_shown() -> None:
    domain = chained(30, run=True)
    changed = [e.step for e in domain.journal.of(kind="changed") if e.cause]
    svg = drawn(domain, changed[0])
    shown = [group for group in svg.iter("g") if "data-reveal" in group.attrib]
    assert [states(group) & {"again", "on"} for group in shown] == [{"again", "on"}]


def test_before_the_first_step_nothing_is_marked() -> None:
    svg = drawn(seed().domain, 0)
    assert not any(states(group) & {"on", "skipped", "failed"} for group in svg.iter("g"))
    assert not [group for group in svg.iter("g") if "data-reveal" in group.attrib]


# Arrows


def test_every_arrow_from_an_event_to_a_handler_can_be_clicked_and_no_other() -> None:
    domain = seed().domain
    heard = {f"{u} {v}" for u, v, kind in domain.graph().edges(keys=True) if kind == "heard by"}
    assert set(items(drawn(domain), "edge")) == heard


def test_the_arrow_of_a_skipped_handler_is_dashed_and_says_why() -> None:
    domain = seed().domain
    edge = items(drawn(domain), "edge")["OrderShipped EmailNotifications"]
    assert label(edge) == (
        "OrderShipped → EmailNotifications: skipped: came from plain code, not from manage_order; "
        "heard by, 0 times, skipped 1 time"
    )
    (arrow,) = [a for a in sketch.sketch(domain).arrows if a.asks == ("OrderShipped", "EmailNotifications")]
    assert arrow.state == "skipped"


def test_an_arrow_is_hit_on_twelve_pixels_along_all_of_its_line() -> None:
    svg = live_map.live_map(seed().domain)
    hits = re.findall(r'class="hit" d="([^"]*)"', svg)
    assert len(hits) == 2
    assert set(hits) <= set(re.findall(r'class="line" d="([^"]*)"', svg))
    assert ".ddd .ddd-map .hit{fill:none;stroke:transparent;stroke-width:12;pointer-events:stroke}" in STYLE


def test_what_can_be_clicked_of_arrows_comes_after_all_nodes() -> None:
    acts = [g.attrib["data-act"] for g in drawn(seed().domain).iter("g") if "data-act" in g.attrib]
    assert acts == ["element"] * 8 + ["edge"] * 2


def test_lines_that_only_lead_from_one_to_another_are_not_read_out() -> None:
    """Their nodes say what they lead to."""
    svg = drawn(seed().domain)
    hidden = {line for g in svg.iter("g") if g.attrib.get("aria-hidden") == "true" for line in g.iter("path")}
    lines = [path for path in svg.iter("path") if path.attrib.get("class") in ("line", "head")]
    assert lines
    assert hidden >= set(lines)


# Style


@pytest.mark.parametrize("sheet", [STYLE])
def test_every_rule_keeps_to_the_workbench(sheet: str) -> None:
    for selectors in re.findall(r"([^{}]+)\{[^{}]*\}", sheet):
        for selector in selectors.split(","):
            assert re.match(r"(\S+ )?\.ddd\b", selector.strip()), selector


def test_every_colour_that_is_used_has_a_value_on_light_and_on_dark_pages() -> None:
    used = set(re.findall(r"var\((--ddd-[\w-]+)\)", STYLE))
    bodies = re.findall(r"([^{}]+)\{([^{}]*)\}", STYLE + PAGE_STYLE)
    light = "".join(body for selector, body in bodies if selector == ".ddd")
    dark = "".join(body for selector, body in bodies if ".vscode-dark .ddd" in selector)
    for variable in used:
        assert f"{variable}:" in light
        assert f"{variable}:" in dark + "--ddd-faint:"  # the front end's own, where it has one


def test_the_values_are_those_of_the_pictures() -> None:
    assert f"--ddd-map-command-fill:{STYLES['command'].light.fill};" in STYLE
    assert f"--ddd-map-command-fill:{STYLES['command'].dark.fill};" in STYLE
    assert f"--ddd-map-text:{LIGHT.text};" in STYLE
    assert f"--ddd-map-text:{DARK.text};" in STYLE


def test_focus_and_choice_can_be_seen() -> None:
    assert ":focus-visible>.ring{stroke:var(--ddd-map-focus)" in STYLE
    assert ":focus-visible>.hit{stroke:var(--ddd-map-focus)" in STYLE
    assert ".chosen{fill:none;stroke:var(--ddd-map-text)" in STYLE


# Legend


def test_the_legend_has_the_kinds_and_states_that_are_there_in_words() -> None:
    told = re.sub(r"<[^>]*>", "|", str(legend_html(seed().domain)))
    for word in ("command", "aggregate", "event", "event handler", "step 16, In [6]", "skipped", "not yet"):
        assert f"{word}|" in told
    assert "failed" not in told
    assert "stream|" not in told


def test_the_legend_names_streams_where_they_are_drawn() -> None:
    assert "stream</li>" in str(legend_html(seed().domain, streams=True))


def test_samples_in_the_legend_are_not_read_out() -> None:
    legend = ET.fromstring(str(legend_html(troubled())))
    assert all(sample.attrib["aria-hidden"] == "true" for item in legend for sample in item)
    assert all(len(item) == 1 for item in legend)


def test_the_legend_of_an_empty_model_is_empty() -> None:
    assert len(ET.fromstring(str(legend_html(Domain(name="Empty"))))) == 0


# Harm


@pytest.mark.parametrize("payload", PAYLOADS)
@with_and_without_streams
def test_what_looks_like_markup_is_text(payload: str, streams: bool) -> None:
    name = payload.replace("\x00", "").replace("\ud800", "")  # Python refuses them in names
    domain = troubled(error=payload, doc=name, name=f"Shop {name[:40]}")
    domain.aggregate(type(name, (), {"__doc__": name}))
    domain.event(part_of=name)(type(f"{name} happened", (), {}))
    methods = {"on": handle(f"{name} happened")(lambda *_: None)}
    domain.event_handler(stream_category=payload, source_stream=payload)(type("Listener", (), methods))
    svg = drawn(domain, element=name, streams=streams)
    assert {e.tag for e in svg.iter()} <= {"svg", "desc", "g", "title", "path", "rect", "circle", "text"}
    assert not [
        key for e in svg.iter() for key in e.attrib if key.startswith("on") or key in ("href", "style")
    ]
    assert "<img" not in str(legend_html(domain, streams=streams))
    ET.tostring(svg)


# Speed


def seconds(domain: Any, steps: Any, *, anew: bool = False) -> float:
    """The time that the quickest of some steps takes, or of drawing anew."""
    durations = []
    for step in steps:
        if anew:
            forget_all()
        start = time.process_time()
        live_map.live_map(domain, step)
        legend_html(domain, step)
        durations.append(time.process_time() - start)
    return min(durations)


def forget_all() -> None:
    for remembered in (
        arrange._remembered,
        cards._written,
        counts.placed_lines,
        live_map._node,
        live_map._hit,
    ):
        remembered.cache_clear()
    for remembered in (map_svg.arrow_svg, map_svg._line, map_svg.line_data):
        remembered.cache_clear()
    sketch._latest.clear()


def test_a_step_of_the_bookshop_is_drawn_in_8_ms_at_10_000_entries() -> None:
    shop = seed()
    while shop.domain.journal.last_step < 10_000:
        ship_by_command(shop)
    live_map.live_map(shop.domain)
    assert seconds(shop.domain, range(4000, 9000, 500)) < 0.008


def test_100_elements_are_drawn_in_200_ms_and_a_step_in_60() -> None:
    domain = chained(100, run=True)
    last = domain.journal.last_step
    assert seconds(domain, [last] * 3, anew=True) < 0.2
    assert seconds(domain, range(last - 10, last)) < 0.06


def test_the_same_step_is_worked_out_once_for_all_views() -> None:
    domain = seed().domain
    assert sketch.sketch(domain, 5) is sketch.sketch(domain, 5)


def test_it_is_worked_out_again_when_something_was_saved() -> None:
    domain = seed().domain
    before = sketch.sketch(domain)
    orders = domain.repository_for("Order")
    order = orders.query.first
    order.status = "DELIVERED"
    orders.add(order)
    assert sketch.sketch(domain).trail.step > before.trail.step


@pytest.mark.parametrize(
    "change",
    [
        ship_by_command,
        lambda shop: shop.domain.forget("EmailNotifications"),
        lambda shop: shop.domain.retire("EmailNotifications"),
        lambda shop: shop.domain.reset(),
        lambda shop: shop.domain.aggregate(type("Shelf", (), {})),
    ],
    ids=["entries", "forget", "retire", "reset", "define"],
)
@pytest.mark.parametrize("journal", [True, False], ids=["journal on", "journal off"])
def test_it_is_worked_out_again_when_something_changed(change: Any, journal: bool) -> None:
    shop = seed()
    shop.domain.config["journal"] = journal
    before = sketch.sketch(shop.domain)
    change(shop)
    after = sketch.sketch(shop.domain)
    assert after != before
    sketch._latest.clear()
    assert sketch.sketch(shop.domain) == after


def test_numbers_have_one_decimal_at_most() -> None:
    assert (number(1.25), number(3.0), number(-0.01)) == ("1.2", "3", "0")
