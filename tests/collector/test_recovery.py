"""A commit that ends anywhere is finished at the next start: nothing lost, nothing doubled, all of
it visible.
"""

from collections.abc import Callable
from typing import Any

import pytest

from collector.delivery import Receipt
from core.clock import FixedClock
from core.errors import StoreUnavailable
from core.store import Store
from tests.collector.arrange import BY_ENGINE, BY_MODEL, body, commit, event, make_writer, stored

TABLES = (
    "deliveries",
    "events",
    "quarantine",
    "delivery_closings",
    "batches",
    "sources",
)


class Killed(BaseException):
    """The process ends here; no handler of ours sees it."""


def kill_at(store: Store, mark: str, *, after: bool) -> Callable[[], None]:
    """Let the statement that carries the mark be the last one, run or not; returns what
    undoes it.
    """
    command, insert = store.command, store.insert

    def killed_command(sql: str, *args: Any, **more: Any) -> None:
        if mark in sql:
            if after:
                command(sql, *args, **more)
            raise Killed
        command(sql, *args, **more)

    def killed_insert(table: str, *args: Any, **more: Any) -> None:
        if f"INSERT INTO {table}" == mark:
            if after:
                insert(table, *args, **more)
            raise Killed
        insert(table, *args, **more)

    store.command, store.insert = killed_command, killed_insert  # type: ignore[method-assign]

    def undo() -> None:
        store.command, store.insert = command, insert  # type: ignore[method-assign]

    return undo


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("table", TABLES)
def test_a_commit_killed_around_any_write_is_finished_by_the_next_writer(
    store: Store, clock: FixedClock, table: str, after: bool
) -> None:
    killed_and_finished(store, clock, table, after=after)


@pytest.mark.parametrize("table", ["deliveries", "events", "delivery_closings"])
def test_on_a_server_it_is_finished_too(server_store: Store, clock: FixedClock, table: str) -> None:
    killed_and_finished(server_store, clock, table, after=True)


def killed_and_finished(store: Store, clock: FixedClock, table: str, *, after: bool) -> None:
    # Who judges plays no part in recovery; one of the cases goes through the engine all the same.
    judge = BY_ENGINE if table == "events" else BY_MODEL
    writer = make_writer(store, clock, judge)
    commit(writer, body(event(event_id="earlier")))
    bodies = [
        body(event(), event(), event(action="X"), event(event_id="earlier")),
        body(event(), event(event_id="e2", source="new-one", correlation_id="c")),
    ]
    undo = kill_at(store, f"INSERT INTO {table}", after=after)
    with pytest.raises(Killed):
        commit(writer, *bodies)
    undo()
    again = make_writer(store, clock, judge)
    assert again.check_identity() == []
    kept = table != "deliveries" or after
    expected = {("netsuite-us", "earlier")}
    if kept:
        expected |= {("netsuite-us", "e1"), ("new-one", "e2")}
    assert stored(store) == sorted(expected)
    closings = store.rows(
        "SELECT received, stored, duplicates, quarantined FROM v_deliveries "
        "WHERE closed ORDER BY delivery"
    )
    assert [tuple(row.values()) for row in closings[1:]] == (
        [(4, 1, 2, 1), (2, 1, 1, 0)] if kept else []
    )
    assert_all_visible(store)
    # Whoever was not answered sends again: all of it is known.
    answers = commit(again, *bodies)
    assert all(isinstance(one, Receipt) and one.stored == (0 if kept else 1) for one in answers)
    assert_all_visible(store)


def assert_all_visible(store: Store) -> None:
    """Every event is in an arrival of a closed batch, and in event_ids."""
    hidden = store.value(
        "SELECT count() FROM events WHERE object_hash NOT IN ("
        "SELECT object_hash FROM event_arrivals WHERE batch <= (SELECT max(batch) FROM batches)) "
        "OR batch > (SELECT max(batch) FROM batches)"
    )
    unknown = store.value(
        "SELECT count() FROM events WHERE (sipHash64(source, event_id), content_hash) NOT IN "
        "(SELECT identity, content_hash FROM event_ids)"
    )
    assert (hidden, unknown) == (0, 0)


def test_a_recovery_that_is_killed_itself_is_begun_again(
    any_store: Store, clock: FixedClock
) -> None:
    store = any_store
    writer = make_writer(store, clock)
    undo = kill_at(store, "INSERT INTO delivery_closings", after=False)
    with pytest.raises(Killed):
        commit(writer, body(event(), event(action="X")), body(event(event_id="e2")))
    for mark in ("INSERT INTO event_ids", "INSERT INTO delivery_closings", "INSERT INTO batches"):
        undo()
        undo = kill_at(store, mark, after=mark != "INSERT INTO batches")
        with pytest.raises(Killed):
            make_writer(store, clock)
    undo()
    again = make_writer(store, clock)
    assert stored(store) == [("netsuite-us", "e1"), ("netsuite-us", "e2")]
    assert store.value("SELECT count() FROM quarantine FINAL") == 1
    assert again.check_identity() == []
    assert_all_visible(store)


def test_a_view_that_throws_leaves_nothing_doubled(store: Store, clock: FixedClock) -> None:
    """The engine keeps the rows of the views that came before the one that threw."""
    writer = make_writer(store, clock)
    store.command(
        "CREATE MATERIALIZED VIEW throwing TO event_arrivals AS "
        "SELECT throwIf(1) AS batch, object_hash FROM events"
    )
    with pytest.raises(Exception, match="throwIf"):
        commit(writer, body(event()))
    store.command("DROP VIEW throwing")
    assert [
        one.counts()["duplicates"]
        for one in commit(writer, body(event()))
        if isinstance(one, Receipt)
    ] == [1]
    assert stored(store) == [("netsuite-us", "e1")]
    assert writer.check_identity() == []
    assert_all_visible(store)


def test_nothing_is_acknowledged_that_is_not_on_the_landing_table(
    store: Store, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = make_writer(store, clock, BY_ENGINE)
    real = store.command

    def emptied(sql: str, *args: Any, **more: Any) -> None:
        real(sql, *args, **more)
        if "INSERT INTO staged" in sql or "INSERT INTO {staged" in sql:
            real("TRUNCATE TABLE landing")

    with monkeypatch.context() as patched:
        patched.setattr(store, "command", emptied)
        with pytest.raises(StoreUnavailable, match="0 of 1 deliveries"):
            commit(writer, body(event()))
    assert store.value("SELECT count() FROM deliveries") == 0
    commit(writer, body(event()))
    assert stored(store) == [("netsuite-us", "e1")]


def test_recovery_takes_deliveries_in_bounded_chunks(store: Store, clock: FixedClock) -> None:
    from collector.writer import Writer
    from core.settings import CollectorSettings

    writer = make_writer(store, clock)
    undo = kill_at(store, "INSERT INTO events", after=True)
    with pytest.raises(Killed):
        commit(writer, *(body(event(), event(event_id=f"e{number}")) for number in range(7)))
    undo()
    small = Writer(store, clock, CollectorSettings(commit_deliveries_max=2))
    assert small.open() == 7
    assert len(stored(store)) == 7
    assert small.check_identity() == []
    assert_all_visible(store)
