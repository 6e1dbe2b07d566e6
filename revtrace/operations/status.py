"""How things stand: whether every record is accounted for, and how far the lineage has come."""

from typing import TYPE_CHECKING, Any

from core.clock import SystemClock
from core.store import Migrator, SqlFolder
from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from revtrace.wiring import App

SQL = SqlFolder(__file__)


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """`identity.holds` is the promise: received = stored + duplicates + quarantined + skipped."""
    store = app.store
    identity = store.rows(SQL["identity"])[0]
    wrong = identity.pop("deliveries_wrong")
    batches = store.rows(SQL["last_batch"])
    return {
        "warehouse": app.warehouse,
        "identity": identity | {"holds": not wrong},
        "last_batch": batches[0] if batches else None,
        "lineage": _lineage(app),
        "sources_unknown": [row["name"] for row in store.rows(SQL["sources_unknown"])],
        "schema": {
            "version": app.schema_version(),
            "pending": len(Migrator(store).pending()),
        },
    }


def _lineage(app: "App") -> dict[str, Any]:
    """The lag is a length of real time, whatever instant paths are judged by."""
    lag = app.store.rows(SQL["lag"])[0]
    since, in_force = lag["waiting_since"], lag.pop("config")
    waited = max((SystemClock().now() - since).total_seconds(), 0) if since else 0.0
    never_turned = lag["finished_at"] is None or not in_force
    return lag | {
        "finished_at": None if never_turned else lag["finished_at"],
        "lag_seconds": waited,
        "config_differs": not never_turned and in_force != app.declared.version,
    }


OPERATIONS: dict[str, Operation] = {"run": run}
