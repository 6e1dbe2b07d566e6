"""A JSON array of events, or one event: one line of each element, which keeps its own bytes."""

import json
from dataclasses import replace

from collector.delivery import JSON, NO_RECORD, Delivery
from collector.mapping import Mappings
from core.errors import BadInput

PROTOCOLS = (JSON,)
WHITESPACE = " \t\r\n"


def prepare(delivery: Delivery, mappings: Mappings) -> Delivery:
    """Return the delivery with its lines."""
    return replace(delivery, payload=b"\n".join(json_lines(delivery.body)))


def json_lines(body: bytes) -> list[bytes]:
    """One line of each element of a JSON array, or of the one object.

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
        return [_line(text[start:])]
    return _elements(text, start + 1)


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
    return [*lines, NO_RECORD + _line(text[at:])]


def _line(text: str) -> bytes:
    """Line ends stand only between the tokens of valid JSON, where a space says the same."""
    return text.replace("\r", " ").replace("\n", " ").strip().encode()


def _behind_whitespace(text: str, at: int) -> int:
    while at < len(text) and text[at] in WHITESPACE:
        at += 1
    return at
