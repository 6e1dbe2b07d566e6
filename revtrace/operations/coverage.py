"""How much of what was posted can be traced back, what never reports, and where ids get lost."""

from typing import TYPE_CHECKING, Any

from revtrace.operations import Operation, Params, Progress, instant_of, process_of

if TYPE_CHECKING:
    from revtrace.wiring import App


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Of all processes or of one; raises BadInput for one that is not there."""
    now, process = instant_of(app, params), process_of(app, params)
    return {"process": process, "now": now, **app.reader.coverage(now, process)}


OPERATIONS: dict[str, Operation] = {"run": run}
