"""Where a refusal is written down when there are forks."""

from __future__ import annotations

from contextlib import suppress

from ddd_kit import Domain, invariant
from ddd_kit.exceptions import ValidationError


def test_what_is_refused_while_it_is_made_is_told_where_it_was_made() -> None:
    """Forks that stand idle hear nothing of it, and the domain hears nothing of what is made in a fork."""
    domain = Domain(name="Bookshop")

    @domain.aggregate
    class Order:
        quantity: int = 1

        @invariant.post
        def at_most_ten(self) -> None:
            if self.quantity > 10:
                raise ValidationError({"quantity": ["must be at most 10"]})

    forks = [domain.fork() for _ in range(5)]
    before = [each.journal.last_step for each in (domain, *forks)]

    def refused() -> list[int]:
        with suppress(ValidationError):
            Order(quantity=11)
        return [each.journal.last_step - step for each, step in zip((domain, *forks), before, strict=True)]

    assert refused() == [1, 0, 0, 0, 0, 0]
    with forks[3].domain_context():
        assert refused() == [1, 0, 0, 0, 1, 0]
