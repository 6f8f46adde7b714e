"""Entities: objects with an identity of their own, inside an aggregate or as its root (Evans, ch. 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from pydantic_core import ValidationError as PydanticError

from ddd_kit.building_blocks.element import Element, merged, set_values
from ddd_kit.building_blocks.invariants import NO_RULES, Rules, check_rules, check_transition, unchecked
from ddd_kit.exceptions import IncorrectUsageError, InvalidOperationError, ValidationError, did_you_mean
from ddd_kit.fields.spec import Relation

if TYPE_CHECKING:
    from ddd_kit.building_blocks.message import Event

# An object, its values, and the entities of its lists, as they were.
Remembered = list[tuple["Entity", dict[str, Any], dict[str, list[Any]]]]


class Entity(Element):
    """What the classes given to `@domain.entity` become: a part of an aggregate that can be told from others.

    Args:
        *templates: dictionaries with values in common.
        **values: values by field name.

    Raises:
        ValidationError: when a value is missing, unknown or not accepted, or an invariant does not hold.

    Example:
        >>> from ddd_kit import Domain
        >>> from ddd_kit.fields import HasMany, Identifier
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     items = HasMany("OrderItem")
        >>> @domain.entity(part_of=Order)
        ... class OrderItem:
        ...     sku: Identifier(identifier=True)
        ...     quantity: int = 1
        >>> order = Order(id="o-1")
        >>> order.add_items(OrderItem(sku="A", quantity=2))
        >>> order.get_one_from_items(sku="A").quantity
        2
    """

    # Apart from the fields, which are all that __dict__ holds: what it is a part of, and how many blocks that
    # change it without checks are open.
    __slots__ = ("_blocks", "_owner")
    _owner: Entity | None
    _blocks: int
    _rules: ClassVar[Rules] = NO_RULES
    _part_of: ClassVar[str]

    def __init__(self, *templates: dict[str, Any], **values: Any) -> None:
        __tracebackhide__ = True
        if templates:
            values = merged(type(self).__name__, templates, values)
        try:
            complete = self._schema.check(values)
        except PydanticError as error:
            rejection = self._schema.explain(error)
        else:
            set_values(self, complete)
            set_owner(self, None)
            try:
                self._begin()
            except ValidationError as error:
                rejection = error
            else:
                return
        self._link.reject(rejection, values)
        raise rejection

    def _begin(self) -> None:
        """Take in the entities that were given, and check the invariants; for classes that have such."""
        self._set_blocks(0)
        self._adopt()
        defaults = getattr(type(self), "defaults", None)
        if defaults is not None:
            with unchecked(self):
                defaults(self)
        check_rules(self, "post")

    def _adopt(self) -> None:
        state = self.__dict__
        for name in self._schema.entities:
            state[name] = self._adopted(name, state[name])

    def _adopted(self, name: str, value: Any) -> Any:
        """Entities as a field holds them: each knows what it is a part of."""
        if value is None:
            return None
        if self._schema.nested[name].relation is Relation.ONE:
            self._own(value)
            return value
        found: dict[Any, Any] = {}
        for entity in value:
            self._own(entity)
            found[entity._identity] = entity
        return Entities(self._schema.element, name, found.values())

    def _own(self, entity: Entity) -> None:
        set_owner(entity, self)
        for field, target in entity._schema.references:
            if target == self._schema.element:
                entity.__dict__[field] = self._identity

    @classmethod
    def _restored(cls, values: dict[str, Any]) -> Self:
        entity = cls.__new__(cls)
        set_values(entity, values)
        set_owner(entity, None)
        entity._set_blocks(0)
        entity._adopt()
        return entity

    def _set_blocks(self, count: int) -> None:
        set_blocks(self, count)

    def _root(self) -> Entity:
        owner = self._owner
        return self if owner is None else owner._root()

    def _parts(self) -> Iterator[Entity]:
        """The entities in it, all the way down."""
        for name in self._schema.entities:
            value = self.__dict__[name]
            for entity in () if value is None else [value] if isinstance(value, Entity) else value:
                yield entity
                yield from entity._parts()

    def _remembered(self) -> Remembered:
        remembered: Remembered = []
        for each in (self, *self._parts()):
            state = each.__dict__
            lists = {name: list(held) for name, held in state.items() if isinstance(held, Entities)}
            remembered.append((each, dict(state), lists))
        return remembered

    def _recall(self, remembered: Remembered) -> None:
        for element, values, lists in remembered:
            set_values(element, values)
            for name, entities in lists.items():
                values[name] = element._adopted(name, entities)

    @property
    def _identity(self) -> Any:
        return self.__dict__[self._schema.identity]  # type: ignore[index]

    @classmethod
    def from_value_object(cls, value: Any) -> Self:
        """An entity with the values of a value object, as a message carries it.

        Args:
            value: made from a class that `value_object_from_entity` gave, or of one with the same fields.

        Returns:
            A new entity; where the value has no identity, a new one is made.

        Raises:
            ValidationError: when a value is not accepted.
        """
        schema = cls._schema
        given = {
            name: held
            for name, held in value.to_dict().items()
            if held is not None or not (schema.fields[name].identifier or schema.fields[name].unique)
        }
        return cls(**given)

    def raise_(self, event: Event) -> None:
        """Say that something happened to the aggregate that it is a part of; as `Aggregate.raise_`.

        Args:
            event: an event that is part of that aggregate.

        Raises:
            IncorrectUsageError: when it is no event, or the entity is part of no aggregate yet.
            ConfigurationError: when the event is part of another aggregate.
        """
        root = self._root()
        if root is self:
            raise IncorrectUsageError(
                f"{self!r} is part of no aggregate yet, and only an aggregate raises events. Add it to its "
                f"{self._part_of} first."
            )
        root.raise_(event)

    def can_transition_to(self, field: str, status: Any) -> bool:
        """Whether a status may follow the one that there is.

        Args:
            field: the name of a field `Status`.
            status: the status that may follow.

        Returns:
            True when an assignment would be accepted, invariants aside.

        Raises:
            IncorrectUsageError: when it is no field of this object.

        Example:
            >>> from ddd_kit import Domain
            >>> from ddd_kit.fields import Status
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     status = Status(["DRAFT", "PLACED"], default="DRAFT", transitions={"DRAFT": ["PLACED"]})
            >>> Order().can_transition_to("status", "PLACED")
            True
        """
        if field not in self._schema.fields:
            hint = did_you_mean(field, self._schema.names) or "."
            raise IncorrectUsageError(f"{self._schema.element} has no field '{field}'{hint}")
        try:
            check_transition(self, field, self.__dict__[field], self._schema.checks[field](status))
        except (ValidationError, ValueError):
            return False
        return True

    def __setattr__(self, name: str, value: Any) -> None:
        __tracebackhide__ = True
        schema = self._schema
        check = schema.assigned.get(name)
        if check is None:
            check = self._check_of_other(name, value)
            if check is None:
                object.__setattr__(self, name, value)
                return
        try:
            accepted = check(value)
        except PydanticError as error:
            rejection, tried = schema.explain_field(name, error), value
        else:
            if not schema.guarded:
                self.__dict__[name] = accepted
                return
            try:
                self._change(name, accepted)
            except ValidationError as error:
                rejection, tried = error, schema.stored(name, accepted)
            else:
                return
        self._link.reject(rejection, {name: tried}, self._root())
        raise rejection

    def _change(self, name: str, value: Any) -> None:
        root, state = self._root(), self.__dict__
        if root._blocks:
            state[name] = self._adopted(name, value) if name in self._schema.entities else value
            return
        check_rules(root, "pre")
        before = state[name]
        check_transition(self, name, before, value)
        state[name] = self._adopted(name, value) if name in self._schema.entities else value
        try:
            check_rules(root, "post")
        except BaseException:
            state[name] = before
            raise

    def _check_of_other(self, name: str, value: Any) -> Callable[[Any], Any] | None:
        """The check of the identity, set to what it is; None for what is no field, where it may be set."""
        schema = self._schema
        if name == schema.identity:
            if value != self.__dict__[name]:
                raise InvalidOperationError(
                    f"{self!r}: {name} is its identity and stays as it is. Make another {schema.element}."
                )
            return schema.checks[name]
        if name.startswith("_") or hasattr(type(self), name):
            return None
        element, known = self._schema.element, self._schema.names
        hint = did_you_mean(name, known) or f": it has {', '.join(known)}."
        raise AttributeError(f"{element} has no field '{name}'{hint}", name=name, obj=self)

    def __delattr__(self, name: str) -> None:
        if name in self._schema.checks:
            raise AttributeError(f"{self!r}: the field '{name}' cannot be deleted. Set it to None instead.")
        object.__delattr__(self, name)

    def __getattr__(self, name: str) -> Any:
        """Only asked for what there is not: what the entity is part of, and its identity."""
        owner = None if name.startswith("_") else self._owner
        if owner is not None:
            known = owner._link.known_as(owner._schema.element)
            if name == known:
                return owner
            if name == f"{known}_{owner._schema.identity}":
                return owner._identity
        return super().__getattr__(name)

    def __dir__(self) -> list[str]:
        names = super().__dir__()
        if not any(spec.transitions for spec in self._schema.fields.values()):
            names.remove("can_transition_to")
        return names

    def __eq__(self, other: object) -> bool:
        """Two objects are the same entity when they have the same identity (Evans, ch. 5)."""
        if not isinstance(other, Entity):
            return NotImplemented
        return (self._schema.element, self._identity) == (other._schema.element, other._identity)

    def __hash__(self) -> int:
        return hash((self._schema.element, self._identity))

    def __str__(self) -> str:
        return f"{self._schema.element} object ({self._schema.identity}: {self._identity})"

    def __repr__(self) -> str:
        return f"<{self._schema.element}: {self}>"


# What a user sets is checked; the kit sets what is its own so.
set_owner = Entity.__dict__["_owner"].__set__
set_blocks = Entity.__dict__["_blocks"].__set__


class Entities(list[Any]):
    """The entities that an aggregate holds in one field; to be changed through the aggregate alone.

    Args:
        element: the name of what holds them.
        field: the name of the field.
        entities: the entities.
    """

    def __init__(self, element: str, field: str, entities: Iterable[Any]) -> None:
        super().__init__(entities)
        self._element = element
        self._field = field

    def _refuse(self, *given: Any, **named: Any) -> NoReturn:  # noqa: ARG002 - as any method of a list
        owner = self._element[:1].lower() + self._element[1:]
        raise IncorrectUsageError(
            f"{self._element}.{self._field} is changed by its {self._element} alone, so that the rules of "
            f"the aggregate hold (Evans, ch. 6): {owner}.add_{self._field}(...) or "
            f"{owner}.remove_{self._field}(...)."
        )

    append = extend = insert = remove = pop = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)


def association_methods(field: str) -> dict[str, Callable[..., Any]]:
    """The methods that a field `HasMany` brings.

    Args:
        field: its name.

    Returns:
        `add_items`, `remove_items`, `get_one_from_items` and `filter_items` for a field `items`.
    """

    def add(self: Entity, entities: Any) -> None:
        held = {entity._identity: entity for entity in getattr(self, field)}
        for entity in _checked(self, field, entities):
            held[entity._identity] = entity
        setattr(self, field, list(held.values()))

    def remove(self: Entity, entities: Any) -> None:
        held = {entity._identity: entity for entity in getattr(self, field)}
        for entity in _checked(self, field, entities):
            if held.pop(entity._identity, None) is None:
                raise IncorrectUsageError(f"{entity!r} is none of the {field} of {self!r}.")
        setattr(self, field, list(held.values()))

    def matching(self: Entity, **conditions: Any) -> list[Any]:
        return self._link.matching(self, field, conditions)

    def one(self: Entity, **conditions: Any) -> Any:
        return self._link.the_one(self, field, conditions)

    return {
        f"add_{field}": _named(add, f"add_{field}", f"Add to {field}: an entity, or a list of them."),
        f"remove_{field}": _named(remove, f"remove_{field}", f"Remove from {field}: an entity, or a list."),
        f"filter_{field}": _named(matching, f"filter_{field}", f"Those of {field} that meet conditions."),
        f"get_one_from_{field}": _named(one, f"get_one_from_{field}", f"The one of {field} that meets them."),
    }


def _named(method: Callable[..., Any], name: str, summary: str) -> Callable[..., Any]:
    method.__name__ = method.__qualname__ = name
    method.__doc__ = summary
    return method


def _checked(owner: Entity, field: str, entities: Any) -> list[Any]:
    try:
        return list(owner._schema.checks[field](entities))
    except PydanticError as error:
        rejection = owner._schema.explain_field(field, error)
    owner._link.reject(rejection, {field: repr(entities)}, owner._root())
    raise rejection
