"""Arrange events in the tables as the collector writes them, and read back what lineage tells."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from core.calendar import Calendars
from core.clock import Clock
from core.settings import LineageSettings
from core.store import SqlFolder, Store
from lineage.config import Declarations
from lineage.failure import load_failures
from lineage.match import Match
from lineage.process import Process
from lineage.refresh import Wheel
from tests.model.paths import PathModel

SQL = SqlFolder(__file__)
# Two years of calendars are laid out faster than thirty.
BOUNDS = LineageSettings(calendar_year_first=2025, calendar_year_last=2027)
PLAIN = (
    "object_type",
    "object_id",
    "occurred_at",
    "source",
    "event_id",
    "content_hash",
    "action",
    "outcome",
    "correlation_id",
    "idempotency_key",
    "customer",
    "contract",
    "project",
    "resource",
    "legal_entity",
    "service_line",
    "region",
    "engagement",
    "period",
    "mapping",
    "amount",
    "currency",
    "measure",
    "contract_version",
    "actor",
    "error_code",
    "error_message",
    "trace_id",
    "span_id",
)
GRADES = {"root": "asserted"}


@dataclass
class Bench:
    """A wheel on a store, and the batches that were admitted so far."""

    store: Store
    wheel: Wheel
    batch: int = 0

    def admit(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Write events as one closed batch."""
        self.batch += 1
        rows = [_row(event, self.batch) for event in events]
        hashes = [
            row["hash"]
            for row in self.store.rows(
                SQL["object_hashes"],
                {
                    "types": [row["object_type"] for row in rows],
                    "ids": [row["object_id"] for row in rows],
                },
            )
        ]
        for row, object_hash in zip(rows, hashes, strict=True):
            row["object_hash"] = object_hash
        if rows:
            columns = list(rows[0])
            self.store.insert("events", columns, [[row[name] for name in columns] for row in rows])
        at = max((row["admitted_at"] for row in rows), default=None)
        if at:
            self.store.insert(
                "batches", ["batch", "admitted_at", "rows"], [[self.batch, at, len(rows)]]
            )


def bench(
    store: Store,
    clock: Clock,
    processes: Mapping[str, Process],
    calendars: Calendars,
    sources: Mapping[str, str],
    bounds: LineageSettings = BOUNDS,
    matches: Mapping[str, Match] = MappingProxyType({}),
) -> Bench:
    """A wheel over an empty warehouse whose sources have these roles."""
    for table in store.rows(SQL["all_tables"]):
        store.command(f"TRUNCATE TABLE {table['name']}")
    store.insert(
        "sources", ["name", "role", "version"], [[name, role, 1] for name, role in sources.items()]
    )
    declared = Declarations(processes, calendars, load_failures(), matches=matches)
    wheel = Wheel(store, bounds, clock, declared)
    return Bench(store, wheel)


def told(store: Store, now: datetime) -> dict[str, dict[str, Any]]:
    """What lineage tells of every path at an instant, in the shape of `expected`."""
    states = {row["root"]: row for row in store.rows(SQL["told_states"], {"now": now})}
    for row in store.rows(SQL["told_money"]):
        states[row["root"]] |= row
    return {row["root"]: _path(row, states[row["root"]]) for row in store.rows(SQL["told_paths"])}


def _path(row: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "process": row["process"],
        "state": stated["state"],
        "amount": row["amount"],
        "currency": row["currency"],
        "credited": stated["credited"],
        "net": stated["net"],
        "credits": sorted(stated["credits"]),
        "terms": (stated["began_version"], stated["invoiced_version"]),
        "contract": row["contract"],
        "legal_entity": row["legal_entity"],
        "cutoff_at": row["cutoff_at"],
        "objects": {
            key: (GRADES.get(grade, grade), via, depth, bool(is_reversed), bool(is_correction))
            for key, grade, via, depth, is_reversed, is_correction in zip(
                row["object_keys"],
                row["grades"],
                row["vias"],
                row["depths"],
                row["reverseds"],
                row["corrections"],
                strict=True,
            )
        },
        "stages": [
            dict(
                zip(
                    ("state", "reached", "completed", "started", "due", "stuck"), stage, strict=True
                )
            )
            for stage in zip(
                stated["stage_states"],
                row["reached"],
                row["completed"],
                row["clock_starts"],
                row["dues"],
                row["stuck"],
                strict=True,
            )
        ],
    }


def expected(path: PathModel) -> dict[str, Any]:
    """A path of the model, in the shape of `told`."""
    return {
        "process": path.process,
        "state": path.state,
        "amount": path.amount,
        "currency": path.currency,
        "credited": path.credited,
        "net": None if path.amount is None else path.amount - (path.credited or 0),
        "credits": sorted(path.credits),
        "terms": path.terms,
        "contract": path.context["contract"],
        "legal_entity": path.context["legal_entity"],
        "cutoff_at": path.cutoff_at,
        "objects": {
            key: (member.grade, member.via, member.depth, member.reversed, member.correction)
            for key, member in path.objects.items()
        },
        "stages": [
            {
                "state": stage.state,
                "reached": stage.reached_at,
                "completed": stage.completed_at,
                "started": stage.started_at,
                "due": stage.due_at,
                "stuck": stage.stuck_object or "",
            }
            for stage in path.stages
        ],
    }


def everything(store: Store) -> dict[str, list[dict[str, Any]]]:
    """All that the views tell, without the number of the turn that wrote it."""
    return {
        name: store.rows(SQL[f"all_{name}"])
        for name in (
            "paths",
            "path_stages",
            "path_objects",
            "path_terms",
            "links",
            "credit_shares",
            "findings",
        )
    }


def _row(event: Mapping[str, Any], batch: int) -> dict[str, Any]:
    links = event["links"]
    return {
        **{name: event.get(name, None if name == "amount" else "") for name in PLAIN},
        "attributes": event.get("attributes", {}),
        "span_links": event.get("span_links", []),
        "received_at": event["occurred_at"],
        "admitted_at": event.get("admitted_at", event["occurred_at"]),
        "batch": batch,
        "delivery": "test",
        "link_types": [link[0] for link in links],
        "link_ids": [link[1] for link in links],
        "link_relations": [link[2] for link in links],
        "link_amounts": [link[3] for link in links],
    }
