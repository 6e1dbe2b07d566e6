"""OTLP over HTTP as its specification asks for it, seen from outside: what is empty, unknown, odd
or large is taken, what is refused is told as google.rpc.Status in the client's own encoding.
"""

import gzip
import json
import re
from typing import Any

import pytest
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from core.settings import CollectorSettings
from tests.collector.conftest import Listen, Listening
from tests.collector.test_otlp import HERE, spans

PROTOBUF, JSON = "application/x-protobuf", "application/json"
ANSWERS: dict[str, type[Message]] = {
    "/v1/traces": ExportTraceServiceResponse,
    "/v1/logs": ExportLogsServiceResponse,
}


@pytest.fixture(params=["model", "engine"])
def judging(request: pytest.FixtureRequest, listen: Listen) -> Listening:
    """A collector that judges small requests by the model, and one that never does."""
    least = {"engine_bytes_min": 0} if request.param == "engine" else {}
    return listen(collector=CollectorSettings(**least))


def _counts(listening: Listening) -> tuple[int, int, int]:
    (row,) = listening.store.rows(
        "SELECT sum(received) AS r, sum(stored) AS s, sum(quarantined) AS q FROM v_deliveries"
    )
    return row["r"], row["s"], row["q"]


def _span(**fields: Any) -> dict[str, Any]:
    """A span that is an event, as OTLP writes it in JSON."""
    attributes = [{"key": name, "value": {"stringValue": text}} for name, text in HERE.items()]
    told = {"traceId": "01" * 16, "spanId": "02" * 8, "endTimeUnixNano": "1790762400000000000"}
    return {**told, "attributes": attributes, **fields}


def _json(span: dict[str, Any], **fields: Any) -> bytes:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "x"}}]}
    traced = [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]
    return json.dumps({"resourceSpans": traced, **fields}).encode()


def test_an_empty_request_is_a_success_without_a_partial_one(listening: Listening) -> None:
    for path, kind in ANSWERS.items():
        for body, encoding in ((b"", ""), (gzip.compress(b""), "gzip")):
            answer = listening.post(path, body, PROTOBUF, **{"content-encoding": encoding})
            assert (answer.status_code, answer.headers["content-type"]) == (200, PROTOBUF)
            assert kind.FromString(answer.content) == kind()
        answer = listening.post(path, b"{}", "Application/JSON; charset=UTF-8")
        assert (answer.status_code, answer.headers["content-type"]) == (200, JSON)
        assert answer.json() == {}
    assert _counts(listening) == (0, 0, 0)


def test_fields_of_a_later_version_are_passed_over(judging: Listening) -> None:
    # Field 1007, of a type that may hold anything.
    body = spans(HERE).SerializeToString() + b"\xfa\x3e\x03abc"
    assert judging.post("/v1/traces", body, PROTOBUF).status_code == 200
    later = _json(_span(spanId="03" * 8, newField={"a": [1]}), newRequest=1)
    assert judging.post("/v1/traces", later, JSON).status_code == 200
    assert _counts(judging) == (2, 2, 0)


def test_json_is_read_in_every_form_that_clients_write(listening: Listening) -> None:
    forms: list[dict[str, Any]] = [
        {"kind": 2, "status": {"code": 1}},
        {"kind": 77},
        {"endTimeUnixNano": 1790762400000000000},
        {"traceId": "AB" * 16},
        {"links": None, "status": None, "parentSpanId": ""},
        {"links": [{"traceId": "0A" * 16, "spanId": "0b" * 8}]},
    ]
    for number, fields in enumerate(forms):
        span = _span(**{"spanId": f"{number + 1:016x}", **fields})
        assert listening.post("/v1/traces", _json(span), JSON).status_code == 200, fields
    assert _counts(listening) == (len(forms), len(forms), 0)


def test_attributes_that_are_none_of_ours_may_be_of_any_kind_and_size(judging: Listening) -> None:
    request = spans({**HERE, "http.request.body": "x" * 5_000_000})
    span = request.resource_spans[0].scope_spans[0].spans[0]
    span.attributes.add(key="nothing")
    span.attributes.add(key="nan").value.double_value = float("nan")
    span.attributes.add(key="bytes").value.bytes_value = b"\x00\xff"
    deep = span.attributes.add(key="deep").value
    for _ in range(20):
        deep = deep.array_value.values.add()
    deep.kvlist_value.values.add(key="a").value.int_value = 1
    body = request.SerializeToString()
    assert judging.post("/v1/traces", body, PROTOBUF).status_code == 200
    packed = gzip.compress(body)
    told = judging.post("/v1/traces", packed, PROTOBUF, **{"content-encoding": "gzip"})
    assert told.status_code == 200
    assert _counts(judging)[:2] == (2, 1)


def test_what_breaks_a_rule_is_kept_so_it_is_not_rejected_but_warned_of(judging: Listening) -> None:
    request = ExportTraceServiceRequest()
    for number, action in enumerate(("posted", "Not Snake", "posted")):
        one = {**HERE, "revtrace.object.id": f"INV-{number}", "revtrace.action": action}
        request.MergeFrom(spans(one))
    long = {"revtrace.outcome": "failed", "revtrace.error.message": "x" * 70_000}
    request.MergeFrom(spans({**HERE, **long}))
    answer = judging.post("/v1/traces", request.SerializeToString(), PROTOBUF)
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, partial.rejected_spans) == (200, 0)
    assert re.findall(r"record (\d): ([a-z._]+):", partial.error_message) == [
        ("2", "revtrace.action"),
        ("4", "revtrace.error.message"),
    ]
    assert _counts(judging) == (4, 2, 2)


REFUSED: list[tuple[bytes, str, str, int]] = [
    (b"\x0a\xff\xff", PROTOBUF, "", 400),
    (b"abc", PROTOBUF, "gzip", 400),
    (b"", PROTOBUF, "br", 415),
    (b"", JSON, "", 400),
    (b"null", JSON, "", 400),
    (b"{", JSON, "", 400),
    (b'{"resourceSpans": 3}', JSON, "", 400),
    (b"x", "text/plain", "", 415),
]


def test_a_refusal_is_a_status_in_the_clients_encoding(judging: Listening) -> None:
    for body, kind, encoding, code in REFUSED:
        answer = judging.post("/v1/traces", body, kind, **{"content-encoding": encoding})
        assert answer.status_code == code, (body, kind)
        assert "retry-after" not in answer.headers
        if kind == PROTOBUF:
            assert answer.headers["content-type"] == PROTOBUF
            status = Status.FromString(answer.content)
            number, message = status.code, status.message
        else:
            number, message = answer.json()["code"], answer.json()["message"]
        assert number == 3
        assert message
        # What the engine says is for its operator: a file of this machine, its classes.
        assert not any(word in message for word in ("/tmp", "executing", "(version"))
    assert _counts(judging) == (0, 0, 0)
