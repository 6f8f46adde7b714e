"""Forms of value objects in the widget: they are indented, and messages stand at their fields."""

from __future__ import annotations

from ddd_kit.notebook.widgets.try_it import TryIt
from rich_model import rich


def form_of(label: str) -> TryIt:
    trying = TryIt(rich().domain)
    labels = [text.replace("\N{NO-BREAK SPACE}", " ") for text, _ in trying.target_list.options]
    trying.target_list.index = labels.index(label)
    return trying


def test_what_is_inside_looks_so() -> None:
    trying = form_of("■ New Order")
    fields = trying._form.fields
    assert "ddd-try-inside" in fields["total.amount"].box._dom_classes
    assert "ddd-try-inside" not in fields["note"].box._dom_classes
    assert fields["total.amount"].input.placeholder == "with total"
    assert list(fields["customer_id"].input.options) == ["c-1"]
    trying.close()


def test_a_message_of_a_value_object_stands_at_its_field() -> None:
    trying = form_of("■ New Order")
    trying._form.fields["customer_id"].input.value = "c-1"
    trying._form.fields["total.amount"].input.value = "-5"
    assert "total=Money(amount='-5')" in trying.code
    trying.run()
    assert "greater than or equal to 0" in trying._form.fields["total.amount"]._message.value
    assert "ddd-bad" not in trying._form.fields["note"]._message.value
    trying._form.fields["total.amount"].input.value = "5"
    trying.run()
    assert "failed" not in trying._outcome.value
    trying.close()
