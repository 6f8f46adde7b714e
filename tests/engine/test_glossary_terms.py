"""The ubiquitous language of a model, as plain data."""

from __future__ import annotations

from decimal import Decimal as Exact
from enum import Enum
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from ddd_kit import Domain, handle, invariant
from ddd_kit.engine.glossary.accepted import held
from ddd_kit.engine.glossary.glossary import homonyms, terms_of
from ddd_kit.engine.glossary.term import Term
from ddd_kit.engine.glossary.words import first_sentence, in_words
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import (
    Boolean,
    Date,
    Dict,
    Float,
    HasMany,
    HasOne,
    Identifier,
    Integer,
    List,
    Reference,
    Status,
    String,
    ValueObject,
)
from every_kind import every_kind
from two_contexts import two_contexts


def library() -> SimpleNamespace:
    domain = Domain(name="Library")

    @domain.event_handler(part_of="Shelf", stream_category="loan")
    class MindShelf:
        @handle("LoanMade")
        def take_from_shelf(self, _: Any) -> None:
            """The copy is not on the shelf any more."""

        @handle("LoanEnded")
        def put_back(self, _: Any) -> None: ...

    @domain.aggregate
    class Shelf:
        """Where copies stand."""

    @domain.aggregate
    class Loan:
        """Copies that a member has at home. They come back.

        See the rules of the house.
        """

        member = Identifier(required=True, description="Who has them.")
        copies: Annotated[int, Field(ge=1, description="How many there are.")] = 1
        state = Status(["OPEN", "ENDED"], default="OPEN", transitions={"OPEN": ["ENDED"]})

        @invariant.post
        def at_most_three_copies(self) -> None:
            if self.copies > 3:
                raise ValidationError({"copies": ["are too many"]})

        @invariant.pre
        def ended_stays_ended(self) -> None:
            """What has ended is not opened again."""

        @property
        def is_over(self) -> bool:
            return self.state == "ENDED"

        def end(self) -> None:
            """Bring the copies back."""
            self.state = "ENDED"
            self.raise_(LoanEnded())
            self._tell()

        def _tell(self) -> None:
            """Nobody speaks of this."""

    @domain.event(part_of=Loan)
    class LoanEnded: ...

    @domain.event(part_of=Loan)
    class LoanMade:
        """A member took copies home."""

    return SimpleNamespace(**locals())


def by_name(domain: Any) -> dict[str, Term]:
    return {f"{term.element}.{term.name}" if term.is_part else term.name: term for term in terms_of(domain)}


def test_the_meaning_is_the_first_sentence_of_the_docstring():
    loan = by_name(library().domain)["Loan"]
    assert loan.meaning == "Copies that a member has at home."
    assert loan.text.endswith("See the rules of the house.")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("A loan", "A loan"),
        ("A loan,\nof books", "A loan, of books"),
        ("A loan.\n\nMore.", "A loan."),
        ("Books, e.g. Emma. More.", "Books, e.g. Emma."),
        ("By J. Austen. More.", "By J. Austen."),
        ("Costs 2.50 a day. More.", "Costs 2.50 a day."),
        ("Is it over? Then stop.", "Is it over?"),
        ('He said "no." And left.', 'He said "no."'),
        ("", ""),
    ],
)
def test_a_sentence_ends_where_people_end_it(text: str, sentence: str):
    assert first_sentence(text) == sentence


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("OrderShipped", "order shipped"),
        ("at_most_3_books", "at most 3 books"),
        ("ISBNChanged", "ISBN changed"),
        ("BestellungÄnderte", "bestellung änderte"),
        ("___", "___"),
        ("<script>", "<script>"),
    ],
)
def test_a_name_is_split_into_words(name: str, words: str):
    assert in_words(name) == words


def test_an_element_without_a_docstring_has_no_words_yet():
    terms = by_name(library().domain)
    assert [name for name, term in terms.items() if term.is_unwritten] == ["LoanEnded", "MindShelf"]
    assert terms["LoanEnded"].said == "loan ended"


def test_a_class_does_not_speak_with_the_docstring_of_its_base():
    domain = Domain(name="Library")

    class Base:
        """What all have."""

    @domain.aggregate
    class Loan(Base): ...

    assert by_name(domain)["Loan"].is_unwritten


def test_fields_have_a_description_and_say_what_they_hold():
    terms = by_name(library().domain)
    assert (terms["Loan.member"].meaning, terms["Loan.member"].facts) == (
        "Who has them.",
        ("identifier", "required"),
    )
    assert (terms["Loan.copies"].meaning, terms["Loan.copies"].facts) == (
        "How many there are.",
        ("whole number", "1 or more", "1 by default"),
    )
    assert "Loan.id" not in terms, "every aggregate has one"
    assert terms["Loan.state"].facts == ("OPEN or ENDED", "OPEN by default", "OPEN → ENDED")


class Size(Enum):
    """How large a parcel is."""

    SMALL = "S"
    LARGE = "L"


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        (String(), "text"),
        (String(max_length=3, unique=True), "text, at most 3 characters, unique"),
        (String(min_length=2), "text, at least 2 characters"),
        (Integer(min_value=0, max_value=10, default=0), "whole number, 0 to 10, 0 by default"),
        (Float(max_value=2.5), "number, at most 2.5"),
        (Boolean(), "yes or no"),
        (Date(), "date"),
        (List(Integer()), "list of whole number"),
        (List(), "list"),
        (Dict(Integer), "values by name"),
        (Identifier(identifier=True), "identifier, the identity"),
        (String(choices=["A"]), "A"),
        (String(choices=[str(n) for n in range(20)]), ", ".join(map(str, range(12))) + " or 8 more"),
        (ValueObject("Money"), "Money"),
        (HasOne("Invoice"), "one Invoice, or none"),
        (HasMany("OrderItem"), "any number of OrderItem"),
        (Reference("Author"), "reference to Author"),
        (Status(["A", "B"]), "A or B"),
        (
            Status(["A", "B", "C"], transitions={"A": ["B", "C"]}),
            "A, B or C, A → B or C; nothing follows on B or C",
        ),
        (Status(["A", "B"], transitions={"A": ["B"], "B": ["A"]}), "A or B, A → B; B → A"),
    ],
)  # fmt: skip
def test_what_a_field_holds_is_told_in_words(field: Any, facts: str):
    assert ", ".join(held(field).facts) == facts


def test_annotations_are_told_as_fields_are():
    domain = Domain(name="Shop")

    class Odd: ...

    @domain.aggregate
    class Parcel:
        size: Size
        colour: Literal["red", "blue"] = "red"
        price: Annotated[Exact, Field(gt=0)]
        note: str | None = None
        either: int | str
        thing: Any = None

    told = {name: ", ".join(term.facts) for name, term in by_name(domain).items()}
    assert told["Parcel.size"] == "S or L, required"
    assert told["Parcel.colour"] == "red or blue, red by default"
    assert told["Parcel.price"] == "number, more than 0, required"
    assert told["Parcel.note"] == "text"
    assert told["Parcel.either"] == "whole number or text, required"
    assert told["Parcel.thing"] == "anything"


def test_invariants_are_business_rules():
    terms = by_name(library().domain)
    assert terms["Loan.at_most_three_copies"].kind == "invariant"
    assert terms["Loan.at_most_three_copies"].said == "at most three copies"
    assert terms["Loan.ended_stays_ended"].said == "What has ended is not opened again."


def test_operations_are_what_a_user_wrote_and_did_not_hide():
    terms = by_name(library().domain)
    found = {name: term.kind for name, term in terms.items() if term.kind in ("operation", "computed value")}
    assert found == {"Loan.is_over": "computed value", "Loan.end": "operation"}
    assert terms["Loan.end"].facts == ("raises LoanEnded",)


def test_what_the_kit_adds_to_a_class_is_no_word_of_the_model():
    shop = every_kind(run=False)
    assert not [name for name in by_name(shop.domain) if "add_items" in name or name.endswith(".is_complete")]


def test_events_say_who_raises_and_who_hears_them():
    terms = by_name(library().domain)
    assert terms["LoanEnded"].facts == ("raised by Loan.end", "heard by MindShelf")
    assert terms["LoanMade"].facts == ("heard by MindShelf",)


def test_handlers_say_what_follows_on_what():
    terms = by_name(library().domain)
    took = terms["MindShelf.take_from_shelf"]
    assert (took.when, took.said) == ("when LoanMade", "The copy is not on the shelf any more.")
    assert terms["MindShelf.put_back"].said == "put back"


def test_every_kind_of_element_is_told():
    shop = every_kind(run=False)
    terms = by_name(shop.domain)
    assert set(shop.domain.registry.elements) == {name for name, term in terms.items() if not term.is_part}
    assert terms["Fulfilment.on_placed"].facts == ("begins a process", "sends AskForPayment")
    assert terms["Fulfilment.on_confirmed"].facts == ("ends it",)
    assert terms["AskForPayment"].facts == ("handled by Cashier",)
    assert terms["OrderOfId"].facts == ("handled by OrderQueries",)
    assert terms["OrderList"].facts == ("filled by OrderListProjector",)
    assert terms["Discounts"].facts == ("works on Order and Payment",)
    assert terms["HearBank.__call__"].when == "when bank brings a message"
    assert terms["HearBank.__call__"].said == ""
    assert terms["Cashier.ask"].when == "for AskForPayment"


def test_terms_come_in_the_order_in_which_things_happen():
    elements = [term.name for term in terms_of(library().domain) if not term.is_part]
    assert elements == ["Loan", "LoanEnded", "LoanMade", "Shelf", "MindShelf"]


def test_what_belongs_to_no_aggregate_comes_after_those_that_do():
    homes = list(dict.fromkeys(term.home for term in terms_of(every_kind(run=False).domain)))
    assert homes == ["Order", "Payment", "across aggregates", "OrderList", "from elsewhere"]


def test_a_value_object_belongs_to_the_only_aggregate_that_holds_it():
    domain = Domain(name="Shop")

    @domain.value_object
    class Currency:
        code = String()

    @domain.value_object
    class Money:
        currency = ValueObject(Currency)

    @domain.aggregate
    class Order:
        total = ValueObject(Money)

    assert {term.home for term in terms_of(domain)} == {"Order"}

    @domain.aggregate
    class Account:
        owed = ValueObject(Money)

    homes = {term.name: term.home for term in terms_of(domain) if not term.is_part}
    assert homes["Money"] == homes["Currency"] == "across aggregates"


def test_aggregates_that_hear_each_other_are_told_as_they_were_defined():
    domain = Domain(name="Shop")
    for name in ("A", "B"):
        domain.aggregate(type(name, (), {}))
        domain.event(part_of=name)(type(f"{name}Done", (), {}))
    for name, other in (("A", "B"), ("B", "A")):
        hear = {"hear": handle(f"{other}Done")(lambda _self, _event: None)}
        domain.event_handler(part_of=name, stream_category=other.lower())(type(f"{name}Hears", (), hear))
    assert list(dict.fromkeys(term.home for term in terms_of(domain))) == ["A", "B"]


def test_a_model_in_which_something_is_missing_has_a_glossary_all_the_same():
    domain = Domain(name="Shop")

    @domain.event(part_of="Nothing")
    class Shipped: ...

    @domain.event_handler(part_of="Nobody")
    class Hear:
        @handle("Unknown")
        def hear(self, _: Any) -> None: ...

        @handle("$any")
        def rest(self, _: Any) -> None: ...

    @domain.aggregate
    class Order:
        items = HasMany("Missing")

    terms = by_name(domain)
    assert terms["Shipped"].home == terms["Hear"].home == "across aggregates"
    assert terms["Hear.rest"].when == "when any other event"
    assert terms["Order.items"].facts == ("any number of Missing",)


def test_defining_again_changes_the_words_and_forgetting_takes_them_away():
    domain = library().domain

    @domain.aggregate
    class Shelf:
        """A board on a wall."""

    assert by_name(domain)["Shelf"].meaning == "A board on a wall."
    domain.forget("Shelf")
    assert "Shelf" not in by_name(domain)


def test_what_is_heard_of_another_context_is_its_word():
    both = two_contexts()
    terms = by_name(both.warehouse)
    assert terms["OrderPlaced"].is_foreign
    assert not terms["OrderPlaced"].is_unwritten, "its words are written in its own context"
    assert terms["OrderPlaced"].facts == ("a word of Sales", "heard by Reserve")
    assert terms["StockReserved"].facts[-1] == "heard in Sales"


def test_a_word_of_two_contexts_has_a_meaning_in_each():
    both = two_contexts()

    @both.warehouse.aggregate
    class Order:
        """What is to be packed."""

    found = homonyms([*terms_of(both.sales), *terms_of(both.warehouse)])
    assert [(words, [(term.context, term.meaning) for term in terms]) for words, terms in found] == [
        ("order", [("Sales", ""), ("Warehouse", "What is to be packed.")])
    ]
