"""The map with streams as nodes of their own, between messages and those who take them."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from matplotlib.figure import Figure

from ddd_kit import Domain, handle
from ddd_kit.views.layout.labels import overlap
from ddd_kit.views.mapping.live_map import live_map
from ddd_kit.views.mapping.sketch import Arrow, Sketch, count_text, sketch
from ddd_kit.views.text_width import text_width
from shops import MODELS, chained, seed, ship_by_command, troubled

all_models = pytest.mark.parametrize("model", MODELS)


def drawn(domain: Any, step: int | None = None) -> Sketch:
    return sketch(domain, step, streams=True)


def called(made: Sketch, name: str) -> str:
    """The name of an element; of a stream that and what is on it, as `order: 2 events`."""
    card = next(node.card for node in made.nodes if node.card.name == name)
    return f"{card.label}: {card.lines[0]}" if card.kind == "stream" else name


def arrows(made: Sketch) -> dict[tuple[str, str], Arrow]:
    """The arrows by what their ends are called, without the numbers on streams."""
    return {
        (called(made, a.source).split(": ")[0], called(made, a.target).split(": ")[0]): a for a in made.arrows
    }


def streams(made: Sketch) -> dict[str, str]:
    """The states of the streams."""
    return {called(made, n.card.name): n.state for n in made.nodes if n.card.kind == "stream"}


def clicks(svg: str, act: str) -> list[str]:
    return [g.attrib["data-arg"] for g in ET.fromstring(svg).iter("g") if g.attrib.get("data-act") == act]


def test_events_lead_to_their_stream_and_it_to_those_who_listen() -> None:
    made = arrows(drawn(seed().domain))
    assert ("OrderShipped", "order") in made
    assert ("order", "ManageInventory") in made
    assert ("OrderShipped", "ManageInventory") not in made


def test_commands_lead_to_their_stream_and_it_to_the_aggregate() -> None:
    made = arrows(drawn(seed().domain))
    assert ("ShipOrder", "manage_order") in made
    assert ("manage_order", "Order") in made
    assert ("ShipOrder", "Order") not in made


def test_commands_and_events_of_one_category_are_on_two_streams() -> None:
    made = drawn(troubled())
    assert set(streams(made)) == {"order: 1 event", "order: 0 commands", "invoice: 0 events"}


def test_without_the_switch_there_are_no_streams() -> None:
    assert not [node for node in sketch(seed().domain).nodes if node.card.kind == "stream"]


def test_a_handler_says_what_source_it_wants_as_without_streams() -> None:
    cards = {node.card.name: node.card for node in drawn(seed().domain).nodes}
    assert "only from manage_order" in cards["EmailNotifications"].lines


def test_the_path_leads_through_the_stream() -> None:
    made = drawn(seed().domain)
    assert streams(made)["order: 1 event"] == "on"
    assert streams(made)["manage_order: 0 commands"] == "plain"
    states = {ends: arrow.state for ends, arrow in arrows(made).items()}
    assert {ends for ends, state in states.items() if state == "on"} == {
        ("Order", "OrderShipped"),
        ("OrderShipped", "order"),
        ("order", "ManageInventory"),
        ("ManageInventory", "Inventory"),
    }


def test_the_path_of_a_command_leads_through_its_stream() -> None:
    shop = seed()
    ship_by_command(shop)
    made = drawn(shop.domain)
    states = {ends: arrow.state for ends, arrow in arrows(made).items()}
    assert states["ShipOrder", "manage_order"] == states["manage_order", "Order"] == "on"
    assert streams(made)["manage_order: 1 command"] == "on"


def test_the_arrow_from_the_stream_to_a_skipped_handler_is_dashed() -> None:
    made = drawn(seed().domain)
    arrow = arrows(made)["order", "EmailNotifications"]
    assert arrow.state == "skipped"
    assert "skipped: came from plain code, not from manage_order" in arrow.title
    card = next(node.card for node in made.nodes if node.card.name == "EmailNotifications")
    assert "skipped: came from plain code," in card.status


def test_the_arrow_from_the_stream_to_a_failed_handler_is_red() -> None:
    arrow = arrows(drawn(troubled()))["order", "Billing"]
    assert arrow.state == "failed"
    assert "failed: ValueError: no paper" in arrow.title


def test_a_handler_on_the_wrong_stream_hangs_on_its_own_and_is_dashed_from_the_other() -> None:
    made = arrows(drawn(troubled()))
    assert made["order", "WrongStream"].state == "skipped"
    assert made["invoice", "WrongStream"].state == "idle"


def test_a_stream_that_nothing_is_on_is_there_where_somebody_listens_to_it() -> None:
    domain = Domain(name="Typo")
    domain.aggregate(type("Order", (), {}))
    domain.event(part_of="Order")(type("OrderShipped", (), {}))
    domain.event_handler(stream_category="oder")(type("Listener", (), {}))
    made = drawn(domain)
    assert "oder: 0 events" in streams(made)
    assert ("oder", "Listener") in arrows(made)


def test_numbers_are_those_of_all_that_went_the_same_way() -> None:
    shop = seed()
    ship_by_command(shop)
    ship_by_command(shop)
    made = drawn(shop.domain)
    assert arrows(made)["order", "ManageInventory"].count == 3
    assert arrows(made)["OrderShipped", "order"].count == 3
    assert arrows(made)["ShipOrder", "manage_order"].count == 2
    assert {"order: 3 events", "manage_order: 2 commands"} <= set(streams(made))


def test_a_step_back_counts_less_and_moves_nothing() -> None:
    shop = seed()
    ship_by_command(shop)
    boxes = {
        tuple(n.box for n in drawn(shop.domain, s).nodes) for s in range(shop.domain.journal.last_step + 1)
    }
    assert len(boxes) == 1
    assert "order: 0 events" in streams(drawn(shop.domain, 0))


def test_a_handler_of_every_stream_has_an_arrow_from_each_that_it_hears() -> None:
    domain = chained(10)

    @domain.event_handler(stream_category="$all")
    class AuditLog:
        @handle("$any")
        def note(self, event: Any) -> None: ...

    made = arrows(drawn(domain))
    assert {source for source, target in made if target == "AuditLog"} == {"aggregate0", "aggregate1"}


def test_a_handler_of_very_many_streams_has_no_arrows_and_says_so() -> None:
    domain = chained(40)

    @domain.event_handler(stream_category="$all")
    class AuditLog:
        @handle("$any")
        def note(self, event: Any) -> None: ...

    made = drawn(domain)
    assert not [ends for ends in arrows(made) if ends[1] == "AuditLog"]
    assert "8 streams, no arrows" in next(n.card for n in made.nodes if n.card.name == "AuditLog").lines


def test_a_handler_of_many_kinds_of_event_on_one_stream_has_one_arrow() -> None:
    domain = Domain(name="Log")
    domain.aggregate(type("Order", (), {}))
    for number in range(9):
        domain.event(part_of="Order")(type(f"Event{number}", (), {}))
    methods = {"note": handle("$any")(lambda *_: None)}
    domain.event_handler(part_of="Order")(type("AuditLog", (), methods))
    assert [ends for ends in arrows(drawn(domain)) if ends[1] == "AuditLog"] == [("order", "AuditLog")]


def test_an_element_without_a_stream_keeps_its_arrows() -> None:
    domain = Domain(name="Lost")
    domain.aggregate(type("Order", (), {}))
    domain.event(part_of="Oder")(type("OrderShipped", (), {}))
    methods = {"note": handle("OrderShipped")(lambda *_: None)}
    domain.event_handler(part_of="Order")(type("Note", (), methods))
    assert ("OrderShipped", "Note") in arrows(drawn(domain))


def test_an_element_may_be_called_as_a_stream_is() -> None:
    domain = seed().domain
    for name in ("order", "events order", "stream:order"):
        domain.aggregate(type(name, (), {}))
    assert len([node for node in drawn(domain).nodes if not node.again]) == 8 + 3 + 3


def test_there_is_room_for_the_number_of_all_that_went_the_same_way() -> None:
    domain = Domain(name="Log")
    order = domain.aggregate(type("Order", (), {}))
    events = [domain.event(part_of="Order")(type(f"Event{number}", (), {})) for number in range(2)]
    methods = {"note": handle("$any")(lambda *_: None)}
    domain.event_handler(part_of="Order")(type("AuditLog", (), methods))
    for event in events * 6:
        raising = order()
        raising.raise_(event())
        domain.repository_for("Order").add(raising)
    arrow = arrows(drawn(domain))["order", "AuditLog"]
    assert arrow.count == 12
    assert arrow.label is not None
    assert arrow.label.width >= text_width(count_text(12), 11, bold=True)


# Clicks


def test_a_click_on_a_stream_opens_the_streams() -> None:
    svg = live_map(seed().domain, streams=True)
    assert clicks(svg, "left") == ["streams"] * 3
    nodes = [g for g in ET.fromstring(svg).iter("g") if g.attrib.get("data-act") == "left"]
    assert not [node for node in nodes if "aria-pressed" in node.attrib]
    assert "stream order, 1 event, on the path of this step" in {
        node.attrib["aria-label"].partition(", leads")[0] for node in nodes
    }


def test_a_click_on_an_arrow_from_a_stream_asks_about_the_event_of_the_step() -> None:
    domain = troubled()
    domain.event(part_of="Order")(type("OrderSent", (), {}))
    methods = {"on_both": handle("$any")(lambda *_: None)}
    domain.event_handler(part_of="Order")(type("Both", (), methods))
    order = domain.registry.elements["Order"].cls()
    order.raise_(domain.registry.elements["OrderSent"].cls())
    domain.repository_for("Order").add(order)
    svg = live_map(domain, streams=True)
    assert "OrderSent Both" in clicks(svg, "edge")
    assert "OrderPaid Billing" in clicks(svg, "edge")  # the only event that it takes


def test_a_click_on_an_arrow_of_no_event_is_one_on_the_handler() -> None:
    domain = seed().domain
    domain.event_handler(stream_category="oder")(type("Listener", (), {}))
    svg = live_map(domain, streams=True)
    assert clicks(svg, "element").count("Listener") == 2
    assert not [arg for arg in clicks(svg, "edge") if "Listener" in arg]


def test_arrows_to_streams_and_from_commands_cannot_be_clicked() -> None:
    made = drawn(seed().domain)
    asking = {ends for ends, arrow in arrows(made).items() if arrow.asks}
    assert asking == {("order", "ManageInventory"), ("order", "EmailNotifications")}


# Form


def test_each_kind_has_its_column_where_the_flow_is_too_wide() -> None:
    made = drawn(chained(30))
    columns: dict[tuple[str, bool], set[float]] = {}
    for node in made.nodes:
        commands = node.card.kind == "stream" and "command" in node.card.lines[0]
        columns.setdefault((node.card.kind, commands), set()).add(node.box.x)
    order = ["command", "stream", "aggregate", "event", "stream", "event handler"]
    first = [min(columns[kind, place == 1]) for place, kind in enumerate(order)]
    assert first == sorted(first)
    assert len(set(first)) == len(order)


def test_a_stream_is_rounder_than_an_element() -> None:
    svg = ET.fromstring(live_map(seed().domain, streams=True))
    rounds = {
        (g.attrib["data-act"], rect.attrib["rx"])
        for g in svg.iter("g")
        for rect in g.findall("rect[@class='card']")
    }
    assert rounds == {("element", "4"), ("left", "14")}


@all_models
def test_no_node_overlaps_another(model: str) -> None:
    made = drawn(MODELS[model]())
    assert not [pair for pair in combinations([node.box for node in made.nodes], 2) if overlap(*pair)]


@all_models
def test_both_pictures_are_well_formed_and_have_a_colour_for_streams(model: str) -> None:
    picture = MODELS[model]().map(streams=True)
    for svg in (picture.svg, picture.dark_svg):
        ET.fromstring(svg)
        assert (".stream .card{fill:" in svg) == ('class="stream' in svg)
    assert "\x00" not in picture.svg
    assert "\\u0000" not in picture.svg + picture.to_text()


def test_the_description_counts_them() -> None:
    assert "3 streams" in seed().domain.map(streams=True).alt


def test_the_text_has_streams_with_those_who_listen() -> None:
    lines = seed().domain.map(streams=True).to_text().splitlines()
    place = next(i for i, line in enumerate(lines) if re.match(r"\* {2}▰ order +\(1 event\)$", line))
    assert "◆ ManageInventory -> Inventory" in lines[place + 1]
    assert "◇ EmailNotifications" in lines[place + 2]
    assert "● OrderShipped -> order" in "\n".join(lines)
    assert "▶ ShipOrder -> manage_order" in "\n".join(lines)
    assert "▰ manage_order -> Order  (0 commands)" in "\n".join(lines)


@pytest.mark.parametrize("model", ["seed", "troubled", "long names"])
def test_matplotlib_draws_them_too(model: str) -> None:
    domain = MODELS[model]()
    axes = domain.draw(Figure().subplots(), streams=True)
    boxes = {(round(p.get_x()), round(p.get_y())) for p in axes.patches if hasattr(p, "get_boxstyle")}
    assert boxes == {(round(node.box.x), round(node.box.y)) for node in drawn(domain).nodes}
