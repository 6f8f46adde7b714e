"""What can be done with services and repositories: use cases, deeds of domain services, named queries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ddd_kit.building_blocks.service import ApplicationService, DomainService
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.named_queries import NamedQueries
from ddd_kit.engine.registry import Registered
from ddd_kit.engine.repository import Repository
from ddd_kit.views.trying.methods import Asks, Means, Method, own_classes, own_methods
from ddd_kit.views.trying.parameters import Parameter
from ddd_kit.views.trying.source_tree import handed_on
from ddd_kit.views.trying.stored import StoredArguments
from ddd_kit.views.trying.targets import Action, action


def use_cases(engine: Engine, service: Registered) -> Iterator[Action]:
    """What can be done with an application service.

    Args:
        engine: the domain.
        service: the application service.

    Yields:
        An action for each use case.
    """
    asks = Asks(engine, service, ApplicationService)
    stored = StoredArguments(engine, (), {}).parameter
    made = _to_make(asks, service, ApplicationService, stored)
    for method in use_case_methods(service):
        yield _together(asks.call(method, means=stored), made)


def use_case_methods(service: Registered) -> Iterator[Method]:
    """The methods of an application service that are marked as use cases.

    Args:
        service: the application service.

    Yields:
        Methods.
    """
    for method in own_methods(service, ApplicationService, set()):
        if "_use_case" in method.function.__dict__ and not method.on_class:
            yield method


def deeds(engine: Engine, service: Registered) -> Iterator[Action]:
    """What can be done with a domain service.

    Args:
        engine: the domain.
        service: the domain service.

    Yields:
        An action for each public method: what its constructor takes is asked for too.
    """
    asks = Asks(engine, service, DomainService)
    initial = _initial(service, DomainService)
    handed = handed_on(initial.function) if initial is not None else {}
    among: Any = service.part_of or ()
    stored = StoredArguments(engine, (among,) if isinstance(among, str) else among, handed).parameter
    made = _to_make(asks, service, DomainService, stored)
    for method in deed_methods(service):
        done = asks.call(method, means=stored)
        yield done if method.on_class else _together(done, made)


def deed_methods(service: Registered) -> Iterator[Method]:
    """The public methods of a domain service.

    Args:
        service: the domain service.

    Yields:
        Methods, in order of definition.
    """
    written = [name for cls in own_classes(service, DomainService)[1:] for name in vars(cls)]
    # The class that the kit made of the user's has them with checks around, in another order.
    yield from sorted(own_methods(service, DomainService, set()), key=lambda each: written.index(each.name))


def named_queries(engine: Engine, repository: Registered) -> Iterator[Action]:
    """What can be asked of a repository of one's own.

    Args:
        engine: the domain.
        repository: the element.

    Yields:
        An action for each of its methods.
    """
    asks = Asks(engine, repository, NamedQueries)
    for method in named_query_methods(repository):
        yield replace(asks.call(method), on_class=False)


def named_query_methods(repository: Registered) -> Iterator[Method]:
    """The methods of a repository that the kit's have not.

    Args:
        repository: the element.

    Yields:
        Methods.
    """
    yield from own_methods(repository, NamedQueries, set(dir(Repository)))


def _initial(service: Registered, base: type) -> Method | None:
    own = (vars(cls).get("__init__") for cls in own_classes(service, base))
    function = next((each for each in own if each is not None), None)
    return Method("__init__", function) if function is not None else None


def _to_make(asks: Asks, service: Registered, base: type, stored: Means) -> list[Parameter] | str:
    """What is asked for to make the service; or the reason why it cannot be made."""
    initial = _initial(service, base)
    if initial is None:
        return []
    try:
        asked = asks.arguments(initial, means=stored)
    except (ValueError, TypeError) as error:
        return f"What {service.name}() takes cannot be read: {error}."
    if any(each.spread for each in asked):  # what comes before those that are spread has no name either
        place = next(n for n, each in enumerate(asked) if each.spread)
        asked = [replace(each, positional=n <= place) for n, each in enumerate(asked)]
    return [replace(each, to_make=True) for each in asked]


def _together(done: Action, made: list[Parameter] | str) -> Action:
    """An action that makes the object first."""
    if done.obstacle or not made:
        return done
    if isinstance(made, str):
        return replace(done, obstacle=made)
    asked = [*made, *done.parameters]
    names = [each.name for each in asked]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        obstacle = f"It takes '{twice}' twice, which no form can tell apart. Do it in a cell."
        return replace(done, obstacle=obstacle)
    called = "call" if done.name == "__call__" else done.name
    return action(done.name, asked, called=called)
