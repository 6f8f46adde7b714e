"""Protean's server in test mode, for tests that were written for it."""

from __future__ import annotations

from typing import Any

from ddd_kit.engine.engine import Engine as Running


class Engine:
    """Makes the deliveries of a domain in hold mode, as Protean's server does in test mode, and ends.

    Args:
        domain: the domain.
        **options: accepted, as Protean's are, and ignored.

    Example:
        >>> from ddd_kit import Domain
        >>> Engine(Domain(name="Bookshop"), test_mode=True).run()
    """

    def __init__(self, domain: Running, **options: Any) -> None:
        del options
        self._domain = domain

    def run(self) -> None:
        """Make all deliveries that wait, and those that they lead to.

        Raises:
            Exception: what a handler raised; several as an `ExceptionGroup`.
        """
        self._domain.standing().deliver_all()
