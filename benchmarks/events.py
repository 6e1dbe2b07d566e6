"""The events that the ingest benchmark sends, those of a billing integration, in every form."""

import json
import time
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SECONDS_A_DAY = 86_400
BEGIN = 1_782_864_000
NDJSON, LOGS, SPANS = "ndjson", "logs", "spans"


def bodies(form: str, prefix: str, first: int, records: int, requests: int) -> list[bytes]:
    """Request bodies with event ids of their own, so that nothing is a duplicate; from the `first`
    number on, since no two real events say the same either.
    """
    make = {NDJSON: lines, LOGS: logs, SPANS: spans}[form]
    return [make(prefix, first + at * records, records) for at in range(requests)]


def event(prefix: str, number: int) -> dict[str, Any]:
    """One event; the quarter's days one after the other."""
    day = time.strftime("%Y-%m-%d", time.gmtime(BEGIN + number // 20_000 % 90 * SECONDS_A_DAY))
    return {
        "event_id": f"{prefix}{number:09d}",
        "occurred_at": f"{day}T12:00:{number % 60:02d}.{number % 1_000_000:06d}Z",
        "source": "netsuite-us",
        "object": {"type": "invoice", "id": f"INV-{number // 3}"},
        "action": "posted",
        "correlation_id": f"c{number // 9:08d}",
        "links": [{"type": "billing_event", "id": f"BE-{number}", "relation": "from"}],
        "context": {"contract": f"C-{number % 500}", "legal_entity": "US01", "period": "2026-09"},
        "money": {"amount": f"{number % 1000}.25", "currency": "USD"},
    }


def lines(prefix: str, start: int, count: int) -> bytes:
    """Events as NDJSON."""
    numbers = range(start, start + count)
    return "\n".join(json.dumps(event(prefix, number)) for number in numbers).encode()


def flat(start: int, count: int) -> bytes:
    """The same events as rows of the table of events."""
    numbers = range(start, start + count)
    return "\n".join(json.dumps(_row(event("e", number))) for number in numbers).encode()


def logs(prefix: str, start: int, count: int) -> bytes:
    """Events as log records of one request."""
    request = ExportLogsServiceRequest()
    held = request.resource_logs.add()
    _name(held.resource)
    scope = held.scope_logs.add()
    for number in range(start, start + count):
        record = scope.log_records.add(time_unix_nano=(BEGIN * 1_000_000 + number) * 1_000)
        _say(record, prefix, number)
    return request.SerializeToString()


def spans(prefix: str, start: int, count: int) -> bytes:
    """Events as spans of one request."""
    request = ExportTraceServiceRequest()
    held = request.resource_spans.add()
    _name(held.resource)
    scope = held.scope_spans.add()
    for number in range(start, start + count):
        span = scope.spans.add(
            trace_id=(number // 9 + 1).to_bytes(16, "big"),
            span_id=(number + 1).to_bytes(8, "big"),
            name="invoice mapped",
            start_time_unix_nano=(BEGIN * 1_000_000 + number) * 1_000,
            end_time_unix_nano=(BEGIN * 1_000_000 + number) * 1_000,
        )
        _say(span, prefix, number)
    return request.SerializeToString()


def _name(resource: Any) -> None:
    service = resource.attributes.add()
    service.key, service.value.string_value = "service.name", "mulesoft"


def _say(record: Any, prefix: str, number: int) -> None:
    for name, text in {
        "revtrace.event_id": f"{prefix}{number}",
        "revtrace.object.type": "invoice",
        "revtrace.object.id": f"INV-{number // 3}",
        "revtrace.action": "mapped",
        "revtrace.correlation_id": f"c{number // 9:08d}",
        "revtrace.money.amount": "10.25",
        "revtrace.money.currency": "USD",
    }.items():
        pair = record.attributes.add()
        pair.key, pair.value.string_value = name, text


def _row(one: dict[str, Any]) -> dict[str, Any]:
    links = one["links"]
    return {
        "object_hash": hash(one["object"]["id"]) & (2**64 - 1),
        "object_type": one["object"]["type"],
        "object_id": one["object"]["id"],
        "occurred_at": one["occurred_at"].replace("T", " ").removesuffix("Z"),
        "received_at": "2026-09-30 12:00:00.000000",
        "admitted_at": "2026-09-30 12:00:00.000000",
        "batch": 1,
        "source": one["source"],
        "event_id": one["event_id"],
        "content_hash": f"{hash(one['event_id']) & (2**64 - 1):016x}",
        "delivery": "01a2094e93950000000073b16ef0f8c6",
        "mapping": "native",
        "mapping_version": 1,
        "action": one["action"],
        "outcome": "ok",
        "correlation_id": one["correlation_id"],
        "attempt": 1,
        "link_types": [link["type"] for link in links],
        "link_ids": [link["id"] for link in links],
        "link_relations": [link["relation"] for link in links],
        "link_amounts": [None for _ in links],
        **one["context"],
        "amount": one["money"]["amount"],
        "currency": one["money"]["currency"],
    }
