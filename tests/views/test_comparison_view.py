"""Two runs side by side, as HTML."""

import pytest

from ddd_kit import Domain, compare
from ddd_kit.views.comparison import SHOWN, comparison
from markup_reader import assert_harmless, text_of

PAYLOADS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</table><b>"]


def stocked(name="Bookshop", text="plain"):
    domain = Domain(name=name)

    @domain.aggregate
    class Note:
        text: str

    domain.repository_for(Note).add(Note(id="n-1", text=text))
    return domain


def test_equal_runs_are_one_sentence():
    domain = stocked()
    words = text_of(str(comparison(compare(domain, domain.fork()))))
    assert "both runs are the same, 1 entry in common." in words
    assert "left" not in words


def test_each_side_has_what_only_it_did():
    domain = stocked()
    fork = domain.fork()
    cls = domain.registry.elements["Note"].cls
    domain.repository_for("Note").add(cls(id="n-2", text="here"))
    fork.repository_for("Note").add(cls(id="n-3", text="there"))
    fork.repository_for("Note").add(cls(id="n-4", text="there too"))
    html = str(comparison(compare(domain, fork)))
    words = text_of(html)
    assert "a fork from step 2 on" in words
    assert words.index("here") < words.index("there")
    assert "not there" in words
    assert html.count("<tr") >= 5


def test_a_replay_is_called_one():
    domain = stocked()
    cls = domain.registry.elements["Note"].cls
    found = domain.replay()
    found.right.repository_for("Note").add(cls(id="n-2", text="more"))
    assert "Bookshop, replayed from step 0 on" in text_of(str(comparison(compare(domain, found.right))))


def test_of_many_the_first_are_shown():
    domain = stocked()
    fork = domain.fork()
    cls = domain.registry.elements["Note"].cls
    for number in range(200):
        domain.repository_for("Note").add(cls(id=f"m-{number}", text="x"))
    words = text_of(str(comparison(compare(domain, fork))))
    assert f"… {200 - SHOWN} more" in words
    assert "… 160 more fields" in words


@pytest.mark.parametrize("payload", PAYLOADS)
def test_markup_stays_text(payload):
    domain = stocked(text=payload)
    fork = domain.fork(at=1)
    assert_harmless(str(comparison(compare(domain, fork))), payload)
