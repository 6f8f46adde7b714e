"""How an event reaches the process that it belongs to: it is found or begun, hears it, and is saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Optional, cast

from pydantic_core import PydanticUndefined, ValidationError

from ddd_kit.building_blocks.declaration import declared_fields, names_where_written
from ddd_kit.building_blocks.handler import ANY, Role, handler_methods, role_of
from ddd_kit.building_blocks.process_manager import COMPLETE, ProcessManager
from ddd_kit.engine.batch import note
from ddd_kit.engine.context import active_engine
from ddd_kit.exceptions import ConfigurationError, did_you_mean
from ddd_kit.fields import Boolean
from ddd_kit.journal.entry import CHAIN_AT, SKIPPED
from ddd_kit.journal.origin import current_origin

if TYPE_CHECKING:
    from ddd_kit.building_blocks.message import Event
    from ddd_kit.engine.head import DeliveryHead
    from ddd_kit.engine.model import Model
    from ddd_kit.engine.registry import Registered
    from ddd_kit.engine.running import Running

# The roles of methods, by the method and the event that it takes.
Roles = Mapping[tuple[str, str], Role]


def with_process_fields(cls: type) -> type:
    """A class whose fields can be filled as the process goes along, and which knows whether it is complete.

    Args:
        cls: the process manager as the user wrote it.

    Returns:
        A class derived from it.

    Raises:
        ConfigurationError: for a field that the kit needs itself, or that cannot work.
    """
    fields = declared_fields(cls, ProcessManager, names_where_written(cls))
    if COMPLETE in fields:
        raise ConfigurationError(
            f"{cls.__name__}.{COMPLETE}: each process manager has this field already, and mark_as_complete() "
            "sets it. Leave yours out, or choose another name."
        )
    optional = {
        name: spec
        if spec.identifier
        else replace(
            spec,
            type=Optional[spec.type],  # noqa: UP045 - `|` refuses some of them
            required=False,
            default=None if spec.default is PydanticUndefined else spec.default,
        )
        for name, spec in fields.items()
    }
    own: dict[str, Any] = {**optional, COMPLETE: Boolean(default=False)}
    own["_identified"] = "id" in fields or any(spec.identifier for spec in fields.values())
    own |= {name: getattr(cls, name) for name in ("__module__", "__qualname__", "__doc__")}
    return type(cls.__name__, (cls,), own)


def check_sources(engine: Model, name: str, options: dict[str, Any]) -> None:
    """Turn what a projector or a process manager listens to into names.

    Args:
        engine: the domain.
        name: of the listener, for errors.
        options: its options, of which `aggregates` and `stream_categories` are made tuples of names.

    Raises:
        ConfigurationError: when one of them is no list, or holds something else.
        IncorrectUsageError: when an aggregate is of another domain.
    """
    for option, example in (("aggregates", "[Order]"), ("stream_categories", '["order"]')):
        given = options[option]
        if not isinstance(given, list | tuple | set | frozenset):
            raise ConfigurationError(f"{name}: {option}={given!r} is no list. Write {option}={example}.")
        for each in given:
            if isinstance(each, type) and option == "aggregates":
                engine.refuse_foreign(each)
            elif not isinstance(each, str):
                raise ConfigurationError(
                    f"{name}: {option}={given!r} holds {each!r}. Write {option}={example}."
                )
        options[option] = tuple(getattr(each, "__name__", each) for each in given)


def refuse_roles(cls: type) -> None:
    """Refuse what only a process manager knows in the methods of another handler.

    Args:
        cls: the class of the handler.

    Raises:
        ConfigurationError: when a method has `start`, `correlate` or `end`.
    """
    for handled in handler_methods(cls):
        if role_of(cls, handled) is not None:
            raise ConfigurationError(
                f"{cls.__name__}.{handled.method}: start, correlate and end are for process managers. Leave "
                "them out, or decorate the class with @domain.process_manager."
            )


def run_process(element: Registered, cls: type) -> None:
    """Let the methods of a process manager run on the process that an event belongs to.

    Args:
        element: the process manager.
        cls: the class as the user wrote it.

    Raises:
        ConfigurationError: when a method does not tell how its event finds the process, or none begins one.
    """
    roles: dict[tuple[str, str], Role] = {}
    for handled in handler_methods(cls):
        where = f"{cls.__name__}.{handled.method}"
        event = getattr(handled.target, "__name__", str(handled.target))
        role = role_of(cls, handled)
        if event == ANY:
            raise ConfigurationError(f'{where}: @handle("{ANY}") is for event handlers. Name an event.')
        if role is None or not role.correlate:
            raise ConfigurationError(
                f"{where}: tell which process {event} belongs to, by the field of the event that all of its "
                f'events share, as in @handle({event}, correlate="order_id").'
            )
        schema = getattr(handled.target, "_schema", None)
        if schema is not None and role.correlate not in schema.fields and not schema.embedded(role.correlate):
            hint = did_you_mean(role.correlate, schema.names) or f". It has: {', '.join(schema.names)}."
            raise ConfigurationError(
                f"{where}: {event} has no field '{role.correlate}' to correlate by{hint}"
            )
        roles[handled.method, event] = role
    if not any(role.start for role in roles.values()):
        raise ConfigurationError(
            f"{cls.__name__}: no event begins such a process. Write start=True for one of its methods, as in "
            '@handle(OrderPlaced, start=True, correlate="order_id").'
        )
    element.roles = roles
    element.instance = partial(_Way, element)


class _Way:
    """Stands for the process in a delivery: which one it is, only the event tells."""

    __slots__ = ("_element",)

    def __init__(self, element: Registered) -> None:
        self._element = element

    def __getattr__(self, method: str) -> Callable[..., None]:
        if method == "handle_error":
            return cast("Callable[..., None]", getattr(self._element.cls, method))
        return partial(_take, self._element, method)


def _take(element: Registered, method: str, event: Event) -> None:
    """Let the process that an event belongs to hear it, in the unit of work that is open."""
    __tracebackhide__ = True
    engine = active_engine.get()
    assert engine is not None
    role = element.roles[method, event._schema.element]
    value = getattr(event, role.correlate)
    if value is None:
        pass_by(engine, "uncorrelated", role.correlate, "None")
        return
    processes: Any = engine.repository_for(element.name)
    identity = identity_of(element, value)
    process: Any = processes.get_or_none(identity)
    if process is None and not role.start:
        begins = dict.fromkeys(taken for (_, taken), other in element.roles.items() if other.start)
        pass_by(engine, "not_started", " or ".join(begins), f"{role.correlate} {value}")
        return
    if process is not None and process._is_complete:
        pass_by(engine, "complete", element.name, f"{role.correlate} {value}")
        return
    if process is None:
        process = element.cls(**{str(element.schema.identity): identity})
    getattr(process, method)(event)
    if role.end:
        process.mark_as_complete()
    processes.add(process)


def identity_of(element: Registered, value: Any) -> Any:
    """The identity of the process that a value belongs to.

    Args:
        element: the process manager.
        value: what an event has in the field that it is correlated by.

    Returns:
        The value as identities are kept.
    """
    schema = element.schema
    try:
        return schema.checks[str(schema.identity)](value)
    except ValidationError:
        return str(value)


def pass_by(engine: Running, rule: str, wanted: str, found: str) -> None:
    """Skip the delivery that is being made: nobody takes the event, and the unit of work is for nothing.

    Args:
        engine: the domain.
        rule: what keeps the event out.
        wanted: the value that the rule asks for.
        found: the value that the event has.
    """
    world = engine.world
    unit = world.unit
    assert unit is not None
    head = cast("DeliveryHead", unit.delivery)
    unit.delivery = unit.head = None
    delivery, cell, step = head.delivery, current_origin.get().label, world.journal.last_step + 1
    row = (
        SKIPPED, delivery.step, delivery.row[CHAIN_AT] or step, cell, world.now(), *delivery.names,
        rule, wanted, found,
    )  # fmt: skip
    world.apply(note([row] if engine.config["journal"] else [], step, delivery))
