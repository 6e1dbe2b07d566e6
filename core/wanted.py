"""What each field of an event should look like, in words for whoever mends a record that was
refused.
"""

import difflib
from collections.abc import Mapping

from core.event import MEASURES, OUTCOMES, RELATIONS, Reason

SNAKE_CASE = "snake_case: a-z, 0-9 and _, a letter first"
TEXT = "a text of at most 1,000 characters"
KEY = "a text of at most 200 characters"
AMOUNT = 'an exact decimal as a text, up to 14 digits and 4 decimals: "1250.00"'
OBJECT_ID = "a text of 1 to 256 characters"

WANTED: Mapping[str, str] = {
    "event_id": KEY,
    "occurred_at": "RFC 3339 with an offset, of 1970 to 2299: 2026-09-30T12:00:00Z",
    "source": "a text of 1 to 200 characters",
    "object": 'an object with "type" and "id"',
    "object.type": SNAKE_CASE,
    "object.id": OBJECT_ID,
    "object.version": "an integer or a text of at most 200 characters",
    "action": SNAKE_CASE,
    "outcome": f"one of {', '.join(OUTCOMES)}",
    "correlation_id": KEY,
    "trace_id": "32 hex digits in lower case",
    "span_id": "16 hex digits in lower case",
    "idempotency_key": TEXT,
    "attempt": "an integer from 1 on",
    "links": 'a list of at most 10,000 objects with "type", "id" and "relation"',
    "links.type": SNAKE_CASE,
    "links.id": OBJECT_ID,
    "links.relation": f"one of {', '.join(RELATIONS)}",
    "links.amount": AMOUNT,
    "context": "an object of texts",
    **dict.fromkeys(
        (
            *("context.customer", "context.contract", "context.contract_version"),
            *("context.project", "context.resource", "context.legal_entity"),
            *("context.service_line", "context.region", "context.actor"),
        ),
        TEXT,
    ),
    "context.engagement": SNAKE_CASE,
    "context.period": "fiscal year and number of the period: 2026-09",
    "money": 'an object with "amount" and "currency"',
    "money.amount": AMOUNT,
    "money.currency": "a code of ISO 4217 in capitals: EUR",
    "money.measure": f"one of {', '.join(MEASURES)}",
    "error": 'an object with "code" and "message"',
    "error.code": TEXT,
    "error.message": "a text of at most 65,536 characters",
    "attributes": "an object of at most 64 texts, 4 KiB each",
}
OF_FORM = frozenset(
    {Reason.MISSING, Reason.TYPE, Reason.LENGTH, Reason.PATTERN, Reason.CHOICE, Reason.RANGE}
)


def wanted(reason: str, field: str) -> str:
    """What the contract wants of the field that was refused, empty where there is nothing to say;
    for an unknown key the one that was probably meant.
    """
    if reason in OF_FORM:
        return WANTED.get(field, "")
    near = _near(field) if reason == Reason.UNKNOWN_KEY else ""
    return f"did you mean {near}?" if near else ""


def _near(field: str) -> str:
    """The field that is nearly spelled so beside it, else one that is elsewhere; '' for none."""
    place, _, word = field.rpartition(".")
    named = [(name.rpartition("."), name) for name in WANTED]
    beside = {parts[2]: name for parts, name in named if parts[0] == place}
    elsewhere = {parts[2]: name for parts, name in named}
    for names, cutoff in ((beside, 0.7), (elsewhere, 0.9)):
        if near := difflib.get_close_matches(word, names, n=1, cutoff=cutoff):
            return names[near[0]]
    return ""
