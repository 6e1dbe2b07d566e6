"""A golden example of each shipped process: its events as a source sends them, and its path.

`golden/NAME.ndjson` holds native events, `golden/NAME.json` the path of one of their revenue
events, both written by people: what is there is what should be, not what once came out.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.calendar import load_calendars
from core.clock import FixedClock
from core.event import IntegrationEvent
from core.store import Store
from lineage.process import load_processes
from lineage.reader import Reader
from tests.lineage.arrange import bench

FOLDER = Path(__file__).parent / "golden"
NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
SOURCES = {
    "openair": "psa",
    "salesforce": "crm",
    "concur": "expense",
    "mulesoft": "middleware",
    "netsuite-us": "erp",
    "snowflake": "analytics",
}
HEAD = (
    "root",
    "process",
    "state",
    "amount",
    "credited",
    "net",
    "currency",
    "period",
    "next_stage",
    "weakest_grade",
)
STAGE = ("name", "state", "reached_at", "completed_at", "due_at", "objects")
OBJECT = ("key", "grade", "via", "reversed", "correction")
TERMS = ("contract", "began_version", "invoiced_version", "amendments")


def expected(name: str) -> Any:
    """The path as it should be."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def events(name: str) -> Iterator[dict[str, Any]]:
    """The events of one example, as the collector writes them."""
    for line in (FOLDER / f"{name}.ndjson").read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        # What is no event of the contract is no example.
        IntegrationEvent.model_validate(told)
        yield _row(told)


def traced(store: Store, names: list[str]) -> dict[str, dict[str, Any]]:
    """The paths of all examples, told by one wheel, in the shape of the files."""
    made = bench(store, FixedClock(NOW), load_processes(), load_calendars(), SOURCES)
    made.admit([event for name in names for event in events(name)])
    made.wheel.run_until_idle()
    reader = Reader(store)
    return {name: _shown(reader.trace(expected(name)["root"], NOW)) for name in names}


def _row(told: dict[str, Any]) -> dict[str, Any]:
    money, error = told.get("money", {}), told.get("error", {})
    links = told.get("links", [])
    content = json.dumps(told, sort_keys=True).encode()
    return {
        **told["context"],
        "object_type": told["object"]["type"],
        "object_id": told["object"]["id"],
        "occurred_at": datetime.fromisoformat(told["occurred_at"]),
        "source": told["source"],
        "event_id": told["event_id"],
        "content_hash": content[:16].ljust(16),
        "action": told["action"],
        "outcome": told.get("outcome", "ok"),
        "correlation_id": told.get("correlation_id", ""),
        "idempotency_key": told.get("idempotency_key", ""),
        "amount": money.get("amount"),
        "currency": money.get("currency", ""),
        "measure": money.get("measure", ""),
        "error_code": error.get("code", ""),
        "error_message": error.get("message", ""),
        "attributes": told.get("attributes", {}),
        "links": [(k["type"], k["id"], k["relation"], k.get("amount")) for k in links],
    }


def _shown(path: dict[str, Any]) -> dict[str, Any]:
    terms = path["terms"]
    shown = {
        **{name: path[name] for name in HEAD},
        "stages": [{name: stage[name] for name in STAGE} for stage in path["stages"]],
        "objects": [{name: each[name] for name in OBJECT} for each in path["objects"]],
        "credits": path["credits"],
        "terms": terms and {name: terms[name] for name in TERMS},
        "findings": sorted(f"{one['kind']}/{one['subkind']}" for one in path["findings"]),
    }
    told: dict[str, Any] = json.loads(json.dumps(shown, default=_plain))
    return told


def _plain(value: Any) -> str:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
