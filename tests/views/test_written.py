"""A run written down in a box of the workbench, to select and to copy."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace

import pytest

from ddd_kit import Domain
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.views.panes.steps import steps_of
from ddd_kit.views.panes.written import written
from shops import seed


@pytest.fixture(scope="module")
def shop() -> SimpleNamespace:
    return seed()


def box(domain: Domain, form: str, step: int) -> tuple[str, str, str]:
    """The heading, the text in the box, and what is copied."""
    made = str(written(domain, form, step))
    [heading] = re.findall(r"<b>(.*?)</b>", made)
    [text] = re.findall(r"<textarea[^>]*>(.*?)</textarea>", made, re.DOTALL)
    [copied] = re.findall(r'data-copy="(.*?)"', made, re.DOTALL)
    return heading, html.unescape(text), html.unescape(copied)


def test_the_test_is_the_one_that_the_domain_writes(shop: SimpleNamespace) -> None:
    domain = shop.domain
    first, last = steps_of(domain.journal).numbers[0], domain.journal.last_step
    heading, text, copied = box(domain, "test", last)
    assert heading == f"Steps {first} to {last} as a test for pytest. "
    assert text == copied == str(domain.test_from(range(first, last + 1)))


def test_the_diagram_ends_with_the_step_that_is_shown(shop: SimpleNamespace) -> None:
    domain = shop.domain
    numbers = steps_of(domain.journal).numbers
    heading, text, copied = box(domain, "diagram", numbers[3])
    assert heading == f"Steps {numbers[0]} to {numbers[3]} as a sequence diagram. "
    assert text == copied == str(domain.sequence_diagram(range(numbers[0], numbers[3] + 1)))
    assert len(text) < len(box(domain, "diagram", numbers[-1])[1])


@pytest.mark.parametrize(("form", "what"), [("test", "a test for pytest"), ("diagram", "a sequence diagram")])
def test_of_a_long_run_its_newest_hundred_steps_are_written_down(form: str, what: str) -> None:
    domain = Domain(name="Long")

    @domain.aggregate
    class Order: ...

    for number in range(150):
        domain.repository_for(Order).add(Order(id=f"o-{number}"))
    assert box(domain, form, 140)[0] == f"Steps 41 to 140 as {what}. "


@pytest.mark.parametrize("form", ["test", "diagram"])
def test_before_anything_has_happened_there_is_nothing_to_write(form: str) -> None:
    with pytest.raises(IncorrectUsageError):
        written(Domain(name="New"), form, 0)


def test_there_are_two_forms(shop: SimpleNamespace) -> None:
    with pytest.raises(ValueError, match="poem: there is test, diagram"):
        written(shop.domain, "poem", 1)


def test_values_that_look_like_markup_are_text() -> None:
    domain = Domain(name="Odd")

    @domain.aggregate
    class Order:
        note: str = ""

    for payload in ("</textarea><script>alert(1)</script>", '"><img src=x onerror=alert(1)>'):
        domain.repository_for(Order).add(Order(note=payload))
    for form in ("test", "diagram"):
        made = str(written(domain, form, domain.journal.last_step))
        assert made.count("</textarea>") == 1
        assert "<script" not in made
        assert "<img" not in made
