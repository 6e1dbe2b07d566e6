"""received = stored + duplicates + quarantined + skipped: who breaks it is named, with source and
hour, loudly.
"""

import json
import logging
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector.delivery import Receipt
from collector.identity import IdentityWatch
from collector.reader import CollectorReader
from collector.writer import Writer
from core.clock import FixedClock, SystemClock
from core.settings import CollectorSettings
from core.store import Store
from tests.collector.arrange import body, commit, event, make_writer, receipt
from tests.collector.conftest import Listen

HOUR = "2026-09-30T12:00:00+00:00"


def broken(store: Store, writer: Writer) -> str:
    """A warehouse of three deliveries, of which the second has lost an event."""
    receipt(writer, body(event(event_id="e0")), source="netsuite-us")
    told = receipt(writer, body(event(event_id="e1"), event(event_id="e2")), source="psa")
    receipt(writer, body(event(event_id="e3"), event(action="X")), source="psa")
    store.command("ALTER TABLE events DELETE WHERE event_id = 'e2' SETTINGS mutations_sync = 2")
    return told.delivery


def test_an_event_that_is_gone_is_noticed_in_its_source_and_hour(
    any_store: Store, clock: FixedClock
) -> None:
    writer = make_writer(any_store, clock)
    delivery = broken(any_store, writer)
    found = writer.check_identity()
    assert [(one.delivery, one.source, one.hour.isoformat()) for one in found] == [
        (delivery, "psa", HOUR)
    ]
    assert "stored 2" in found[0].text
    assert "1 events" in found[0].text
    reader = CollectorReader(any_store)
    since = clock.now() - timedelta(hours=1)
    rows = reader.unbalanced(since, batches_max=100)
    assert [(row["source"], row["deliveries"], row["stored"], row["events"]) for row in rows] == [
        ("psa", 1, 2, 1)
    ]
    assert rows[0]["examples"] == [delivery]
    assert reader.unbalanced(clock.now() + timedelta(hours=1), batches_max=100) == []
    assert reader.unbalanced(since, batches_max=1) == []
    hours = {row["source"]: row for row in reader.hours(since)}
    assert (hours["psa"]["deliveries"], hours["psa"]["received"]) == (2, 4)
    assert all(row["balances"] for row in hours.values())


def test_a_body_with_records_that_was_closed_without_any_is_noticed(
    any_store: Store, clock: FixedClock
) -> None:
    store = any_store
    writer = make_writer(store, clock)
    lost, _, _ = commit(writer, body(event()), body(event(event_id="e2")), b" {}")
    assert isinstance(lost, Receipt)
    assert writer.check_identity() == []
    sync = "SETTINGS mutations_sync = 2"
    store.command(f"ALTER TABLE events DELETE WHERE event_id = 'e1' {sync}")
    change = "ALTER TABLE delivery_closings UPDATE received = 0, stored = 0"
    store.command(f"{change} WHERE delivery = {{one:String}} {sync}", {"one": lost.delivery})
    assert [one.delivery for one in writer.check_identity()] == [lost.delivery]


def test_counts_that_do_not_add_up_and_a_delivery_never_closed_are_noticed(
    any_store: Store, clock: FixedClock
) -> None:
    store = any_store
    writer = make_writer(store, clock)
    first, second, _ = commit(writer, *(body(event(event_id=f"e{place}")) for place in range(3)))
    delete = "ALTER TABLE delivery_closings DELETE WHERE delivery = {one:String}"
    store.command(f"{delete} SETTINGS mutations_sync = 2", {"one": first.delivery})  # type: ignore[union-attr]
    change = "ALTER TABLE delivery_closings UPDATE received = 7 WHERE delivery = {one:String}"
    store.command(f"{change} SETTINGS mutations_sync = 2", {"one": second.delivery})  # type: ignore[union-attr]
    texts = [one.text for one in writer.check_identity()]
    assert len(texts) == 2
    assert "never closed" in texts[0]
    assert "received 7" in texts[1]
    seen = store.rows("SELECT closed, balances FROM v_deliveries ORDER BY delivery")
    assert [tuple(row.values()) for row in seen] == [(0, 0), (1, 0), (1, 1)]
    hours = CollectorReader(store).hours(clock.now() - timedelta(hours=1))
    assert [row["balances"] for row in hours] == [0]


def test_the_collector_says_it_aloud(
    any_store: Store, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    store = any_store
    writer = make_writer(store, clock)
    watch = IdentityWatch(writer.check_identity, CollectorSettings())
    watch.look()
    assert (watch.unbalanced, caplog.records) == (0, [])
    delivery = broken(store, writer)
    with caplog.at_level(logging.ERROR):
        watch.look()
    assert watch.unbalanced == 1
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    said = caplog.text
    assert "source psa" in said
    assert HOUR in said
    assert delivery in said
    # Only what was committed of late is looked at, so that the cost does not grow with the history.
    clock.move(timedelta(hours=2))
    receipt(writer, body(event(event_id="e9")))
    watch.look()
    assert watch.unbalanced == 0


def test_a_running_collector_checks_by_itself(any_store: Store, listen: Listen) -> None:
    there = listen(on=any_store, collector=CollectorSettings(identity_every_seconds=0.05))
    there.post("/v1/events", body(event(), event(event_id="e2")), "application/x-ndjson")
    gauge = "revtrace_collector_identity_unbalanced_deliveries"
    assert f"{gauge} 0.0\n" in httpx.get(f"{there.url}/metrics", trust_env=False).text
    delete = "ALTER TABLE events DELETE WHERE event_id = 'e2' SETTINGS mutations_sync = 2"
    there.store.command(delete)
    last = time.monotonic() + 30
    while f"{gauge} 1.0\n" not in httpx.get(f"{there.url}/metrics", trust_env=False).text:
        assert time.monotonic() < last
        time.sleep(0.02)


def status(store: Store, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    plain = {name: value for name, value in os.environ.items() if "REVTRACE" not in name}
    ours = {"REVTRACE_WAREHOUSE": store.dsn, "REVTRACE_DATABASE": store.database}
    return subprocess.run(
        [sys.executable, "-m", "revtrace.cli", "status", *arguments],
        cwd=folder,
        env=plain | ours | {"REVTRACE_HOME": str(folder / "home"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_status_fails_and_names_source_and_hour(server_store: Store, tmp_path: Path) -> None:
    writer = Writer(server_store, SystemClock())
    writer.open()
    delivery = broken(server_store, writer)
    ended = status(server_store, tmp_path, "--json")
    assert ended.returncode == 1, ended.stderr
    identity: dict[str, Any] = json.loads(ended.stdout)["identity"]
    assert not identity["holds"]
    wrong = identity["unbalanced"]
    assert [(row["source"], row["examples"]) for row in wrong] == [("psa", [delivery])]
    assert ":00:00" in wrong[0]["hour"]
    shown = status(server_store, tmp_path)
    assert shown.returncode == 1
    assert "psa, hour " in shown.stdout
    assert delivery in shown.stdout
