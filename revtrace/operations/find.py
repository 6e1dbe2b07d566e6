"""The paths that a key leads to, whatever kind of key it is."""

from typing import TYPE_CHECKING, Any

from revtrace.operations import Operation, Params, Progress, instant_of

if TYPE_CHECKING:
    from revtrace.wiring import App


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """All of them unless `limit` is given."""
    now, limit = instant_of(app, params), params.get("limit")
    document: dict[str, Any] = app.reader.find(params["key"], now, limit)
    return document


OPERATIONS: dict[str, Operation] = {"run": run}
