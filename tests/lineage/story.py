"""A small story, event by event: an approved hour on its way through billing to the ledger."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.calendar import load_calendars
from core.clock import FixedClock
from core.store import Store
from lineage.process import load_processes
from tests.lineage.arrange import Bench, bench

Event = dict[str, Any]
# A Tuesday far from any close; noon in UTC is eight in New York.
START = datetime(2026, 8, 11, 13, tzinfo=UTC)
NOW = START + timedelta(days=30)
SOURCES = {"psa": "psa", "mulesoft": "middleware", "netsuite-us": "erp", "salesforce": "crm"}
OF_TYPE = {"time_entry": "psa", "billing_event": "psa", "invoice": "netsuite-us"}
HUNDRED = Decimal("100")


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def said(key: str, action: str, hours: float, **more: Any) -> Event:
    """One event of the object `type/id`; `made_from` are keys that it links to as `from`."""
    object_type, object_id = key.split("/", 1)
    made_from: Sequence[str] = more.pop("made_from", ())
    links = [(*up.split("/", 1), "from", None) for up in made_from] + more.pop("links", [])
    event = {
        "object_type": object_type,
        "object_id": object_id,
        "action": action,
        "outcome": "ok",
        "occurred_at": at(hours),
        "source": OF_TYPE.get(object_type, "netsuite-us"),
        "event_id": f"{key}-{action}-{hours}",
        "amount": None,
        "currency": "",
        "legal_entity": "US01",
        "contract": "C-1",
        "project": "P-1",
        "customer": "CU-1",
        "correlation_id": "",
        "idempotency_key": "",
        "links": links,
        **more,
    }
    told = repr(sorted((name, value) for name, value in event.items() if name != "event_id"))
    event["content_hash"] = hashlib.sha256(told.encode()).digest()[:16]
    return event


def failed(key: str, action: str, hours: float, code: str, **more: Any) -> Event:
    """A failed event with an error."""
    return said(key, action, hours, outcome="failed", error_code=code, **more)


def money(amount: Decimal | str, currency: str = "USD") -> dict[str, Any]:
    return {"amount": Decimal(amount), "currency": currency}


def approved(name: str = "1", hours: float = 0) -> Event:
    return said(f"time_entry/TE-{name}", "approved", hours, **money(HUNDRED))


def billed(name: str = "1", hours: float = 1, entries: Iterable[str] = ("1",)) -> list[Event]:
    """Created, published and mapped, an hour each."""
    key, entries = f"billing_event/BE-{name}", list(entries)
    made_from = [f"time_entry/TE-{entry}" for entry in entries]
    total = money(HUNDRED * len(entries))
    return [
        said(key, "created", hours, made_from=made_from, **total),
        said(key, "published", hours + 1),
        said(key, "mapped", hours + 2, source="mulesoft"),
    ]


def invoiced(name: str = "1", hours: float = 4, bill: str = "1", **more: Any) -> Event:
    given = {"made_from": [f"billing_event/BE-{bill}"], **money(HUNDRED), **more}
    return said(f"invoice/INV-{name}", "posted", hours, **given)


def posted(name: str = "1", hours: float = 5, invoice: str = "1", **more: Any) -> Event:
    given = {"made_from": [f"invoice/INV-{invoice}"], **money(HUNDRED), **more}
    return said(f"journal_posting/JE-{name}", "posted", hours, **given)


def whole() -> list[Event]:
    """Everything in order and in time."""
    return [approved(), *billed(), invoiced(), posted()]


def traced(store: Store, *batches: Sequence[Event]) -> Bench:
    """A wheel that has turned once for each batch."""
    made = bench(store, FixedClock(NOW), load_processes(None), load_calendars(), SOURCES)
    for batch in batches:
        made.admit(batch)
        made.wheel.run_until_idle()
    return made
