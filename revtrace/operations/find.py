"""The paths that a key leads to, whatever kind of key it is."""

from typing import TYPE_CHECKING, Any

from revtrace.operations import Operation, Params, Progress, instant_of

if TYPE_CHECKING:
    from revtrace.wiring import App


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """All of them unless `limit` is given."""
    document: dict[str, Any] = app.reader.find(params["key"], instant_of(app, params))
    return document


OPERATIONS: dict[str, Operation] = {"run": run}
