"""Tests in the words of the domain: given, when, then (North, "Introducing BDD").

`given(...).when(...).then(...)` is the sentence of the kit; `given(Order, ...).process(...)` and the rest is
Protean's, so that tests written for it run here.
"""

from ddd_kit.testing.aggregates import AggregateResult
from ddd_kit.testing.beginning import EventSequence, given
from ddd_kit.testing.chain import assert_chain
from ddd_kit.testing.event_log import EventLog
from ddd_kit.testing.expected import some
from ddd_kit.testing.fixture import DomainFixture
from ddd_kit.testing.outcome import Outcome
from ddd_kit.testing.process_managers import ProcessManagerResult
from ddd_kit.testing.processing import ProcessResult, drain, process_and_wait
from ddd_kit.testing.projections import ProjectionResult
from ddd_kit.testing.server import Engine
from ddd_kit.testing.snapshot import assert_snapshot

__all__ = [
    "AggregateResult",
    "DomainFixture",
    "Engine",
    "EventLog",
    "EventSequence",
    "Outcome",
    "ProcessManagerResult",
    "ProcessResult",
    "ProjectionResult",
    "assert_chain",
    "assert_snapshot",
    "drain",
    "given",
    "process_and_wait",
    "some",
]
