"""OTLP requests in JSON of which one record has an id or a time that is none.

The protobuf library refuses a request as a whole. So that only the record in question is lost, what
cannot be read is taken out of it and said by the attribute of the field that it would have become:
admission then refuses that field of that record, as it stands, and stores the records beside it.
"""

import re
from collections.abc import Iterator
from typing import Any

PREFIX = "revtrace."
LINKS = f"{PREFIX}links"
RECORDS = (
    (("resourceLogs", "resource_logs"), ("scopeLogs", "scope_logs"), ("logRecords", "log_records")),
    (("resourceSpans", "resource_spans"), ("scopeSpans", "scope_spans"), ("spans",)),
)
UNSIGNED = re.compile(r"[0-9]{1,20}\Z")
UNSIGNED_MAX = 2**64 - 1
# Under each of their names, and the field of an event that they become; none: they become nothing.
IDS = {
    "traceId": "trace_id",
    "trace_id": "trace_id",
    "spanId": "span_id",
    "span_id": "span_id",
    "parentSpanId": "",
    "parent_span_id": "",
}
# Those that tell the time of the event come before the one that stands in for a missing one.
TIMES = {
    "timeUnixNano": "occurred_at",
    "time_unix_nano": "occurred_at",
    "endTimeUnixNano": "occurred_at",
    "end_time_unix_nano": "occurred_at",
    "observedTimeUnixNano": "",
    "observed_time_unix_nano": "",
    "startTimeUnixNano": "",
    "start_time_unix_nano": "",
}


def mend(request: Any) -> bool:
    """Take what cannot be read out of the records of a request, in place; says whether there was
    any.
    """
    mended = False
    for record in _records(request):
        for name, field in (*IDS.items(), *TIMES.items()):
            if name in record and not (_is_id if name in IDS else _is_time)(record[name]):
                _say(record, f"{PREFIX}{field}" if field else "", record.pop(name))
                mended = True
        for link in _objects(record, "links"):
            for name in IDS:
                if name in link and not _is_id(link[name]):
                    _say(record, LINKS, link.pop(name))
                    mended = True
    return mended


def _records(request: Any) -> Iterator[dict[str, Any]]:
    for resources, scopes, records in RECORDS:
        for resource in _objects(request, *resources):
            for scope in _objects(resource, *scopes):
                yield from _objects(scope, *records)


def _objects(value: Any, *names: str) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        lists = (value[name] for name in names if isinstance(value.get(name), list))
        yield from (each for found in lists for each in found if isinstance(each, dict))


def _say(record: dict[str, Any], name: str, value: Any) -> None:
    """What the record says of the field by itself goes first; then the broken id means nothing."""
    attributes = record.setdefault("attributes", [])
    if not name or not isinstance(attributes, list):
        return
    if name == LINKS or all(each.get("key") != name for each in _objects(record, "attributes")):
        attributes.append({"key": name, "value": {"stringValue": str(value)}})


def _is_id(value: Any) -> bool:
    if not isinstance(value, str):
        return value is None
    try:
        bytes.fromhex(value)
    except ValueError:
        return False
    return True


def _is_time(value: Any) -> bool:
    if value is None:
        return True
    if isinstance(value, float):
        return value.is_integer() and 0 <= value <= UNSIGNED_MAX
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    return UNSIGNED.match(text) is not None and int(text) <= UNSIGNED_MAX
