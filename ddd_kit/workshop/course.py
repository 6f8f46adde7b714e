"""The course: its notebooks, and the exercises of each."""

from __future__ import annotations

from ddd_kit.workshop.exercise import Exercise
from ddd_kit.workshop.exercises import (
    aggregates,
    book_page,
    commands,
    deliveries_out_of_order,
    event_sourcing,
    events_and_handlers,
    eventual_consistency,
    failing_mail,
    failures,
    first_look,
    invariants,
    new_total,
    old_events,
    order_lines,
    process_managers,
    production,
    projections,
    refund,
    streams,
    telling_when_sure,
    trying_again,
    value_objects,
)

_LESSONS = (
    first_look,
    aggregates,
    order_lines,
    value_objects,
    invariants,
    events_and_handlers,
    streams,
    commands,
    eventual_consistency,
    deliveries_out_of_order,
    telling_when_sure,
    failures,
    trying_again,
    failing_mail,
    event_sourcing,
    refund,
    old_events,
    projections,
    new_total,
    book_page,
    process_managers,
    production,
)

EXERCISES: dict[str, Exercise] = {each.name: each for lesson in _LESSONS for each in lesson.EXERCISES}


def of_lesson(lesson: str) -> list[Exercise]:
    """The exercises of a notebook, in its order.

    Args:
        lesson: its name without the ending, as "04-events-and-handlers".
    """
    return [each for each in EXERCISES.values() if each.lesson == lesson]


def lessons() -> list[str]:
    """The notebooks that have exercises, in the order of the course."""
    return list(dict.fromkeys(each.lesson for each in EXERCISES.values()))
