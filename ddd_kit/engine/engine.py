"""The engine: a model that runs and tells what happened, and the laboratory to experiment with its runs."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ddd_kit.engine.answering import Answering
from ddd_kit.engine.config import Config
from ddd_kit.engine.context import remember
from ddd_kit.engine.neighbours import meet
from ddd_kit.engine.world import World

if TYPE_CHECKING:
    from typing import Self

    from ddd_kit.engine.comparison import Comparison
    from ddd_kit.engine.run_file.verdict import Verdict


class Engine(Answering):
    """A model and its run.

    What it is made of, each on top of the one before: the definitions (`Model`), commands and repositories
    (`Running`), the record (`Recorded`), deliveries by hand (`Delivering`), the read side (`Projecting`), and
    here other worlds of the same model: past, forked, replayed, rewound, saved, emptied.

    Attributes:
        is_replay: whether it is the new run that `replay` made.

    Args:
        *names: the name; or, as in Protean, a path, which is ignored, and the name.
        name: the name.
        root_path: accepted as Protean's, and ignored.
        config: settings, see `Config`.
        seed: makes identities and times repeat from run to run; None for real ones.
        identity_function: makes the identities of aggregates and entities instead; they become texts.

    Raises:
        ConfigurationError: for a setting that is mistyped, or a name without letters.
    """

    is_replay = False

    def __init__(
        self,
        *names: str,
        name: str | None = None,
        root_path: str | None = None,
        config: Mapping[str, Any] | None = None,
        seed: int | None = None,
        identity_function: Callable[[], Any] | None = None,
    ) -> None:
        settings = {"config": config, "seed": seed, "identity_function": identity_function}
        super().__init__(*names, name=name, root_path=root_path, **settings)  # type: ignore[arg-type]
        remember(self)
        meet(self)

    def at(self, step: int) -> Self:
        """The domain as it was after the unit of work that a step belongs to (Fowler, "Event Sourcing").

        Args:
            step: a step of the journal, a whole number; 0 for the time before the first.

        Returns:
            A domain with the definitions of today, which can be read and not be changed.

        Raises:
            IncorrectUsageError: when there is no such step, it is not kept any more, or nothing is recorded.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order())
            >>> past = domain.at(1)
            >>> domain.repository_for(Order).query.count(), past.repository_for(Order).query.count()
            (1, 0)
        """
        from ddd_kit.engine.replay import world_at  # the laboratory loads when somebody enters it

        with self.lock:
            self._whole_world()
            past = copy.copy(self)
            own = {"world": world_at(self, step), "config": Config(self.config)}
            vars(past).update(own, own={}, trunk=self.trunk or self, _repositories={})
            vars(past)["faults"] = self.faults.copied(past)
        return past

    def fork(self, at: int | None = None) -> Self:
        """Another world of the same model, which goes its own way from a step on.

        What handlers do there stays there, also when they name the domain itself. Identities and times go on
        as they would here. Code works on a fork by its own methods, or on what it calls `domain` within
        `with fork.domain_context():`.

        Args:
            at: a step of the journal, whose whole unit of work is in the fork; 0 for the time before the
                first; None for the present.

        Returns:
            A domain with the same definitions, now and later, and with settings of its own.

        Raises:
            IncorrectUsageError: when there is no such step, it is not kept any more, or nothing is recorded;
                or while a unit of work is open.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> inventory = domain.repository_for(Inventory).add(Inventory(id="i-1", in_stock=100))
            >>> fork = domain.fork()
            >>> theirs = fork.repository_for(Inventory).get("i-1")
            >>> theirs.in_stock = 95
            >>> fork.repository_for(Inventory).add(theirs)
            <Inventory: Inventory object (id: i-1)>
            >>> domain.repository_for(Inventory).get("i-1").in_stock
            100
        """
        from ddd_kit.engine.fork import forked

        with self.lock:
            self._whole_world()
            self._check_idle("fork")
            return forked(self.standing(), self.world.journal.last_step if at is None else at, "fork")

    def replay(self, since: int = 0) -> Comparison:
        """The same run once more with the code of today, beside the one that there was.

        After a handler was edited this shows what it would have done. Commands are processed again; what
        plain code saved is saved again as it was recorded, with its events; handlers do what they do today.
        Injected faults are left out.

        Args:
            since: the step after which things happen again; 0 for the whole run, as far as it is kept.

        Returns:
            This domain on the left, a fork with the new run on the right (`.right`), and what is different.

        Raises:
            IncorrectUsageError: when there is no such step, it is not kept any more, or nothing is recorded;
                while a unit of work is open; when a recorded message does not fit its class any more.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     price: int = 0
            >>> @domain.command(part_of=Order)
            ... class PlaceOrder:
            ...     order_id: str
            >>> def clerk(price):
            ...     @domain.command_handler(part_of=Order)
            ...     class Clerk:
            ...         @handle(PlaceOrder)
            ...         def place(self, command):
            ...             domain.repository_for(Order).add(Order(id=command.order_id, price=price))
            >>> clerk(price=10)
            >>> domain.process(PlaceOrder(order_id="o-1"))
            >>> clerk(price=8)
            >>> domain.replay().differences[0].left, domain.replay().differences[0].right
            (10, 8)
        """
        from ddd_kit.engine.comparison import compare
        from ddd_kit.engine.fork import forked
        from ddd_kit.engine.rerun import rerun

        with self.lock:
            self._whole_world()
            self._check_idle("replay")
            begin = self.journal.first_step - 1 if since == 0 else since
            fork = forked(self.standing(), begin, "replay")
            fork.faults.clear()
            rerun(self, fork)
            fork.is_replay = True
            return compare(self, fork)

    def rewind(self, step: int) -> None:
        """Go back in place: what happened after a step is gone, from the journal too.

        Args:
            step: a step of the journal, whose whole unit of work stays; 0 for the time before the first.

        Raises:
            IncorrectUsageError: when there is no such step, it is not kept any more, or nothing is recorded;
                while a unit of work is open; or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> inventory = domain.repository_for(Inventory).add(Inventory(in_stock=100))
            >>> domain.rewind(1)
            >>> domain.repository_for(Inventory)
            <Repository of Inventory: 0 stored>
        """
        from ddd_kit.engine.fork import open_again

        with self.lock:
            self._whole_world()
            self._check_deliverable("rewind")
            self.stand_on(open_again(self, step, "rewind", self.config))
            self.faults.go_back(self.world.journal.last_step)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Keep the whole run in a file, so that it outlives the kernel: state, streams, journal, what waits.

        The file holds data only, one JSON object a line (JSON Lines), and nothing in it is ever run. It
        appears whole, or the file that was there stays.

        Args:
            path: of the file, as `"run.jsonl"`; one that is there is replaced.

        Raises:
            RunFileError: when a value cannot be kept in a file, as an object of a class of your own in a
                field, or the file cannot be written.
            IncorrectUsageError: for something that is no path; while a unit of work is open, or in the past.

        Example:
            >>> from tempfile import TemporaryDirectory
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1", quantity=3))
            >>> with TemporaryDirectory() as folder:
            ...     domain.save(f"{folder}/run.jsonl")
            ...     domain.reset()
            ...     domain.load(f"{folder}/run.jsonl")
            Fine: the run of run.jsonl fits the model.
            >>> domain.repository_for(Order).get("o-1").quantity
            3
        """
        from ddd_kit.engine.run_file.files import save_run  # its checks double the time of the first import

        with self.lock:
            self._check_deliverable("save")
            save_run(self, path)

    def load(self, path: str | os.PathLike[str], *, dry_run: bool = False) -> Verdict:
        """Go on with a run that was saved; what the domain holds gives way to it, as a whole or not at all.

        The file holds no definitions: run the cells that make the model first.

        Args:
            path: of a file that `save` wrote.
            dry_run: only tell whether the run fits the model, and load nothing.

        Returns:
            Whether the model is as it was (`fine`) or differs in a way to look at (`risky`), with the
            reasons, element by element and field by field; with `dry_run` also `impossible`.

        Raises:
            RunFileError: when there is no such file, or it is broken; the text names the line.
            ImpossibleRunError: when the model has changed so that what is stored does not fit; it has the
                reasons.
            IncorrectUsageError: for something that is no path; while a unit of work is open, or in the past.

        Example:
            >>> from tempfile import TemporaryDirectory
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1", quantity=3))
            >>> with TemporaryDirectory() as folder:
            ...     domain.save(f"{folder}/run.jsonl")
            ...     domain.forget(Order)
            ...     domain.load(f"{folder}/run.jsonl", dry_run=True)
            Impossible: the run of run.jsonl does not fit the model.
              Order is not defined, and 1 of it is stored: run its cell.
        """
        from ddd_kit.engine.run_file.files import load_run

        with self.lock:
            if not dry_run:
                self._check_deliverable("load")
            return load_run(self, path, dry_run=dry_run)

    def reset(self) -> None:
        """Empty the world, and keep the definitions; with a seed, identities and times begin again.

        Raises:
            IncorrectUsageError: in a unit of work, or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop", seed=7)
            >>> @domain.aggregate
            ... class Order: ...
            >>> first = Order().id
            >>> domain.reset()
            >>> domain, Order().id == first
            (<Domain Bookshop: 1 elements, 0 journal entries>, True)
        """
        with self.lock:
            self._check_deliverable("reset")
            self.stand_on(World(self.config, self.seed))
            self.faults.begin_anew()
