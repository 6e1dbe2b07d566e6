"""The rows of a file of a source with a mapping of payloads, told apart: what is an event already
is taken as it stands, everything else is the source's own and goes through the mapping.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from pydantic_core import from_json

from collector.delivery import LINES, NATIVE, PAYLOAD, Delivery
from core.event import IntegrationEvent, ObjectRef

BOM = b"\xef\xbb\xbf"
FIELDS = frozenset(IntegrationEvent.model_fields)
OF_OBJECT = frozenset(ObjectRef.model_fields)
REQUIRED = ("occurred_at", "action", "object")


def is_event(row: Any) -> bool:
    """Say whether a row has the envelope of an event: all that an event needs, or nothing that an
    event does not know.

    The second half keeps an event that lacks a field from being judged by a mapping that was never
    meant for it.
    """
    told = row.get("object") if isinstance(row, dict) else None
    if not isinstance(told, dict):
        return False
    whole = all(name in row for name in REQUIRED) and "type" in told and "id" in told
    return whole or (FIELDS.issuperset(row) and OF_OBJECT.issuperset(told))


def told_apart(lines: Iterable[bytes], base: Delivery) -> Iterator[Delivery]:
    """The deliveries of rows, one a line: one of the events and one of the payloads, where there
    are any. Each has empty lines in the places of the other's, so that both keep their numbers.

    A line that is no JSON is refused by the contract of events: no mapping can read it.
    """
    events: list[bytes] = []
    payloads: list[bytes] = []
    for line in lines:
        native = _is_native(line)
        events.append(line if native else b"")
        payloads.append(b"" if native or not line.strip() else line)
    if any(events):
        body = b"\n".join(events)
        yield replace(base, body=body, protocol=LINES, mapping=NATIVE, mapping_version=1)
    first = next((place for place, line in enumerate(payloads) if line), None)
    if first is not None:
        # A payload that is alone is read as one document, which knows no line but its first.
        body = b"\n".join(payloads[first:])
        yield replace(base, body=body, protocol=PAYLOAD, file_line=base.file_line + first)


def _is_native(line: bytes) -> bool:
    bare = line.removeprefix(BOM).strip()
    try:
        return is_event(from_json(bare)) if bare else False
    except ValueError:
        return True
