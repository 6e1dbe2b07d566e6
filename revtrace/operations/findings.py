"""What needs attention."""

from typing import TYPE_CHECKING, Any

from revtrace.operations import Operation, Params, Progress, instant_of

if TYPE_CHECKING:
    from revtrace.wiring import App


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """All of them unless `limit` is given."""
    return {"findings": app.reader.findings(instant_of(app, params))}


OPERATIONS: dict[str, Operation] = {"run": run}
