"""Interactive Domain-Driven Design: define a model in notebook cells, run it, see what happened."""

import sys

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.entity import Entity
from ddd_kit.building_blocks.handler import CommandHandler, EventHandler, handle
from ddd_kit.building_blocks.invariants import atomic_change, invariant
from ddd_kit.building_blocks.message import Command, Event
from ddd_kit.building_blocks.value_object import ValueObject
from ddd_kit.demo import demo
from ddd_kit.domain import Domain
from ddd_kit.engine.comparison import compare
from ddd_kit.engine.context import current_domain
from ddd_kit.engine.query import Q
from ddd_kit.engine.unit_of_work import UnitOfWork

__all__ = [
    "Aggregate",
    "Command",
    "CommandHandler",
    "Domain",
    "Entity",
    "Event",
    "EventHandler",
    "Q",
    "UnitOfWork",
    "ValueObject",
    "atomic_change",
    "compare",
    "current_domain",
    "demo",
    "handle",
    "invariant",
]


def load_ipython_extension(ipython: object) -> None:
    """What `%load_ext ddd_kit` does: `%%trace`, `%why` and `%domain` are there from then on.

    Args:
        ipython: the shell.
    """
    from ddd_kit.notebook.extension import load

    load(ipython)


def unload_ipython_extension(ipython: object) -> None:
    """What `%unload_ext ddd_kit` does: the magics are gone, and the rest goes on working.

    Args:
        ipython: the shell.
    """
    from ddd_kit.notebook.extension import unload

    unload(ipython)


def _tell_ipython() -> None:
    """Inside IPython the journal learns which cell runs; elsewhere IPython stays away."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = get_ipython() if get_ipython is not None else None
    if shell is not None:
        from ddd_kit.notebook.cells import install

        install(shell)


_tell_ipython()
