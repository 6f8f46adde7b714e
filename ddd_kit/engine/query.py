"""Queries over the aggregates of one kind: conditions, order, pages."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ddd_kit.building_blocks.schema import Schema
from ddd_kit.engine.record import Record
from ddd_kit.engine.result_set import ResultSet
from ddd_kit.exceptions import IncorrectUsageError, did_you_mean

if TYPE_CHECKING:
    from ddd_kit.engine.repository import Repository

A = TypeVar("A")
Values = Mapping[str, Any]


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


LOOKUPS: Mapping[str, Callable[[Any, Any], Any]] = {
    "exact": operator.eq,
    "iexact": lambda value, wanted: _folded(value) == _folded(wanted),
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, wanted: value in wanted,
    "contains": lambda value, wanted: wanted in value,
    "icontains": lambda value, wanted: _folded(wanted) in _folded(value),
    "startswith": lambda value, wanted: value.startswith(wanted),
    "endswith": lambda value, wanted: value.endswith(wanted),
    "isnull": lambda value, wanted: (value is None) == wanted,
}
_MACHINERY = frozenset(
    {"chosen", "condition", "ordering", "repository", "size", "skipped"}
)  # for the rest of the kit
# Their other side is one value of the field, so that it is coerced as the field's own values are.
_COERCED = ("exact", "ne", "gt", "gte", "lt", "lte")


class F:
    """Another field of the same aggregate, to compare with: `filter(retries__lt=F("limit"))`.

    Args:
        name: of the field.

    Example:
        >>> F("limit")
        F('limit')
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"F({self.name!r})"


class Q:
    """Conditions that can be joined: `Q(status="PENDING") | ~Q(quantity__gt=10)` (Evans, ch. 9).

    Args:
        *parts: other conditions, all of which have to hold.
        **conditions: field names, with a lookup behind two underscores: `exact` (default), `iexact`,
            `ne`, `gt`, `gte`, `lt`, `lte`, `in`, `contains`, `icontains`, `startswith`, `endswith`, `isnull`.

    Raises:
        IncorrectUsageError: for a part that is no `Q`, also where it is joined with `&` or `|`. Fields and
            lookups are checked when a query takes it.

    Example:
        >>> Q(quantity__gt=1) | ~Q(status="PENDING")
        (Q(quantity__gt=1) | ~Q(status='PENDING'))
    """

    def __init__(self, *parts: Q, **conditions: Any) -> None:
        for part in parts:
            if not isinstance(part, Q):
                raise IncorrectUsageError(
                    f"{part!r} is no condition: write Q(quantity=1), or the field and its value: quantity=1."
                )
        self._parts: tuple[Q | tuple[str, Any], ...] = (*parts, *conditions.items())
        self._joined_by = "&"
        self._negated = False

    def __and__(self, other: Q) -> Q:
        return self._joined(other, "&")

    def __or__(self, other: Q) -> Q:
        return self._joined(other, "|")

    def __invert__(self) -> Q:
        negated = Q(self)
        negated._negated = True
        return negated

    def _joined(self, other: Q, by: str) -> Q:
        if not isinstance(other, Q):
            raise IncorrectUsageError(f"Q(...) {by} {other!r}: join it with another Q(...).")
        joined = Q(self, other)
        joined._joined_by = by
        return joined

    def compiled(self, schema: Schema) -> Callable[[Values], bool]:
        """The condition as a function of an aggregate's values.

        Args:
            schema: of the aggregate.

        Returns:
            Says of values whether they meet the condition.

        Raises:
            IncorrectUsageError: for a field or a lookup that does not exist, or a value that it cannot take.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> holds = Q(quantity__gt=1).compiled(domain.repository_for(Order).schema)
            >>> holds({"id": "o-1", "quantity": 2})
            True
        """
        parts = [p.compiled(schema) if isinstance(p, Q) else _condition(schema, *p) for p in self._parts]
        joined = any if self._joined_by == "|" and parts else all
        negated = self._negated
        return lambda values: joined(part(values) for part in parts) != negated

    def __repr__(self) -> str:
        parts = [repr(p) if isinstance(p, Q) else f"{p[0]}={p[1]!r}" for p in self._parts]
        if self._negated:
            return f"~{parts[0]}"
        if self._parts and isinstance(self._parts[0], Q):
            return parts[0] if len(parts) == 1 else f"({f' {self._joined_by} '.join(parts)})"
        return f"Q({', '.join(parts)})"


def _condition(schema: Schema, key: str, wanted: Any) -> Callable[[Values], bool]:
    field, _, lookup = key.partition("__")
    lookup = lookup or "exact"
    read, inner, name = located(schema, field)
    if lookup not in LOOKUPS:
        raise IncorrectUsageError(
            f"{key}: there is no lookup '{lookup}'{did_you_mean(lookup, LOOKUPS) or '.'}"
            f" There are: {', '.join(LOOKUPS)}."
        )
    if isinstance(wanted, F):
        return _compared(schema, read, LOOKUPS[lookup], wanted)
    wanted = _coerced(inner, name, lookup, wanted)
    compare = LOOKUPS[lookup]

    def holds(values: Values) -> bool:
        try:
            return bool(compare(read(values), wanted))
        except (TypeError, AttributeError):  # None is neither greater nor smaller, and starts with nothing
            return False

    return holds


def _compared(
    schema: Schema, read: Callable[[Values], Any], compare: Callable[[Any, Any], Any], other: F
) -> Callable[[Values], bool]:
    read_other = located(schema, other.name)[0]

    def holds(values: Values) -> bool:
        try:
            return bool(compare(read(values), read_other(values)))
        except (TypeError, AttributeError):
            return False

    return holds


def _coerced(schema: Schema, field: str, lookup: str, wanted: Any) -> Any:
    if lookup == "in":
        if isinstance(wanted, str) or not isinstance(wanted, Iterable):
            raise IncorrectUsageError(
                f"{field}__in={wanted!r}: give a list of values, as in {field}__in=[{wanted!r}]."
            )
        return [coerced(schema, field, value) for value in wanted]
    return coerced(schema, field, wanted) if lookup in _COERCED else wanted


def coerced(schema: Schema, field: str, wanted: Any) -> Any:
    """A value to look for, as the field would hold it: identifiers become texts.

    Args:
        schema: of the aggregate.
        field: one of its fields.
        wanted: the value.

    Returns:
        The value coerced, or as it is where the field would not accept it: then nothing is found.
    """
    try:
        return schema.stored(field, schema.checks[field](wanted))
    except ValueError:
        return wanted


def located(schema: Schema, field: str) -> tuple[Callable[[Values], Any], Schema, str]:
    """Where a name leads: to a field, or to one of a value object, as `price_amount` to `price.amount`.

    Args:
        schema: of the aggregate.
        field: the name that was used.

    Returns:
        Takes the aggregate's values and gives that of the field; the schema that has the field, and its name.

    Raises:
        IncorrectUsageError: when there is none of that name; with the closest.
    """
    if field in schema.fields:
        return itemgetter(field), schema, field
    embedded = schema.embedded(field)
    if embedded is None:
        hint = did_you_mean(field, schema.names) or f". It has: {', '.join(schema.names)}."
        raise IncorrectUsageError(f"{schema.element} has no field '{field}' to look for{hint}")
    outer, name = embedded
    inner: Any = schema.find(schema.nested[outer].target)

    def read(values: Values) -> Any:
        part = values[outer]
        return None if part is None else part.values[part.names.index(name)]

    return read, inner._schema, name


@dataclass(frozen=True, slots=True, repr=False)
class Query(Generic[A]):
    """A question to a repository (Fowler, query object); each method gives a new one, and changes none.

    Nothing is looked up until it is asked: by `all`, `count`, `first`, or as a sequence, as in
    `for order in query`, `len(query)`, `bool(query)`.

    Attributes:
        repository: where to look.
        condition: what has to hold.
        ordering: field names, with a minus sign for the reverse.
        size: how many at most; None for all.
        skipped: how many to leave out at the start.
        chosen: the fields that are wanted, of which records are made; empty for whole objects.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     quantity: int = 1
        >>> orders = domain.repository_for(Order)
        >>> added = [orders.add(Order(id=f"o-{n}", quantity=n)) for n in (1, 2, 3)]
        >>> [order.id for order in orders.query.filter(quantity__gt=1).order_by("-quantity")]
        ['o-3', 'o-2']
    """

    repository: Repository[A]
    condition: Q = field(default_factory=Q)
    ordering: tuple[str, ...] = ()
    size: int | None = None
    skipped: int = 0
    chosen: tuple[str, ...] = ()

    def filter(self, *parts: Q, **conditions: Any) -> Query[A]:
        """Only those that meet all conditions.

        Args:
            *parts: conditions made with `Q`.
            **conditions: values by field name, with a lookup behind two underscores, as `quantity__gt=5`;
                `Q` names the lookups.

        Returns:
            A new query.

        Raises:
            IncorrectUsageError: for a part that is no `Q`, a field or a lookup that does not exist, or a
                value that it cannot take.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}", quantity=n)) for n in (1, 2, 3)]
            >>> orders.query.filter(quantity__gt=1).count()
            2
        """
        return self._narrowed(Q(*parts, **conditions))

    def exclude(self, *parts: Q, **conditions: Any) -> Query[A]:
        """Without those that meet all conditions.

        Args:
            *parts: conditions made with `Q`.
            **conditions: values by field name, with a lookup behind two underscores, as `quantity__gt=5`;
                `Q` names the lookups.

        Returns:
            A new query.

        Raises:
            IncorrectUsageError: for a part that is no `Q`, a field or a lookup that does not exist, or a
                value that it cannot take.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}", quantity=n)) for n in (1, 2, 3)]
            >>> orders.query.exclude(quantity=1).count()
            2
        """
        return self._narrowed(~Q(*parts, **conditions))

    def _narrowed(self, condition: Q) -> Query[A]:
        condition.compiled(self.repository.schema)  # so that a mistake shows here, and not where it is asked
        return replace(self, condition=Q(self.condition, condition))

    def order_by(self, *fields: str | Sequence[str]) -> Query[A]:
        """Sorted by fields, `"-quantity"` from the largest; None comes first.

        Args:
            *fields: names, or one list of names.

        Returns:
            A new query.

        Raises:
            IncorrectUsageError: for a field that does not exist.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}", quantity=n)) for n in (1, 2, 3)]
            >>> [order.quantity for order in orders.query.order_by("-quantity")]
            [3, 2, 1]
        """
        names = tuple(n for f in fields for n in ([f] if isinstance(f, str) else f))
        for name in names:
            located(self.repository.schema, name.removeprefix("-"))
        return replace(self, ordering=names)

    def limit(self, size: int | None) -> Query[A]:
        """At most so many.

        Args:
            size: how many aggregates, 0 or more; None for all.

        Returns:
            A new query.

        Raises:
            IncorrectUsageError: for something that is no whole number, or less than 0.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}", quantity=n)) for n in (1, 2, 3)]
            >>> page = orders.query.limit(2).all()
            >>> len(page), page.total, page.has_next
            (2, 3, True)
        """
        return replace(self, size=None if size is None else _natural("limit", size))

    def offset(self, skipped: int) -> Query[A]:
        """Without the first so many.

        Args:
            skipped: how many aggregates, 0 or more.

        Returns:
            A new query.

        Raises:
            IncorrectUsageError: for something that is no whole number, or less than 0.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}", quantity=n)) for n in (1, 2, 3)]
            >>> [order.id for order in orders.query.offset(2)]
            ['o-3']
        """
        return replace(self, skipped=_natural("offset", skipped))

    def only(self, *fields: str) -> Query[A]:
        """Some fields in the place of whole objects: `all` gives records then, which only read.

        Args:
            *fields: their names; the identity is always among them. None for whole objects again.

        Returns:
            A new query.

        Raises:
            IncorrectUsageError: for a field that does not exist, or that holds entities.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            ...     note: str = ""
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> domain.repository_for(Order).query.only("quantity").all()
            [<Record Order(id='o-1', quantity=1)>]
        """
        schema = self.repository.schema
        held = [name for name in fields if name in schema.entities]
        for name in fields:
            located(schema, name)
        if held:
            raise IncorrectUsageError(
                f"only({held[0]!r}): it holds entities, which come with their aggregate."
            )
        identity = (schema.identity,) if fields and schema.identity else ()
        return replace(self, chosen=tuple(dict.fromkeys((*identity, *fields))))

    def all(self, with_total: bool = True) -> ResultSet[A]:  # noqa: ARG002 - see below
        """What is found, as objects that may be changed and added again.

        Args:
            with_total: accepted as Protean's; the total is known anyway.

        Returns:
            A read-only sequence in order of the fields asked for, else in the order in which they came to be;
            with `total`, `first`, `last`, `has_next` and `has_prev`.

        Raises:
            IncorrectUsageError: when the values of a field to sort by cannot be compared, or a field or the
                aggregate is not part of the model any more.
            ConfigurationError: when what is stored does not fit the newest class, as it lacks a field that is
                required now.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}", quantity=n)) for n in (1, 2, 3)]
            >>> orders.query.filter(quantity=3).all()
            [<Order: Order object (id: o-3)>]
        """
        found = self._found()
        end = None if self.size is None else self.skipped + self.size
        items: list[Any] = [self.repository.get(identity) for identity in found[self.skipped : end]]
        if self.chosen:
            element = self.repository.schema.element
            items = [Record(element, {name: getattr(item, name) for name in self.chosen}) for item in items]
        return ResultSet(items, len(found), self.skipped, self.size)

    def raw(self, conditions: str) -> ResultSet[A]:
        """Those that meet conditions written as JSON, as Protean's in-memory database takes them.

        What the query was narrowed to before does not count.

        Args:
            conditions: as for `filter`, in a JSON object: `'{"quantity__gt": 1}'`.

        Returns:
            The same as `all`.

        Raises:
            IncorrectUsageError: for what is no JSON object, or as `filter`.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}", quantity=n)) for n in (1, 2, 3)]
            >>> orders.query.raw('{"quantity__gt": 1}').total
            2
        """
        import json  # few queries are written in it

        try:
            given = json.loads(conditions)
        except (ValueError, TypeError):
            given = None
        if not isinstance(given, dict):
            raise IncorrectUsageError(
                f"raw({conditions!r}): give it conditions as a JSON object, as in "
                "raw('{\"quantity__gt\": 1}'); or use filter(quantity__gt=1)."
            )
        return Query(self.repository).filter(**given).all()

    def count(self) -> int:
        """How many meet the conditions, whatever the limit.

        Returns:
            A number, 0 or more.

        Raises:
            IncorrectUsageError: when the values of a field to sort by cannot be compared, or a field or the
                aggregate is not part of the model any more.
            ConfigurationError: when what is stored does not fit the newest class, as it lacks a field that is
                required now.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}", quantity=n)) for n in (1, 2, 3)]
            >>> orders.query.limit(1).count()
            3
        """
        return len(self._found())

    @property
    def first(self) -> A | None:
        """The first one found, or None; a property, to be written without brackets.

        Returns:
            An object that may be changed and added again; None when nothing is found.

        Raises:
            IncorrectUsageError: when the values of a field to sort by cannot be compared, or a field or the
                aggregate is not part of the model any more.
            ConfigurationError: when what is stored does not fit the newest class, as it lacks a field that is
                required now.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}", quantity=n)) for n in (1, 2, 3)]
            >>> orders.query.order_by("-quantity").first
            <Order: Order object (id: o-3)>
        """
        return self.limit(1).all().first

    def delete(self) -> int:
        """Remove all that is found, together: at once, or with the unit of work that is open.

        Returns:
            How many were removed.

        Raises:
            IncorrectUsageError: as `remove` of the repository.
            ConfigurationError: when what is stored does not fit the newest class.
            Exception: what a handler raised that their events led to.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}", quantity=n)) for n in (1, 2, 3)]
            >>> orders.query.filter(quantity__gt=1).delete(), orders.query.count()
            (2, 1)
        """
        return self.repository.remove_all(self)

    def update(self, **values: Any) -> int:
        """Give all that is found new values, together: at once, or with the unit of work that is open.

        A method of the aggregate, called for each, says more of what happens (Evans, ch. 6).

        Args:
            **values: by field name.

        Returns:
            How many were changed.

        Raises:
            ValidationError: when a value is not accepted, or a rule does not hold; none is changed then.
            AttributeError: for a field that does not exist.
            Exception: what a handler raised that their events led to.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}", quantity=n)) for n in (1, 2, 3)]
            >>> orders.query.filter(quantity__gt=1).update(quantity=7), orders.get("o-3").quantity
            (2, 7)
        """
        return self.repository.change_all(self, values)

    def _found(self) -> list[Any]:
        schema = self.repository.schema
        holds = self.condition.compiled(schema)
        found = [(identity, values) for identity, values in self.repository.rows() if holds(values)]
        for name in reversed(self.ordering):
            key = _sort_key(located(schema, name.removeprefix("-"))[0])
            try:
                found.sort(key=key, reverse=name.startswith("-"))
            except TypeError as error:
                raise IncorrectUsageError(
                    f"order_by({name!r}): the values cannot be compared ({error}). Sort by another field."
                ) from error
        return [identity for identity, _ in found]

    def __iter__(self) -> Iterator[A]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self.all())

    def __dir__(self) -> list[str]:
        """The words for those who ask; completion offers these."""
        return [name for name in object.__dir__(self) if not name.startswith("_") and name not in _MACHINERY]

    def __bool__(self) -> bool:
        return self.count() > 0

    def __repr__(self) -> str:
        return repr(self.all())


def _sort_key(read: Callable[[Values], Any]) -> Callable[[tuple[Any, Values]], tuple[bool, Any]]:
    def key(found: tuple[Any, Values]) -> tuple[bool, Any]:
        value = read(found[1])
        return (value is not None, value if value is not None else 0)

    return key


def _natural(what: str, number: int) -> int:
    if not isinstance(number, int) or number < 0:
        raise IncorrectUsageError(f"{what}({number!r}): give a whole number that is 0 or more.")
    return number
