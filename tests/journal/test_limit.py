"""The journal keeps so many entries; older ones fold into a state, from which everything goes on."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ddd_kit import Domain, UnitOfWork, handle
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.fields import Integer, String
from ddd_kit.journal.origin import origin


class Counters:
    """Counters; each count is an event, which a handler sums up. One add of one counter is 4 entries."""

    def __init__(self, limit: int) -> None:
        self.domain = domain = Domain(name="Counters", config={"journal_limit": limit})

        @domain.event(part_of="Counter")
        class Counted:
            by = Integer(required=True)

        @domain.aggregate
        class Counter:
            label = String(default="new")
            count = Integer(default=0)

            def up(self, by: int = 1) -> Any:
                self.count += by
                self.raise_(Counted(by=by))
                return self

        @domain.aggregate
        class Total:
            total = Integer(default=0)

        @domain.event_handler(part_of=Total, stream_category="counter")
        class SumUp:
            @handle(Counted)
            def add(self, event: Any) -> None:
                total = domain.repository_for(Total).get_or_none("t") or Total(id="t")
                total.total += event.by
                domain.repository_for(Total).add(total)

        self.Counter = Counter
        self.counters = domain.repository_for(Counter)
        self.totals = domain.repository_for(Total)
        domain.reset()

    @property
    def journal(self) -> Any:
        return self.domain.journal

    def up(self, name: str = "a", by: int = 1) -> Any:
        counter = self.counters.get_or_none(name) or self.Counter(id=name)
        return self.counters.add(counter.up(by))

    def state(self) -> dict[Any, Any]:
        """What is stored now, in order."""
        return {
            (kind, one.id): tuple(one.to_dict().values())
            for kind in ("Counter", "Total")
            for one in self.domain.repository_for(kind).query.all()
        }

    def told(self, step: int) -> dict[Any, Any]:
        """What the journal tells of a step."""
        return {key: saved.values for key, saved in self.journal.state_at(step).items()}


def test_below_the_limit_everything_is_kept() -> None:
    counters = Counters(limit=8)
    counters.up()
    counters.up()
    assert (counters.journal.first_step, counters.journal.last_step, len(counters.journal)) == (1, 8, 8)


def test_above_the_limit_whole_batches_fold_from_the_start() -> None:
    """An eighth more is let pass, so that folding is rare; what is left begins where a unit of work began."""
    counters = Counters(limit=8)
    for _ in range(3):
        counters.up()
    journal = counters.journal
    assert journal.last_step == 12
    assert journal.first_step > 1
    assert len(journal) <= 8
    assert journal[0].step == journal.first_step
    assert journal[0].kind in ("changed", "handled")


@pytest.mark.parametrize("limit", [1, 2, 5, 8, 40])
def test_the_journal_never_grows_beyond_an_eighth_more_than_its_limit(limit: int) -> None:
    """But for the newest batch, which is kept whole."""
    counters = Counters(limit)
    for _ in range(30):
        counters.up()
        assert len(counters.journal) <= max(limit * 9 // 8, 2)
        assert counters.journal.last_step == counters.journal[-1].step
    assert counters.told(counters.journal.last_step) == counters.state()


def test_a_batch_that_is_longer_than_the_limit_is_kept_whole() -> None:
    counters = Counters(limit=4)
    counters.up()
    with UnitOfWork(counters.domain):
        for name in "abcdefgh":
            counters.counters.add(counters.Counter(id=f"new {name}"))
    assert len(counters.journal) == 8
    assert counters.journal.first_step == 5
    assert list(counters.told(4)) == [("Counter", "a"), ("Total", "t")]


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(
    limit=st.integers(1, 30),
    rounds=st.lists(
        st.tuples(st.sampled_from(["up", "remove", "up", "unit"]), st.sampled_from("abc")), max_size=25
    ),
)
def test_from_the_fold_on_every_state_is_the_one_that_there_was(limit: int, rounds: list[Any]) -> None:
    """At each step that is kept, and at the one before the first: the state, each instance, and the past."""
    counters = Counters(limit)
    after = {0: counters.state()}
    for what, name in rounds:
        if what == "remove" and (known := counters.counters.get_or_none(name)):
            counters.counters.remove(known)
        elif what == "unit":
            with UnitOfWork(counters.domain):
                for each in (name, "d", "e"):
                    counters.up(each)
        else:
            counters.up(name)
        after[counters.journal.last_step] = counters.state()
    journal = counters.journal
    for step in range(journal.first_step - 1, journal.last_step + 1):
        told, past = counters.told(step), counters.domain.at(step)
        if step in after:
            assert told == after[step]
            assert [key for kind in ("Counter", "Total") for key in told if key[0] == kind] == list(
                after[step]
            )
        seen = {
            (kind, one.id): tuple(one.to_dict().values())
            for kind in ("Counter", "Total")
            for one in past.repository_for(kind).query.all()
        }
        assert seen == told
        for key in [*told, ("Counter", "nobody")]:
            saved = journal.instance_at(*key, step)
            assert (saved.values if saved else None) == told.get(key)


def test_versions_go_on_after_the_fold() -> None:
    counters = Counters(limit=8)
    for _ in range(9):
        counters.up()
    journal = counters.journal
    saved = journal.instance_at("Counter", "a", journal.first_step - 1)
    first = journal.of(kind="changed", aggregate="Counter")[0]
    assert first.version == saved.version + 1
    assert first.before == saved.values
    assert saved.step < journal.first_step


def test_a_folded_step_is_refused_and_the_text_says_where_the_journal_begins() -> None:
    counters = Counters(limit=8)
    for _ in range(5):
        counters.up()
    journal = counters.journal
    first, last = journal.first_step, journal.last_step
    kept = rf"steps {first} to {last} \(older ones are folded: see domain.config\['journal_limit'\]"
    with pytest.raises(IncorrectUsageError, match=f"no step 1: the journal has {kept}"):
        journal.step(1)
    for step in (0, journal.first_step - 2):
        with pytest.raises(IncorrectUsageError, match=kept):
            counters.domain.at(step)
        with pytest.raises(IncorrectUsageError, match=kept):
            journal.state_at(step)
        with pytest.raises(IncorrectUsageError, match=kept):
            journal.instance_at("Counter", "a", step)


def test_places_and_slices_begin_at_the_first_step_that_is_kept() -> None:
    counters = Counters(limit=8)
    for _ in range(5):
        counters.up()
    journal = counters.journal
    first = journal.first_step
    assert journal[0].step == first
    assert [entry.step for entry in journal[:2]] == [first, first + 1]
    assert [entry.step for entry in journal.between(1, first)] == [first]
    assert list(journal.to_frame().index) == list(range(first, journal.last_step + 1))


def test_a_slice_that_was_taken_before_the_fold_loses_what_is_folded() -> None:
    """It does not break, and keeps the steps that are kept."""
    counters = Counters(limit=8)
    counters.up()
    counters.up()
    part, changed = counters.journal[:], counters.journal.of(kind="changed")
    for _ in range(20):
        counters.up()
    assert (len(part), list(part), list(changed), repr(part)) == (
        *(0, [], []),
        "No entries: nothing of the kind has happened.",
    )


def test_the_tree_shows_what_is_left_though_its_cause_is_folded() -> None:
    counters = Counters(limit=2)
    counters.up()
    assert [entry.kind for entry in counters.journal] == ["handled", "changed"]
    assert "SumUp.add ran" in repr(counters.journal)
    assert counters.journal[0].cause < counters.journal.first_step


def test_why_works_from_the_fold_on() -> None:
    counters = Counters(limit=8)
    for number in range(6):
        with origin(f"In [{number}]"):
            counters.up()
    explained = counters.domain.why(counters.totals.get("t"), "total")
    assert explained.complete
    assert explained.sentence.startswith("In [5] saved Counter a: Counted (by 1) was raised")
    assert explained.sentence.endswith("Total t total 5 -> 6.")


def test_why_says_where_it_ends_when_the_cause_is_folded() -> None:
    counters = Counters(limit=2)
    counters.up()
    counters.up()
    explained = counters.domain.why(counters.totals.get("t"), "total")
    assert not explained.complete
    assert [entry.kind for entry in explained.chain] == ["handled", "changed"]
    assert explained.sentence.startswith("What came before is not in the journal any more: SumUp ")
    assert explained.sentence.endswith("Total t total 1 -> 2.")


def test_why_says_that_older_steps_are_folded_when_the_change_is_among_them() -> None:
    counters = Counters(limit=8)
    for _ in range(6):
        counters.up()
    with pytest.raises(IncorrectUsageError, match=r"no change of Counter a label: .*older ones are folded"):
        counters.domain.why(counters.counters.get("a"), "label")


def test_events_of_folded_steps_stay_in_their_streams() -> None:
    """The limit is the journal's, not the event store's."""
    counters = Counters(limit=4)
    for _ in range(10):
        counters.up()
    stream = counters.domain.stream("counter")
    assert [event.position for event in stream] == list(range(10))
    assert counters.domain.at(counters.journal.last_step).stream("counter")[0] == stream[0]
    assert len(counters.domain.at(counters.journal.first_step - 1).stream("counter")) < 10


def test_deliveries_of_folded_events_still_wait_and_are_made() -> None:
    counters = Counters(limit=4)
    counters.domain.config["event_processing"] = "async"
    for _ in range(10):
        counters.up()
    journal = counters.journal
    assert [d.step for d in counters.domain.at(journal.last_step).waiting] == [
        d.step for d in counters.domain.waiting
    ]
    assert counters.domain.waiting[0].step < journal.first_step
    counters.domain.deliver_all()
    assert counters.totals.get("t").total == 10
    assert counters.told(counters.journal.last_step) == counters.state()


def test_folding_in_the_middle_of_a_chain_disturbs_nobody() -> None:
    """With a limit of one entry, each batch folds the one before it while deliveries are under way."""
    counters = Counters(limit=1)
    with UnitOfWork(counters.domain):
        for name in "abc":
            counters.up(name, by=2)
    assert counters.totals.get("t").total == 6
    assert len(counters.journal) == 2
    assert counters.told(counters.journal.last_step) == counters.state()


def test_a_smaller_limit_counts_from_the_next_batch_on() -> None:
    counters = Counters(limit=1_000)
    for _ in range(30):
        counters.up()
    assert len(counters.journal) == 120
    counters.domain.config["journal_limit"] = 10
    assert len(counters.journal) == 120
    counters.up()
    assert len(counters.journal) <= 11


def test_a_reset_begins_at_step_1_again() -> None:
    counters = Counters(limit=4)
    for _ in range(5):
        counters.up()
    counters.domain.reset()
    assert (len(counters.journal), counters.journal.first_step) == (0, 1)
    counters.up("b")
    assert list(counters.told(counters.journal.last_step)) == [("Counter", "b"), ("Total", "t")]


@pytest.mark.parametrize("limit", [0, -1, "many", True, 1.5])
def test_a_limit_is_a_number_of_1_or_more(limit: Any) -> None:
    domain = Domain(name="Counters")
    with pytest.raises(Exception, match=r"journal_limit'\] = .*: it is a number, 1 or more"):
        domain.config["journal_limit"] = limit
