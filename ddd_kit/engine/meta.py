"""What a class of the model says of itself, by Protean's names: `Order.meta_.stream_category`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.link import message_type
from ddd_kit.engine.names import camel_case, snake_case

if TYPE_CHECKING:
    from ddd_kit.engine.model import Model
    from ddd_kit.engine.registry import Registered

_CLASSES = ("part_of", "aggregate_cluster", "projector_for", "event_type", "aggregates")
_LISTS = ("aggregates", "stream_categories")
# What holds there for databases and servers where nothing is given.
_ELSEWHERE = {
    "abstract": False,
    "auto_add_id_field": True,
    "indexes": [],
    "limit": 100,
    "provider": "default",
}


class Meta:
    """The options of an element, as they are now; classes where it names another element.

    Args:
        model: the domain.
        name: the name of the element.
    """

    def __init__(self, model: Model, name: str) -> None:
        self._model = model
        self._name = name

    @property
    def _element(self) -> Registered:
        registry = self._model.registry
        return registry.elements.get(self._name) or registry.retired[self._name]

    @property
    def stream_category(self) -> str | None:
        """The full category of its stream, as `bookshop::order`; None for what has none."""
        element, registry = self._element, self._model.registry
        if element.kind in (Kind.AGGREGATE, Kind.PROCESS_MANAGER):
            return registry.category(element.name)
        if element.kind in (Kind.EVENT, Kind.COMMAND):
            return registry.message_category(element)
        if element.kind is Kind.EVENT_HANDLER:
            return registry.listens_to(element)
        return registry.category(registry.owner(element).name) if element.part_of else None

    @property
    def is_event_sourced(self) -> bool:
        """Whether it follows from its events."""
        return bool(self._element.options.get("event_sourced"))

    @property
    def schema_name(self) -> str:
        """The name of its table in a database of Protean's."""
        return str(self._element.options.get("schema_name") or snake_case(self._name))

    @property
    def aggregate_cluster(self) -> type:
        """The class of the aggregate that it belongs to."""
        element = self._element
        return element.cls if element.kind is Kind.AGGREGATE else self._model.registry.owner(element).cls

    def __getattr__(self, option: str) -> Any:
        """Any other option."""
        if option.startswith("__"):
            raise AttributeError(option)
        element = self._element
        if option not in element.options:
            if option in _ELSEWHERE:
                return _ELSEWHERE[option]
            raise AttributeError(
                f"{self._name} has no option '{option}'. It has: {', '.join(element.options)}."
            )
        value = element.options[option]
        if option in _LISTS:
            value = list(value)
        return self._class_of(value) if option in _CLASSES else value

    def _class_of(self, value: Any) -> Any:
        if isinstance(value, tuple | list):
            return [self._class_of(each) for each in value]
        known = self._model.registry.elements.get(value) if isinstance(value, str) else None
        return value if known is None else known.cls

    def __repr__(self) -> str:
        return f"<options of {self._name}: {self._element.options}>"


def describe(model: Model, element: Registered) -> None:
    """Give a class what Protean's programs read of it.

    Args:
        model: the domain.
        element: what was defined.
    """
    cls: Any = element.cls
    cls.meta_ = Meta(model, element.name)
    if element.kind in (Kind.EVENT, Kind.COMMAND):
        cls.__type__ = message_type(model.name, element.schema)
    elif element.kind is Kind.QUERY:
        cls.__type__ = f"{camel_case(model.name)}.{element.name}"
