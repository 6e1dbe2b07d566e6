"""Admission of small commits by the model of the contract instead of the engine.

The engine judges a million records faster than anything else, but reading its long statement costs
it about a tenth of a second, however few records there are. Below a bound the model is faster; a
property test holds both to be alike.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from collector.delivery import OTLP_LOGS, OTLP_TRACES, PAYLOAD, Delivery, Kept
from collector.otlp import read_request, records
from collector.payload import SKIPPED
from core.event import AMOUNT_LIMIT, REFUSED, IntegrationEvent
from core.verdict import Admitted, Fault, admit

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_HASH = bytes(16)

COLUMNS = (
    "seq",
    "delivery",
    "received_at",
    "mapping",
    "mapping_version",
    "record",
    "line_number",
    "skipped",
    "span_links",
    "reason",
    "field",
    "raw",
    "object_type",
    "object_id",
    "object_version",
    "occurred_at",
    "source",
    "event_id",
    "content_hash",
    "action",
    "outcome",
    "correlation_id",
    "trace_id",
    "span_id",
    "idempotency_key",
    "attempt",
    "link_types",
    "link_ids",
    "link_relations",
    "link_amounts",
    "customer",
    "contract",
    "contract_version",
    "project",
    "resource",
    "legal_entity",
    "service_line",
    "region",
    "engagement",
    "period",
    "actor",
    "amount",
    "currency",
    "measure",
    "error_code",
    "error_message",
    "attributes",
)

FATES = COLUMNS[COLUMNS.index("reason") :]


def judged_rows(kept: Sequence[Kept]) -> list[list[Any]]:
    """The rows of the bench for deliveries whose payload is lines, in the order of `COLUMNS`."""
    return [row for seq, one in enumerate(kept) for row in _rows(seq, one)]


def _rows(seq: int, one: Kept) -> Iterator[list[Any]]:
    given = one.given
    for place, number, line, span_links in record_lines(given):
        head = [seq, one.id, one.received_at, given.mapping, given.mapping_version, place, number]
        if line is None:
            yield [*head, 1, [], *_empty()]
            continue
        found = admit(
            line,
            source=given.source,
            received_at=one.received_at,
            allowed_sources=given.allowed_sources,
        )
        head += [0, list(span_links)]
        if isinstance(found, Fault):
            yield [*head, *_refused(found, line, given.source)]
        else:
            yield [*head, "", "", b"", *_admitted(found)]


Line = tuple[int, int, bytes | None, tuple[str, ...]]


def record_lines(given: Delivery) -> Iterator[Line]:
    """Place, line number, line (None: skipped) and span links of each record."""
    payload = given.body if given.payload is None else given.payload
    if given.protocol in (OTLP_LOGS, OTLP_TRACES):
        for place, record in enumerate(records(read_request(given.protocol, payload)), start=1):
            yield place, place, record.line, record.span_links
        return
    mapped = given.payload is not None and given.protocol == PAYLOAD
    for place, line in enumerate(payload.split(b"\n"), start=1):
        if line.strip(b" \t\r"):
            number = given.numbers[place - 1] if given.numbers else given.file_line + place
            skipped = mapped and line.startswith(SKIPPED)
            yield place, number, None if skipped else line, ()


def _admitted(found: Admitted) -> list[Any]:
    event = found.event
    context = event.context
    money = event.money
    error = event.error
    return [
        event.object.type,
        event.object.id,
        event.object.version,
        event.instant(),
        event.source,
        found.event_id,
        found.content_hash,
        event.action,
        event.outcome,
        event.correlation_id,
        event.trace_id or "",
        event.span_id or "",
        event.idempotency_key,
        event.attempt,
        *_links(event),
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
        Decimal(money.amount) if money else None,
        money.currency if money else "",
        (money.measure or "") if money else "",
        error.code if error else "",
        error.message if error else "",
        event.attributes,
    ]


def _links(event: IntegrationEvent) -> list[list[Any]]:
    links = event.links
    return [
        [link.type for link in links],
        [link.id for link in links],
        [link.relation for link in links],
        [Decimal(link.amount) if link.amount else None for link in links],
    ]


def _refused(fault: Fault, line: bytes, source: str) -> list[Any]:
    """What can be read of a refused record: whose it is and what it weighs."""
    record = _readable(line)
    thing = _part(record, "object")
    money = _part(record, "money")
    texts = {
        "object_type": _text(thing.get("type")),
        "object_id": _text(thing.get("id")),
        "source": _text(record.get("source")) or source,
        "period": _text(_part(record, "context").get("period")),
        "currency": _text(money.get("currency")),
    }
    row = dict(zip(FATES, _empty(), strict=True))
    told = _part(record, REFUSED).get("record")
    raw = told.encode("utf-8", "replace") if isinstance(told, str) else line
    row |= {"reason": str(fault.reason), "field": fault.field, "raw": raw}
    return list((row | texts | {"amount": _amount(money.get("amount"))}).values())


def _empty() -> list[Any]:
    """The columns from `reason` on, for a record that is no event."""
    row: dict[str, Any] = dict.fromkeys(FATES, "")
    row |= {"raw": b"", "occurred_at": EPOCH, "content_hash": NO_HASH, "attempt": 1}
    row |= {name: [] for name in ("link_types", "link_ids", "link_relations", "link_amounts")}
    return list((row | {"amount": None, "attributes": {}}).values())


def _readable(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _part(record: dict[str, Any], name: str) -> dict[str, Any]:
    found = record.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    # A lone surrogate is no text that could be stored.
    return str(value).encode("utf-8", "replace").decode()


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(_text(value))
        return amount if abs(amount) < AMOUNT_LIMIT else None
    except InvalidOperation:
        return None
