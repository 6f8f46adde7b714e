"""Queries: questions to a projection, and their handlers, who only read."""

from __future__ import annotations

import copy
import pickle

import pytest

from ddd_kit import BaseQuery, Domain, Query, QueryHandler, UnitOfWork, current_domain, handle, read
from ddd_kit.exceptions import ConfigurationError, IncorrectUsageError, ValidationError
from ddd_kit.fields import Identifier, Integer, String
from order_list import records, run, shop


@pytest.fixture
def made():
    made = shop()
    domain = made.domain

    @domain.query(part_of=made.OrderList)
    class OrdersOf:
        customer_id = Identifier(required=True)
        least = Integer(default=1)

    @domain.query(part_of="OrderList")
    class OrderOfId(BaseQuery[made.OrderList]):
        order_id = Identifier(required=True)

    @domain.query_handler(part_of=made.OrderList)
    class Answers:
        @read(OrdersOf)
        def of_customer(self, query):
            view = current_domain.view_for(made.OrderList)
            return view.query.filter(customer_id=query.customer_id, quantity__gte=query.least).all()

        @read(OrderOfId)
        def of_id(self, query):
            return current_domain.view_for(made.OrderList).get(query.order_id)

    made.OrdersOf, made.OrderOfId, made.Answers = OrdersOf, OrderOfId, Answers
    run(made)
    return made


def test_a_query_is_answered(made):
    assert [entry.order_id for entry in made.domain.dispatch(made.OrdersOf(customer_id="c-1"))] == [
        "o-1",
        "o-3",
    ]
    assert made.domain.dispatch(made.OrdersOf(customer_id="c-1", least=2)).total == 1
    assert made.domain.dispatch(made.OrderOfId(order_id="o-1")).status == "shipped"


def test_a_query_leaves_no_trace(made):
    before = made.domain.journal.last_step
    made.domain.dispatch(made.OrderOfId(order_id="o-1")).status = "lost"
    assert made.domain.journal.last_step == before
    assert records(made.domain)["o-1"]["status"] == "shipped"


def test_a_query_is_a_question_that_does_not_change(made):
    query = made.OrdersOf({"least": "2"}, customer_id=1)
    assert query.payload == query.to_dict() == {"customer_id": "1", "least": 2}
    assert repr(query) == "OrdersOf(customer_id='1', least=2)"
    assert query == made.OrdersOf(customer_id="1", least=2) == copy.deepcopy(query)
    assert hash(query) == hash(made.OrdersOf(customer_id="1", least=2))
    assert query != made.OrdersOf(customer_id="1")
    assert query != "OrdersOf"
    with pytest.raises(IncorrectUsageError, match="it is a question"):
        query.least = 5
    with pytest.raises(IncorrectUsageError, match="cannot be deleted"):
        del query.least


def test_the_values_of_a_query_are_checked(made):
    with pytest.raises(ValidationError, match="customer_id is required"):
        made.OrdersOf()
    assert made.domain.journal[-1].kind == "rejected"


def test_what_a_handler_raises_reaches_the_caller(made):
    with pytest.raises(Exception, match="'o-9' is not in its repository"):
        made.domain.dispatch(made.OrderOfId(order_id="o-9"))


def test_in_a_fork_and_in_the_past_a_query_is_answered_from_there(made):
    domain = made.domain
    fork = domain.fork()
    fork.repository_for("OrderList").query.delete()
    assert not fork.dispatch(made.OrdersOf(customer_id="c-1"))
    begun = next(entry.step for entry in domain.journal.of(kind="changed", aggregate="OrderList"))
    assert domain.at(begun).dispatch(made.OrdersOf(customer_id="c-1")).total == 1
    assert domain.dispatch(made.OrdersOf(customer_id="c-1")).total == 2


WAYS = {
    "add": lambda made: made.domain.repository_for(made.OrderList).add(made.OrderList(order_id="o-9")),
    "remove": lambda made: made.domain.repository_for(made.OrderList).query.delete(),
    "save an aggregate": lambda made: made.domain.repository_for(made.Order).add(made.Order(customer_id="1")),
    "process": lambda made: made.domain.process(made.PlaceOrder(customer_id="1")),
    "a unit of work": lambda made: UnitOfWork(made.domain).start(),
    "rebuild": lambda made: made.domain.rebuild_projection(made.OrderList),
    "reset": lambda made: made.domain.reset(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_query_handler_that_changes_something_is_refused(made, way):
    domain = made.domain

    @domain.query_handler(part_of=made.OrderList)
    class Answers:
        @read(made.OrderOfId)
        def of_id(self, query):  # noqa: ARG002
            WAYS[way](made)

    before, there = domain.journal.last_step, records(domain)
    with pytest.raises(IncorrectUsageError, match=r"A query handler only reads.*OrderOfId"):
        domain.dispatch(made.OrderOfId(order_id="o-1"))
    assert (domain.journal.last_step, records(domain)) == (before, there)
    domain.repository_for(made.OrderList).add(made.OrderList(order_id="o-8"))


@pytest.mark.parametrize("way", ["add", "remove", "save an aggregate", "process"])
def test_so_is_one_that_is_asked_in_a_unit_of_work(made, way):
    domain = made.domain

    @domain.query_handler(part_of=made.OrderList)
    class Answers:
        @read(made.OrderOfId)
        def of_id(self, query):  # noqa: ARG002
            WAYS[way](made)

    with UnitOfWork(domain):
        domain.repository_for(made.OrderList).add(made.OrderList(order_id="o-8"))
        with pytest.raises(IncorrectUsageError, match=r"A query handler only reads"):
            domain.dispatch(made.OrderOfId(order_id="o-1"))
    assert list(records(domain)) == ["o-1", "o-3", "o-8"]
    assert domain.repository_for(made.Order).query.count() == 3


def test_in_a_unit_of_work_a_query_sees_what_is_going_to_be_saved(made):
    domain = made.domain
    with UnitOfWork(domain):
        entry = domain.repository_for(made.OrderList).get("o-1")
        domain.repository_for(made.OrderList).add(
            made.OrderList(order_id="o-8", customer_id="c-1", quantity=1)
        )
        assert domain.dispatch(made.OrdersOf(customer_id="c-1")).total == 3
        assert domain.dispatch(made.OrderOfId(order_id="o-1")) is entry


def test_what_is_refused_in_a_query_in_a_unit_of_work_is_in_the_journal(made):
    domain = made.domain

    @domain.query_handler(part_of=made.OrderList)
    class Answers:
        @read(made.OrderOfId)
        def of_id(self, query):  # noqa: ARG002
            made.OrdersOf(least="many")

    with UnitOfWork(domain), pytest.raises(ValidationError):
        domain.dispatch(made.OrderOfId(order_id="o-1"))
    assert [entry.element for entry in domain.journal.of(kind="rejected")] == ["OrdersOf"]


def test_a_command_handler_may_ask(made):
    domain = made.domain

    @domain.command_handler(part_of=made.Order)
    class Clerk:
        @handle(made.PlaceOrder)
        def place(self, command):
            known = domain.dispatch(made.OrdersOf(customer_id=command.customer_id)).total
            domain.repository_for(made.Order).add(made.Order.place(id=f"o-{known + 10}", customer_id="c-1"))

    domain.process(made.PlaceOrder(customer_id="c-1"))
    assert list(records(domain)) == ["o-1", "o-3", "o-12"]


def test_the_newest_handler_answers(made):
    @made.domain.query_handler(part_of=made.OrderList)
    class Answers:
        @read("OrderOfId")
        def of_id(self, query):  # noqa: ARG002
            return "new"

    assert made.domain.dispatch(made.OrderOfId(order_id="o-1")) == "new"
    with pytest.raises(IncorrectUsageError, match="Nobody answers OrdersOf"):
        made.domain.dispatch(made.OrdersOf(customer_id="1"))


def test_only_queries_are_dispatched(made):
    with pytest.raises(IncorrectUsageError, match="that is no query"):
        made.domain.dispatch(made.PlaceOrder(customer_id="1"))
    with pytest.raises(IncorrectUsageError, match=r"give it an object|no query"):
        made.domain.dispatch(made.OrdersOf)
    with pytest.raises(IncorrectUsageError, match="no command"):
        made.domain.process(made.OrderOfId(order_id="o-1"))
    other = shop()
    with pytest.raises(IncorrectUsageError, match="older Bookshop"):
        other.domain.dispatch(made.OrderOfId(order_id="o-1"))


def test_definitions_that_cannot_work_say_so(made):
    domain = made.domain

    def bare(**members):
        return type("X", (), members)

    @read(made.OrderShipped)
    def wrong(self, query): ...

    @read("$any")
    def every(self, query): ...

    @read(made.OrderOfId)
    def second(self, query): ...

    @read(made.OrderOfId)
    async def later(self, query): ...

    handler = domain.query_handler(part_of=made.OrderList)
    cases = [
        ("lacks part_of: a query belongs to a projection", lambda: domain.query(bare())),
        ("lacks part_of: a query handler", lambda: domain.query_handler(bare())),
        ("part_of=Order is no projection", lambda: domain.query(part_of=made.Order)(bare())),
        (r"@read\(OrderShipped\) names no query", lambda: handler(bare(wrong=wrong))),
        (r'@read\("\$any"\) is for event handlers', lambda: handler(bare(every=every))),
        ("a query has one handler", lambda: handler(bare(second=second))),
        ("is async", lambda: handler(bare(later=later))),
        (
            "names no event",
            lambda: domain.event_handler(part_of=made.Order)(bare(x=handle(made.OrderOfId)(wrong))),
        ),
    ]
    for text, define in cases:
        with pytest.raises(ConfigurationError, match=text):
            define()


def test_a_query_of_nothing_is_found_when_the_domain_is_checked():
    domain = Domain(name="Bookshop")

    @domain.query(part_of="OrderList")
    class OrdersOf:
        customer_id = Identifier()

    with pytest.raises(ConfigurationError, match="part_of='OrderList' is no projection"):
        domain.init()


def test_classes_derived_from_the_bases_are_registered():
    domain = Domain(name="Bookshop")

    class Ask(Query[str]):
        word = String()

    class Answer(QueryHandler):
        @read(Ask)
        def answer(self, query):
            return query.word

    with pytest.raises(ConfigurationError):
        domain.register(Answer)
    ask = domain.register(Ask, part_of="Words")
    domain.register(Answer, part_of="Words")
    assert domain.dispatch(ask(word="yes")) == "yes"


def test_a_query_can_be_kept(made):
    query = made.OrdersOf(customer_id="1")
    assert copy.copy(query) == query
    with pytest.raises((pickle.PicklingError, AttributeError)):  # its class is local here
        pickle.dumps(query)
