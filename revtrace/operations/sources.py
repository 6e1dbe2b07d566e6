"""The systems that send, with their roles and when they were last heard."""

from typing import TYPE_CHECKING, Any

from core.store import SqlFolder
from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from revtrace.wiring import App

SQL = SqlFolder(__file__)


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Every source that is registered, and those that are declared but have sent nothing yet."""
    rows = app.store.rows(SQL["sources"], readonly=True)
    known = {row["name"] for row in rows}
    declared = [
        {
            "name": source.name,
            "role": source.role,
            "system": source.system,
            "declared": 1,
            "expected_every_seconds": int(
                source.expected_every.total_seconds() if source.expected_every else 0
            ),
            "events": 0,
            "last_heard_at": None,
        }
        for source in app.sources.values()
        if source.name not in known
    ]
    found = [row | {"declared": bool(row["declared"])} for row in [*rows, *declared]]
    return {"sources": sorted(found, key=lambda row: str(row["name"]))}


OPERATIONS: dict[str, Operation] = {"run": run}
