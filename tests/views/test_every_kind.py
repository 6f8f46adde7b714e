"""Elements of every kind: on the map, in the journal, in the panes, on the page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from types import SimpleNamespace

import pytest

from ddd_kit import Domain
from ddd_kit.building_blocks.element import Kind
from ddd_kit.fields import HasMany, ValueObject
from ddd_kit.journal.entry import KINDS
from ddd_kit.journal.story import story
from ddd_kit.journal.tree import SYMBOLS
from ddd_kit.views import tree
from ddd_kit.views.kinds import kinds_of
from ddd_kit.views.mapping import arrange, signs
from ddd_kit.views.mapping.facts import INSIDE, PARTS_LINES, parts_lines
from ddd_kit.views.mapping.graph import graph
from ddd_kit.views.mapping.legend import words
from ddd_kit.views.mapping.live_map import live_map
from ddd_kit.views.mapping.map_svg import svgs
from ddd_kit.views.mapping.sketch import ON, sketch
from ddd_kit.views.page.record import record
from ddd_kit.views.palette import STYLES
from ddd_kit.views.panes import instances
from ddd_kit.views.panes.changes import changes
from ddd_kit.views.panes.concerning import concerning
from ddd_kit.views.panes.look import Look
from ddd_kit.views.panes.timeline import INKS
from ddd_kit.views.panes.workbench import parts
from every_kind import every_kind
from markup_reader import text_of


@pytest.fixture(scope="module")
def shop() -> SimpleNamespace:
    return every_kind()


def test_every_kind_has_its_colours_and_a_symbol_of_its_own() -> None:
    assert {str(kind) for kind in Kind} <= STYLES.keys()
    symbols = [style.symbol for style in STYLES.values()]
    assert len(set(symbols)) == len(symbols)


def test_every_kind_of_entry_has_its_sign_and_its_ink() -> None:
    assert set(KINDS) == SYMBOLS.keys()
    assert set(KINDS) - {"defined"} == INKS.keys()


def test_what_is_on_the_map_has_a_column_and_a_sign(shop: SimpleNamespace) -> None:
    kinds = {node["kind"] for _, node in graph(shop.domain, command_handlers=False).nodes(data=True)}
    assert kinds == {
        *("aggregate", "event", "command", "process manager", "projection", "projector", "query handler"),
        *("subscriber", "other context", "domain service", "application service"),
    }
    assert kinds <= arrange.COLUMNS.keys()
    kinds |= {*INSIDE}
    shapes = {
        (str(signs.corners(kind, 0, 0)), str(signs.bars(kind, 0, 0)), kind in signs.OUTLINED)
        for kind in kinds
    }
    assert len(shapes) == len(kinds)


def test_the_legend_names_what_is_there(shop: SimpleNamespace) -> None:
    told = [word for word, _, _ in words(sketch(shop.domain))]
    assert {"process manager", "projection", "other context"} <= set(told)
    assert {"entity", "value object", "query", "command handler"} <= set(told), "as their signs are on cards"
    assert "repository" not in told


def test_parts_and_event_sourcing_stand_on_the_card_of_their_aggregate(shop: SimpleNamespace) -> None:
    cards = {node.card.name: node.card for node in sketch(shop.domain).nodes}
    assert cards["Order"].lines == ("1 instance", "□ OrderItem, ▫ Money")
    assert cards["Payment"].lines == ("1 instance", "event-sourced")
    assert cards["Fulfilment"].lines[0] == "1 process"
    assert "OrderItem" not in cards


def test_many_parts_take_few_lines() -> None:
    lines = list(parts_lines(", ".join(f"□ Element{number}" for number in range(40))))
    assert len(lines) == PARTS_LINES
    assert re.fullmatch(r"… \d+ more", lines[-1])
    assert list(parts_lines("")) == []


def test_the_arrows_lead_as_the_messages_go(shop: SimpleNamespace) -> None:
    edges = {(u.removeprefix("\0context "), v, kind) for u, v, kind in graph(shop.domain).edges(keys=True)}
    assert {
        ("bank@default", "HearBank", "heard by"),
        ("HearBank", "ConfirmPayment", "issues"),
        ("Fulfilment", "AskForPayment", "issues"),
        ("OrderListProjector", "OrderList", "changes"),
        ("OrderList", "OrderQueries", "read by"),
        ("Ordering", "Order", "changes"),
        ("Discounts", "Payment", "part of"),
        ("PaymentConfirmed", "OrderListProjector", "heard by"),
    } <= edges
    counts = {(u, v): count for u, v, count in graph(shop.domain).edges(data="count")}
    assert counts["\0context bank@default", "HearBank"] == 1
    assert counts["OrderListProjector", "OrderList"] == 2


def test_the_path_of_a_message_from_elsewhere(shop: SimpleNamespace) -> None:
    domain = shop.domain
    step = next(e.step for e in domain.journal if e.kind == "handled" and e.handler == "HearBank")
    on = {node.card.label for node in sketch(domain, step).nodes if node.state == ON}
    assert {"bank", "HearBank"} <= on
    states = {(arrow.source, arrow.target): arrow.state for arrow in sketch(domain, step).arrows}
    assert states["\0context bank@default", "HearBank"] == ON


def test_a_model_with_none_of_these_has_the_graph_of_before() -> None:
    domain = Domain(name="Desk")

    @domain.aggregate
    class Order: ...

    node = graph(domain).nodes["Order"]
    assert (node["parts"], node["event_sourced"]) == ("", False)
    assert [node.card.lines for node in sketch(domain).nodes] == [("0 instances",)]


def test_what_is_not_defined_yet_is_named_on_the_card_all_the_same() -> None:
    domain = Domain(name="Desk")

    @domain.aggregate
    class Order:
        items = HasMany("OrderItem")
        total = ValueObject("Money")

    assert graph(domain).nodes["Order"]["parts"] == "▫ OrderItem, ▫ Money"


def test_maps_of_all_steps_can_be_drawn(shop: SimpleNamespace) -> None:
    domain = shop.domain
    for step in range(domain.journal.last_step + 1):
        for streams in (False, True):
            assert "\0" not in "".join(svgs(sketch(domain, step, streams=streams)))
            assert "\0" not in live_map(domain, step, streams=streams)
            assert "\0" not in domain.map(step, streams=streams).to_text()


def test_entries_bear_the_symbols_of_their_elements(shop: SimpleNamespace) -> None:
    told = text_of(str(tree.journal(shop.domain.journal)))
    for line in (
        "⬢ Fulfilment.on_placed",
        "⬢ Fulfilment o-1 added",
        "◊ OrderListProjector.add",
        "▤ OrderList o-1 added",
        "◀ HearBank.__call__",
        "⌂ Ordering.place",
        "⬟ Discounts.give",
        "● Message order o-1 bank-default from the broker default",
    ):
        assert line in told, line
    assert kinds_of(shop.domain.journal)["OrderList"] == "projection"


def test_every_step_can_be_looked_at(shop: SimpleNamespace) -> None:
    domain = shop.domain
    for step in range(1, domain.journal.last_step + 1):
        assert story(domain.journal, step).sentence
        assert text_of(str(changes(domain, step)))
        instances.instances(domain, step)
    json.dumps(record(domain))
    pane = text_of(str(changes(domain, next(e.step for e in domain.journal if e.kind == "called"))))
    assert "⌂ Ordering.place" in pane
    assert "■ Order o-1 added" in pane
    message = next(e.step for e in domain.journal.of(kind="event", event="Message"))
    assert "came from the broker default" in text_of(str(changes(domain, message)))


def test_the_steps_of_a_service_can_be_picked_out(shop: SimpleNamespace) -> None:
    kinds = [shop.domain.journal.step(step).kind for step in concerning(shop.domain.journal, "Ordering")]
    assert kinds == ["called", "changed", "event"]


def bare(markup: str) -> str:
    return unescape(re.sub("<[^>]*>", "", markup))


def test_who_heard_an_event_has_the_colour_of_its_kind(shop: SimpleNamespace) -> None:
    domain = shop.domain
    placed = next(e.step for e in domain.journal.of(kind="event", event="OrderPlaced"))
    shown = str(changes(domain, placed))
    assert re.search(r'class="ddd-process-manager">Fulfilment<', shown)
    assert re.search(r'class="ddd-projector">OrderListProjector<', shown)


def test_an_answer_names_each_element_in_the_colour_of_its_kind(shop: SimpleNamespace) -> None:
    domain = shop.domain
    asked = replace(Look(step=domain.journal.last_step), right="why")
    paid = [e.step for e in domain.journal.of(kind="changed", aggregate="OrderList")][-1]
    shown = str(parts(domain, replace(asked, question=("why", f"{paid} status")))["right"])
    for look, name in (
        ("projection", "OrderList"),
        ("projector", "OrderListProjector"),
        ("subscriber", "HearBank"),
    ):
        assert f'class="ddd-{look}">{name}<' in shown, name
    assert "heard it from" in shown
    shown = str(parts(domain, replace(asked, question=("edge", "OrderPlaced Fulfilment")))["right"])
    assert 'class="ddd-process-manager">Fulfilment<' in shown


def test_a_click_on_what_leads_from_a_broker_to_its_subscriber_is_answered(shop: SimpleNamespace) -> None:
    domain = shop.domain
    arrow = next(arrow for arrow in sketch(domain).arrows if arrow.target == "HearBank")
    look = replace(Look(step=domain.journal.last_step), right="why", question=("edge", " ".join(arrow.asks)))
    shown = bare(parts(domain, look)["right"])
    assert "Why did ◀ HearBank run?" in shown
    assert "heard it from the broker default" in shown
    early = replace(look, step=next(e.step for e in domain.journal.of(kind="called")))
    assert "No message has reached HearBank by step" in bare(parts(domain, early)["right"])


def test_projectors_and_process_managers_are_among_those_who_hear_a_stream(shop: SimpleNamespace) -> None:
    shown = bare(parts(shop.domain, Look(step=shop.domain.journal.last_step, left="streams"))["left"])
    assert "⬢ Fulfilment at 1 of 1" in shown
    assert "◊ OrderListProjector at 1 of 1" in shown
