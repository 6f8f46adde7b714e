"""Forms to try a model with: its commands, new aggregates, the methods of stored ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import htpy as h
import ipywidgets as widgets

from ddd_kit.engine.engine import Engine
from ddd_kit.exceptions import ValidationError
from ddd_kit.notebook.catching import Caught, catching
from ddd_kit.notebook.widgets.form import Field, Form, dispose
from ddd_kit.views.markup import counted, plain
from ddd_kit.views.trying import tried
from ddd_kit.views.trying.actions import Action, Target, actions
from ddd_kit.views.trying.offers import MOST_INSTANCES, Offer, instance, offer, suggestions
from ddd_kit.views.trying.parameters import UNSET
from ddd_kit.views.trying.snippet import in_short, python, run
from ddd_kit.views.trying.tried import MOST_TRIED, Tried, code_html, error_lines, history_html, outcome_html

EMPTY = "There is nothing to try yet: define an aggregate or a command, and its form appears here."

Callback = Callable[[], None]

STYLE = Path(__file__).with_name("try_it.css").read_text(encoding="utf-8")


def _nothing(html: str) -> None:
    """Show it nowhere."""


def _at_once(callback: Callback) -> None:
    callback()


class TryIt(widgets.VBox):  # type: ignore[misc]  # it ships no types
    """What can be tried, as forms; the Python that they stand for, and what was tried, go to `show`.

    Args:
        engine: the domain.
        after: called after something was tried, whether it worked or not.
        show: takes the HTML of the Python and of what was tried, whenever it changes.
        guard: runs what a click or a key leads to; it may do so later, and deals with errors.

    Attributes:
        code: the Python that *Run* runs; empty when there is nothing to run.
        code_html: the same as HTML, with a way to copy it.
        history_html: what was tried, the newest first, as HTML.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        after: Callback = lambda: None,
        show: Callable[[str], None] = _nothing,
        guard: Callable[[Callback], None] = _at_once,
    ) -> None:
        self._engine, self._after, self._show, self._guard = engine, after, show, guard
        self._offer: Offer | None = None
        self._targets: tuple[Target, ...] = ()
        self._actions: tuple[Action, ...] = ()
        self._target: Target | None = None
        self._chosen: dict[tuple[str, str], str] = {}  # the action that was chosen last, by kind and element
        self._forms: dict[tuple[str, str, str], Form] = {}
        self._form = Form(self._entered)
        self._attempts: deque[Tried] = deque(maxlen=MOST_TRIED)
        self._count = 0
        self._busy: str | None = None
        self._settling = False
        self.code = self.code_html = self.history_html = ""
        self._make_widgets()
        super().__init__([self._head, self._fields, self._line, self._outcome])
        self._dom_classes = ("ddd", "ddd-try")
        self.refresh(engine)

    def _make_widgets(self) -> None:
        style = {"description_width": "initial"}
        self.target_list = widgets.Dropdown(description="Try it", style=style).add_class("ddd-try-target")
        self.action_list = widgets.Dropdown(description="Action", style=style).add_class("ddd-try-action")
        self.run_button = widgets.Button(description="Run").add_class("ddd-try-run")
        self._head = widgets.HBox().add_class("ddd-try-row")
        self._fields = widgets.HBox().add_class("ddd-try-row").add_class("ddd-try-fields")
        self._line = widgets.HTML().add_class("ddd-try-line")
        self._outcome = widgets.HTML().add_class("ddd-try-outcome")
        self.target_list.observe(lambda _: self._on_choice(self._show_target), "index")
        self.action_list.observe(lambda _: self._on_choice(self._show_form), "index")
        self.run_button.on_click(lambda _: self._guard(self.run))

    # What the workbench calls

    def refresh(self, engine: Engine) -> None:
        """Offer what there is now; what is selected and what was entered stays.

        Args:
            engine: the domain, maybe a newer one.
        """
        found = offer(engine, self._offer if engine is self._engine else None)
        if found is self._offer and len(self._targets) == len(found.targets):  # no older one is selected
            return
        self._engine, self._offer = engine, found
        self._forget_forms()
        place = self.target_list.index
        self._list(found, self._targets[place] if place is not None else None)

    def busy(self, reason: str | None) -> None:
        """Say that nothing can be tried now, or that it can again.

        Args:
            reason: why not, in a sentence that names a way out; None when it can.
        """
        if reason != self._busy:
            self._busy = reason
            self._show_line()

    def select(self, element: str, identity: Any = None) -> None:
        """Choose what to try.

        Args:
            element: the name of a command or an aggregate; anything else changes nothing.
            identity: of an instance of the aggregate; None for its newest one, or a new one where there is
                none that has a method.
        """
        assert self._offer is not None
        if identity is None and self._target is not None and self._target.element == element:
            return
        if identity is not None:
            wanted = instance(self._engine, element, identity)
        else:
            mine = [target for target in self._offer.targets if target.element == element]
            wanted = next((t for t in mine if t.kind == "instance"), mine[0] if mine else None)
        if wanted is not None:
            self._list(self._offer, wanted)

    def again(self, number: int) -> None:
        """Run once more what was tried.

        Args:
            number: of the attempt, as in `history_html`; of one that is not there any more nothing is run,
                nor while it is busy.
        """
        known = next((each for each in self._attempts if each.number == number), None)
        if known is not None and not self._busy:
            self._try(known.code, known.short)

    def run(self) -> None:
        """Do what the form says, as a click on *Run* does."""
        self._show_target()  # what was chosen and entered last may not have had its turn yet
        action = self._action
        if self._target is None or action is None or self._why_not() is not None:
            return
        values = self._form.values
        problems = {p.name: p.problem(values[p.name]) for p in action.parameters}
        wrong = {name: [text] for name, text in problems.items() if text}
        if self._target.kind != "instance" and all(values[name] is UNSET for name in wrong):
            wrong = {}  # what is missing, the model itself says
        self._form.say(wrong)
        if wrong:
            _set(self._outcome, "")
            return
        self._try(self.code, in_short(self._target, action, values))

    def close(self) -> None:
        """Close it with all its parts."""
        if self.comm is None:
            return
        for form in self._forms.values():
            form.close()
        self._form.close()
        for part in (self.target_list, self.action_list, self.run_button):
            dispose(part)
        dispose(self)

    # What is on offer

    def _forget_forms(self) -> None:
        for key in [key for key in self._forms if key[1] not in self._engine.registry.elements]:
            self._forms.pop(key).close()

    def _list(self, found: Offer, wanted: Target | None) -> None:
        """Show all targets, and select one: that which is wanted, if it is still there."""
        place, targets = self._place(found.targets, wanted)
        if targets != self._targets:
            self._targets = targets
            self._set_options(self.target_list, [target.label for target in targets], place)
        elif self.target_list.index != place:
            self._set_options(self.target_list, None, place)
        self._show_target()

    def _place(self, targets: tuple[Target, ...], wanted: Target | None) -> tuple[int, tuple[Target, ...]]:
        if wanted is None:
            return 0, targets
        place = next((n for n, target in enumerate(targets) if target.is_same(wanted)), None)
        if place is not None:
            return place, targets
        older = instance(self._engine, wanted.element, wanted.identity) if wanted.kind == "instance" else None
        if older is not None:
            return len(targets), (*targets, older)
        return next((n for n, target in enumerate(targets) if target.element == wanted.element), 0), targets

    def _set_options(self, dropdown: widgets.Dropdown, labels: list[str] | None, place: int) -> None:
        self._settling = True
        try:
            with dropdown.hold_sync():
                if labels is not None:
                    dropdown.options = [(label, number) for number, label in enumerate(labels)]
                dropdown.index = place if place < len(dropdown.options) else None
        finally:
            self._settling = False

    def _on_choice(self, callback: Callback) -> None:
        if not self._settling:
            self._guard(callback)

    @property
    def _action(self) -> Action | None:
        place = self.action_list.index
        return self._actions[place] if place is not None and place < len(self._actions) else None

    def _show_target(self) -> None:
        if self._target is not None and self._action is not None:
            self._chosen[self._target.kind, self._target.element] = self._action.name
        place = self.target_list.index
        self._target = target = None if place is None else self._targets[place]
        self._actions = actions(self._engine, target) if target is not None else ()
        names = [action.name for action in self._actions]
        chosen = self._chosen.get((target.kind, target.element)) if target is not None else None
        labels = [action.label for action in self._actions]
        before = [label for label, _ in self.action_list.options]
        place = names.index(chosen) if chosen in names else 0
        self._set_options(self.action_list, labels if labels != before else None, place)
        self._show_form()

    def _show_form(self) -> None:
        action, target, before = self._action, self._target, self._form
        if target is None or action is None:
            self._form = Form(self._entered)
        else:
            key = (target.kind, target.element, action.name)
            self._form = self._forms.setdefault(key, Form(self._entered))
            self._form.ask(action.parameters)
            for parameter in action.parameters:
                self._form.fields[parameter.name].suggest(suggestions(self._engine, parameter))
        if self._form is not before:
            _set(self._outcome, "")  # it is about something else; what was tried still tells of it
        self._arrange()
        self._show_line()
        self._show_code()

    def _arrange(self) -> None:
        fields = [field.box for field in self._form.fields.values()]
        is_stored = self._target is not None and self._target.kind == "instance"
        choice = [self.target_list, *[self.action_list] * is_stored]
        head = [*choice, *[self.run_button] * (not fields)] if self._targets else []
        _fill(self._head, head)
        _fill(self._fields, [*fields, self.run_button] if fields else [])

    # What is said

    def _why_not(self) -> str | None:
        """Why nothing can be run at the moment."""
        if not self._targets:
            return EMPTY
        if self._busy:
            return self._busy
        if self._action is None:
            return f"{self._target.element if self._target else 'It'} has no public method to call."
        return self._action.obstacle or None

    def _show_line(self) -> None:
        reason = self._why_not()
        self.run_button.disabled = reason is not None
        text = reason or self._how_many()
        _set(self._line, str(h.p(role="status")[plain(text)]) if text else "")

    def _how_many(self) -> str:
        if self._target is None or self._target.kind != "instance" or self._offer is None:
            return ""
        count = self._offer.counts.get(self._target.element, 0)
        if count <= MOST_INSTANCES:
            return ""
        instances = f"{counted(count, 'instance')} of {self._target.element}"
        return f"Of {instances}, the newest {MOST_INSTANCES} are listed."

    def _entered(self, field: Field) -> None:
        self._guard(lambda: self._take(field))

    def _take(self, field: Field) -> None:
        field.say(())
        self._show_code()

    def _show_code(self) -> None:
        target, action = self._target, self._action
        if target is None or action is None or action.obstacle:
            self.code = ""
        else:
            self.code = python(self._engine, target, action, self._form.values)
        self.code_html = code_html(self.code)
        self._show(self.code_html + self.history_html)

    # What is run

    def _try(self, code: str, short: str) -> None:
        said = Caught()
        error: BaseException | None = None
        value = None
        try:
            with catching() as said:
                value = run(self._engine, code)
        except (Exception, SystemExit) as caught:  # noqa: BLE001 - whatever a model's code raises is shown
            error = caught
        except BaseException as caught:
            error = caught
            raise
        finally:
            self._record(code, short, error, value, said)
            self.refresh(self._engine)
            self._after()

    def _record(self, code: str, short: str, error: BaseException | None, value: Any, said: Caught) -> None:
        self._count += 1
        problem = error_lines(error) if error is not None else ()
        returned = tried.returned_text(value)
        latest = Tried(self._count, short, code, problem, said.printed, returned, said.displayed)
        self._attempts.appendleft(latest)
        if code == self.code:
            self._form.say(_at_fields(error, self._action))
        self.history_html = history_html(tuple(self._attempts))
        _set(self._outcome, outcome_html(latest))
        self._show(self.code_html + self.history_html)


def _at_fields(error: BaseException | None, action: Action | None) -> Mapping[str, list[str]]:
    """What an error says, by the names of the fields of a form; also of those inside of other objects."""
    if not isinstance(error, ValidationError):
        return {}
    found = dict(error.messages)
    for parameter in action.parameters if action is not None else ():
        if not parameter.inside or parameter.name in found:
            continue
        outermost, element = parameter.inside[0][0], parameter.inside[-1][1]
        if error.element == element and parameter.own_name in error.messages:
            found[parameter.name] = error.messages[parameter.own_name]
        elif outermost in found and error.element != element:
            found[parameter.name] = found.pop(outermost)
    return found


def _set(widget: widgets.HTML, html: str) -> None:
    if widget.value != html:
        widget.value = html


def _fill(box: widgets.Box, children: list[widgets.Widget]) -> None:
    if box.children != tuple(children):
        box.children = children
