"""What lives inside of an aggregate: one of something, many of something, and the way back."""

from protean import Domain
from protean.exceptions import ObjectNotFoundError, TooManyObjectsError, ValidationError
from protean.fields import HasMany, HasOne, Integer, Reference, String

domain = Domain(name="Bookshop")


@domain.aggregate
class Basket:
    customer = String(required=True)
    lines = HasMany("Line")
    voucher = HasOne("Voucher")


@domain.entity(part_of=Basket)
class Line:
    title = String(required=True)
    copies = Integer(min_value=1, default=1)
    basket = Reference(Basket)


@domain.entity(part_of=Basket)
class Voucher:
    code = String(required=True)
    percent = Integer(max_value=50)


def attempt(action):
    try:
        return action()
    except ValidationError as error:
        return dict(error.messages)
    except (ObjectNotFoundError, TooManyObjectsError) as error:
        return type(error).__name__


def shown(basket):
    return [(line.title, line.copies) for line in basket.lines]


domain.init(traverse=False)

with domain.domain_context():
    basket = Basket(customer="Ann", lines=[Line(title="Emma")])
    basket.add_lines(Line(title="Dune", copies=2))
    basket.add_lines([Line(title="Ulysses"), Line(title="Momo", copies=2)])
    basket.voucher = Voucher(code="SPRING", percent=10)
    print(shown(basket), basket.voucher.code, len(basket.lines))
    print(basket.lines[0].basket_id == basket.id, basket.lines[1].basket == basket)

    baskets = domain.repository_for(Basket)
    baskets.add(basket)
    stored = baskets.get(basket.id)
    print(shown(stored), stored.voucher.percent, stored == basket)

    print(stored.get_one_from_lines(title="Dune").copies)
    print([line.title for line in stored.filter_lines(copies=2)])
    print(attempt(lambda: stored.get_one_from_lines(title="Nobody")))
    print(attempt(lambda: stored.get_one_from_lines(copies=2)))

    stored.get_one_from_lines(title="Dune").copies = 5
    stored.remove_lines(stored.get_one_from_lines(title="Ulysses"))
    stored.voucher = None
    baskets.add(stored)
    again = baskets.get(basket.id)
    print(shown(again), again.voucher)
    again.voucher = Voucher(code="WINTER", percent=7)
    baskets.add(again)
    print(baskets.get(basket.id).voucher.code)

    print(attempt(lambda: setattr(again.lines[0], "copies", 0)), again.lines[0].copies)
    print(attempt(lambda: again.add_lines(Line(copies=3))), len(again.lines))
    print(attempt(lambda: Voucher(code="ALL", percent=90)))
    print([sorted(line) for line in again.to_dict()["lines"]])
    print(Line(title="Dune") == Line(title="Dune"))
