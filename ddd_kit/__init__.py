"""Interactive Domain-Driven Design: define a model in notebook cells, run it, see what happened."""

import importlib
import sys

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.entity import Entity
from ddd_kit.building_blocks.event_sourced import apply
from ddd_kit.building_blocks.handler import CommandHandler, EventHandler, handle
from ddd_kit.building_blocks.invariants import atomic_change, invariant
from ddd_kit.building_blocks.message import Command, Event
from ddd_kit.building_blocks.process_manager import ProcessManager
from ddd_kit.building_blocks.process_manager import ProcessManager as BaseProcessManager
from ddd_kit.building_blocks.projection import Projection, Projector, on
from ddd_kit.building_blocks.projection import Projection as BaseProjection
from ddd_kit.building_blocks.projection import Projector as BaseProjector
from ddd_kit.building_blocks.query import Query, QueryHandler, read
from ddd_kit.building_blocks.query import Query as BaseQuery
from ddd_kit.building_blocks.query import QueryHandler as BaseQueryHandler
from ddd_kit.building_blocks.service import ApplicationService, DomainService, use_case
from ddd_kit.building_blocks.subscriber import Subscriber
from ddd_kit.building_blocks.subscriber import Subscriber as BaseSubscriber
from ddd_kit.building_blocks.value_object import ValueObject
from ddd_kit.demo import demo
from ddd_kit.domain import Domain, context_map
from ddd_kit.engine.comparison import compare
from ddd_kit.engine.context import current_domain
from ddd_kit.engine.query import Q
from ddd_kit.engine.query import Query as QuerySet
from ddd_kit.engine.reading import ReadOnlyQuery as ReadOnlyQuerySet
from ddd_kit.engine.reading import ReadView
from ddd_kit.engine.rebuilding import RebuildResult
from ddd_kit.engine.result_set import ResultSet
from ddd_kit.engine.unit_of_work import UnitOfWork
from ddd_kit.testing import (
    AggregateResult,
    DomainFixture,
    Engine,
    EventLog,
    EventSequence,
    ProcessManagerResult,
    ProcessResult,
    ProjectionResult,
    assert_chain,
    assert_snapshot,
    drain,
    given,
    process_and_wait,
)

__all__ = [
    "Aggregate",
    "AggregateResult",
    "ApplicationService",
    "BaseProcessManager",
    "BaseProjection",
    "BaseProjector",
    "BaseQuery",
    "BaseQueryHandler",
    "BaseSubscriber",
    "Command",
    "CommandHandler",
    "Domain",
    "DomainFixture",
    "DomainService",
    "Engine",
    "Entity",
    "Event",
    "EventHandler",
    "EventLog",
    "EventSequence",
    "ProcessManager",
    "ProcessManagerResult",
    "ProcessResult",
    "Projection",
    "ProjectionResult",
    "Projector",
    "Q",
    "Query",
    "QueryHandler",
    "QuerySet",
    "ReadOnlyQuerySet",
    "ReadView",
    "RebuildResult",
    "ResultSet",
    "Subscriber",
    "UnitOfWork",
    "ValueObject",
    "apply",
    "assert_chain",
    "assert_snapshot",
    "atomic_change",
    "compare",
    "context_map",
    "current_domain",
    "demo",
    "drain",
    "given",
    "handle",
    "invariant",
    "on",
    "process_and_wait",
    "read",
    "use_case",
]


# Names that few programs need, most of them Protean's, load when they are first used.
_LAZY = {
    "BaseAggregate": "building_blocks.aggregate:Aggregate",
    "BaseApplicationService": "building_blocks.service:ApplicationService",
    "BaseCommand": "building_blocks.message:Command",
    "BaseCommandHandler": "building_blocks.handler:CommandHandler",
    "BaseDomainService": "building_blocks.service:DomainService",
    "BaseEntity": "building_blocks.entity:Entity",
    "BaseEvent": "building_blocks.message:Event",
    "BaseEventHandler": "building_blocks.handler:EventHandler",
    "BaseRepository": "engine.named_queries:NamedQueries",
    "BaseUpcaster": "engine.upcasting:Upcaster",
    "BaseValueObject": "building_blocks.value_object:ValueObject",
    "F": "engine.query:F",
    "Index": "building_blocks.index:Index",
    "Message": "engine.stored_messages:StoredMessage",
    "Record": "engine.record:Record",
    "current_uow": "engine.context:current_uow",
    "g": "engine.context:g",
    "value_object_from_entity": "building_blocks.value_object:value_object_from_entity",
}


def __getattr__(name: str) -> object:
    """A name that is not loaded yet."""
    if name not in _LAZY:
        raise AttributeError(f"module 'ddd_kit' has no attribute '{name}'")
    module, attribute = _LAZY[name].split(":")
    found = getattr(importlib.import_module(f"ddd_kit.{module}"), attribute)
    globals()[name] = found
    return found


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
