"""What all building blocks share: their kind, their options, their fields, and their way to the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from ddd_kit.building_blocks.schema import Schema, Values
from ddd_kit.exceptions import ConfigurationError, ValidationError, did_you_mean

if TYPE_CHECKING:
    from ddd_kit.building_blocks.message import Message
    from ddd_kit.building_blocks.metadata import Metadata


class Kind(StrEnum):
    """What an element is, in the words of Evans and Vernon."""

    AGGREGATE = "aggregate"
    ENTITY = "entity"
    VALUE_OBJECT = "value object"
    EVENT = "event"
    COMMAND = "command"
    EVENT_HANDLER = "event handler"
    COMMAND_HANDLER = "command handler"
    DOMAIN_SERVICE = "domain service"
    APPLICATION_SERVICE = "application service"
    REPOSITORY = "repository"
    PROJECTION = "projection"
    PROJECTOR = "projector"
    QUERY = "query"
    QUERY_HANDLER = "query handler"
    PROCESS_MANAGER = "process manager"
    SUBSCRIBER = "subscriber"
    UPCASTER = "upcaster"

    @property
    def with_article(self) -> str:
        """The kind as a sentence has it: `an event`, `a command`."""
        return f"{'an' if self.value[0] in 'aeiou' else 'a'} {self.value}"


_RETRIES: Mapping[str, Any] = {"retries": 0, "retry_exceptions": (Exception,)}
# The options of each kind, with what holds when an option is not given.
OPTIONS: Mapping[Kind, Mapping[str, Any]] = {
    Kind.AGGREGATE: {"stream_category": None, "event_sourced": False, "fact_events": False},
    Kind.ENTITY: {"part_of": None},
    Kind.VALUE_OBJECT: {"part_of": None},
    Kind.EVENT: {"part_of": None, "version": None, "published": False},
    Kind.COMMAND: {"part_of": None, "stream_category": None, "version": None},
    Kind.EVENT_HANDLER: {"part_of": None, "stream_category": None, "source_stream": None, **_RETRIES},
    Kind.COMMAND_HANDLER: {"part_of": None, **_RETRIES},
    Kind.DOMAIN_SERVICE: {"part_of": None},
    Kind.APPLICATION_SERVICE: {"part_of": None},
    Kind.REPOSITORY: {"part_of": None},
    Kind.PROJECTION: {"order_by": (), "externally_populated": False},
    Kind.PROJECTOR: {"projector_for": None, "aggregates": (), "stream_categories": (), **_RETRIES},
    Kind.QUERY: {"part_of": None},
    Kind.QUERY_HANDLER: {"part_of": None},
    Kind.PROCESS_MANAGER: {"stream_category": None, "aggregates": (), "stream_categories": (), **_RETRIES},
    Kind.SUBSCRIBER: {"stream": None, "broker": "default", **_RETRIES},
    Kind.UPCASTER: {"event_type": None, "from_version": None, "to_version": None},
}
# What Protean's databases and servers need to know; accepted, so that a model can move both ways.
FOREIGN_OPTIONS = frozenset(
    (
        *("abstract", "auto_add_id_field", "provider", "schema_name", "indexes", "limit", "reserved"),
        *("suppress_checks", "deprecated", "superseded_by", "lenient", "cache", "database", "database_model"),
        *("subscription_type", "subscription_profile", "subscription_config", "sequential_by", "backoff"),
        *("timeout", "idempotent", "is_fact_event"),
    )
)


class EngineLink(Protocol):
    """What building blocks need of the engine that they are registered with."""

    enrichers: list[Any]

    def new_identity(self) -> str:
        """An identity nobody has yet."""

    def enriched(self, event: Message, aggregate: Any) -> tuple[tuple[str, Any], ...]:
        """What the enrichers of the domain say of an event."""

    def reject(self, error: ValidationError, tried: Mapping[str, Any], aggregate: Any = None) -> None:
        """Record that values were not accepted."""

    def check_owner(self, aggregate: str, event: Message) -> None:
        """Refuse an event that is not part of the aggregate that raises it."""

    def value_object_of(self, entity: type, name: str | None, left_out: Iterable[str]) -> type:
        """A class of value objects with the fields of an entity."""

    def called(self, service: str, method: str, body: Callable[[], Any], in_unit: bool) -> Any:
        """Let a method of a service run."""

    def known_as(self, element: str) -> str:
        """The name of an element as a field would be called."""

    def matching(self, owner: Any, field: str, conditions: Mapping[str, Any]) -> list[Any]:
        """The entities of a field that meet conditions."""

    def the_one(self, owner: Any, field: str, conditions: Mapping[str, Any]) -> Any:
        """The entity of a field that meets conditions."""

    def referred(self, holder: Any, target: type | str, identity: Any) -> Any:
        """The aggregate that a reference means, or None."""

    def metadata(self, message: Message) -> Metadata:
        """Where a message comes from and where it belongs."""


_MACHINERY = frozenset(("from_events", "from_value_object", "meta_"))  # of classes, not of their objects


class Element:
    """The base of everything with fields."""

    __slots__ = (
        "__dict__",
    )  # here, so that `set_values` sets it: 64 ns instead of 100 by `object.__setattr__`
    _schema: ClassVar[Schema]
    _link: ClassVar[EngineLink]

    def to_dict(self) -> Values:
        """The declared fields, in order of declaration, as JSON has them.

        Dates, times and exact numbers are texts, parts are dictionaries; a value object that there is not,
        and the identity that a `Reference` holds, are left out.

        Returns:
            Values by field name; changing the dictionary does not change the object.
        """
        return self._schema.told(self.__dict__)

    def __getattr__(self, name: str) -> Any:
        """Only asked for what there is not: `total_amount` stands for `total.amount`, as in Protean."""
        if name.startswith("_"):
            kind = type(self).__name__
            text = f"'{kind}' object has no attribute '{name}'"
            if name == "_schema":
                text = f"{kind} is part of no domain yet: decorate the class, or domain.register({kind})."
            raise AttributeError(text, name=name, obj=self)
        embedded = self._schema.embedded(name)
        if embedded is not None:
            field, inner = embedded
            return getattr(self.__dict__[field], inner, None)
        known = dir(self)
        hint = did_you_mean(name, known) or f": it has {', '.join(self._schema.names)}."
        raise AttributeError(
            f"{self._schema.element} has no field or method '{name}'{hint}", name=name, obj=self
        )

    def __dir__(self) -> list[str]:
        """Fields and the methods of the domain, without the machinery."""
        words = (name for name in super().__dir__() if not name.startswith("_") and name not in _MACHINERY)
        return sorted({*self._schema.names, *words})


set_values = Element.__dict__["__dict__"].__set__


def merged(name: str, templates: tuple[Any, ...], values: Values) -> Values:
    """The values of a new object that is made as `Order({"book_id": 1}, quantity=2)`.

    Args:
        name: of its class.
        templates: dictionaries with values in common.
        values: values by field name; they win over the templates.

    Returns:
        All values.

    Raises:
        TypeError: when a positional argument is no dictionary.
    """
    together: Values = {}
    for template in templates:
        if not isinstance(template, dict):
            raise TypeError(
                f"{name}({template!r}): name the field, as in {name}(field={template!r}), "
                "or give a dictionary of values."
            )
        together.update(template)
    return {**together, **values}


def options_of(kind: Kind, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of an element, complete.

    Args:
        kind: what the element is.
        name: its name, for the error.
        given: the options as the user wrote them.

    Returns:
        Every option of the kind.

    Raises:
        ConfigurationError: for an option that the kind does not have.

    Example:
        >>> options_of(Kind.QUERY, "OrdersOfToday", {"part_of": "OrderList"})
        {'part_of': 'OrderList'}
    """
    known = OPTIONS[kind]
    given = {("event_sourced" if name == "is_event_sourced" else name): v for name, v in given.items()}
    for option in given:
        if option not in known and option not in FOREIGN_OPTIONS:
            raise ConfigurationError(
                f"{name}: {kind.with_article} has no option '{option}'{did_you_mean(option, known) or '.'}"
                f" It takes: {', '.join(known)}."
            )
    return {**known, **given}
