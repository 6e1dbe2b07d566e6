"""Take in what has arrived, or make everything derived anew."""

import time
from typing import TYPE_CHECKING, Any

from core.errors import ConfigInvalid
from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from revtrace.wiring import App


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Turn the wheel until nothing is left."""
    begun = time.monotonic()
    if app.receivers() is None:
        _register_sources(app)
    turns = events = roots = 0
    while (report := app.wheel.turn()).events:
        turns, events, roots = turns + 1, events + report.events, roots + report.roots
        progress({"text": "refresh", "done": events, "unit": "events"})
    return _document(turns, events, roots, begun)


def rebuild(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Make all paths and findings anew from all events, with the declarations as they are now.
    Raises ConfigInvalid when this process has read others.
    """
    begun = time.monotonic()
    _refuse_old_declarations(app)
    progress({"text": "rebuild", "done": 0, "unit": ""})
    if app.receivers() is None:
        _register_sources(app)
    else:
        app.read_sources_again()
    report = app.wheel.rebuild()
    return _document(1, report.events, report.roots, begun)


def _refuse_old_declarations(app: "App") -> None:
    """A process that runs on keeps what it has read, also for what it takes in later."""
    from revtrace.wiring import build

    if build(app.settings).declared.version != app.declared.version:
        raise ConfigInvalid(
            "the files of the declarations",
            "have changed since this process read them",
            "Start it anew, then run `revtrace rebuild` again",
        )


def _register_sources(app: "App") -> None:
    """Know the sources as their files say now. Their roles decide which stages their events
    complete, and where no collector has run since a file was added nobody else has told them.
    """
    from collector.source import SourceRegister, load_sources

    declared = load_sources(app.config_folder).values()
    SourceRegister(app.store, app.receiving_clock).declare(declared)


def _document(turns: int, events: int, roots: int, begun: float) -> dict[str, Any]:
    seconds = round(time.monotonic() - begun, 3)
    return {"turns": turns, "events": events, "roots": roots, "seconds": seconds}


OPERATIONS: dict[str, Operation] = {"run": run, "rebuild": rebuild}
