"""A form of ipywidgets: a field for each value that is asked for, with messages at the fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import htpy as h
import ipywidgets as widgets

from ddd_kit.views.markup import plain
from ddd_kit.views.trying.json_text import written
from ddd_kit.views.trying.parameters import UNSET, Parameter, same

_WIDE = ("json", "choices")
_KIND_WORDS = {"whole": "whole number", "number": "number", "literal": "text, or Python"}


def dispose(widget: widgets.Widget) -> None:
    """Close a widget with all that belongs to it, so that nothing of it is left in the kernel.

    Args:
        widget: a box with its children, or a single widget.
    """
    for child in getattr(widget, "children", ()):
        dispose(child)
    for part in (getattr(widget, "style", None), getattr(widget, "layout", None)):
        if isinstance(part, widgets.Widget):
            part.close()
    widgets.Widget.close(widget)


class Field:
    """One value that a form asks for.

    Args:
        parameter: what is asked for.
        changed: called with the field whenever somebody enters something.

    Attributes:
        box: the widget to show.
        input: the widget in which the value is entered.
    """

    def __init__(self, parameter: Parameter, changed: Callable[[Field], None]) -> None:
        self.parameter = parameter
        self.input = _input(parameter)
        self._start = self.input.value
        self._message = widgets.HTML(_hint(parameter)).add_class("ddd-try-message")
        self.box = widgets.VBox([self.input, self._message]).add_class("ddd-try-field")
        if parameter.kind in _WIDE:
            self.box.add_class("ddd-try-wide")
        if parameter.inside:
            self.box.add_class("ddd-try-inside")
        self.input.observe(lambda _: changed(self), _watched(self.input))

    @property
    def value(self) -> Any:
        """What was entered, as a Python value; `UNSET` for nothing."""
        if isinstance(self.input, widgets.Dropdown):
            return self.parameter.options[self.input.index or 0][1]
        if isinstance(self.input, widgets.SelectMultiple):
            return tuple(self.parameter.choices[place] for place in self.input.index) or UNSET
        if isinstance(self.input, _TYPED):
            return self.parameter.read(self.input.value)
        return self.input.value

    def say(self, texts: Iterable[str]) -> None:
        """Show what is wrong with the value.

        Args:
            texts: of messages; none for a value with which nothing is wrong.
        """
        who = h.span(".ddd-sr")[plain(self.parameter.name), ": "]
        told = [h.div(".ddd-bad", role="alert")["✗ ", who, plain(text)] for text in texts]
        self._message.value = str(h.div[told]) if told else _hint(self.parameter)
        (self.box.add_class if told else self.box.remove_class)("ddd-try-wrong")

    def suggest(self, texts: tuple[str, ...]) -> None:
        """Offer texts to choose from.

        Args:
            texts: the first one first.
        """
        if isinstance(self.input, widgets.Combobox) and self.input.options != texts:
            self.input.options = texts

    def take_over(self, other: Field) -> None:
        """Keep what was entered in the field that this one replaces.

        Args:
            other: a field of the same name.
        """
        mine, theirs = self.input, other.input
        if isinstance(mine, widgets.Dropdown) and isinstance(theirs, widgets.Dropdown):
            labels = [label for label, _ in self.parameter.options]
            values = [value for _, value in self.parameter.options]
            place = next((n for n, value in enumerate(values) if same(value, other.value)), None)
            if other.value is not UNSET and place is not None:  # its label may say something else by now
                mine.index = place
            elif theirs.label in labels:
                mine.index = labels.index(theirs.label)
        elif isinstance(mine, widgets.SelectMultiple) and isinstance(theirs, widgets.SelectMultiple):
            before = () if other.value is UNSET else other.value
            choices = self.parameter.choices
            mine.index = tuple(n for n, value in enumerate(choices) if any(same(value, b) for b in before))
        elif isinstance(mine, _TYPED) and isinstance(theirs, _TYPED):
            if theirs.value != other._start:
                mine.value = theirs.value
        elif type(mine) is type(theirs):
            mine.value = theirs.value

    def stays_for(self, parameter: Parameter) -> bool:
        """Whether it can go on asking: for the same, or for a message of which only the example is another.

        Args:
            parameter: what is asked for now.

        Returns:
            False where it has to be replaced.
        """
        if self.parameter == parameter:
            return True
        like = replace(parameter, default=self.parameter.default)
        return parameter.kind == "json" and like == self.parameter and self.input.value != self._start


_TYPED = (widgets.Text, widgets.Textarea)


def _watched(widget: widgets.Widget) -> str:
    return "index" if isinstance(widget, widgets.Dropdown | widgets.SelectMultiple) else "value"


def _input(parameter: Parameter) -> widgets.Widget:
    return _MADE_FOR.get(parameter.kind, _text)(parameter)


def _common(parameter: Parameter) -> dict[str, Any]:
    return {
        "description": plain(parameter.shown),
        "style": {"description_width": "initial"},
        "layout": {"width": "auto"},
        "tooltip": plain(parameter.hint),
    }


def _flag(parameter: Parameter) -> widgets.Widget:
    return widgets.Checkbox(parameter.default is True, indent=False, **_common(parameter))


def _choice(parameter: Parameter) -> widgets.Widget:
    options = [(label, place) for place, (label, _) in enumerate(parameter.options)]
    return widgets.Dropdown(options=options, index=parameter.start, **_common(parameter))


def _choices(parameter: Parameter) -> widgets.Widget:
    options = [
        (label, place)
        for place, (label, _) in enumerate(zip(parameter.labels, parameter.choices, strict=True))
    ]
    rows = min(max(len(options), 2), 6)
    return widgets.SelectMultiple(options=options, rows=rows, **_common(parameter))


def _json(parameter: Parameter) -> widgets.Widget:
    text = written(parameter.default) or ""
    rows = min(max(text.count("\n") + 1, 2), 8)
    return widgets.Textarea(text, rows=rows, placeholder="JSON, required", **_common(parameter))


def _number(parameter: Parameter) -> widgets.Widget:
    """A text, since a browser's fields for numbers change what was typed: 5.7 is 5 to them, and 1e3 is 1."""
    field = _text(parameter)
    default, (low, _) = parameter.default, parameter.bounds
    start = default if default is not UNSET else max(low or 0, 0)
    sure = (parameter.required and not parameter.optional) or isinstance(default, int | float)
    if sure and not parameter.suggests and parameter.read(str(start)) == start:
        field.value = str(start)
    return field


def _text(parameter: Parameter) -> widgets.Widget:
    kind = widgets.Combobox if parameter.suggests else widgets.Text
    return kind(placeholder=_placeholder(parameter), **_common(parameter))


def _placeholder(parameter: Parameter) -> str:
    if parameter.default not in (UNSET, None):
        return plain(f"{parameter.default} if left empty")
    needed = "required" if parameter.required else "optional"
    if parameter.optional_inside:
        needed = f"with {plain(parameter.inside[0][0])}"
    word = _KIND_WORDS.get(parameter.kind)
    return f"{word}, {needed}" if word else needed


def _hint(parameter: Parameter) -> str:
    several = "several with Ctrl or ⌘" if parameter.kind == "choices" and len(parameter.choices) > 1 else ""
    words = "; ".join(word for word in (parameter.hint, several) if word)
    return str(h.small[plain(words)]) if words else ""


_MADE_FOR: Mapping[str, Callable[[Parameter], widgets.Widget]] = {
    "flag": _flag,
    "choice": _choice,
    "choices": _choices,
    "json": _json,
    "whole": _number,
    "number": _number,
}


class Form:
    """The fields of one action; what was entered stays when the model changes.

    Args:
        changed: called with the field whenever somebody enters something.

    Attributes:
        fields: by the name of their parameter.
    """

    def __init__(self, changed: Callable[[Field], None]) -> None:
        self._changed = changed
        self.fields: dict[str, Field] = {}

    def ask(self, parameters: Iterable[Parameter]) -> None:
        """Ask for these values, and keep what has been entered for those of the same name.

        Args:
            parameters: what to ask for.
        """
        before = self.fields
        self.fields = {}
        for parameter in parameters:
            known = before.pop(parameter.name, None)
            self.fields[parameter.name] = self._field(parameter, known)
        for field in before.values():
            dispose(field.box)

    def _field(self, parameter: Parameter, known: Field | None) -> Field:
        if known is not None and known.stays_for(parameter):
            return known
        field = Field(parameter, self._changed)
        if known is not None:
            field.take_over(known)
            dispose(known.box)
        return field

    @property
    def values(self) -> dict[str, Any]:
        """What was entered, by the name of its parameter."""
        return {name: field.value for name, field in self.fields.items()}

    def say(self, messages: Mapping[str, Iterable[str]]) -> None:
        """Show messages at their fields, and none at the others.

        Args:
            messages: texts by the name of a field; names that are not asked for are left out.
        """
        for name, field in self.fields.items():
            field.say(messages.get(name, ()))

    def close(self) -> None:
        """Close all fields."""
        for field in self.fields.values():
            dispose(field.box)
        self.fields = {}
