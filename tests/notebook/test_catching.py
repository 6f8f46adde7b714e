"""What is printed and displayed in a block is caught, in a kernel's shell and where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import Image, display, update_display

from ddd_kit.notebook.catching import catching
from ddd_kit.views.picture import Picture
from shells import open_shell

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


@pytest.fixture
def displaying(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The shell that `display` knows of."""
    with open_shell() as opened:
        monkeypatch.setattr(InteractiveShell, "_instance", opened.shell)
        yield opened.shell


def test_print_and_display_are_caught_in_their_order(displaying: Any, capsys: Any) -> None:
    publisher, hook = displaying.display_pub, sys.displayhook
    with catching() as caught:
        print("one")
        print("two", file=sys.stderr)
        display("three")
        display(Image(PNG))
        sys.displayhook("four")
    assert caught.printed == "one\ntwo\n"
    assert [kind for kind, _ in caught.displayed] == ["text/plain", "image/png", "text/plain"]
    assert caught.displayed[0][1] == "'three'"
    assert caught.displayed[1][1].startswith("iVBORw0KGgo")
    assert capsys.readouterr() == ("", "")
    assert (displaying.display_pub, sys.displayhook) == (publisher, hook)


def test_what_is_displayed_anew_is_caught_as_it_is_in_the_end(displaying: Any) -> None:
    with catching() as caught:
        display("1 %", display_id="progress")
        update_display("100 %", display_id="progress")
    assert caught.displayed == (("text/plain", "'100 %'"),)


def test_what_was_said_before_an_error_is_caught_too(displaying: Any) -> None:
    publisher = displaying.display_pub

    def fail() -> None:
        display("three")
        raise LookupError("no such book")

    with suppress(LookupError), catching() as caught:
        fail()
    assert caught.displayed == (("text/plain", "'three'"),)
    assert displaying.display_pub is publisher


def test_a_picture_of_the_kit_is_caught(displaying: Any) -> None:
    with catching() as caught:
        display(Picture(svg="<svg/>", dark_svg="<svg/>", text="a map", alt="a map"))
    assert len(caught.displayed) == 1
    assert "a map" in caught.displayed[0][1] or caught.displayed[0][0] == "image/svg+xml"


def test_without_a_shell_what_is_displayed_is_printed() -> None:
    with catching() as caught:
        display("three")
    assert "three" in caught.printed
