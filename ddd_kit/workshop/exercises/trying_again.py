"""An exercise of the notebook on failures: what may pass is tried again, and nothing else."""

from __future__ import annotations

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.failures import LESSON
from ddd_kit.workshop.trial import Trial

_SHOP = '''
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, String

shop = Domain(name="Shop")
calls = {}  # how often the courier was called for each order


def call_courier(order_id, address):
    """The line is engaged at the first two calls for each order; to some places he never goes."""
    calls[order_id] = calls.get(order_id, 0) + 1
    if address == "Moon":
        raise ValueError("we do not go there")
    if calls[order_id] < 3:
        raise ConnectionError("the line is engaged")


@shop.aggregate
class Order:
    address = String(required=True)

    def ship_order(self):
        self.raise_(OrderShipped(order_id=self.id, address=self.address))


@shop.event(part_of=Order)
class OrderShipped:
    order_id = Identifier(required=True)
    address = String(required=True)


@shop.aggregate
class Pickup:
    order_id = Identifier(required=True)


@shop.event_handler(part_of=Pickup, stream_category="order")
class BookCourier:
    @handle(OrderShipped)
    def book(self, event):
        call_courier(event.order_id, event.address)
        shop.repository_for(Pickup).add(Pickup(order_id=event.order_id))
'''
_OPTIONS = 'part_of=Pickup, stream_category="order"'

_FEW = (
    "The line is engaged twice. How many calls does it take?",
    "`retries` counts the calls after the first one.",
    "`retries=2` is enough: one call, and two more.",
)
_WHICH = (
    "It is tried again after some errors. After which one should it be?",
    "`retry_exceptions` takes a tuple of classes. What does `call_courier` raise when the line is engaged?",
    "`retry_exceptions=(ConnectionError,)`, with the comma.",
)


def _ship(shop: Trial, address: str) -> str:
    """Ship an order that the courier has never heard of; why it failed, or ""."""
    order = shop.new("Order", address=address)
    try:
        shop.act(order, "ship_order")
    except NotYet as found:
        if not shop.ran("OrderShipped"):
            raise
        return found.why
    return ""


@point(
    "When the line is engaged, it is tried again",
    "The line was engaged. Would another call help?",
    "An event handler has an option for how often it is tried again.",
    '`@shop.event_handler(part_of=Pickup, stream_category="order", retries=2, retry_exceptions=(ConnectionError,))`',
)
def _again(shop: Trial) -> str:
    failed = _ship(shop, "London")
    booked, tried = len(shop.all("Pickup")), len(shop.ran("OrderShipped"))
    if tried == 0:
        raise NotYet("An order was shipped, and no handler listens to `OrderShipped`.", stops=True)
    if booked != 1:
        again = f"The handler was called {tried} time{'s' * (tried != 1)}"
        what = failed or "It failed with nothing."
        retried = any(each.outcome == "retried" for each in shop.ran("OrderShipped"))
        options = shop.of_kind()[0].options
        hints = _FEW if retried else _WHICH if options["retries"] else None
        if not failed:
            what = "No error came out of it."
            hints = (
                "Nothing failed, and nobody is coming. What has become of the error?",
                "An error that is caught and thrown away is not tried again. Who should see it?",
                "Let the method raise, and let the option `retries` of the event handler deal with it.",
            )
        raise NotYet(
            f"An order to London was shipped, and there are {booked} pickups. {again}. {what}", hints
        )
    return f"an order to London: booked at attempt {tried}"


@point(
    "What will never work is not tried again",
    "Will he go to the Moon when he is asked a fourth time?",
    "There is an option that says after which errors to try again.",
    "`retry_exceptions=(ConnectionError,)`: only these may pass.",
)
def _not_again(shop: Trial) -> str:
    _ship(shop, "Moon")
    tried = sum(each.method != "handle_error" for each in shop.ran("OrderShipped"))
    shop.expect(
        tried == 1,
        f"An order to the Moon was shipped, and the handler was called {tried} times. “We do not go there” was the answer "
        "each time. Once would do.",
    )
    return "an order to the Moon: one attempt"


@point(
    "Nothing is booked for what failed",
    "He does not go to the Moon. What is the `Pickup` for?",
    "A `Pickup` says that he comes. It should come after the call, and only where that was fine.",
    "Leave the body of `book` as it was in the beginning: what fails there is undone as a whole.",
)
def _nothing_booked(shop: Trial) -> str:
    _ship(shop, "Moon")
    _ship(shop, "Paris")
    orders = {each.id: each.address for each in shop.all("Order")}
    there = sorted(orders.get(each.order_id, "nowhere") for each in shop.all("Pickup"))
    shop.expect(
        there == ["Paris"],
        f"One order went to the Moon and one to Paris. Pickups are booked for: {', '.join(there) or 'none'}.",
    )
    return "one order to the Moon, one to Paris: one pickup, for Paris"


EXERCISES = (
    Exercise(
        name="call-again",
        lesson=LESSON,
        title="Call again, where it may help",
        minutes=4,
        task="""
When an order is shipped, a courier is called. At the first two calls for each order his line is engaged, a `ConnectionError`; the third
goes through. And there are places where he never goes, a `ValueError`.

Give `BookCourier` the options that it needs: after a `ConnectionError` it is tried again, until the `Pickup` is there; after a
`ValueError` it is not. Leave `call_courier` as it is.
""",
        starter=_SHOP + "\n\n# Mend `BookCourier` above.\n",
        solution=_SHOP.replace(_OPTIONS, _OPTIONS + ", retries=3, retry_exceptions=(ConnectionError,)"),
        points=(_again, _not_again, _nothing_booked),
        untested="how long to wait between two calls.",
    ),
)
