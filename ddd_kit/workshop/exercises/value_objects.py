"""The exercise on value objects, of the notebook on aggregates."""

from __future__ import annotations

from typing import Any

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.trial import Trial

LESSON = "02-aggregates"

_MONEY_BEGIN = """
from ddd_kit import Domain
from ddd_kit.fields import Identifier, Integer, String, ValueObject

shop = Domain(name="Shop")

"""
_MONEY_CLASS = """
@shop.value_object
class Money:
    amount = Integer(required=True)
    currency = String(default="EUR")

    def plus(self, other):
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return Money(amount=self.amount + other.amount, currency=self.currency)

"""
_BOOK_CLASS = """
@shop.aggregate
class Inventory:
    book_id = Identifier(identifier=True)
    in_stock = Integer(default=0)
{price}"""


@point(
    "`Money` is a value object",
    "Two notes of five euros: does anybody care which one it is?",
    "There is a decorator for things that are what their values are, beside `@shop.aggregate` and `@shop.entity`.",
    '`@shop.value_object`, and a class `Money` with `amount = Integer(required=True)` and `currency = String(default="EUR")`',
)
def _is_value(shop: Trial) -> str:
    shop.element("value object", "Money")
    shop.fields("Money", "amount", "currency")
    five = shop.make("Money", amount=5)
    shop.expect(
        str(five.currency) == "EUR",
        f"`Money(amount=5)` has the currency {five.currency!r}; it should be 'EUR' when nothing is said.",
        _CURRENCY,
    )
    shop.expect(five == shop.make("Money", amount=5), "Two `Money(amount=5)` are not equal.", _EQUAL)
    shop.expect(
        five != shop.make("Money", amount=5, currency="USD"), "5 EUR and 5 USD are taken for equal.", _EQUAL
    )
    return "5 EUR equal 5 EUR, and not 5 USD"


_CURRENCY = (
    "What if nobody names a currency?",
    "A field can have a default.",
    '`currency = String(default="EUR")`',
)
_EQUAL = (
    "What makes two pieces of money the same?",
    "A value object compares all its values by itself; leave that to it.",
    "`Money` needs no `__eq__` and no `id`: only its two fields and `plus`.",
)


@point(
    "Adding makes new money",
    "What is nine euros and three euros? And what becomes of the nine?",
    "`plus` takes other money, changes neither of the two, and returns a third.",
    "`return Money(amount=self.amount + other.amount, currency=self.currency)`",
)
def _adds(shop: Trial) -> str:
    for one, two, currency in ((9, 3, "EUR"), (5, 2, "USD")):
        money = shop.make("Money", amount=one, currency=currency)
        found = shop.call(money, "plus", shop.make("Money", amount=two, currency=currency))
        what, total = f"{one} {currency} plus {two} {currency}", one + two
        if found is None:
            raise NotYet(f"{what}: `plus` returned nothing. It should return {total} {currency}.", _RETURN)
        if isinstance(found, (int, float)):
            raise NotYet(f"{what}: `plus` returned the number {found}, and should return `Money`.", _RETURN)
        shop.expect(
            found == shop.make("Money", amount=total, currency=currency),
            f"{what} should be {total} {currency}; it is {_worth(found)}.",
        )
        shop.expect(
            money == shop.make("Money", amount=one, currency=currency),
            f"After {what}, the {one} {currency} are {_worth(money)}: `plus` has changed them.",
        )
    return "9 EUR and 3 EUR make 12 EUR, 5 USD and 2 USD make 7 USD"


def _worth(money: Any) -> str:
    return f"{getattr(money, 'amount', '?')} {getattr(money, 'currency', '?')}"


_RETURN = (
    "Who called `plus` wants something back. What?",
    "The result is money, too: an object of the class, with an amount and a currency.",
    "`return Money(amount=self.amount + other.amount, currency=self.currency)`",
)


@point(
    "Currencies do not mix",
    "What is five euros and five dollars?",
    "Nobody can say, so `plus` has to say no: any error will do.",
    '`if other.currency != self.currency: raise ValueError("…")` at the start of `plus`',
)
def _no_mixture(shop: Trial) -> str:
    refused = ""
    for one, two in (("EUR", "USD"), ("USD", "EUR"), ("GBP", "USD")):
        money, other = (shop.make("Money", amount=5, currency=each) for each in (one, two))
        plus = getattr(money, "plus", None)
        if not callable(plus):
            raise NotYet("`Money` has no method `plus`.")
        try:
            found = plus(other)
        except Exception as error:  # noqa: BLE001 - the task leaves it open which error
            refused = type(error).__name__
        else:
            raise NotYet(f"5 {one} plus 5 {two} should be refused; it gave {_worth(found)}.")
    return f"5 EUR plus 5 USD is refused: {refused}"


@point(
    "A book has a price",
    "Which field lets one object be inside of another?",
    "`ValueObject` is imported already. It takes the class of what is inside.",
    "`price = ValueObject(Money, required=True)` in `Inventory`",
)
def _has_price(shop: Trial) -> str:
    shop.fields("Inventory", "book_id", "in_stock", "price")
    nine = shop.make("Money", amount=9)
    stock = shop.new("Inventory", book_id="emma", price=nine)
    price = shop.stored(stock).price
    shop.expect(
        price == nine, f"An inventory was saved with a price of 9 EUR, and its price is now {price!r}."
    )
    shop.refusal("an inventory without a price", lambda: shop.make("Inventory", book_id="dune"))
    return "saved with 9 EUR, loaded with 9 EUR; without a price it is refused"


EXERCISES = (
    Exercise(
        name="money",
        lesson=LESSON,
        title="Money that cannot be mixed up",
        minutes=5,
        task="""
Write a value object `Money` and give `Inventory` a price.

- `Money` has an `amount` (a whole number) and a `currency`, which is `"EUR"` when nothing is said.
- `plus(other)` returns the sum as new `Money` of the same currency. Different currencies cannot be added: it raises an error,
  whichever you like.
- `Inventory` gets a required field `price`, which holds `Money`.
""",
        starter=_MONEY_BEGIN
        + "# Your value object:\n\n"
        + _BOOK_CLASS.format(price="    # and its price:\n"),
        solution=_MONEY_BEGIN
        + _MONEY_CLASS
        + _BOOK_CLASS.format(price="    price = ValueObject(Money, required=True)\n"),
        points=(_is_value, _adds, _no_mixture, _has_price),
        untested="negative amounts, and prices in fractions.",
    ),
)
