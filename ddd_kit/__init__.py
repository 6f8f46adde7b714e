"""Interactive Domain-Driven Design: define a model in notebook cells, run it, see what happened."""

import importlib
import sys
from typing import TYPE_CHECKING

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.entity import Entity
from ddd_kit.building_blocks.event_sourced import apply
from ddd_kit.building_blocks.handler import CommandHandler, EventHandler, handle
from ddd_kit.building_blocks.invariants import atomic_change, invariant
from ddd_kit.building_blocks.message import Command, Event
from ddd_kit.building_blocks.process_manager import ProcessManager
from ddd_kit.building_blocks.projection import Projection, Projector, on
from ddd_kit.building_blocks.query import Query, QueryHandler, read
from ddd_kit.building_blocks.service import ApplicationService, DomainService, use_case
from ddd_kit.building_blocks.subscriber import Subscriber
from ddd_kit.building_blocks.value_object import ValueObject
from ddd_kit.demo import demo
from ddd_kit.domain import Domain, context_map
from ddd_kit.engine.context import current_domain
from ddd_kit.engine.query import Q
from ddd_kit.engine.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from ddd_kit.engine.comparison import compare as compare
    from ddd_kit.engine.query import F as F
    from ddd_kit.testing import given as given

__all__ = [
    "Aggregate",
    "ApplicationService",
    "Command",
    "CommandHandler",
    "Domain",
    "DomainService",
    "Entity",
    "Event",
    "EventHandler",
    "F",
    "ProcessManager",
    "Projection",
    "Projector",
    "Q",
    "Query",
    "QueryHandler",
    "Subscriber",
    "UnitOfWork",
    "ValueObject",
    "apply",
    "atomic_change",
    "compare",
    "context_map",
    "current_domain",
    "demo",
    "given",
    "handle",
    "invariant",
    "on",
    "read",
    "use_case",
]

# Names that few programs need, most of them Protean's, load when they are first used.
_LAZY = {
    "AggregateResult": "testing:AggregateResult",
    "BaseAggregate": "building_blocks.aggregate:Aggregate",
    "BaseApplicationService": "building_blocks.service:ApplicationService",
    "BaseCommand": "building_blocks.message:Command",
    "BaseCommandHandler": "building_blocks.handler:CommandHandler",
    "BaseDomainService": "building_blocks.service:DomainService",
    "BaseEntity": "building_blocks.entity:Entity",
    "BaseEvent": "building_blocks.message:Event",
    "BaseEventHandler": "building_blocks.handler:EventHandler",
    "BaseProcessManager": "building_blocks.process_manager:ProcessManager",
    "BaseProjection": "building_blocks.projection:Projection",
    "BaseProjector": "building_blocks.projection:Projector",
    "BaseQuery": "building_blocks.query:Query",
    "BaseQueryHandler": "building_blocks.query:QueryHandler",
    "BaseRepository": "engine.named_queries:NamedQueries",
    "BaseSubscriber": "building_blocks.subscriber:Subscriber",
    "BaseUpcaster": "engine.upcasting:Upcaster",
    "BaseValueObject": "building_blocks.value_object:ValueObject",
    "CausationNode": "engine.causation:CausationNode",
    "DomainFixture": "testing:DomainFixture",
    "Engine": "testing:Engine",
    "EventLog": "testing:EventLog",
    "EventSequence": "testing:EventSequence",
    "F": "engine.query:F",
    "IdentityType": "engine.config:IdentityType",
    "Index": "building_blocks.index:Index",
    "Message": "engine.stored_messages:StoredMessage",
    "Priority": "engine.priority:Priority",
    "ProcessManagerResult": "testing:ProcessManagerResult",
    "ProcessResult": "testing:ProcessResult",
    "ProjectionResult": "testing:ProjectionResult",
    "QuerySet": "engine.query:Query",
    "ReadOnlyQuerySet": "engine.reading:ReadOnlyQuery",
    "ReadView": "engine.reading:ReadView",
    "RebuildResult": "engine.rebuilding:RebuildResult",
    "Record": "engine.record:Record",
    "ResultSet": "engine.result_set:ResultSet",
    "assert_chain": "testing:assert_chain",
    "assert_snapshot": "testing:assert_snapshot",
    "compare": "engine.comparison:compare",
    "current_priority": "engine.priority:current_priority",
    "current_uow": "engine.context:current_uow",
    "drain": "testing:drain",
    "g": "engine.context:g",
    "given": "testing:given",
    "process_and_wait": "testing:process_and_wait",
    "processing_priority": "engine.priority:processing_priority",
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
