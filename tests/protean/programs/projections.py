"""What readers want to see, kept up by projectors, and asked by queries."""

from protean import Domain, read
from protean.core.projector import on
from protean.exceptions import NotSupportedError, ObjectNotFoundError
from protean.fields import Float, Identifier, Integer, String

domain = Domain(name="Bookshop")
domain.config["event_processing"] = "sync"


@domain.event(part_of="Sale")
class BookSold:
    sale_id = Identifier(required=True)
    title = String(required=True)
    price = Float(required=True)


@domain.event(part_of="Sale")
class SaleVoided:
    sale_id = Identifier(required=True)
    title = String(required=True)


@domain.aggregate
class Sale:
    title = String()
    price = Float()

    @classmethod
    def of(cls, title, price):
        sale = cls(title=title, price=price)
        sale.raise_(BookSold(sale_id=sale.id, title=title, price=price))
        return sale

    def void(self):
        self.raise_(SaleVoided(sale_id=self.id, title=self.title))


@domain.projection
class Bestseller:
    title = Identifier(identifier=True)
    copies = Integer(default=0)
    takings = Float(default=0)


@domain.projector(projector_for=Bestseller, aggregates=[Sale])
class CountSales:
    @on(BookSold)
    def sold(self, event):
        shelf = domain.repository_for(Bestseller)
        try:
            row = shelf.get(event.title)
        except ObjectNotFoundError:
            row = Bestseller(title=event.title)
        row.copies += 1
        row.takings += event.price
        shelf.add(row)

    @on(SaleVoided)
    def voided(self, event):
        row = domain.repository_for(Bestseller).get(event.title)
        row.copies -= 1
        domain.repository_for(Bestseller).add(row)


@domain.query(part_of=Bestseller)
class SoldAtLeast:
    copies = Integer(required=True)
    most = Integer(default=10)


@domain.query_handler(part_of=Bestseller)
class Answers:
    @read(SoldAtLeast)
    def sold_at_least(self, query: SoldAtLeast):
        view = domain.view_for(Bestseller)
        return view.query.filter(copies__gte=query.copies).order_by("-copies").limit(query.most).all()


domain.init(traverse=False)

with domain.domain_context():
    sales = domain.repository_for(Sale)
    for title, price in (("Emma", 9), ("Dune", 12), ("Emma", 8), ("Momo", 4), ("Emma", 9), ("Dune", 12)):
        last = sales.add(Sale.of(title, price))
    view = domain.view_for(Bestseller)
    print(view.get("Emma").to_dict())
    print(view.count(), view.exists("Momo"), view.exists("Nobody"), view.find_by(copies=1).title)
    last.void()
    sales.add(last)
    print(sorted((row.title, row.copies, row.takings) for row in view.query.all()))
    answer = domain.dispatch(SoldAtLeast(copies=1))
    print([(row.title, row.copies) for row in answer][:1], answer.total)
    print([row.title for row in domain.dispatch(SoldAtLeast(copies=2))])
    print(SoldAtLeast(copies=3).payload, SoldAtLeast.__type__)
    for change in ("delete", "update"):
        try:
            getattr(view.query.filter(title="Emma"), change)()
        except NotSupportedError as error:
            print(type(error).__name__)
    print({kind.__name__ for kind in domain.projectors_for(Bestseller)})

    row = domain.repository_for(Bestseller).get("Momo")
    row.copies = 99
    domain.repository_for(Bestseller).add(row)
    result = domain.rebuild_projection(Bestseller)
    print(result.success, result.projection_name)
    print(sorted((row.title, row.copies, row.takings) for row in view.query.all()))
