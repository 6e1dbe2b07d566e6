"""How things stand: whether every record is accounted for, and how far the lineage has come."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core.clock import SystemClock
from core.errors import StoreUnavailable
from core.store import Migrator, SqlFolder
from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from revtrace.wiring import App

SQL = SqlFolder(__file__)
LOOK_BACK = timedelta(days=1)


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """`identity.holds` is the promise: received = stored + duplicates + quarantined + skipped.

    Raises StoreUnavailable, which says what waits in the spool, while the warehouse is away.
    """
    try:
        return _told(app, params)
    except StoreUnavailable as error:
        spool = _spool(app)
        if not spool["deliveries"]:
            raise
        waits = f"Deliveries that wait for it in the spool: {spool['deliveries']:,}"
        oldest = f"the oldest for {spool['oldest_seconds']:.0f} seconds"
        todo = ". ".join(filter(None, (error.todo, f"{waits}, {oldest}")))
        raise StoreUnavailable(error.what, error.why, todo) from None


def _told(app: "App", params: Params) -> dict[str, Any]:
    store = app.store
    identity = store.rows(SQL["identity"])[0]
    unbalanced = _unbalanced(app)
    holds = not identity.pop("deliveries_wrong") and not unbalanced
    batches = store.rows(SQL["last_batch"])
    hours = _hours(app, timedelta(hours=params["hours"])) if params.get("hours") else {}
    return {
        "warehouse": app.warehouse,
        "identity": identity | {"holds": holds, "unbalanced": unbalanced},
        "journal": _journal(app),
        "spool": _spool(app),
        "last_batch": batches[0] if batches else None,
        "lineage": _lineage(app),
        "sources_unknown": [row["name"] for row in store.rows(SQL["sources_unknown"])],
        "schema": {
            "version": app.schema_version(),
            "pending": len(Migrator(store).pending()),
        },
        **hours,
    }


def _unbalanced(app: "App") -> list[dict[str, Any]]:
    """Sources and hours of which not every record is accounted for; counts of all time are in the
    identity, what is stored is counted for the commits of the last day.
    """
    from collector.reader import CollectorReader

    since = SystemClock().now() - LOOK_BACK
    bound = app.settings.collector.identity_batches_max
    return CollectorReader(app.store).unbalanced(since, batches_max=bound)


def _hours(app: "App", back: timedelta) -> dict[str, Any]:
    """What came from each source in each hour, the newest first, and what became of it. Things are
    received in real time, whatever instant paths are judged by.
    """
    from collector.reader import CollectorReader

    return {"hours": CollectorReader(app.store).hours(SystemClock().now() - back)}


def _journal(app: "App") -> dict[str, int]:
    """What was acknowledged and is written in a moment, or when a collector starts here."""
    from collector.journal import read_waiting

    return read_waiting(app.settings.home)


def _spool(app: "App") -> dict[str, Any]:
    """What was acknowledged and waits on disk for a warehouse that is away."""
    from collector.spool import Depth, read_depth

    return (read_depth(app.settings.home) or Depth()).told(SystemClock().now())


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
