"""Telemetry as the file exporter of an OpenTelemetry collector writes it: one OTLP request in JSON
a line; or one request as one document.

The requests of a block are a delivery for its logs and one for its traces. A line that is no
request is refused with its number: such lines are a delivery of their own, whose body has an empty
line in the place of each good one. Requests of metrics carry no events and count as skipped.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

from collector import file_format
from collector.delivery import NO_REQUEST, OTLP_LOGS, OTLP_TRACES, Delivery
from collector.file_format import LINE_BYTES_MAX, Opening, Parts, first_key, goes_on
from collector.file_stream import closing_stream, opened, share_of
from collector.forms.otlp_json import JSON_LINES
from collector.otlp import from_json
from core.errors import BadInput
from core.verdict import is_json

NAME = "otlp-json"
ENDINGS = (".otlp.json", ".otlp")
MAPPING = None
NEEDS_MAPPING = ""
NAMES_SOURCE = True
KINDS = {
    "resourceLogs": OTLP_LOGS,
    "resource_logs": OTLP_LOGS,
    "resourceSpans": OTLP_TRACES,
    "resource_spans": OTLP_TRACES,
}
METRICS = ("resourceMetrics", "resource_metrics", "resourceProfiles", "resource_profiles")
# One record without attributes: what is no event is counted and skipped.
NOTHING = b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}'


def claims(head: bytes) -> bool:
    """A request begins with one of few words."""
    return first_key(head) in (*KINDS, *METRICS)


def parts(opening: Opening) -> Parts:
    """Cut a file at line ends."""
    raw, stream = opened(opening.path)

    def deliveries() -> Iterator[Delivery]:
        first, lines_before = True, 0
        while block := stream.read(file_format.BLOCK_BYTES):
            block += stream.readline(LINE_BYTES_MAX) if not block.endswith(b"\n") else b""
            if first and goes_on(block.lstrip().partition(b"\n")[0]):
                # A document over many lines cannot be cut.
                rest = stream.read(LINE_BYTES_MAX)
                if len(rest) == LINE_BYTES_MAX:
                    raise BadInput("the document is too large", "", "Write one request a line")
                block = _one_line(block + rest)
            yield from _sorted(block, replace(opening.base, file_line=lines_before))
            first, lines_before = False, lines_before + block.count(b"\n")

    return Parts(deliveries(), share_of(raw, opening.path), closing_stream(stream, raw))


def _sorted(block: bytes, base: Delivery) -> Iterator[Delivery]:
    """The deliveries of a block: its logs, its traces, and what is neither."""
    good: dict[str, list[bytes]] = {OTLP_LOGS: [], OTLP_TRACES: []}
    payloads: dict[str, list[bytes]] = {OTLP_LOGS: [], OTLP_TRACES: []}
    refused: list[bytes] = []
    for line in block.split(b"\n"):
        refused.append(b"")
        if not line.strip():
            continue
        kind, request = _request(line)
        try:
            payload = from_json(kind, request) if kind else b""
        except BadInput:
            kind = ""
        if kind:
            good[kind].append(request)
            payloads[kind].append(payload)
        else:
            refused[-1] = line.rstrip(b"\r")
    for kind, lines in good.items():
        if lines:
            payload = b"".join(payloads[kind])
            given = replace(base, protocol=kind, content_type=JSON_LINES, mapping="otlp")
            yield replace(given, body=b"\n".join(lines), payload=payload)
    if any(refused):
        yield replace(base, protocol=NO_REQUEST, body=b"\n".join(refused), mapping="otlp")


def _request(line: bytes) -> tuple[str, bytes]:
    """The protocol of a line, empty when it is no request, and the request."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return "", line
    if not isinstance(found, dict):
        return "", line
    kinds = {kind for key, kind in KINDS.items() if key in found}
    if not kinds and any(key in found for key in METRICS):
        return OTLP_LOGS, NOTHING
    return (kinds.pop(), line) if len(kinds) == 1 else ("", line)


def _one_line(document: bytes) -> bytes:
    """The document on one line where it is JSON; else its lines are told one by one."""
    try:
        whole = is_json(document.decode("utf-8-sig"))
    except UnicodeDecodeError:
        whole = False
    return document.replace(b"\n", b" ") if whole else document
