"""OTLP: what a record with revtrace attributes becomes, in the engine and in the model alike, and
what clients are told.
"""

import gzip
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from collector.body import undo_encoding
from collector.delivery import OTLP_LOGS, Delivery
from core.settings import CollectorSettings
from core.store import Store
from tests.collector.arrange import BY_ENGINE, BY_MODEL, body, event
from tests.collector.conftest import Listen, Listening

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
NANOSECONDS = 1_790_762_400_123_456_789
RECEIVED_AT = datetime(2026, 10, 1, tzinfo=UTC)
HERE = {
    "revtrace.object.type": "invoice",
    "revtrace.object.id": "INV-1",
    "revtrace.action": "posted",
}


def attributes(named: dict[str, Any]) -> list[KeyValue]:
    """Attributes of the kind that their values have."""
    return [KeyValue(key=name, value=any_value(value)) for name, value in named.items()]


def any_value(value: Any) -> AnyValue:
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
        case list():
            made = AnyValue()
            made.array_value.values.extend(any_value(one) for one in value)
            return made
        case str():
            return AnyValue(string_value=value)
    return AnyValue()


def logs(*records: dict[str, Any], resource: dict[str, Any] | None = None) -> Any:
    """A request of log records; names without a dot are the record's own fields."""
    request = ExportLogsServiceRequest()
    held = request.resource_logs.add()
    held.resource.attributes.extend(attributes(resource or {"service.name": "mulesoft"}))
    scope = held.scope_logs.add()
    for record in records:
        made = scope.log_records.add(time_unix_nano=NANOSECONDS)
        _fill(made, record)
    return request


def spans(*records: dict[str, Any], resource: dict[str, Any] | None = None) -> Any:
    """A request of spans."""
    request = ExportTraceServiceRequest()
    held = request.resource_spans.add()
    held.resource.attributes.extend(attributes(resource or {"service.name": "mulesoft"}))
    scope = held.scope_spans.add()
    for record in records:
        made = scope.spans.add(end_time_unix_nano=NANOSECONDS, name="post")
        _fill(made, record)
    return request


def _fill(made: Any, record: dict[str, Any]) -> None:
    for name, value in record.items():
        if "." in name:
            made.attributes.extend(attributes({name: value}))
        elif name == "links":
            for trace, span in value:
                made.links.add(trace_id=bytes.fromhex(trace), span_id=bytes.fromhex(span))
        elif name == "status":
            made.status.code, made.status.message = value
        elif name == "body":
            made.body.string_value = value
        else:
            setattr(made, name, value)


def events_of(listening: Listening, columns: str) -> list[dict[str, Any]]:
    return listening.store.rows(f"SELECT {columns} FROM events ORDER BY object_id")


def test_a_log_record_becomes_an_event(listening: Listening) -> None:
    record = {
        **HERE,
        "trace_id": bytes([1]) * 16,
        "span_id": bytes([2]) * 8,
        "revtrace.context.contract": "C-1",
        "revtrace.money.amount": "10.25",
        "revtrace.money.currency": "USD",
        "revtrace.attempt": 2,
        "revtrace.links": '[{"type":"billing_event","id":"BE-1","relation":"from"}]',
        "revtrace.attributes.flow": "post-invoice",
        "http.method": "POST",
    }
    answer = listening.post("/v1/logs", logs(record).SerializeToString(), PROTOBUF)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == PROTOBUF
    assert ExportLogsServiceResponse.FromString(answer.content) == ExportLogsServiceResponse()
    found = events_of(listening, "* EXCEPT (delivery, batch, received_at, admitted_at)")[0]
    assert found["occurred_at"] == datetime(2026, 9, 30, 10, 0, 0, 123456, tzinfo=UTC)
    assert (found["source"], found["mapping"], found["outcome"]) == ("mulesoft", "otlp", "ok")
    assert (found["trace_id"], found["span_id"]) == ("01" * 16, "02" * 8)
    assert (found["contract"], str(found["amount"]), found["attempt"]) == ("C-1", "10.2500", 2)
    assert (found["link_types"], found["link_ids"]) == (["billing_event"], ["BE-1"])
    assert found["attributes"] == {"flow": "post-invoice"}


def test_time_outcome_and_error_are_derived_unless_said(listening: Listening) -> None:
    records = [
        {
            **HERE,
            "revtrace.object.id": "a",
            "time_unix_nano": 0,
            "observed_time_unix_nano": NANOSECONDS,
        },
        {**HERE, "revtrace.object.id": "b", "severity_number": 17, "body": "no such customer"},
        {
            **HERE,
            "revtrace.object.id": "c",
            "severity_number": 21,
            "revtrace.outcome": "retrying",
            "error.type": "E42",
            "exception.message": "later",
        },
        {**HERE, "revtrace.object.id": "d", "severity_number": 17, "revtrace.outcome": "ok"},
    ]
    assert (
        listening.post("/v1/logs", logs(*records).SerializeToString(), PROTOBUF).status_code == 200
    )
    failed = {**HERE, "revtrace.object.id": "e", "status": (2, "timed out")}
    assert (
        listening.post("/v1/traces", spans(failed).SerializeToString(), PROTOBUF).status_code == 200
    )
    found = events_of(listening, "object_id, outcome, error_code, error_message")
    assert [tuple(row.values()) for row in found] == [
        ("a", "ok", "", ""),
        ("b", "failed", "", "no such customer"),
        ("c", "retrying", "E42", "later"),
        ("d", "ok", "", ""),
        ("e", "failed", "", "timed out"),
    ]


def test_span_links_find_their_objects_in_whichever_order_they_come(listening: Listening) -> None:
    early, late = ("aa" * 16, "01" * 8), ("bb" * 16, "02" * 8)
    linking = {
        **HERE,
        "trace_id": bytes.fromhex(late[0]),
        "span_id": bytes.fromhex(late[1]),
        "links": [early],
    }
    listening.post("/v1/traces", spans(linking).SerializeToString(), PROTOBUF)
    linked = {
        "revtrace.object.type": "billing_event",
        "revtrace.object.id": "BE-1",
        "revtrace.action": "created",
        "trace_id": bytes.fromhex(early[0]),
        "span_id": bytes.fromhex(early[1]),
    }
    listening.post("/v1/traces", spans(linked).SerializeToString(), PROTOBUF)
    assert events_of(listening, "object_id, span_links")[1]["span_links"] == ["-".join(early)]
    pairs = listening.store.rows(
        "SELECT up.object_id AS upstream, down.object_id AS object FROM event_spans AS down "
        "INNER JOIN event_spans AS up ON up.trace_id = down.trace_id AND up.span_id = down.span_id "
        "WHERE down.linked AND NOT up.linked"
    )
    assert pairs == [{"upstream": "BE-1", "object": "INV-1"}]


def test_records_without_revtrace_are_skipped_and_bad_ones_quarantined_not_rejected(
    listening: Listening,
) -> None:
    no_action = {name: value for name, value in HERE.items() if name != "revtrace.action"}
    request = logs(HERE, {"http.method": "GET"}, no_action, {**HERE, "revtrace.attempt": "2"})
    answer = listening.post("/v1/logs", request.SerializeToString(), PROTOBUF)
    partial = ExportLogsServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, partial.rejected_log_records) == (200, 0)
    assert partial.error_message == (
        "2 of 4 records are kept in quarantine and must not be sent again: record 3: "
        "revtrace.action: a required field is missing, wanted: snake_case: a-z, 0-9 and _, a "
        "letter first; record 4: revtrace.attempt: the JSON type is wrong, wanted: an integer "
        "from 1 on. See `revtrace quarantine list`"
    )
    told = listening.store.rows("SELECT received, stored, quarantined, skipped FROM v_deliveries")
    assert [tuple(row.values()) for row in told] == [(4, 1, 2, 1)]
    why = listening.store.rows("SELECT line, reason, field FROM quarantine ORDER BY line")
    assert [tuple(row.values()) for row in why] == [
        (3, "missing", "action"),
        (4, "type", "attempt"),
    ]


def test_a_large_request_is_warned_of_what_its_first_events_show(listen: Listen) -> None:
    """It is answered before it is judged: two events of each resource are looked at, eight in all,
    among its first 64 records.
    """
    listening = listen(collector=CollectorSettings(engine_bytes_min=0))
    bad = {**HERE, "revtrace.action": "No"}
    request = logs(*[{"http.method": "GET"}] * 3, HERE, bad, bad)
    for records in ([HERE, HERE, bad], [bad, bad, bad], [{"http.method": "GET"}] * 60, [bad]):
        request.resource_logs.extend(logs(*records).resource_logs)
    told = json.dumps(MessageToDict(request)).encode()
    answer = listening.post("/v1/logs", told, JSON)
    assert answer.status_code == 200
    warned = answer.json()["partialSuccess"]["errorMessage"]
    assert warned.startswith("records like these are kept in quarantine and must not be sent again")
    assert re.findall(r"record (\d+): revtrace.action: ", warned) == ["5", "10", "11"]
    held = listening.store.rows("SELECT line FROM quarantine ORDER BY line")
    assert [row["line"] for row in held] == [5, 6, 9, 10, 11, 12, 73]
    good = listening.post("/v1/logs", logs(HERE).SerializeToString(), PROTOBUF)
    assert (good.status_code, good.content) == (200, b"")


def test_resource_attributes_fill_in_and_source_may_be_said(listening: Listening) -> None:
    resource = {
        "service.name": "svc",
        "revtrace.source": "netsuite-us",
        "revtrace.context.region": "emea",
    }
    request = logs(HERE, {**HERE, "revtrace.context.region": "apac"}, resource=resource)
    listening.post("/v1/logs", request.SerializeToString(), PROTOBUF)
    found = listening.store.rows("SELECT source, region FROM events ORDER BY region")
    assert [tuple(row.values()) for row in found] == [
        ("netsuite-us", "apac"),
        ("netsuite-us", "emea"),
    ]


def test_json_says_the_same_as_protobuf(listening: Listening) -> None:
    request = spans(
        {**HERE, "trace_id": bytes(range(16)), "span_id": bytes(range(8)), "revtrace.attempt": 3}
    )
    told = MessageToDict(request)
    span = told["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    span["traceId"], span["spanId"] = bytes(range(16)).hex().upper(), bytes(range(8)).hex()
    answer = listening.post("/v1/traces", json.dumps(told).encode(), JSON)
    assert (answer.status_code, answer.json()) == (200, {})
    listening.post(
        "/v1/traces",
        gzip.compress(request.SerializeToString()),
        PROTOBUF,
        **{"content-encoding": "gzip"},
    )
    assert listening.store.rows(
        "SELECT sum(stored) AS s, sum(duplicates) AS d FROM v_deliveries"
    ) == [{"s": 1, "d": 1}]


def test_a_record_with_a_bad_id_or_time_is_quarantined_and_those_beside_it_stored(
    listening: Listening,
) -> None:
    broken: list[tuple[dict[str, Any], str, str]] = [
        ({"traceId": "not hex but of 16"}, "trace_id", "not hex but of 16"),
        ({"traceId": 17}, "trace_id", "17"),
        ({"traceId": "abcd"}, "trace_id", "abcd"),
        ({"spanId": "0102030405060708090"}, "span_id", "0102030405060708090"),
        ({"endTimeUnixNano": "yesterday"}, "occurred_at", "yesterday"),
        ({"endTimeUnixNano": -5.0}, "occurred_at", "-5.0"),
        ({"endTimeUnixNano": 1e30}, "occurred_at", "1e+30"),
        ({"links": [{"traceId": "x" * 32, "spanId": "01" * 8}]}, "links", "x" * 32),
    ]
    request = MessageToDict(spans(*[HERE] * (len(broken) + 2)))
    told = request["resourceSpans"][0]["scopeSpans"][0]["spans"]
    for span, (change, *_) in zip(told, broken, strict=False):
        span |= change
    # What an event says of it by itself wins, and its parent is no part of it.
    told[-1] |= {"traceId": "?", "parentSpanId": "?"}
    said = {"key": "revtrace.trace_id", "value": {"stringValue": "ab" * 16}}
    told[-1]["attributes"] = [*told[-1]["attributes"], said]
    answer = listening.post("/v1/traces", json.dumps(request).encode(), JSON)
    assert answer.status_code == 200
    assert answer.json()["partialSuccess"]["errorMessage"].startswith("8 of 10 records are kept")
    stored = {row["trace_id"] for row in events_of(listening, "trace_id")}
    assert stored == {"", "ab" * 16}
    kept = listening.store.rows("SELECT reason, field, raw FROM quarantine ORDER BY record")
    assert [row["field"] for row in kept] == [field for _, field, _ in broken]
    for row, (_, _, text) in zip(kept, broken, strict=True):
        assert text in str(row["raw"])
    short = {**HERE, "trace_id": b"short", "span_id": b"8 bytes!"}
    listening.post("/v1/traces", spans(short, HERE).SerializeToString(), PROTOBUF)
    newest = listening.store.rows("SELECT field FROM quarantine ORDER BY delivery DESC LIMIT 1")
    assert newest == [{"field": "trace_id"}]
    assert listening.writer.check_identity() == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"\x0a\xff\xff\xff", PROTOBUF, 400),
        (b"not json", JSON, 400),
        (b"[]", JSON, 400),
        (b'{"resourceLogs": 3}', JSON, 400),
        (b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"traceId": "xyz"}]}]}]}', JSON, 200),
        (b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"attributes": 3}]}]}]}', JSON, 400),
        (b"", "text/plain", 415),
        (b"", PROTOBUF, 200),
        (b"{}", JSON, 200),
    ],
)
def test_garbage_is_answered_as_the_specification_says(
    listening: Listening, content: bytes, kind: str, status: int
) -> None:
    answer = listening.post("/v1/logs", content, kind)
    assert answer.status_code == status
    if status == 400 and kind == JSON:
        assert answer.json()["code"] == 3
        assert answer.json()["message"]
    if status == 400 and kind == PROTOBUF:
        assert answer.content[:2] == b"\x08\x03"


@pytest.mark.parametrize("judge", [BY_MODEL, BY_ENGINE], ids=["model", "engine"])
def test_one_corrupt_body_does_not_take_its_commit_group_with_it(store: Store, judge: int) -> None:
    from collector.delivery import Receipt
    from core.clock import SystemClock
    from core.errors import BadInput
    from tests.collector.arrange import make_writer

    good = [
        logs({**HERE, "revtrace.object.id": f"{place}"}).SerializeToString() for place in range(5)
    ]
    given = [Delivery(one, OTLP_LOGS, mapping="otlp") for one in good]
    given[3] = Delivery(b"\x0a\x7f\x00", OTLP_LOGS, mapping="otlp")
    given.append(Delivery(body(event())))
    writer = make_writer(store, SystemClock(), judge)
    answers = writer.commit(given)
    assert [type(answer) for answer in answers] == [
        Receipt,
        Receipt,
        Receipt,
        BadInput,
        Receipt,
        Receipt,
    ]
    assert store.value("SELECT count() FROM events") == 5
    assert store.value("SELECT count() FROM deliveries") == 5
    assert writer.check_identity() == []


def test_one_record_that_is_no_utf8_is_quarantined_alone(store: Store) -> None:
    from core.clock import SystemClock
    from tests.collector.arrange import counts, make_writer

    request = logs(HERE, {**HERE, "revtrace.object.id": "xQQx"}).SerializeToString()
    broken = request.replace(b"xQQx", b"x\xff\xfex")
    answer = make_writer(store, SystemClock()).commit([Delivery(broken, OTLP_LOGS)])[0]
    assert counts(answer) == (2, 1, 0, 1, 0)


def otlp_files(folder: Path) -> list[Path]:
    return sorted((folder / "otlp").glob("*.bin"))


def test_requests_of_real_clients_decode_and_are_skipped(
    listening: Listening, shared_data: Path
) -> None:
    files = otlp_files(shared_data)
    assert len(files) == 22, "the public data sets are not beside this checkout"
    for file in files:
        headers = json.loads(file.with_suffix(".headers.json").read_text())
        told = {name.lower(): value for name, value in headers.get("headers", headers).items()}
        path = "/v1/logs" if "v1_logs" in file.name else "/v1/traces"
        encoding = (
            {"content-encoding": told["content-encoding"]} if "content-encoding" in told else {}
        )
        answer = listening.post(path, file.read_bytes(), told["content-type"], **encoding)
        assert answer.status_code == 200, (file.name, answer.text)
        assert undo_encoding(file.read_bytes(), told.get("content-encoding", ""), 10**8)
    rows = listening.store.rows(
        "SELECT received, skipped, stored, quarantined FROM v_deliveries WHERE closed"
    )
    assert len(rows) == len(files)
    assert all(row["received"] == row["skipped"] == 300 for row in rows)
