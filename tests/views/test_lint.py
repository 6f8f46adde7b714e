"""The findings, shown as text, in a cell, as a table and by element."""

from __future__ import annotations

from ddd_kit import Domain
from ddd_kit.views.lint import marks
from hostile_names import class_name, hostile
from markup_reader import PAYLOADS, assert_harmless, text_of


def shop():
    domain = Domain(name="Bookshop")

    @domain.aggregate
    class Order: ...

    @domain.command(part_of=Order)
    class ShipOrder: ...

    @domain.command(part_of=Order)
    class PlaceOrder: ...

    @domain.event(part_of=Order)
    class OrderShip: ...

    return domain


def test_findings_are_told_by_rule_with_source_and_advice():
    text = repr(shop().lint())
    assert text.startswith("5 findings in Bookshop, from 4 elements and 4 steps of the journal.\n")
    command = text.partition("A command without a handler (UNUSED_COMMAND)\n")[2].splitlines()
    assert command[:2] == ["  - Nobody handles ShipOrder.", "  - Nobody handles PlaceOrder."]
    assert command[2].startswith("  What to do: Write a method with @handle")
    assert command[3].startswith("  Source: Vernon, ch. 4: a command is sent to exactly one handler;")


def test_the_cell_says_what_the_text_says():
    found = shop().lint()
    html = found._repr_html_()
    told = " ".join(text_of(html).split())
    for finding in found:
        assert finding.sentence in told
        assert finding.advice in told
        assert finding.source in told


def test_a_model_without_findings_says_what_was_looked_for():
    found = Domain(name="Empty").lint()
    assert not found
    assert repr(found).splitlines()[0] == (
        "Nothing found in Empty: 0 elements and 0 steps of the journal were looked through."
    )
    for shown in (repr(found), text_of(found._repr_html_())):
        assert "commands without a handler" in shown
        assert "in a circle" in shown


def test_findings_are_a_sequence_and_a_table():
    found = shop().lint()
    assert len(found) == len(found[:]) == len(list(found)) == 5
    frame = found.to_frame()
    assert list(frame["rule"]) == [finding.rule for finding in found]
    assert list(frame.columns) == ["rule", "element", "elements", "sentence", "steps", "source", "advice"]
    assert [finding.rule for finding in found.of("ShipOrder")] == ["UNUSED_COMMAND"]


def test_the_map_gets_findings_by_element():
    marked = marks(shop())
    assert list(marked) == ["ShipOrder", "PlaceOrder", "OrderShip"]
    assert [finding.rule for finding in marked["OrderShip"]] == [
        "UNRAISED_EVENT",
        "UNHANDLED_EVENT",
        "EVENT_NOT_PAST_TENSE",
    ]


def test_names_that_look_like_markup_are_text():
    found = hostile(PAYLOADS).lint()
    html = found._repr_html_()
    for name in PAYLOADS:
        if found.of(class_name(name)):
            assert_harmless(html, class_name(name))


def test_the_past_and_a_fork_are_looked_through_too():
    domain = shop()
    for other in (domain.at(1), domain.fork()):
        assert [finding.sentence for finding in other.lint()] == [f.sentence for f in domain.lint()]
