"""Figures of matplotlib, which is loaded only when one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddd_kit.views.palette import DARK, LIGHT, Ground

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def axes(ax: Axes | None, width: float, height: float, what: str) -> Axes:
    """The axes to draw on.

    Args:
        ax: those that were given, if any.
        width: of a new figure in inches.
        height: of a new figure in inches.
        what: what is going to be drawn, for the error.

    Returns:
        The given axes, or those of a new figure, which a notebook shows once.

    Raises:
        ModuleNotFoundError: when matplotlib is missing; the text says what to install.
    """
    try:
        from matplotlib import pyplot as plt
    except ImportError as error:
        raise ModuleNotFoundError(
            f"{what} needs matplotlib. Install it with: pip install matplotlib", name="matplotlib"
        ) from error
    if ax is not None:
        return ax
    _, made = plt.subplots(figsize=(width, height), layout="constrained")
    return made


def saved_only(width: float, height: float, what: str) -> Figure:
    """A new figure that no cell shows by itself, because it is going to be saved.

    Args:
        width: in inches.
        height: in inches.
        what: what is going to be drawn, for the error.

    Returns:
        The figure, still empty.

    Raises:
        ModuleNotFoundError: when matplotlib is missing; the text says what to install.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ModuleNotFoundError(
            f"{what} needs matplotlib. Install it with: pip install matplotlib", name="matplotlib"
        ) from error
    return Figure(figsize=(width, height))


def ground_of(ax: Axes) -> Ground:
    """The colours that go with the colour of some axes: `rcParams` or a style may have made them dark.

    Args:
        ax: axes that were set up.

    Returns:
        `DARK` or `LIGHT`.
    """
    from matplotlib.colors import to_rgba

    colour = ax.get_facecolor()
    red, green, blue, alpha = to_rgba(colour)
    if alpha < 0.5 and (figure := ax.get_figure()) is not None:
        red, green, blue, _ = to_rgba(figure.get_facecolor())
    return DARK if 0.3 * red + 0.59 * green + 0.11 * blue < 0.5 else LIGHT
