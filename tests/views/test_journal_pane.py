"""The Journal tab."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest

from ddd_kit import Domain, handle
from ddd_kit.fields import Integer
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.origin import origin
from ddd_kit.views import tree
from ddd_kit.views.links import unlinked
from ddd_kit.views.panes import journal_pane as view
from journals import accounts, busy, counting_down, made_busy, odd
from live_reader import Element, read
from markup_reader import PAYLOADS
from shops import LONG, long_names, seed, ship_by_command, troubled

REASON = "its source stream is manage_order, the event came from plain code"


def pane(domain: Domain, step: int | None = None, **options: Any) -> Element:
    shown = domain.journal.last_step if step is None else step
    return read(view.journal_pane(domain, shown, **options))


def rows(found: Element) -> list[Element]:
    return found.all(look="ddd-row")


def steps(found: Element) -> list[int]:
    return [int(row.all(look="ddd-row-step")[0].attrs["data-arg"]) for row in rows(found)]


def lines(found: Element) -> list[str]:
    """Cells and rows, indented, without times."""
    told = []
    for each in found:
        if each.has("ddd-cell-head"):
            told.append(re.sub(r"\d\d:\d\d:\d\d UTC", "", each.text))
        if each.has("ddd-row"):
            text = re.sub(r"\d+(\.\d+)? ms", "0.1 ms", each.all(look="ddd-told")[0].text)
            told.append("  " * int(each.attrs["aria-level"]) + text)
    return told


def acts(found: Element, act: str) -> list[tuple[str, str]]:
    return [(each.attrs["data-arg"], each.text) for each in found.all(act=act)]


# Rows


def test_a_run_is_grouped_by_cell_and_indented_by_cause() -> None:
    shop = seed()
    order, stock = shop.order.id[:8], shop.inventory.id[:8]
    assert lines(pane(shop.domain)) == [
        "In [2]",
        f"  ■ Order {order} added book_id 1, quantity 10, total_amount 100.0, status PENDING",
        "In [4]",
        f"  ■ Inventory {stock} added book_id 1, in_stock 100",
        "In [6]",
        f"  ■ Order {order} status PENDING → SHIPPED",
        f"  ● OrderShipped quantity 10, total_amount 100.0 order-{order}",
        f"    ◇ EmailNotifications.notify_customer skipped: {REASON}",
        "    ◆ ManageInventory.reduce_stock_level ✓ 0.1 ms",
        f"      ■ Inventory {stock} in_stock 100 → 90",
    ]


def test_a_row_is_a_button_for_its_step_that_says_what_happened() -> None:
    shop = seed()
    last = rows(pane(shop.domain))[-1]
    [button] = last.all(look="ddd-row-step")
    number = shop.domain.journal.last_step
    assert (button.attrs["data-act"], button.attrs["data-arg"]) == ("step", str(number))
    assert button.name == f"step {number}: Inventory {shop.inventory.id[:8]} in_stock 100 → 90"
    assert button.attrs["title"].startswith(f"step {number}, 20")
    assert button.attrs["title"].endswith(f"UTC, because of step {number - 1}: {shop.inventory.id}")


def test_the_step_that_is_shown_is_marked_and_what_comes_later_is_faint() -> None:
    domain = seed().domain
    last = domain.journal.last_step
    found = pane(domain, last - 1)
    [now] = [row for row in rows(found) if row.has("ddd-now")]
    assert now.attrs["data-reveal"] == "true"
    assert [each.attrs["data-arg"] for each in now.all(aria_current="step")] == [str(last - 1)]
    assert [row for row in rows(found) if row.has("ddd-later")] == rows(found)[-1:]


def test_a_value_asks_why_and_a_skipped_handler_why_not() -> None:
    shop = seed()
    found = pane(shop.domain)
    last = shop.domain.journal.last_step
    assert acts(found, "why")[-2:] == [(f"{last - 4} status", "SHIPPED"), (f"{last} in_stock", "90")]
    assert found.all(act="why")[-1].name == "why in_stock 90?"
    [(step, reason)] = acts(found, "whynot")
    assert shop.domain.journal.step(int(step)).kind == "skipped"
    assert reason == REASON


def test_failures_commands_and_silence_are_told() -> None:
    shop = seed()
    ship_by_command(shop)
    told = lines(pane(shop.domain))
    assert any(line.startswith("  ▶ ShipOrder manage_order:command-") for line in told)
    assert any(line.startswith("          ○ nobody listens to NotificationSent") for line in told)
    assert "    ◆ Billing.bill ✗ failed: ValueError: no paper" in lines(pane(troubled()))


def test_a_cause_in_another_cell_is_named_with_a_way_to_it() -> None:
    domain = made_busy(20)
    domain.config["event_processing"] = "async"
    with origin("In [7]"):
        order = domain.registry.elements["Order"].cls(id="late")
        order.ship()
        domain.repository_for("Order").add(order)
    raised = domain.journal.of(kind="event")[-1].step
    with origin("In [8]"):
        domain.deliver_all()
    found = pane(domain)
    told = lines(found)
    assert told[-3] == "In [8]"
    assert told[-2] == f"  ◆ TakeStock.take ✓ 0.1 ms because of step {raised}"
    assert (str(raised), f"because of step {raised}") in acts(found, "step")


def test_a_static_view_has_the_same_rows_without_anything_to_click() -> None:
    domain = seed().domain
    found = pane(domain, link=unlinked)
    assert lines(found) == lines(pane(domain))
    assert not [each for each in found if "data-act" in each.attrs]


# Windows


def test_a_window_stays_put_while_the_step_moves_within_it() -> None:
    domain = busy(1000)
    windows = [steps(pane(domain, step, size=40)) for step in range(200, 260)]
    assert len({tuple(window) for window in windows}) <= 4
    for step, window in zip(range(200, 260), windows, strict=True):
        assert window == list(range(window[0], window[0] + 40))
        assert window[0] + 20 <= step <= window[-1]


def test_what_is_before_and_after_a_window_is_counted_and_can_be_reached() -> None:
    domain = busy(1000)
    found = pane(domain, 500, size=40)
    [(back, earlier), (on, later)] = acts(found, "page")
    shown = steps(found)
    definitions = len(domain.journal.of(kind="defined"))
    assert earlier == f"… {shown[0] - 1 - definitions} earlier"
    assert later == f"… {domain.journal.last_step - shown[-1]} later"
    assert steps(pane(domain, 500, size=40, first=int(back.split()[1])))[-1] == shown[0] - 1
    assert steps(pane(domain, 500, size=40, first=int(on.split()[1])))[0] == shown[-1] + 1
    assert back.split()[0] == on.split()[0] == "journal"


def test_a_window_is_never_empty() -> None:
    domain = busy(1000)
    last = domain.journal.last_step
    for first in (0, 1, last, last + 1, 10**6):
        assert rows(pane(domain, 500, first=first))
    assert steps(pane(domain, 500, first=10**6)) == [last]
    assert steps(pane(domain, 0))[0] == steps(pane(domain, 500, first=1))[0]
    assert len(steps(pane(domain))) > view.SIZE / 2


def test_a_cell_that_began_before_the_window_is_continued() -> None:
    told = lines(pane(busy(1000), 500, size=20))
    assert re.fullmatch(r"In \[\d+\], continued", told[0])
    assert not [line for line in told[1:] if "continued" in line]
    assert "continued" not in "".join(lines(pane(busy(1000), 10)))


def test_a_folded_journal_begins_where_it_begins() -> None:
    domain = accounts({"a": list(range(60))}, limit=20)
    assert steps(pane(domain, domain.journal.first_step))[0] == domain.journal.first_step > 1
    assert not acts(pane(domain, domain.journal.first_step), "page")


def test_definitions_are_left_out() -> None:
    domain = seed().domain
    assert steps(pane(domain)) == [e.step for e in domain.journal if e.kind != "defined"]
    assert pane(seed(run=False).domain).text.startswith("Nothing has happened yet but")
    assert pane(Domain(name="Empty")).text == "The journal is empty: nothing has happened yet."


# One element


def of(domain: Domain, element: str) -> list[str]:
    return [line for line in lines(pane(domain, element=element)) if line.startswith("  ")]


def test_a_handler_is_shown_with_what_it_heard_and_what_it_did() -> None:
    shop = seed()
    order, stock = shop.order.id[:8], shop.inventory.id[:8]
    assert of(shop.domain, "ManageInventory") == [
        f"  ● OrderShipped quantity 10, total_amount 100.0 order-{order}",
        "    ◆ ManageInventory.reduce_stock_level ✓ 0.1 ms",
        f"      ■ Inventory {stock} in_stock 100 → 90",
    ]
    [heard, skipped] = of(shop.domain, "EmailNotifications")
    assert heard.startswith("  ● OrderShipped")
    assert skipped.startswith("    ◇ EmailNotifications.notify_customer skipped")


def test_an_event_that_a_handler_takes_twice_is_shown_once() -> None:
    domain = made_busy(20)

    @domain.event_handler(part_of="Order")
    class Twice:
        @handle("Shipped")
        def first(self, event: Any) -> None: ...

        @handle("Shipped")
        def second(self, event: Any) -> None: ...

    order = domain.registry.elements["Order"].cls(id="late")
    order.ship()
    domain.repository_for("Order").add(order)
    assert [line.strip()[0] for line in of(domain, "Twice")] == ["●", "◆", "◆"]
    assert len(view.concerning(domain.journal, "Twice")) == 3


def test_an_event_is_shown_with_who_heard_it_and_who_did_not() -> None:
    kinds = [line.strip()[0] for line in of(seed().domain, "OrderShipped")]
    assert kinds == ["●", "◇", "◆"]


def test_an_aggregate_is_shown_with_its_changes_its_events_and_what_it_refused() -> None:
    shop = seed()
    with suppress(Exception):
        shop.Order(quantity="many")
    kinds = [line.strip()[0] for line in of(shop.domain, "Order")]
    assert kinds == ["■", "■", "●", "✗"]
    handled = shop.domain.journal.of(kind="handled")[0].step
    assert of(shop.domain, "Inventory")[-1].endswith(f"in_stock 100 → 90 because of step {handled}")


def test_commands_and_their_handlers_are_shown_with_what_they_led_to() -> None:
    shop = seed()
    ship_by_command(shop)
    for element in ("ShipOrder", "ManageOrder"):
        assert [line.strip()[0] for line in of(shop.domain, element)] == ["▶", "■", "●"], element
    assert [line.strip()[0] for line in of(shop.domain, "NotificationSent")] == ["●", "○"]


def test_an_element_is_named_with_a_way_back_to_everything() -> None:
    found = pane(seed().domain, element="ManageInventory")
    [chip] = found.all(act="clear")
    assert chip.text == "only ManageInventory \N{MULTIPLICATION SIGN}"
    assert chip.name == "only ManageInventory: show everything again"
    assert chip.all(look="ddd-event-handler")[0].text == "ManageInventory"
    [chip] = pane(seed().domain, element="Nobody").all(act="clear")
    assert chip.text.startswith("only Nobody")


def test_an_element_that_nothing_concerns_leaves_the_way_back() -> None:
    found = pane(seed().domain, element="Nobody")
    assert found.all(act="clear")
    assert found.text.endswith("Nothing in the journal concerns Nobody.")


def test_a_step_that_does_not_concern_the_element_is_not_marked() -> None:
    shop = seed()
    found = pane(shop.domain, shop.domain.journal.last_step - 2, element="Inventory")
    assert not [row for row in rows(found) if row.has("ddd-now")]
    assert [row.has("ddd-later") for row in rows(found)] == [False, True]


@pytest.mark.parametrize("element", ["TakeStock", "Stock", "Order", "Shipped", "Email"])
def test_what_concerns_an_element_goes_on_as_the_journal_grows(element: str) -> None:
    domain = made_busy(60)
    pane(domain, element=element)
    for number in range(3):
        order = domain.registry.elements["Order"].cls(id=f"more-{number}")
        order.ship()
        domain.repository_for("Order").add(order)
        grown = view.concerning(domain.journal, element)
        assert list(grown) == sorted(set(grown))
        fresh = domain.at(domain.journal.last_step).journal
        assert list(view.concerning(fresh, element)) == list(grown)


# Size


def test_a_chain_of_a_thousand_is_neither_too_deep_nor_lost() -> None:
    domain = counting_down(400)
    found = pane(domain, 600, size=100)
    assert len(rows(found)) == 100
    assert max(int(row.attrs["aria-level"]) for row in rows(found)) == view.DEEPEST + 1
    deep = [row for row in rows(found) if row.attrs["aria-level"] == str(view.DEEPEST + 1)]
    assert len([row for row in deep if "because of step" in row.text]) >= len(deep) - 1


def test_a_step_makes_only_those_rows_anew_that_change(monkeypatch: pytest.MonkeyPatch) -> None:
    domain = made_busy(1000)
    pane(domain, 500, size=40)
    made: list[int] = []
    whole = Journal.step
    monkeypatch.setattr(Journal, "step", lambda journal, n: made.append(n) or whole(journal, n))
    pane(domain, 500, size=40)
    assert made == []
    pane(domain, 501, size=40)
    assert set(made) == {500, 501}


def test_its_size_does_not_grow_with_the_journal() -> None:
    assert len(str(view.journal_pane(busy(3000), 1500))) < 60_000


def test_hundreds_of_fields_and_huge_values_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    domain = Domain(name="Wide")

    @domain.aggregate
    class Wide:
        __annotations__ = {f"field_{i}": str for i in range(200)}

    for number in range(60):
        domain.repository_for(Wide).add(
            Wide(id=f"w-{number}", **{f"field_{i}": "x" * 9000 for i in range(200)})
        )
    told: list[object] = []
    whole = tree.value
    monkeypatch.setattr(tree, "value", lambda held: told.append(held) or whole(held))
    assert len(str(view.journal_pane(domain, 30))) < 800_000
    assert len(told) == view.SIZE * tree.FIELDS


# Odd texts and values


def test_a_value_that_cannot_be_told_hides_no_other_row() -> None:
    assert lines(pane(odd()))[1:] == [
        "  ■ Box b added held <Odd that cannot be shown>",
        "  ■ Box b held <Odd that cannot be shown> → <Odd that cannot be shown>",
    ]


@pytest.mark.parametrize("payload", [*PAYLOADS, LONG])
def test_what_looks_like_markup_is_text(payload: str) -> None:
    domain = Domain(name="Odd")

    @domain.event(part_of="Note")
    class Noted:
        text: Any

    @domain.aggregate
    class Note:
        text: Any
        size = Integer()

    @domain.event_handler(part_of=Note)
    class Broken:
        @handle(Noted)
        def fail(self, event: Any) -> None:
            raise RuntimeError(event.text)

    note = Note(text=payload, size=1)
    note.raise_(Noted(text=payload))
    with origin(payload), suppress(RuntimeError):
        domain.repository_for(Note).add(note)
    note.text = payload + "!"
    domain.repository_for(Note).add(note)
    for element in (None, "Note", payload):
        found = pane(domain, element=element)
        beginning = re.search(r"\w{1,8}", payload)
        assert beginning
        assert beginning[0] in found.text + "".join(each.attrs.get("title", "") for each in found)


def test_long_names_are_whole() -> None:
    domain = long_names()
    made = domain.registry.elements[LONG].cls(id="a")
    made.raise_(domain.registry.elements[f"E{LONG[1:]}"].cls())
    domain.repository_for(LONG).add(made)
    told = lines(pane(domain, element=f"H{LONG[1:]}"))
    assert f"    ◆ H{LONG[1:]}.{'m' * 60} ✓ 0.1 ms" in told


def test_every_rule_keeps_to_the_kits_own_elements() -> None:
    for rule in re.sub(r"\([^)]*\)", "", view.STYLE).split("}"):
        selectors = [part for part in rule.split("{")[0].split(",") if part]
        assert all(part.startswith(".ddd ") for part in selectors), rule
