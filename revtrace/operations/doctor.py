"""What this installation is made of and what it found: the first thing to look at when in doubt.

It opens the warehouse only if nobody owns it, and asks the owner otherwise; what cannot be found
out is a problem in the list, never an error.
"""

import platform
import socket
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from core.errors import RevtraceError
from core.lock import FILE, read_owner
from core.store import SqlFolder
from revtrace import supplied
from revtrace.gate import COLLECT_FILE, ask
from revtrace.operations import Operation, Params, Progress, config

if TYPE_CHECKING:
    from revtrace.wiring import App

SQL = SqlFolder(__file__)
PACKAGES = ("revtrace", "chdb", "clickhouse-connect", "streamlit", "fastapi", "pydantic")
PROBE_SECONDS = 0.5


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Versions, home, engine, ports and plugins, with the problems found on the way."""
    problems: list[str] = []
    declared = config.check(app, params, progress)
    problems += declared["problems"]
    return {
        "versions": _versions(problems),
        "home": _home(app, problems),
        "engine": _engine(app, problems),
        "ports": _ports(app),
        "plugins": _plugins(app, declared),
        "problems": problems,
        "ok": not problems,
    }


def engine(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """What the warehouse says of itself; asked of whoever owns it."""
    store = app.store
    return {
        "kind": "embedded" if store.embedded else "server",
        "warehouse": app.warehouse,
        "version": store.value(SQL["engine_version"]),
        "schema": app.schema_version(),
        "disk_free_bytes": _disk_free(app),
    }


def _disk_free(app: "App") -> int | None:
    """What is left of the warehouse's disk; None where the account may not ask."""
    try:
        return int(app.store.value(SQL["disk_free"]) or 0) or None
    except RevtraceError:
        return None


def _versions(problems: list[str]) -> dict[str, str]:
    found = {"python": platform.python_version(), "system": f"{sys.platform} {platform.machine()}"}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            problems.append(f"package {name} is not installed")
    return found


def _home(app: "App", problems: list[str]) -> dict[str, Any]:
    home = app.settings.home.resolve()
    found: dict[str, Any] = {"folder": home, "exists": home.is_dir(), "owner": "nobody"}
    try:
        if card := read_owner(home):
            found["owner"] = f"process {card.pid} (revtrace {card.command})"
    except RevtraceError as error:
        problems.append(str(error))
    return found


def _engine(app: "App", problems: list[str]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = ask(app.settings, "doctor.engine")
        free, wanted = found.get("disk_free_bytes"), app.settings.engine.disk_free_bytes_min
        if free is not None and free < wanted:
            problems.append(
                f"{free:,} bytes are left of the warehouse's disk, and it takes nothing below "
                f"{wanted:,} (engine.disk_free_bytes_min): make room"
            )
        return found
    except RevtraceError as error:
        problems.append(str(error))
        return {"warehouse": app.warehouse}


def _plugins(app: "App", declared: dict[str, Any]) -> dict[str, Any]:
    """Names, except for the failure catalogue: its many patterns are counted a file."""
    found: dict[str, Any] = supplied.plugins() | declared["declarations"]
    if "failures" not in declared["unreadable"]:
        from lineage.failure import count_patterns

        folder = app.config_folder
        found["failures"] = count_patterns(folder / "failures" if folder else None)
    return found


def _ports(app: "App") -> dict[str, str]:
    """Whether somebody answers on our ports, and whether that is a revtrace on this home."""
    found = {}
    for name in ("http", "grpc", "dashboards"):
        section = getattr(app.settings, name)
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(section.host, section.host)
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.settimeout(PROBE_SECONDS)
            used = probe.connect_ex((host, section.port)) == 0
        told = (_server(app, name) or "in use by another program") if used else "free"
        found[name] = f"{section.host}:{section.port} {told}"
    return found


def _server(app: "App", name: str) -> str:
    """Our own service on this home, if it is up: it holds the ports for as long as it runs."""
    for file, names in (
        (FILE, ("http", "grpc", "dashboards")),
        (COLLECT_FILE, ("http", "grpc")),
    ):
        card = read_owner(app.settings.home, file=file)
        if card and card.port and name in names:
            return f"served by this revtrace (process {card.pid}, revtrace {card.command})"
    return ""


OPERATIONS: dict[str, Operation] = {"run": run, "engine": engine}
