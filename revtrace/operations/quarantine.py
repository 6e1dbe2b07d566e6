"""What could not be mapped: the list, and one record with its bytes."""

from typing import TYPE_CHECKING, Any

from core.errors import BadInput, NotFound
from core.event import REASON_TEXTS
from core.store import SqlFolder
from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from revtrace.wiring import App

SQL = SqlFolder(__file__)
EVERYTHING = 2**63


def list_(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """The newest first; all of them unless `limit` is given."""
    bound = {"reason": params.get("reason") or "", "source": params.get("source") or ""}
    limit = {"limit": params.get("limit") or EVERYTHING}
    rows = app.store.rows(SQL["quarantined"], bound | limit, readonly=True)
    total = app.store.value(SQL["count_quarantined"], bound)
    return {"quarantine": rows, "total": total}


def show(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """One record, with what its reason means."""
    name = str(params["record"])
    delivery, _, record = name.rpartition(":")
    if not delivery or not record.isdecimal():
        raise BadInput(f"{name}", "names no record", "Write it as `quarantine list` does")
    bound = {"delivery": delivery, "record": int(record)}
    rows = app.store.rows(SQL["quarantined_record"], bound, readonly=True)
    if not rows:
        raise NotFound(f"record {name}", "is not in quarantine", "See `revtrace quarantine list`")
    return rows[0] | {"meaning": REASON_TEXTS.get(rows[0]["reason"], "")}


OPERATIONS: dict[str, Operation] = {"list": list_, "show": show}
