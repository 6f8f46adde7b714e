"""Units of work: what is saved together, or not at all (Fowler, PoEAA; Evans, ch. 6)."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from ddd_kit.engine.commit import commit, undo
from ddd_kit.engine.context import active_engine, current_engine, open_block
from ddd_kit.engine.unit import Unit, check_block
from ddd_kit.exceptions import IncorrectUsageError, InvalidOperationError, TransactionError

if TYPE_CHECKING:
    from typing import Self

    from ddd_kit.engine.running import Running


class UnitOfWork:
    """What is saved together, or not at all (Fowler, PoEAA: unit of work). Units inside another join it.

    What its events lead to comes after it: handlers have units of their own (Vernon, ch. 10: eventual
    consistency outside of the aggregate).

    Args:
        engine: the domain; when left out the one whose handler runs, or that was made last.

    Raises:
        IncorrectUsageError: when there is no domain yet; as it opens in the past or inside the block of a
            unit of another domain or task.
        ExpectedVersionError: at the end, when somebody else saved one of the aggregates meanwhile.
        ValidationError: at the end, when a value that has to be unique is not.
        TransactionError: at the end, when an inner unit was undone.
        ConfigurationError: at the end, when a handler is part of an aggregate that there is not.
        EndlessChainError: after the end, when the chain is longer than `domain.config["max_chain_length"]`.
        Exception: what a handler raised after the end; what the unit saved stays. Several come as an
            `ExceptionGroup`.

    Example:
        >>> from ddd_kit import Domain, UnitOfWork
        >>> from ddd_kit.fields import Identifier
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     book_id = Identifier(required=True)
        >>> with UnitOfWork():
        ...     order = domain.repository_for(Order).add(Order(book_id=1))
        ...     domain.repository_for(Order).query.count()
        1
    """

    def __init__(self, engine: Running | None = None) -> None:
        self._engine = engine if engine is not None else current_engine()
        self._unit: Unit | None = None
        self._joined = False
        self._outside: Running | None = None

    @property
    def in_progress(self) -> bool:
        """Whether it is open.

        Returns:
            True from its start to its end.

        Example:
            >>> from ddd_kit import Domain, UnitOfWork
            >>> with UnitOfWork(Domain(name="Bookshop")) as unit:
            ...     unit.in_progress
            True
            >>> unit.in_progress
            False
        """
        return self._unit is not None

    def start(self) -> Self:
        """Open the unit; the same as entering it with `with`.

        Returns:
            The unit.

        Raises:
            IncorrectUsageError: when it is open already, in the past, or inside the block of a unit of
                another domain or task.

        Example:
            >>> from ddd_kit import Domain, UnitOfWork
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> orders = domain.repository_for(Order)
            >>> unit = UnitOfWork(domain).start()
            >>> order = orders.add(Order())
            >>> unit.commit()
            >>> orders
            <Repository of Order: 1 stored>
        """
        if self._unit is not None:
            raise IncorrectUsageError(
                "This unit of work is open already. Make another one inside: UnitOfWork()."
            )
        self._lock = self._engine.lock  # that of the domain may become another one
        self._lock.acquire()
        try:
            world = self._engine.open_world()
            check_block(self._engine, world.unit)
            self._joined = world.unit is not None
            unit = world.unit or Unit()
            self._world, self._unit, world.unit = world, unit, unit
        except BaseException:
            self._lock.release()
            raise
        return self

    def commit(self) -> None:
        """Save what was added; the same as leaving the block without an error.

        Raises:
            InvalidOperationError: when the unit is not open.
            ExpectedVersionError: when somebody else saved one of the aggregates meanwhile.
            ValidationError: when a value that has to be unique is not.
            TransactionError: when an inner unit was undone.
            ConfigurationError: when a handler is part of an aggregate that there is not.
            Exception: what a handler raised afterwards; what the unit saved stays. Several come as an
                `ExceptionGroup`.

        Example:
            >>> from ddd_kit import Domain, UnitOfWork
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> orders = domain.repository_for(Order)
            >>> unit = UnitOfWork(domain).start()
            >>> order = orders.add(Order())
            >>> unit.commit()
            >>> orders.exists(id=order.id)
            True
        """
        self._check_open("commit")
        self._end(None)

    def rollback(self) -> None:
        """Save nothing of it; the same as leaving the block by an error.

        Raises:
            InvalidOperationError: when the unit is not open.

        Example:
            >>> from ddd_kit import Domain, UnitOfWork
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> orders = domain.repository_for(Order)
            >>> unit = UnitOfWork(domain).start()
            >>> order = orders.add(Order())
            >>> unit.rollback()
            >>> orders.exists(id=order.id)
            False
        """
        self._check_open("rollback")
        self._end(TransactionError("It was rolled back on request."))

    def _check_open(self, what: str) -> None:
        if self._unit is None:
            raise InvalidOperationError(f"UnitOfWork.{what}(): it is not open. Use `with UnitOfWork():`.")

    def __enter__(self) -> Self:
        self.start()
        if not self._joined and self._unit is not None:
            self._unit.is_block = True
            open_block.set(self._unit)
        self._outside = active_engine.get()
        if self._engine.trunk is not None:  # in the block of a fork, the domain's name means the fork
            active_engine.set(self._engine)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        active_engine.set(self._outside)
        if self._unit is not None:
            self._end(error)

    def _end(self, error: BaseException | None) -> None:
        __tracebackhide__ = True
        unit, engine = self._unit, self._engine
        assert unit is not None
        with engine.lock:
            try:
                if self._joined:
                    unit.undone_by = unit.undone_by or error
                else:
                    self._close(unit, error)
            finally:
                if unit.is_block and not self._joined:
                    unit.is_block = False
                    open_block.set(None)
                self._unit = None
                self._lock.release()
            if error is None and not self._joined:
                engine.work_off(unit)

    def _close(self, unit: Unit, error: BaseException | None) -> None:
        __tracebackhide__ = True
        try:
            if error is None:
                commit(self._engine, self._world, unit)
            else:
                undo(self._engine, self._world, unit)
        except BaseException:
            if error is None:
                undo(self._engine, self._world, unit)
            raise
        finally:
            self._world.unit = None
