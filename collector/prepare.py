"""Turns the bodies that the engine does not read by itself into event lines; pure, but for the
mapping's text.

The same function serves the receivers, the import and the recovery, so that a delivery read back
from the table becomes the same records again.
"""

import json
from dataclasses import dataclass, replace

from collector import payload
from collector.delivery import LINES, OTLP_LOGS, OTLP_TRACES, PAYLOAD, Delivery
from collector.mapping import CsvMapping
from collector.otlp import from_json
from collector.payload_mapping import PayloadMapping
from collector.receivers.csv_rows import event_lines
from collector.registry import Registry
from core.errors import BadInput

JSON = "json"
CSV = "csv"
OCEL = "ocel"
OTLP_JSON = "application/json"
# A delivery whose body says which other one it makes again; its protocol is that of the other one.
REPLAY = "application/vnd.revtrace.replay+json"
WHITESPACE = " \t\r\n"


@dataclass(frozen=True)
class Replay:
    """The body of a delivery that makes the records of another one again."""

    replays: str
    by: str = ""

    def body(self) -> bytes:
        return json.dumps({"replays": self.replays, "by": self.by}, ensure_ascii=False).encode()


def read_replay(body: bytes) -> Replay:
    """Read the body of a replay; raises BadInput for another one."""
    try:
        told = json.loads(body)
        return Replay(str(told["replays"]), str(told["by"]))
    except (ValueError, KeyError, TypeError):
        raise BadInput("the body is no replay") from None


def prepare(delivery: Delivery, registry: Registry) -> Delivery:
    """Return the delivery with its payload; raises BadInput when no record can be told apart."""
    if delivery.content_type == REPLAY:
        return _again(delivery, registry)
    if delivery.protocol == JSON:
        return replace(delivery, payload=json_lines(delivery.body))
    if delivery.protocol in (OTLP_LOGS, OTLP_TRACES) and delivery.content_type == OTLP_JSON:
        return replace(delivery, payload=from_json(delivery.protocol, delivery.body))
    if delivery.protocol == CSV and delivery.payload is None:
        mapping = registry.mapping(delivery.mapping, delivery.mapping_version)
        if isinstance(mapping, CsvMapping):
            lines, numbers = event_lines(delivery.body, mapping, delivery.file_line)
            return replace(delivery, payload=lines, numbers=numbers)
    if delivery.protocol == PAYLOAD and delivery.payload is None:
        payload_mapping = registry.mapping(delivery.mapping, delivery.mapping_version)
        if isinstance(payload_mapping, PayloadMapping):
            lines, numbers = payload.event_lines(
                delivery.body, payload_mapping, delivery.source, delivery.file_line
            )
            return replace(delivery, payload=lines, numbers=numbers)
    return delivery


def _again(delivery: Delivery, registry: Registry) -> Delivery:
    """The records of the delivery that is replayed, by the mapping of the replay."""
    replays = read_replay(delivery.body).replays
    origin = registry.delivery(replays)
    name, version = delivery.mapping, delivery.mapping_version
    made = prepare(replace(origin, mapping=name, mapping_version=version), registry)
    return replace(
        delivery,
        payload=origin.body if made.payload is None else made.payload,
        numbers=made.numbers,
        replays=replays,
    )


def json_lines(body: bytes) -> bytes:
    """Make one line of each element of a JSON array, or of the one object; each keeps its own
    bytes.

    A break in the middle of an array ends it: what stands behind is one more line, which is
    quarantined.
    """
    try:
        text = body.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise BadInput(
            "the body is not UTF-8", f"byte {error.start}", "Send JSON in UTF-8"
        ) from None
    start = _behind_whitespace(text, 0)
    if start == len(text):
        raise BadInput("the body is empty", "", "Send a JSON object or an array of objects")
    if text[start] != "[":
        return _line(text[start:])
    return b"\n".join(_elements(text, start + 1))


def _elements(text: str, at: int) -> list[bytes]:
    decoder = json.JSONDecoder()
    lines: list[bytes] = []
    at = _behind_whitespace(text, at)
    if text[at : at + 1] == "]":
        return lines
    while True:
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            return _broken(lines, text, at, str(error))
        lines.append(_line(text[at:end]))
        at = _behind_whitespace(text, end)
        if text[at : at + 1] == "]":
            rest = _behind_whitespace(text, at + 1)
            return (
                lines if rest == len(text) else _broken(lines, text, rest, "text behind the array")
            )
        if text[at : at + 1] != ",":
            return _broken(lines, text, at, "a comma or the end of the array is missing")
        at = _behind_whitespace(text, at + 1)


def _broken(lines: list[bytes], text: str, at: int, why: str) -> list[bytes]:
    if not lines:
        line = text.count("\n", 0, at) + 1
        raise BadInput(
            f"the JSON array cannot be read: line {line}, character {at + 1}",
            why,
            "Send a JSON array of objects",
        )
    # The mark keeps a rest that happens to be valid JSON from passing for a record.
    return [*lines, b"unreadable: " + _line(text[at:])]


def _line(text: str) -> bytes:
    """Line ends stand only between the tokens of valid JSON, where a space says the same."""
    return text.replace("\r", " ").replace("\n", " ").strip().encode()


def _behind_whitespace(text: str, at: int) -> int:
    while at < len(text) and text[at] in WHITESPACE:
        at += 1
    return at


__all__ = ["CSV", "JSON", "LINES", "OCEL", "OTLP_LOGS", "OTLP_TRACES", "json_lines", "prepare"]
