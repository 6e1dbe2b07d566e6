"""What a service says once it is up: where to look. On stdout, for people or as one JSON line."""

import json
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from revtrace.listening import Door
    from revtrace.wiring import App


def show(command: str, doors: "Mapping[str, Door]", app: "App", *, as_json: bool) -> None:
    """Print the addresses; the line with `ready` is what scripts wait for."""
    home = app.settings.home.resolve()
    if as_json:
        document = {"command": command, "pid": os.getpid(), "home": str(home)}
        document |= {"warehouse": app.warehouse, "ready": True}
        document |= {name: door.url for name, door in doors.items()}
        sys.stdout.write(json.dumps(document) + "\n")
        sys.stdout.flush()
        return
    from revtrace.render.values import console as make_console
    from revtrace.render.values import facts

    console = make_console()
    console.print(f"revtrace {command} is ready.", style="bold green")
    rows = {"data": str(home), "warehouse": app.warehouse}
    if "dashboards" in doors:
        rows["dashboards"] = doors["dashboards"].url
    if "collector" in doors:
        rows["send events to"] = f"{doors['collector'].url}/v1/events"
        rows["OTLP over HTTP to"] = doors["collector"].url
        rows["OTLP over gRPC to"] = doors["grpc"].url
    facts(console, rows)
    console.print("Stop it with Ctrl-C; nothing is lost.", style="dim")
    sys.stdout.flush()


def show_demo(events: int, key: str, *, as_json: bool) -> None:
    """What comes in now, and what to ask while it does."""
    tell(
        f"The sample quarter is coming in: {events:,} events, in a minute or two. In another"
        f" terminal: `revtrace findings`, then `revtrace trace {key}`.",
        as_json=as_json,
    )


def tell(text: str, *, as_json: bool) -> None:
    """Say something on the way; a script that reads JSON hears of it in the log instead."""
    if as_json:
        return
    from revtrace.render.values import console

    console().print(text)
    sys.stdout.flush()
