"""How old findings are, by count and by amount."""

from typing import TYPE_CHECKING, Any

from alerts.finding import KINDS
from core.errors import BadInput
from revtrace.operations import Operation, Params, Progress, instant_of
from revtrace.operations.findings import STATUSES

if TYPE_CHECKING:
    from revtrace.wiring import App

ALL = "all"
GROUPS = ("kind", "stage", "entity", "process")


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Every group of findings of one age that the options let through; of those that need somebody
    unless asked.

    `by` and `business` say how a reader wants to see it, and leave the groups as they are.
    """
    status, kind = params.get("status") or "active", params.get("kind") or ""
    if status not in (*STATUSES, ALL):
        raise BadInput(f"--status {status}", "is unknown", f"Use {', '.join(STATUSES)} or {ALL}")
    if kind and kind not in KINDS:
        raise BadInput(f"--kind {kind}", "is unknown", f"Use one of {', '.join(KINDS)}")
    by = params.get("by") or "kind"
    if by not in GROUPS:
        raise BadInput(f"--by {by}", "is unknown", f"Use one of {', '.join(GROUPS)}")
    now = instant_of(app, params)
    rows = app.reader.aging(
        now,
        status="" if status == ALL else status,
        kind=kind,
        entity=params.get("entity") or "",
        currency=params.get("currency") or "",
    )
    return {
        "as_of": now,
        "by": by,
        "business": bool(params.get("business")),
        "aging": rows,
        "findings": sum(row["findings"] for row in rows),
    }


OPERATIONS: dict[str, Operation] = {"run": run}
