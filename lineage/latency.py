"""How long hops take: exact quantiles by stage, and by what else tells slow from fast.

A hop is a stage of a path whose clock has started and which was completed. Its time is wait until
the first attempt at the stage and work from then on; both are told by the clock and in open hours.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
# What hops may be grouped by; those that need a look at other tables have a statement of their own.
GROUPINGS = {
    "stage": "latency",
    "source": "latency_source",
    "legal_entity": "latency",
    "engagement": "latency",
    "week": "latency",
    "close_day": "latency_close_day",
}
MEASURES = ("elapsed", "wait", "work", "business", "business_wait", "business_work")
QUANTILES = ("p50", "p90", "p95", "p99")
ENDINGS = ("_quantiles", "_max")
# The ends of what an instant of the warehouse can be.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """Which hops: those completed in [from_at, to_at) of one process, or of all when it is ''."""

    by: str = "stage"
    process: str = ""
    from_at: datetime = EARLIEST
    to_at: datetime = LATEST


def latency(store: Store, now: datetime, asked: Asked) -> list[Row]:
    """A row a group, process and stage, in that order; a hop that was completed after `now` does
    not count. Seconds of every measure as `{"p50", "p90", "p95", "p99", "max"}`.
    """
    params = {
        "now": now,
        "by": asked.by,
        "process": asked.process,
        "from": asked.from_at,
        "to": asked.to_at,
    }
    rows = store.rows(SQL[GROUPINGS[asked.by]], params, readonly=True)
    return [_row(row) for row in rows]


def _row(row: Row) -> Row:
    told = {name: value for name, value in row.items() if not name.endswith(ENDINGS)}
    for measure in MEASURES:
        quantiles = zip(QUANTILES, row[f"{measure}_quantiles"], strict=True)
        told[measure] = {**dict(quantiles), "max": row[f"{measure}_max"]}
    return told
