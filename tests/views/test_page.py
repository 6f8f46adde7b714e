"""A run as one page: what it holds, that nothing in it does harm, and that it says what the journal says."""

from __future__ import annotations

import datetime as dt
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from ddd_kit import Domain
from ddd_kit.engine.explain import why_not
from ddd_kit.journal.causality import why
from ddd_kit.journal.origin import origin
from ddd_kit.journal.story import story
from ddd_kit.views.markup import exactly, plain, value
from ddd_kit.views.page.page import POLICY, SCRIPTS, as_json, page, save, script, style
from ddd_kit.views.page.record import record
from ddd_kit.views.page.tables import text_in
from ddd_kit.views.panes.effects import difference
from journals import accounts, busy, counting_down, made_busy, odd
from markup_reader import PAYLOADS
from shops import faulty, long_names, seed, ship_by_command, troubled

SAVED = dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TAGS_THAT_ASK = {"a", "iframe", "object", "embed", "link", "base", "form", "audio", "video"}


class Read(HTMLParser):
    """The page as a browser reads it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for each, attributes in self.tags if each == tag]


def shop() -> Any:
    made = seed()
    ship_by_command(made)
    return made.domain


def redefined() -> Domain:
    domain = Domain(name="Redefined")
    domain.aggregate(type("Account", (), {"__annotations__": {"balance": int}, "balance": 0}))
    domain.repository_for("Account").add(domain.registry.elements["Account"].cls(id="a", balance=1))
    fields = {"__annotations__": {"balance": int, "limit": int}, "balance": 0, "limit": 7}
    domain.aggregate(type("Account", (), fields))
    account = domain.repository_for("Account").get("a")
    account.balance = 5
    domain.repository_for("Account").add(account)
    return domain


def folded() -> Domain:
    domain = accounts({"a": list(range(40)), "b": [1]}, limit=20)
    assert domain.journal.first_step > 1
    return domain


RUNS = {
    "shop": shop,
    "troubled": troubled,
    "faulty": faulty,
    "long names": long_names,
    "a chain": lambda: counting_down(20),
    "removed": lambda: accounts({"a": [1, 2.5, ...], "1": [0, ...], "b": [None, -4, float("nan")]}),
    "redefined": redefined,
    "folded": folded,
    "busy": lambda: busy(300),
    "odd": odd,
    "empty": lambda: Domain(name="Empty"),
}
all_runs = pytest.mark.parametrize("run", RUNS)


# A reader of the data, which does what the page's script does


class Run:
    """What the data of a page come to."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.first = data["first"]
        self.entries = [self._entry(*row) for row in data["entries"]]

    def _entry(self, shape: int, cause: int, chain: int, since: int, parts: list[int], *own: Any) -> Any:
        return {"shape": self.data["shapes"][shape], "cause": cause, "chain": chain, "since": since,
                "story": "".join(self.data["parts"][part][1:] for part in parts), "own": own}  # fmt: skip

    def whole(self, number: int) -> str:
        written = self.data["values"][number]
        return written if isinstance(written, str) else str(written[0])

    def brief(self, number: int) -> str:
        written = self.data["values"][number]
        if not isinstance(written, str):
            return str(written[1])
        return (
            written[:8] if UUID.fullmatch(written) else written if len(written) <= 40 else written[:39] + "…"
        )

    def instance(self, number: int) -> tuple[str, str]:
        aggregate, identity = self.data["instances"][number]
        return aggregate, identity if isinstance(identity, str) else self.whole(identity)

    def ends(self) -> list[int]:
        ends: list[int] = []
        for length in self.data["units"]:
            ends += [len(ends) + length + self.first - 1] * length
        return ends

    def states(self) -> list[dict[tuple[str, str], tuple[int, dict[str, int]]]]:
        """By step, from that before the first: versions and values."""
        now = {number: (version, names, held) for number, version, names, held in self.data["begun"]}
        after = [dict(now)]
        for entry in self.entries:
            if entry["shape"]["kind"] == "changed":
                self._apply(now, entry)
            after.append(dict(now))
        ends = [self.first - 1, *self.ends()]
        return [
            {self.instance(n): (v, dict(zip(names, held, strict=True)))
             for n, (v, names, held) in after[end - self.first + 1].items()}
            for end in ends
        ]  # fmt: skip

    @staticmethod
    def _apply(now: dict[int, Any], entry: dict[str, Any]) -> None:
        number, version, before, after, *_ = entry["own"]
        if after is None:
            now.pop(number)
        elif before is None:
            now[number] = version, entry["shape"]["names"], after
        else:
            held = [*(now[number][2] if before == 0 else before)]
            for place, new in zip(after[::2], after[1::2], strict=True):
                held[place] = new
            now[number] = version, entry["shape"]["names"], held


def run_of(domain: Any) -> Run:
    with domain.lock:
        return Run(json.loads(as_json(record(domain))))


# What it says is what the journal says


@all_runs
def test_each_step_has_its_sentence(run: str) -> None:
    domain = RUNS[run]()
    for step, entry in enumerate(run_of(domain).entries, domain.journal.first_step):
        assert entry["story"] == plain(story(domain.journal, step).sentence)


@all_runs
def test_each_step_has_its_cause_its_chain_its_cell_and_its_unit(run: str) -> None:
    domain = RUNS[run]()
    told, journal = run_of(domain), domain.journal
    cells = dict(told.data["cells"])
    now = None
    for place, (entry, end) in enumerate(zip(told.entries, told.ends(), strict=True)):
        known = journal.step(journal.first_step + place)
        now = cells.get(place, now)
        assert entry["shape"]["kind"] == known.kind
        assert (known.step - entry["cause"] if entry["cause"] else None) == known.cause
        assert (known.step - entry["chain"], now, end) == (
            known.chain,
            known.cell,
            journal.batch_end(known.step),
        )


@all_runs
def test_each_step_leads_to_its_state(run: str) -> None:
    """Folded journals begin with the state that they were folded into."""
    domain = RUNS[run]()
    told, journal = run_of(domain), domain.journal
    for step, state in enumerate(told.states(), journal.first_step - 1):
        expected = {
            (aggregate, plain(key)): (
                saved.version,
                dict(zip(saved.names, map(written, saved.stored), strict=True)),
            )
            for (aggregate, key), saved in journal.state_at(step).items()
        }
        shown = {
            key: (version, {name: (told.whole(held), told.brief(held)) for name, held in values.items()})
            for key, (version, values) in state.items()
        }
        assert shown == expected
        assert list(shown) == list(expected)


def written(held: Any) -> tuple[str, str]:
    return text_in(exactly(held, 1000)), text_in(value(held))


@all_runs
def test_each_change_names_the_fields_that_changed_and_by_how_much(run: str) -> None:
    domain = RUNS[run]()
    for entry, known in zip(run_of(domain).entries, domain.journal, strict=True):
        if known.kind == "changed" and known.change == "changed":
            _, _, _, after, *more = entry["own"]
            told = more[1] if len(more) > 1 else after[::2]
            assert [known.names[place] for place in told] == list(known.changes)
            apart = [difference(*both) for both in known.changes.values()]
            assert (more[0] if more and more[0] else [None] * len(apart)) == apart


@all_runs
def test_the_clauses_of_a_chain_are_those_of_why(run: str) -> None:
    domain = RUNS[run]()
    told, journal = run_of(domain), domain.journal
    for known in journal.of(kind="changed"):
        if known.after is None:
            continue
        for field in known.changes:
            asked = why(journal, known.aggregate, known.id, field, known.step)
            shapes = [told.entries[each.step - told.first]["shape"] for each in asked.chain[:-1]]
            if asked.chain[-1].kind != "defined":
                clauses = asked.clauses[-1 - len(shapes) : -1] if shapes else ()
                assert tuple(shape["clause"] for shape in shapes) == clauses


def test_a_field_that_a_new_definition_brought_has_its_answer() -> None:
    domain = redefined()
    told = run_of(domain)
    known = domain.journal.of(kind="changed")[-1]
    asked = why(domain.journal, "Account", "a", "limit", known.step)
    answer = told.data["redefined"][f"{known.step} limit"]
    assert answer == [asked.sentence, [each.step for each in asked.chain], "7"]


@pytest.mark.parametrize("run", ["shop", "troubled", "busy"])
def test_each_skipped_handler_has_every_rule_that_was_checked(run: str) -> None:
    domain = RUNS[run]()
    told = run_of(domain)
    skipped = domain.journal.of(kind="skipped")
    assert len(skipped)
    for known in skipped:
        checks = why_not(domain, known.handler, domain.journal.step(known.cause)).checks
        answer = told.data["answers"][told.entries[known.step - told.first]["shape"]["answer"]]
        assert answer == [[check.passed, check.rule, str(check)] for check in checks]


def test_a_handler_that_is_defined_anew_in_between_has_two_answers() -> None:
    """What was checked is asked for once; unless the definition has changed since."""
    domain = made_busy(40)
    before = len(run_of(domain).data["answers"])
    handler = domain.registry.elements["Email"].cls
    domain.event_handler(part_of="Order", source_stream="manage_order")(type("Email", (handler,), {}))
    order = domain.registry.elements["Order"].cls(id="later")
    order.ship()
    domain.repository_for("Order").add(order)
    told = run_of(domain)
    assert len(told.data["answers"]) == before + 1 == 2


# What is in the page


def test_it_is_one_page_that_asks_nobody_for_anything() -> None:
    read = Read(page(shop(), SAVED))
    assert not TAGS_THAT_ASK & {tag for tag, _ in read.tags}
    assert all(
        not {"src", "href", "action"} & set(held) for tag, held in read.tags if tag not in ("img", "image")
    )
    assert all((held.get("src") or held.get("href") or "").startswith("data:image/svg+xml;base64,")
               for held in (*read.all("img"), *read.all("image")))  # fmt: skip
    (policy,) = [held["content"] for held in read.all("meta") if held.get("http-equiv")]
    assert policy == POLICY
    assert policy.startswith("default-src 'none'; ")
    assert "url(" not in style()
    assert "@import" not in style()


def test_the_title_the_date_and_the_kit_are_told() -> None:
    text = page(shop(), SAVED)
    assert "<title>Bookshop</title>" in text
    assert ">2026-03-01 12:30 UTC</time> with ddd_kit" in text
    titled = page(shop(), SAVED.astimezone(dt.timezone(dt.timedelta(hours=5))), "Lesson <3>")
    assert "<title>Lesson &lt;3&gt;</title>" in titled
    assert "<b>Bookshop</b>" in titled
    assert ">2026-03-01 12:30 UTC</time>" in titled


def test_without_scripts_there_is_the_map_and_the_last_sentence() -> None:
    domain = shop()
    text = page(domain, SAVED)
    static = text[text.index("<noscript>") : text.index("</noscript>")]
    assert "data:image/svg+xml" in static
    assert plain(story(domain.journal, domain.journal.last_step).sentence) in static


def test_a_folded_journal_says_where_it_begins() -> None:
    domain = folded()
    assert f"this page begins after step {domain.journal.first_step - 1}." in page(domain, SAVED)
    assert "folded" not in page(shop(), SAVED).split("<script", 1)[0]


def test_what_was_not_recorded_is_told() -> None:
    domain = made_busy(20)
    domain.config["journal"] = False
    assert "Not everything was recorded" in page(domain, SAVED)


def test_the_past_can_be_saved_too() -> None:
    domain = shop()
    past = domain.at(domain.journal.of(kind="changed")[0].step)
    assert len(run_of(past).entries) == len(past.journal) < len(domain.journal)


def test_large_values_are_shortened() -> None:
    domain = accounts({"a": [1.0]})
    with origin("In [2]"):
        domain.aggregate(type("Book", (), {"__annotations__": {"text": Any}, "text": ""}))
        domain.repository_for("Book").add(domain.registry.elements["Book"].cls(id="b", text="x" * 1_000_000))
    assert len(page(domain, SAVED)) < 200_000


# Nothing in it does harm


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_looks_like_markup_is_text(payload: str) -> None:
    """In the title, the domain's name, cells, ids, values and messages."""
    domain = Domain(name=f"Shop {payload}")

    class Note:
        text: Any = ""

    Note.__doc__ = payload.encode("utf-8", "replace").decode()
    note = domain.aggregate(Note)
    with origin(payload):
        domain.repository_for(note).add(note(id=payload.encode("utf-8", "replace").decode(), text=payload))
    text = page(domain, SAVED, payload)
    usual, read = Read(page(accounts({"a": [1]}), SAVED)), Read(text)
    assert len(read.all("script")) == len(usual.all("script")) == 3
    assert len(read.all("style")) == len(usual.all("style"))
    assert not [held for _, held in read.tags for name in held if name.startswith("on")]
    assert read.comments == []
    data = read.texts["script"][1]
    assert not re.search("[<>&]", data)
    assert json.loads(data)["cells"][-1][1] == plain(payload)
    assert plain(payload)[:8] in "".join(read.texts["title"])
    text.encode()


def test_the_scripts_and_rules_hold_nothing_that_would_end_them() -> None:
    assert not re.search(r"</|<!--", script())
    assert "</" not in style()
    assert "innerHTML" not in script()


def test_all_scripts_are_in_the_package() -> None:
    names = {each.name for each in files("ddd_kit.views.page").iterdir()}
    assert {*SCRIPTS, "page.css"} <= names
    assert {name for name in names if name.endswith(".js")} == set(SCRIPTS)


def test_ten_thousand_entries_are_less_than_five_megabytes() -> None:
    domain = busy(10_000)
    assert len(domain.journal) == 10_000
    assert len(page(domain, SAVED).encode()) < 5_000_000


# Saving


def test_it_is_saved_where_it_was_told_to(tmp_path: Path) -> None:
    domain = accounts({"a": [1]})
    target = tmp_path / "run.html"
    assert domain.save_html(target) == target
    assert domain.save_html(str(target), title="Again") == target
    assert "<title>Again</title>" in target.read_text(encoding="utf-8")
    assert [each.name for each in tmp_path.iterdir()] == ["run.html"]


def test_saving_changes_nothing_in_the_domain(tmp_path: Path) -> None:
    domain = shop()
    before = repr(domain.journal), domain.journal.last_step
    domain.save_html(tmp_path / "run.html")
    assert (repr(domain.journal), domain.journal.last_step) == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no folder '.*missing'\. Make it first"):
        accounts({}).save_html(tmp_path / "missing" / "run.html")


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a page is saved as \.html, as in save_html\('run\.html'\)"):
        accounts({}).save_html(tmp_path / "run.txt")


def test_a_folder_of_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.html").mkdir()
    with pytest.raises(IsADirectoryError, match="that is a folder"):
        accounts({}).save_html(tmp_path / "run.html")


def test_what_fails_leaves_the_old_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "run.html"
    target.write_text("old", encoding="utf-8")
    written_so_far = Path.write_text

    def interrupted(self: Path, text: str, **how: Any) -> int:
        written_so_far(self, text[:10], **how)
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "write_text", interrupted)
    with pytest.raises(OSError, match="the disk is full"):
        save(accounts({}), target)
    monkeypatch.undo()
    assert target.read_text(encoding="utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["run.html"]
