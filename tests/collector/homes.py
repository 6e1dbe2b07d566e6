"""Homes of services that tests start, kill and look into afterwards."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from core.store import Store
from tests.e2e.service import Home, Service
from tests.server.genuine import GenuineServer

ROOT = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 60


def embedded(folder: Path) -> Home:
    """A home whose warehouse is where it always is, named so that it can be looked at."""
    dsn = f"chdb://{folder / 'home' / 'warehouse'}"
    return Home(folder, {"REVTRACE_WAREHOUSE": dsn, "REVTRACE_DATABASE": "killed"})


def on_server(folder: Path, server: GenuineServer, **settings: str) -> Home:
    """A home whose warehouse is a fresh database of the server."""
    database = f"killed_{os.getpid()}_{folder.name}"
    given = {"REVTRACE_WAREHOUSE": server.dsn(), "REVTRACE_DATABASE": database}
    given["REVTRACE_COLLECTOR__SPOOL_RETRY_SECONDS_MAX"] = "0.5"
    return Home(folder, given | settings)


def told_of(home: Home) -> dict[str, Any]:
    """What the warehouse of a home holds, now that nobody has it open."""
    where = [home.settings["REVTRACE_WAREHOUSE"], home.settings["REVTRACE_DATABASE"]]
    where.append(str(home.folder / "home"))
    program = [sys.executable, "-m", "tests.collector.telling", *where]
    ended = subprocess.run(program, cwd=ROOT, check=True, capture_output=True)
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def drained(service: Service) -> None:
    """Wait until the spool is empty and the warehouse there."""
    last = time.monotonic() + WAIT_SECONDS
    while service.ready()["status"] != "ready":
        assert time.monotonic() < last, service.ready()
        time.sleep(0.1)


def drop(home: Home) -> None:
    """Drop the database of a home on the server."""
    dsn, database = home.settings["REVTRACE_WAREHOUSE"], home.settings["REVTRACE_DATABASE"]
    store = Store.open(dsn, database=database)
    store.drop()
    store.close()
