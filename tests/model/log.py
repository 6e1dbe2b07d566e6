"""Arrange cases for the model that are small enough to be judged by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.calendar import load_calendars
from lineage.process import Cutoff, Process, Stage
from tests.model.paths import PathModel, Paths, evaluate

CALENDARS = load_calendars()
SOURCES = {"psa-1": "psa", "mule": "middleware", "erp-1": "erp"}
# Hour 0 is a Monday, 2026-08-10 at 09:00 UTC: far from any close window.
START = datetime(2026, 8, 10, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)

TIME = Process(
    "time",
    "time_entry",
    None,
    (
        Stage("approved", "time_entry", ("approved",), ("psa",)),
        Stage("billed", "billing_event", ("created",), within=8 * HOUR),
        Stage("mapped", "billing_event", ("mapped",), within=HOUR),
        Stage("invoiced", "invoice", ("posted",), ("erp",), within=8 * HOUR),
        Stage("reported", "invoice", ("reported",), required=False),
    ),
    Cutoff("invoiced"),
)
T, B, INV = "time_entry/T1", "billing_event/B1", "invoice/I1"


def at(hour: float) -> datetime:
    return START + hour * HOUR


class Log:
    """Collects events; the n-th one has the id `e<n>`."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def add(self, key: str, action: str, hour: float, *links: str, **fields: Any) -> "Log":
        """One event; a link is `relation type/id` or `relation type/id amount`."""
        type_, _, id_ = key.partition("/")
        event = {
            "object_type": type_,
            "object_id": id_,
            "action": action,
            "occurred_at": at(hour),
            "source": "erp-1" if type_ == "invoice" else "psa-1",
            "event_id": f"e{len(self.events):03d}",
            "content_hash": bytes(16),
            "outcome": "ok",
            "links": [_link(text) for text in links],
            **fields,
        }
        self.events.append(event)
        return self

    def chain(self, *, hours: tuple[float, ...] = (0, 1, 2, 3)) -> "Log":
        """One time entry, through to its invoice."""
        self.add(T, "approved", hours[0], amount=Decimal(100), currency="USD")
        self.add(B, "created", hours[1], f"from {T}")
        self.add(B, "mapped", hours[2])
        return self.add(INV, "posted", hours[3], f"from {B}", amount=Decimal(100), currency="USD")

    def paths(self, now: float = 1000, *more: Process, **options: Any) -> Paths:
        processes = {process.name: process for process in (TIME, *more)}
        found = evaluate(self.events, SOURCES, processes, CALENDARS, at(now), **options)
        backwards = evaluate(self.events[::-1], SOURCES, processes, CALENDARS, at(now), **options)
        assert found == backwards, "arrival must not matter"
        return found

    def path(self, now: float = 1000, *more: Process, root: str = T) -> PathModel:
        return self.paths(now, *more)[root]


def _link(text: str) -> tuple[str, str, str, Decimal | None]:
    relation, key, *amount = text.split(" ")
    type_, _, id_ = key.partition("/")
    return type_, id_, relation, Decimal(amount[0]) if amount else None


def states(path: PathModel) -> list[str]:
    return [stage.state for stage in path.stages]
