"""CloudEvents 1.0 through the front door, from the SDK's own hands and from anybody's."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cloudevents.core.bindings.http import HTTPMessage, to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from collector.delivery import CLOUDEVENTS, Delivery
from collector.forms.cloudevents import event_line
from collector.forms.cloudevents import prepare as prepared
from collector.registry import Registry
from core.clock import FixedClock
from core.errors import BadInput
from core.store import Store
from core.verdict import Admitted, Fault, admit
from tests.collector.arrange import BY_ENGINE, BY_MODEL, counts, make_writer, stored
from tests.collector.conftest import Listening

EVENTS = "/v1/events"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
AT = datetime(2026, 9, 30, 10, tzinfo=UTC)
DATA = {
    "correlation_id": "c-1",
    "money": {"amount": "120.50", "currency": "USD", "measure": "billed"},
    "links": [{"type": "billing_event", "id": "BE-7", "relation": "from"}],
    "context": {"contract": "C-1"},
}


def told(**changed: Any) -> dict[str, Any]:
    """A good CloudEvent in JSON; None leaves an attribute out."""
    made = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/psa/eu",
        "type": "com.acme.psa.invoice.posted.v1",
        "subject": "invoice/INV-1",
        "time": "2026-09-30T10:00:00Z",
        "data": DATA,
        **changed,
    }
    return {name: value for name, value in made.items() if value is not None}


def judged(event: Any, source: str = "") -> Admitted | Fault:
    line = event_line(json.dumps(event).encode())
    return admit(line, source=source, received_at=datetime(2026, 10, 1, tzinfo=UTC))


def sdk_event(**changed: Any) -> CloudEvent:
    extensions = {"correlationid": "c-1", "traceparent": f"00-{TRACE}-{SPAN}-01"}
    attributes = {**told(data=None), "time": AT, **extensions, **changed}
    return CloudEvent(attributes=attributes, data=DATA)


def send(listening: Listening, message: HTTPMessage) -> httpx.Response:
    return httpx.post(
        listening.url + EVENTS,
        content=message.body,
        headers=message.headers,
        timeout=60,
        trust_env=False,
    )


def test_the_sdk_in_structured_binary_and_batch_mode_tells_the_same_event(
    listening: Listening,
) -> None:
    event = sdk_event()
    structured, binary = to_structured_event(event), to_binary_event(event)
    batch = b"[" + structured.body + b"," + to_structured_event(sdk_event(id="e2")).body + b"]"
    assert send(listening, structured).json()["stored"] == 1
    assert send(listening, binary).json()["duplicates"] == 1
    answer = listening.post(EVENTS, batch, BATCH).json()
    assert (answer["received"], answer["stored"], answer["duplicates"]) == (2, 1, 1)
    found = listening.store.rows("SELECT * FROM events WHERE event_id = 'e1'")[0]
    assert (found["source"], found["object_type"], found["object_id"]) == (
        "/psa/eu",
        "invoice",
        "INV-1",
    )
    assert (found["action"], found["occurred_at"], found["correlation_id"]) == ("posted", AT, "c-1")
    assert (found["trace_id"], found["span_id"], found["contract"]) == (TRACE, SPAN, "C-1")
    assert (str(found["amount"]), found["link_ids"]) == ("120.5000", ["BE-7"])
    assert found["mapping"] == "cloudevents"


def test_binary_mode_needs_no_content_type_and_is_kept_whole(listening: Listening) -> None:
    message = to_binary_event(sdk_event())
    headers = {name: text for name, text in message.headers.items() if name != "content-type"}
    answer = send(
        listening, HTTPMessage({**headers, "ce-subject": "invoice/%E2%82%AC-1"}, message.body)
    )
    assert answer.json()["stored"] == 1
    assert listening.store.value("SELECT object_id FROM events") == "€-1"
    kept = listening.store.rows("SELECT toString(body) AS body, content_type FROM deliveries")[0]
    assert kept["content_type"] == f"{STRUCTURED}; mode=binary"
    assert json.loads(kept["body"])["data"] == DATA
    assert message.body.decode() in kept["body"]


@pytest.mark.parametrize("judge", [BY_MODEL, BY_ENGINE], ids=["model", "engine"])
def test_recovery_makes_the_same_events_of_all_modes(
    store: Store, clock: FixedClock, judge: int
) -> None:
    bodies = [json.dumps([told(), told(id=None), 7, told(id="e2", data=3)]).encode()]
    writer = make_writer(store, clock, judge)
    given_ = [Delivery(one, CLOUDEVENTS, mapping=CLOUDEVENTS) for one in bodies]
    answer = writer.commit([writer.prepare(one) for one in given_])[0]
    assert counts(answer) == (4, 1, 0, 3, 0)
    before = stored(store, "source, event_id, content_hash")
    faults = store.rows("SELECT line, reason, field FROM quarantine ORDER BY line")
    assert [tuple(row.values()) for row in faults] == [
        (2, "unknown_key", "id"),
        (3, "not_object", ""),
        (4, "unknown_key", "data"),
    ]
    for table in ("batches", "events", "event_ids", "quarantine"):
        store.command(f"TRUNCATE TABLE {table}")
    again = make_writer(store, clock, judge)
    assert stored(store, "source, event_id, content_hash") == before
    assert store.rows("SELECT line, reason, field FROM quarantine FINAL ORDER BY line") == faults
    assert again.check_identity() == []


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({"specversion": "0.3"}, "unknown_key", "specversion"),
        ({"specversion": None}, "unknown_key", "specversion"),
        ({"id": None}, "unknown_key", "id"),
        ({"id": ""}, "unknown_key", "id"),
        ({"id": 7}, "type", "event_id"),
        ({"id": "x" * 201}, "length", "event_id"),
        ({"source": None}, "missing", "source"),
        ({"source": ""}, "missing", "source"),
        ({"type": None}, "missing", "action"),
        ({"type": 7}, "type", "action"),
        ({"type": ""}, "pattern", "action"),
        ({"subject": None}, "missing", "object"),
        ({"subject": "INV-1"}, "missing", "object.type"),
        ({"subject": "Invoice/1"}, "pattern", "object.type"),
        ({"subject": ["x"]}, "type", "object"),
        ({"time": None}, "missing", "occurred_at"),
        ({"time": "2026-09-30"}, "pattern", "occurred_at"),
        ({"traceparent": "00-x"}, "pattern", "trace_id"),
        ({"correlationid": 3, "data": {}}, "type", "correlation_id"),
        ({"data": "text"}, "unknown_key", "data"),
        ({"data": {"akshun": 1}}, "unknown_key", "akshun"),
        ({"data": {"money": {"amount": 1.50, "currency": "USD"}}}, "type", "money.amount"),
        ({"data": {"action": "reversed"}}, "repeated_key", "action"),
        ({"data": {"event_id": "e2"}}, "repeated_key", "event_id"),
        ({"data": {"object": {"type": "invoice", "id": "2"}}}, "repeated_key", "object.id"),
        ({"data": {"occurred_at": "2026-09-30T10:00:01Z"}}, "repeated_key", "occurred_at"),
        ({"data": None, "data_base64": "!!"}, "unknown_key", "data_base64"),
        ({"data": {}, "data_base64": "e30="}, "unknown_key", "data"),
    ],
)
def test_a_broken_cloudevent_is_refused_with_reason_and_field(
    changed: dict[str, Any], reason: str, field: str
) -> None:
    assert judged(told(**changed)) == Fault(reason, field)  # type: ignore[arg-type]


def test_data_may_say_again_what_the_attributes_say_and_fill_in_the_rest() -> None:
    again = {
        "occurred_at": "2026-09-30T12:00:00+02:00",
        "action": "posted",
        "event_id": "e1",
        "object": {"id": "INV-1", "version": 3},
    }
    found = judged(told(data=again))
    assert isinstance(found, Admitted)
    assert (found.event.object.type, found.event.object.version) == ("invoice", "3")
    plain = judged(told(subject="INV-1", data={"object": {"type": "invoice"}}))
    assert isinstance(plain, Admitted)
    bare = told(subject=None, data={"object": {"type": "invoice", "id": "INV-1"}})
    assert isinstance(judged(bare), Admitted)
    encoded = told(data=None, data_base64="eyJhdHRlbXB0IjoyfQ==")
    read = judged(encoded)
    assert isinstance(read, Admitted)
    assert read.event.attempt == 2
    assert isinstance(judged(told(source=None), source="psa"), Admitted)


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("posted", "posted"),
        ("com.acme.invoice.posted.v2", "posted"),
        ("Microsoft.Storage.BlobCreated", "blob_created"),
        ("https://acme.com/events/invoice/posted", "posted"),
        ("com.acme.invoice:posted", "posted"),
    ],
)
def test_the_last_word_of_the_type_is_the_action(kind: str, action: str) -> None:
    found = judged(told(type=kind))
    assert isinstance(found, Admitted)
    assert found.event.action == action


@pytest.mark.parametrize("source", ["/psa/eu", "urn:acme:psa", "https://acme.com/psa?x=1", "psa"])
def test_the_source_is_named_as_it_stands(source: str) -> None:
    found = judged(told(source=source))
    assert isinstance(found, Admitted)
    assert found.event.source == source


def test_extensions_are_transport_and_make_no_other_event() -> None:
    one = judged(told(sequence="1", partitionkey="a", dataschema="https://acme.com/s"))
    other = judged(told(sequence="2"))
    assert isinstance(one, Admitted)
    assert isinstance(other, Admitted)
    assert one.content_hash == other.content_hash


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", STRUCTURED, 400),
        (b"{broken", STRUCTURED, 400),
        (b"[{]", BATCH, 400),
        (b"[]", BATCH, 200),
        (b"<x/>", "application/cloudevents+xml", 415),
        (b"x", "application/cloudevents+protobuf", 415),
        (b"{}", STRUCTURED, 200),
    ],
)
def test_what_is_no_cloudevent_is_told_so(
    listening: Listening, content: bytes, kind: str, status: int
) -> None:
    assert listening.post(EVENTS, content, kind).status_code == status


def test_binary_data_that_is_no_json_is_quarantined(listening: Listening) -> None:
    headers = {f"ce-{name}": str(text) for name, text in told(data=None).items()}
    for kind, body in (("text/xml", b"<x/>"), ("application/json", b"{broken"), ("", b"\xff\x00")):
        answer = listening.post(EVENTS, body, kind, **headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["faults"][0]["field"] == "data_base64"
    assert listening.post(EVENTS, b"", "", **headers).json()["stored"] == 1


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [*told(), "data_base64", "datacontenttype", "traceparent", "correlationid", "x"]
)
CLOUDY = st.dictionaries(NAMES, JSON_VALUES | st.sampled_from(list(told().values())), max_size=9)


@given(st.lists(JSON_VALUES | CLOUDY, max_size=5))
def test_any_json_keeps_its_count_and_never_hides_a_good_event(values: list[Any]) -> None:
    batch = [*values, told(), *values]
    delivery = Delivery(json.dumps(batch).encode(), CLOUDEVENTS)
    made = prepared(delivery, Registry.__new__(Registry)).payload
    assert made is not None
    lines = made.split(b"\n")
    assert len(lines) == len(batch)
    assert isinstance(admit(lines[len(values)], received_at=AT), Admitted)
    for line in lines:
        admit(line, received_at=AT)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_lines_or_bad_input(body: bytes) -> None:
    try:
        made = prepared(Delivery(body, CLOUDEVENTS), Registry.__new__(Registry))
    except BadInput:
        return
    assert made.payload is not None
