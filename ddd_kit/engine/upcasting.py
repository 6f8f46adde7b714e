"""Events of yesterday as the classes of today have them (Vernon, ch. 13: published language)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.message import Message
from ddd_kit.building_blocks.message import restore as restore_message
from ddd_kit.building_blocks.part import plain
from ddd_kit.exceptions import ConfigurationError
from ddd_kit.journal.entry import EVENT, Row, place

if TYPE_CHECKING:
    from ddd_kit.engine.registry import Registered, Registry

_NAMES, _VALUES, _VERSION = place(EVENT, "names"), place(EVENT, "values"), place(EVENT, "type_version")
_TYPE = place(EVENT, "type")


class Upcaster:
    """What the classes given to `@domain.upcaster` become: from one version of an event to a later one."""

    def upcast(self, data: dict[str, Any]) -> dict[str, Any]:
        """The values of an older event as the later version has them.

        Args:
            data: values by field name; to be changed, or not.

        Returns:
            Values by field name.

        Raises:
            NotImplementedError: where the class has no such method.
        """
        raise NotImplementedError


def check_upcaster(cls: type, options: Mapping[str, Any]) -> None:
    """Refuse an upcaster that cannot work, and complete its options.

    Args:
        cls: its class.
        options: those that were given; an event's class becomes its name.

    Raises:
        ConfigurationError: without an event, the versions, or a method `upcast`.
    """
    event, first, second = options["event_type"], options["from_version"], options["to_version"]
    if not isinstance(event, type | str):
        raise ConfigurationError(
            f"{cls.__name__} lacks its event: @domain.upcaster(event_type=OrderPlaced, from_version=1, "
            "to_version=2)."
        )
    whole = all(isinstance(number, int) and not isinstance(number, bool) for number in (first, second))
    if not whole or not 1 <= first < second:
        raise ConfigurationError(
            f"{cls.__name__}: from_version={first!r}, to_version={second!r}: give whole numbers, the second "
            "the greater one."
        )
    if not callable(getattr(cls, "upcast", None)) or vars(Upcaster)["upcast"] is getattr(cls, "upcast", None):
        raise ConfigurationError(f"{cls.__name__} lacks its method: def upcast(self, data): ... return data")
    if isinstance(options, dict):
        options["event_type"] = event if isinstance(event, str) else event.__name__


def revived(registry: Registry, row: Row) -> Any:
    """An event that was written down, as an object of its newest class.

    Args:
        registry: the definitions.
        row: the event as the journal has it.

    Returns:
        The event.

    Raises:
        IncorrectUsageError: when its class is not defined any more.
        ConfigurationError: when it does not fit its newest class, and no upcaster helps.
    """
    element = registry.find(row[_TYPE])
    schema = element.schema
    if row[_NAMES] is schema.names:
        return restore_message(element.cls, schema.restore(row[_VALUES]), row)
    return upgraded(registry, element, row)


def upgraded(registry: Registry, event: Registered, row: Row) -> Message:
    """An event that an older class wrote down, as the newest class has it.

    Args:
        registry: the definitions; upcasters lead from one version to the next.
        event: the event as it is defined now.
        row: as the journal has it.

    Returns:
        The event.

    Raises:
        ConfigurationError: when it does not fit, and no upcaster helps.
    """
    schema = event.schema
    stored = dict(zip(row[_NAMES], row[_VALUES], strict=True))
    stored = _upcast(registry, event, row[_VERSION], stored)
    known = {name: value for name, value in stored.items() if name in schema.fields}
    try:
        return restore_message(event.cls, schema.check(known), row)
    except ValueError as error:
        field, texts = next(iter(schema.explain(error).messages.items()))  # type: ignore[arg-type]
        raise ConfigurationError(
            f"{event.name} was raised when its class had other fields: '{field}' {texts[0]}. Give "
            f"'{field}' a default and run the cell of {event.name} again, write an upcaster, or empty the "
            "domain with domain.reset()."
        ) from error


def _upcast(registry: Registry, event: Registered, version: int, values: dict[str, Any]) -> dict[str, Any]:
    while version < event.schema.version:
        upcaster = registry.upcasters.get((event.name, version))
        if upcaster is None:
            return values
        given = {name: plain(value) for name, value in values.items()}
        values = upcaster.cls().upcast(given)
        if not isinstance(values, dict):
            raise ConfigurationError(
                f"{upcaster.name}.upcast gave {values!r}: it has to return the values as a dictionary."
            )
        version = upcaster.options["to_version"]
    return values
