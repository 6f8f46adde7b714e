"""Mermaid diagrams as texts; what Mermaid's own parser makes of them, the browser tests see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter

from ddd_kit import Domain
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal import entry as entries
from ddd_kit.journal import sentence
from ddd_kit.views.exports.mermaid import LONGEST_SOURCE, Mermaid, label
from ddd_kit.views.palette import STYLES
from hostile_names import HOSTILE, hostile
from journals import busy
from shops import MODELS, seed, ship_by_command, troubled
from warehouse import commanded, step_of

NODE = re.compile(r'  (n\d+)\W+"\S (.*?)(?:<br/>.*)?"\W+:::(\w+)')
EDGE = re.compile(r'  (n\d+) (-->|-\.->|---)\|"([^"]*)"\| (n\d+)')
LINE = re.compile(r"^  (accTitle: |n\d+|classDef |participant p\d+ as |Note over p\d+: |p\d+\S{2,4}p\d+: )")
SAFE = re.compile(r"(?:#\d+;|<br/>|[^\W_]|[ ,()_.■●▶▷◆-])*")


def unescaped(text: str) -> str:
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text)


@pytest.mark.parametrize("model", [name for name in MODELS if name != "empty"])
def test_the_flowchart_has_the_nodes_and_edges_of_the_graph(model: str) -> None:
    domain = MODELS[model]()
    text, graph = str(domain.mermaid()), domain.graph()
    nodes = {name: (unescaped(shown), kind) for name, shown, kind in NODE.findall(text)}
    assert [shown for shown, _ in nodes.values()] == list(graph)
    for shown, kind in nodes.values():
        node = graph.nodes[shown]
        assert kind == ("retired" if node["retired"] else _camel(node["kind"]))
    edges = [(nodes[a][0], nodes[b][0], told.split(",")[0]) for a, _, told, b in EDGE.findall(text)]
    assert sorted(edges) == sorted(graph.edges(data="kind"))


def _camel(kind: str) -> str:
    first, *rest = kind.split()
    return first + "".join(word.title() for word in rest)


def test_edges_count_what_happened_and_tell_what_did_not() -> None:
    shop = seed()
    ship_by_command(shop)
    text = str(shop.domain.mermaid())
    assert '-->|"heard by, 2 times"|' in text
    assert '-->|"heard by, once, 1 skipped"|' in text
    assert '---|"part of"|' in text
    told = str(troubled().mermaid())
    assert '-.->|"heard by, 1 skipped"|' in told
    assert '-->|"heard by, 1 failed"|' in told
    assert "Oder" in told


def test_each_kind_has_its_own_shape_and_the_colours_of_eventstorming() -> None:
    text = str(seed().domain.mermaid())
    for shape in ('n0(["● ', 'n1["■ ', 'n3{{"◆ ', 'n4>"▶ ', 'n5[["▷ '):
        assert shape in text
    for kind in ("command", "command handler", "aggregate", "event", "event handler"):
        assert f"classDef {_camel(kind)} fill:{STYLES[kind].light.fill}" in text
    assert "classDef retired " not in text
    assert "stroke-dasharray" in str(troubled().mermaid())


def test_an_empty_model_and_a_run_without_steps_say_so() -> None:
    domain = Domain(name="Empty")
    assert '"No elements yet"' in str(domain.mermaid())
    assert "Nothing has happened yet" in str(domain.sequence_diagram())


def test_the_run_is_told_in_the_order_of_its_steps() -> None:
    shop = seed()
    reason = "its source stream<br/>is manage_order, the event came from plain<br/>code"
    assert str(shop.domain.sequence_diagram(step_of(shop.domain, "event"))).splitlines()[2:] == [
        "  participant p0 as cells",
        "  participant p1 as ■ Order",
        "  participant p2 as ◆ EmailNotifications",
        "  participant p3 as ◆ ManageInventory",
        "  participant p4 as ■ Inventory",
        "  Note over p0: In #91;6#93;",
        "  p1->>p1: ● OrderShipped (quantity 10, total_amount 100.0)",
        f"  Note over p2: notify_customer skipped#58; {reason}",
        "  p1-)p3: OrderShipped to reduce_stock_level",
        f"  p3->>p4: save Inventory {shop.inventory.id[:8]}",
        "  Note over p4: in_stock 100 #8594; 90",
    ]


def test_commands_failures_and_what_nobody_hears_are_told() -> None:
    domain = commanded().domain
    text = str(domain.sequence_diagram())
    [taker] = re.findall(r"participant (p\d+) as ▷ ManageOrder\n", text)
    assert f"p0->>{taker}: ShipOrder\n" in text
    assert re.search(r"-xp\d+: OrderShipped to drop, attempt 2\n", text)
    assert "failed#58; ValueError#58; no paper#46;\n" in text
    order = domain.registry.elements["Order"].cls
    forgotten = domain.registry.elements["Forgotten"].cls
    one = order(id="o-9")
    one.raise_(forgotten())
    domain.repository_for(order).add(one)
    assert "nobody listens to Forgotten" in str(domain.sequence_diagram(domain.journal.last_step))
    with pytest.raises(Exception, match="quantity"):
        order(quantity=-1)
    assert "Order rejected#58;" in str(domain.sequence_diagram(domain.journal.last_step))
    domain.repository_for(order).remove(one)
    assert str(domain.sequence_diagram(domain.journal.last_step)).endswith("remove Order o-9")


def test_a_stretch_is_a_step_for_its_chain_or_a_range_and_a_long_run_its_end() -> None:
    domain = busy(600)
    first, last = domain.journal.first_step, domain.journal.last_step
    assert "earlier steps are left out" in str(domain.sequence_diagram())
    assert "earlier" not in str(domain.sequence_diagram(range(first, last + 1)))
    alone = str(domain.sequence_diagram(range(last, last + 1)))
    assert len(alone) < len(str(domain.sequence_diagram(last)))


@pytest.mark.parametrize("steps", [0, 999, -1, range(900, 999), range(3, 3), range(1, 9, 2), "7", True, 1.5])
def test_steps_that_there_are_not_are_refused(steps: Any) -> None:
    with pytest.raises(IncorrectUsageError, match="step"):
        seed().domain.sequence_diagram(steps)


def test_steps_whose_cause_is_folded_are_drawn_all_the_same() -> None:
    domain = MODELS["100 elements"]()
    domain.config["journal_limit"] = 10
    aggregate = domain.registry.elements["Aggregate0"].cls
    for _ in range(5):
        domain.repository_for(aggregate).add(aggregate())
    assert domain.journal.first_step > 1
    assert "add Aggregate0" in str(domain.sequence_diagram())


def test_a_kind_of_entry_that_it_does_not_know_becomes_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    domain = seed().domain
    monkeypatch.setitem(entries._CLASSES, "surprise", entries.Entry)
    monkeypatch.setitem(sentence._PHRASES, "surprise", lambda _: "something; new")
    step = domain.journal.last_step + 1
    domain.journal.append([("surprise", None, step, None, 0.0)], step)
    assert str(domain.sequence_diagram(step)).endswith("Note over p0: something#59; new")


def test_an_injected_fault_is_a_note_over_the_handler() -> None:
    shop = seed(run=False)
    shop.domain.faults.drop(handler=shop.ManageInventory)
    order = shop.Order(book_id=1, quantity=3, total_amount=1)
    order.ship_order()
    shop.domain.repository_for(shop.Order).add(order)
    text = str(shop.domain.sequence_diagram())
    [handler] = re.findall(r"participant (p\d+) as ◆ ManageInventory\n", text)
    assert re.search(rf"Note over {handler}: ManageInventory\.reduce_stock_level#58; dropped", text)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_label_holds_nothing_that_means_something_to_mermaid(text: str) -> None:
    for wrapped in (False, True):
        shown = label(text, wrapped=wrapped)
        assert SAFE.fullmatch(shown), shown
        assert shown.strip()
        shown.encode()


def test_every_line_of_a_diagram_of_hostile_names_is_one_of_ours() -> None:
    domain = hostile()
    for diagram in (domain.mermaid(), domain.sequence_diagram(), domain.sequence_diagram(range(1, 500))):
        title, *lines = str(diagram).split("\n")
        assert title in ("flowchart LR", "sequenceDiagram")
        assert [line for line in lines if not LINE.match(line)] == []
        assert len(str(diagram).splitlines()) == len(lines) + 1


def test_a_notebook_gets_the_source_under_mermaids_type_and_as_text() -> None:
    diagram = seed().domain.mermaid()
    bundle, _ = DisplayFormatter().format(diagram)
    assert bundle == {"text/vnd.mermaid": str(diagram), "text/plain": str(diagram)}
    assert diagram._repr_mimebundle_(include={"text/plain"}) == {"text/plain": str(diagram)}
    assert diagram._repr_mimebundle_(exclude={"text/plain"}) == {"text/vnd.mermaid": str(diagram)}
    assert repr(diagram) == str(diagram)


def test_what_is_too_large_to_be_drawn_is_shown_as_text() -> None:
    assert list(Mermaid("x" * (LONGEST_SOURCE + 1))._repr_mimebundle_()) == ["text/plain"]
    assert "text/vnd.mermaid" in Mermaid("x" * LONGEST_SOURCE)._repr_mimebundle_()


def test_it_is_saved_as_source_or_in_a_document(tmp_path: Path) -> None:
    diagram = seed().domain.mermaid()
    assert diagram.save(tmp_path / "model.mmd").read_text(encoding="utf-8") == f"{diagram}\n"
    document = diagram.save(str(tmp_path / "model.md")).read_text(encoding="utf-8")
    assert document == f"```mermaid\n{diagram}\n```\n"
    with pytest.raises(ValueError, match=r"saved as \.mmd or \.mermaid or \.md"):
        diagram.save(tmp_path / "model.svg")
