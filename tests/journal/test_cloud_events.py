"""Events as CloudEvents: what the specification asks for, checked by its rules and by its Python library."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from ddd_kit import Domain
from warehouse import commanded

REQUIRED = {"specversion", "id", "source", "type"}
OPTIONAL = {"datacontenttype", "dataschema", "subject", "time"}
URI_REFERENCE = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
NOT_ALLOWED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


class Size(Enum):
    SMALL = "s"


def read(event: dict[str, Any]) -> Any:
    return JSONFormat().read(CloudEvent, strict_json(event))


def strict_json(event: dict[str, Any]) -> str:
    text = json.dumps(event, allow_nan=False, ensure_ascii=False)
    text.encode()
    return text


def assert_valid(event: dict[str, Any]) -> None:
    """The rules of the specification, 1.0.2, for attributes and the JSON format."""
    attributes = {name: value for name, value in event.items() if name != "data"}
    assert set(attributes) >= REQUIRED
    assert event["specversion"] == "1.0"
    for name, value in attributes.items():
        assert re.fullmatch("[a-z0-9]{1,20}", name)
        assert isinstance(value, str)
        assert value
        assert not NOT_ALLOWED.search(value), (name, value)
    assert URI_REFERENCE.fullmatch(event["source"])
    assert event["datacontenttype"] == "application/json"
    assert dt.datetime.fromisoformat(event["time"]).tzinfo is not None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", event["time"])
    got = read(event)
    assert got.get_id() == event["id"]
    assert got.get_data() == event["data"]


def one(value: Any, identity: str = "o-1", name: str = "Bookshop", category: str | None = None) -> Any:
    """The entry of an event with a value of any kind."""
    domain = Domain(name=name)
    order = domain.aggregate(type("Order", (), {}), **{"stream_category": category} if category else {})
    said = {"__annotations__": {"value": Any}}
    shipped = domain.event(part_of=order)(type("OrderShipped", (), said))
    saved = order(id=identity)
    saved.raise_(shipped(value=value))
    domain.repository_for(order).add(saved)
    return domain.journal.of(kind="event")[0]


def test_each_event_of_a_run_is_a_valid_cloud_event() -> None:
    domain = commanded().domain
    events = [entry.to_cloudevent() for entry in domain.journal.of(kind="event")]
    assert len(events) > 2
    for event in events:
        assert_valid(event)
    assert len({(event["source"], event["id"]) for event in events}) == len(events)


def test_the_attributes_say_where_the_event_comes_from() -> None:
    event = one(5).to_cloudevent()
    time = event.pop("time")
    assert dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(time) < dt.timedelta(minutes=5)
    assert event == {
        "specversion": "1.0",
        "id": "bookshop::order-o-1-0.1",
        "source": "/bookshop/order",
        "type": "bookshop.OrderShipped",
        "subject": "o-1",
        "datacontenttype": "application/json",
        "sequence": "0000000000",
        "data": {"value": 5},
    }


def test_what_led_to_an_event_is_in_extension_attributes() -> None:
    domain = commanded().domain
    command = domain.journal.of(kind="command")[0]
    entry = next(e for e in domain.journal.of(kind="event") if e.cause == command.step)
    event = entry.to_cloudevent()
    assert event["causationid"] == entry.causation_id == command.message_id
    assert event["correlationid"] == entry.correlation_id


def test_a_stream_gives_its_events_in_order() -> None:
    stream = commanded().domain.stream("order")
    events = stream.to_cloudevents()
    assert [event["id"] for event in events] == [entry.message_id for entry in stream]
    assert stream[:1].to_cloudevents() == events[:1]
    assert commanded().domain.stream("nowhere_at_all").to_cloudevents() == []


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (dt.datetime(2024, 1, 2, 3, 4, tzinfo=dt.UTC), "2024-01-02T03:04:00Z"),
        (dt.date(2024, 1, 2), "2024-01-02"),
        (dt.timedelta(minutes=1), "PT1M"),
        (Decimal("1.50"), "1.50"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Size.SMALL, "s"),
        (b"\xff", "_w=="),
        (float("nan"), "nan"),
        ([float("inf"), {"deep": float("-inf")}], ["inf", {"deep": "-inf"}]),
        ({1: (2, 3)}, {"1": [2, 3]}),
        ("lone \ud800 surrogate", "lone ? surrogate"),
        ({"\ud800": 1}, "{'\\ud800': 1}"),
        (1j, "1j"),
        (None, None),
    ],
)
def test_values_that_json_lacks_are_texts(value: Any, told: Any) -> None:
    event = one(value).to_cloudevent()
    assert event["data"] == {"value": told}
    assert_valid(event)


@pytest.mark.parametrize(
    "text", ["é", "日本語", "a b", "a/b", "?#%", "<script>", "bell\x07", "x\ud800", "\ufffe", "\n"]
)
def test_identities_and_categories_of_any_text_stay_within_the_rules(text: str) -> None:
    whole = text.replace("\ud800", "")  # which pydantic refuses in identities
    event = one(1, identity=whole, category=text).to_cloudevent()
    assert_valid(event)
    assert_valid(one(1, name=f"Shop {text}").to_cloudevent())
