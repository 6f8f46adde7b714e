"""Exercises of the notebook on invariants."""

from __future__ import annotations

from typing import Any

from ddd_kit.exceptions import ValidationError
from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.shipped_orders import SHIPPED_STAYS
from ddd_kit.workshop.trial import Trial

# No more than there is

_STOCK = """
from ddd_kit import Domain, invariant
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import Identifier, Integer

shop = Domain(name="Shop")


@shop.aggregate
class Inventory:
    book_id = Identifier(identifier=True)
    in_stock = Integer(default=0)
    reserved = Integer(default=0)

    def reserve(self, copies):
        self.reserved += copies

    def release(self, copies):
        self.reserved -= copies

    def throw_away(self, copies):
        self.in_stock -= copies
"""


def _stock(shop: Trial, reserved: int = 0, book: str = "emma") -> Any:
    return shop.new("Inventory", book_id=book, in_stock=5, reserved=reserved)


@point(
    "What there is can be reserved",
    "May the last copy be reserved?",
    "Look at the comparison in your rule: at the limit itself it has to let pass.",
    "`if self.reserved > self.in_stock:`, with `>` and not with `>=`",
)
def _up_to_the_limit(shop: Trial) -> str:
    shop.fields("Inventory", "book_id", "in_stock", "reserved")
    stock = _stock(shop)
    shop.act(stock, "reserve", 3)
    shop.act(stock, "reserve", 2)
    reserved = shop.stored(stock).reserved
    shop.expect(reserved == 5, f"Of 5 copies 3 and then 2 were reserved, and `reserved` is {reserved}.")
    shop.act(stock, "release", 5)
    shop.act(stock, "throw_away", 5)
    return "5 of 5 reserved, all released, all thrown away"


@point(
    "No more is reserved than there is",
    "What has to hold between `reserved` and `in_stock`, whatever was called?",
    "Write a method with `@invariant.post` that compares the two, and raises `ValidationError` where it does not hold.",
    '`if self.reserved > self.in_stock: raise ValidationError({"reserved": ["must not be more than in_stock"]})`',
)
def _not_more(shop: Trial) -> str:
    stock = shop.stored(_stock(shop))
    try:
        shop.refusal("reserving 6 of 5 copies", lambda: shop.save(shop.call(stock, "reserve", 6) or stock))
    except NotYet as found:
        if found.__cause__ is not None:
            raise NotYet(found.why, _HOW) from found.__cause__
        try:
            stock.in_stock += 0
        except ValidationError:
            raise NotYet(f"{found} The change after it was refused, one too late.", _PRE) from None
        raise
    return "6 of 5 were refused"


_HOW = (
    "There are many errors. Which one means that a rule does not hold?",
    "A rule refuses by `ValidationError`, with a dictionary of fields and lists of texts. Any other error is a fault.",
    '`raise ValidationError({"reserved": ["must not be more than in_stock"]})`',
)
_PRE = (
    "When is your rule asked: before a change, or after it?",
    "`@invariant.pre` sees the object as it is before. What comes of a change is seen by the other kind.",
    "`@invariant.post` in the place of `@invariant.pre`",
)


@point(
    "It holds whichever way somebody goes",
    "Your rule is asked when copies are reserved. What else can make it untrue?",
    "A rule of the whole object stands in a method of its own, with `@invariant.post`; then it is asked at every change.",
    "Move the comparison out of `reserve`, into a method with `@invariant.post` that takes only `self`.",
)
def _any_way(shop: Trial) -> str:
    shop.refusal(
        "throwing away 3 of 5 copies of which 4 are reserved",
        lambda: shop.act(_stock(shop, reserved=4), "throw_away", 3),
    )
    shop.refusal(
        "an inventory that is made with 5 copies and 6 reserved",
        lambda: shop.make("Inventory", book_id="dune", in_stock=5, reserved=6),
    )
    stock = shop.stored(_stock(shop, book="momo"))
    shop.refusal("`inventory.reserved = 6` with 5 in stock", lambda: setattr(stock, "reserved", 6))
    return "refused when copies are thrown away, when it is made, when a field is set"


@point(
    "Less than nothing is not reserved",
    "Somebody releases more than was reserved. How many are reserved then?",
    "There is a second rule, about `reserved` alone. It may be an option of the field, or another invariant.",
    "`reserved = Integer(default=0, min_value=0)`",
)
def _not_less(shop: Trial) -> str:
    shop.refusal(
        "releasing 2 copies where 1 is reserved", lambda: shop.act(_stock(shop, reserved=1), "release", 2)
    )
    return "2 released where 1 is reserved: refused"


# All at once

_FORM_BEGIN = """
from ddd_kit import Domain, invariant
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import Integer, String

shop = Domain(name="Shop")


@shop.aggregate
class Order:
    customer = String(default="")
    quantity = Integer(required=True)
    price = Integer(required=True)
    total_amount = Integer(required=True)
"""
_ONE_BY_ONE = """
    @invariant.post
    def is_filled_in(self):
        if not self.customer:
            raise ValidationError({"customer": ["must not be empty"]})
        if self.quantity > 10:
            raise ValidationError({"quantity": ["must be ten at most"]})
        if self.total_amount != self.quantity * self.price:
            raise ValidationError({"total_amount": ["must be quantity times price"]})
"""
_EACH_ITS_OWN = """
    @invariant.post
    def somebody_ordered_it(self):
        if not self.customer:
            raise ValidationError({"customer": ["must not be empty"]})

    @invariant.post
    def ten_copies_at_most(self):
        if self.quantity > 10:
            raise ValidationError({"quantity": ["must be ten at most"]})

    @invariant.post
    def total_fits(self):
        if self.total_amount != self.quantity * self.price:
            raise ValidationError({"total_amount": ["must be quantity times price"]})
"""
_RIGHT = {"customer": "Ada", "quantity": 2, "price": 9, "total_amount": 18}
_WRONG: dict[str, dict[str, Any]] = {
    "customer": {"customer": ""},
    "quantity": {"quantity": 11, "total_amount": 99},
    "total_amount": {"total_amount": 20},
}


@point(
    "A right order is accepted",
    "Two copies for 9 each are 18. Which rule says no to that?",
    "Read the reason: it names the rule that refused.",
    "All three rules have to let an order of 2 copies for 9 each, in all 18, pass; also one of 10 copies.",
)
def _accepted(shop: Trial) -> str:
    shop.fields("Order", "customer", "quantity", "price", "total_amount")
    shop.new("Order", **_RIGHT)
    shop.new("Order", **{**_RIGHT, "quantity": 10, "total_amount": 90})
    return "2 for 9 each, in all 18; and 10 for 9 each, in all 90"


@point(
    "Each rule refuses by itself",
    "There were three rules at the start. Are there still three?",
    "Each of them names its field: customer, quantity, total_amount.",
    'Raise `ValidationError({"quantity": [...]})` with the name of the field that is wrong, and so for the two others.',
)
def _each_alone(shop: Trial) -> str:
    for field, wrong in _WRONG.items():
        values = {**_RIGHT, **wrong}
        said = _refused(shop, values)
        shop.expect(
            field in said,
            f"An order with {_told(values)} should be refused for its `{field}`; it was for {_names(said)}.",
        )
        shop.expect(
            set(said) == {field},
            f"Only `{field}` is wrong in an order with {_told(values)}; it was refused for {_names(said)}.",
            _ONLY,
        )
    return "an empty customer, 11 copies, and a wrong total, each refused for its own field"


_ONLY = (
    "Which of the rules complains although it holds?",
    "Each rule says something only where it is broken itself.",
    "Put each message into the error only under its own `if`.",
)


@point(
    "All that is wrong is said at once",
    "A `raise` ends a method. What of the rules that come after it?",
    "All invariants of an object are asked, and what they say is put together. How many invariants are there in your order?",
    "Make three methods of the one, each with `@invariant.post` and one `if` with its `raise`.",
)
def _at_once(shop: Trial) -> str:
    values = {"customer": "", "quantity": 12, "price": 9, "total_amount": 5}
    said = _refused(shop, values)
    missing = [field for field in _WRONG if field not in said]
    if missing:
        given = any("nput should" in text for texts in said.values() for text in texts)
        raise NotYet(
            f"Three things are wrong in an order with {_told(values)}. The error speaks of {_names(said)}, and not "
            f"of {_names(missing)}.",
            _OPTIONS if given else None,
        )
    return "an order with three mistakes: three fields in one error"


_OPTIONS = (
    "One of the rules is an option of a field now. When is that one asked?",
    "Options of fields come first. Where they do not hold, no invariant is asked at all.",
    "For these three use invariants only, one method for each.",
)


def _refused(shop: Trial, values: dict[str, Any]) -> dict[str, Any]:
    error: ValidationError = shop.refusal(
        f"an order with {_told(values)}", lambda: shop.make("Order", **values)
    )
    return dict(error.messages)


def _told(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in values.items())


def _names(fields: Any) -> str:
    return ", ".join(f"`{field}`" for field in fields) or "nothing"


EXERCISES = (
    Exercise(
        name="no-more-than-there-is",
        lesson="03-invariants",
        title="No more than there is",
        minutes=5,
        task="""
Customers reserve copies. At the moment they may reserve any number. Give `Inventory` rules, so that a `ValidationError` refuses
whatever breaks them:

- `reserved` is never more than `in_stock`, whichever of the two changes, and by whatever way,
- `reserved` is never less than 0.

Leave the three methods as they are.
""",
        starter=_STOCK + "\n    # Your rules:\n",
        solution=_STOCK.replace(
            "    reserved = Integer(default=0)", "    reserved = Integer(default=0, min_value=0)"
        )
        + """
    @invariant.post
    def no_more_than_there_is(self):
        if self.reserved > self.in_stock:
            raise ValidationError({"reserved": ["must not be more than in_stock"]})
""",
        points=(_up_to_the_limit, _not_more, _any_way, _not_less),
        untested="what the error says, and negative numbers of copies.",
    ),
    SHIPPED_STAYS,
    Exercise(
        name="all-at-once",
        lesson="03-invariants",
        title="All mistakes at once",
        minutes=4,
        task="""
A customer who fills in the form wrongly hears of one mistake, mends it, and hears of the next. Change `Order` so that one
`ValidationError` tells of all that is wrong, each under the name of its field:

- `customer` must not be empty,
- `quantity` must be 10 at most,
- `total_amount` must be `quantity * price`.
""",
        starter=_FORM_BEGIN + _ONE_BY_ONE + "\n    # Change the rule above.\n",
        solution=_FORM_BEGIN + _EACH_ITS_OWN,
        points=(_accepted, _each_alone, _at_once),
        untested="the words in which it is said.",
    ),
)
