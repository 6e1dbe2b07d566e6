"""Money events one line each, for tests that are judged by hand."""

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

MORNING = datetime(2026, 9, 10, 9, tzinfo=UTC)
SOURCE_OF = {"crm": "crm", "psa": "psa", "hcm": "hcm", "billing": "bills", "erp": "erp-1"}


class Story:
    """Collects events of contract C-1 of US01 in September 2026, unless they say otherwise."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def tell(self, role: str, key: str, action: str, told: str = "", **more: Any) -> "Story":
        """`told` is `approved 100 USD`; links are pairs of a relation and `type/id amount`."""
        type_, id_ = key.split("/")
        measure, amount, currency = told.split() if told else ("", None, "")
        number = len(self.events)
        event = {
            "object_type": type_,
            "object_id": id_,
            "occurred_at": MORNING + timedelta(hours=more.pop("hours", number)),
            "source": SOURCE_OF[role],
            "event_id": f"e{number}",
            "action": action,
            "outcome": more.pop("outcome", "ok"),
            "contract": "C-1",
            "legal_entity": "US01",
            "period": "2026-09",
            "amount": None if amount is None else Decimal(amount),
            "currency": currency,
            "measure": measure,
            "links": [_link(*each) for each in more.pop("links", ())],
            **more,
        }
        event["content_hash"] = hashlib.sha256(repr(event).encode()).digest()[:8].hex()
        self.events.append(event)
        return self


def _link(relation: str, told: str) -> tuple[str, str, str, Decimal | None]:
    key, _, amount = told.partition(" ")
    type_, id_ = key.split("/")
    return type_, id_, relation, Decimal(amount) if amount else None
