"""The context map: contexts, what crosses them, and who follows whom."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import networkx as nx
import pytest

from ddd_kit import Domain, context_map, handle
from ddd_kit.exceptions import IncorrectUsageError
from tests.hostile_names import HOSTILE
from tests.two_contexts import place, two_contexts

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def both():
    return two_contexts()


def _texts(svg):
    return ["".join(text.itertext()) for text in ET.fromstring(svg).iter(f"{SVG}text")]


def test_the_map_tells_in_words_what_crosses_and_how_often(both):
    place(both, "o-1")
    place(both, "o-2")
    assert repr(context_map(both.sales, both.warehouse)).splitlines() == [
        "Context map of Sales and Warehouse",
        "  Sales (U) -> Warehouse (D)",
        "    ● OrderPlaced  on sales::order, 2\u00d7",
        "  Warehouse (U) -> Sales (D)",
        "    ● StockReserved  on warehouse::stock, 2\u00d7",
    ]


def test_the_graph_leads_from_upstream_to_downstream(both):
    place(both, "o-1")
    graph = context_map(both.sales, both.warehouse).graph
    assert isinstance(graph, nx.DiGraph)
    assert dict(graph.nodes(data="kind")) == {"Sales": "context", "Warehouse": "context"}
    assert graph.edges["Sales", "Warehouse"] == {
        "crosses": ("OrderPlaced",),
        "counts": {"OrderPlaced": 1},
        "categories": {"OrderPlaced": "sales::order"},
        "roles": ("U", "D"),
    }


def test_the_picture_has_boxes_events_and_roles_on_both_grounds(both):
    drawn = context_map(both.sales, both.warehouse)
    for svg in (drawn.svg, drawn.dark_svg):
        texts = _texts(svg)
        assert {"Sales", "Warehouse", "U", "D"} <= set(texts)
        assert any("OrderPlaced" in text for text in texts)
        assert len(list(ET.fromstring(svg).iter(f"{SVG}path"))) == 6
    assert drawn.svg != drawn.dark_svg
    assert "Sales to Warehouse: OrderPlaced" in drawn.alt
    assert "text/html" in drawn._repr_mimebundle_()


def test_where_nothing_crosses_a_sentence_says_so():
    drawn = context_map(Domain(name="Sales"), Domain(name="Library"))
    assert "Nothing crosses between Sales and Library" in repr(drawn)
    assert "Nothing crosses between Sales and Library" in " ".join(_texts(drawn.svg))
    assert not drawn.graph.edges
    assert "Nothing crosses into Sales" in repr(context_map(Domain(name="Sales")))


def test_a_context_that_is_not_given_is_drawn_as_one_from_elsewhere(both):
    graph = context_map(both.warehouse).graph
    assert graph.nodes["sales"]["kind"] == "elsewhere"
    assert graph.edges["sales", "Warehouse"]["crosses"] == ("OrderPlaced",)


def test_a_broker_is_upstream_of_its_subscribers_which_translate():
    shop = Domain(name="Shop")

    @shop.subscriber(stream="payments")
    class HearPayments:
        def __call__(self, payload): ...

    shop.brokers.publish("payments", {"amount": 1})
    graph = context_map(shop).graph
    assert graph.nodes["the broker default"]["kind"] == "broker"
    edge = graph.edges["the broker default", "Shop"]
    assert (edge["counts"], edge["roles"]) == ({"payments": 1}, ("U", "D, ACL"))


def test_a_handler_of_any_event_takes_all_that_cross():
    sales, audit = Domain(name="Sales"), Domain(name="Audit")

    @sales.aggregate
    class Order: ...

    for name in ("OrderPlaced", "OrderPaid"):
        sales.event(part_of=Order)(type(name, (), {"__module__": __name__}))

    @audit.event_handler(stream_category="sales::order")
    class Hear:
        @handle("$any")
        def hear(self, event): ...

    edge = context_map(sales, audit).graph.edges["Sales", "Audit"]
    assert set(edge["crosses"]) == {"OrderPlaced", "OrderPaid"}


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_text_whatever_they_look_like(name):
    drawn = context_map(Domain(name=f"a{name}"), Domain(name="Other"))
    ET.fromstring(drawn.svg)
    assert "<script" not in drawn.to_html()


def test_long_names_are_shortened_and_whole_in_the_tooltip():
    name = "Billing and Accounts Receivable of the Whole Group and All of Its Subsidiaries Abroad"
    svg = context_map(Domain(name=name)).svg
    assert any(text.endswith("…") for text in _texts(svg))
    assert any(name in (title.text or "") for title in ET.fromstring(svg).iter(f"{SVG}title"))
    assert float(ET.fromstring(svg).get("width")) < 500


def _role_places(svg):
    """The left sides of the roles, by what crosses; each stands beside its own line."""
    places = {}
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        left = float(group.get("transform", "translate(0 0)").removeprefix("translate(").split()[0])
        if group.get("class") == "role":
            places[crossing]["".join(group.itertext())] = left  # noqa: F821 - of the crossing before it
        elif (title := group.find(f"{SVG}title")) is not None and " to " in title.text:
            crossing = title.text.partition(":")[0]
            places[crossing] = {"": left}
    return places


def test_a_reply_goes_back_between_the_two_and_each_role_is_on_the_side_of_its_context(both):
    places = _role_places(context_map(both.sales, both.warehouse).svg)
    there, back = places["Sales to Warehouse"], places["Warehouse to Sales"]
    assert there["U"] < there[""] < there["D"], "Sales, upstream, is on the left"
    assert back["D"] < back[""] < back["U"], "Sales, now downstream, is still on the left"
    assert abs(there[""] - back[""]) < 60, "both stand in one column"


@pytest.mark.parametrize(("ending", "beginning"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_map_is_saved_as_a_picture_for_slides_and_papers(both, tmp_path, ending, beginning):
    place(both, "o-1")
    path = context_map(both.sales, both.warehouse).save(tmp_path / f"contexts.{ending}")
    assert path.read_bytes().startswith(beginning)
    assert path.stat().st_size > 5_000
    with pytest.raises(ValueError, match=r"saved as \.svg or \.png or \.pdf"):
        context_map(both.sales).save(tmp_path / "contexts.txt")


def test_a_map_of_what_nothing_crosses_is_saved_too(tmp_path):
    assert context_map(Domain(name="Sales $x$")).save(tmp_path / "one.png").stat().st_size > 1_000


def test_a_map_is_saved_as_svg(both, tmp_path):
    path = context_map(both.sales, both.warehouse).save(tmp_path / "contexts.svg")
    assert path.read_text(encoding="utf-8").startswith("<svg")


def test_what_is_no_domain_is_refused(both):
    with pytest.raises(IncorrectUsageError, match="give it domains"):
        context_map()
    with pytest.raises(IncorrectUsageError, match="that is no domain"):
        context_map(both.sales, "Warehouse")
    with pytest.raises(IncorrectUsageError, match="two of the domains are called Sales"):
        context_map(both.sales, both.sales)
