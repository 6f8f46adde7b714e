"""A run in a file: `domain.save` keeps all of it, and `domain.load` goes on with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ddd_kit import Domain, UnitOfWork, handle
from ddd_kit.exceptions import IncorrectUsageError, RunFileError
from saved_shop import Colour, outline, run, saved, shop

HERE = Path(__file__).parent

GOES_ON = """
import sys
from saved_shop import shop, Colour

domain = shop()
print(domain.load(sys.argv[1]))
order = domain.registry.elements["Order"].cls(quantity=6)
order.ship()
domain.config["event_processing"] = "async"
domain.repository_for("Order").add(order)
print(order.id, domain.journal[-1].time, domain.deliver_all())
print(domain.why(domain.repository_for("Stock").get("s-1"), "left"))
print(domain.repository_for("Order").get("o-1").colour is Colour.BLUE)
"""


def continued(domain):
    """What the script above prints, in this process."""
    order = domain.registry.elements["Order"].cls(quantity=6)
    order.ship()
    domain.repository_for("Order").add(order)
    first = f"{order.id} {domain.journal[-1].time} {domain.deliver_all()}"
    stock = domain.repository_for("Stock").get("s-1")
    return [first, str(domain.why(stock, "left")), "True"]


def test_another_process_goes_on_as_this_one_would(tmp_path):
    """Identities, times, deliveries that waited and `why` are those that the first process would have had."""
    domain, path = saved(tmp_path)
    environment = os.environ | {"PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", GOES_ON, str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["Fine: the run of run.jsonl fits the model.", *continued(domain)]


def test_all_of_a_world_comes_back(tmp_path):
    domain, path = saved(tmp_path)
    other = shop()
    assert other.load(path).level == "fine"
    assert outline(other) == outline(domain)
    assert other.journal.to_text() == domain.journal.to_text()
    assert other.state().to_text() == domain.state().to_text()


def test_rows_come_back_as_the_class_of_today_stores_them(tmp_path):
    """Else each reading would check the values again, and each save would look them up again."""
    _, path = saved(tmp_path)
    other = shop()
    other.load(path)
    for name in ("Order", "Stock"):
        schema = other.registry.elements[name].schema
        assert all(row[1] is schema.names for row in other.world.stores[name].rows.values())


def test_a_run_that_is_loaded_can_be_saved_again(tmp_path):
    _, path = saved(tmp_path)
    other = shop()
    other.load(path)
    other.save(tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes().split(b"\n")[1:] == path.read_bytes().split(b"\n")[1:]


def test_a_run_without_a_seed_gets_new_identities_and_the_time_of_the_machine(tmp_path):
    domain, path = saved(tmp_path, seed=None)
    ours = domain.world.identities.next()
    other = shop(seed=None)
    assert other.load(path).level == "fine"
    assert outline(other) == outline(domain)
    assert other.world.identities.next() != ours
    assert other.world.now() > 1_704_067_200 + 86_400 * 365


def test_the_past_can_be_seen_after_loading(tmp_path):
    domain, path = saved(tmp_path)
    other = shop()
    other.load(path)
    for step in range(domain.journal.last_step + 1):
        assert other.at(step).state().to_text() == domain.at(step).state().to_text()
        assert repr(other.at(step).waiting) == repr(domain.at(step).waiting)


def test_a_folded_journal_comes_back(tmp_path):
    domain, path = saved(tmp_path, journal_limit=8)
    assert domain.journal.first_step > 1
    other = shop(journal_limit=8)
    other.load(path)
    assert outline(other) == outline(domain)
    assert domain.journal._window.before


def test_what_was_not_recorded_comes_back(tmp_path):
    """With the journal off, and after it was on for a while: events and deliveries without a step."""
    domain = shop()
    run(domain)
    domain.config["journal"] = False
    order = domain.registry.elements["Order"].cls(quantity=5)
    order.ship()
    domain.repository_for("Order").add(order)
    path = tmp_path / "run.jsonl"
    domain.save(path)
    assert domain.world.journal.missed
    assert domain.world.waiting[-1].step is None
    other = shop(journal=False)
    other.load(path)
    assert outline(other) == outline(domain)
    domain.config["journal"] = other.config["journal"] = True
    for each in (domain, other):
        each.config["event_processing"] = "async"
        assert each.deliver_all() == 5
        each.save(path)
        shop().load(path)
    assert repr(other.state()) == repr(domain.state())


def test_deliveries_of_one_chain_share_its_length(tmp_path):
    """So that an endless chain still ends, and its error still names the cycle."""
    domain = endless()
    domain.deliver()
    domain.deliver()
    domain.save(tmp_path / "run.jsonl")
    other = endless()
    other.load(tmp_path / "run.jsonl")
    first, second = other.waiting
    assert first.chain is second.chain
    assert first.chain == [2]
    assert first.cycle() == domain.waiting[0].cycle() == ("Pinged", "Echo.again", "Pinged")


def endless():
    domain = Domain(name="Echoes", seed=1, config={"event_processing": "async"})

    @domain.aggregate
    class Bell:
        rung: int = 0

    @domain.event(part_of=Bell)
    class Pinged: ...

    @domain.event_handler(part_of=Bell)
    class Echo:
        @handle(Pinged)
        def again(self, _):
            bell = domain.repository_for(Bell).get("b-1")
            bell.rung += 1
            bell.raise_(Pinged())
            domain.repository_for(Bell).add(bell)

    @domain.event_handler(part_of=Bell)
    class Other:
        @handle(Pinged)
        def hear(self, _): ...

    bell = Bell(id="b-1")
    bell.raise_(Pinged())
    domain.repository_for(Bell).add(bell)
    return domain


def test_what_a_fault_delayed_is_still_late(tmp_path):
    domain = endless()
    domain.faults.delay(event="Pinged", by=3)
    bell = domain.repository_for("Bell").get("b-1")
    bell.raise_(domain.registry.elements["Pinged"].cls())
    domain.repository_for("Bell").add(bell)
    assert "fault" in {entry.kind for entry in domain.journal}
    domain.save(tmp_path / "run.jsonl")
    other = endless()
    other.load(tmp_path / "run.jsonl")
    late = [getattr(delivery, "by", 0) for delivery in domain.waiting]
    assert [getattr(delivery, "by", 0) for delivery in other.waiting] == late
    assert any(late)
    assert outline(other) == outline(domain)


def test_a_fork_can_be_saved_and_loaded(tmp_path):
    domain, path = saved(tmp_path)
    fork = domain.fork(at=5)
    fork.save(path)
    before = outline(domain)
    other = shop()
    other.load(path)
    assert outline(other) == outline(fork)
    assert other.world.identities.next() == fork.world.identities.next()
    domain.deliver_all()
    second = domain.fork()
    second.load(path)
    assert outline(second) == outline(fork)
    assert outline(domain) != before


def test_the_file_is_json_lines(tmp_path):
    _, path = saved(tmp_path)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines[0]["format"] == "ddd_kit run"
    assert lines[0]["lines"] == len(lines)
    assert {line["line"] for line in lines} >= {"element", "journal", "entry", "stored", "delivery", "clock"}


def test_a_value_of_a_class_of_ones_own_is_named_and_nothing_is_written(tmp_path):
    class Money:
        pass

    domain = Domain(name="Shop")

    @domain.aggregate
    class Order:
        price: Money | None = None

    domain.repository_for(Order).add(Order(id="o-1", price=Money()))
    path = tmp_path / "run.jsonl"
    path.write_text("what was there before")
    with pytest.raises(
        RunFileError, match=r"Order o-1 .*the field 'price' holds an object of the class .*Money"
    ):
        domain.save(path)
    assert path.read_text() == "what was there before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_value_of_a_class_of_ones_own_is_named_without_a_journal_too(tmp_path):
    domain = Domain(name="Shop", config={"journal": False})

    @domain.aggregate
    class Order:
        price: object = None

    domain.repository_for(Order).add(Order(id="o-1", price=[{1: {2}}, object()]))
    with pytest.raises(
        RunFileError, match=r"Order o-1: the field 'price' holds an object of the class object"
    ):
        domain.save(tmp_path / "run.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_what_was_refused_does_not_hinder(tmp_path):
    """A text or number of a class of its own was tried; the journal keeps it, and so does the file."""

    class Much(int):
        def __str__(self):
            return "much"

    domain = shop()
    with pytest.raises(Exception, match="quantity"):
        domain.registry.elements["Order"].cls(quantity=Much(-1), status=Colour.RED)
    domain.save(tmp_path / "run.jsonl")
    other = shop()
    other.load(tmp_path / "run.jsonl")
    assert dict(other.journal[-1].tried)["quantity"] == -1


def test_a_file_appears_whole_or_the_one_before_stays(tmp_path, monkeypatch):
    domain, path = saved(tmp_path)
    before = path.read_bytes()
    domain.deliver_all()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunFileError, match="No space left on device"):
        domain.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_says_so(tmp_path):
    domain = shop()
    with pytest.raises(RunFileError, match=r"cannot be written \(No such file"):
        domain.save(tmp_path / "nowhere" / "run.jsonl")
    with pytest.raises(RunFileError, match="cannot be written"):
        domain.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", [None, 1, "", b"run.jsonl"])
def test_what_is_no_path_is_refused(path):
    domain = shop()
    with pytest.raises(IncorrectUsageError, match=r'as in domain.save\("run.jsonl"\)'):
        domain.save(path)
    with pytest.raises(IncorrectUsageError, match=r'as in domain.load\("run.jsonl"\)'):
        domain.load(path)


def test_in_a_unit_of_work_nothing_is_saved_or_loaded(tmp_path):
    domain, path = saved(tmp_path)
    content = path.read_bytes()
    with UnitOfWork(domain):
        for forbidden in (domain.save, domain.load):
            with pytest.raises(
                IncorrectUsageError, match=r"a unit of work is open\. Call it after the block"
            ):
                forbidden(path)
    assert path.read_bytes() == content


def test_the_past_is_neither_saved_nor_replaced(tmp_path):
    domain, path = saved(tmp_path)
    for forbidden in (domain.at(3).save, domain.at(3).load):
        with pytest.raises(IncorrectUsageError, match="the past cannot be changed"):
            forbidden(path)


def test_objects_of_the_run_before_are_refused_as_after_a_reset(tmp_path):
    domain, path = saved(tmp_path)
    order = domain.registry.elements["Order"].cls(quantity=1)
    domain.repository_for("Order").add(order)
    domain.load(path)
    with pytest.raises(Exception, match="is not in its repository any more"):
        domain.repository_for("Order").add(order)
