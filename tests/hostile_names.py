"""A model and a run whose every name and value may be taken for words of a diagram's language."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier
from ddd_kit.journal.origin import origin

LINES = r"""
end|End|END|graph|subgraph|class|style|click|default|o--o|x--x|---|loop|alt|else|opt|par|note|activate
over|Note over p0: x|participant p9|style x:y#z;|classDef a:b#c;|title: x|accTitle: x|accDescr { x }
wrap: x|nowrap:x|say "hi"|it's|a;b|a#b|#35;|#quot;|&quot;|&lt;b&gt;|a:b|::c|:::c|a,b|@{ shape: x }
(round)|[square]|{curly}|{{six}}|((circle))|[[x]]|[(x)]|>flag]|%% comment|%%{init: {}}%%|-->|->>|-.->
==>|--x|-)|a & b|<br>|<br/>|`markdown`|**bold**|_em_|1. one|- item|* item|# head|> quote|[a](b)|~~x~~
www.example.org|http://example.org/?a=b|a@example.org|$$x^2$$|\n|\|ﬂ°°35¶ß|👩‍👩‍👧 x|日本語 עברית|007|-1|…
<script>alert(1)</script>|</style><script>alert(1)</script>|"><img src=x onerror=alert(1)>
'><svg onload=alert(1)>|javascript:alert(1)|{{7*7}} ${7*7} %s {0}|]]><!-- comment -->
"""
HOSTILE = (
    *LINES.strip().replace("\n", "|").split("|"),
    *("", " ", "|pipe|", "a|b", "line\nline", "\t", "\u00a0x", "e\u0301\u0300", "x" * 300, "wide " * 100),
    *("\u202egnp.exe", "bell\x07 null\x00", "lone \ud800 surrogate"),
)


def class_name(text: str) -> str:
    """As much of a text as Python takes for the name of a class."""
    return text.replace("\x00", "").encode(errors="ignore").decode()


def hostile(names: Sequence[str] = HOSTILE) -> Domain:
    """A model with an aggregate, a command, an event and handlers of each name, each of which was used."""
    domain = Domain(name=f"Shop {names[0]}")
    for name in names:
        _add(domain, name)
    return domain


def _add(domain: Domain, text: str) -> None:
    name = class_name(text)
    said = {"__annotations__": {"text": Any}}
    fields = {"key": Identifier(identifier=True), **said}
    Aggregate = domain.aggregate(type(name, (), fields))  # noqa: N806
    part = {"part_of": Aggregate}
    Event = domain.event(**part)(type(f"{name} E", (), said))  # noqa: N806
    Command = domain.command(**part)(type(f"{name} C", (), said))  # noqa: N806

    def take(self: Any, command: Any) -> None:
        key = text.encode("ascii", "backslashreplace").decode() or "none"
        aggregate = Aggregate(key=key, text=command.text)
        aggregate.raise_(Event(text=command.text))
        domain.repository_for(Aggregate).add(aggregate)

    def hear(self: Any, event: Any) -> None:
        raise ValueError(event.text)

    def skip(self: Any, event: Any) -> None: ...

    domain.command_handler(**part)(type(f"{name} H", (), {"take": handle(Command)(take)}))
    domain.event_handler(**part)(type(f"{name} L", (), {"hear": handle(Event)(hear)}))
    elsewhere = domain.event_handler(**part, source_stream="nowhere")
    elsewhere(type(f"{name} S", (), {"skip": handle(Event)(skip)}))
    with origin(text or None), suppress(ValueError):
        domain.process(Command(text=text))
