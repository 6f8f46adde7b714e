"""What can be clicked in a view: a button in a live one, the bare content in a static one."""

from __future__ import annotations

from collections.abc import Callable

import htpy as h

Link = Callable[..., h.Node]


def linked(content: h.Node, act: str, arg: object = "", label: str | None = None) -> h.Node:
    """A button that tells the workbench what is wanted.

    Args:
        content: what it shows.
        act: what is wanted, as `step`; `Workbench` lists them.
        arg: of what, as `9`; a text, or what becomes one.
        label: what a screen reader says instead of the content.

    Returns:
        An element.

    Example:
        >>> print(linked("90", "why", "9 in_stock"))
        <button class="ddd-link" type="button" data-act="why" data-arg="9 in_stock">90</button>
    """
    return h.button(".ddd-link", type="button", data_act=act, data_arg=str(arg), aria_label=label)[content]


def unlinked(content: h.Node, act: str, arg: object = "", label: str | None = None) -> h.Node:  # noqa: ARG001
    """The content alone, for a view that nobody can click in.

    Args:
        content: what it shows.
        act: as for `linked`.
        arg: as for `linked`.
        label: as for `linked`.

    Returns:
        The content.

    Example:
        >>> unlinked("90", "why", "9 in_stock")
        '90'
    """
    return content
