"""Event lines of a small, known story: approved time entries that become one invoice and its
posting.
"""

import json
from typing import Any

WHEN = "2026-09-28T{hour:02d}:00:00Z"
NOW = "2026-09-30T12:00:00Z"


def event(kind: str, key: str, action: str, source: str, hour: int, **more: Any) -> dict[str, Any]:
    """One event; `more` are further fields of the contract."""
    return {
        "event_id": f"{kind}-{key}-{action}",
        "occurred_at": WHEN.format(hour=hour),
        "source": source,
        "object": {"type": kind, "id": key},
        "action": action,
        "context": {"legal_entity": "US01", "contract": "C-1"},
        **more,
    }


def story(entries: int = 2) -> list[dict[str, Any]]:
    """`entries` approved time entries, billed together, invoiced and posted."""
    keys = [f"TE-{number}" for number in range(1, entries + 1)]
    hundred = {"amount": "100.00", "currency": "USD", "measure": "approved"}
    total = {"amount": f"{100 * entries}.00", "currency": "USD", "measure": "billed"}

    def made_from(kind: str, *ids: str) -> list[dict[str, str]]:
        return [{"type": kind, "id": each, "relation": "from"} for each in ids]

    return [
        *(event("time_entry", key, "approved", "psa", 9, money=hundred) for key in keys),
        event(
            "billing_event",
            "BE-1",
            "created",
            "psa",
            10,
            money=total,
            links=made_from("time_entry", *keys),
        ),
        event("billing_event", "BE-1", "published", "psa", 11),
        event("billing_event", "BE-1", "mapped", "mulesoft", 12),
        event(
            "invoice",
            "INV-1",
            "posted",
            "netsuite-us",
            13,
            money=total,
            links=made_from("billing_event", "BE-1"),
        ),
        event(
            "journal_posting",
            "JP-1",
            "posted",
            "netsuite-us",
            14,
            money=total,
            links=made_from("invoice", "INV-1"),
        ),
    ]


def lines(events: list[dict[str, Any]]) -> bytes:
    """Events as NDJSON."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in events)
