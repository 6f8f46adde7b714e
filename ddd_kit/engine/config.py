"""The settings of a domain."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from ddd_kit.exceptions import ConfigurationError, did_you_mean

DEFAULTS: Mapping[str, Any] = {
    "event_processing": "sync",
    "command_processing": "sync",
    "max_chain_length": 1_000,
    "journal": True,
    "journal_limit": 100_000,
    "snapshot_threshold": 10,
}
# Settings of Protean's servers and databases, which look like ours; accepted, and without effect.
_FOREIGN = frozenset(("message_processing", "command_default_timeout"))
# The sections of settings in which Protean's programs set single ones; of these only `brokers` has an effect.
_SECTIONS: Mapping[str, Mapping[str, Any]] = {
    "brokers": {"default": {"provider": "inline"}},
    "server": {},
    "idempotency": {},
}


class IdentityType(StrEnum):
    """What Protean's identities may be; here they are texts."""

    INTEGER = "integer"
    STRING = "string"
    UUID = "uuid"


class Config(dict[str, Any]):
    """The settings of a domain; the ones that the kit knows are checked, others are kept as they are.

    Args:
        given: settings by name: `event_processing` (`"sync"`, or `"async"` for hold mode),
            `max_chain_length` (deliveries, 1 or more), `journal` (whether it is written),
            `journal_limit` (entries, 1 or more), `snapshot_threshold` (events of an event-sourced aggregate,
            1 or more, after which its state is kept so that loading it takes less time).

    Raises:
        ConfigurationError: for a value that a setting does not take, or a mistyped name.

    Example:
        >>> Config({"event_processing": "async"})["max_chain_length"]
        1000
    """

    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        foreign = {name: dict(settings) for name, settings in _SECTIONS.items()}
        super().__init__(DEFAULTS, **foreign)
        self.update(given or {})

    def __setitem__(self, name: str, value: Any) -> None:
        _check(name, value)
        super().__setitem__(name, value)

    def __ior__(self, other: Any) -> Self:  # type: ignore[override, misc]
        self.update(other)
        return self

    def setdefault(self, name: str, default: Any = None) -> Any:
        """The value of a setting, which is set where it is not there."""
        if name not in self:
            self[name] = default
        return self[name]

    def update(self, *given: Any, **named: Any) -> None:
        """Several settings at once; all are checked first."""
        settings = dict(*given, **named)
        for name, value in settings.items():
            _check(name, value)
        super().update(settings)


def _check(name: str, value: Any) -> None:
    if name in _FOREIGN:
        return
    if name not in DEFAULTS:
        hint = did_you_mean(name, DEFAULTS)
        if hint:
            raise ConfigurationError(f"domain.config has no setting '{name}'{hint}")
    elif name.endswith("_processing"):
        if value not in ("sync", "async"):
            raise ConfigurationError(
                f"domain.config['{name}'] = {value!r}: it is 'sync', or 'async' for deliveries that wait."
            )
    elif name == "journal":
        if not isinstance(value, bool):
            raise ConfigurationError(f"domain.config['journal'] = {value!r}: it is True or False.")
    elif not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigurationError(f"domain.config['{name}'] = {value!r}: it is a number, 1 or more.")
