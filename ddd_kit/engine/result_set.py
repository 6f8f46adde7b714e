"""What a query found: a page of it, and how much there is in all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

A = TypeVar("A")


class ResultSet(Sequence[A]):
    """What a query found: a page of it, and how much there is in all.

    Args:
        items: the page.
        total: how many there are without the limit.
        offset: how many were left out before the page.
        limit: how many the page may hold; None for all.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> orders = domain.repository_for(Order)
        >>> added = [orders.add(Order(id=f"o-{n}")) for n in (1, 2, 3)]
        >>> page = orders.query.limit(2).all()
        >>> page
        [<Order: Order object (id: o-1)>, <Order: Order object (id: o-2)>]
        >>> page.total
        3
    """

    def __init__(self, items: list[A], total: int, offset: int, limit: int | None) -> None:
        self.items = items
        self.total = total
        self.offset = offset
        self.limit = limit

    @property
    def first(self) -> A | None:
        """The first one of the page, or None where it is empty; a property, to be written without brackets.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}")) for n in (1, 2, 3)]
            >>> orders.query.all().first
            <Order: Order object (id: o-1)>
        """
        return self.items[0] if self.items else None

    @property
    def last(self) -> A | None:
        """The last one of the page, or None where it is empty; a property, to be written without brackets.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}")) for n in (1, 2, 3)]
            >>> orders.query.all().last
            <Order: Order object (id: o-3)>
        """
        return self.items[-1] if self.items else None

    @property
    def has_next(self) -> bool:
        """Whether there are more behind the page.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}")) for n in (1, 2, 3)]
            >>> orders.query.limit(2).all().has_next
            True
        """
        return self.offset + len(self.items) < self.total

    @property
    def has_prev(self) -> bool:
        """Whether there are some before the page.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}")) for n in (1, 2, 3)]
            >>> orders.query.limit(2).all().has_prev
            False
        """
        return self.offset > 0

    @property
    def page(self) -> int:
        """Which page it is, from 1; 1 without a limit.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}")) for n in (1, 2, 3)]
            >>> orders.query.limit(2).offset(2).all().page
            2
        """
        return self.offset // self.limit + 1 if self.limit else 1

    @property
    def page_size(self) -> int | None:
        """How many a page may hold, as `limit`; None for all.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> domain.repository_for(Order).query.limit(2).all().page_size
            2
        """
        return self.limit

    @property
    def total_pages(self) -> int:
        """How many pages there are, 0 where nothing is found.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> orders = domain.repository_for(Order)
            >>> added = [orders.add(Order(id=f"o-{n}")) for n in (1, 2, 3)]
            >>> orders.query.limit(2).all().total_pages
            2
        """
        return math.ceil(self.total / self.limit) if self.limit else min(self.total, 1)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return self.items[index]

    def __repr__(self) -> str:
        shown = ", ".join(repr(item) for item in self.items[:10])
        more = f", … {len(self.items) - 10:,} more" if len(self.items) > 10 else ""
        return f"[{shown}{more}]"
