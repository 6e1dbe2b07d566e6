"""What a loss of power or a dead collector has left is mended: nothing stays lost, nothing is
doubled.
"""

import threading
import time
from datetime import timedelta

import pytest

from collector.aftermath import Aftermath
from collector.writer import Writer
from core.clock import FixedClock
from core.settings import CollectorSettings
from core.store import Store
from tests.collector.arrange import BY_ENGINE, body, commit, event, make_writer, receipt, stored
from tests.collector.test_recovery import Killed, assert_all_visible, kill_at


@pytest.fixture
def store(any_store: Store) -> Store:
    """Faults are survived on the embedded engine and on the genuine server."""
    return any_store


@pytest.fixture(autouse=True)
def _restarted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine has started just now."""
    monkeypatch.setattr(Aftermath, "_up_seconds", lambda _: 0.0)


TABLES = ("events", "event_ids", "event_arrivals", "correlations", "event_spans", "quarantine")
SPANS = {"trace_id": "0" * 31 + "1", "span_id": "0" * 15 + "1"}


def bodies() -> list[bytes]:
    """Two deliveries with everything that is kept apart: an id, a span, a duplicate, a fault."""
    first = event(event_id="e1", correlation_id="c1", **SPANS)
    second = event(event_id="e2", object={"type": "invoice", "id": "INV-2"}, correlation_id="c2")
    return [body(first, second), body(first, event(action="X"), event(event_id="e3"))]


def lost(store: Store, table: str, of: int) -> None:
    """The parts of one commit are gone from a table, as after a loss of power."""
    where = f"batch = {of}"
    if table == "correlations":
        where = "correlation_id = 'c1'"
    store.command(f"ALTER TABLE {table} DELETE WHERE {where} SETTINGS mutations_sync = 2")


@pytest.mark.parametrize("table", [*TABLES, "delivery_closings"])
def test_what_a_loss_of_power_has_taken_is_made_again(
    store: Store, clock: FixedClock, table: str
) -> None:
    writer = make_writer(store, clock)
    commit(writer, body(event(event_id="earlier")))
    commit(writer, *bodies())
    commit(writer, body(event(event_id="later"), event(event_id="e3")))
    before = store.rows("SELECT * EXCEPT (batch, closed_at) FROM v_deliveries ORDER BY delivery")
    lost(store, table, of=2)
    again = make_writer(store, clock)
    assert [one for _, one in stored(store)] == ["e1", "e2", "e3", "earlier", "later"]
    after = store.rows("SELECT * EXCEPT (batch, closed_at) FROM v_deliveries ORDER BY delivery")
    assert after == before
    assert again.check_identity() == []
    assert_all_visible(store)
    assert store.value("SELECT count() FROM quarantine FINAL") == 1
    assert store.value("SELECT uniqExact(correlation_id) FROM correlations") == 2
    assert store.value("SELECT count() FROM event_spans FINAL") == 1


def test_what_a_recovery_has_made_is_made_again_too(store: Store, clock: FixedClock) -> None:
    writer = make_writer(store, clock)
    undo = kill_at(store, "INSERT INTO events", after=False)
    with pytest.raises(Killed):
        commit(writer, body(event()))
    undo()
    make_writer(store, clock)
    # Its events are of a later batch than its delivery.
    assert store.value("SELECT min(batch) > (SELECT min(batch) FROM deliveries) FROM events")
    store.command("ALTER TABLE event_ids DELETE WHERE 1 SETTINGS mutations_sync = 2")
    again = make_writer(store, clock)
    assert stored(store) == [("netsuite-us", "e1")]
    assert again.check_identity() == []
    assert_all_visible(store)


def test_a_warehouse_that_is_whole_is_left_alone(any_store: Store, clock: FixedClock) -> None:
    writer = make_writer(any_store, clock)
    commit(writer, *bodies())
    batches = any_store.rows("SELECT * FROM batches")
    assert Writer(any_store, clock).open() == 0
    assert any_store.rows("SELECT * FROM batches") == batches


def test_only_the_last_commits_are_looked_at(store: Store, clock: FixedClock) -> None:
    writer = make_writer(store, clock)
    commit(writer, *bodies())
    clock.move(timedelta(hours=1))
    commit(writer, body(event(event_id="later")))
    lost(store, "events", of=1)
    assert Writer(store, clock).open() == 0
    far = CollectorSettings(recheck_seconds=7200)
    assert Writer(store, clock, far).open() == 3
    assert len(stored(store)) == 4


def test_a_machine_that_has_run_all_the_time_is_not_suspected(
    any_store: Store, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(make_writer(any_store, clock), *bodies())
    lost(any_store, "events", of=1)
    monkeypatch.setattr(Aftermath, "_up_seconds", lambda _: 3600.0)
    assert Writer(any_store, clock).open() == 0
    clock.move(timedelta(hours=-1))
    assert Writer(any_store, clock).open() == 2


def test_an_insert_of_a_dead_collector_is_ended_before_its_rows_are_looked_at(
    server_store: Store, clock: FixedClock
) -> None:
    """A server goes on with an insert whose client is gone; its rows would come twice."""
    writer = make_writer(server_store, clock, BY_ENGINE)
    commit(writer, body(event(event_id="e1")))
    slow = threading.Thread(target=_insert_slowly, args=(server_store,), daemon=True)
    slow.start()
    running = (
        "SELECT count() FROM system.processes "
        "WHERE query LIKE '%sleepEachRow%' AND query_kind = 'Insert'"
    )
    until = time.monotonic() + 30
    while not server_store.value(running):
        assert time.monotonic() < until
    assert make_writer(server_store, clock)
    assert server_store.value(running) == 0
    slow.join(30)
    assert stored(server_store) == [("netsuite-us", "e1")]


def _insert_slowly(store: Store) -> None:
    """The statement of a commit that takes its time; ended by force, which is no error here."""
    from core.errors import RevtraceError

    try:
        store.command(
            "-- A comment, as ours have.\n"
            "INSERT INTO events (event_id, source, occurred_at) "
            "SELECT 'late', 'dead', toDateTime64('2026-09-30 10:00:00', 6, 'UTC') "
            "FROM numbers(100) WHERE sleepEachRow(0.2) = 0",
            settings={"max_block_size": 1},
        )
    except RevtraceError:
        return


def test_statements_of_others_are_left_alone(server_store: Store, clock: FixedClock) -> None:
    import re

    from collector.aftermath import OURS

    assert re.search(OURS, "-- why\nINSERT INTO events (\n")
    assert re.search(OURS, "INSERT INTO `t_1`.`delivery_closings` (`a`) FORMAT Native")
    assert not re.search(OURS, "INSERT INTO paths (a)")
    assert not re.search(OURS, "INSERT INTO events_of_others (a)")
    Aftermath(server_store, clock, CollectorSettings()).end_orphans()


def test_receipts_count_the_same_after_recovery_in_another_order_of_ids(
    store: Store, clock: FixedClock
) -> None:
    """What was spooled has an older id than what was committed before it."""
    from collector.delivery import Delivery

    writer = make_writer(store, clock)
    old = writer.stamp(Delivery(body(event(), event(event_id="e2"))))
    receipt(writer, body(event()))
    writer.commit([old])
    before = store.rows("SELECT delivery, stored, duplicates FROM v_deliveries ORDER BY delivery")
    lost(store, "events", of=2)
    make_writer(store, clock)
    lost(store, "event_ids", of=1)
    make_writer(store, clock)
    after = store.rows("SELECT delivery, stored, duplicates FROM v_deliveries ORDER BY delivery")
    assert after == before
    assert len(stored(store)) == 2
