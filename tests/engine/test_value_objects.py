"""Value objects: compared by value, never changed, kept as parts of what holds them."""

import copy
import pickle
import re

import pytest

from ddd_kit import Domain, Q, invariant
from ddd_kit import ValueObject as ValueObjectBlock
from ddd_kit.exceptions import ConfigurationError, IncorrectUsageError, ValidationError
from ddd_kit.fields import Float, HasMany, List, String, ValueObject, ValueObjectList

domain = Domain(name="Bookshop")


@domain.value_object
class Money:
    amount: Float(min_value=0, required=True)
    currency: String(max_length=3, default="EUR")

    @invariant.post
    def a_currency_that_there_is(self):
        if self.currency == "XXX":
            raise ValidationError({"currency": ["is none"]})


@domain.value_object
class Offer:
    price = ValueObject(Money, required=True)
    title = String()


@domain.aggregate
class Book:
    price = ValueObject(Money)
    offer: Offer | None = None
    history = ValueObjectList(Money)
    others = List(content_type=ValueObject(Money))


@pytest.fixture(autouse=True)
def _empty():
    domain.reset()


def saved(**values):
    books = domain.repository_for(Book)
    return books.get(books.add(Book(**values)).id)


def test_equal_values_are_equal_objects_and_have_one_hash():
    assert Money(amount=5) == Money(amount="5", currency="EUR")
    assert len({Money(amount=5), Money(amount=5.0)}) == 1
    assert Money(amount=5) != Money(amount=5, currency="USD")


def test_a_value_of_another_class_is_another_value():
    assert Money(amount=5) != {"amount": 5.0, "currency": "EUR"}


@pytest.mark.parametrize("change", [lambda m: setattr(m, "amount", 6), lambda m: delattr(m, "amount")])
def test_it_cannot_be_changed(change):
    money = Money(amount=5)
    with pytest.raises(IncorrectUsageError, match="never changes"):
        change(money)
    assert money.amount == 5


def test_replace_gives_another_one_that_is_checked():
    assert Money(amount=5).replace(amount=6) == Money(amount=6)
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        Money(amount=5).replace(amount=-1)
    with pytest.raises(IncorrectUsageError, match="no field 'amont' to replace: did you mean 'amount'"):
        Money(amount=5).replace(amont=6)


def test_its_invariants_are_checked_when_it_is_made():
    with pytest.raises(ValidationError) as caught:
        Money(amount=1, currency="XXX")
    assert caught.value.messages == {"currency": ["is none"]}
    assert [(rule.name, rule.seen) for rule in caught.value.rules] == [
        ("a_currency_that_there_is", (("currency", "XXX"),))
    ]


def test_nothing_is_false_and_something_is_true():
    assert not Money(amount=0, currency="")
    assert Money(amount=0)


def test_to_dict_opens_it_up_and_leaves_out_what_is_not_there():
    book = Book(price=Money(amount=5), id="b-1")
    assert book.to_dict() == {
        "price": {"amount": 5.0, "currency": "EUR"}, "history": [], "others": [], "id": "b-1",
    }  # fmt: skip


def test_nested_and_listed_ones_come_back_from_the_repository():
    book = saved(offer=Offer(price=Money(amount=3)), history=[Money(amount=1)], others=[{"amount": 2}])
    assert book.offer.price == Money(amount=3)
    assert book.history == [Money(amount=1)]
    assert book.others == [Money(amount=2)]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (3, r"should be a Money, as Money\(amount=\.\.\., currency=\.\.\.\)"),
        ({"amount": -1}, "amount: Input should be greater than or equal to 0"),
        ({"amont": 1}, "amount: is required; amont: is unknown"),
    ],
)
def test_what_is_no_such_value_is_refused(given, text):
    with pytest.raises(ValidationError) as caught:
        Book(price=given)
    assert re.search(text, caught.value.messages["price"][0])


def test_a_required_one_has_to_be_given():
    with pytest.raises(ValidationError) as caught:
        Offer(title="A")
    assert caught.value.messages == {"price": ["is required"]}


def test_its_fields_can_be_given_and_read_one_by_one():
    book = Book(price_amount=5)
    assert (book.price, book.price_currency) == (Money(amount=5), "EUR")
    assert Book().price_amount is None


def test_queries_reach_into_it():
    books = domain.repository_for(Book)
    for amount in (3, 1, 2):
        books.add(Book(price=Money(amount=amount)))
    books.add(Book())
    found = books.query.filter(price_amount__gt=1).order_by("-price_amount").all()
    assert [book.price.amount for book in found] == [3, 2]
    assert books.find_by(price=Money(amount=1)).price_amount == 1
    assert books.query.filter(~Q(price_amount__gt=0)).count() == 1
    with pytest.raises(IncorrectUsageError, match="Book has no field 'price_amont' to look for"):
        books.query.filter(price_amont=1)


def test_the_journal_shows_which_of_its_values_changed():
    book = saved(price=Money(amount=5))
    book.price = Money(amount=6)
    domain.repository_for(Book).add(book)
    assert domain.journal[-1].changes == {"price.amount": (5.0, 6.0)}


def test_stored_ones_come_back_as_the_newest_class():
    domain = Domain(name="Redefined")

    def define(**more):
        namespace = {"__annotations__": {"amount": int}, **more}
        return domain.value_object(type("Money", (), namespace))

    first = define()

    @domain.aggregate
    class Order:
        total = ValueObject(first)

    orders = domain.repository_for(Order)
    order = orders.add(Order(total=first(amount=5)))
    define(doubled=lambda self: self.amount * 2)
    assert orders.get(order.id).total.doubled() == 10


def test_a_stored_one_that_lacks_a_field_says_the_way_out():
    domain = Domain(name="Redefined")

    @domain.value_object
    class Money:
        amount: int

    @domain.aggregate
    class Order:
        total = ValueObject("Money")

    orders = domain.repository_for(Order)
    order = orders.add(Order(total=Money(amount=5)))

    @domain.value_object(part_of=Order)
    class Money:
        amount: int
        currency: str

    with pytest.raises(ConfigurationError, match=r"A Money was stored .* 'currency' is required\. Give"):
        orders.get(order.id)


def test_a_name_that_is_not_defined_is_told_when_it_is_used():
    domain = Domain(name="Unfinished")

    @domain.aggregate
    class Order:
        total = ValueObject("Mony")

    with pytest.raises(ConfigurationError, match="Mony is not defined in Unfinished"):
        Order(total={"amount": 1})


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copies_are_equal(duplicate):
    assert duplicate(Offer(price=Money(amount=5))) == Offer(price=Money(amount=5))


def test_events_carry_them():
    domain = Domain(name="Carried")

    @domain.value_object
    class Money:
        amount: int

    @domain.aggregate
    class Order:
        total: Money

    @domain.event(part_of=Order)
    class OrderPlaced:
        total = ValueObject(Money)

    heard = []

    from ddd_kit import handle

    @domain.event_handler(part_of=Order)
    class Listening:
        @handle(OrderPlaced)
        def hear(self, event):
            heard.append(event)

    order = Order(total=Money(amount=5))
    order.raise_(OrderPlaced(total=order.total))
    domain.repository_for(Order).add(order)
    assert heard[0].total == Money(amount=5)
    assert heard[0].payload == {"total": {"amount": 5}}
    assert domain.journal.of(kind="event")[0].payload == {"total": {"amount": 5}}


def test_a_pickled_aggregate_keeps_its_values():
    book = saved(price=Money(amount=5))
    assert pickle.loads(pickle.dumps(book.to_dict())) == book.to_dict()


def test_a_class_that_is_part_of_no_domain_says_so():
    class Loose(ValueObjectBlock): ...

    with pytest.raises(AttributeError, match=r"Loose is part of no domain yet: decorate the class"):
        Loose()


def test_entities_are_no_contents_of_a_list():
    with pytest.raises(ConfigurationError, match="For entities take HasMany"):
        List(content_type=HasMany("OrderItem"))
