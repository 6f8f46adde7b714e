"""Whatever is done in one world, with faults, saved runs and replays, leaves the other worlds as they are."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ddd_kit import Domain, compare
from ddd_kit.exceptions import IncorrectUsageError
from saved_shop import outline
from several_worlds import Shop

ACTS = (
    "process", "deliver", "deliver_all", "resume", "hold", "fault", "clear", "pause", "rewind", "reset",
    "fork", "fork_then", "load", "replay", "compare", "page", "test",
)  # fmt: skip
FAULTS = ("deliver_twice", "drop", "delay", "shuffle", "fail")
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 3), st.integers(0, 40)), max_size=25)
LOOKS = ("fork", "fork_then", "replay", "compare", "page", "test")  # these change no world


def facts(world: Domain) -> tuple[Any, ...]:
    """All of a world that something elsewhere might change."""
    faults = [(fault.number, fault._dice.getstate(), len(fault._left)) for fault in world.faults]
    identities = world.world.identities
    return (outline(world), dict(world.config), world.faults.breakpoints, faults, len(identities._batch))


class Laboratory:
    """Up to four worlds of one model."""

    def __init__(self, folder: str) -> None:
        self.shop = Shop()
        self.worlds: list[Domain] = [self.shop.domain]
        self.folder = Path(folder)

    def act(self, what: str, place: int, number: int) -> int | None:
        """Do something in one of the worlds; the place of the one that may have changed, or None."""
        place %= len(self.worlds)
        if what == "load":
            return self.load(place, number)
        world = self.worlds[place]
        if what in LOOKS:
            self.look(what, world, number)
            return None
        with suppress(Exception):  # what handlers raise; what else is changed by it shows in the facts
            self.change(what, world, number)
        return place

    def change(self, what: str, world: Any, number: int) -> None:
        if what == "process":
            book = str(1 + number % 2)
            world.process(self.shop.ShipOrder(order_id=f"o-{number}", book_id=book, quantity=1 + number % 5))
        elif what == "hold":
            world.config["event_processing"] = "async"
        elif what == "fault":
            getattr(world.faults, FAULTS[number % 5])(chance=0.5)
        elif what == "clear":
            world.faults.clear()
        elif what == "pause":
            world.pause_on("OrderShipped")
        elif what == "rewind":
            world.rewind(step_of(world, number))
        else:
            getattr(world, what)()

    def look(self, what: str, world: Domain, number: int) -> None:
        if what in ("fork", "fork_then", "replay"):
            step = step_of(world, number)
            made = world.replay(step).right if what == "replay" else world.fork(step)
            self.worlds = [*self.worlds[:3], world.fork() if what == "fork" else made]
        elif what == "compare":
            compare(world, self.worlds[number % len(self.worlds)]).to_text()
        elif what == "page":
            world.save_html(self.folder / "run.html")
        else:
            with suppress(IncorrectUsageError):
                world.test_from()

    def load(self, place: int, number: int) -> int:
        """Go on in one world with the run of another."""
        other = number % len(self.worlds)
        self.worlds[place].save(self.folder / "run.jsonl")
        taken = outline(self.worlds[place])
        assert self.worlds[other].load(self.folder / "run.jsonl").level == "fine"
        assert outline(self.worlds[other]) == taken
        return other


def step_of(world: Domain, number: int) -> int:
    journal = world.journal
    return journal.first_step - 1 + number % (journal.last_step + 2 - journal.first_step)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_what_is_done_in_one_world_stays_there(steps: list[tuple[str, int, int]]) -> None:
    with TemporaryDirectory() as folder:
        laboratory = Laboratory(folder)
        for what, place, number in steps:
            before = [(world, facts(world)) for world in laboratory.worlds]
            changed = laboratory.act(what, place, number)
            for at, (world, known) in enumerate(before):
                assert at == changed or facts(world) == known, what


@settings(max_examples=30, deadline=None)
@example([("fault", 0, 4), *(("process", 0, number) for number in range(6)), ("deliver_all", 0, 0)])
@given(STEPS)
def test_a_fork_of_the_present_is_as_its_domain(steps: list[tuple[str, int, int]]) -> None:
    """Also what waits, and how late; and it comes out the same when it goes on."""
    with TemporaryDirectory() as folder:
        laboratory = Laboratory(folder)
        for step in steps:
            laboratory.act(*step)
    for world in laboratory.worlds:
        fork = world.fork()
        assert outline(fork) == outline(world)
        assert compare(world, fork).same
        for run in (fork, world):
            with suppress(Exception):
                run.deliver_all()
        assert compare(world, fork).same
