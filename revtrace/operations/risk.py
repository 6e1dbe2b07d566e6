"""What will miss the next books closes."""

import re
from typing import TYPE_CHECKING, Any

from core.errors import BadInput
from revtrace.operations import Operation, Params, Progress, instant_of

if TYPE_CHECKING:
    from revtrace.wiring import App

_PERIOD = re.compile(r"\d{4}-\d{2}\Z", re.ASCII)


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Totals by close and currency, by step, and every hop; all hops unless `limit` is given."""
    period, process = params.get("period") or "", params.get("process") or ""
    if period and not _PERIOD.match(period):
        raise BadInput(f"--period {period}", "is no fiscal period", "Write it like 2026-09")
    if process and process not in app.processes:
        known = ", ".join(sorted(app.processes))
        raise BadInput(f"--process {process}", "is unknown", f"Use one of {known}")
    now = instant_of(app, params)
    found = app.reader.risk(now, period=period, entity=params.get("entity") or "", process=process)
    return {
        "as_of": now,
        "closings": found["closings"],
        "steps": found["steps"],
        "hops": found["hops"][: params.get("limit")],
        "total": len(found["hops"]),
        "missed": found["missed"],
    }


OPERATIONS: dict[str, Operation] = {"run": run}
