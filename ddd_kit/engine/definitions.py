"""From a class as the user wrote it to an element of the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.declaration import names_where_written
from ddd_kit.building_blocks.element import Kind, options_of
from ddd_kit.building_blocks.entity import Entity, association_methods
from ddd_kit.building_blocks.handler import CommandHandler, EventHandler, handler_methods
from ddd_kit.building_blocks.invariants import rules_of
from ddd_kit.building_blocks.message import Command, Event, Message
from ddd_kit.building_blocks.reference import Referred
from ddd_kit.building_blocks.schema import compile_schema
from ddd_kit.building_blocks.value_object import ValueObject
from ddd_kit.engine.registry import BASES, HANDLERS, Registered
from ddd_kit.engine.routing import methods_of
from ddd_kit.exceptions import ConfigurationError
from ddd_kit.fields.spec import Relation
from ddd_kit.journal.origin import current_origin

if TYPE_CHECKING:
    from ddd_kit.engine.model import Model

_KINDS: Mapping[type, Kind] = {
    Aggregate: Kind.AGGREGATE,
    Entity: Kind.ENTITY,
    ValueObject: Kind.VALUE_OBJECT,
    Event: Kind.EVENT,
    Command: Kind.COMMAND,
    EventHandler: Kind.EVENT_HANDLER,
    CommandHandler: Kind.COMMAND_HANDLER,
}


def kind_of(cls: Any) -> Kind:
    """What a class is, by the building block that it is derived from.

    Args:
        cls: a class derived from `Aggregate`, `Event`, `Command`, `EventHandler` or `CommandHandler`.

    Returns:
        Its kind.

    Raises:
        ConfigurationError: when it is derived from none.
    """
    if isinstance(cls, type):
        for base, kind in _KINDS.items():
            if issubclass(cls, base):
                return kind
    bases = ", ".join(base.__name__ for base in _KINDS)
    raise ConfigurationError(
        f"domain.register({getattr(cls, '__name__', repr(cls))}): it is no building block. "
        f"Derive it from one ({bases}), or use a decorator, as in @domain.aggregate."
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
    _check_part_of(engine, kind, cls.__name__, options)
    methods: tuple[tuple[str, str], ...] = ()
    if kind in HANDLERS:
        for _, target in _targets(cls):
            engine.refuse_foreign(target)
        methods = methods_of(cls, kind)
        _check_retries(cls.__name__, options)
        element_class = cls
    else:
        element_class = _built(engine, kind, cls, options)
    return Registered(cls.__name__, kind, element_class, options, current_origin.get().cell_id, methods)


def _targets(cls: type) -> list[tuple[str, type]]:
    return [(method, target) for method, target in handler_methods(cls) if isinstance(target, type)]


def _check_part_of(engine: Model, kind: Kind, name: str, options: dict[str, Any]) -> None:
    if "part_of" not in options:
        return
    owner = options["part_of"]
    if owner is None:
        if kind is Kind.VALUE_OBJECT or (kind is Kind.EVENT_HANDLER and options["stream_category"]):
            return
        instead = ', or stream_category="order"' if kind is Kind.EVENT_HANDLER else ""
        raise ConfigurationError(
            f"{name} lacks part_of: {kind.with_article} belongs to an aggregate. Write "
            f"@domain.{kind.value.replace(' ', '_')}(part_of=Order){instead}."
        )
    if isinstance(owner, type):
        engine.refuse_foreign(owner)
        if not issubclass(owner, Entity if kind in (Kind.ENTITY, Kind.VALUE_OBJECT) else Aggregate):
            raise ConfigurationError(
                f"{name}: part_of={owner.__name__} is no aggregate. Decorate {owner.__name__} with "
                "@domain.aggregate first."
            )
        options["part_of"] = owner._schema.element
    elif not isinstance(owner, str):
        raise ConfigurationError(f"{name}: part_of={owner!r} is neither an aggregate nor the name of one.")


def _check_retries(name: str, options: dict[str, Any]) -> None:
    if "retries" not in options:
        return
    retries, errors = options["retries"], options["retry_exceptions"]
    if not isinstance(retries, int) or isinstance(retries, bool) or retries < 0:
        raise ConfigurationError(f"{name}: retries={retries!r} is no number of further attempts, 0 or more.")
    errors = errors if isinstance(errors, tuple | list) else (errors,)
    if not all(isinstance(error, type) and issubclass(error, Exception) for error in errors):
        raise ConfigurationError(
            f"{name}: retry_exceptions={errors!r} has to hold exception classes, as in [ConnectionError]."
        )
    options["retry_exceptions"] = tuple(errors)


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


def _built(engine: Model, kind: Kind, cls: type, options: Mapping[str, Any]) -> type:
    """The class that is used: what the user wrote, on top of the building block."""
    base = BASES[kind]
    _check_class(kind, cls)
    is_entity = issubclass(base, Entity)
    rules = rules_of(cls)
    schema = compile_schema(
        cls,
        base=base,
        namespace=names_where_written(cls),
        new_identity=engine.link.new_identity if is_entity else None,
        find=engine.link.find,
        guarded=kind is Kind.ENTITY or any(rules) or (is_entity and hasattr(cls, "defaults")),
    )
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
    if issubclass(base, Message) or kind is Kind.ENTITY:
        namespace["_part_of"] = options["part_of"]
    for name, spec in schema.fields.items():
        if spec.nested is not None and spec.nested.relation is Relation.MANY:
            namespace |= {n: m for n, m in association_methods(name).items() if not hasattr(cls, n)}
        if spec.nested is not None and spec.nested.relation is Relation.REFERENCE:
            namespace[name.removesuffix("_id")] = Referred(name, spec.nested.target)
    return type(cls.__name__, (cls,) if issubclass(cls, base) else (cls, base), namespace)
