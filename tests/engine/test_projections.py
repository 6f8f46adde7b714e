"""Projections and projectors: kept up from events, read through views, in every world of a run."""

from __future__ import annotations

import pytest

import ddd_kit
from ddd_kit import Domain, Projection, Projector, UnitOfWork, compare, handle, on
from ddd_kit.exceptions import (
    ConfigurationError,
    IncorrectUsageError,
    NotSupportedError,
    ObjectNotFoundError,
    TooManyObjectsError,
    ValidationError,
)
from ddd_kit.fields import HasMany, Identifier, Integer, Reference, String, ValueObject
from order_list import projector, records, run, shop


@pytest.fixture
def made():
    made = shop()
    run(made)
    return made


def test_a_projector_keeps_its_projection_up_with_the_events_of_several_aggregates(made):
    assert {
        key: (entry["customer"], entry["quantity"], entry["status"])
        for key, entry in records(made.domain).items()
    } == {"o-1": ("Anna", 1, "shipped"), "o-3": ("Anna", 3, "placed")}


def test_what_a_projector_does_is_in_the_journal(made):
    told = str(made.domain.why(made.domain.view_for(made.OrderList).get("o-1"), "status"))
    assert told.endswith(
        "OrderListProjector listens to `order` and ran mark_as_shipped; "
        "OrderList o-1 status placed -> shipped."
    )


def test_a_projector_takes_the_events_of_its_aggregates_alone():
    made = shop()
    domain = made.domain

    @domain.projector(projector_for=made.OrderList, aggregates=[made.Customer])
    class OrderListProjector:
        @on(made.OrderPlaced)
        def add(self, event):  # noqa: ARG002
            raise AssertionError

    domain.repository_for(made.Order).add(made.Order.place(id="o-1", customer_id="c-1"))
    assert [entry.handler for entry in domain.journal.of(kind="skipped")] == ["OrderListProjector"]
    assert [check.rule for check in domain.why_not(OrderListProjector).broken] == ["stream_category"]


def test_a_projector_hears_categories_too():
    made = shop()
    seen = []

    @made.domain.projector(projector_for=made.OrderList, stream_categories=["order", "bookshop::customer"])
    class OrderListProjector:
        @handle("$any")
        def note(self, event):
            seen.append(type(event).__name__)

    run(made)
    assert seen[0] == "OrderPlaced"
    assert seen[-1] == "CustomerRenamed"


def test_in_hold_mode_the_projection_comes_later():
    made = shop(config={"event_processing": "async"})
    run(made)
    assert records(made.domain) == {}
    assert made.domain.deliver_all() == 9
    assert list(records(made.domain)) == ["o-1", "o-3"]


def test_faults_meet_projectors_as_other_handlers():
    made = shop()
    made.domain.faults.drop(made.OrderPlaced, made.OrderListProjector)
    made.domain.repository_for(made.Order).add(made.Order.place(id="o-1", customer_id="c-1"))
    assert records(made.domain) == {}


def test_a_projector_that_fails_is_tried_again():
    domain = Domain(name="Bookshop")
    tries = []

    @domain.aggregate
    class Order: ...

    @domain.event(part_of=Order)
    class OrderPlaced: ...

    @domain.projection
    class Count:
        name = Identifier(identifier=True)

    @domain.projector(
        projector_for=Count, aggregates=[Order], retries=2, retry_exceptions=["builtins.KeyError"]
    )
    class Counter:
        @on(OrderPlaced)
        def count(self, event):  # noqa: ARG002
            tries.append(1)
            if len(tries) < 3:
                raise KeyError
            domain.repository_for(Count).add(Count(name="all"))

    order = Order()
    order.raise_(OrderPlaced())
    domain.repository_for(Order).add(order)
    assert len(tries) == 3
    assert domain.view_for(Count).exists("all")


def test_a_projection_is_classes_of_today_with_what_was_stored_before():
    made = shop()
    run(made)

    @made.domain.projection
    class OrderList:
        order_id = Identifier(identifier=True)
        status = String()
        place = Integer(default=7)

    assert made.domain.view_for("OrderList").get("o-1").to_dict() == {
        "order_id": "o-1",
        "status": "shipped",
        "place": 7,
    }


# Worlds


def test_a_step_shows_the_projection_as_it_was(made):
    journal = made.domain.journal
    shipped = next(e.step for e in journal.of(kind="changed", aggregate="OrderList") if e.change == "changed")
    assert made.domain.at(shipped - 1).view_for(made.OrderList).get("o-1").status == "shipped"
    begun = next(e.step for e in journal.of(kind="changed", aggregate="OrderList"))
    assert made.domain.at(begun).view_for(made.OrderList).count() == 1
    assert made.domain.at(0).view_for(made.OrderList).count() == 0


def test_a_fork_has_a_projection_of_its_own(made):
    fork = made.domain.fork()
    with fork.domain_context():
        order = fork.repository_for(made.Order).get("o-3")
        order.ship()
        fork.repository_for(made.Order).add(order)
    assert fork.view_for(made.OrderList).get("o-3").status == "shipped"
    assert made.domain.view_for(made.OrderList).get("o-3").status == "placed"
    differing = {(d.aggregate, d.field) for d in compare(made.domain, fork).differences}
    assert ("OrderList", "status") in differing


def test_rewind_takes_the_projection_back(made):
    first = next(e.step for e in made.domain.journal.of(kind="changed", aggregate="OrderList"))
    made.domain.rewind(first)
    assert list(records(made.domain)) == ["o-1"]


def test_a_replay_keeps_the_projection_up_with_the_code_of_today(made):
    assert made.domain.replay().same
    projector(made, shipped="on its way")
    difference, *others = made.domain.replay().differences
    assert (difference.aggregate, difference.left, difference.right) == ("OrderList", "shipped", "on its way")
    assert not others


def test_a_replay_gives_the_identities_of_aggregates_and_not_of_what_was_projected():
    """The record of an order has the order's identity: it must not be given to another order."""
    made = shop()
    for _ in range(3):
        made.domain.process(made.PlaceOrder(customer_id="c-1"))
    again = made.domain.replay()
    assert again.same, again
    assert records(again.right).keys() == records(made.domain).keys()


def test_a_replay_gives_no_order_the_identity_that_a_record_had():
    made = shop()
    made.domain.process(made.PlaceOrder(customer_id="c-1"))

    @made.domain.command_handler(part_of=made.Order)
    class Clerk:
        @handle(made.PlaceOrder)
        def place(self, command):
            for quantity in (1, 2):
                order = made.Order.place(customer_id=command.customer_id, quantity=quantity)
                made.domain.repository_for(made.Order).add(order)

    assert len(records(made.domain.replay().right)) == 2


def test_a_projection_saved_by_plain_code_is_replayed():
    made = shop()
    made.domain.repository_for(made.OrderList).add(made.OrderList(order_id="o-9", status="by hand"))
    assert made.domain.replay().same


def test_a_projection_comes_back_from_a_file(made, tmp_path):
    made.domain.save(tmp_path / "run.jsonl")
    other = shop()
    assert other.domain.load(tmp_path / "run.jsonl").level == "fine"
    assert records(other.domain) == records(made.domain)
    names = other.domain.repository_for("OrderList").schema.names
    assert {id(row[1]) for row in other.domain.world.stores["OrderList"].rows.values()} == {id(names)}


def test_a_projector_that_the_saved_run_did_not_have_is_told(made, tmp_path):
    made.domain.save(tmp_path / "run.jsonl")
    other = shop()

    @other.domain.projector(projector_for=other.OrderList, aggregates=[other.Order])
    class Second: ...

    assert "Second is new" in str(other.domain.load(tmp_path / "run.jsonl", dry_run=True))


def test_a_file_whose_projection_does_not_fit_is_refused(made, tmp_path):
    made.domain.save(tmp_path / "run.jsonl")
    other = shop()

    @other.domain.projection
    class OrderList:
        order_id = Identifier(identifier=True)
        status = Integer()

    verdict = other.domain.load(tmp_path / "run.jsonl", dry_run=True)
    assert verdict.level == "impossible"


# What a projection is


def test_a_projection_is_an_object_with_an_identity(made):
    entry = made.OrderList(order_id=1, quantity=2)
    assert entry == made.OrderList(order_id="1")
    assert repr(made.Tally(id="t")) == "<Tally: Tally object (id: t)>"
    assert repr(entry).startswith("<OrderList: OrderList object ({'order_id': '1', ")


def test_a_projection_raises_no_events(made):
    with pytest.raises(IncorrectUsageError, match="is a projection, which follows from events"):
        made.OrderList(order_id="o-1").raise_(made.OrderShipped(order_id="o-1"))
    assert "raise_" not in dir(made.OrderList(order_id="o-1"))


def test_values_of_a_projection_are_checked(made):
    with pytest.raises(ValidationError, match="quantity"):
        made.OrderList(order_id="o-1", quantity="many")


def test_the_same_identity_twice_is_refused(made):
    with pytest.raises(ValidationError, match="is the identity of another one"):
        made.domain.repository_for(made.OrderList).add(made.OrderList(order_id="o-1"))


def test_the_order_of_a_projection_holds_where_a_query_names_none():
    domain = Domain(name="Bookshop")

    @domain.projection(order_by="-rank")
    class Best:
        name = Identifier(identifier=True)
        rank = Integer()

    for name, rank in (("a", 1), ("b", 3), ("c", 2)):
        domain.repository_for(Best).add(Best(name=name, rank=rank))
    assert [each.name for each in domain.view_for(Best).query] == ["b", "c", "a"]
    assert [each.name for each in domain.repository_for(Best).query.all()] == ["b", "c", "a"]
    assert [each.name for each in domain.view_for(Best).query.order_by("name")] == ["a", "b", "c"]


def test_classes_derived_from_the_bases_are_registered():
    domain = Domain(name="Bookshop")

    class Seen(Projection):
        name = Identifier(identifier=True)

    class Watcher(Projector):
        @on("OrderPlaced")
        def see(self, event): ...

    seen = domain.register(Seen)
    domain.register(Watcher, projector_for=seen, aggregates=["Order"])
    assert [str(element.kind) for element in domain.registry.elements.values()] == ["projection", "projector"]
    assert domain.projectors_for(seen) == {Watcher}


def test_a_projection_holds_value_objects():
    domain = Domain(name="Bookshop")

    @domain.value_object
    class Address:
        city = String(required=True)

    @domain.projection
    class OrderList:
        order_id = Identifier(identifier=True)
        address = ValueObject(Address)

    for order, city in (("o-1", "Bonn"), ("o-2", "Ulm")):
        domain.repository_for(OrderList).add(OrderList(order_id=order, address=Address(city=city)))
    assert domain.view_for(OrderList).query.filter(address_city="Ulm").all().first.order_id == "o-2"
    assert domain.connection_for(OrderList)[0] == {"order_id": "o-1", "address": {"city": "Bonn"}}


# Views


def test_a_view_reads(made):
    view = made.domain.view_for(made.OrderList)
    assert view.get("o-1").status == "shipped"
    assert view.find_by(status="placed").order_id == "o-3"
    assert view.count() == 2
    assert (view.exists("o-1"), view.exists("o-2")) == (True, False)
    assert [entry.order_id for entry in view.query.filter(quantity__gt=0).order_by("-quantity")] == [
        "o-3",
        "o-1",
    ]
    assert repr(view) == "<ReadView of OrderList: 2 stored>"
    with pytest.raises(ObjectNotFoundError):
        view.get("o-2")
    with pytest.raises(TooManyObjectsError):
        view.find_by(customer="Anna")


def test_a_view_refuses_to_change(made):
    view = made.domain.view_for(made.OrderList)
    entry = view.get("o-1")
    entry.status = "lost"
    assert view.get("o-1").status == "shipped"
    for change in ("add", "remove", "update", "delete"):
        with pytest.raises(AttributeError, match="only reads"):
            getattr(view, change)
    with pytest.raises(NotSupportedError, match="only reads"):
        view.query.filter(status="shipped").delete()
    assert view.count() == 2


def test_pages_of_a_view(made):
    page = made.domain.view_for(made.OrderList).query.order_by("quantity").limit(1).offset(1).all()
    assert [entry.order_id for entry in page] == ["o-3"]
    assert (page.total, page.page, page.page_size, page.total_pages) == (2, 2, 1, 2)
    assert (page.has_prev, page.has_next) == (True, False)
    none = made.domain.view_for(made.OrderList).query.filter(status="lost").all()
    assert (none.page, none.page_size, none.total_pages) == (1, None, 0)


def test_a_view_follows_the_unit_of_work_that_is_open(made):
    with UnitOfWork(made.domain):
        made.domain.repository_for(made.OrderList).add(made.OrderList(order_id="o-9"))
        assert made.domain.view_for(made.OrderList).count() == 3


def test_only_projections_have_views(made):
    with pytest.raises(IncorrectUsageError, match="Order is an aggregate of Bookshop, not a projection"):
        made.domain.view_for(made.Order)
    with pytest.raises(IncorrectUsageError, match="did you mean 'OrderList'"):
        made.domain.view_for("OrdersList")
    with pytest.raises(IncorrectUsageError, match="class of a projection"):
        made.domain.view_for(made.OrderList(order_id="1"))


def test_all_that_a_query_finds_is_deleted_in_one_unit_of_work(made):
    domain = made.domain
    before = domain.journal.last_step
    assert domain.repository_for(made.OrderList).query.filter(customer="Anna").delete() == 2
    assert domain.journal.batch_end(before + 1) == domain.journal.last_step == before + 2
    assert records(domain) == {}


def test_plain_records_are_copies(made):
    made.domain.connection_for(made.OrderList)[0]["status"] = "lost"
    assert made.domain.connection_for(made.OrderList)[0]["status"] == "shipped"


def test_the_names_that_models_for_protean_import_are_there():
    assert ddd_kit.BaseProjection is Projection
    assert ddd_kit.BaseProjector is Projector
    assert ddd_kit.BaseQuery is ddd_kit.Query
    assert ddd_kit.BaseQueryHandler is ddd_kit.QueryHandler
    for name in ("ReadView", "ReadOnlyQuerySet", "QuerySet", "ResultSet", "RebuildResult", "on", "read"):
        assert hasattr(ddd_kit, name)


# Definitions that cannot work


def test_definitions_that_cannot_work_say_so():
    domain = Domain(name="Bookshop")

    @domain.aggregate
    class Order: ...

    @domain.projection
    class OrderList:
        order_id = Identifier(identifier=True)

    def bare(**members):
        return type("X", (), members)

    name = Identifier(identifier=True)
    cases = [
        ("has no identity", lambda: domain.projection(bare(name=String()))),
        ("a projection is flat", lambda: domain.projection(bare(name=name, orders=HasMany(Order)))),
        ("a projection is flat", lambda: domain.projection(bare(name=name, order=Reference(Order)))),
        ("has no option 'ordr_by'", lambda: domain.projection(ordr_by="name")(bare(name=name))),
        ("lacks projector_for", lambda: domain.projector(bare())),
        ("Order is no projection", lambda: domain.projector(projector_for=Order, aggregates=[Order])(bare())),
        ("7 is no projection", lambda: domain.projector(projector_for=7, aggregates=[Order])(bare())),
        ("hears nothing", lambda: domain.projector(projector_for=OrderList)(bare())),
        ("part_of=OrderList is no aggregate", lambda: domain.event(part_of=OrderList)(bare())),
        ("is a projection already", lambda: domain.aggregate(OrderList)),
        ("is an aggregate already", lambda: domain.projection(Order)),
    ]
    for text, define in cases:
        with pytest.raises(ConfigurationError, match=text):
            define()


def test_a_projector_names_what_there_is_when_the_domain_is_checked():
    domain = Domain(name="Bookshop")

    @domain.projector(projector_for="OrderLst", aggregates=["Order"])
    class OrderListProjector: ...

    with pytest.raises(IncorrectUsageError, match="Order is not an aggregate"):
        domain.init()
    domain.aggregate(type("Order", (), {}))
    with pytest.raises(IncorrectUsageError, match="OrderLst is not a projection"):
        domain.init()
    domain.projection(type("OrderLst", (), {"name": Identifier(identifier=True)}))
    domain.init()
