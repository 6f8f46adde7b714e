"""Why a field has its value after the fields of its aggregate were defined anew."""

from __future__ import annotations

from typing import Any

from ddd_kit import Domain
from ddd_kit.journal.causality import why
from ddd_kit.views import answers


def define(domain: Domain, **fields: Any) -> Any:
    """The aggregate `Shelf` with these fields and defaults."""
    annotations = {name: type(default) for name, default in fields.items()}
    return domain.aggregate(
        type("Shelf", (), {"__annotations__": annotations, "__module__": __name__, **fields})
    )


def save(domain: Domain, cls: Any, **values: Any) -> Any:
    """Change the one there is."""
    shelf = domain.repository_for(cls).get("s-1")
    for name, value in values.items():
        setattr(shelf, name, value)
    return domain.repository_for(cls).add(shelf)


def test_a_field_that_was_gone_for_a_while_has_the_default_of_the_definition_that_brought_it_back() -> None:
    """And not the value that it had before it was gone."""
    domain = Domain(name="Shop")
    cls = define(domain, level=5)
    domain.repository_for(cls).add(cls(id="s-1", level=19))
    save(domain, define(domain, amount=0), amount=3)
    again = define(domain, amount=0, level=1)
    step = domain.journal.last_step
    text = f"Shelf s-1 level got its default 1 when Shelf was defined again (step {step})."
    shelf = save(domain, again, amount=4)
    assert domain.why(shelf, "level").sentence == text
    assert "Why is level <b><bdi>1</bdi></b>?" in str(answers.why_panel(domain.why(shelf, "level")))
    assert domain.why(save(domain, again, level=2), "level").sentence.endswith("level 1 -> 2.")


def test_a_field_that_no_save_recorded_yet_came_with_the_definition() -> None:
    domain = Domain(name="Shop")
    cls = define(domain, amount=5)
    domain.repository_for(cls).add(cls(id="s-1"))
    saved = domain.journal.last_step
    cls = define(domain, amount=0, level=1)
    answer = domain.why(domain.repository_for(cls).get("s-1"), "level")
    end = f"got its default when Shelf was defined again (step {saved + 1})."
    assert answer.sentence == f"Shelf s-1 level {end}"
    assert why(domain.journal, "Shelf", "s-1", "level", saved).sentence == answer.sentence
    assert "Why is level its default?" in str(answers.why_panel(answer))
    assert "was defined again" in str(answers.why(answer))


def test_of_several_definitions_since_the_last_is_named_as_the_latest_it_can_have_been() -> None:
    domain = Domain(name="Shop")
    cls = define(domain, amount=5)
    domain.repository_for(cls).add(cls(id="s-1"))
    define(domain, level=1)
    cls = define(domain, level=1, amount=5)
    answer = domain.why(domain.repository_for(cls).get("s-1"), "level")
    assert answer.sentence.endswith(f"was defined again (by step {domain.journal.last_step}).")


def test_fields_in_another_order_are_compared_by_name() -> None:
    domain = Domain(name="Shop")
    cls = define(domain, amount=5, level=1)
    domain.repository_for(cls).add(cls(id="s-1", amount=7, level=8))
    shelf = save(domain, define(domain, level=1, amount=5), amount=9)
    assert domain.why(shelf, "level").sentence.endswith("Shelf s-1 level began as 8.")
    assert domain.why(shelf, "amount").sentence.endswith("Shelf s-1 amount 7 -> 9.")
