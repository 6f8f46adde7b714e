"""Exercises of the first look: a handler of one's own, and one that stays silent."""

from __future__ import annotations

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.shipping import ORDER, ship
from ddd_kit.workshop.trial import Trial

LESSON = "01-first-look"


def _kept(name: str) -> str:
    """An aggregate that belongs to an order and has nothing else."""
    return f"\n\n@shop.aggregate\nclass {name}:\n    order_id = Identifier(required=True)\n"


# A handler of one's own


@point(
    "An order of several books gets a parcel",
    "Whenever something happens, something else is done. Which building block is that?",
    "An event handler, as `WriteCards` above: part of the aggregate that it makes, and listening to what orders tell.",
    '`@shop.event_handler(part_of=Parcel, stream_category="order")`, and in it a method with `@handle(OrderShipped)` '
    "that does `shop.repository_for(Parcel).add(Parcel(order_id=event.order_id))`.",
)
def _parcel(shop: Trial) -> str:
    shop.fields("Parcel", "order_id")
    ship(shop, 3)
    found = len(shop.all("Parcel"))
    if not found:
        raise _nothing_made(shop, "Parcel", "An order of 3 books was shipped, and there is no parcel.")
    _heard(shop, "Parcel")
    shop.expect(
        found == 1, f"One order of 3 books was shipped, and there are {found} parcels. It should be 1.", _ONE
    )
    return "3 books shipped, one parcel"


def _nothing_made(shop: Trial, made: str, why: str) -> NotYet:
    """Why an order that was shipped led to nothing, as far as can be seen."""
    if ran := shop.ran("OrderShipped"):
        return NotYet(f"{why} `{ran[0].handler}.{ran[0].method}` ran, and nothing was saved.", _save(made))
    for handler in shop.of_kind():
        broken = shop.engine.why_not(handler.name).broken
        reasons = "; ".join(str(each) for each in broken)
        hints = _LISTEN if "stream_category" in {each.rule for each in broken} else None
        return NotYet(f"{why} `{handler.name}` did not run: {reasons}.", hints)
    return NotYet(f"{why} Nobody listens to `OrderShipped`.")


def _save(made: str) -> tuple[str, str, str]:
    return (
        "Did the method make an object? And who keeps it, when the method has ended?",
        "If there is an `if`, does it let 3 books pass? And what is to stay goes into its repository.",
        f"`shop.repository_for({made}).add(...)`, with the new `{made}` in it",
    )


def _heard(shop: Trial, made: str) -> None:
    if not shop.ran("OrderShipped"):
        raise NotYet(
            f"There is one `{made}`, and no handler ran: the order made it by itself.",
            (
                "Does an order have to know what else is done in the shop?",
                "The order tells and is done. What follows from it belongs into an event handler, not into `Order`.",
                "`ship_order` as it was, and a class with `@shop.event_handler(...)` that has a method for it",
            ),
        )


_LISTEN = (
    "The text says what kept the event out. Which option of your handler is it about?",
    "With `part_of` alone a handler hears what its own aggregate tells. The event of an order is on `order`.",
    '`stream_category="order"`, and no other option beside `part_of`',
)
_ONE = (
    "Which of your handlers ran? The journal below has all of them.",
    "Every method with `@handle(OrderShipped)` runs once for each event, in every handler that hears it.",
    "Keep one method with `@handle(OrderShipped)`, and let it save one object.",
)


@point(
    "Each parcel knows its order",
    "Two parcels stand on the table. Which one is for whom?",
    "The event knows which order it is about; one of its fields says so.",
    "`Parcel(order_id=event.order_id)`",
)
def _its_order(shop: Trial) -> str:
    for quantity in (3, 5):
        ship(shop, quantity)
    _same_orders(shop, "Parcel", "Two orders of 3 and 5 books were shipped")
    return "two orders, two parcels, each with the id of its order"


def _same_orders(shop: Trial, made: str, done: str, hints: tuple[str, str, str] | None = None) -> None:
    orders = sorted(str(each.id) for each in shop.all("Order"))
    known = sorted(str(each.order_id) for each in shop.all(made))
    things = f"{made.lower()}s"
    shop.expect(
        len(known) == len(orders),
        f"{done}, and there are {len(known)} {things}. There should be {len(orders)}.",
        hints,
    )
    wrong = [each for each in known if each not in orders]
    shop.expect(
        not wrong,
        f"{done}, and a {made.lower()} has the order_id {next(iter(wrong), '')!r}: no order has that id.",
    )
    shop.expect(known == orders, f"{done}, and all {things} are for the same order.")


@point(
    "One book alone goes without, two do not",
    "How many books are in this order? The event knows it.",
    "An `if` in your handler decides. When is it more than one book?",
    "`if event.quantity > 1:`, and under it the line that saves the parcel",
)
def _without(shop: Trial) -> str:
    ship(shop, 1)
    found = len(shop.all("Parcel"))
    shop.expect(
        not found, f"An order of 1 book was shipped, and there is {found} parcel. There should be none."
    )
    ship(shop, 2)
    found = len(shop.all("Parcel"))
    shop.expect(
        found == 1,
        f"Orders of 1 book and of 2 books were shipped, and there are {found} parcels. It should be 1, for the two.",
    )
    return "1 book, no parcel; 2 books, one parcel"


_PACK = """

@shop.event_handler(part_of=Parcel, stream_category="order")
class PackParcels:
    @handle(OrderShipped)
    def pack(self, event):
        if event.quantity > 1:
            shop.repository_for(Parcel).add(Parcel(order_id=event.order_id))
"""

PACK_PARCELS = Exercise(
    name="pack-parcels",
    lesson=LESSON,
    title="Pack what is shipped",
    minutes=4,
    task="""
A small shop, with orders and parcels. Write an event handler so that each `OrderShipped` of more than one book leads to one
saved `Parcel` with the `order_id` of that order. A single book goes into a large envelope, and gets no `Parcel`. Leave `Order` and
`Parcel` as they are.
""",
    starter=ORDER + _kept("Parcel") + "\n\n# Your event handler:\n",
    solution=ORDER + _kept("Parcel") + _PACK,
    points=(_parcel, _its_order, _without),
    untested="what your handler and its method are called, though somebody will have to read it.",
)


# A handler that stays silent


@point(
    "Whoever's order is shipped gets a mail",
    "The handler is there, and does not run. Whom can you ask why?",
    "Ship an order in a cell, and then ask `shop.why_not(WriteMails)`. Every line with ✗ is something to mend.",
    'Its options have to be `part_of=Mail, stream_category="order"`.',
)
def _mail(shop: Trial) -> str:
    shop.fields("Mail", "order_id")
    ship(shop, 3)
    found = len(shop.all("Mail"))
    if not found:
        raise _no_mail(shop)
    _heard(shop, "Mail")
    shop.expect(found == 1, f"One order was shipped, and there are {found} mails. It should be 1.", _ONE)
    return "one order shipped by plain code, one mail"


def _no_mail(shop: Trial) -> NotYet:
    found = _nothing_made(shop, "Mail", "An order was shipped by plain code, and there is no mail.")
    handlers = [each.name for each in shop.of_kind()]
    broken = {each.rule for name in handlers for each in shop.engine.why_not(name).broken}
    if broken == {"source_stream"}:
        return NotYet(found.why, _SOURCE)
    if len(broken) > 1:
        asking = f"Ask `shop.why_not({handlers[0]})`."
        return NotYet(
            f"An order was shipped by plain code, and no mail was written: no handler ran. {asking}"
        )
    return found


_SOURCE = (
    "One ✓ more than before. What does the ✗ that is left say?",
    "`source_stream` lets only those events through that a command asked for. Here nobody processes a command.",
    'Take `source_stream="manage_order"` away.',
)


@point(
    "Each order gets a mail of its own",
    "Two customers wait. Does each of them hear of the right order?",
    "The method was right at the start: it takes the order's id from the event.",
    "`shop.repository_for(Mail).add(Mail(order_id=event.order_id))`",
)
def _own_mail(shop: Trial) -> str:
    for quantity in (3, 1):
        ship(shop, quantity)
    _same_orders(shop, "Mail", "Two orders were shipped")
    return "two orders, two mails, each with the id of its order"


_WRITE = """

@shop.event_handler({options})
class WriteMails:
    @handle(OrderShipped)
    def write(self, event):
        shop.repository_for(Mail).add(Mail(order_id=event.order_id))
"""
_SHIP_ONE = """

order = Order(book_id="emma", quantity=2)
order.ship_order()
shop.repository_for(Order).add(order)

# An order was shipped, and no mail was written. Ask here why not, and mend the handler:
"""

MISSING_MAIL = Exercise(
    name="missing-mail",
    lesson=LESSON,
    title="The mail that never came",
    minutes=4,
    task="""
Every customer should get a `Mail` when the order is shipped, whoever ships it. There is an event handler for that, and it has never
run. Ask `shop.why_not(WriteMails)`, and mend `WriteMails`, so that each `OrderShipped` leads to one saved `Mail` with the `order_id`
of that order. Leave `Order` and `Mail` as they are.
""",
    starter=ORDER
    + _kept("Mail")
    + _WRITE.format(options='part_of=Mail, source_stream="manage_order"')
    + _SHIP_ONE,
    solution=ORDER + _kept("Mail") + _WRITE.format(options='part_of=Mail, stream_category="order"'),
    points=(_mail, _own_mail),
    untested="what the mail says, and whether an order that is shipped twice gets two.",
)

EXERCISES = (PACK_PARCELS, MISSING_MAIL)
