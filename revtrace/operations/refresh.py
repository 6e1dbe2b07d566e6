"""Take in what has arrived, or make everything derived anew."""

import time
from typing import TYPE_CHECKING, Any

from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from revtrace.wiring import App


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Turn the wheel until nothing is left."""
    begun = time.monotonic()
    turns = events = roots = 0
    while (report := app.wheel.turn()).events:
        turns, events, roots = turns + 1, events + report.events, roots + report.roots
        progress({"text": "refresh", "done": events, "unit": "events"})
    return _document(turns, events, roots, begun)


def rebuild(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Make all paths and findings anew from all events, with the declarations as they are now."""
    begun = time.monotonic()
    progress({"text": "rebuild", "done": 0, "unit": ""})
    report = app.wheel.rebuild()
    return _document(1, report.events, report.roots, begun)


def _document(turns: int, events: int, roots: int, begun: float) -> dict[str, Any]:
    seconds = round(time.monotonic() - begun, 3)
    return {"turns": turns, "events": events, "roots": roots, "seconds": seconds}


OPERATIONS: dict[str, Operation] = {"run": run, "rebuild": rebuild}
