"""Forms to try a model with: commands, use cases, queries, messages, services, aggregates."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import htpy as h
import ipywidgets as widgets

from ddd_kit.engine.engine import Engine
from ddd_kit.notebook.catching import Caught, catching
from ddd_kit.notebook.widgets.choosing import Callback, Choosing
from ddd_kit.notebook.widgets.form import Field, Form, dispose
from ddd_kit.views.markup import counted, plain
from ddd_kit.views.trying import tried
from ddd_kit.views.trying.instances import MOST_INSTANCES
from ddd_kit.views.trying.objections import at_fields, before, is_unreadable
from ddd_kit.views.trying.offers import Offer, chosen_for, instance, offer, suggestions
from ddd_kit.views.trying.results import returned_table
from ddd_kit.views.trying.snippet import in_short, python, run
from ddd_kit.views.trying.targets import Action, Target
from ddd_kit.views.trying.tried import MOST_TRIED, Tried, code_html, error_lines, history_html, outcome_html

EMPTY = "There is nothing to try yet: define an aggregate or a command, and its form appears here."

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
        self._forms: dict[tuple[str, str, str], Form] = {}
        self._form = Form(self._entered)
        self._attempts: deque[Tried] = deque(maxlen=MOST_TRIED)
        self._count = 0
        self._busy: str | None = None
        self.code = self.code_html = self.history_html = ""
        self._make_widgets()
        super().__init__([self._head, self._fields, self._line, self._outcome])
        self._dom_classes = ("ddd", "ddd-try")
        self.refresh(engine)

    def _make_widgets(self) -> None:
        self._choice = Choosing(lambda: self._guard(self._show_target), lambda: self._guard(self._show_form))
        self.target_list, self.action_list = self._choice.target_list, self._choice.action_list
        self.run_button = widgets.Button(description="Run").add_class("ddd-try-run")
        self._head = widgets.HBox().add_class("ddd-try-row")
        self._fields = widgets.HBox().add_class("ddd-try-row").add_class("ddd-try-fields")
        self._line = widgets.HTML().add_class("ddd-try-line")
        self._outcome = widgets.HTML().add_class("ddd-try-outcome")
        self.run_button.on_click(lambda _: self._guard(self.run))

    # What the workbench calls

    def refresh(self, engine: Engine) -> None:
        """Offer what there is now; what is selected and what was entered stays.

        Args:
            engine: the domain, maybe a newer one.
        """
        found = offer(engine, self._offer if engine is self._engine else None)
        if found is self._offer and len(self._choice.targets) == len(
            found.targets
        ):  # no older one is selected
            return
        self._engine, self._offer = engine, found
        self._forget_forms()
        self._list(found, self._choice.selected)

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
            element: the name of an element; one that there is nothing to try of changes nothing.
            identity: of an instance of the aggregate; None for its newest one, or a new one where there is
                none that has a method.
        """
        assert self._offer is not None
        if identity is None and self._target is not None and self._target.element == element:
            return
        if identity is not None:
            wanted = instance(self._engine, element, identity)
        else:
            wanted = chosen_for(self._engine, self._offer, element)
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
        wrong = before(self._engine, self._target, action, values)
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
        self._choice.close()
        dispose(self.run_button)
        dispose(self)

    # What is on offer

    def _forget_forms(self) -> None:
        for key in [key for key in self._forms if key[1] not in self._engine.registry.elements]:
            self._forms.pop(key).close()

    def _list(self, found: Offer, wanted: Target | None) -> None:
        self._choice.offer(self._engine, found, wanted)
        self._show_target()

    @property
    def _target(self) -> Target | None:
        return self._choice.target

    @property
    def _action(self) -> Action | None:
        return self._choice.action

    def _show_target(self) -> None:
        self._choice.settle(self._engine)
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
        head = [*self._choice.lists, *[self.run_button] * (not fields and bool(self._choice.targets))]
        _fill(self._head, head)
        _fill(self._fields, [*fields, self.run_button] if fields else [])

    # What is said

    def _why_not(self) -> str | None:
        """Why nothing can be run at the moment."""
        if not self._choice.targets:
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
        values = self._form.values
        if target is None or action is None or action.obstacle or is_unreadable(action, values):
            self.code = ""
        else:
            self.code = python(self._engine, target, action, values)
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
        returned, table = tried.returned_text(value), returned_table(value)
        latest = Tried(self._count, short, code, problem, said.printed, returned, said.displayed, table)
        self._attempts.appendleft(latest)
        if code == self.code:
            self._form.say(at_fields(error, self._action))
        self.history_html = history_html(tuple(self._attempts))
        _set(self._outcome, outcome_html(latest))
        self._show(self.code_html + self.history_html)


def _set(widget: widgets.HTML, html: str) -> None:
    if widget.value != html:
        widget.value = html


def _fill(box: widgets.Box, children: list[widgets.Widget]) -> None:
    if box.children != tuple(children):
        box.children = children
