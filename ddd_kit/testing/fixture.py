"""A domain in a test suite: each test begins in an empty world."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ddd_kit.engine.engine import Engine


class DomainFixture:
    """Lets tests share a domain, as fixtures of pytest do.

    Args:
        domain: the domain.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> fixture = DomainFixture(domain)
        >>> fixture.setup()
        >>> with fixture.domain_context():
        ...     order = domain.repository_for(Order).add(Order())
        >>> domain.repository_for(Order)
        <Repository of Order: 0 stored>
        >>> fixture.teardown()
    """

    def __init__(self, domain: Engine) -> None:
        self.domain = domain

    def setup(self) -> None:
        """Check the names that elements refer to; once, before the tests.

        Raises:
            ConfigurationError: when one refers to nothing.
        """
        self.domain.init()

    def teardown(self) -> None:
        """Empty the world; once, after the tests.

        Raises:
            IncorrectUsageError: while a unit of work is open.
        """
        self.domain.reset()

    @contextmanager
    def domain_context(self) -> Iterator[Engine]:
        """Make it the current domain for a test, and empty its world afterwards.

        Yields:
            The domain.

        Raises:
            IncorrectUsageError: when a unit of work is still open at the end.
        """
        with self.domain.domain_context():
            try:
                yield self.domain
            finally:
                self.domain.reset()
