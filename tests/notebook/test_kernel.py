"""The same in a real kernel, as a notebook has it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from shells import HANDLER, MODEL, SHIP, STOCK

TESTS = Path(__file__).parents[1]
SECONDS = 30
CELLS = "print(sorted({entry.cell for entry in domain.journal}))"
STOCKED = "print(domain.repository_for(Inventory).query.first.in_stock)"
SLOW = """
import time
@domain.event_handler(part_of=Inventory, stream_category="order")
class Slow:
    patient = True
    @handle(OrderShipped)
    def count(self, event):
        repository = domain.repository_for(Inventory)
        inventory = repository.query.first
        inventory.in_stock -= event.quantity
        repository.add(inventory)
        if Slow.patient:
            print("looping", flush=True)
            while True:
                time.sleep(0.01)
"""


class Kernel:
    """A kernel, and the way a front end speaks to it."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def send(self, source: str, cell_id: str | None = None, **options: Any) -> str:
        content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}, **options}
        content |= {"allow_stdin": False, "stop_on_error": True}
        metadata = {} if cell_id is None else {"cellId": cell_id}
        message = self.client.session.msg("execute_request", content, metadata=metadata)
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def outputs(self, request: str) -> Iterator[str]:
        """What a cell shows, until it ends; a traceback as text."""
        while True:
            message = self.client.get_iopub_msg(timeout=SECONDS)
            content = message["content"]
            if message["parent_header"].get("msg_id") != request:
                continue
            if content.get("execution_state") == "idle":
                return
            if message["msg_type"] == "stream":
                yield content["text"]
            elif message["msg_type"] == "error":
                yield re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(content["traceback"]))
            elif message["msg_type"] == "execute_result":
                yield content["data"].get("text/html") or content["data"]["text/plain"]
            elif message["msg_type"] == "display_data":
                yield content["data"]["text/plain"]

    def run(self, source: str, cell_id: str | None = None, **options: Any) -> str:
        return "".join(self.outputs(self.send(source, cell_id, **options))).strip()


@pytest.fixture(scope="module")
def _started(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    manager = KernelManager(kernel_name="python3")
    folder = str(tmp_path_factory.mktemp("ipython"))
    manager.start_kernel(env=os.environ | {"IPYTHONDIR": folder, "PYTHONPATH": str(TESTS)})
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=SECONDS)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(_started: tuple[KernelManager, BlockingKernelClient]) -> Kernel:
    """A kernel in which nobody has imported the kit yet."""
    running = Kernel(*_started)
    running.run("%reset -f")
    running.run(
        "import sys; [sys.modules.pop(m) for m in list(sys.modules) if m.split('.')[0] == 'ddd_kit']",
        silent=True,
    )
    return running


def test_under_nbclient_entries_bear_the_number_of_their_cell() -> None:
    cells = [MODEL, STOCK, SHIP, CELLS]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=SECONDS).execute()
    assert notebook.cells[-1].outputs[0].text == "['In [1]', 'In [2]', 'In [3]']\n"


def test_the_importing_cell_has_its_number_and_id(kernel: Kernel) -> None:
    kernel.run(MODEL, "m")
    assert kernel.run("print(domain.journal[0].cell == f'In [{len(In) - 2}]')") == "True"
    assert kernel.run("print(domain.registry.elements['Order'].cell_id)") == "m"


def test_a_renamed_handler_does_not_fire_twice(kernel: Kernel) -> None:
    kernel.run(MODEL, "m")
    kernel.run(STOCK)
    kernel.run(HANDLER.format(name="ManageInventory"), "h")
    kernel.run(HANDLER.format(name="KeepStock"), "h")
    kernel.run(SHIP)
    assert kernel.run(STOCKED) == "90"


def test_the_origin_is_seen_in_the_cell_and_in_its_tasks(kernel: Kernel) -> None:
    kernel.run("from ddd_kit.journal.origin import current_origin\nimport asyncio", "i")
    ask = "async def ask():\n    await asyncio.sleep(0)\n    return current_origin.get().cell_id\n"
    assert kernel.run("current_origin.get().cell_id", "a") == "'a'"
    assert kernel.run(
        ask + "await ask(), await asyncio.create_task(ask()), current_origin.get().cell_id", "b"
    ) == str(("b",) * 3)
    kernel.run("later = asyncio.get_event_loop().create_task(ask())", "c")
    assert kernel.run("await later, current_origin.get().cell_id", "d") == str(("c", "d"))


def test_what_a_front_end_runs_for_itself_has_no_origin(kernel: Kernel) -> None:
    kernel.run("from ddd_kit.journal.origin import current_origin", "i")
    kernel.run("await __import__('asyncio').sleep(0)", "a")
    assert (
        kernel.run("print(current_origin.get())", store_history=False) == "Origin(label=None, cell_id=None)"
    )
    kernel.run("seen = current_origin.get()", silent=True)
    assert kernel.run("print(seen)") == "Origin(label=None, cell_id=None)"


def test_a_callback_of_the_front_end_has_no_origin(kernel: Kernel) -> None:
    """It runs between cells: the last one is over, and the next one's number is not its own."""
    kernel.run("from ddd_kit.journal.origin import current_origin\nseen = []", "i")
    kernel.run("def called(comm, message): seen.append(current_origin.get())\n"
               "get_ipython().kernel.comm_manager.register_target('probe', called)", "a")  # fmt: skip
    message = kernel.client.session.msg("comm_open", {"comm_id": "1", "target_name": "probe", "data": {}})
    kernel.client.shell_channel.send(message)
    assert kernel.run("print(seen)") == "[Origin(label=None, cell_id=None)]"


def test_an_interrupted_handler_leaves_the_domain_consistent(kernel: Kernel) -> None:
    """What it did is undone, the delivery waits, and the error says how to go on."""
    kernel.run(MODEL, "m")
    kernel.run(STOCK)
    kernel.run(SLOW, "s")
    outputs = kernel.outputs(kernel.send(SHIP))
    assert "looping" in next(outputs)
    kernel.manager.interrupt_kernel()
    said = "".join(outputs)
    assert "KeyboardInterrupt" in said
    assert "domain.deliver_all()" in said
    assert kernel.run(STOCKED) == "100"
    assert kernel.run("print(domain.repository_for(Order).query.count(), len(domain.waiting))") == "1 1"
    kernel.run("Slow.patient = False\ndomain.deliver_all()")
    assert kernel.run(STOCKED) == "90"
    assert (
        kernel.run(
            "print(len(domain.waiting), domain.journal[-2].cause == domain.journal.of(kind='event')[0].step)"
        )
        == "0 True"
    )


def test_notes_of_an_error_are_shown(kernel: Kernel) -> None:
    """There the engine says what is saved all the same."""
    kernel.run(MODEL, "m")
    failing = HANDLER.replace("repository = ", "raise RuntimeError('no paper'); repository = ")
    kernel.run(failing.format(name="Printer"), "h")
    said = kernel.run(SHIP)
    assert "RuntimeError: no paper" in said
    assert "Printer.reduce failed on OrderShipped: what it did is undone." in said
    assert "Saved all the same: Order" in said


def test_what_stands_alone_in_a_cell_is_shown_as_html(kernel: Kernel) -> None:
    kernel.run(MODEL, "m")
    kernel.run(SHIP)
    for source in ("order", "domain.journal", "domain.stream('order')", "domain.waiting"):
        assert kernel.run(source).startswith("<div"), source


# The extension


def executed(*sources: str) -> tuple[list[Any], CellExecutionError | None]:
    """The cells of a notebook that "Run all" ran, and the error that stopped it."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    try:
        NotebookClient(notebook, timeout=SECONDS).execute()
    except CellExecutionError as error:
        return cells, error
    return cells, None


def test_a_traced_cell_that_fails_shows_its_tree_and_stops_the_notebook() -> None:
    failing = f"%%trace\n{SHIP}\n1 / 0"
    cells, error = executed(MODEL, "%load_ext ddd_kit", STOCK, "%%trace\n" + SHIP, failing, "print('on')")
    assert isinstance(error, CellExecutionError)
    given, tree = cells[3].outputs
    assert given.output_type == "execute_result"
    assert tree.output_type == "display_data"
    assert "<li>" in tree.data["text/html"]
    assert "OrderShipped (quantity 10)" in tree.data["text/plain"]
    assert [output.output_type for output in cells[4].outputs] == ["display_data", "error"]
    assert cells[4].outputs[0].data["text/plain"].startswith("In [5]\n")
    assert cells[5].outputs == []


def test_a_traced_cell_awaits_and_its_error_has_its_line(kernel: Kernel) -> None:
    kernel.run(MODEL, "m")
    kernel.run("%load_ext ddd_kit\n%reload_ext ddd_kit")
    said = kernel.run(f"%%trace\nimport asyncio\nawait asyncio.sleep(0)\n{SHIP.strip()}\n1 / 0")
    tree, error = said.split("ZeroDivisionError", maxsplit=1)
    assert "● OrderShipped (quantity 10)" in tree
    assert "-> 7 1 / 0" in error


HOOKED = """
from ddd_kit.notebook.cells import on_cell_begin, on_cell_end, running_cell
told = []
on_cell_begin(lambda cell: told.append(f"begin {cell.cell_id} {running_cell() == cell}"))
on_cell_end(lambda cell: told.append(f"end {cell.cell_id} {running_cell()}"));
"""


@pytest.mark.parametrize(
    "wait", ["import time\nwhile True: time.sleep(0.01)", "while True: await asyncio.sleep(0.01)"]
)
def test_an_interrupted_cell_is_told_of_and_shows_its_tree(kernel: Kernel, wait: str) -> None:
    kernel.run(MODEL, "m")
    kernel.run("%load_ext ddd_kit\n%reload_ext ddd_kit\nimport asyncio")
    kernel.run(HOOKED, "h")
    outputs = kernel.outputs(
        kernel.send(f"%%trace\n{SHIP.strip()};\nprint('waits', flush=True)\n{wait}", "w")
    )
    assert "waits" in next(outputs)
    kernel.manager.interrupt_kernel()
    said = "".join(outputs)
    assert "● OrderShipped (quantity 10)" in said
    assert kernel.run("print(told)", "p") == str(["end h None", "begin w True", "end w None", "begin p True"])
    assert "Nothing happened" in kernel.run("%%trace\n1;")


def test_a_front_end_is_offered_the_words_for_users(kernel: Kernel) -> None:
    kernel.run(MODEL, "m")
    reply = kernel.client.complete("domain.journal.", reply=True, timeout=SECONDS)
    offered = reply["content"]["matches"]
    assert {"to_frame", "between"} <= set(offered)
    assert "append" not in offered


@pytest.mark.parametrize(
    "begin",
    [
        "async def later(): await asyncio.sleep(0.3); stock_up()\ntask = asyncio.create_task(later())",
        "threading.Timer(0.3, stock_up).start()",
    ],
)
def test_a_workbench_shows_what_happens_after_the_last_cell(kernel: Kernel, begin: str) -> None:
    kernel.run(MODEL, "m")
    stock_up = STOCK.replace("100", "77")
    kernel.run(f"import asyncio, threading\nbench = domain.explore()\ndef stock_up(): {stock_up}")
    kernel.run(begin)
    shown = ""
    while "<b>77</b>" not in shown:
        message = kernel.client.get_iopub_msg(timeout=SECONDS)
        shown = str(message["content"].get("data", {}).get("state", {}).get("story"))
    kernel.run("bench.close()")
