"""Queries: conditions, order, pages, and look-ups by value."""

from datetime import date

import pytest

from ddd_kit import Domain, Q, UnitOfWork
from ddd_kit.exceptions import IncorrectUsageError, ObjectNotFoundError, TooManyObjectsError
from ddd_kit.fields import Float, Identifier, Integer, String

domain = Domain(name="Bookshop")


@domain.aggregate
class Book:
    isbn = Identifier(identifier=True)
    title = String(required=True)
    pages = Integer()
    price = Float()
    shelf_id = Identifier()
    published: date | None = None
    tags: list[str] = []  # noqa: RUF012 - what beginners write


SHELVES = (
    Book(isbn=1, title="Emma", pages=400, price=9.5, shelf_id=7, tags=["love", "irony"]),
    Book(isbn=2, title="Persuasion", pages=250, price=8.0, shelf_id=7, published=date(1817, 12, 20)),
    Book(isbn=3, title="emma", pages=None, price=None, shelf_id=8),
    Book(isbn=4, title="Middlemarch", pages=900, price=12.0, published=date(1872, 1, 1), tags=["love"]),
)


@pytest.fixture(autouse=True)
def _stocked():
    domain.reset()
    with domain.domain_context():
        for book in SHELVES:
            domain.repository_for(Book).add(Book(book.to_dict()))
        yield


@pytest.fixture
def books():
    return domain.repository_for(Book)


def isbns(found):
    return "".join(book.isbn for book in found)


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({}, "1234"),
        ({"title": "Emma"}, "1"),
        ({"title__exact": "Emma"}, "1"),
        ({"title__iexact": "EMMA"}, "13"),
        ({"title__ne": "Emma"}, "234"),
        ({"pages__gt": 400}, "4"),
        ({"pages__gte": 400}, "14"),
        ({"pages__lt": 400}, "2"),
        ({"pages__lte": 400}, "12"),
        ({"pages__in": [250, 900]}, "24"),
        ({"pages__in": (400, None)}, "13"),
        ({"pages__in": set()}, ""),
        ({"title__contains": "mm"}, "13"),
        ({"title__contains": "E"}, "1"),
        ({"title__icontains": "E"}, "1234"),
        ({"title__startswith": "E"}, "1"),
        ({"title__endswith": "ma"}, "13"),
        ({"pages__isnull": True}, "3"),
        ({"pages__isnull": False}, "124"),
        ({"tags__contains": "love"}, "14"),
        ({"published__gt": date(1850, 1, 1)}, "4"),
        ({"title": "Emma", "pages": 400}, "1"),
        ({"title": "Emma", "pages": 250}, ""),
    ],
)
def test_filters_keep_what_meets_all_conditions(books, conditions, found):
    """With every lookup; in the order in which the books came."""
    assert isbns(books.query.filter(**conditions).all()) == found
    assert books.query.filter(**conditions).count() == len(found)
    assert books.exists(**conditions) == bool(found)


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({"shelf_id": 7}, "12"),
        ({"shelf_id__in": [7, 8]}, "123"),
        ({"shelf_id__ne": 7}, "34"),
        ({"isbn": 1}, "1"),
        ({"pages": "400"}, "1"),
        ({"pages__gt": "400"}, "4"),
        ({"price": 8}, "2"),
        ({"published": "1872-01-01"}, "4"),
        ({"published__gte": "1872-01-01"}, "4"),
    ],
)
def test_values_are_coerced_as_the_field_coerces_them(books, conditions, found):
    """Identifiers become texts, texts numbers and dates."""
    assert isbns(books.query.filter(**conditions).all()) == found


@pytest.mark.parametrize(
    ("conditions", "found"),
    [({"pages": None}, "3"), ({"pages__ne": None}, "124"), ({"pages__gt": None}, ""), ({"title": None}, "")],
)
def test_none_is_a_value_to_look_for(books, conditions, found):
    assert isbns(books.query.filter(**conditions).all()) == found


def test_none_is_neither_greater_nor_smaller_and_begins_with_nothing(books):
    for lookup in ("pages__gt", "pages__gte", "pages__lt", "pages__lte"):
        assert "3" not in isbns(books.query.filter(**{lookup: 0 if "g" in lookup else 9999}).all())
    assert isbns(books.query.filter(shelf_id__startswith="").all()) == "123"


def test_a_value_that_the_field_would_refuse_is_not_found(books):
    assert books.query.filter(pages="many").count() == 0


def test_filters_add_up_and_leave_the_query_as_it_was(books):
    query = books.query.filter(shelf_id=7)
    assert isbns(query.filter(pages__gt=300).all()) == "1"
    assert isbns(query.filter(Q(pages=250), title="Persuasion").all()) == "2"
    assert isbns(query.all()) == "12"


def test_exclude_leaves_out_what_meets_all_its_conditions(books):
    """What meets only one of them stays."""
    assert isbns(books.query.exclude(shelf_id=7).all()) == "34"
    assert isbns(books.query.exclude(shelf_id=7, pages=400).all()) == "234"
    assert isbns(books.query.filter(shelf_id=7).exclude(Q(pages=400)).all()) == "2"
    assert isbns(books.query.exclude(pages__gt=300).all()) == "23"


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (Q(shelf_id=7) & Q(pages=400), "1"),
        (Q(shelf_id=8) | Q(pages=900), "34"),
        (~Q(shelf_id=7), "34"),
        (~~Q(shelf_id=7), "12"),
        (~(Q(shelf_id=7) | Q(shelf_id=8)), "4"),
        (Q(shelf_id=7) & (Q(pages=400) | Q(pages=250)), "12"),
        (Q(shelf_id=8) | Q(shelf_id=7) & ~Q(pages=400), "23"),
        (Q(Q(shelf_id=7), pages=250), "2"),
        (Q(), "1234"),
        (~Q(), ""),
    ],
)
def test_conditions_can_be_joined_and_turned_round(books, condition, found):
    assert isbns(books.query.filter(condition).all()) == found


def test_conditions_show_themselves():
    assert repr(Q(a=1) & (Q(b=2) | ~Q(c=3))) == "(Q(a=1) & (Q(b=2) | ~Q(c=3)))"


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (("pages",), "3214"),
        (("-pages",), "4123"),
        (("shelf_id", "-pages"), "4123"),
        ((["shelf_id", "pages"],), "4213"),
        (("-title",), "3241"),
        ((), "1234"),
    ],
)
def test_order_by_sorts_by_several_fields_in_either_direction(books, fields, found):
    """None comes before all values, and so last where the order is turned round."""
    assert isbns(books.query.order_by(*fields).all()) == found


def test_equal_ones_keep_the_order_in_which_they_came(books):
    assert isbns(books.query.filter(shelf_id=7).order_by("shelf_id").all()) == "12"
    assert isbns(books.query.filter(shelf_id=7).order_by("-shelf_id").all()) == "12"


def test_limit_and_offset_give_a_page_that_knows_its_neighbours(books):
    page = books.query.order_by("isbn").offset(1).limit(2).all()
    assert (isbns(page), len(page), page.total, page.offset, page.limit) == ("23", 2, 4, 1, 2)
    assert (page.has_prev, page.has_next) == (True, True)
    assert (page.first.isbn, page.last.isbn) == ("2", "3")
    whole = books.query.all()
    assert (whole.has_prev, whole.has_next, whole.total) == (False, False, 4)
    assert isbns(books.query.limit(2).limit(None).all()) == "1234"
    assert isbns(books.query.offset(9).all()) == ""
    assert isbns(books.query.limit(0).all()) == ""


def test_count_and_truth_look_past_the_limit(books):
    assert books.query.limit(1).count() == 4
    assert len(books.query.limit(1)) == 1
    assert books.query.filter(title="Emma")
    assert not books.query.filter(title="Ulysses")


def test_first_is_the_first_or_none(books):
    assert books.query.order_by("-pages").first.isbn == "4"
    assert books.query.filter(title="Ulysses").first is None
    assert books.query.filter(title="Ulysses").all().last is None


def test_a_result_is_a_sequence(books):
    """And a query may be looped over itself."""
    found = books.query.all()
    assert isbns(found[1:3]) == "23"
    assert found[-1].isbn == "4"
    assert isbns(books.query) == "1234"
    assert Book(isbn=1, title="another") in found


def test_results_and_queries_show_what_they_hold(books):
    emma = "<Book: Book object (isbn: 1)>"
    assert (
        repr(books.query.filter(title="Emma")) == repr(books.query.filter(title="Emma").all()) == f"[{emma}]"
    )
    for number in range(5, 15):
        books.add(Book(isbn=number, title="more"))
    assert repr(books.query).endswith(", … 4 more]")


def test_what_is_found_may_be_changed_and_added(books):
    for book in books.query.filter(shelf_id=7).all():
        book.price += 1
        books.add(book)
    assert [books.get(isbn).price for isbn in (1, 2)] == [10.5, 9.0]


def test_what_is_found_is_not_what_is_stored(books):
    books.query.first.tags.append("new")
    assert books.query.first.tags == ["love", "irony"]


# find_by


def test_find_by_gives_the_one_that_has_the_values(books):
    """By fields that are looked up through an index, and by others."""
    assert books.find_by(title="Emma").isbn == "1"
    assert books.find_by(shelf_id=7, pages="250").isbn == "2"
    assert books.find_by(tags=["love"]).isbn == "4"
    assert books.find_by(isbn=3).isbn == "3"
    assert books.find_by(pages=None).isbn == "3"


def test_find_by_follows_changes_and_removals(books):
    """The index that the first look-up built keeps up."""
    emma = books.find_by(title="Emma")
    emma.title = "Emma, again"
    books.add(emma)
    with pytest.raises(ObjectNotFoundError):
        books.find_by(title="Emma")
    assert books.find_by(title="Emma, again").isbn == "1"
    books.remove(emma)
    with pytest.raises(ObjectNotFoundError):
        books.find_by(title="Emma, again")


def test_find_by_refuses_several_and_none(books):
    with pytest.raises(TooManyObjectsError, match=r"find_by\(shelf_id=7\) matches 2 Book objects"):
        books.find_by(shelf_id=7)
    with pytest.raises(ObjectNotFoundError, match="No Book has title='Ulysses'"):
        books.find_by(title="Ulysses")


def test_inside_a_unit_what_was_added_counts(books):
    """As it was added, whether it is new, changed or removed."""
    with UnitOfWork():
        books.add(Book(isbn=5, title="Ulysses", shelf_id=7))
        emma = books.get(1)
        emma.title = "Emma, again"
        books.add(emma)
        books.remove(books.get(2))
        assert books.find_by(title="Ulysses").isbn == "5"
        assert books.find_by(title="Emma, again") is emma
        assert not books.exists(title="Emma")
        assert isbns(books.query.filter(shelf_id=7).all()) == "15"
        assert isbns(books.query.order_by("isbn").all()) == "1345"
        assert books.query.count() == 4
        assert books.get_or_none(2) is None
        with pytest.raises(ObjectNotFoundError):
            books.find_by(title="Persuasion")


def test_inside_a_unit_what_was_only_changed_does_not_count(books):
    """What counts is the state at `add`."""
    with UnitOfWork():
        books.get(1).title = "Ulysses"
        assert not books.exists(title="Ulysses")
        assert books.exists(title="Emma")


def test_after_an_undone_unit_nothing_of_it_is_found(books):
    unit = UnitOfWork().start()
    books.add(Book(isbn=5, title="Ulysses"))
    unit.rollback()
    assert not books.exists(title="Ulysses")
    assert books.query.count() == 4


# Errors


@pytest.mark.parametrize(
    "ask",
    [
        lambda books: books.find_by(titel="Emma"),
        lambda books: books.exists(titel="Emma"),
        lambda books: books.query.filter(titel="Emma").all(),
        lambda books: books.query.filter(Q(titel__gt="Emma")).count(),
        lambda books: books.query.exclude(titel="Emma").first,
        lambda books: books.query.order_by("titel"),
        lambda books: books.query.order_by("-titel"),
    ],
)
def test_an_unknown_field_names_the_closest(books, ask):
    with pytest.raises(
        IncorrectUsageError, match="Book has no field 'titel' to look for: did you mean 'title'"
    ):
        ask(books)


def test_an_unknown_field_without_a_close_one_names_them_all(books):
    text = r"Book has no field 'zzz' to look for\. It has: isbn, title, pages, price, shelf_id, publ"
    with pytest.raises(IncorrectUsageError, match=text):
        books.query.order_by("zzz")


def test_an_unknown_lookup_names_the_closest_and_all(books):
    text = r"title__start: there is no lookup 'start': did you mean 'startswith'\? There are: exact, iexact"
    with pytest.raises(IncorrectUsageError, match=text):
        books.query.filter(title__start="E").all()


def test_find_by_takes_lookups_too(books):
    """As `filter` and `exists` do; several conditions have to hold all."""
    assert books.find_by(pages__gt=400).isbn == "4"
    assert books.find_by(title="Emma", pages__lte=400).isbn == "1"
    with pytest.raises(TooManyObjectsError, match=r"find_by\(pages__gt=300\) matches 2 Book objects"):
        books.find_by(pages__gt=300)


def test_find_by_needs_a_condition(books):
    with pytest.raises(IncorrectUsageError, match=r"find_by\(\) of Book: name a field and its value\."):
        books.find_by()


@pytest.mark.parametrize("wanted", ["Emma", 3])
def test_in_needs_a_list(books, wanted):
    """A text would be searched letter by letter."""
    with pytest.raises(IncorrectUsageError, match=r"title__in=.*: give a list of values, as in title__in=\["):
        books.query.filter(title__in=wanted).all()


@pytest.mark.parametrize("what", ["limit", "offset"])
@pytest.mark.parametrize("number", [-1, "3", 1.5])
def test_limit_and_offset_need_a_number(books, what, number):
    with pytest.raises(IncorrectUsageError, match=rf"{what}\(.*\): give a whole number that is 0 or more"):
        getattr(books.query, what)(number)


def test_a_condition_is_joined_with_a_condition():
    with pytest.raises(IncorrectUsageError, match=r"Q\(\.\.\.\) \| 3: join it with another Q\(\.\.\.\)"):
        Q(a=1) | 3


def test_values_that_cannot_be_compared_cannot_be_sorted_by(books):
    """Lists are sorted by their items, as long as these can be compared."""
    assert isbns(books.query.order_by("tags").all()) == "2341"

    @domain.aggregate
    class Box:
        sizes: list = []  # noqa: RUF012 - what beginners write

    boxes = domain.repository_for(Box)
    boxes.add(Box(sizes=[1]))
    boxes.add(Box(sizes=["a"]))
    with pytest.raises(IncorrectUsageError, match=r"order_by\('sizes'\): the values cannot be compared"):
        boxes.query.order_by("sizes").all()
