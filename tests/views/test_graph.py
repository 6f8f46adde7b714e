"""The model and its run as a networkx graph."""

from __future__ import annotations

import io
import json
from typing import Any

import networkx as nx
import pytest

from ddd_kit import Domain, handle
from ddd_kit.exceptions import IncorrectUsageError
from shops import MODELS, chained, seed, ship_by_command, troubled


def edge(graph: nx.MultiDiGraph, source: str, target: str, kind: str) -> dict[str, Any]:
    return dict(graph.edges[source, target, kind])


@pytest.mark.parametrize("model", MODELS)
def test_every_node_bears_its_kind_label_and_category(model: str) -> None:
    graph = MODELS[model]().graph()
    assert isinstance(graph, nx.MultiDiGraph)
    assert all({"kind", "label", "category"} <= set(node) for _, node in graph.nodes(data=True))
    assert [label for _, label in graph.nodes(data="label")] == list(graph)


def test_the_seed_model_has_each_element_with_its_category() -> None:
    nodes = seed().domain.graph().nodes
    assert {name: (node["kind"], node["category"]) for name, node in nodes(data=True)} == {
        "OrderShipped": ("event", "order"),
        "Order": ("aggregate", "order"),
        "Inventory": ("aggregate", "inventory"),
        "ManageInventory": ("event handler", "order"),
        "ShipOrder": ("command", "manage_order"),
        "ManageOrder": ("command handler", "order"),
        "NotificationSent": ("event", "notification"),
        "Notification": ("aggregate", "notification"),
        "EmailNotifications": ("event handler", "order"),
    }


def test_nodes_say_what_else_there_is_to_know() -> None:
    nodes = seed().domain.graph().nodes
    assert nodes["Order"]["instances"] == 1
    assert nodes["OrderShipped"]["events"] == nodes["Order"]["events"] == 1
    assert nodes["EmailNotifications"]["source_stream"] == "manage_order"
    assert nodes["EmailNotifications"]["methods"] == "notify_customer"
    assert nodes["ShipOrder"]["handler"] == "ManageOrder.ship_order"


def test_the_docstring_of_a_class_is_on_its_node() -> None:
    assert troubled().graph().nodes["Order"]["doc"] == "What a customer wants."


def test_edges_count_what_happened() -> None:
    shop = seed()
    ship_by_command(shop)
    graph = shop.domain.graph()
    assert edge(graph, "Order", "OrderShipped", "raises")["count"] == 2
    assert edge(graph, "OrderShipped", "ManageInventory", "heard by")["count"] == 2
    assert edge(graph, "ManageInventory", "Inventory", "changes")["count"] == 2
    assert edge(graph, "ShipOrder", "ManageOrder", "handled by")["count"] == 1
    assert edge(graph, "ManageOrder", "Order", "changes")["count"] == 1


def test_a_skipped_handler_has_its_edge_with_the_rule() -> None:
    heard = edge(seed().domain.graph(), "OrderShipped", "EmailNotifications", "heard by")
    assert (heard["count"], heard["skipped"], heard["rule"]) == (0, 1, "source_stream")


def test_a_failed_handler_has_its_edge_with_the_failures() -> None:
    heard = edge(troubled().graph(), "OrderPaid", "Billing", "heard by")
    assert (heard["count"], heard["failed"]) == (0, 1)


def test_before_anything_ran_all_edges_are_there_and_count_nothing() -> None:
    graph = seed(run=False).domain.graph()
    assert edge(graph, "ManageInventory", "Inventory", "part of")["count"] == 0
    assert not any(count for _, _, count in graph.edges(data="count"))


def test_a_handler_on_another_stream_has_an_edge_that_says_so_before_anything_ran() -> None:
    domain = Domain(name="Desk")
    domain.aggregate(type("Order", (), {}))
    domain.aggregate(type("Invoice", (), {}))
    event = domain.event(part_of="Order")(type("OrderPaid", (), {}))

    @domain.event_handler(part_of="Invoice")
    class Billing:
        @handle(event)
        def bill(self, event: Any) -> None: ...

    assert edge(domain.graph(), "OrderPaid", "Billing", "heard by")["rule"] == "stream_category"


def test_a_handler_leads_to_the_command_that_it_issued() -> None:
    shop = seed()

    @shop.domain.event_handler(part_of=shop.Order)
    class Reship:
        @handle("OrderShipped")
        def again(self, event: Any) -> None:
            if event.quantity == 5:
                other = shop.Order(book_id=1, quantity=1, total_amount=1)
                shop.domain.repository_for(shop.Order).add(other)
                shop.domain.process(shop.ShipOrder(order_id=other.id))

    ship_by_command(shop)
    assert edge(shop.domain.graph(), "Reship", "ShipOrder", "issues")["count"] == 1


def test_a_handler_leads_to_an_aggregate_that_it_is_no_part_of_but_was_seen_to_change() -> None:
    shop = seed(run=False)

    @shop.domain.event_handler(part_of=shop.Order)
    class Ledger:
        @handle("OrderShipped")
        def note(self, event: Any) -> None:
            shop.domain.repository_for(shop.Notification).add(shop.Notification(order_id=event.order_id))

    order = shop.Order(book_id=1, quantity=1, total_amount=1)
    order.ship_order()
    with pytest.raises(Exception, match="Inventory"):  # there is none to take from
        shop.domain.repository_for(shop.Order).add(order)
    assert edge(shop.domain.graph(), "Ledger", "Notification", "changes")["count"] == 1


def test_a_handler_of_any_event_hears_all_events_of_its_stream_and_no_others() -> None:
    domain = chained(10)

    @domain.event_handler(stream_category="aggregate0")
    class Log:
        @handle("$any")
        def note(self, event: Any) -> None: ...

    assert set(domain.graph().predecessors("Log")) == {"Aggregate0Opened", "Aggregate0Closed"}


def test_an_element_whose_aggregate_is_unknown_says_so() -> None:
    lost = troubled().graph().nodes["Lost"]
    assert lost["category"] == ""
    assert "did you mean 'Order'?" in lost["problem"]


def test_a_retired_element_is_marked_and_a_forgotten_one_is_gone() -> None:
    domain = troubled()
    domain.forget("Billing")
    graph = domain.graph()
    assert graph.nodes["OldOne"]["retired"]
    assert "Billing" not in graph


def test_an_aggregate_that_is_retired_keeps_its_category() -> None:
    domain = troubled()
    domain.retire("Invoice")
    assert domain.graph().nodes["Invoice"]["category"] == "invoice"


def test_an_empty_domain_has_an_empty_graph() -> None:
    assert len(Domain(name="Empty").graph()) == 0


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("write", [nx.write_graphml, nx.write_gexf])
def test_networkx_can_export_it(model: str, write: Any) -> None:
    write(MODELS[model]().graph(), io.BytesIO())


def test_it_can_be_written_as_json() -> None:
    assert "ManageInventory" in json.dumps(nx.node_link_data(seed().domain.graph(), edges="edges"))


def test_it_works_on_a_journal_whose_oldest_entries_are_folded() -> None:
    domain = chained(30)
    domain.config["journal_limit"] = 5
    for _ in range(20):
        domain.repository_for("Aggregate0").add(domain.registry.elements["Aggregate0"].cls())
    assert domain.graph().nodes["Aggregate0"]["instances"] == 20


def test_without_a_journal_the_instances_are_counted_all_the_same() -> None:
    domain = chained(30)
    domain.config["journal"] = False
    domain.repository_for("Aggregate0").add(domain.registry.elements["Aggregate0"].cls())
    assert domain.graph().nodes["Aggregate0"]["instances"] == 1


def test_the_past_has_a_graph_of_its_own() -> None:
    domain = seed().domain
    assert domain.at(0).graph().nodes["Order"]["instances"] == 0


def test_a_step_that_there_is_not_is_refused() -> None:
    with pytest.raises(IncorrectUsageError, match="There is no step 99"):
        seed().domain.map(99)


def test_counts_go_on_where_they_were_when_the_journal_grows() -> None:
    shop = seed()
    shop.domain.graph()
    ship_by_command(shop)
    assert edge(shop.domain.graph(), "OrderShipped", "ManageInventory", "heard by")["count"] == 2


def test_events_are_counted_from_the_beginning_and_all_else_from_the_entries_that_are_kept() -> None:
    domain = chained(10)
    domain.config["journal_limit"] = 20
    for _ in range(40):
        aggregate = domain.registry.elements["Aggregate0"].cls()
        aggregate.raise_(domain.registry.elements["Aggregate0Opened"].cls())
        domain.repository_for("Aggregate0").add(aggregate)
    graph, handled = domain.graph(), domain.journal.of(kind="handled", event="Aggregate0Opened")
    assert graph.nodes["Aggregate0Opened"]["events"] == len(domain.stream("aggregate0")) == 40
    assert graph.edges["Aggregate0", "Aggregate0Opened", "raises"]["count"] == 40
    heard = graph.out_edges("Aggregate0Opened", data="count")
    assert sum(count for *_, count in heard) == len(handled) < 40


def test_after_a_reset_nothing_is_counted() -> None:
    shop = seed()
    shop.domain.graph()
    shop.domain.reset()
    assert not any(count for _, _, count in shop.domain.graph().edges(data="count"))
