"""What an OpenTelemetry log record or span says as an event: the mapping of `revtrace.*`
attributes, as a model.

Small commits are mapped here; large ones by the engine (`sql/lines_otlp.sql`), which a property
test holds to be alike. A record is an event when it carries `revtrace.object.*`; others are
skipped. What a record says itself wins over what its resource says, and both win over what is
derived (time, source, trace, outcome, error).
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector.delivery import OTLP_LOGS
from collector.otlp_mend import mend
from core.errors import BadInput
from core.event import EARLIEST, LATEST
from core.verdict import is_json

PREFIX = "revtrace."
SEVERITY_ERROR = 17
NESTED = ("object", "context", "money", "error", "attributes")
CODE_CHARS_MAX = 1000
MESSAGE_CHARS_MAX = 65_536
# How much of a request is looked at before it is judged: events, of one resource, and records.
FIRST_MAX, FIRST_OF_RESOURCE, FIRST_LOOKED_MAX = 8, 2, 64
# The ids that OTLP writes as hex in JSON, where protobuf's own JSON would expect base64.
HEX_IDS = ("traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id")


@dataclass(frozen=True)
class OtlpRecord:
    """One record: its event line, None when it is skipped, and the spans that it links to."""

    line: bytes | None
    span_links: tuple[str, ...] = ()


def read_request(protocol: str, body: bytes) -> Message:
    """Parse a protobuf request; raises BadInput for bytes that are none."""
    request = ExportLogsServiceRequest() if protocol == OTLP_LOGS else ExportTraceServiceRequest()
    try:
        request.ParseFromString(body)
    except DecodeError as error:
        raise BadInput(
            "the body is no OTLP protobuf request", str(error), "Check what the exporter sends"
        ) from None
    return request


def from_json(protocol: str, body: bytes) -> bytes:
    """Turn an OTLP JSON request into protobuf; raises BadInput where it is none."""
    try:
        found = json.loads(body)
        if not isinstance(found, dict):
            raise ValueError("an object is wanted")
        try:
            return _protobuf(protocol, found)
        except (ValueError, ParseError):
            # One bad id or time, and the others shall be taken.
            if not mend(found):
                raise
            return _protobuf(protocol, found)
    except (ValueError, ParseError, RecursionError, TypeError, AttributeError) as error:
        raise BadInput(
            "the body is no OTLP JSON request", str(error)[:300], "Check what the exporter sends"
        ) from None


def _protobuf(protocol: str, found: dict[str, Any]) -> bytes:
    request = ExportLogsServiceRequest() if protocol == OTLP_LOGS else ExportTraceServiceRequest()
    ParseDict(_with_binary_ids(found), request, ignore_unknown_fields=True)
    return request.SerializeToString()


def records(request: Message) -> Iterator[OtlpRecord]:
    """Every record of a request, in its order."""
    for resource, scopes, read in _resources(request):
        for scope in scopes:
            for record in scope:
                yield read(record, resource)


def first_events(request: Message) -> Iterator[tuple[int, bytes]]:
    """The place and the line of a few events: the first ones of each resource, which a bounded
    number of records is searched for.
    """
    place, made, looked = 0, 0, 0
    for resource, scopes, read in _resources(request):
        of_resource = 0
        for scope in scopes:
            for at, record in enumerate(scope, start=place + 1):
                enough = made >= FIRST_MAX or looked >= FIRST_LOOKED_MAX
                if enough or of_resource >= FIRST_OF_RESOURCE:
                    break
                looked += 1
                line = read(record, resource).line
                if line is not None:
                    made, of_resource = made + 1, of_resource + 1
                    yield at, line
            place += len(scope)


Pairs = list[tuple[str, str]]
Read = Callable[[Any, Pairs], OtlpRecord]


def _resources(request: Message) -> Iterator[tuple[Pairs, list[Any], Read]]:
    """The attributes of each resource, its records scope by scope, and how one of them is read."""
    if isinstance(request, ExportLogsServiceRequest):
        for logs in request.resource_logs:
            attributes = _named(logs.resource.attributes)
            yield attributes, [scope.log_records for scope in logs.scope_logs], _of_log
    elif isinstance(request, ExportTraceServiceRequest):
        for spans in request.resource_spans:
            attributes = _named(spans.resource.attributes)
            yield attributes, [scope.spans for scope in spans.scope_spans], _of_span


def _of_log(record: LogRecord, resource: Pairs) -> OtlpRecord:
    own = _named(record.attributes)
    if not _is_event(own):
        return OtlpRecord(None)
    failed = record.severity_number >= SEVERITY_ERROR
    derived = _derived(
        own,
        resource,
        nanoseconds=record.time_unix_nano or record.observed_time_unix_nano,
        ids=(record.trace_id, record.span_id),
        failed=failed,
        message=_string(record.body),
    )
    return OtlpRecord(_line(own, resource, derived))


def _of_span(span: Span, resource: Pairs) -> OtlpRecord:
    own = _named(span.attributes)
    if not _is_event(own):
        return OtlpRecord(None)
    derived = _derived(
        own,
        resource,
        nanoseconds=span.end_time_unix_nano,
        ids=(span.trace_id, span.span_id),
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        message=json.dumps(span.status.message, ensure_ascii=False) if span.status.message else "",
    )
    links = tuple(f"{link.trace_id.hex()}-{link.span_id.hex()}" for link in span.links)
    return OtlpRecord(_line(own, resource, derived), links)


def _is_event(own: Pairs) -> bool:
    return any(name.startswith(f"{PREFIX}object.") for name, _ in own)


def _derived(
    own: Pairs,
    resource: Pairs,
    *,
    nanoseconds: int,
    ids: tuple[bytes, bytes],
    failed: bool,
    message: str,
) -> dict[str, str]:
    """The fields that a record has without saying so, as JSON texts; those it says are
    left to it.
    """
    said = dict([*reversed(resource), *reversed(own)])
    found: dict[str, str] = {}
    if nanoseconds:
        found["occurred_at"] = json.dumps(_instant(nanoseconds))
    if "service.name" in dict(resource):
        found["source"] = dict(reversed(resource))["service.name"]
    for name, value in zip(("trace_id", "span_id"), ids, strict=True):
        if value:
            found[name] = json.dumps(value.hex())
    outcome = said.get(f"{PREFIX}outcome", "null")
    if outcome == "null" and failed:
        found["outcome"] = outcome = '"failed"'
    if outcome in ('"failed"', '"retrying"'):
        code = said.get("error.type") or said.get("exception.type") or ""
        told = said.get("exception.message") or message
        found |= _cut("error.code", code, CODE_CHARS_MAX)
        found |= _cut("error.message", told, MESSAGE_CHARS_MAX)
    return found


def _cut(name: str, text: str, chars_max: int) -> dict[str, str]:
    """A derived text may be longer than the contract allows, and is no fault of the sender: it is
    cut.
    """
    if not text.startswith('"'):
        return {}
    return {name: json.dumps(json.loads(text)[:chars_max], ensure_ascii=False)}


def _line(own: Pairs, resource: Pairs, derived: Mapping[str, str]) -> bytes:
    """Write the event line; a name said twice stands there twice, so that admission refuses it by
    name.
    """
    mine = [(name.removeprefix(PREFIX), text) for name, text in own if name.startswith(PREFIX)]
    taken = {name for name, _ in mine}
    theirs = [
        (name.removeprefix(PREFIX), text) for name, text in resource if name.startswith(PREFIX)
    ]
    mine += [pair for pair in theirs if pair[0] not in taken]
    said = {name for name, text in mine if text != "null"}
    mine += [pair for pair in derived.items() if pair[0] not in said]
    parts = [_pair(name, text) for name, text in mine if not _group(name)]
    for group in NESTED:
        inner = [
            _pair(name[len(group) + 1 :], text) for name, text in mine if _group(name) == group
        ]
        if inner:
            parts.append(f'"{group}":{{{",".join(inner)}}}')
    return f"{{{','.join(parts)}}}".encode()


def _pair(name: str, text: str) -> str:
    if name == "links" and text.startswith('"'):
        text = _links(text)
    return f"{json.dumps(name, ensure_ascii=False)}:{text}"


def _links(text: str) -> str:
    """Links come as a JSON text; one that is none stays a string, which admission refuses
    as such.
    """
    inner: str = json.loads(text)
    return inner if is_json(inner) else text


def _group(name: str) -> str:
    head, dot, _ = name.partition(".")
    return head if dot and head in NESTED else ""


def _named(attributes: Iterable[KeyValue]) -> Pairs:
    return [(pair.key, _text(pair.value)) for pair in attributes]


def _text(value: AnyValue) -> str:
    """The value as JSON; floats, lists, maps and bytes are no field of an event and stand as an
    empty list.
    """
    match value.WhichOneof("value"):
        case None:
            return "null"
        case "string_value":
            return json.dumps(value.string_value, ensure_ascii=False)
        case "bool_value":
            return "true" if value.bool_value else "false"
        case "int_value":
            return str(value.int_value)
    return "[]"


def _string(value: AnyValue) -> str:
    return (
        _text(value) if value.WhichOneof("value") == "string_value" and value.string_value else ""
    )


def _instant(nanoseconds: int) -> str:
    """RFC 3339 in UTC, microseconds; what is beyond the engine's calendar stands at its end, and is
    refused as future.
    """
    at = min(EARLIEST + timedelta(microseconds=nanoseconds // 1000), LATEST)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _with_binary_ids(value: Any) -> Any:
    """Turn hex ids into the base64 that the protobuf library expects; walks the request once,
    without recursion limits of its own.
    """
    if isinstance(value, dict):
        return {
            key: _base64(part) if key in HEX_IDS else _with_binary_ids(part)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_with_binary_ids(part) for part in value]
    return value


def _base64(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return base64.b64encode(bytes.fromhex(text)).decode()
    except (ValueError, binascii.Error):
        raise ValueError(f"an id is no hex: {text[:40]}") from None
