"""A stretch of the journal, as users name it: one step for its whole chain, or a range of steps."""

from __future__ import annotations

from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import Entry
from ddd_kit.journal.journal import Journal

Steps = int | range | None


def stretch(journal: Journal, steps: Steps, call: str) -> list[Entry]:
    """The entries of some steps.

    Args:
        journal: of a domain.
        steps: a step, for all that is of its chain; a range of steps, as `range(12, 20)`, which ends with
            19; or None for all that is kept.
        call: the method that was called, for the error's text.

    Returns:
        Entries in order; at least one, unless all of an empty journal was asked for.

    Raises:
        IncorrectUsageError: for something else, or when there are no such steps, or not any more.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> order = domain.repository_for(Order).add(Order())
        >>> [entry.kind for entry in stretch(domain.journal, range(1, 3), "test_from")]
        ['defined', 'changed']
    """
    if steps is None:
        return list(journal)
    if isinstance(steps, int) and not isinstance(steps, bool):
        chain = journal.step(steps).chain
        return [entry for entry in journal if entry.chain == chain]
    if not isinstance(steps, range) or steps.step != 1:
        raise IncorrectUsageError(
            f"{call}({steps!r}): give a step, as {call}(17) for its whole chain, or steps that follow one "
            f"another, as {call}(range(12, 20))."
        )
    found = [] if not steps else list(journal.between(steps[0], steps[-1]))
    if not steps or len(found) < len(steps):
        raise IncorrectUsageError(f"{call}({steps!r}): there are no such steps; {journal.extent}")
    return found
