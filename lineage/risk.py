"""Revenue at risk: what will miss the next books closes, by step and in all. Reads, never writes.

The rows are those of `revenue_at_risk_at`; here they are added up. Currencies are kept apart, and a
revenue event is in one row only, that of the step it waits for. docs/risk.md says what the numbers
mean and where they end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
TO_COME = "to_come"
# Where nothing is known of earlier closes, errors may well be one and the same, so they add up.
ASSUMED = ("present_rate", "unknown")
_NOTHING = Decimal(0)
_CENT = Decimal("0.01")
Row = dict[str, Any]


def assess(
    store: Store, now: datetime, *, period: str = "", entity: str = "", process: str = ""
) -> Row:
    """What will miss, as of an instant: `closings`, the totals of a close and currency, `steps`,
    the same by what is waited for, and `hops`, by legal entity, process and standing besides;
    `missed`, by currency, what missed an earlier close and is open still, so that it is in no row.

    `at_risk` of a hop is None where nothing can be said of it; its money is then `unjudged` in the
    totals, and within their range. '' asks for all.
    """
    params = {"now": now, "period": period, "entity": entity, "process": process}
    hops = store.rows(SQL["list_risk"], params, readonly=True)
    totals: dict[tuple[str, str], Closing] = {}
    for row in store.rows(SQL["risk_closings"], params, readonly=True):
        _closing(totals, row).belongs(row)
    for row in hops:
        _closing(totals, row).hop(row)
    ordered = sorted(totals.values(), key=lambda each: (each.books_close, each.period, each.name))
    return {
        "closings": [each.told(now) for each in ordered],
        "steps": [step for each in ordered for step in each.steps()],
        "hops": hops,
        "missed": store.rows(SQL["risk_missed"], params, readonly=True),
    }


def _closing(totals: dict[tuple[str, str], "Closing"], row: Mapping[str, Any]) -> "Closing":
    key = (row["period"], row["currency"])
    if key not in totals:
        totals[key] = Closing(row["period"], row["currency"], row["books_close"])
    found = totals[key]
    found.books_close = min(found.books_close, row["books_close"])
    return found


@dataclass
class Closing:
    """One close in one currency: what belongs to it, what is through, what will miss."""

    period: str
    name: str
    books_close: datetime
    entities: set[str] = field(default_factory=set)
    roots: int = 0
    amount: Decimal = _NOTHING
    through_roots: int = 0
    through_amount: Decimal = _NOTHING
    hops: list[Mapping[str, Any]] = field(default_factory=list)

    def belongs(self, row: Mapping[str, Any]) -> None:
        self.entities.add(row["legal_entity"])
        self.roots += row["roots"]
        self.amount += row["amount"]
        self.through_roots += row["through_roots"]
        self.through_amount += row["through_amount"]

    def hop(self, row: Mapping[str, Any]) -> None:
        self.entities.add(row["legal_entity"])
        self.hops.append(row)

    def steps(self) -> list[Row]:
        """By the step that is waited for, the one with most at risk first."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for row in self.hops:
            if row["standing"] != TO_COME:
                found.setdefault(row["stage"], []).append(row)
        told = [self._step(stage, rows) for stage, rows in sorted(found.items())]
        return sorted(told, key=lambda step: -step["at_risk"])

    def _step(self, stage: str, rows: list[Mapping[str, Any]]) -> Row:
        low, high = _range(rows)
        late = (row for row in rows if row["standing"] != "on_time")
        return {
            "period": self.period,
            "currency": self.name,
            "stage": stage,
            "backlog": sum(row["backlog"] for row in rows),
            "backlog_amount": _sum(rows, "backlog_amount"),
            "late_amount": _sum(late, "backlog_amount"),
            "at_risk": _sum(rows, "at_risk"),
            "at_risk_low": low,
            "at_risk_high": high,
        }

    def told(self, now: datetime) -> Row:
        waiting = [row for row in self.hops if row["standing"] != TO_COME]
        coming = [row for row in self.hops if row["standing"] == TO_COME]
        late = [row for row in waiting if row["standing"] != "on_time"]
        low, high = _range(self.hops)
        low_now, high_now = _range(waiting)
        return {
            "period": self.period,
            "currency": self.name,
            "books_close": self.books_close,
            "hours_left": (self.books_close - now).total_seconds() / 3600,
            "legal_entities": sorted(entity for entity in self.entities if entity),
            "roots": self.roots,
            "amount": self.amount,
            "through_roots": self.through_roots,
            "through_amount": self.through_amount,
            "open_roots": sum(row["backlog"] for row in waiting),
            "open_amount": _sum(waiting, "backlog_amount"),
            "late_amount": _sum(late, "backlog_amount"),
            # Of what is open now.
            "at_risk": _sum(waiting, "at_risk"),
            "at_risk_low": low_now,
            "at_risk_high": high_now,
            "unjudged": _sum((row for row in waiting if row["at_risk"] is None), "backlog_amount"),
            # With what has not come yet.
            "coming_amount": _sum(coming, "coming_amount"),
            "coming_at_risk": _sum(coming, "at_risk"),
            "in_all": _sum(self.hops, "at_risk"),
            "in_all_low": low,
            "in_all_high": high,
            "past_closes": max((row["past_closes"] for row in self.hops), default=0),
            # Open, and judged without any close of the past.
            "assumed_amount": _sum(
                (row for row in waiting if row["basis"] in ASSUMED), "backlog_amount"
            ),
        }


def _range(rows: Iterable[Mapping[str, Any]]) -> tuple[Decimal, Decimal]:
    """From the least to the most that these may come to.

    What was judged with the same past is wrong together; different ones are so by chance, and
    their widths add up as the sides of a right angle do.
    """
    downs: dict[str, Decimal] = {}
    ups: dict[str, Decimal] = {}
    middle = _NOTHING
    for row in rows:
        together = "" if row["basis"] in ASSUMED else row["judged_with"]
        point = row["at_risk"] if row["at_risk"] is not None else _NOTHING
        middle += point
        downs[together] = downs.get(together, _NOTHING) + point - row["at_risk_low"]
        ups[together] = ups.get(together, _NOTHING) + row["at_risk_high"] - point
    down, up = (_width(widths) for widths in (downs, ups))
    return max(middle - down, _NOTHING).quantize(_CENT), (middle + up).quantize(_CENT)


def _width(widths: Mapping[str, Decimal]) -> Decimal:
    by_chance = sum((w * w for name, w in widths.items() if name), _NOTHING).sqrt()
    return by_chance + widths.get("", _NOTHING)


def _sum(rows: Iterable[Mapping[str, Any]], name: str) -> Decimal:
    return sum((row[name] for row in rows if row[name] is not None), _NOTHING)
