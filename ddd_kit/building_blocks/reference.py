"""References: one aggregate knows another by its identity (Vernon, ch. 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddd_kit.exceptions import IncorrectUsageError

if TYPE_CHECKING:
    from ddd_kit.building_blocks.entity import Entity


class Referred:
    """What a field `author = Reference(Author)` gives: the aggregate whose identity `author_id` holds.

    Args:
        field: the field that holds the identity, as `author_id`.
        target: the class of the aggregate, or the name of it.
    """

    def __init__(self, field: str, target: type | str) -> None:
        self._field = field
        self._target = target
        self._name = target if isinstance(target, str) else target.__name__

    def __get__(self, holder: Entity | None, owner: type) -> Any:
        if holder is None:
            return self
        identity = holder.__dict__[self._field]
        held_by = getattr(holder, "_owner", None)
        if held_by is not None and held_by._schema.element == self._name:
            return held_by
        return None if identity is None else holder._link.referred(holder, self._target, identity)

    def __set__(self, holder: Entity, value: Any) -> None:
        setattr(holder, self._field, self.identity_of(value))

    def identity_of(self, value: Any) -> Any:
        """The identity of what is given.

        Args:
            value: an aggregate, or None.

        Returns:
            Its identity, or None.

        Raises:
            IncorrectUsageError: when it is anything else.
        """
        if value is None:
            return None
        if getattr(getattr(value, "_schema", None), "element", None) != self._name:
            name = self._field.removesuffix("_id")
            raise IncorrectUsageError(
                f"{name}={value!r} is no {self._name}: give the object, or its identity as {self._field}=...."
            )
        return value._identity
