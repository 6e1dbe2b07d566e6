"""Random money events for Hypothesis: few objects, contracts, entities and instants, so that the
same money is told twice, moved, taken back and renamed as often as not.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

SOURCES = {"crm": "crm", "psa": "psa", "hcm": "hcm", "bills": "billing"}
SOURCES |= {"erp-1": "erp", "erp-2": "erp"}
TYPES = ("time_entry", "invoice", "credit_memo", "revenue_schedule", "contract")
IDS = ("1", "2", "3")
# Late in the evening of the last day of a month: it depends on the entity which period it is.
START = datetime(2026, 8, 31, 20, tzinfo=UTC)
HOURS = st.one_of(st.integers(0, 12), st.integers(-300, 900))
MEASURES = ("approved", "billed", "deferred", "recognized", "contract_value")
AMOUNTS = st.sampled_from([None, "100", "40.0001", "59.9999", "0", "-5", "-100"])
RELATIONS = ("reverses", "reverses", "from", "amends")
ALIASING = ("reverses", "same_as", "same_as")


@st.composite
def money_events(draw: st.DrawFn, *, aliases: bool) -> list[dict[str, Any]]:
    """Up to a few dozen events shaped like rows of the table `events`."""
    return [_event(draw, number, aliases) for number in range(draw(st.integers(1, 24)))]


def _event(draw: st.DrawFn, number: int, aliases: bool) -> dict[str, Any]:
    type_ = draw(st.sampled_from(TYPES))
    amount = draw(AMOUNTS)
    links = [_link(draw, type_, aliases) for _ in range(draw(st.integers(0, 2)))]
    event = {
        "object_type": type_,
        "object_id": draw(st.sampled_from(IDS)),
        "occurred_at": START + timedelta(hours=draw(HOURS)),
        "source": draw(st.sampled_from([*SOURCES, "stranger"])),
        "event_id": f"e{number}",
        "action": draw(
            st.sampled_from(["posted", "approved", "created", "deferred", "reversed", "rejected"])
        ),
        "outcome": draw(st.sampled_from(["ok", "ok", "ok", "ok", "failed"])),
        "contract": draw(st.sampled_from(["C-1", "C-1", "C-2", ""])),
        "legal_entity": draw(st.sampled_from(["US01", "US01", "DE01", ""])),
        "period": draw(st.sampled_from(["", "", "2026-08", "2026-09"])),
        "amount": None if amount is None else Decimal(amount),
        "currency": "" if amount is None else draw(st.sampled_from(["USD", "USD", "EUR"])),
        "measure": "" if amount is None else draw(st.sampled_from(MEASURES)),
        "links": links,
    }
    event["content_hash"] = hashlib.sha256(repr(event).encode()).digest()[:8].hex()
    return event


def _link(draw: st.DrawFn, type_: str, aliases: bool) -> tuple[str, str, str, Decimal | None]:
    relation = draw(st.sampled_from(ALIASING if aliases else RELATIONS))
    # A name is shared within one type only.
    kind = type_ if relation == "same_as" else draw(st.sampled_from(TYPES))
    part = draw(st.sampled_from([None, "40.0001", "60", "100"])) if relation == "reverses" else None
    return kind, draw(st.sampled_from(IDS)), relation, None if part is None else Decimal(part)
