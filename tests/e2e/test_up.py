"""`revtrace up` from outside: it starts, takes events, answers, stops, comes back, and is
killed.
"""

import signal
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.events import NOW, event, lines, story
from tests.e2e.service import Home, Service, until

ROOT = "time_entry/TE-1"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def _up_to_date(status: dict[str, Any]) -> bool:
    lineage = status["lineage"]
    return bool(lineage["finished_at"]) and not lineage["events_waiting"]


def test_events_become_a_path_and_outlive_the_process(home: Home) -> None:
    with home.start("up") as up:
        answer = up.post(lines(story()))
        assert answer.status_code == 200, answer.text
        assert answer.json()["stored"] == len(story())
        until(home, "status", holds=_up_to_date)
        while_up = home.ask("trace", ROOT, "--now", NOW)
        assert httpx.get(f"{up.told['dashboards']}/_stcore/health").status_code == 200
        assert up.stop() < 5
    assert while_up["root"] == ROOT
    assert while_up["state"] == "complete"
    assert while_up["amount"] == "100.00"
    done = {stage["name"]: stage["state"] for stage in while_up["stages"]}
    assert {done[name] for name in ("approved", "billed", "invoiced", "posted")} == {"done"}
    # In-process and through the socket, before and after a restart: the same document.
    assert home.ask("trace", ROOT, "--now", NOW) == while_up
    with home.start("up") as again:
        assert home.ask("trace", ROOT, "--now", NOW) == while_up
        assert again.post(lines(story())).json()["duplicates"] == len(story())
        assert again.stop(signal.SIGINT) < 5
    status = home.ask("status")
    assert status["identity"]["holds"]
    assert status["identity"]["stored"] == len(story())


def test_every_question_has_the_same_answer_both_ways(home: Home) -> None:
    questions = [
        ("trace", ROOT, "--now", NOW),
        ("trace", "invoice/INV-1", "--now", NOW),
        ("find", "C-1", "--now", NOW),
        ("findings", "--now", NOW),
        ("sources",),
        ("quarantine", "list"),
    ]
    failed = event("invoice", "INV-2", "posted", "netsuite-us", 15, outcome="failed")
    with home.start("up") as up:
        assert up.post(lines([*story(), failed]) + b"{broken\n").status_code == 200
        until(home, "status", holds=_up_to_date)
        through_socket = [home.ask(*question) for question in questions]
        unknown = home.run("trace", "invoice/nobody-knows")
        up.stop()
    assert [home.ask(*question) for question in questions] == through_socket
    in_process = home.run("trace", "invoice/nobody-knows")
    assert (in_process.returncode, in_process.stderr) == (unknown.returncode, unknown.stderr)
    assert unknown.returncode == 2
    assert unknown.stderr.count("\n") == 1
    record = through_socket[-1]["quarantine"][0]["record"]
    assert home.ask("quarantine", "show", record)["raw"] == "{broken"


def test_second_owner_is_told_who_the_first_is(home: Home) -> None:
    with home.start("up") as up:
        second = home.run("up")
        assert second.returncode == 2
        assert f"process {up.process.pid} (revtrace up)" in second.stderr
        assert second.stderr.count("\n") == 1


def test_killed_in_mid_load_loses_and_doubles_nothing(home: Home) -> None:
    batches = [
        lines([event("time_entry", f"{number}-{each}", "approved", "psa", 9) for each in range(20)])
        for number in range(120)
    ]
    acknowledged: set[int] = set()
    for least in (20, 40):
        with home.start("up") as up:
            senders = [
                threading.Thread(target=_send, args=(up, batches, acknowledged, first))
                for first in range(4)
            ]
            for sender in senders:
                sender.start()
            last = time.monotonic() + 60
            while len(acknowledged) < least and time.monotonic() < last:
                time.sleep(0.005)
            up.kill()
            for sender in senders:
                sender.join()
    assert 40 <= len(acknowledged) < len(batches)
    with home.start("up") as up:
        kept = home.ask("status")["identity"]
        assert kept["holds"]
        assert kept["deliveries_open"] == 0
        assert kept["stored"] >= 20 * len(acknowledged)
        known = b"".join(batches[number] for number in sorted(acknowledged))
        assert up.post(known).json()["duplicates"] == 20 * len(acknowledged)
        assert up.post(b"".join(batches)).status_code == 200
        whole = home.ask("status")["identity"]
        assert whole["stored"] == 20 * len(batches)
        assert whole["holds"]
        until(home, "status", holds=_up_to_date)
        assert home.ask("trace", "time_entry/119-19")["root"] == "time_entry/119-19"


def test_demo_fills_an_empty_warehouse_once(home: Home) -> None:
    with home.start("up", "--demo") as up:
        until(home, "status", holds=lambda status: _up_to_date(status) and _demo_is_loaded(home))
        findings = home.ask("findings")["findings"]
        up.stop()
    identity = home.ask("status")["identity"]
    assert identity["holds"]
    assert identity["stored"] > 10_000
    # Two releases of the sample firm went wrong, and what they sent was refused.
    assert 0 < identity["quarantined"] < 200
    assert {"sla_breach", "failed_event", "duplicate"} <= {each["kind"] for each in findings}
    with home.start("up", "--demo") as up:
        up.stop()
    assert home.ask("status")["identity"] == identity


def _demo_is_loaded(home: Home) -> bool:
    note = home.folder / "home" / "demo" / "demo.json"
    return '"loaded": true' in note.read_text()


def _send(up: Service, batches: list[bytes], acknowledged: set[int], first: int) -> None:
    """Send every fourth batch until the other side is gone, and note what was acknowledged."""
    for number in range(first, len(batches), 4):
        if number in acknowledged:
            continue
        try:
            answer = up.post(batches[number])
        except httpx.HTTPError:
            return
        if answer.status_code == 200:
            acknowledged.add(number)
