"""Whether a run fits a model that has changed since: fine, risky or impossible, and why."""

from __future__ import annotations

from enum import Enum

import pytest

from ddd_kit import Domain, handle
from ddd_kit.engine.run_file.verdict import Reason
from ddd_kit.exceptions import ConfigurationError, ImpossibleRunError
from ddd_kit.fields import Identifier, Integer, String
from saved_shop import outline, saved, shop


class Size(Enum):
    SMALL = "S"


def model(name="Shop", **aggregate):
    """A domain with an aggregate `Order` of these fields, an event and a handler."""
    domain = Domain(name=name, seed=1)
    fields = {"quantity": Integer(default=1), **aggregate}
    order = domain.aggregate(type("Order", (), {k: v for k, v in fields.items() if v is not None}))

    @domain.event(part_of=order)
    class Shipped:
        order_id = Identifier(required=True)

    @domain.event_handler(part_of=order)
    class Tell:
        @handle(Shipped)
        def tell(self, event): ...

    return domain, order


@pytest.fixture
def path(tmp_path):
    """A file with two orders and a delivery that waits."""
    domain, order = model()
    domain.config["event_processing"] = "async"
    orders = domain.repository_for(order)
    orders.add(order(id="o-1", quantity=5))
    second = order(id="o-2", quantity=50)
    second.raise_(domain.registry.elements["Shipped"].cls(order_id="o-2"))
    orders.add(second)
    domain.save(tmp_path / "run.jsonl")
    return tmp_path / "run.jsonl"


def judged(domain, path):
    """The verdict of a dry run, which has to be that of the loading."""
    before, world = outline(domain), domain.world
    verdict = domain.load(path, dry_run=True)
    assert (outline(domain), domain.world) == (before, world)
    if verdict.level == "impossible":
        with pytest.raises(ImpossibleRunError) as refused:
            domain.load(path)
        assert refused.value.reasons == verdict.reasons
        assert str(refused.value).startswith(repr(verdict))
        assert (outline(domain), domain.world) == (before, world)
    else:
        assert domain.load(path) == verdict
    return verdict


def only(verdict):
    (reason,) = verdict.reasons
    return reason.level, reason.element, reason.field, reason.text


def test_the_same_model_is_fine(path):
    domain, order = model()
    verdict = judged(domain, path)
    assert (verdict.level, verdict.reasons) == ("fine", ())
    assert repr(verdict) == "Fine: the run of run.jsonl fits the model."
    assert domain.repository_for(order).get("o-1").quantity == 5


def test_cells_that_ran_twice_are_fine(path):
    domain, _ = model()
    domain.aggregate(type("Order", (), {"quantity": Integer(default=1)}))
    assert judged(domain, path).level == "fine"


def test_a_new_field_with_a_default_is_risky(path):
    domain, order = model(note=String(default="none yet"))
    verdict = judged(domain, path)
    assert only(verdict) == ("risky", "Order", "note", "is new: what is stored gets its default")
    assert repr(verdict) == (
        "Risky: the run of run.jsonl was saved with another model.\n"
        "  Order.note is new: what is stored gets its default."
    )
    found = domain.repository_for(order).get("o-1")
    assert (found.note, found.quantity) == ("none yet", 5)


def test_the_journal_tells_where_a_new_default_came_from(path):
    domain, order = model(note=String(default="none yet"))
    domain.load(path)
    found = domain.repository_for(order).get("o-1")
    found.quantity = 6
    domain.repository_for(order).add(found)
    assert domain.journal.of(kind="defined")[-1].change == "replaced"
    assert "note got its default none yet when Order was defined again" in str(domain.why(found, "note"))


def test_a_field_that_is_gone_is_risky(path):
    domain, order = model(quantity=None)
    verdict = judged(domain, path)
    assert only(verdict)[:3] == ("risky", "Order", "quantity")
    assert "left out" in only(verdict)[3]
    assert domain.repository_for(order).get("o-1").to_dict() == {"id": "o-1"}


def test_a_new_required_field_is_impossible(path):
    domain, _ = model(customer=String(required=True))
    verdict = judged(domain, path)
    impossible, risky = verdict.reasons
    assert impossible == Reason(
        "impossible",
        "Order",
        "customer",
        "does not accept what is stored (2 of 2); o-1 has none: is required",
    )
    assert risky == Reason("risky", "Order", "customer", "is new: it has no default")
    assert repr(verdict).splitlines() == [
        "Impossible: the run of run.jsonl does not fit the model.",
        "  impossible: Order.customer does not accept what is stored (2 of 2); o-1 has none: is required.",
        "  risky: Order.customer is new: it has no default.",
    ]


def test_a_new_required_field_is_risky_where_nothing_is_stored(tmp_path):
    model()[0].save(tmp_path / "run.jsonl")
    assert judged(model(customer=String(required=True))[0], tmp_path / "run.jsonl").level == "risky"


def test_a_value_that_is_not_accepted_any_more_is_impossible(path):
    domain, _ = model(quantity=Integer(max_value=10))
    impossible, risky = judged(domain, path).reasons
    assert (impossible.level, impossible.field) == ("impossible", "quantity")
    assert "(1 of 2); o-2 holds 50: input should be less than or equal to 10" in impossible.text
    assert risky.text == "is int (le=10) | None, and was int | None"


def test_another_type_that_takes_the_values_is_risky(path):
    domain, order = model(quantity=Identifier())
    assert only(judged(domain, path))[0] == "risky"
    assert domain.repository_for(order).get("o-1").quantity == "5"


def test_a_validator_that_fails_is_impossible(path):
    def broken(value):
        raise RuntimeError("not today")

    verdict = judged(model(quantity=Integer(validators=[broken]))[0], path)
    assert "RuntimeError: not today" in only(verdict)[3]


def test_values_of_the_same_shape_are_checked_too(path):
    def small(value):
        if value > 10:
            raise ValueError("is too much")

    verdict = judged(model(quantity=Integer(validators=[small]))[0], path)
    assert only(verdict)[:3] == ("impossible", "Order", "quantity")
    assert "o-2 holds 50: is too much" in only(verdict)[3]


def test_an_aggregate_that_is_not_defined_is_impossible_where_some_are_stored(path):
    domain, _ = model()
    domain.forget("Order")
    assert "Order is not defined, and 2 of it are stored: run its cell" in repr(judged(domain, path))


def test_an_element_that_is_gone_is_risky_where_nothing_is_stored(path):
    domain, _ = model()
    domain.forget("Shipped")
    verdict = judged(domain, path)
    assert [reason.level for reason in verdict.reasons] == ["risky", "risky"]
    assert "Shipped is not defined any more; the run had it as event" in repr(verdict)
    assert "it would be skipped" in repr(verdict)


def test_what_was_forgotten_before_is_no_reason(tmp_path):
    """What is stored stays, as it does in a running domain."""
    domain, order = model()
    domain.repository_for(order).add(order(id="o-1"))
    for name in ("Tell", "Shipped", "Order"):
        domain.forget(name)
    domain.save(tmp_path / "run.jsonl")
    assert judged(domain, tmp_path / "run.jsonl").level == "fine"


def test_another_kind_under_a_name_is_impossible(path):
    domain, _ = model()
    domain.forget("Tell")
    domain.aggregate(type("Tell", (), {}))
    impossible, *_ = judged(domain, path).reasons
    assert (
        str(impossible)
        == "Tell is defined as aggregate, and was saved as event handler: give one another name"
    )


def test_a_handler_that_takes_something_else_is_risky(path):
    domain, order = model()

    @domain.event_handler(part_of=order, stream_category="elsewhere")
    class Tell:
        @handle("Shipped")
        def say(self, event): ...

    texts = [str(reason) for reason in judged(domain, path).reasons]
    assert texts == [
        "Tell has stream_category='elsewhere', and had None",
        "Tell takes other messages: Shipped by say; in the run Shipped by tell",
        "Tell.tell is not there, and a delivery of Shipped waits for it: it would be skipped",
    ]


def test_a_new_handler_is_risky_and_another_new_element_is_not(path):
    domain, order = model()
    domain.aggregate(type("Customer", (), {}))
    assert domain.load(path, dry_run=True).level == "fine"

    @domain.event_handler(part_of=order)
    class Later:
        @handle("Shipped")
        def tell(self, event): ...

    assert only(judged(domain, path)) == (
        "risky", "Later", None, "is new: it did not hear what happened in the run"
    )  # fmt: skip


def test_the_role_of_a_field_counts(path):
    domain, _ = model(quantity=Integer(unique=True))
    texts = [reason.text for reason in judged(domain, path).reasons]
    assert texts == ["has unique values, and had not"]


def test_another_domain_is_impossible(path):
    """Streams bear its name: what is on them would be out of reach for handlers."""
    level, element, field, text = only(judged(model("Library")[0], path))
    assert (level, element, field) == ("impossible", "Library", None)
    assert "Domain(name='Shop')" in text


def test_another_spelling_of_the_domains_name_is_risky(path):
    assert only(judged(model("shop")[0], path)) == ("risky", "shop", None, "was called Shop")


def test_another_seed_is_risky(path):
    domain, _ = model()
    domain.seed = None
    assert "has the seed None, and the run 1" in only(judged(domain, path))[3]


def test_an_event_that_waits_is_upgraded_when_it_is_delivered(path):
    domain, order = model()
    heard = []

    @domain.event(part_of=order)
    class Shipped:
        order_id = Identifier(required=True)
        note = String(default="new")

    @domain.event_handler(part_of=order)
    class Tell:
        @handle(Shipped)
        def tell(self, event):
            heard.append(event.note)

    assert judged(domain, path).level == "risky"
    domain.deliver_all()
    assert heard == ["new"]


def test_an_event_that_waits_and_does_not_fit_goes_on_waiting(path):
    domain, order = model()

    @domain.event(part_of=order)
    class Shipped:
        note = String(required=True)

    domain.load(path)
    domain.config["event_processing"] = "async"
    with pytest.raises(ConfigurationError, match="'note'"):
        domain.deliver_all()
    assert len(domain.waiting) == 1


def test_members_of_an_enum_that_the_type_does_not_name_any_more_are_told(tmp_path):
    def sized(annotation):
        domain = Domain(name="Shop")
        return domain, domain.aggregate(type("Box", (), {"__annotations__": {"size": annotation}}))

    domain, box = sized(Size)
    domain.repository_for(box).add(box(id="b-1", size=Size.SMALL))
    domain.save(tmp_path / "run.jsonl")
    other, box = sized(str)
    texts = [str(reason) for reason in judged(other, tmp_path / "run.jsonl").reasons]
    assert texts == [
        "Box.size is str, and was Size (SMALL)",
        "Box.size held a member of an enum that its type does not name: it is plain now",
    ]
    assert other.repository_for(box).get("b-1").size == "S"


def test_the_model_of_a_whole_shop_fits_itself(tmp_path):
    _, path = saved(tmp_path)
    assert judged(shop(), path).level == "fine"
