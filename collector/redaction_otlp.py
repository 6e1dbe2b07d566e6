"""Redaction of OTLP requests: attributes of resources, scopes and records, and the body of a log
under the name `body`.

An attribute `revtrace.context.resource` is the field `context.resource` of its event, so a rule may
name it either way.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from collector.exact_json import plain_number, read_as_written, text_of
from collector.otlp import PREFIX, read_request

Attributes = Iterable[KeyValue]
SOURCE = f"{PREFIX}source"
# What the error of an event is derived from, and so is hidden by a rule on the error.
ERROR_MESSAGE = "error.message"
DERIVED = {
    "exception.message": ERROR_MESSAGE,
    "error.type": "error.code",
    "exception.type": "error.code",
}
CLEARED = {
    "trace_id": "trace_id",
    "span_id": "span_id",
    "parent_span_id": "span_id",
    "time_unix_nano": "occurred_at",
    "observed_time_unix_nano": "occurred_at",
    "end_time_unix_nano": "occurred_at",
}


def redacted(protocol: str, body: bytes, given: str, rules_of: Callable[[str], Any]) -> bytes:
    """Return the request with what the rules of its sources name hidden; raises BadInput for
    bytes that are no request. `given` is the source that the delivery was sent for.
    """
    request = read_request(protocol, body)
    changed = False
    for resource, records, others in _groups(request):
        # Whose a record is admission decides; until then it may be of each that is named for it.
        shared = [*_said(resource.attributes, SOURCE, "service.name"), given]
        every = dict.fromkeys(shared)
        for record in records:
            names = dict.fromkeys([*_said(record.attributes, SOURCE), *shared])
            every |= names
            for rules in _found(names, rules_of):
                changed |= _record(record, rules)
        for rules in _found(every, rules_of):
            for attributes in (resource.attributes, *(each.attributes for each in others)):
                changed |= _attributes(attributes, rules)
    if not changed:
        return body
    # Fields that nobody here knows could hold anything.
    request.DiscardUnknownFields()
    return request.SerializeToString()


def _groups(request: Message) -> Iterator[tuple[Any, list[Any], list[Any]]]:
    """Each resource with its records and its scopes."""
    if isinstance(request, ExportLogsServiceRequest):
        for logs in request.resource_logs:
            yield (
                logs.resource,
                [each for scope in logs.scope_logs for each in scope.log_records],
                [scope.scope for scope in logs.scope_logs],
            )
        return
    assert isinstance(request, ExportTraceServiceRequest)
    for spans in request.resource_spans:
        yield (
            spans.resource,
            [each for scope in spans.scope_spans for each in scope.spans],
            [scope.scope for scope in spans.scope_spans],
        )


def _said(attributes: Attributes, *names: str) -> list[str]:
    """Each text that the attributes of these names hold; a name may stand there twice."""
    return [each.value.string_value for each in attributes if each.key in names]


def _found(names: Iterable[str], rules_of: Callable[[str], Any]) -> list[Any]:
    return [rules for rules in map(rules_of, names) if rules is not None]


def _record(record: Any, rules: Any) -> bool:
    changed = _attributes(record.attributes, rules) | _cleared(record, rules)
    for name in ("events", "links"):
        for each in getattr(record, name, ()):
            changed |= _attributes(each.attributes, rules) | _cleared(each, rules)
    if hasattr(record, "body"):
        # Only a text becomes the message of an error.
        text = record.body.WhichOneof("value") == "string_value"
        fate = rules.fate("body") or (rules.fate(ERROR_MESSAGE) if text else "")
        changed |= _hide(record.body, fate, rules) if fate else _value(record.body, rules, "body")
    fate = ""
    if hasattr(record, "status"):
        fate = rules.fate("status.message") or rules.fate(ERROR_MESSAGE)
    if fate and record.status.message:
        record.status.message = rules.hidden(fate, record.status.message)
        changed = True
    return changed


def _cleared(record: Any, rules: Any) -> bool:
    """What a record says in bytes and numbers, which can hold neither mask nor token, is left out
    where a rule names the field that it becomes.
    """
    found = [name for name in CLEARED if getattr(record, name, None)]
    found = [name for name in found if rules.fate(CLEARED[name])]
    for name in found:
        record.ClearField(name)
    return bool(found)


def _attributes(attributes: Attributes, rules: Any, before: str = "") -> bool:
    changed = False
    for each in attributes:
        path = f"{before}{each.key}"
        fate = rules.fate(path) or rules.fate(path.removeprefix(PREFIX))
        if not fate and path in DERIVED:
            fate = rules.fate(DERIVED[path])
        changed |= _hide(each.value, fate, rules) if fate else _value(each.value, rules, path)
    return changed


def _value(value: AnyValue, rules: Any, path: str) -> bool:
    match value.WhichOneof("value"):
        case "kvlist_value":
            return _attributes(value.kvlist_value.values, rules, f"{path}.")
        case "array_value":
            hidden = [_value(each, rules, path) for each in value.array_value.values]
            return any(hidden)
        case "string_value" if path == f"{PREFIX}links":
            return _links(value, rules)
    return False


def _links(value: AnyValue, rules: Any) -> bool:
    """Links are a JSON text, whose keys are redacted as those of a native event."""
    try:
        links = read_as_written(value.string_value)
    except ValueError:
        return False
    hidden = text_of(rules.value(links, "links"))
    if hidden == text_of(links):
        return False
    value.string_value = hidden
    return True


def _hide(value: AnyValue, fate: str, rules: Any) -> bool:
    match value.WhichOneof("value"):
        case None:
            return False
        case "string_value":
            text = value.string_value
        case "bool_value":
            text = "true" if value.bool_value else "false"
        case "int_value":
            text = plain_number(value.int_value)
        case "double_value":
            text = json.dumps(value.double_value)
        case "bytes_value":
            text = value.bytes_value.hex()
        case "array_value":
            hidden = [_hide(each, fate, rules) for each in value.array_value.values]
            return any(hidden)
        case _:
            hidden = [_hide(each.value, fate, rules) for each in value.kvlist_value.values]
            return any(hidden)
    value.string_value = rules.hidden(fate, text)
    return True
