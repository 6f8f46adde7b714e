"""What all decorators of a domain have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ddd_kit.building_blocks.element import Kind

T = TypeVar("T")
Decorator = Callable[[type[T]], type[T]]


class Declaring:
    """What has decorators: each works bare, as `@domain.aggregate`, and with options."""

    def _decorate(self, kind: Kind, cls: Any, options: dict[str, Any]) -> Any:
        if cls is None:
            return lambda decorated: self._register(kind, decorated, options)
        return self._register(kind, cls, options)

    def _register(self, kind: Kind, cls: Any, options: Mapping[str, Any]) -> Any:
        """Make an element of a class and take it into the model."""
        raise NotImplementedError
