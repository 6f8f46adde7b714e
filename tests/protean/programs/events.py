"""What has happened, and who hears of it."""

from protean import Domain, handle
from protean.exceptions import IncorrectUsageError, ValidationError
from protean.fields import Float, HasMany, Identifier, Integer, String, ValueObject

domain = Domain(name="Bookshop")
domain.config["event_processing"] = "sync"

heard = []  # in which order handlers run, is not promised


@domain.value_object
class Money:
    currency = String(default="EUR")
    amount = Float()


@domain.event(part_of="Sale")
class BookSold:
    sale_id = Identifier(required=True)
    title = String(required=True)
    copies = Integer(default=1)
    price = ValueObject(Money)


@domain.event(part_of="Sale")
class SaleClosed:
    sale_id = Identifier(required=True)


@domain.aggregate
class Sale:
    till = String()
    slips = HasMany("Slip")

    def sell(self, title, copies):
        self.add_slips(Slip(title=title))
        self.raise_(BookSold(sale_id=self.id, title=title, copies=copies, price=Money(amount=9.5)))

    def close(self):
        self.raise_(SaleClosed(sale_id=self.id))


@domain.entity(part_of=Sale)
class Slip:
    title = String()

    def void(self):
        self.raise_(BookSold(sale_id="void", title=self.title, copies=-1))


@domain.aggregate
class Stock:
    title = Identifier(identifier=True)
    copies = Integer(default=10)

    def take(self, copies):
        self.copies -= copies
        if self.copies < 5:
            self.raise_(RunningLow(title=self.title, left=self.copies))


@domain.event(part_of=Stock)
class RunningLow:
    title = Identifier(required=True)
    left = Integer()


@domain.event_handler(part_of=Stock, stream_category="bookshop::sale")
class Warehouse:
    @handle(BookSold)
    def take(self, event: BookSold):
        stock = domain.repository_for(Stock).get(event.title)
        stock.take(event.copies)
        domain.repository_for(Stock).add(stock)
        heard.append(f"{event.copies} {event.title} taken, {event.price}")


@domain.event_handler(part_of=Stock)
class Buyer:
    @handle(RunningLow)
    def buy(self, event: RunningLow):
        heard.append(f"buy {event.title}, {event.left} left")


@domain.event_handler(part_of=Sale)
class Diary:
    @handle(BookSold)
    def note(self, event):
        heard.append(f"diary: sold {event.title}")

    @handle(SaleClosed)
    def close(self, event):
        heard.append("diary: closed")


@domain.event_handler(stream_category="$all")
class Auditor:
    @handle("$any")
    def see(self, event):
        heard.append(f"auditor: {type(event).__name__}")


domain.init(traverse=False)

with domain.domain_context():
    domain.repository_for(Stock).add(Stock(title="Dune"))
    sale = Sale(till="front")
    sale.sell("Dune", 2)
    sale.sell("Dune", 4)
    sale.close()
    print([type(event).__name__ for event in sale._events])
    domain.repository_for(Sale).add(sale)
    print(*sorted(heard), sep="\n")
    print(len(sale._events), domain.repository_for(Stock).get("Dune").copies)
    sale.slips[0].void()
    print([event.to_dict()["copies"] for event in sale._events])

    sold = BookSold(sale_id="s", title="Emma", price=Money(amount=2))
    print(sold.payload, sold == BookSold(sale_id="s", title="Emma", price=Money(amount=2)))
    try:
        sold.copies = 3
    except IncorrectUsageError as error:
        print(type(error).__name__, sold.copies)
    try:
        BookSold(title="Emma")
    except ValidationError as error:
        print(dict(error.messages))
