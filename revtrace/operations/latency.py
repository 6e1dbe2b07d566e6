"""How long hops take, split into waiting and working."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.errors import BadInput
from lineage.latency import EARLIEST, GROUPINGS, LATEST, Asked
from revtrace.operations import Operation, Params, Progress, instant_of, process_of

if TYPE_CHECKING:
    from revtrace.wiring import App


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """A row a group, process and stage. Raises BadInput for a grouping or process that is not."""
    by, process = params.get("by") or "stage", process_of(app, params)
    if by not in GROUPINGS:
        raise BadInput(f"--by {by}", "is unknown", f"Use one of {', '.join(GROUPINGS)}")
    from_at, to_at = _at(params.get("from")), _at(params.get("to"))
    if from_at and to_at and from_at >= to_at:
        raise BadInput("--from", "is not before --to", "Give an earlier --from")
    asked = Asked(by, process, from_at or EARLIEST, to_at or LATEST)
    now = instant_of(app, params)
    rows = app.reader.latency(now, asked)
    return {
        "by": by,
        "process": process,
        "from": from_at,
        "to": to_at,
        "now": now,
        "latency": rows,
        "hops": sum(row["hops"] for row in rows),
    }


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


OPERATIONS: dict[str, Operation] = {"run": run}
