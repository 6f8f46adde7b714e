"""The text of an error on values that were not accepted; its `.messages` are Protean's."""

import pytest

from ddd_kit import Domain, atomic_change, invariant
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import Float, HasMany, Identifier, Integer, List, Status, String, ValueObject

domain = Domain(name="Bookshop")


@domain.value_object
class Money:
    amount = Float(min_value=0)
    currency = String(max_length=3, default="EUR")

    @invariant.post
    def only_euros(self):
        if self.currency != "EUR":
            raise ValidationError({"currency": ["must be EUR"]})


@domain.aggregate
class Order:
    quantity = Integer(min_value=1, default=1)
    state = Status(["DRAFT", "PLACED", "SENT"], default="DRAFT", transitions={"DRAFT": ["PLACED", "SENT"]})
    email = String(unique=True)
    total = ValueObject(Money)
    tags = List(content_type=String(max_length=3))
    items = HasMany("Item")

    @invariant.post
    def at_most_five(self):
        if self.quantity > 5:
            raise ValidationError({"quantity": ["must be at most 5"]})

    @invariant.post
    def nothing_else(self):
        if self.quantity > 50:
            raise ValidationError("is too much.", hints=["Order less."])


@domain.entity(part_of=Order)
class Item:
    sku = Identifier(identifier=True)
    count = Integer(min_value=1, default=1)

    @invariant.post
    def few(self):
        if self.count > 3:
            raise ValidationError({"count": ["too many"]})


@pytest.fixture(autouse=True)
def _empty():
    domain.reset()


def refusal(act):
    with pytest.raises(ValidationError) as caught:
        act()
    return caught.value


def saved(**values):
    return domain.repository_for(Order).add(Order(id="o-1", **values))


@pytest.mark.parametrize(
    ("values", "message", "text"),
    [
        (
            {"quantity": "many"},
            "Input should be a valid integer, unable to parse string as an integer",
            "quantity should be a valid integer, not 'many'",
        ),
        (
            {"quantity": 1.5},
            "Input should be a valid integer, got a number with a fractional part",
            "quantity should be a valid integer, not 1.5",
        ),
        (
            {"quantity": 0},
            "Input should be greater than or equal to 1",
            "quantity should be greater than or equal to 1, not 0",
        ),
        (
            {"tags": ["new", "used"]},
            "String should have at most 3 characters",
            "tags[1] should have at most 3 characters, not 'used'",
        ),
        (
            {"total": {"amount": -1}},
            "amount: Input should be greater than or equal to 0",
            "total.amount should be greater than or equal to 0, not -1",
        ),
        (
            {"total": 5},
            "should be a Money, as Money(amount=..., currency=...)",
            "total should be a Money, as Money(amount=..., currency=...); it was given 5",
        ),
        (
            {"items": [7]},
            "should be an Item, as Item(sku=..., count=...)",
            "items should be an Item, as Item(sku=..., count=...); it was given [7]",
        ),
    ],
)
def test_the_place_and_the_value_are_told_and_the_messages_stay_as_they_are(values, message, text):
    error = refusal(lambda: Order(**values))
    assert error.messages == {next(iter(values)): [message]}
    assert str(error) == f"Order was not accepted: {text}."


def test_a_value_that_is_long_or_cannot_be_shown_is_told_on_one_line():
    class Shy:
        def __repr__(self):
            raise RuntimeError

    error = refusal(lambda: Order(quantity="x " * 99))
    assert str(error).endswith("x …."), str(error)
    assert len(str(error)) < 140
    assert "not <Shy that cannot be shown>" in str(refusal(lambda: Order(quantity=Shy())))


def test_a_broken_rule_is_named_with_what_it_saw():
    error = refusal(lambda: Order(quantity=7))
    assert error.messages == {"quantity": ["must be at most 5"]}
    assert str(error) == (
        "Order was not accepted: quantity must be at most 5. The rule Order.at_most_five saw quantity 7."
    )


def test_several_rules_are_named_each_and_their_ways_out_come_last():
    assert str(refusal(lambda: Order(quantity=70))) == (
        "Order was not accepted: quantity must be at most 5; is too much. The rule Order.at_most_five saw "
        "quantity 70. The rule Order.nothing_else saw quantity 70. Order less."
    )


def test_a_rule_of_an_entity_names_the_entity():
    order = saved(items=[Item(sku="A"), Item(sku="B")])
    error = refusal(lambda: setattr(order.items[1], "count", 4))
    assert error.messages == {"count": ["too many"]}
    assert str(error) == (
        "Order o-1 was not accepted: count too many. The rule Item.few of Item B saw count 4."
    )


def test_a_rule_of_a_value_inside_is_named():
    error = refusal(lambda: Order(total={"amount": 1, "currency": "USD"}))
    assert error.messages == {"total": ["currency: must be EUR"]}
    assert str(error) == (
        "Order was not accepted: total.currency must be EUR. The rule Money.only_euros saw currency 'USD'."
    )


def test_what_is_saved_is_named_when_it_refuses_a_change():
    order = saved(items=[Item(sku="A")])
    assert str(refusal(lambda: setattr(order, "quantity", 0))).startswith("Order o-1 was not accepted: q")
    assert str(refusal(lambda: setattr(order.items[0], "count", 0))) == (
        "Item of Order o-1 was not accepted: count should be greater than or equal to 1, not 0."
    )
    assert str(refusal(lambda: setattr(Order(), "quantity", 0))).startswith("Order was not accepted: q")


def test_a_saved_one_is_named_without_a_journal_too():
    order = saved()
    domain.config["journal"] = False
    try:
        assert str(refusal(lambda: setattr(order, "quantity", 0))).startswith("Order o-1 was")
    finally:
        domain.config["journal"] = True


def test_a_status_says_where_it_may_go():
    order = saved()
    order.state = "PLACED"
    error = refusal(lambda: setattr(order, "state", "DRAFT"))
    assert str(error) == (
        "Order o-1 was not accepted: state is 'PLACED', and nothing follows that, so it cannot become "
        "'DRAFT'."
    )
    assert "terminal state" in error.messages["state"][0]

    def skip():
        with atomic_change(other):
            other.state = "UNKNOWN"

    other = Order(state="DRAFT")
    assert "should be 'DRAFT', 'PLACED' or 'SENT', not 'UNKNOWN'" in str(refusal(skip))


def test_a_unique_value_says_whose_it_is():
    repository = domain.repository_for(Order)
    saved(email="a@b.c")
    error = refusal(lambda: repository.add(Order(email="a@b.c")))
    assert error.messages == {"email": ["Order with email 'a@b.c' is already present."]}
    assert str(error) == (
        "Order was not accepted: email 'a@b.c' is that of Order o-1 already. Choose another value, or change "
        "the one that has it first."
    )


def test_a_wrong_dictionary_for_a_value_object_is_refused_as_any_value():
    order = saved(total=Money(amount=1))
    error = refusal(lambda: setattr(order, "total", {"amount": -3}))
    assert error.messages == {"total": ["amount: Input should be greater than or equal to 0"]}
    assert order.total == Money(amount=1)
    assert dict(domain.journal[-1].tried) == {"total": "{'amount': -3}"}


def test_a_domain_service_names_aggregates_shortly():
    model = Domain(name="Bank")

    @model.aggregate
    class Account:
        balance: int = 0

    @model.domain_service(part_of=[Account, Account])
    class Transfer:
        def __init__(self, source):
            super().__init__(source)
            self.source = source

        @invariant.post
        def nobody_owes(self):
            if self.source.balance < 0:
                raise ValidationError({"balance": ["must not be negative"]})

        def of(self, amount):
            self.source.balance -= amount

    with pytest.raises(ValidationError, match=r"The rule Transfer.nobody_owes saw source Account a-1\.$"):
        Transfer(Account(id="a-1")).of(1)
