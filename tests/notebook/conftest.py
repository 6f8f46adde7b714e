"""What the tests here share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shells import Shell, open_shell


@pytest.fixture
def shell() -> Iterator[Shell]:
    with open_shell() as opened:
        yield opened
