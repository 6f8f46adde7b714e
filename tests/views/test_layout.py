import math
import os
import random
import re
import subprocess
import sys
from itertools import combinations, pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddd_kit.views.layout.crossings import count_crossings, proper, untangle
from ddd_kit.views.layout.layering import columns, feedback_edges, flow_columns
from ddd_kit.views.layout.layout import Layout, layered, path_data

GAP_X, GAP_Y = 44, 20


def sized(graph, width=100, height=34):
    return dict.fromkeys(graph, (width, height))


def drawn(*edges, **options):
    graph = nx.DiGraph(edges)
    return layered(graph, sized(graph), **options)


@st.composite
def graphs(draw, most=12):
    """Graphs with cycles, self loops, parallel edges and parts that are not connected; boxes of all sizes."""
    count = draw(st.integers(0, most))
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(count))
    if count:
        node = st.integers(0, count - 1)
        graph.add_edges_from(draw(st.lists(st.tuples(node, node), max_size=2 * count)))
    side = st.integers(1, 200)
    return graph, {node: (draw(side), draw(side)) for node in graph}


def bookshop():
    """The model of the first example."""
    return nx.DiGraph(
        [
            ("PlaceOrder", "Order"),
            ("ShipOrder", "Order"),
            ("Order", "OrderPlaced"),
            ("Order", "OrderShipped"),
            ("OrderShipped", "ManageInventory"),
            ("OrderShipped", "EmailNotifications"),
            ("ManageInventory", "Inventory"),
            ("EmailNotifications", "Notification"),
            ("Inventory", "StockDepleted"),
            ("StockDepleted", "Reorder"),
            ("Reorder", "PurchaseOrder"),
        ]
    )


def domain_model(seed, aggregates):
    """Commands -> aggregates -> events -> handlers -> aggregates, with cycles, as domains have them."""
    dice = random.Random(seed)
    names = [f"Aggregate{i}" for i in range(aggregates)]
    commands = [(f"Do{i}{name}", name) for name in names for i in range(dice.randint(1, 3))]
    events = [(name, f"{name}Done{i}") for name in names for i in range(dice.randint(1, 4))]
    graph = nx.DiGraph([*commands, *events])
    for _, event in events:
        for i in range(dice.randint(0, 2)):
            handler = f"On{event}{i}"
            graph.add_edges_from([(event, handler), (handler, dice.choice(names))])
            if dice.random() < 0.25:
                graph.add_edge(dice.choice(events)[1], handler)
    return graph


def overlap(one, other):
    return (
        min(one.right, other.right) - max(one.x, other.x) > 1e-6
        and min(one.bottom, other.bottom) - max(one.y, other.y) > 1e-6
    )


def within(box, x, y):
    return box.x + 0.1 < x < box.right - 0.1 and box.y + 0.1 < y < box.bottom - 0.1


def points_along(route):
    """Points on the drawn path, close enough to each other to find a box that it runs through."""
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path_data(route))]
    corners = list(zip(numbers[::2], numbers[1::2], strict=True))
    here = corners.pop(0)
    for command in re.findall("[LC]", path_data(route)):
        ends = [corners.pop(0) for _ in range(3 if command == "C" else 1)]
        controls = [here, *ends] if command == "C" else [here, here, ends[0], ends[0]]
        for step in range(101):
            t = step / 100
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            yield tuple(sum(w * c[axis] for w, c in zip(weights, controls, strict=True)) for axis in (0, 1))
        here = ends[-1]


def points_left(route):
    return route[0][0] > route[-1][0]


def test_an_empty_graph_has_an_empty_layout():
    assert layered(nx.DiGraph(), {}) == Layout(0, 0, {}, {})


def test_a_single_node_fills_its_layout():
    layout = layered(nx.empty_graph(1, nx.DiGraph), {0: (80, 30)})
    assert (layout.width, layout.height) == (80, 30)
    assert (layout.boxes[0].x, layout.boxes[0].y) == (0, 0)


@given(graphs())
def test_boxes_do_not_overlap(case):
    """Whatever the graph, boxes have their sizes, lie within the drawing and keep clear of each other."""
    graph, sizes = case
    layout = layered(graph, sizes)
    assert {node: (box.width, box.height) for node, box in layout.boxes.items()} == sizes
    assert list(layout.boxes) == list(graph)
    assert not any(overlap(one, other) for one, other in combinations(layout.boxes.values(), 2))
    for box in layout.boxes.values():
        assert -1e-6 <= box.x <= box.right <= layout.width
        assert -1e-6 <= box.y <= box.bottom <= layout.height


@given(graphs())
def test_each_edge_has_one_route_from_box_to_box(case):
    """Parallel edges share a route, which leads from the side of one box to the side of the other."""
    graph, sizes = case
    layout = layered(graph, sizes)
    assert set(layout.routes) == set(graph.edges())
    for (source, target), route in layout.routes.items():
        one, other = layout.boxes[source], layout.boxes[target]
        if source != target:
            ends = (one.x, other.right) if points_left(route) else (one.right, other.x)
            assert (route[0][0], route[-1][0]) == pytest.approx(ends)
        assert one.y <= route[0][1] <= one.bottom
        assert other.y <= route[-1][1] <= other.bottom
        assert all(-1e-6 <= x <= layout.width and -1e-6 <= y <= layout.height for x, y in route)


@given(graphs(), st.booleans())
def test_routes_run_through_no_other_box(case, ranked):
    """The curves keep clear of all boxes, also where the user fixed the columns."""
    graph, sizes = case
    layout = layered(graph, sizes, ranks={node: node % 4 for node in graph} if ranked else None)
    for edge, route in layout.routes.items():
        others = [box for node, box in layout.boxes.items() if node not in edge]
        for x, y in points_along(route):
            assert not any(within(box, x, y) for box in others)


@given(graphs())
def test_only_edges_that_close_cycles_point_left(case):
    """Without the edges that point left there is no cycle; with any one of them there is."""
    graph, sizes = case
    layout = layered(graph, sizes)
    proper_edges = {edge: route for edge, route in layout.routes.items() if edge[0] != edge[1]}
    right = nx.DiGraph([edge for edge, route in proper_edges.items() if not points_left(route)])
    assert nx.is_directed_acyclic_graph(right)
    for source, target in (edge for edge, route in proper_edges.items() if points_left(route)):
        assert nx.has_path(right, target, source)


@given(graphs(), st.randoms(use_true_random=False))
def test_the_same_graph_gives_the_same_layout(case, dice):
    """Sizes may come in any order: only the order of the graph counts."""
    graph, sizes = case
    shuffled = list(sizes.items())
    dice.shuffle(shuffled)
    assert layered(graph, sizes) == layered(graph.copy(), dict(shuffled))


def test_layouts_do_not_depend_on_the_hash_seed():
    """Another process, where strings have other hashes, draws the same picture."""
    program = (
        "import networkx as nx; from ddd_kit.views.layout.layout import layered;"
        "g = nx.DiGraph((f'n{i * i % 17}', f'n{i * 7 % 19}') for i in range(60));"
        "print(layered(g, dict.fromkeys(g, (90, 30))))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


def test_layout_needs_no_numpy():
    """The browser's Python has none: modules import and run without numpy, scipy, pandas, matplotlib."""
    program = (
        "import sys;"
        "sys.modules.update(dict.fromkeys(['numpy', 'scipy', 'pandas', 'matplotlib']));"
        "import networkx as nx;"
        "from ddd_kit.views import text_width; from ddd_kit.views.layout import layout;"
        "g = nx.MultiDiGraph([(0, 1), (1, 2), (2, 0), (0, 2), (0, 0), (3, 4)]);"
        "layout.layered(g, dict.fromkeys(g, (text_width.text_width('Order', 12), 30)))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_chain_is_straight():
    """Boxes of different sizes in a chain have their middles on one line."""
    graph = nx.path_graph(6, nx.DiGraph)
    layout = layered(graph, {node: (50 + 10 * node, 20 + 7 * node) for node in graph})
    assert {box.middle for box in layout.boxes.values()} == {layout.height / 2}
    assert all(path_data(route).count("C") == 0 for route in layout.routes.values())


def test_a_long_edge_is_straight_between_its_ends():
    """An edge over many columns runs level except for where it leaves and arrives."""
    layout = drawn(*pairwise("abcdef"), ("a", "f"))
    assert path_data(layout.routes["a", "f"]).count("C") == 2
    assert {layout.boxes[node].middle for node in "bcde"} == {layout.boxes["a"].middle}


def test_the_flow_of_the_model_is_kept():
    """Commands come left, then aggregate, events, handlers, the next aggregate; what can be straight is."""
    graph = bookshop()
    boxes = layered(graph, sized(graph)).boxes
    steps = [
        "PlaceOrder",
        "Order",
        "OrderShipped",
        "ManageInventory",
        "Inventory",
        "StockDepleted",
        "Reorder",
    ]
    assert [boxes[node].x for node in steps] == [i * (100 + GAP_X) for i in range(7)]
    assert boxes["PlaceOrder"].y < boxes["ShipOrder"].y
    assert boxes["ManageInventory"].middle == boxes["Inventory"].middle == boxes["PurchaseOrder"].middle
    assert boxes["Order"].middle == (boxes["PlaceOrder"].middle + boxes["ShipOrder"].middle) / 2


@pytest.mark.parametrize("first", ["order", "placed", "policy"])
def test_of_a_cycle_the_node_given_first_comes_left(first):
    graph = nx.DiGraph()
    graph.add_node(first)
    graph.add_edges_from([("order", "placed"), ("placed", "policy"), ("policy", "order")])
    layout = layered(graph, sized(graph))
    assert layout.boxes[first].x == 0
    assert [target for (_, target), route in layout.routes.items() if points_left(route)] == [first]


def test_a_cycle_is_opened_where_the_flow_enters():
    """A command leads into the cycle: its aggregate comes first, though the policy was given before it."""
    layout = drawn(("policy", "order"), ("order", "placed"), ("placed", "policy"), ("place", "order"))
    assert [edge for edge, route in layout.routes.items() if points_left(route)] == [("policy", "order")]


def test_edges_both_ways_are_drawn_apart():
    """There and back are two lines, of which none covers the other."""
    layout = drawn(("a", "b"), ("b", "a"))
    there, back = layout.routes["a", "b"], layout.routes["b", "a"]
    assert points_left(back)
    assert {y for _, y in there}.isdisjoint(y for _, y in back)


def test_a_self_loop_is_drawn_above_its_box():
    """The loop touches the upper side twice and lies within the drawing."""
    layout = drawn(("a", "a"), ("a", "b"))
    route = layout.routes["a", "a"]
    assert route[0][1] == route[-1][1] == layout.boxes["a"].y
    assert min(y for _, y in route) == 0
    assert path_data(route).count("C") == 1


def test_columns_are_as_wide_as_their_widest_box():
    """The next column begins one gap after the widest box, for each part of the graph."""
    graph = nx.DiGraph([("a", "c"), ("b", "c"), ("x", "y")])
    layout = layered(graph, sized(graph) | {"b": (250, 34)}, gap_x=30)
    assert layout.boxes["c"].x == layout.boxes["y"].x == 280


def test_parts_are_stacked():
    """A part begins under all of the part before it, in the order they were given."""
    layout = drawn(("a", "b"), ("a", "c"), ("x", "y"), gap_y=10)
    assert min(layout.boxes[n].y for n in "xy") >= max(layout.boxes[n].bottom for n in "abc") + 10


def test_nodes_without_edges_stand_in_rows_below():
    """Thirty lonely nodes make several rows of several boxes, not one column."""
    graph = nx.DiGraph([("a", "b")])
    graph.add_nodes_from(range(30))
    layout = layered(graph, sized(graph))
    rows = {layout.boxes[node].y for node in range(30)}
    assert min(rows) > layout.boxes["a"].bottom
    assert 2 <= len(rows) <= 10


def test_ranks_fix_the_columns():
    """Equal ranks share a column; edges within it bow around its right side; unused ranks take no room."""
    graph = nx.DiGraph([("a", "b"), ("b", "c"), ("c", "a")])
    layout = layered(graph, sized(graph), ranks={"a": 0, "b": 0, "c": 7})
    assert layout.boxes["a"].x == layout.boxes["b"].x == 0
    assert layout.boxes["c"].x == 100 + GAP_X
    bow = layout.routes["a", "b"]
    assert bow[0][0] == bow[-1][0] == 100
    assert max(x for x, _ in bow) < layout.boxes["c"].x


def test_gaps_are_kept():
    """Boxes of one column are at least a gap apart."""
    layout = drawn(*[("a", i) for i in range(5)], gap_y=33)
    ys = sorted(layout.boxes[i].y for i in range(5))
    assert all(math.isclose(lower - upper, 34 + 33) for upper, lower in pairwise(ys))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": {"a": (1, 1)}}, "Node 'b' has no size"),
        ({"sizes": {"a": (1, 1), "b": (0, 1)}}, "Node 'b' has the size"),
        ({"sizes": {"a": (1, 1), "b": (1, math.nan)}}, "Node 'b' has the size"),
        ({"ranks": {"a": 0}}, "Node 'b' has no rank"),
        ({"gap_x": 0}, "Gaps must be more than 0"),
        ({"gap_y": -1}, "Gaps must be more than 0"),
        ({"graph": nx.Graph([("a", "b")])}, "needs a directed graph"),
    ],
)
def test_errors_name_the_node_and_the_remedy(options, message):
    arguments = {"graph": nx.DiGraph([("a", "b")]), "sizes": {"a": (1, 1), "b": (1, 1)}} | options
    with pytest.raises(ValueError, match=message):
        layered(**arguments)


def test_path_data_rounds_to_one_decimal():
    assert path_data([(0, 0.04), (10.26, 0.04), (20, -0.01)]) == "M0 0L10.3 0C15.1 0 15.1 0 20 0"
    assert path_data([]) == ""


@given(graphs())
def test_columns_are_the_best_there_are(case):
    """No other columns make the edges shorter: the dual, a flow of least cost, has the same total."""
    graph = nx.DiGraph([(u, v) for u, v in case[0].edges() if u < v])
    if not graph or not nx.is_weakly_connected(graph):
        return
    column = columns(graph)
    assert min(column.values()) == 0
    total = sum(column[v] - column[u] for u, v in graph.edges())
    nx.set_node_attributes(graph, {n: graph.out_degree(n) - graph.in_degree(n) for n in graph}, "demand")
    nx.set_edge_attributes(graph, -1, "weight")
    nx.set_edge_attributes(graph, graph.number_of_edges() * len(graph), "capacity")
    flow = nx.DiGraph()
    flow.add_nodes_from((n, {"demand": -graph.nodes[n]["demand"]}) for n in graph)
    flow.add_edges_from((u, v, dict(data)) for u, v, data in graph.edges(data=True))
    assert total == -nx.min_cost_flow_cost(flow)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(5, 9)), unique=True))
def test_crossings_are_counted_right(edges):
    """The quick count agrees with comparing every two lines."""
    graph = proper([0] * 5 + [1] * 5, edges)
    pairs = combinations(edges, 2)
    assert count_crossings(graph, graph.columns) == sum((a - c) * (b - d) < 0 for (a, b), (c, d) in pairs)


def connected_models():
    """Connected parts of models of 10 to 100 nodes, as plain numbers."""
    for seed in range(24):
        model = domain_model(seed, aggregates=2 + seed % 11)
        for part in nx.weakly_connected_components(model):
            nodes = [node for node in model if node in part]
            yield nx.relabel_nodes(model.subgraph(nodes), {node: i for i, node in enumerate(nodes)})


def cut(column_of, graph):
    """The graph with dummies in given columns, edges that point left turned round."""
    edges = sorted(graph.edges())
    return proper(column_of, [(u, v) if column_of[u] < column_of[v] else (v, u) for u, v in edges])


def sugiyama_crossings(graph):
    """The crossings in the order that igraph gives the columns of a graph whose edges are one column long."""
    igraph = pytest.importorskip("igraph")
    number = {node: i for i, column in enumerate(graph.columns) for node in column}
    edges = [(node, other) for node, after in enumerate(graph.after) for other in after]
    drawing = igraph.Graph(n=len(number), edges=edges, directed=True).layout_sugiyama(
        layers=[number[node] for node in range(len(number))]
    )
    return count_crossings(graph, [sorted(column, key=lambda n: drawing[n][0]) for column in graph.columns])


def sugiyama_columns(graph):
    igraph = pytest.importorskip("igraph")
    drawing = igraph.Graph(n=len(graph), edges=sorted(graph.edges()), directed=True).layout_sugiyama()
    return [round(drawing[node][1]) for node in range(len(graph))]


def test_crossings_are_as_few_as_those_of_igraph():
    """In total we have at most 1.2 times as many crossings as igraph's Sugiyama layout, in two comparisons.

    A crossing is a pair of edge pieces between the same two columns whose ends are in opposite orders: with
    straight lines or smooth ones these are just the crossings that a reader sees, and no coordinates or bends
    can hide or add one. Where both order *the same columns* (ours, dummies included), only the ordering is
    compared. Where igraph also chooses *its own columns* and its own edges to turn round, the whole methods
    are compared.
    """
    ours = same_columns = own_columns = 0
    for model in connected_models():
        column = flow_columns(model)
        graph = cut([column[node] for node in range(len(model))], model)
        ours += count_crossings(graph, untangle(graph))
        same_columns += sugiyama_crossings(graph)
        own_columns += sugiyama_crossings(cut(sugiyama_columns(model), model))
    assert ours <= 1.2 * same_columns
    assert ours <= 1.2 * own_columns


def test_feedback_in_models_leads_into_aggregates():
    """In a model with commands only the edges from handlers back to aggregates are turned round."""
    for seed in range(10):
        model = domain_model(seed, aggregates=5)
        assert all(target.startswith("Aggregate") for _, target in feedback_edges(model))
