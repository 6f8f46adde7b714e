"""The map: what it shows, that it can be read, and that nothing in it can do harm."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from contextlib import suppress
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ddd_kit import Domain, handle
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.fields import String
from ddd_kit.views.layout.curves import sampled
from ddd_kit.views.layout.labels import Occupied, overlap
from ddd_kit.views.layout.routes import Box
from ddd_kit.views.mapping import arrange, cards
from ddd_kit.views.mapping.legend import legend_lines
from ddd_kit.views.mapping.sketch import sketch
from ddd_kit.views.palette import DARK, LIGHT, STYLES
from ddd_kit.views.text_width import text_width
from markup_reader import PAYLOADS
from shops import LONG, MODELS, chained, long_names, seed, ship_by_command, troubled

SVG = "{http://www.w3.org/2000/svg}"
all_models = pytest.mark.parametrize("model", MODELS)

WITHOUT_HEAVY_LIBRARIES = """
import sys
from importlib.abc import MetaPathFinder

class Missing(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] in ("pandas", "numpy", "matplotlib"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
import seed_model
for cell in seed_model.SESSION:
    exec(cell, vars(seed_model))
picture = seed_model.domain.map()
assert "ManageInventory" in picture.svg and picture.to_html() and picture.to_text()
assert len(seed_model.domain.graph()) == 9
"""


def nodes(svg: str) -> dict[str, ET.Element]:
    """The groups of the nodes, by the name of their elements."""
    groups = ET.fromstring(svg).iter(f"{SVG}g")
    return {group.attrib["data-element"]: group for group in groups if "data-element" in group.attrib}


def texts(element: ET.Element) -> list[str]:
    return [text.text or "" for text in element.iter(f"{SVG}text")]


def words(svg: str) -> str:
    return " ".join(texts(ET.fromstring(svg)))


def states(element: ET.Element) -> set[str]:
    return set(element.attrib.get("class", "").split())


# Form


@all_models
def test_both_pictures_are_well_formed_and_name_themselves_to_screen_readers(model: str) -> None:
    picture = MODELS[model]().map()
    for svg in (picture.svg, picture.dark_svg):
        root = ET.fromstring(svg)
        assert root.attrib["role"] == "img"
        assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]


@all_models
def test_the_same_model_always_gives_the_same_picture(model: str) -> None:
    domain = MODELS[model]()
    first = domain.map()
    arrange._remembered.cache_clear()
    assert domain.map() == first


@all_models
def test_it_asks_nothing_of_other_hosts(model: str) -> None:
    picture = MODELS[model]().map()
    assert not re.search(r"(?<!xmlns=\")https?:|url\(|@import|href", picture.svg + picture.dark_svg)


@all_models
def test_no_text_is_smaller_than_11_px(model: str) -> None:
    sizes = [float(size) for size in re.findall(r"([\d.]+)px", MODELS[model]().map().svg)]
    assert min(sizes) >= 11


@all_models
def test_no_node_overlaps_another_node_or_leaves_the_picture(model: str) -> None:
    drawn = sketch(MODELS[model]())
    assert not [pair for pair in combinations([node.box for node in drawn.nodes], 2) if overlap(*pair)]
    assert all(node.box.right <= drawn.width and node.box.bottom <= drawn.height for node in drawn.nodes)


@all_models
def test_every_text_of_a_node_is_inside_it(model: str) -> None:
    for group in nodes(MODELS[model]().map().svg).values():
        box = group.find(f"{SVG}rect")
        assert box is not None
        for text in group.iter(f"{SVG}text"):
            bold = text.attrib.get("class") == "label"
            width = text_width(text.text or "", 13 if bold else 11, bold)
            assert float(text.attrib["x"]) + width <= float(box.attrib["width"]) - 5
            assert 11 <= float(text.attrib["y"]) <= float(box.attrib["height"]) - 5


@all_models
def test_no_count_stands_on_a_line_a_node_or_another_count(model: str) -> None:
    drawn = sketch(MODELS[model]())
    taken = Occupied(node.box for node in drawn.nodes)
    for arrow in drawn.arrows:
        taken.take_line(sampled(arrow.pieces))
    for arrow in drawn.arrows:
        if arrow.label is not None:
            assert taken.is_free(arrow.label)
            taken.take(arrow.label)


def test_the_counts_of_the_seed_model_all_have_room() -> None:
    shop = seed()
    ship_by_command(shop)
    assert all(arrow.label for arrow in sketch(shop.domain).arrows if arrow.count)


@pytest.mark.parametrize("streams", [False, True], ids=["plain", "streams"])
def test_numbers_that_grow_get_the_room_that_they_need(streams: bool) -> None:
    shop = seed()
    for _ in range(120):
        ship_by_command(shop)
    arrows = [arrow for arrow in sketch(shop.domain, streams=streams).arrows if arrow.count]
    assert max(arrow.count for arrow in arrows) > 100
    assert all(arrow.label for arrow in arrows)


def test_numbers_that_grow_do_not_make_it_another_picture() -> None:
    """A flow that just fits stays one when its columns move apart."""
    kinds = {name: "event" if i % 2 else "aggregate" for i, name in enumerate("abcdefgh")}
    sizes = {name + end: (132.0, 40.0) for name in kinds for end in ("", arrange.AGAIN)}
    edges = list(pairwise(kinds))
    narrow, wide = (arrange.arranged(kinds, sizes, edges, gap) for gap in (0, 60))
    assert narrow.width <= arrange.WIDEST < wide.width
    assert len({box.x for box in wide.boxes.values()}) == len(kinds)


@all_models
def test_legend_and_notes_are_inside_the_picture(model: str) -> None:
    root = ET.fromstring(MODELS[model]().map().svg)
    faint = [text for text in root.iter(f"{SVG}text") if text.attrib.get("class") == "faint"]
    assert faint
    for text in faint:
        assert float(text.attrib["x"]) + text_width(text.text or "", 11) <= float(root.attrib["width"]) - 13


def test_a_legend_that_is_wider_than_the_map_gets_more_lines() -> None:
    lines = list(legend_lines(sketch(troubled()), 200))
    assert len(lines) > 2
    assert all(line[-1].right <= 200 for line in lines)


def test_a_name_of_60_characters_is_shortened_and_its_tooltip_has_all_of_it() -> None:
    node = nodes(long_names().map().svg)[LONG]
    title = node.find(f"{SVG}title")
    assert texts(node)[0].endswith("…")
    assert title is not None
    assert LONG in (title.text or "")


def test_the_map_of_100_elements_is_drawn_in_200_ms() -> None:
    domain = chained(100, run=True)
    durations = []
    for _ in range(5):
        arrange._remembered.cache_clear()
        start = time.process_time()
        domain.map()
        durations.append(time.process_time() - start)
    assert min(durations) < 0.2


def test_a_flow_that_is_too_wide_gets_a_column_for_each_kind() -> None:
    drawn = sketch(chained(30))
    assert drawn.width <= 1280
    assert len({node.box.x for node in drawn.nodes}) == 5


def test_what_handlers_change_is_then_drawn_again_on_the_right() -> None:
    drawn = sketch(chained(30))
    again = [node for node in drawn.nodes if node.again]
    assert [node.card.name for node in again] == [f"Aggregate{i}" for i in range(1, 6)]
    assert min(node.box.x for node in again) > max(node.box.x for node in drawn.nodes if not node.again)


@pytest.mark.parametrize("ground", [LIGHT, DARK], ids=["light", "dark"])
def test_words_have_the_contrast_that_wcag_asks_for(ground: Any) -> None:
    inks = [style.dark if ground is DARK else style.light for style in STYLES.values()]
    on_nodes = [(ground.text, ink.fill) for ink in inks] + [(ground.bad, ink.fill) for ink in inks]
    on_paper = [(word, ground.paper) for word in (ground.text, ground.faint, ground.accent, ground.bad)]
    assert min(contrast(*pair) for pair in on_nodes + on_paper) >= 4.5


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.1."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# Content


def test_every_event_names_its_category_and_every_handler_the_one_it_listens_to() -> None:
    drawn = nodes(seed().domain.map().svg)
    assert "stream order" in texts(drawn["OrderShipped"])
    assert "stream notification" in texts(drawn["NotificationSent"])
    assert "stream manage_order" in texts(drawn["ShipOrder"])
    assert "listens to order" in texts(drawn["ManageInventory"])
    assert "only from manage_order" in texts(drawn["EmailNotifications"])


def test_the_path_of_the_newest_chain_is_marked_and_nothing_else() -> None:
    drawn = nodes(seed().domain.map().svg)
    marked = {name for name, group in drawn.items() if "on" in states(group)}
    assert marked == {"Order", "OrderShipped", "ManageInventory", "Inventory"}


def test_a_skipped_handler_is_dashed_with_its_reason() -> None:
    picture = seed().domain.map()
    node = nodes(picture.svg)["EmailNotifications"]
    assert "skipped" in states(node)
    assert re.search(r"\.skipped \.card\{stroke-dasharray", picture.svg)
    assert "skipped: came from plain code, not from manage_order" in " ".join(texts(node))


def test_the_reason_names_the_category_that_the_command_was_on() -> None:
    shop = seed()

    @shop.domain.event_handler(part_of=shop.Notification, stream_category="order", source_stream="web")
    class FromWeb:
        @handle("OrderShipped")
        def note(self, event: Any) -> None: ...

    ship_by_command(shop)
    node = nodes(shop.domain.map().svg)["FromWeb"]
    assert "skipped: came from manage_order, not from web" in " ".join(texts(node))


def test_a_failed_handler_is_red_with_its_error() -> None:
    picture = troubled().map()
    node = nodes(picture.svg)["Billing"]
    assert "failed" in states(node)
    assert f".failed .card{{stroke:{LIGHT.bad}" in picture.svg
    assert "failed: ValueError: no paper" in " ".join(texts(node))


def test_a_handler_on_the_wrong_stream_says_so() -> None:
    said = " ".join(texts(nodes(troubled().map().svg)["WrongStream"]))
    assert "skipped: the event is on order, not on invoice" in said


def test_a_retired_element_is_marked() -> None:
    node = nodes(troubled().map().svg)["OldOne"]
    assert "retired" in states(node)
    assert "no cell defines it" in texts(node)


def test_an_unknown_aggregate_and_an_unhandled_command_are_told() -> None:
    drawn = nodes(troubled().map().svg)
    assert "part_of 'Oder': did you mean 'Order'?" in texts(drawn["Lost"])
    assert "nobody handles it" in texts(drawn["PayOrder"])


def test_a_command_that_failed_says_what_became_of_it_in_other_steps() -> None:
    shop = seed()
    ship_by_command(shop)
    with suppress(Exception):
        shop.domain.process(shop.ShipOrder(order_id="nobody's"))
    group = nodes(shop.domain.map(3).svg)["ShipOrder"]
    assert "failed" in " ".join(texts(nodes(shop.domain.map().svg)["ShipOrder"]))
    assert not states(group) & {"failed"}
    assert "not run yet" not in texts(group)
    ship_by_command(shop)
    told = " ".join(texts(nodes(shop.domain.map().svg)["ShipOrder"]))
    assert "ran 2\N{MULTIPLICATION SIGN}, failed 1\N{MULTIPLICATION SIGN}" in told


def test_a_rejected_aggregate_is_red() -> None:
    shop = seed(run=False)
    with pytest.raises(Exception, match="quantity"):
        shop.Order(book_id=1, quantity="many", total_amount=1)
    assert "failed" in states(nodes(shop.domain.map().svg)["Order"])


def test_an_aggregate_that_refused_says_so_in_other_steps() -> None:
    shop = seed()
    for _ in range(2):
        with suppress(Exception):
            shop.Order(book_id=1, quantity="many", total_amount=1)
    ship_by_command(shop)
    assert "rejected 2\N{MULTIPLICATION SIGN}" in texts(nodes(shop.domain.map().svg)["Order"])


def test_arrows_carry_how_often_it_happened() -> None:
    shop = seed()
    ship_by_command(shop)
    assert "2\N{MULTIPLICATION SIGN}" in words(shop.domain.map().svg)


def test_arrows_count_up_to_the_step() -> None:
    shop = seed()
    shipped = shop.domain.journal.last_step
    ship_by_command(shop)
    counts = {(a.source, a.target): a.count for a in sketch(shop.domain, shipped).arrows}
    assert counts["OrderShipped", "ManageInventory"] == 1
    assert counts["ShipOrder", "Order"] == 0


def test_what_an_element_is_part_of_is_not_drawn_where_more_is_known() -> None:
    """`Confirm` changes the aggregate that it is part of; `FromWeb` would only lead back to its own."""
    ends = [(arrow.source, arrow.target) for arrow in sketch(troubled()).arrows]
    assert ("Confirm", "Order") in ends
    assert ("FromWeb", "Order") not in ends
    assert ("Billing", "Invoice") in ends


def test_the_arrow_to_a_handler_on_the_wrong_stream_is_dashed_before_anything_happened() -> None:
    states_of = {(a.source, a.target): a.state for a in sketch(troubled(), 0).arrows}
    assert states_of["OrderPaid", "WrongStream"] == "skipped"
    assert states_of["OrderPaid", "FromWeb"] == "idle"


def test_a_handler_of_very_many_kinds_of_event_has_no_arrows_and_says_so() -> None:
    domain = chained(30)

    @domain.event_handler(stream_category="$all")
    class AuditLog:
        @handle("$any")
        def note(self, event: Any) -> None: ...

    drawn = sketch(domain)
    assert "12 kinds of event, no arrows" in texts(nodes(domain.map().svg)["AuditLog"])
    assert not [arrow for arrow in drawn.arrows if arrow.target == "AuditLog"]


def test_what_is_drawn_again_is_marked_only_where_its_handler_ran() -> None:
    domain = chained(30)
    first = domain.registry.elements["Aggregate3"].cls()
    domain.repository_for("Aggregate3").add(first)
    marked = [node.again for node in sketch(domain).nodes if node.state == "on"]
    assert marked == [False]


def test_the_legend_shows_only_what_is_there() -> None:
    domain = Domain(name="Small")
    domain.aggregate(type("Order", (), {}))
    shown = words(domain.map().svg)
    assert "aggregate" in shown
    assert not any(word in shown for word in ("event", "command", "skipped", "failed"))


def test_an_empty_domain_says_what_to_do() -> None:
    picture = Domain(name="Empty").map()
    assert "No elements yet" in words(picture.svg)
    assert "No elements yet" in picture.to_text()


# Steps


def test_a_step_shows_its_path_and_the_counts_up_to_it() -> None:
    domain = seed().domain
    added = next(entry.step for entry in domain.journal if entry.kind == "changed")
    drawn = nodes(domain.map(added).svg)
    assert {name for name, group in drawn.items() if "on" in states(group)} == {"Order"}
    assert "0 instances" in texts(drawn["Inventory"])


def test_the_path_of_a_step_ends_with_it() -> None:
    domain = seed().domain
    ran = domain.journal.of(kind="handled")[0].step
    drawn = nodes(domain.map(ran).svg)
    marked = {name for name, group in drawn.items() if "on" in states(group)}
    assert marked == {"Order", "OrderShipped", "ManageInventory"}


def test_a_step_back_moves_nothing() -> None:
    shop = seed()
    ship_by_command(shop)
    for _ in range(10):
        shop.domain.repository_for(shop.Order).add(shop.Order(book_id=1, quantity=1, total_amount=1))
    boxes: set[tuple[Box, ...]] = set()
    for step in range(shop.domain.journal.last_step + 1):
        boxes.add(tuple(node.box for node in sketch(shop.domain, step).nodes))
    assert len(boxes) == 1


def test_a_rejection_and_a_failed_command_move_nothing() -> None:
    """The room for their reasons is there before they happen, as seen from later steps."""
    shop = seed()
    for quantity in ("many", "very many"):
        with suppress(Exception):
            shop.Order(book_id=1, quantity=quantity, total_amount=1)
    with suppress(Exception):
        shop.domain.process(shop.ShipOrder(order_id="nobody's"))
    boxes = {
        tuple(node.box for node in sketch(shop.domain, step).nodes)
        for step in range(shop.domain.journal.last_step + 1)
    }
    assert len(boxes) == 1


def test_a_step_back_moves_no_count() -> None:
    shop = seed()
    for _ in range(12):
        ship_by_command(shop)
    labels: dict[tuple[str, str], set[Box | None]] = {}
    for step in range(0, shop.domain.journal.last_step, 5):
        for arrow in sketch(shop.domain, step).arrows:
            labels.setdefault((arrow.source, arrow.target), set()).add(arrow.label)
    assert all(len(places) == 1 for places in labels.values())


def test_what_never_happened_has_no_count() -> None:
    assert "0\N{MULTIPLICATION SIGN}" not in words(seed().domain.map(0).svg)


def test_a_node_keeps_its_width_while_it_counts() -> None:
    domain = Domain(name="Small")
    aggregate = domain.aggregate(type("A", (), {}))
    before = sketch(domain).nodes[0].box
    for _ in range(1000):
        domain.repository_for(aggregate).add(aggregate())
    assert sketch(domain).nodes[0].box == before


def test_it_keeps_its_width_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "MANY", {})
    monkeypatch.setattr(cards, "NARROWEST", 10.0)
    cards._written.cache_clear()
    domain = Domain(name="Small")
    aggregate = domain.aggregate(type("A", (), {}))
    for _ in range(12):
        domain.repository_for(aggregate).add(aggregate())
    assert sketch(domain, 3).nodes[0].box == sketch(domain).nodes[0].box
    cards._written.cache_clear()


def test_before_the_first_step_nothing_is_marked() -> None:
    drawn = nodes(seed().domain.map(0).svg)
    assert not any(states(group) & {"on", "skipped", "failed"} for group in drawn.values())


def folded() -> Any:
    shop = seed()
    shop.domain.config["journal_limit"] = 10
    for _ in range(5):
        ship_by_command(shop)
    assert shop.domain.journal.first_step > 1
    return shop.domain


def test_before_the_first_step_that_is_kept_is_what_was_there_by_then() -> None:
    domain = folded()
    drawn = nodes(domain.map(domain.journal.first_step - 1).svg)
    assert not any(states(group) & {"on", "skipped", "failed"} for group in drawn.values())
    assert "1 instance" in texts(drawn["Inventory"])


def test_a_step_that_is_not_kept_is_refused() -> None:
    with pytest.raises(IncorrectUsageError, match=r"There is no step 1: .*older ones are folded"):
        folded().map(1)


def test_a_step_that_there_is_not_is_refused() -> None:
    with pytest.raises(IncorrectUsageError, match="There is no step 99"):
        seed().domain.map(99)


# Words


def test_the_text_has_every_element_and_the_reason() -> None:
    picture = seed().domain.map()
    for word in ("ShipOrder", "ManageInventory -> Inventory", "skipped: came from plain code"):
        assert word in repr(picture)


@all_models
def test_the_text_names_every_element_once_in_a_line_of_its_own(model: str) -> None:
    domain = MODELS[model]()
    lines = domain.map().to_text().splitlines()
    for name in domain.registry.elements:
        if "handler" not in domain.registry.elements[name].kind.value:
            assert len([line for line in lines if re.search(rf"[▶■●] {name}( |$)", line)]) == 1


# Harm


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_looks_like_markup_is_text(payload: str) -> None:
    name = payload.replace("\x00", "").replace("\ud800", "")  # Python refuses them in names
    domain = troubled(error=payload, doc=name, name=f"Shop {name[:40]}")
    domain.aggregate(type(name, (), {"__doc__": name}))
    domain.event_handler(stream_category=payload, source_stream=payload)(type("Listener", (), {}))
    picture = domain.map()
    like_it = troubled(name="Shop")
    like_it.aggregate(type("Plain", (), {}))
    like_it.event_handler(stream_category="plain", source_stream="plain")(type("Listener", (), {}))
    harmless = like_it.map()
    for svg in (picture.svg, picture.dark_svg):
        assert {element.tag for element in ET.fromstring(svg).iter()} == {
            element.tag for element in ET.fromstring(harmless.svg).iter()
        }
        assert "onerror" not in {key for element in ET.fromstring(svg).iter() for key in element.attrib}
    assert picture.to_html().count("<") == harmless.to_html().count("<")
    assert picture.to_text().encode()


def test_it_works_where_pandas_numpy_and_matplotlib_are_missing() -> None:
    tests = Path(__file__).parents[1]
    command = [sys.executable, "-c", WITHOUT_HEAVY_LIBRARIES]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(tests)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_in_columns_what_only_handlers_lead_to_is_drawn_once_on_the_right() -> None:
    kinds = {
        "Order": "aggregate",
        "Mail": "aggregate",
        "Stock": "aggregate",
        "OrderShipped": "event",
        "StockDepleted": "event",
        "Notify": "event handler",
        "TakeOut": "event handler",
    }
    sizes = dict.fromkeys([name + end for name in kinds for end in ("", arrange.AGAIN)], (300.0, 40.0))
    edges = [
        ("Order", "OrderShipped"),
        ("OrderShipped", "Notify"),
        ("OrderShipped", "TakeOut"),
        ("Notify", "Mail"),
        ("TakeOut", "Stock"),
        ("Stock", "StockDepleted"),
    ]
    boxes = arrange.arranged(kinds, sizes, edges).boxes
    assert set(boxes) - set(kinds) == {"Stock" + arrange.AGAIN}
    assert boxes["Mail"].x == boxes["Stock" + arrange.AGAIN].x > boxes["Notify"].x


def test_a_count_below_the_lowest_arrow_stands_on_the_map() -> None:
    """A handler that changes the aggregate whose event it heard: the arrow goes back below the others."""
    domain = Domain(name="Library")

    @domain.event(part_of="Loan")
    class BookReturned:
        book = String(required=True)

    @domain.aggregate
    class Loan:
        book = String(required=True)

        def give_back(self):
            self.raise_(BookReturned(book=self.book))

    @domain.event_handler(part_of=Loan)
    class HandOutToTheNext:
        @handle(BookReturned)
        def hand_out(self, event):
            domain.repository_for(Loan).add(Loan(book=event.book))

    loan = Loan(book="Dune")
    loan.give_back()
    domain.repository_for(Loan).add(loan)
    drawn = sketch(domain)
    labels = [arrow.label for arrow in drawn.arrows if arrow.label]
    assert len(labels) == 3
    assert all(box.y + box.height <= drawn.height for box in labels)
