"""The two lists of Try it: what is tried, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from ddd_kit.engine.engine import Engine
from ddd_kit.notebook.widgets.form import dispose
from ddd_kit.views.trying.actions import actions
from ddd_kit.views.trying.offers import Offer, instance
from ddd_kit.views.trying.targets import WITH_METHODS, Action, Target

Callback = Callable[[], None]


class Choosing:
    """Lists to choose a target and an action from; what was chosen stays when the model changes.

    Args:
        target_chosen: called when somebody chose another target.
        action_chosen: called when somebody chose another action.

    Attributes:
        target_list: the widget with the targets.
        action_list: the widget with what can be done with the target.
        targets: all that are listed.
        target: the one that is shown, None where there is none.
    """

    def __init__(self, target_chosen: Callback, action_chosen: Callback) -> None:
        style = {"description_width": "initial"}
        self.target_list = widgets.Dropdown(description="Try it", style=style).add_class("ddd-try-target")
        self.action_list = widgets.Dropdown(description="Action", style=style).add_class("ddd-try-action")
        self.targets: tuple[Target, ...] = ()
        self.target: Target | None = None
        self._actions: tuple[Action, ...] = ()
        self._last: dict[tuple[str, str], str] = {}  # the action that was chosen last, by kind and element
        self._settling = False
        self.target_list.observe(lambda _: self._on_choice(target_chosen), "index")
        self.action_list.observe(lambda _: self._on_choice(action_chosen), "index")

    def _on_choice(self, callback: Callback) -> None:
        if not self._settling:
            callback()

    @property
    def selected(self) -> Target | None:
        """The target that the list shows, which may not have had its turn yet."""
        place = self.target_list.index
        return self.targets[place] if place is not None else None

    @property
    def action(self) -> Action | None:
        """What is to be done."""
        place = self.action_list.index
        return self._actions[place] if place is not None and place < len(self._actions) else None

    @property
    def lists(self) -> list[widgets.Widget]:
        """The widgets to show: of actions only where there is something to choose, or a method to name."""
        if not self.targets:
            return []
        is_plain = len(self._actions) == 1 and not self._actions[0].on_class
        names_one = self.target is not None and (self.target.kind in WITH_METHODS or not is_plain)
        return [self.target_list, *[self.action_list] * names_one]

    def offer(self, engine: Engine, found: Offer, wanted: Target | None) -> None:
        """List all targets, and select one: that which is wanted, if it is still there.

        Args:
            engine: the domain.
            found: what is on offer.
            wanted: what to select; None for the first.
        """
        place, targets = _place(engine, found.targets, wanted)
        if targets != self.targets:
            self.targets = targets
            self._set_options(self.target_list, [target.label for target in targets], place)
        elif self.target_list.index != place:
            self._set_options(self.target_list, None, place)

    def settle(self, engine: Engine) -> None:
        """Go over to the target that is selected, and list what can be done with it.

        Args:
            engine: the domain.
        """
        if self.target is not None and self.action is not None:
            self._last[self.target.kind, self.target.element] = self.action.name
        self.target = target = self.selected
        self._actions = actions(engine, target) if target is not None else ()
        names = [action.name for action in self._actions]
        chosen = self._last.get((target.kind, target.element)) if target is not None else None
        labels = [action.label for action in self._actions]
        before = [label for label, _ in self.action_list.options]
        place = names.index(chosen) if chosen in names else 0
        self._set_options(self.action_list, labels if labels != before else None, place)

    def _set_options(self, dropdown: widgets.Dropdown, labels: list[str] | None, place: int) -> None:
        self._settling = True
        try:
            with dropdown.hold_sync():
                if labels is not None:
                    dropdown.options = [(label, number) for number, label in enumerate(labels)]
                dropdown.index = place if place < len(dropdown.options) else None
        finally:
            self._settling = False

    def close(self) -> None:
        """Close both lists."""
        dispose(self.target_list)
        dispose(self.action_list)


def _place(
    engine: Engine, targets: tuple[Target, ...], wanted: Target | None
) -> tuple[int, tuple[Target, ...]]:
    if wanted is None:
        return 0, targets
    place = next((n for n, target in enumerate(targets) if target.is_same(wanted)), None)
    if place is not None:
        return place, targets
    older = instance(engine, wanted.element, wanted.identity) if wanted.kind == "instance" else None
    if older is not None:
        return len(targets), (*targets, older)
    return next((n for n, target in enumerate(targets) if target.element == wanted.element), 0), targets
