"""The same service in three processes against a genuine ClickHouse server, which goes away and
comes back.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.store import Store
from tests.e2e.events import NOW, event, lines, story
from tests.e2e.service import Home, until
from tests.server.genuine import GenuineServer

ROOT = "time_entry/TE-1"
_numbers = itertools.count(1)


@pytest.fixture
def home(server: GenuineServer, tmp_path: Path) -> Iterator[Home]:
    """A home whose warehouse is a fresh database on the genuine server."""
    database = f"e2e_{os.getpid()}_{next(_numbers)}"
    yield Home(tmp_path, {"REVTRACE_WAREHOUSE": server.dsn(), "REVTRACE_DATABASE": database})
    store = Store.open(server.dsn(), database=database)
    store.drop()
    store.close()


def _up_to_date(status: dict[str, Any]) -> bool:
    lineage = status["lineage"]
    return bool(lineage["finished_at"]) and not lineage["events_waiting"]


def test_three_processes_do_what_one_does(home: Home) -> None:
    with ExitStack() as running:
        collect = running.enter_context(home.start("collect"))
        work = running.enter_context(home.start("work"))
        dashboards = running.enter_context(home.start("dashboards"))
        assert collect.post(lines(story())).json()["stored"] == len(story())
        until(home, "status", holds=_up_to_date)
        path = home.ask("trace", ROOT, "--now", NOW)
        assert path["state"] == "complete"
        assert httpx.get(f"{dashboards.told['dashboards']}/_stcore/health").status_code == 200
        file = home.folder / "more.ndjson"
        file.write_bytes(lines([event("time_entry", "TE-9", "approved", "psa", 9)]))
        # Through the running collector, since a store has one admitting writer.
        assert home.ask("import", str(file), "--format", "ndjson")["stored"] == 1
        assert home.ask("import", str(file), "--format", "ndjson")["files"][0]["known"]
        until(home, "status", holds=_up_to_date)
        second = home.run("work")
        assert second.returncode == 2
        assert f"process {work.process.pid} (revtrace work)" in second.stderr
        assert home.ask("refresh")["events"] == 0
        for each in (dashboards, work, collect):
            assert each.stop() < 5
    assert home.ask("trace", ROOT, "--now", NOW) == path


def test_server_that_goes_away_and_comes_back_is_waited_for(
    home: Home, server: GenuineServer
) -> None:
    first, rest = story()[:2], story()[2:]
    with ExitStack() as running:
        collect = running.enter_context(home.start("collect"))
        work = running.enter_context(home.start("work"))
        assert collect.post(lines(first)).status_code == 200
        until(home, "status", holds=_up_to_date)
        server.kill()
        pending = collect.post(lines(rest))
        assert pending.status_code == 200, pending.text
        assert pending.json()["pending"] == len(rest)
        away = home.run("status")
        assert away.returncode == 2
        assert away.stderr.count("\n") == 1
        assert "is away" in away.stderr
        assert "Deliveries that wait for it in the spool: 1, the oldest for" in away.stderr
        assert httpx.get(f"{collect.told['collector']}/healthz").status_code == 200
        ready = collect.ready()
        assert (ready["status"], ready["spool"]["deliveries"]) == ("spooling", 1)
        server.start()
        until(home, "status", holds=lambda status: not status["spool"]["deliveries"])
        assert collect.post(lines(rest)).json()["duplicates"] == len(rest)
        until(home, "status", holds=_up_to_date)
        assert home.ask("trace", ROOT, "--now", NOW)["state"] == "complete"
        identity = home.ask("status")["identity"]
        assert identity["holds"]
        assert identity["stored"] == len(story())
        for each in (work, collect):
            assert each.stop() < 5


def test_collect_starts_without_its_server_and_takes_what_comes(
    home: Home, server: GenuineServer
) -> None:
    server.kill()
    with home.start("collect") as collect:
        assert collect.post(lines(story())).json()["pending"] == len(story())
        assert collect.ready()["status"] == "spooling"
        file = home.folder / "more.ndjson"
        file.write_bytes(lines([event("time_entry", "TE-9", "approved", "psa", 9)]))
        away = home.run("import", str(file), "--format", "ndjson")
        assert away.returncode == 2
        assert "is away" in away.stderr
        collect.kill()
    # What it acknowledged outlives it, and goes in before anything else.
    with home.start("collect") as collect:
        assert collect.ready()["spool"]["deliveries"] == 1
        server.start()
        until(home, "status", holds=lambda status: not status["spool"]["deliveries"])
        identity = home.ask("status")["identity"]
        assert identity["holds"]
        assert identity["stored"] == len(story())
        assert home.ask("import", str(file), "--format", "ndjson")["stored"] == 1
        assert collect.stop() < 5


@pytest.mark.parametrize("command", ["collect", "work", "dashboards", "status"])
def test_wrong_password_is_one_line_without_it(
    server: GenuineServer, tmp_path: Path, command: str
) -> None:
    dsn = server.dsn(password="not-the-password")
    ended = Home(tmp_path, {"REVTRACE_WAREHOUSE": dsn}).run(command)
    assert ended.returncode == 2
    said = [line for line in ended.stderr.splitlines() if line.startswith("revtrace: ")]
    assert len(said) == 1
    assert "refuses the user or password" in said[0]
    assert "not-the-password" not in ended.stderr
