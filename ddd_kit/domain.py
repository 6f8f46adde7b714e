"""The front door: an engine that can show itself."""

from __future__ import annotations

from ddd_kit.engine.engine import Engine


class Domain(Engine):
    """A model, its run, and the pictures of both."""
