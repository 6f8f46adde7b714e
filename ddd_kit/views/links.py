"""What can be clicked in a view: a button in a live one, the bare content in a static one."""

from __future__ import annotations

from collections.abc import Callable

import htpy as h

Shown = h.Element | h.Fragment | str
Link = Callable[..., Shown]


def linked(
    content: h.Node,
    act: str,
    arg: object = "",
    label: str | None = None,
    *,
    look: str = "",
    title: str | None = None,
    current: bool = False,
) -> h.Element:
    """A button that tells the workbench what is wanted.

    Args:
        content: what it shows.
        act: what is wanted, as `step`; `Workbench` lists them.
        arg: of what, as `9`; a text, or what becomes one.
        label: what a screen reader says instead of the content.
        look: classes, where it is not to look like a link in a text.
        title: what a pointer over it shows.
        current: whether it stands for the step that is shown; then it is scrolled into sight.

    Returns:
        An element.

    Example:
        >>> print(linked("90", "why", "9 in_stock"))
        <button class="ddd-link" type="button" data-act="why" data-arg="9 in_stock">90</button>
    """
    now = {"aria-current": "step", "data-reveal": "true"} if current else {}
    return h.button(
        now,
        class_=look or "ddd-link",
        type="button",
        data_act=act,
        data_arg=str(arg),
        aria_label=label,
        title=title,
    )[content]


def unlinked(
    content: h.Node,
    act: str,  # noqa: ARG001
    arg: object = "",  # noqa: ARG001
    label: str | None = None,  # noqa: ARG001
    *,
    look: str = "",
    title: str | None = None,
    current: bool = False,
) -> Shown:
    """The content alone, for a view that nobody can click in.

    Args:
        content: what it shows.
        act: as for `linked`.
        arg: as for `linked`.
        label: as for `linked`.
        look: as for `linked`.
        title: as for `linked`.
        current: as for `linked`.

    Returns:
        The content; within an element, where it has a look of its own.

    Example:
        >>> unlinked("90", "why", "9 in_stock")
        '90'
    """
    if not look:
        return content if isinstance(content, str | h.Element) else h.fragment[content]
    return h.span(class_=look, title=title, aria_current="step" if current else None)[content]
