"""What the workshop shows in cells: texts, what was found with its buttons, and the bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddd_kit.views.piece import Piece
from ddd_kit.workshop import showing
from ddd_kit.workshop.checking import Checked
from ddd_kit.workshop.desk import Desk, in_notebook
from ddd_kit.workshop.exercise import Exercise

if TYPE_CHECKING:
    from IPython.display import DisplayHandle


class Text(str):
    """A text in Markdown, which a notebook shows as such and a terminal as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return str(self)


class Result:
    """What came of a check; it shows by itself in a cell, with buttons below.

    Args:
        desk: of the learner.
        checked: what was found.

    Attributes:
        passed: whether all points are right.
        checked: what was found.
    """

    def __init__(self, desk: Desk, checked: Checked) -> None:
        self._desk = desk
        self.checked = checked
        self.passed = checked.passed
        self._solved = False
        self._shown: DisplayHandle | None = None

    def __repr__(self) -> str:
        return showing.as_text(self.checked, len(self._hints()))

    def _repr_html_(self) -> str:
        solution = self.checked.exercise if self._solved else None
        return str(showing.as_html(self.checked, len(self._hints()), solution))

    def _hints(self) -> list[str]:
        return self._desk.hints(self.checked.exercise) if self.checked.first else []

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if not in_notebook():
            print(repr(self))  # noqa: T201 - a terminal shows words
            return
        self._shown = display(self._piece(), display_id=True)
        if not self.passed:
            self._show_buttons()

    def _piece(self) -> Piece:
        return Piece(self._repr_html_(), repr(self))

    def _show_buttons(self) -> None:
        import ipywidgets as widgets
        from IPython.display import publish_display_data

        hint = widgets.Button(description="Hint", tooltip="Three, from a nudge to nearly the answer")
        solution = widgets.Button(description="Show a solution", tooltip="It is shown, and not run")
        hint.on_click(lambda _: self._hint(hint))
        solution.on_click(lambda _: self._solve(solution))
        buttons = [hint, solution] if self.checked.first else [solution]
        row = widgets.HBox(buttons).add_class("ddd-workshop-buttons")
        name = self.checked.exercise.name
        view = {"version_major": 2, "version_minor": 0, "model_id": row.model_id}
        publish_display_data({
            "application/vnd.jupyter.widget-view+json": view,
            "text/plain": f'hint("{name}") gives a hint, solution("{name}") a right answer.',
        })  # fmt: skip

    def _hint(self, button: Any) -> None:
        asked = self._desk.ask(self.checked.exercise)
        button.disabled = len(asked) == len(showing.DEGREES)
        self._update()

    def _solve(self, button: Any) -> None:
        self._desk.solve(self.checked.exercise)
        self._solved = button.disabled = True
        self._update()

    def _update(self) -> None:
        if self._shown is not None:
            self._shown.update(self._piece())


class ProgressBar:
    """Which exercises are done; it moves by itself.

    Args:
        desk: of the learner.
        exercises: those that it is about.
    """

    def __init__(self, desk: Desk, exercises: list[Exercise]) -> None:
        self._desk = desk
        self._exercises = exercises
        self._shown: DisplayHandle | None = None

    def __repr__(self) -> str:
        return showing.bar_text(self._exercises, self._desk.progress.standings)

    def _repr_html_(self) -> str:
        return str(showing.bar(self._exercises, self._desk.progress.standings))

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if not in_notebook():
            print(repr(self))  # noqa: T201 - a terminal shows words
            return
        self._shown = display(self._piece(), display_id=True)
        self._desk.shown(self, [each.name for each in self._exercises])

    def refresh(self) -> None:
        """Show where the learner stands now."""
        if self._shown is not None:
            self._shown.update(self._piece())

    def _piece(self) -> Piece:
        return Piece(self._repr_html_(), repr(self))
