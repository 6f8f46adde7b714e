"""What an exercise is: a task, a beginning, points that are looked at, and hints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ddd_kit.workshop.trial import Trial

Look = Callable[["Trial"], str]


class NotYet(Exception):  # noqa: N818 - it is no error of a program: a learner is on the way
    """A point of an exercise is not there yet.

    Args:
        why: what was done, what was expected and what came of it, in a sentence or two; names of code stand
            between backticks.
        hints: three for this very mistake, from a nudge to nearly the answer; none for those of the point.
        stops: whether the points after this one make no sense before it is mended.

    Example:
        >>> print(NotYet("There were 100 in stock, 10 were shipped, and there are still 100."))
        There were 100 in stock, 10 were shipped, and there are still 100.
    """

    def __init__(self, why: str, hints: tuple[str, str, str] | None = None, *, stops: bool = False) -> None:
        super().__init__(why)
        self.why, self.hints, self.stops = why, hints, stops


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that a right answer does.

    Attributes:
        says: the thing, in a few words.
        hints: three, from a nudge to nearly the answer.
        look: tries the model; gives what was seen, or raises `NotYet`.
    """

    says: str
    hints: tuple[str, str, str]
    look: Look


def point(says: str, *hints: str) -> Callable[[Look], Point]:
    """Make a point of an exercise of a function that looks at the learner's model.

    Args:
        says: what is looked at, in a few words.
        *hints: three, from a nudge to nearly the answer.

    Returns:
        A decorator.

    Raises:
        ValueError: when there are not three hints.

    Example:
        >>> @point("Orders can be made", "What is an aggregate?", "Look at Inventory.", "@shop.aggregate")
        ... def there_are_orders(shop):
        ...     order = shop.new("Order", quantity=1)
        ...     return f"an order of {order.quantity}"
        >>> there_are_orders.says
        'Orders can be made'
    """
    if len(hints) != 3:
        raise ValueError(
            f"“{says}” has {len(hints)} hints; a point has three, from a nudge to nearly the answer."
        )
    nudge, way, answer = hints
    return lambda look: Point(says, (nudge, way, answer), look)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """An exercise of the course.

    Attributes:
        name: what `exercise(name)` is called with, as "reduce-stock".
        lesson: the notebook that it belongs to, as "04-events-and-handlers".
        title: in a few words.
        minutes: how long it takes somebody who is new to it.
        task: what to do, in Markdown; it names all that the check asks for.
        starter: the Python that the learner begins with; it runs, and is not yet an answer.
        solution: a right answer, in Python.
        points: what is looked at, in this order.
        untested: what a right answer should do too, and the check does not see.
        variable: the name of the learner's domain.
    """

    name: str
    lesson: str
    title: str
    minutes: int
    task: str
    starter: str
    solution: str
    points: tuple[Point, ...]
    untested: str
    variable: str = "shop"
