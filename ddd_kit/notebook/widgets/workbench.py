"""The workbench: a domain that can be seen, rewound and questioned, live in a notebook."""

from __future__ import annotations

import datetime as dt
import sys
import traceback
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import ipywidgets
from IPython.display import DisplayHandle, display, publish_display_data

from ddd_kit.engine.context import newest
from ddd_kit.engine.engine import Engine
from ddd_kit.journal.origin import Origin, current_origin, origin
from ddd_kit.journal.story import story
from ddd_kit.notebook import live
from ddd_kit.notebook.cells import running_cell
from ddd_kit.notebook.turns import take_turn
from ddd_kit.notebook.widgets.canvas import Canvas
from ddd_kit.notebook.widgets.form import dispose
from ddd_kit.notebook.widgets.laboratory import ACTS, runs_of
from ddd_kit.notebook.widgets.try_it import TryIt
from ddd_kit.views.mapping.map import domain_map
from ddd_kit.views.panes import bar, twin
from ddd_kit.views.panes import workbench as view
from ddd_kit.views.panes.look import Look, followed, turned
from ddd_kit.views.piece import Piece

_TRIED = '<div class="ddd-sheet ddd-tried" data-part="tried"></div>'
LOCK_PATIENCE = 0.2  # seconds; a cell that runs may hold the domain's lock for long


class Workbench(ipywidgets.VBox):  # type: ignore[misc]  # it ships no types
    """A domain's map, journal, streams and state at any step, and a way to try things; `domain.explore()`.

    Alone at the end of a cell it shows by itself, and leaves a static picture for pages that run nothing.

    Args:
        engine: the domain.

    Attributes:
        look: what it shows; assign another one to show that.
        runs: the domain, and the forks that were made in it.

    Example:
        >>> from ddd_kit import Domain
        >>> workbench = Workbench(Domain(name="Bookshop"))
        >>> workbench
        <Workbench of Bookshop, step 0 of 0>
        >>> workbench.close()
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._journal = engine.journal
        self.runs = runs_of(engine)
        self._newest = weakref.ref(newest(engine.name) or engine)
        self._made_in = current_origin.get().cell_id
        self._shown_in: set[str | None] = set()
        self._views = 0
        self._was_seen = False
        self._stale = False
        self._drawn: tuple[int, bool] = (0, False)
        self._is_replaced = False
        self._twin_name = f"ddd-twin-{uuid4().hex[:8]}"
        self._twin_handle: DisplayHandle | None = None
        self.look = Look(step=bar.end(self._journal))
        self._canvas = Canvas(frame=view.frame(self._twin_name))
        self._canvas.add_class("ddd").add_class("ddd-canvas")
        self._canvas.on_msg(self._receive)
        self._try_it: TryIt | None = None
        self._tried = Canvas(frame=_TRIED)
        self._tried.add_class("ddd").add_class("ddd-canvas")
        self._tried.on_msg(self._receive)
        super().__init__([self._canvas])
        self.add_class("ddd-workbench")
        live.watch(self)
        self.refresh()
        if running_cell() is None:
            self._add_forms()

    @property
    def domain(self) -> Engine:
        """The domain that it shows.

        Returns:
            The newest one of its name, as soon as a cell that made one has ended.
        """
        return self._engine

    def __repr__(self) -> str:
        closed = "" if self._is_open else ", closed"
        last = self._engine.journal.last_step
        return f"<Workbench of {self._engine.name}, step {self.look.step:,} of {last:,}{closed}>"

    def to_text(self) -> str:
        """The workbench in words.

        Returns:
            The map, the step in a sentence, and the journal.
        """
        return twin.to_text(self._engine, self.look)

    @property
    def _is_open(self) -> bool:
        return any(each is self for each in live.watched())

    def close(self) -> None:
        """Close it with all its parts; the domain stays."""
        live.forget(self)
        if self._try_it is not None:
            self._try_it.close()
        dispose(self._tried)
        dispose(self)

    # Showing

    def _add_forms(self) -> None:
        """Try it, which is many small widgets: after the first picture, so that nobody waits for it."""
        if self._try_it is None:
            self._try_it = TryIt(
                self._engine, show=self._show_tried, after=self._after_try, guard=self._guard
            )
            self.children = [self._canvas, self._try_it, self._tried]

    def refresh(self) -> None:
        """Show the present state: the newest step, where that is followed."""
        if self._was_seen and not self._views:
            self._stale = True
            return
        self._stale = False
        self._follow()
        engine, look = self._engine, self.look
        self._drawn = engine.journal.last_step, engine.journal.missed
        shown = view.parts(engine, look, self.runs)
        self._canvas.show(**shown, at_end=look.step >= bar.end(engine.journal))
        if self._try_it is not None:
            self._try_it.refresh(engine)
            self._try_it.busy(self._why_not_now())

    def _follow(self) -> None:
        """Stand at a step that there is."""
        journal = self._engine.journal
        if journal is not self._journal:  # the domain was emptied, or is another one
            self._journal = journal
            right = "changes" if self.look.right == "why" else self.look.right
            self.look = Look(left=self.look.left, right=right, streams=self.look.streams)
        self.look = followed(self._engine, self.look)

    def _why_not_now(self) -> str | None:
        journal = self._engine.journal
        if self.look.live or self.look.step >= bar.end(journal):
            return None
        return (
            f"This is step {self.look.step:,} of {journal.last_step:,}, and the past cannot be changed: "
            "go to the last step (▶|) to try something, or fork here (menu “runs”) to go on from here."
        )

    def _show_tried(self, html: str) -> None:
        self._tried.show(tried=html)

    def _ipython_display_(self) -> None:
        """The live widget, and a static picture as an output of its own, which the live one hides."""
        shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        if not hasattr(shell, "kernel"):
            print(self.to_text())  # noqa: T201 - a terminal shows words
            return
        if not self._is_open:
            print(f"{self!r}: domain.explore() opens a new one.")  # noqa: T201 - in place of the picture
            return
        self._shown_in.add(current_origin.get().cell_id)
        bundle = {
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.model_id,
            },
            "text/plain": repr(self),
        }
        publish_display_data(bundle)
        self._twin_handle = display(self._twin(), display_id=True)

    def _twin(self) -> Piece:
        engine, look = self._engine, self.look
        return Piece(twin.twin(engine, look, self._twin_name), story(engine.journal, look.step).sentence)

    # What `live` tells

    def cell_began(self, origin: Origin) -> None:
        """Note whether this is the cell that made this and showed it, which then runs again.

        Args:
            origin: the cell.
        """
        again = origin.cell_id is not None and origin.cell_id == self._made_in
        self._is_replaced = again and self._shown_in <= {origin.cell_id}

    def cell_ended(self, origin: Origin) -> None:  # noqa: ARG002 - any cell may have done something
        """Move to the newest domain of this name, show what there is, and leave its picture behind.

        One whose cell ran again goes. Not sooner: where the last widget of a kernel goes just before the next
        one comes, JupyterLab 4.6 may send what is done with that one to a place that is gone.

        Args:
            origin: the cell.
        """
        if self._is_replaced:
            self.close()
            return
        self._move()
        self._add_forms()
        self._reporting("showing the domain", self.refresh)
        handle, self._twin_handle = self._twin_handle, None
        if handle is not None:
            handle.update(self._twin())

    def _move(self) -> None:
        """Go over to a domain of this name that was made since; the past stays what it is."""
        made = newest(self._engine.name)
        if made is not None and made is not self._newest() and self._engine.world.frozen is None:
            self._engine = made
            self.runs = [made]
            self._newest = weakref.ref(made)

    def glance(self) -> None:
        """Show what has changed so far, unless the cell that runs holds the domain."""
        engine = self._engine
        if self._is_replaced or not self._is_behind or not engine.lock.acquire(timeout=LOCK_PATIENCE):
            return
        try:
            self.refresh()
        except Exception:  # noqa: BLE001 - when the cell has ended, the same is tried again and told
            self._stale = True
        finally:
            engine.lock.release()

    def catch_up(self) -> None:
        """Show what a task or a thread has done since the last cell, unless one holds the domain."""
        engine = self._engine
        if self._is_behind and engine.lock.acquire(timeout=LOCK_PATIENCE):
            try:
                self._reporting("showing the domain", self.refresh)
            finally:
                engine.lock.release()

    @property
    def _is_behind(self) -> bool:
        """Whether something has happened that it would show; asked without the domain's lock, and often."""
        journal = self._engine.journal
        if journal is not self._journal:  # the domain was emptied
            return True
        return self.look.live and (journal.last_step, journal.missed) != self._drawn

    # What people do

    def _receive(self, canvas: Canvas, message: Any, buffers: Any) -> None:  # noqa: ARG002 - as ipywidgets calls it
        act, arg, number = str(message.get("act")), str(message.get("arg")), int(message.get("number", 0))

        def dealt_with() -> None:
            self._reporting(_ASKED.get(act, act), lambda: self._do(act, arg))
            canvas.answered = max(canvas.answered, number)

        take_turn(dealt_with)

    def _guard(self, callback: Callable[[], None]) -> None:
        """Run a callback of the forms when its turn comes, and show what goes wrong."""
        take_turn(lambda: self._reporting("Try it", callback))

    def _reporting(self, what: str, callback: Callable[[], None]) -> None:
        """Errors belong where people look, not into a log."""
        try:
            callback()
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - whatever a model's code raises
            trace = "".join(traceback.format_exception(error))
            self._canvas.show(notice=view.notice(f"{what} failed", error, trace))

    def _after_try(self) -> None:
        """Show what it led to, wherever that is."""
        self.look = replace(self.look, live=True, element=None)
        live.refresh_all(self._engine)

    def _do(self, act: str, arg: str) -> None:
        if not self._is_open:
            return
        look = turned(self._engine, self.look, act, arg)
        if look is not None:
            self._turn_to(look, act)
        elif act in ACTS:
            ACTS[act](self, arg)
        elif act in _ACTS:
            _ACTS[act](self, arg)

    def show_run(self, run: Engine) -> None:
        """Go over to another run, at its newest step.

        Args:
            run: one of `runs`.
        """
        self._engine = run
        self.refresh()

    def ask(self, question: object) -> None:
        """Show a question above the map.

        Args:
            question: HTML; an empty text takes it away.
        """
        self._canvas.show(notice=str(question))

    def _turn_to(self, look: Look, act: str) -> None:
        if act == "element" and look.element is not None and self._try_it is not None:
            self._try_it.select(look.element)
        elif act == "clear":
            self._dismiss("")
        self.look = look
        self.refresh()

    def _appear(self, arg: str) -> None:  # noqa: ARG002 - as all acts are called
        self._views += 1
        self._was_seen = True
        if self._stale:
            self.refresh()

    def _disappear(self, arg: str) -> None:  # noqa: ARG002 - as all acts are called
        self._views = max(0, self._views - 1)

    def _switch_hold(self, arg: str) -> None:  # noqa: ARG002 - as all acts are called
        config = self._engine.config
        config["event_processing"] = "sync" if config["event_processing"] == "async" else "async"
        live.refresh_all(self._engine)

    def _deliver(self, arg: str) -> None:
        with origin("Try it"):
            try:
                if arg == "all":
                    self._engine.deliver_all()
                else:
                    self._engine.deliver(int(arg))
                self._dismiss("")  # that of an attempt that failed
            finally:
                self._after_try()

    def _export(self, arg: str) -> None:
        name = self._engine.name
        if arg == "map":
            picture = domain_map(self._engine, self.look.step, streams=self.look.streams)
            self._download(f"{name} map.svg", "image/svg+xml", picture.svg)
        elif arg == "page":
            from ddd_kit.views.page.page import page

            whole = str(page(self._engine, dt.datetime.now().astimezone()))
            self._download(f"{name}.html", "text/html", whole)
        else:
            self._download(f"{name} journal.txt", "text/plain", self._engine.journal.to_text())

    def _download(self, name: str, kind: str, text: str) -> None:
        self._canvas.send({"download": {"name": name, "type": kind, "text": text}})

    def _dismiss(self, arg: str) -> None:  # noqa: ARG002 - as all acts are called
        self._canvas.show(notice="")

    def _close_by_hand(self, arg: str) -> None:  # noqa: ARG002 - as all acts are called
        self.close()

    def _again(self, arg: str) -> None:
        if self._try_it is not None:
            self._try_it.again(int(arg))


_ACTS: dict[str, Callable[[Workbench, str], None]] = {
    "shown": Workbench._appear,
    "gone": Workbench._disappear,
    "hold": Workbench._switch_hold,
    "deliver": Workbench._deliver,
    "export": Workbench._export,
    "dismiss": Workbench._dismiss,
    "close": Workbench._close_by_hand,
    "again": Workbench._again,
}
_ASKED = {
    "fork": "the fork",
    "replay": "the replay",
    "rewound": "going back",
    "fault": "switching it on",
    "write": "writing it down",
    "deliver": "the delivery",
    "why": "why",
    "arose": "why",
    "edge": "why",
    "again": "trying again",
}
