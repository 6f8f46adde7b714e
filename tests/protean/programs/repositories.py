"""A repository with questions of its own, and the words for them."""

from protean import Domain, F, Q
from protean.exceptions import ObjectNotFoundError, TooManyObjectsError
from protean.fields import Boolean, Float, Integer, String

domain = Domain(name="Bookshop")


@domain.aggregate
class Book:
    title = String(required=True)
    author = String()
    price = Float()
    cost = Float(default=5)
    stock = Integer(default=0)
    signed = Boolean(default=False)


@domain.repository(part_of=Book)
class Books:
    def sold_out(self):
        return self.query.filter(stock=0).order_by("title").all().items

    def by_author(self, author):
        return self.query.filter(author__icontains=author).order_by("title").all().items

    def the_signed_one(self):
        return self.find_by(signed=True)


def titles(found):
    return [book.title for book in found]


domain.init(traverse=False)

with domain.domain_context():
    books = domain.repository_for(Book)
    print(type(books).__name__)
    for title, author, price, stock, signed in (
        ("Emma", "Jane Austen", 9.0, 3, False),
        ("Persuasion", "Jane Austen", 8.0, 0, False),
        ("Dune", "Frank Herbert", 12.5, 7, True),
        ("Momo", "Michael Ende", 4.0, 0, False),
        ("Ulysses", "James Joyce", 20.0, 1, False),
    ):
        books.add(Book(title=title, author=author, price=price, stock=stock, signed=signed))

    print(titles(books.sold_out()), titles(books.by_author("JAN")), books.the_signed_one().title)
    query = books.query
    print(titles(query.filter(price__gt=8, price__lte=12.5).order_by("price").all().items))
    print(titles(query.filter(title__in=["Emma", "Momo"]).order_by("-title").all()))
    print(
        titles(query.filter(title__startswith="D").all()), titles(query.filter(title__endswith="ion").all())
    )
    print(
        titles(query.filter(title__contains="u").order_by("title").all()),
        titles(query.filter(title="emma").all()),
    )
    print(titles(query.exclude(stock=0).order_by(["signed", "-price"]).all()))
    print(titles(query.filter(Q(stock=0) | Q(price__gte=20)).order_by("title").all()))
    print(titles(query.filter(Q(stock=0) & ~Q(author__contains="Austen")).all()))
    print(titles(query.filter(price__lt=F("cost")).all()))
    page = query.order_by("title").limit(2).offset(2).all()
    print(titles(page), page.total, len(page.items), page.has_next, page.has_prev)
    print(
        query.filter(stock__gte=1).count(),
        bool(query.filter(stock=99).all()),
        query.order_by("price").first.title,
    )
    print(books.exists(Q(title="Emma")), books.exists(Q(title="Nobody")))
    print(titles(books.find(Q(author="Michael Ende"))))
    print(books.get_or_none("nothing"))
    cheap = query.order_by("price").limit(2).only("title", "price").all(with_total=False)
    print([(record.title, record["price"], hasattr(record, "stock")) for record in cheap])
    print(query.filter(stock=0).update(stock=4, price=1), titles(query.filter(stock=4, price=1.0).all()))
    print(query.filter(author__contains="Joyce").delete(), query.count())
    for question in ({"title": "Nobody"}, {"author": "Jane Austen"}):
        try:
            books.find_by(**question)
        except (ObjectNotFoundError, TooManyObjectsError) as error:
            print(type(error).__name__)
    print([book.title for book in query.order_by("title")][:2])
