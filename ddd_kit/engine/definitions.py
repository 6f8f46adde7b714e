"""From a class as the user wrote it to an element of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Optional

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.compiling import Traits, compile_schema
from ddd_kit.building_blocks.declaration import check_private_names, declared_fields, names_where_written
from ddd_kit.building_blocks.element import Kind, options_of
from ddd_kit.building_blocks.entity import Entity, association_methods
from ddd_kit.building_blocks.event_sourced import EventSourced, appliers_of
from ddd_kit.building_blocks.handler import CommandHandler, EventHandler, handler_methods
from ddd_kit.building_blocks.invariants import rules_of
from ddd_kit.building_blocks.message import Command, Event, Message
from ddd_kit.building_blocks.process_manager import ProcessManager
from ddd_kit.building_blocks.projection import Projection, Projector
from ddd_kit.building_blocks.query import Query, QueryHandler
from ddd_kit.building_blocks.reference import Referred
from ddd_kit.building_blocks.schema import Schema
from ddd_kit.building_blocks.service import ApplicationService, DomainService, guarded_methods
from ddd_kit.building_blocks.subscriber import Subscriber
from ddd_kit.building_blocks.value_object import ValueObject
from ddd_kit.engine.broker import let_subscribe, message_element
from ddd_kit.engine.named_queries import NamedQueries
from ddd_kit.engine.names import fact_name
from ddd_kit.engine.process import check_sources, refuse_roles, run_process, with_process_fields
from ddd_kit.engine.read_side import READ_SIDE, check_projection, settle_options
from ddd_kit.engine.registry import BASES, HANDLERS, LISTENERS, Registered
from ddd_kit.engine.routing import methods_of
from ddd_kit.engine.upcasting import Upcaster, check_upcaster
from ddd_kit.exceptions import ConfigurationError
from ddd_kit.fields.spec import Relation
from ddd_kit.journal.origin import current_origin

if TYPE_CHECKING:
    from ddd_kit.engine.model import Model

Methods = tuple[tuple[str, str], ...]
# What has no fields: its class is kept as it is, but for what the kit adds.
SERVICES: Mapping[Kind, type] = {
    Kind.DOMAIN_SERVICE: DomainService,
    Kind.APPLICATION_SERVICE: ApplicationService,
    Kind.REPOSITORY: NamedQueries,
    Kind.UPCASTER: Upcaster,
}
_KINDS: Mapping[type, Kind] = {
    ProcessManager: Kind.PROCESS_MANAGER,  # before what it is derived from
    Projection: Kind.PROJECTION,  # the same
    Aggregate: Kind.AGGREGATE,
    Entity: Kind.ENTITY,
    ValueObject: Kind.VALUE_OBJECT,
    Event: Kind.EVENT,
    Command: Kind.COMMAND,
    EventHandler: Kind.EVENT_HANDLER,
    CommandHandler: Kind.COMMAND_HANDLER,
    Subscriber: Kind.SUBSCRIBER,
    Projector: Kind.PROJECTOR,
    Query: Kind.QUERY,
    QueryHandler: Kind.QUERY_HANDLER,
    **{base: kind for kind, base in SERVICES.items()},
}


def kind_of(cls: Any) -> Kind:
    """What a class is, by the building block that it is derived from.

    Args:
        cls: a class derived from a building block, as `Aggregate` or `EventHandler`.

    Returns:
        Its kind.

    Raises:
        ConfigurationError: when it is derived from none.
    """
    if isinstance(cls, type):
        for base, kind in _KINDS.items():
            if issubclass(cls, base):
                return kind
    raise ConfigurationError(
        f"domain.register({getattr(cls, '__name__', repr(cls))}): it is no building block. Derive it from "
        "one, as from Aggregate, Event or EventHandler, or use a decorator, as in @domain.aggregate."
    )


def define(engine: Model, kind: Kind, cls: Any, given: Mapping[str, Any]) -> Registered:
    """Make an element of a class.

    Args:
        engine: the domain.
        kind: what it is.
        cls: the class as the user wrote it.
        given: the options as the user wrote them.

    Returns:
        The element, not yet registered.

    Raises:
        ConfigurationError: when it cannot work; see the texts.
    """
    __tracebackhide__ = True
    if not isinstance(cls, type):
        word = kind.value.replace(" ", "_")
        raise ConfigurationError(
            f"@domain.{word} got {cls!r}: it goes before a class, and its options need names, as in "
            f"@domain.{word}({'stream_category=...' if kind is Kind.AGGREGATE else 'part_of=Order'})."
        )
    options = options_of(kind, cls.__name__, given)
    if kind in READ_SIDE:
        settle_options(engine, kind, cls.__name__, options)
    else:
        _check_part_of(engine, kind, cls.__name__, options)
    element_class, methods = _made(engine, kind, cls, options)
    element = Registered(cls.__name__, kind, element_class, options, current_origin.get().cell_id, methods)
    if kind is Kind.PROCESS_MANAGER:
        run_process(element, cls)
    elif kind is Kind.SUBSCRIBER:
        let_subscribe(element)
        engine.registry.message = engine.registry.message or message_element()
    return element


def _made(engine: Model, kind: Kind, cls: type, options: dict[str, Any]) -> tuple[type, Methods]:
    """The class that is used, and what its methods take."""
    base = BASES.get(kind) or SERVICES.get(kind)
    if base is not None:
        check_private_names(cls, EventSourced if options.get("event_sourced") else base)
    if kind in SERVICES:
        return _service(engine, kind, cls, options), ()
    if kind is Kind.SUBSCRIBER:
        _check_retries(cls.__name__, options)
        return cls, ()
    if kind not in HANDLERS and kind is not Kind.QUERY_HANDLER:
        return _built(engine, kind, cls, options), ()
    for _, target in _targets(cls):
        _refuse_foreign(engine, kind, target, options)
    methods = methods_of(cls, kind)
    _check_retries(cls.__name__, options)
    if "aggregates" in options:
        check_sources(engine, cls.__name__, options)
    if kind is not Kind.PROCESS_MANAGER:
        refuse_roles(cls)
        return cls, methods
    _check_class(kind, cls)
    return _built(engine, kind, with_process_fields(cls), options), methods


def define_external(engine: Model, cls: type, type_string: str, *, learnt: bool) -> Registered:
    """Make an element of a class for an event of another domain.

    Args:
        engine: the domain.
        cls: the class as the user wrote it, or that of the other domain.
        type_string: what the other domain calls it, as `Sales.OrderPlaced.v1`.
        learnt: whether nobody asked for it, but a handler takes it.

    Returns:
        The element, not yet registered.

    Raises:
        ConfigurationError: when it is no class, or a field cannot work.
    """
    __tracebackhide__ = True
    if not isinstance(cls, type):
        raise ConfigurationError(
            f"register_external_event({cls!r}, {type_string!r}): give it a class with fields."
        )
    options = {**options_of(Kind.EVENT, cls.__name__, {}), "external_type": type_string, "learnt": learnt}
    built: Any = _built(engine, Kind.EVENT, cls, options)
    built._external_type = type_string
    return Registered(cls.__name__, Kind.EVENT, built, options, current_origin.get().cell_id)


def _refuse_foreign(engine: Model, kind: Kind, target: type, options: Mapping[str, Any]) -> None:
    """Refuse a message of another domain, but an event that comes in on a category that is listened to."""
    link = getattr(target, "_link", None)
    if kind in LISTENERS and link is not None and link.engine.name != engine.name:
        heard = [options.get("stream_category") or "", *options.get("stream_categories", ())]
        if any(str(category).startswith(f"{link.engine.registry.prefix}::") for category in heard):
            return
    engine.refuse_foreign(target)


def _targets(cls: type) -> list[tuple[str, type]]:
    return [(method, target) for method, target in handler_methods(cls) if isinstance(target, type)]


def _check_part_of(engine: Model, kind: Kind, name: str, options: dict[str, Any]) -> None:
    if "part_of" not in options:
        return
    owner = options["part_of"]
    if kind is Kind.DOMAIN_SERVICE:
        if not isinstance(owner, list | tuple) or len(owner) < 2:
            raise ConfigurationError(
                f"{name}: a domain service is about two aggregates or more, as in "
                "@domain.domain_service(part_of=[Order, Inventory]). What concerns one is a method of it."
            )
        options["part_of"] = tuple(_owner_named(engine, kind, name, each) for each in owner)
        return
    if owner is None:
        if (
            kind is Kind.VALUE_OBJECT
            or options.get("abstract")
            or (kind is Kind.EVENT_HANDLER and options["stream_category"])
        ):
            return
        instead = ', or stream_category="order"' if kind is Kind.EVENT_HANDLER else ""
        raise ConfigurationError(
            f"{name} lacks part_of: {kind.with_article} belongs to an aggregate. Write "
            f"@domain.{kind.value.replace(' ', '_')}(part_of=Order){instead}."
        )
    options["part_of"] = _owner_named(engine, kind, name, owner)


def _owner_named(engine: Model, kind: Kind, name: str, owner: Any) -> str:
    if isinstance(owner, type):
        engine.refuse_foreign(owner)
        base = Entity if kind in (Kind.ENTITY, Kind.VALUE_OBJECT) else Aggregate
        if not issubclass(owner, base) or issubclass(owner, Projection):
            raise ConfigurationError(
                f"{name}: part_of={owner.__name__} is no aggregate. Decorate {owner.__name__} with "
                "@domain.aggregate first."
            )
        return owner._schema.element
    if not isinstance(owner, str):
        raise ConfigurationError(f"{name}: part_of={owner!r} is neither an aggregate nor the name of one.")
    return owner


def _check_retries(name: str, options: dict[str, Any]) -> None:
    if "retries" not in options:
        return
    retries, errors = options["retries"] or 0, options["retry_exceptions"] or Exception
    if not isinstance(retries, int) or isinstance(retries, bool) or retries < 0:
        raise ConfigurationError(f"{name}: retries={retries!r} is no number of further attempts, 0 or more.")
    errors = [named_error(each) for each in (errors if isinstance(errors, tuple | list) else (errors,))]
    if not all(isinstance(error, type) and issubclass(error, Exception) for error in errors):
        raise ConfigurationError(
            f"{name}: retry_exceptions={errors!r} has to hold exception classes, as in [ConnectionError]."
        )
    options["retries"], options["retry_exceptions"] = retries, tuple(errors)


def named_error(error: Any) -> Any:
    """An exception class, where a text names it, as `"ddd_kit.exceptions.TransactionError"`.

    Args:
        error: a class or a text; of Protean's own exceptions ours of that name are meant.

    Returns:
        The class; what was given where there is none of that name.

    Example:
        >>> named_error("builtins.ConnectionError"), named_error("protean.exceptions.TransactionError")
        (<class 'ConnectionError'>, <class 'ddd_kit.exceptions.TransactionError'>)
    """
    if not isinstance(error, str):
        return error
    module, _, name = error.rpartition(".")
    module = "ddd_kit.exceptions" if module.startswith("protean") else module or "builtins"
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError):
        return error


def _check_class(kind: Kind, cls: type) -> None:
    known = next((other for other, block in BASES.items() if issubclass(cls, block)), kind)
    if known is not kind:
        raise ConfigurationError(
            f"{cls.__name__} is {known.with_article} already, and cannot be {kind.with_article} too. Keep "
            "one of the decorators."
        )
    own = vars(cls).get("__init__")
    if own is not None and "super" not in getattr(getattr(own, "__code__", None), "co_names", ("super",)):
        raise ConfigurationError(
            f"{cls.__name__} has an __init__ of its own: its fields make the constructor. Remove it, and "
            "give the fields defaults, which may be functions."
        )


def fact_event_of(schema: Schema, cls: type) -> type:
    """The class of the event that tells the whole state of an aggregate, as Protean calls it.

    Args:
        schema: of the aggregate.
        cls: its class, for where it stands.

    Returns:
        A class with the same fields, not yet registered.
    """
    fields = {
        name: replace(
            spec,
            type=Optional[spec.type],  # noqa: UP045 - `|` refuses some of them
            identifier=False,
            unique=False,
            required=False,
            default=None,
            nested=None if spec.nested and spec.nested.relation is Relation.REFERENCE else spec.nested,
        )
        for name, spec in schema.fields.items()
    }
    told = f"The whole state of a {schema.element}, as it was saved."
    return type(fact_name(schema.element), (), {"__module__": cls.__module__, "__doc__": told, **fields})


def _service(engine: Model, kind: Kind, cls: type, options: Mapping[str, Any]) -> type:
    """The class that is used of what has no fields."""
    base = SERVICES[kind]
    namespace: dict[str, Any] = {
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__doc__,
        "_link": engine.link,
    }
    if kind is Kind.DOMAIN_SERVICE:
        namespace |= {"_rules": rules_of(cls), **guarded_methods(cls)}
    if kind is Kind.UPCASTER:
        check_upcaster(cls, options)
    return type(cls.__name__, (cls,) if issubclass(cls, base) else (cls, base), namespace)


def _traits(kind: Kind, cls: type, options: Mapping[str, Any], has_defaults: bool) -> Traits:
    given = [options.get("version"), getattr(cls, "__version__", None)]
    if None not in given:
        raise ConfigurationError(
            f"{cls.__name__}: version=... and __version__ say the same. Keep one of them."
        )
    version = next((number for number in given if number is not None), 1)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ConfigurationError(f"{cls.__name__}: version={version!r} is no whole number, 1 or more.")
    sourced = bool(options.get("event_sourced"))
    return Traits(
        guarded=kind is Kind.ENTITY or sourced or any(rules_of(cls)) or has_defaults,
        version=version,
        is_fact=bool(options.get("is_fact_event")),
        sourced=sourced,
        facts=bool(options.get("fact_events")),
    )


def _built(engine: Model, kind: Kind, cls: type, options: Mapping[str, Any]) -> type:
    """The class that is used: what the user wrote, on top of the building block."""
    base = EventSourced if options.get("event_sourced") else BASES[kind]
    _check_class(kind, cls)
    is_entity = issubclass(base, Entity)
    rules = rules_of(cls)
    # What an event of another domain holds is that domain's, too.
    home = getattr(cls, "_link", engine.link) if "external_type" in options else engine.link
    schema = compile_schema(
        cls,
        base=base,
        namespace=names_where_written(cls),
        new_identity=engine.link.new_identity if is_entity else None,
        find=home.find,
        traits=_traits(kind, cls, options, is_entity and hasattr(cls, "defaults")),
    )
    if kind is Kind.PROJECTION:
        check_projection(schema, declared_fields(cls, base, names_where_written(cls)))
    namespace: dict[str, Any] = {
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__doc__,
        "_schema": schema,
        "_link": engine.link,
    }
    if is_entity or kind is Kind.VALUE_OBJECT:
        namespace["_rules"] = rules
    if kind is Kind.AGGREGATE:
        namespace["_own_events"] = set()
    if base is EventSourced:
        namespace["_appliers"] = appliers_of(cls)
    if issubclass(base, Message) or kind in (Kind.ENTITY, Kind.QUERY):
        namespace["_part_of"] = options["part_of"]
    for name, spec in schema.fields.items():
        if spec.nested is not None and spec.nested.relation is Relation.MANY:
            namespace |= {n: m for n, m in association_methods(name).items() if not hasattr(cls, n)}
        if spec.nested is not None and spec.nested.relation is Relation.REFERENCE:
            namespace[name.removesuffix("_id")] = Referred(name, spec.nested.target)
    return type(cls.__name__, (cls,) if issubclass(cls, base) else (cls, base), namespace)
