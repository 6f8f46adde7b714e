"""The workbench as a widget: what it answers to messages, to cells and to domains; what it leaves behind."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from IPython.utils.capture import capture_output
from ipywidgets.widgets import widget

import ddd_kit
from ddd_kit import Domain
from ddd_kit.notebook import cells, live
from ddd_kit.notebook.widgets.workbench import Workbench
from shells import HANDLER, MODEL, SHIP, STOCK, Shell


@pytest.fixture(autouse=True)
def _all_closed() -> Iterator[None]:
    yield
    for shown in live.watched():
        assert isinstance(shown, Workbench)
        shown.close()


@pytest.fixture
def bench() -> Workbench:
    return ddd_kit.demo()


def click(bench: Workbench, act: str, arg: object = "", number: int = 1) -> None:
    """What the browser's part sends."""
    bench._canvas._handle_custom_msg({"act": act, "arg": str(arg), "number": number}, [])


def shown(bench: Workbench) -> dict[str, str]:
    canvas = bench._canvas
    return {name: getattr(canvas, name) for name in ("bar", "map", "left", "right", "story", "notice")}


def changed_by(bench: Workbench, act: str, arg: object = "") -> set[str]:
    """The parts that are not as they were after a click."""
    before = shown(bench)
    click(bench, act, arg)
    return {name for name, html in shown(bench).items() if html != before[name]}


def test_it_opens_at_the_newest_step_and_says_in_a_sentence_what_happened(bench: Workbench) -> None:
    assert bench.look.step == bench.domain.journal.last_step
    assert "from in_stock 100 to" in bench._canvas.story


def test_a_step_back_shows_in_every_part(bench: Workbench) -> None:
    assert changed_by(bench, "go", "first") == {"bar", "map", "left", "right", "story"}


def test_a_click_is_answered_with_its_number(bench: Workbench) -> None:
    click(bench, "go", "back", number=7)
    assert bench._canvas.answered == 7


def test_only_what_has_changed_is_sent(bench: Workbench) -> None:
    sent: list[set[str]] = []
    bench._canvas.observe(lambda change: sent.append({change["name"]}))
    click(bench, "right", "state", number=1)
    assert sent == [{"right"}, {"answered"}]


def test_at_the_end_there_is_no_later_step(bench: Workbench) -> None:
    assert bench._canvas.at_end
    click(bench, "go", "back")
    assert not bench._canvas.at_end


def test_looking_back_nothing_can_be_tried_and_the_way_out_is_told(bench: Workbench) -> None:
    click(bench, "go", "back")
    assert bench._try_it.run_button.disabled
    click(bench, "go", "last")
    assert not bench._try_it.run_button.disabled


def test_what_goes_wrong_in_a_click_is_shown_and_can_be_dismissed(bench: Workbench) -> None:
    click(bench, "step", "<script>")
    assert "ValueError" in bench._canvas.notice
    assert "<script>" not in bench._canvas.notice
    click(bench, "dismiss")
    assert bench._canvas.notice == ""


def test_an_unknown_act_changes_nothing(bench: Workbench) -> None:
    assert changed_by(bench, "explode", "now") == set()


def test_hold_lets_deliveries_wait_until_they_are_made(bench: Workbench) -> None:
    domain: Any = bench.domain
    click(bench, "hold")
    order = domain.repository_for("Order").query.filter(status="PENDING").first
    order.ship_order()
    domain.repository_for("Order").add(order)
    bench.refresh()
    assert "1 waits" in bench._canvas.bar
    click(bench, "deliver", "0")
    assert domain.repository_for("Inventory").query.first.in_stock == 0
    assert "1 waits" in bench._canvas.bar  # Reorder's
    click(bench, "deliver", "all")
    assert len(domain.waiting) == 0
    assert domain.journal[-1].cell == "Try it"
    click(bench, "hold")
    assert domain.config["event_processing"] == "sync"


def test_a_handler_that_fails_when_it_is_delivered_is_told_of(bench: Workbench) -> None:
    domain: Any = bench.domain

    @domain.event_handler(part_of="Inventory", stream_category="order")
    class Broken:
        @ddd_kit.handle("OrderPlaced")
        def fail(self, event: Any) -> None:  # noqa: ARG002 - as handlers are called
            raise LookupError("no such book")

    click(bench, "hold")
    order = domain.repository_for("Order").query.first
    order.raise_(domain.registry.elements["OrderPlaced"].cls(order_id=order.id))
    domain.repository_for("Order").add(order)
    click(bench, "deliver", "0")
    assert "LookupError: no such book" in bench._canvas.notice
    assert "no such book" in bench._canvas.map


def test_two_workbenches_of_a_domain_look_at_steps_of_their_own_and_show_the_same_news(
    bench: Workbench,
) -> None:
    other = bench.domain.explore()  # type: ignore[attr-defined]
    click(bench, "go", "first")
    assert other.look.step == bench.domain.journal.last_step
    click(other, "hold")
    assert 'data-act="hold" aria-pressed="true"' in bench._canvas.bar


def test_a_closed_one_leaves_nothing_behind() -> None:
    before = set(widget._instances)
    hooks = len(cells._at_begin), len(cells._at_end)
    threads = threading.active_count()
    bench = ddd_kit.demo()
    bench.close()
    assert set(widget._instances) == before
    assert (len(cells._at_begin), len(cells._at_end)) == hooks
    assert threading.active_count() == threads
    assert live.watched() == []
    assert repr(bench).endswith(", closed>")


def test_after_closing_a_click_that_was_on_its_way_does_nothing() -> None:
    bench = ddd_kit.demo()
    bench.close()
    click(bench, "hold")
    assert bench.domain.config["event_processing"] == "sync"


def test_the_method_of_a_stored_one_is_named_also_where_there_is_no_other(bench: Workbench) -> None:
    form = bench._try_it
    assert form is not None
    form.select("Order")
    assert form.action_list in form._head.children
    assert form.action_list.label == "ship_order()"


# Tasks and threads, after their cell has ended


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PAUSE", 0.01)
    monkeypatch.setattr(live, "_cost_between", [0.0])


def stock_up(bench: Workbench) -> None:
    domain: Any = bench.domain
    domain.repository_for("Inventory").add(domain.registry.elements["Inventory"].cls(book_id=77, in_stock=1))


def test_what_a_task_or_a_thread_does_appears_without_another_cell(quick: None) -> None:
    async def main() -> None:
        bench = ddd_kit.demo()
        stock_up(bench)
        await until(lambda: "<b>77</b>" in bench._canvas.story)
        before = bench.domain.journal.last_step
        await asyncio.to_thread(stock_up, bench)
        await until(lambda: bench.look.step > before)
        bench.domain.reset()
        await until(lambda: bench.look.step == 0)

    asyncio.run(main())


def test_who_looks_back_is_left_alone_until_the_domain_is_emptied(quick: None) -> None:
    async def main() -> None:
        bench = ddd_kit.demo()
        click(bench, "go", "first")
        before = shown(bench)
        stock_up(bench)
        await asyncio.sleep(0.05)
        assert shown(bench) == before
        bench.domain.reset()
        await until(lambda: bench.look.live)

    asyncio.run(main())


def test_it_is_drawn_once_for_what_is_new_also_where_that_is_a_definition(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain: Any = bench.domain
    drawn: list[object] = []
    bench._canvas.observe(drawn.append)

    @domain.aggregate
    class Customer:
        name: str = ""

    bench.catch_up()
    assert "Customer" in bench._canvas.map
    before = len(drawn)
    monkeypatch.setattr(bench, "refresh", lambda: drawn.append("again"))
    bench.catch_up()
    bench.glance()
    assert len(drawn) == before


def test_what_fails_between_cells_is_told(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise LookupError("no picture")

    stock_up(bench)
    monkeypatch.setattr(bench, "refresh", fail)
    bench.catch_up()
    assert "no picture" in bench._canvas.notice


def test_a_thread_that_holds_the_domain_is_not_waited_for(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ddd_kit.notebook.widgets.workbench.LOCK_PATIENCE", 0.001)
    stock_up(bench)
    before, held, over = shown(bench), threading.Event(), threading.Event()

    def hold() -> None:
        with bench.domain.lock:
            held.set()
            over.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(20)
    bench.catch_up()
    assert shown(bench) == before
    over.set()
    thread.join()
    bench.catch_up()
    assert shown(bench) != before


# Cells


def test_what_a_cell_does_appears_when_it_has_ended(shell: Shell) -> None:
    shell.run(MODEL)
    shell.run("bench = domain.explore()")
    bench = shell.shell.user_ns["bench"]
    shell.run(STOCK)
    assert "In [3]" in bench._canvas.left
    shell.run("1 / 0", fails=True)
    shell.run(HANDLER.format(name="Take"))
    assert "Take" in bench._canvas.map


def test_the_name_domain_may_be_overwritten(shell: Shell) -> None:
    shell.run(MODEL)
    shell.run(STOCK)
    shell.run("bench = domain.explore(); kept = domain; domain = None")
    bench = shell.shell.user_ns["bench"]
    click(bench, "go", "first")
    assert "added" in bench._canvas.left
    shell.run("kept.repository_for('Inventory').add(Inventory(in_stock=7))")
    assert "In [4]" in bench._canvas.left


def test_the_domains_own_cell_run_again_moves_it_to_the_new_domain(shell: Shell) -> None:
    shell.run(MODEL, "a")
    shell.run(STOCK)
    shell.run("bench = domain.explore()")
    bench = shell.shell.user_ns["bench"]
    old = bench.domain
    shell.run(MODEL, "a")
    assert bench.domain is shell.domain is not old
    assert "was defined" in bench._canvas.story
    shell.run(STOCK)
    assert "In [5]" in bench._canvas.left


def test_one_of_an_older_domain_or_of_the_past_stays_there(shell: Shell) -> None:
    shell.run(MODEL, "a")
    shell.run(STOCK)
    shell.run("past = domain.at(3).explore(); older = domain")
    shell.run(MODEL, "b")
    shell.run("bench = older.explore()")
    past, bench = shell.shell.user_ns["past"], shell.shell.user_ns["bench"]
    assert past.domain.journal.last_step == 3
    assert bench.domain is shell.shell.user_ns["older"] is not shell.domain
    assert "100" in bench._canvas.left


@pytest.mark.parametrize(
    ("act", "arg", "says"),
    [
        ("why", "1 x", "saved nothing"),
        ("why", "x", "invalid|not enough"),
        ("whynot", "34", "no handler was passed over"),
        ("edge", "StockDepleted Reorder", "no StockDepleted had happened by step 34"),
    ],
)
def test_a_question_without_an_answer_says_so(bench: Workbench, act: str, arg: str, says: str) -> None:
    click(bench, act, arg)
    assert re.search(says, bench._canvas.right)
    assert "fault of ddd_kit" not in bench._canvas.right


def test_what_is_not_recorded_is_not_shown_as_if_it_were(bench: Workbench) -> None:
    bench.domain.config["journal"] = False
    bench.refresh()
    assert "Nothing is recorded" in bench._canvas.story


def test_a_handler_whose_event_was_not_recorded_can_be_looked_at(bench: Workbench) -> None:
    domain: Any = bench.domain
    domain.config["event_processing"], domain.config["journal"] = "async", False
    order = domain.repository_for("Order").query.filter(status="PENDING").first
    order.ship_order()
    domain.repository_for("Order").add(order)
    domain.config["journal"] = True
    domain.deliver_all()
    bench.refresh()
    click(bench, "element", "ManageInventory")
    assert "fault of ddd_kit" not in "".join(shown(bench).values())


def test_a_domain_that_was_emptied_is_shown_from_its_beginning(shell: Shell) -> None:
    shell.run(MODEL)
    shell.run(STOCK + "\n" + SHIP)
    shell.run("bench = domain.explore()")
    bench = shell.shell.user_ns["bench"]
    click(bench, "go", "first")
    shell.run("domain.reset()")
    assert bench.look.step == 0
    assert bench.look.live


def test_the_cell_that_made_and_showed_it_closes_it_when_it_runs_again(shell: Shell) -> None:
    shell.run(MODEL)
    shell.run("bench = domain.explore()", "b")
    first = shell.shell.user_ns["bench"]
    shell.run("bench = domain.explore()", "b")
    assert live.watched() == [shell.shell.user_ns["bench"]]
    assert repr(first).endswith(", closed>")


def test_one_that_another_cell_shows_stays(shell: Shell) -> None:
    shell.run(MODEL)
    shell.run("bench = domain.explore()", "b")
    first = shell.shell.user_ns["bench"]
    first._shown_in.add("c")
    shell.run("bench = domain.explore()", "b")
    assert len(live.watched()) == 2


def test_a_click_while_a_cell_runs_waits_for_its_end(shell: Shell) -> None:
    shell.run(MODEL)
    shell.run(STOCK)
    shell.run("bench = domain.explore()")
    bench = shell.shell.user_ns["bench"]
    shell.shell.user_ns["click"] = lambda: click(bench, "right", "state")
    shell.run("click(); during = bench.look.right")
    assert shell.shell.user_ns["during"] == "changes"
    assert bench.look.right == "state"


def test_in_a_terminal_it_is_words(shell: Shell) -> None:
    shell.run("import ddd_kit")
    with capture_output() as captured:
        shell.run("bench = ddd_kit.demo(); bench._ipython_display_()")
    assert "from in_stock 100 to 90" in captured.stdout
    assert "OrderShipped" in captured.stdout


def test_what_is_not_on_any_page_is_not_drawn_and_drawn_when_it_comes_back(bench: Workbench) -> None:
    click(bench, "shown")
    click(bench, "gone")
    before = bench._canvas.story
    domain: Any = bench.domain
    domain.repository_for("Inventory").add(domain.registry.elements["Inventory"].cls(book_id=2, in_stock=1))
    bench.refresh()
    assert bench._canvas.story == before
    click(bench, "shown")
    assert bench._canvas.story != before


def test_a_domain_without_anything_has_a_workbench_too() -> None:
    bench = Domain(name="Empty").explore()
    assert "Nothing has happened yet" in bench._canvas.story
    assert "No elements yet" in bench._canvas.map
    for tab in ("left streams", "left chart", "right state", "right why"):
        click(bench, *tab.split())
        assert "This is a fault of ddd_kit" not in "".join(shown(bench).values())
