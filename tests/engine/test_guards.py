"""What a class of thirty does by mistake is refused with a way out, and loses nothing."""

from __future__ import annotations

import asyncio
import copy

import pytest

from ddd_kit import Aggregate, Domain, Q, UnitOfWork, handle
from ddd_kit.exceptions import (
    ConfigurationError,
    EndlessChainError,
    IncorrectUsageError,
    ObjectNotFoundError,
    ValidationError,
)
from ddd_kit.fields import Identifier, Integer


class Shop:
    """A domain of one aggregate, its event and a handler that counts."""

    def __init__(self, name: str = "Shop") -> None:
        domain = self.domain = Domain(name=name)
        heard = self.heard = []

        @domain.event(part_of="Crate")
        class Packed:
            amount: int

        @domain.aggregate
        class Crate:
            amount: int = 0

            def pack(self, amount):
                self.amount += amount
                self.raise_(Packed(amount=amount))

        @domain.event_handler(part_of=Crate)
        class Counter:
            @handle(Packed)
            def count(self, event):
                heard.append(event.amount)

        self.Crate, self.Packed, self.Counter = Crate, Packed, Counter
        self.crates = domain.repository_for(Crate)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def pack(shop: Shop, crate: Aggregate, amount: int = 1) -> Aggregate:
    crate.pack(amount)
    return shop.crates.add(crate)


def test_a_journal_that_was_off_for_a_while_begins_anew_with_the_present_state(shop):
    crate = pack(shop, shop.Crate())
    shop.domain.config["journal"] = False
    pack(shop, crate, 5)
    shop.crates.add(shop.Crate(id="unseen"))
    shop.domain.config["journal"] = True
    assert shop.domain.at(shop.domain.journal.last_step).repository_for(shop.Crate).get(crate.id).amount == 6
    pack(shop, crate, 10)
    assert shop.domain.journal.of(kind="changed")[0].changes["amount"] == (6, 16)
    past = shop.domain.at(shop.domain.journal.first_step - 1)
    assert past.repository_for(shop.Crate).get(crate.id).amount == 6
    assert past.repository_for(shop.Crate).exists(id="unseen")
    assert len(past.stream("crate")) == 2


def test_why_says_that_nothing_is_recorded_while_the_journal_is_off(shop):
    crate = pack(shop, shop.Crate())
    shop.domain.config["journal"] = False
    with pytest.raises(IncorrectUsageError, match=r"nothing is recorded while domain\.config\['journal'\]"):
        shop.domain.why(crate, "amount")


def test_what_happened_unseen_is_older_than_the_journal_for_why(shop):
    crate = pack(shop, shop.Crate())
    shop.domain.config["journal"] = False
    pack(shop, crate, 5)
    shop.domain.config["journal"] = True
    with pytest.raises(IncorrectUsageError, match="knows no change"):
        shop.domain.why(crate, "amount")


def test_a_delivery_that_waits_since_the_journal_was_off_is_known_to_wait(shop):
    shop.domain.config.update(journal=False, event_processing="async")
    pack(shop, shop.Crate())
    shop.domain.config["journal"] = True
    assert "the delivery waits" in repr(shop.domain.why_not(shop.Counter))
    assert len(shop.domain.at(shop.domain.journal.last_step).waiting) == 1


def test_a_unit_of_another_domain_does_not_silently_save_on_its_own(shop):
    Domain(name="Empty")
    with (
        pytest.raises(IncorrectUsageError, match=r"is of another domain.*UnitOfWork\(domain\)"),
        UnitOfWork(),
    ):
        shop.crates.add(shop.Crate())
    assert shop.crates.query.count() == 0


def test_a_unit_of_the_named_domain_takes_what_is_added_whichever_was_made_last(shop):
    Domain(name="Empty")
    unit = UnitOfWork(shop.domain).start()
    shop.crates.add(shop.Crate())
    unit.rollback()
    assert shop.crates.query.count() == 0


def test_a_handler_may_save_in_another_domain_while_a_block_ends(shop):
    other = Shop("Other")

    @shop.domain.event_handler(part_of="Crate")
    class Forward:
        @handle(shop.Packed)
        def forward(self, event):
            other.crates.add(other.Crate(amount=event.amount))

    with UnitOfWork(shop.domain):
        pack(shop, shop.Crate(), 3)
    assert other.crates.query.first.amount == 3


def test_another_task_cannot_slip_into_a_unit_that_waits(shop):
    """It would be undone with a unit that it knows nothing of."""

    async def holds() -> None:
        with UnitOfWork(shop.domain):
            shop.crates.add(shop.Crate(id="held"))
            await asyncio.sleep(0.01)

    async def slips_in() -> None:
        await asyncio.sleep(0)
        with pytest.raises(IncorrectUsageError, match="Do not await anything inside"):
            shop.crates.add(shop.Crate(id="slipped"))

    async def both() -> None:
        await asyncio.gather(holds(), slips_in())

    asyncio.run(both())
    assert [crate.id for crate in shop.crates.query.all()] == ["held"]


def test_a_mistyped_field_of_a_query_is_refused_where_it_is_written(shop):
    with pytest.raises(IncorrectUsageError, match="did you mean 'amount'"):
        shop.crates.query.filter(amout=3)
    with pytest.raises(IncorrectUsageError, match="did you mean 'amount'"):
        shop.crates.query.exclude(Q(amout=3))
    with pytest.raises(IncorrectUsageError, match=r"'amount=3' is no condition: write Q\(quantity=1\)"):
        shop.crates.query.filter("amount=3")


def test_get_takes_an_identity_and_says_which(shop):
    crate = shop.crates.add(shop.Crate(id="c"))
    with pytest.raises(IncorrectUsageError, match="give it the identity, which is 'c'"):
        shop.crates.get(crate)


def test_repository_for_takes_a_class_or_a_name(shop):
    for given in (shop.Crate(), [], 3):
        with pytest.raises(IncorrectUsageError, match="give it the class of the aggregates, or its name"):
            shop.domain.repository_for(given)


def test_settings_are_checked_whichever_way_they_are_set(shop):
    with pytest.raises(ConfigurationError, match="it is 'sync', or 'async'"):
        shop.domain.config |= {"event_processing": "bogus"}
    assert shop.domain.config["event_processing"] == "sync"
    with pytest.raises(ConfigurationError, match="did you mean 'journal_limit'"):
        shop.domain.config.setdefault("journal_limt", 3)


def test_settings_of_the_past_are_not_those_of_today(shop):
    shop.domain.at(1).config["event_processing"] = "async"
    assert shop.domain.config["event_processing"] == "sync"


def test_a_field_without_brackets_is_refused(shop):
    with pytest.raises(
        ConfigurationError, match=r"Box\.size: Integer lacks its brackets\. Write size = Integer\(\)"
    ):

        @shop.domain.aggregate
        class Box:
            size = Integer

    with pytest.raises(
        ConfigurationError, match=r"Case\.code: Identifier lacks its brackets\. Write code: Identifier\(\)"
    ):

        @shop.domain.aggregate
        class Case:
            code: Identifier


def test_an_own_constructor_that_leaves_the_fields_out_is_refused(shop):
    with pytest.raises(ConfigurationError, match="its fields make the constructor"):

        @shop.domain.aggregate
        class Box:
            size: int

            def __init__(self, size):
                self.size = size


def test_an_element_is_of_one_kind(shop):
    with pytest.raises(ConfigurationError, match="Crate is an aggregate already, and cannot be an event too"):
        shop.domain.event(part_of="Crate")(shop.Crate)


def test_a_copy_of_an_aggregate_raises_events_of_its_own(shop):
    crate = shop.Crate()
    twin = copy.copy(crate)
    twin.pack(1)
    assert (crate.amount, crate._events) == (0, [])
    assert len(twin._events) == 1


def test_a_list_that_was_changed_from_inside_is_checked_when_it_is_added(shop):
    @shop.domain.aggregate
    class Shelf:
        sizes: list[int] = []  # noqa: RUF012 - a default, copied for each shelf

    shelf = Shelf()
    shelf.sizes.append("large")
    with pytest.raises(ValidationError, match="valid integer"):
        shop.domain.repository_for(Shelf).add(shelf)
    assert shop.domain.repository_for(Shelf).query.count() == 0
    assert shop.domain.journal[-1].kind == "rejected"


def test_an_endless_chain_names_its_cycle_once_when_a_bystander_meets_the_limit(shop):
    shop.domain.config["max_chain_length"] = 6

    @shop.domain.event_handler(part_of="Crate")
    class Echo:
        @handle(shop.Packed)
        def again(self, event):
            pack(shop, shop.Crate(), event.amount)

    with pytest.raises(EndlessChainError) as caught:
        pack(shop, shop.Crate())
    assert caught.value.cycle == ("Packed", "Echo.again", "Packed")


def test_a_handler_that_has_run_is_replaced_by_its_new_version(shop):
    """Also where the engine remembers who takes which event."""
    crate = pack(shop, shop.Crate(), 1)

    @shop.domain.event_handler(part_of="Crate")
    class Counter:
        @handle(shop.Packed)
        def count(self, event):
            shop.heard.append(-event.amount)

    pack(shop, crate, 2)
    assert shop.heard == [1, -2]


def test_looking_up_by_a_field_stays_right_when_the_class_changes_between(shop):
    domain = shop.domain

    def define(**fields):
        return domain.aggregate(type("Shelf", (), {"__module__": __name__, **fields}))

    define(n=Integer())
    shelves = domain.repository_for("Shelf")
    shelf = shelves.add(domain.registry.find("Shelf").cls(n=1))
    assert shelves.find_by(n=1) == shelf
    define(m=Integer(default=0), n=Integer())
    changed = shelves.find_by(n=1)
    changed.n = 2
    shelves.add(changed)
    assert not shelves.exists(n=1)
    with pytest.raises(ObjectNotFoundError):
        shelves.find_by(n=1)
    assert shelves.find_by(n=2) == shelf


def test_an_endless_chain_with_branches_ends_in_one_error(shop):
    """Not in one for each delivery that was still waiting."""
    shop.domain.config["max_chain_length"] = 20

    @shop.domain.event_handler(part_of="Crate")
    class Doubles:
        @handle(shop.Packed)
        def once(self, event):
            pack(shop, shop.Crate(), event.amount)

        @handle(shop.Packed)
        def twice(self, event):
            pack(shop, shop.Crate(), event.amount)

    with pytest.raises(EndlessChainError):
        pack(shop, shop.Crate())
    assert len(shop.domain.waiting) == 0


def test_the_errors_of_a_group_begin_in_the_model(shop):
    """Their tracebacks show no frame of the engine above the handler's."""

    class Fails:
        @handle(shop.Packed)
        def fail(self, event):
            raise LookupError(event.amount)

    for name in ("First", "Second"):
        shop.domain.event_handler(part_of="Crate")(type(name, (Fails,), {}))
    with pytest.raises(ExceptionGroup) as caught:
        pack(shop, shop.Crate())
    frames = [error.__traceback__.tb_frame.f_code.co_name for error in caught.value.exceptions]
    assert frames == ["fail", "fail"]


@pytest.mark.parametrize(
    ("method", "text"),
    [
        (lambda _self: None, r"cannot be called with a message.*def run\(self, event\)"),
        (lambda _self, _event, _other: None, "cannot be called with a message: missing a required argument"),
        (lambda _self, _event: (yield), "is a generator.*Leave out `yield`"),
    ],
    ids=["no event", "one too many", "generator"],
)
def test_a_method_that_could_only_fail_is_refused_at_definition(shop, method, text):
    handler = type("Handler", (), {"run": handle(shop.Packed)(method)})
    with pytest.raises(ConfigurationError, match=rf"Handler\.run {text}"):
        shop.domain.event_handler(part_of="Crate")(handler)


def test_a_method_may_have_further_arguments_with_defaults(shop):
    def run(self, event, times=2):
        shop.heard.append(times * event.amount)

    shop.domain.event_handler(part_of="Crate")(type("Handler", (), {"run": handle(shop.Packed)(run)}))
    pack(shop, shop.Crate(), 3)
    assert shop.heard == [3, 6]
