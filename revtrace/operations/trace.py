"""The path of a revenue event, or the paths that an object is on."""

from typing import TYPE_CHECKING, Any

from lineage.reader import PATHS_SHOWN
from revtrace.operations import Operation, Params, Progress
from revtrace.past import asked

if TYPE_CHECKING:
    from revtrace.wiring import App


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Raises NotFound when nothing is known of the key, BadInput when it is no `type/id`."""
    paths = params.get("limit") or PATHS_SHOWN
    with asked(app, params, progress, params["key"]) as (reader, now, known):
        document: dict[str, Any] = reader.trace(params["key"], now, paths) | known
    for path in [document, *document.get("paths", [])]:
        for stage in path.get("stages", []):
            stage["required"] = bool(stage["required"])
        for each in path.get("objects", []):
            each["reversed"] = bool(each["reversed"])
    return document


OPERATIONS: dict[str, Operation] = {"run": run}
