"""How domains, streams and categories are named."""

from __future__ import annotations

import re
from typing import Any

ALL = "$all"
_COMMAND = ":command"


def snake_case(name: str) -> str:
    """A name in small letters with underscores.

    Args:
        name: a class name or a title.

    Returns:
        The name as it stands in streams.

    Example:
        >>> snake_case("OrderItem"), snake_case("My Bookshop"), snake_case("HTTPOrder")
        ('order_item', 'my_bookshop', 'http_order')
    """
    spaced = re.sub(r"[^0-9A-Za-z]+", "_", name).strip("_")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", spaced).replace("__", "_").lower()


def camel_case(name: str) -> str:
    """A name as it stands in the types of messages.

    Args:
        name: a title.

    Returns:
        The name without blanks, each word with a capital.

    Example:
        >>> camel_case("My bookshop"), camel_case("Bookshop")
        ('MyBookshop', 'Bookshop')
    """
    words = re.split(r"[^0-9A-Za-z]+", name)
    return "".join(word[:1].upper() + word[1:] for word in words)


def full_category(domain: str, name: str) -> str:
    """A category with the name of its domain; one that has it, or `$all`, stays as it is.

    Args:
        domain: the domain's name in snake case.
        name: bare or prefixed.

    Returns:
        The full name.

    Example:
        >>> full_category("bookshop", "order"), full_category("bookshop", "sales::order")
        ('bookshop::order', 'sales::order')
    """
    return name if "::" in name or name == ALL else f"{domain}::{name}"


def event_stream(category: str, identity: Any) -> str:
    """The stream of one aggregate: `bookshop::order-<id>`."""
    return f"{category}-{identity}"


def command_category(category: str) -> str:
    """The category that the commands of a category are on: `bookshop::order:command`."""
    return category + _COMMAND


def fact_category(category: str) -> str:
    """The category of the events that tell the whole state: `bookshop::order-fact`."""
    return category + "-fact"


def fact_name(aggregate: str) -> str:
    """The name of the event that tells the whole state of an aggregate: `OrderFactEvent`."""
    return f"{aggregate}FactEvent"


def without_command(category: str) -> str:
    """A category as `source_stream` compares it: `:command` does not matter.

    Args:
        category: the full name.

    Returns:
        The name without the suffix.

    Example:
        >>> without_command("bookshop::manage_order:command")
        'bookshop::manage_order'
    """
    return category.removesuffix(_COMMAND)
