"""Judges one record by the contract of `core.event`: the model's side of admission, and its oracle.

A fault is a reason and a field. Of several faults the one that is named is the first in this order:
the record as a whole, repeated keys, unknown keys, then the top-level fields in declared order and
within one of them the reasons in the order of `Reason`, then the nested fields in declared order,
last the rules between fields.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from core.event import (
    EARLIEST,
    FIELD_NAME_CHARS_MAX,
    FUTURE_MAX,
    REFUSED,
    Closed,
    Context,
    EventError,
    IntegrationEvent,
    Link,
    Money,
    ObjectRef,
    Reason,
)

# A longer number is written differently by different programs, so what was meant cannot be known.
LONG_NUMBER = re.compile(r"[0-9]{19}")


@dataclass(frozen=True)
class Fault:
    """Why a record is refused: the reason and, where there is one, the path of the field."""

    reason: Reason
    field: str = ""


@dataclass(frozen=True)
class Admitted:
    """An event with its identity: (source, event_id) and the first half of the content's sha256."""

    event: IntegrationEvent
    event_id: str
    content_hash: bytes


def admit(
    line: bytes | str,
    *,
    source: str = "",
    received_at: datetime,
    allowed_sources: Collection[str] = (),
) -> Admitted | Fault:
    """Read one record as the engine does; `source` fills in where the record names none, and
    `allowed_sources` are those that its sender may speak for; none: any. Never raises.
    """
    record = _parse(line)
    if isinstance(record, Fault):
        return record
    fault = _refused_before(record) or _repeated_key(record)
    if fault is not None:
        return fault
    default = {"source": source} if source and record.get("source") is None else {}
    try:
        event = IntegrationEvent.model_validate({**record, **default})
    except ValidationError as error:
        return _first_fault(error)
    if event.instant() > received_at + FUTURE_MAX:
        return Fault(Reason.FUTURE, "occurred_at")
    if allowed_sources and event.source not in allowed_sources:
        return Fault(Reason.NOT_ALLOWED, "source")
    digest = hashlib.sha256(canonical_content(event)).digest()
    return Admitted(event, event.event_id or digest.hex(), digest[:16])


def canonical_content(event: IntegrationEvent) -> bytes:
    """The bytes whose sha256 is the content of an event: all admitted fields but event_id, in
    declared order.

    All texts joined, then NUL and the list of their lengths, which makes the joining reversible.
    """
    context = event.context
    money = event.money
    error = event.error or EventError()
    texts = [
        str(_microseconds(event.instant())),
        event.source,
        event.object.type,
        event.object.id,
        event.object.version,
        event.action,
        event.outcome,
        event.correlation_id,
        event.trace_id or "",
        event.span_id or "",
        event.idempotency_key,
        str(event.attempt),
        "\0".join(sorted((_link_text(link) for link in event.links), key=str.encode)),
        context.customer,
        context.contract,
        context.contract_version,
        context.project,
        context.resource,
        context.legal_entity,
        context.service_line,
        context.region,
        context.engagement or "",
        context.period or "",
        context.actor,
        _ten_thousandths(money.amount) if money else "",
        money.currency if money else "",
        (money.measure or "") if money else "",
        error.code,
        error.message,
    ]
    pairs = sorted((name.encode(), text.encode()) for name, text in event.attributes.items())
    attributes = _joined([part for pair in pairs for part in pair])
    return _joined([*(text.encode() for text in texts), attributes])


def is_json(text: str) -> bool:
    """Say whether a text is JSON as the engine reads it."""
    found = _parse(text)
    return not isinstance(found, Fault) or found.reason is not Reason.NOT_JSON


class _Object(dict[str, Any]):
    """A JSON object that remembers the first key that was there twice."""

    repeated: str | None = None


def _pairs(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object()
    for key, value in pairs:
        if key not in made:
            made[key] = value
            continue
        # What is dropped here must still be text that can be stored, as the rest of the line.
        _encoded(value)
        made.repeated = key if made.repeated is None else made.repeated
    return made


def _encoded(value: Any) -> bytes:
    """Raises ValueError for a lone surrogate, which JSON can write but no text can hold."""
    return json.dumps(value, ensure_ascii=False).encode()


def _parse(line: bytes | str) -> _Object | Fault:
    long_numbers: list[str] = []

    def whole(text: str) -> int:
        if LONG_NUMBER.search(text):
            long_numbers.append(text)
            return 0
        return int(text)

    def fraction(text: str) -> float:
        if LONG_NUMBER.search(text):
            long_numbers.append(text)
        value = float(text)
        if value in (float("inf"), float("-inf")):
            raise ValueError("larger than a double")
        return value

    def constant(text: str) -> Any:
        raise ValueError(text)

    try:
        text = line if isinstance(line, str) else line.decode()
        found = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_pairs,
            parse_int=whole,
            parse_float=fraction,
            parse_constant=constant,
        )
        _encoded(found)
    except (ValueError, RecursionError):
        return Fault(Reason.NOT_JSON)
    if long_numbers:
        return Fault(Reason.NUMBER)
    return found if isinstance(found, _Object) else Fault(Reason.NOT_OBJECT)


def _refused_before(record: _Object) -> Fault | None:
    """What the mapping of a source has said of a record, where it is a reason that is known."""
    told = record.get(REFUSED)
    if not isinstance(told, dict) or told.get("reason") not in list(Reason):
        return None
    name = told.get("field")
    return Fault(Reason(told["reason"]), _field_name(name if isinstance(name, str) else ""))


def _repeated_key(record: _Object) -> Fault | None:
    if record.repeated is not None:
        return Fault(Reason.REPEATED_KEY, _field_name(record.repeated))
    for name in ("object", "links", "context", "money", "error", "attributes"):
        value = record.get(name)
        for part in value if isinstance(value, list) and name == "links" else [value]:
            if isinstance(part, _Object) and part.repeated is not None:
                return Fault(Reason.REPEATED_KEY, _field_name(f"{name}.{part.repeated}"))
    return None


_REASONS = {
    "missing": Reason.MISSING,
    "extra_forbidden": Reason.UNKNOWN_KEY,
    "string_too_long": Reason.LENGTH,
    "string_too_short": Reason.LENGTH,
    "too_long": Reason.LENGTH,
    "string_pattern_mismatch": Reason.PATTERN,
    "literal_error": Reason.CHOICE,
    "out_of_range": Reason.RANGE,
    "greater_than_equal": Reason.RANGE,
    "less_than_equal": Reason.RANGE,
    "across_types": Reason.ACROSS_TYPES,
    "not_with_outcome": Reason.NOT_WITH_OUTCOME,
}
_RANKS = {reason: rank for rank, reason in enumerate(Reason)}
_NESTED: Mapping[str, type[Closed]] = {
    "object": ObjectRef,
    "links": Link,
    "context": Context,
    "money": Money,
    "error": EventError,
}


def _first_fault(error: ValidationError) -> Fault:
    """Choose the one fault that is named, in the order that the module's docstring states."""
    faults = []
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        reason = _REASONS.get(detail["type"], Reason.TYPE)
        path = [part for part in detail["loc"] if isinstance(part, str)]
        if reason in (Reason.ACROSS_TYPES, Reason.NOT_WITH_OUTCOME):
            return Fault(reason, detail["msg"])
        faults.append((_order(reason, path), Fault(reason, _field_name(_path_text(path)))))
    return min(faults, key=lambda fault: fault[0])[1]


def _order(reason: Reason, path: list[str]) -> tuple[int, int, int, int]:
    fields = list(IntegrationEvent.model_fields)
    place = fields.index(path[0]) if path[0] in fields else -1
    if reason is Reason.UNKNOWN_KEY:
        return (0, place if len(path) > 1 else -1, 0, 0)
    nested = list(_NESTED[path[0]].model_fields) if path[0] in _NESTED else []
    below = nested.index(path[1]) + 1 if len(path) > 1 and path[1] in nested else 0
    return (1, place, _RANKS[reason], below)


def _path_text(path: list[str]) -> str:
    """Name the field; an attribute's own name is not part of it, since senders choose it freely."""
    return "attributes" if path[0] == "attributes" else ".".join(path)


def _field_name(path: str) -> str:
    return path[:FIELD_NAME_CHARS_MAX]


def _link_text(link: Link) -> str:
    amount = _ten_thousandths(link.amount) if link.amount else ""
    return "\0".join((link.relation, link.type, link.id, amount))


def _ten_thousandths(amount: str) -> str:
    return str(int(Decimal(amount).scaleb(4)))


def _microseconds(at: datetime) -> int:
    return (at - EARLIEST) // timedelta(microseconds=1)


def _joined(parts: list[bytes]) -> bytes:
    sizes = ",".join(str(len(part)) for part in parts)
    return b"".join(parts) + b"\0[" + sizes.encode() + b"]"
