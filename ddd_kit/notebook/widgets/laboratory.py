"""What the menus of runs and faults in a workbench do."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Protocol

from ddd_kit.engine.engine import Engine
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.origin import origin
from ddd_kit.notebook import live
from ddd_kit.views.panes.broker import KINDS, objection
from ddd_kit.views.panes.look import Look
from ddd_kit.views.panes.runs import asked_to_rewind
from ddd_kit.views.panes.written import written

_COUNTED = {"delay": "by", "fail": "times"}  # what the method calls it


class ShowsRuns(Protocol):
    """What a workbench has for it.

    Attributes:
        runs: the runs of one model, the domain first.
        look: what it shows.
    """

    runs: list[Engine]
    look: Look

    @property
    def domain(self) -> Engine:
        """The run that is shown."""

    def show_run(self, run: Engine) -> None:
        """Go over to another run."""

    def ask(self, question: object) -> None:
        """Show a question above the map."""

    def refresh(self) -> None:
        """Show the present state."""


def runs_of(engine: Engine) -> list[Engine]:
    """The runs that a new workbench has.

    Args:
        engine: a domain, or a fork of one.

    Returns:
        The domain first.
    """
    trunk = engine.trunk
    return [engine] if not isinstance(trunk, Engine) or engine.forked_at is None else [trunk, engine]


def _fork(workbench: ShowsRuns, arg: str) -> None:
    fork = workbench.domain.fork(at=int(arg))
    workbench.runs.append(fork)
    workbench.ask("")
    workbench.show_run(fork)


def _replay(workbench: ShowsRuns, arg: str) -> None:  # noqa: ARG001 - as all acts are called
    with origin("Replay"):
        found = workbench.runs[0].replay()
    workbench.runs.append(found.right)
    workbench.show_run(found.right)
    workbench.look = replace(workbench.look, left="compare")
    workbench.refresh()


def _ask_to_rewind(workbench: ShowsRuns, arg: str) -> None:
    workbench.ask(asked_to_rewind(workbench.domain, int(arg)))


def _rewind(workbench: ShowsRuns, arg: str) -> None:
    workbench.domain.rewind(int(arg))
    workbench.ask("")
    live.refresh_all(workbench.domain)


def _show(workbench: ShowsRuns, arg: str) -> None:
    workbench.show_run(workbench.runs[int(arg)])


def _switch_on(workbench: ShowsRuns, arg: str) -> None:
    domain, kind = workbench.domain, _one_of(KINDS, arg)
    aim = workbench.look.aim.within(domain)
    refused = objection(domain, aim)
    if refused is not None:
        raise IncorrectUsageError(refused)
    counted = {_COUNTED[kind]: int(aim.count)} if kind in _COUNTED else {}
    switch_on = getattr(domain.faults, kind)
    switch_on(event=aim.event, handler=aim.handler, chance=float(aim.chance), **counted)
    live.refresh_all(domain)


def _one_of(kinds: Collection[str], kind: str) -> str:
    if kind not in kinds:
        raise ValueError(f"{kind}: there is {', '.join(kinds)}.")
    return kind


def _switch_off(workbench: ShowsRuns, arg: str) -> None:
    workbench.domain.faults.remove(int(arg))
    live.refresh_all(workbench.domain)


def _write(workbench: ShowsRuns, arg: str) -> None:
    workbench.ask(written(workbench.domain, arg, workbench.look.step))


def _pause_on(workbench: ShowsRuns, arg: str) -> None:
    if arg:
        workbench.domain.pause_on(arg)
    live.refresh_all(workbench.domain)


def _pause_no_more(workbench: ShowsRuns, arg: str) -> None:
    domain = workbench.domain
    domain.pause_on(None, *(name for name in domain.faults.breakpoints if name != arg))
    live.refresh_all(domain)


ACTS: dict[str, Callable[[ShowsRuns, str], None]] = {
    "fork": _fork,
    "replay": _replay,
    "rewind": _ask_to_rewind,
    "rewound": _rewind,
    "run": _show,
    "fault": _switch_on,
    "unfault": _switch_off,
    "pause": _pause_on,
    "unpause": _pause_no_more,
    "write": _write,
}
