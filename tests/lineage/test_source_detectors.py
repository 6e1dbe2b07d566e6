"""Detectors of sources: who is unknown or silent, and whose records are refused."""

from datetime import datetime, timedelta
from typing import Any

from core.store import Store
from lineage.detection import SQL
from lineage.reader import Reader
from tests.lineage.arrange import Bench
from tests.lineage.story import NOW, START, approved, said, traced

DAY = timedelta(days=1)
SELECTED = "SELECT value FROM system.events WHERE event = 'SelectedRows'"


def found(store: Store, subkind: str, now: datetime = NOW) -> list[tuple[str, str]]:
    return [
        (one["object"], one["status"])
        for one in Reader(store).findings(now)
        if subkind in (one["kind"], one["subkind"])
    ]


def refuse(bench: Bench, reason: str, hours: float) -> None:
    """One record of the PSA's time entries that was refused, in a batch without an event."""
    bench.batch += 1
    at = START + timedelta(hours=hours)
    delivery = f"D-{bench.batch}"
    bench.store.insert(
        "deliveries", ["delivery", "batch", "received_at"], [[delivery, bench.batch, at]]
    )
    raw = f'{{"occurred_at": "{at:%Y-%m-%dT%H:%M:%SZ}"}}'
    row: dict[str, Any] = {
        "delivery": delivery,
        "record": 1,
        "batch": bench.batch,
        "received_at": at + DAY,
        "source": "psa",
        "reason": reason,
        "field": "context.period",
        "object_type": "time_entry",
        "object_id": "TE-1",
        "raw": raw,
    }
    bench.store.insert("quarantine", list(row), [list(row.values())])
    bench.store.insert("batches", ["batch", "admitted_at", "rows"], [[bench.batch, at, 0]])
    bench.wheel.run_until_idle()


def settle(bench: Bench, refused: int, state: str = "admitted") -> None:
    """A replay of what a batch was refused, which stores no event that was not there before."""
    bench.batch += 1
    at, delivery = START + 2 * DAY, f"D-{bench.batch}"
    bench.store.insert(
        "deliveries", ["delivery", "batch", "received_at"], [[delivery, bench.batch, at]]
    )
    bench.store.insert("delivery_origins", ["delivery", "replays"], [[delivery, f"D-{refused}"]])
    row = {"delivery": f"D-{refused}", "record": 1, "state": state, "replay": delivery}
    row |= {"resolved_at": at}
    bench.store.insert("quarantine_resolutions", list(row), [list(row.values())])
    bench.store.insert("batches", ["batch", "admitted_at", "rows"], [[bench.batch, at, 0]])
    bench.wheel.run_until_idle()


def declare(store: Store, name: str, role: str, every: timedelta, version: int) -> None:
    store.insert(
        "sources",
        ["name", "role", "expected_every_seconds", "version"],
        [[name, role, int(every.total_seconds()), version]],
    )


def test_a_stranger_is_unknown_until_declared(store: Store) -> None:
    bench = traced(store, [said("time_entry/TE-1", "approved", 0, source="legacy")])
    assert found(store, "unknown_source") == [("source/legacy", "open")]
    declare(store, "legacy", "psa", timedelta(0), 2)
    bench.admit([approved("2")])
    bench.wheel.turn()
    assert found(store, "unknown_source") == []


def test_silence_begins_after_the_expected_interval_and_ends_with_the_next_word(
    store: Store,
) -> None:
    bench = traced(store)
    declare(store, "psa", "psa", DAY, 2)
    bench.admit([approved()])
    bench.wheel.turn()
    assert found(store, "silent_source", START + DAY) == []
    later = START + DAY + timedelta(seconds=1)
    assert found(store, "silent_source", later) == [("source/psa", "open")]
    bench.admit([approved("2", hours=23)])
    bench.wheel.turn()
    assert found(store, "silent_source", later) == []
    bench.wheel.rebuild()
    assert found(store, "silent_source", later) == []


def test_a_late_import_of_old_events_does_not_end_a_silence(store: Store) -> None:
    bench = traced(store)
    declare(store, "psa", "psa", DAY, 2)
    for hours in (0, -50):
        bench.admit([approved(str(hours), hours)])
        bench.wheel.turn()
    assert found(store, "silent_source", START + 2 * DAY) == [("source/psa", "open")]


def test_what_falls_due_on_a_weekend_is_due_on_monday(store: Store) -> None:
    bench = traced(store)
    declare(store, "psa", "psa", DAY, 2)
    friday = 3 * 24
    bench.admit([approved(hours=friday)])
    bench.wheel.turn()
    assert found(store, "silent_source", START + 5 * DAY) == []
    assert found(store, "silent_source", START + 6 * DAY) == [("source/psa", "open")]


def test_a_field_without_a_place_is_over_with_the_next_good_record(store: Store) -> None:
    bench = traced(store, [approved()])
    refuse(bench, "unknown_key", 2)
    assert found(store, "unmapped_field") == [("source/psa", "open")]
    assert found(store, "schema_drift") == []
    bench.admit([approved("2", hours=3)])
    bench.wheel.turn()
    assert found(store, "unmapped_field") == [("source/psa", "resolved")]
    refuse(bench, "unknown_key", 4)
    assert found(store, "unmapped_field") == [("source/psa", "open")]
    bench.wheel.rebuild()
    assert found(store, "unmapped_field") == [("source/psa", "open")]


def test_drift_needs_a_good_record_before_it(store: Store) -> None:
    bench = traced(store)
    refuse(bench, "type", -2)
    assert found(store, "schema_drift") == []
    bench.admit([approved()])
    bench.wheel.turn()
    assert found(store, "schema_drift") == []
    refuse(bench, "type", 1)
    assert found(store, "schema_drift") == [("source/psa", "open")]


def test_what_was_refused_is_over_once_a_replay_has_taken_the_last_of_it(store: Store) -> None:
    bench = traced(store, [approved()])
    steps = [
        (refuse, ("type", 2), "open"),
        (refuse, ("unknown_key", 2), "open"),
        (refuse, ("type", 3), "open"),
        # One of two that wait; then the other, but of the other kind; then the last.
        (settle, (2,), "open"),
        (settle, (3,), "open"),
        (settle, (4,), "resolved"),
        (refuse, ("type", 1), "open"),
        (settle, (8, "replaced"), "resolved"),
    ]
    for do, given, status in steps:
        do(bench, *given)
        assert found(store, "schema_drift") == [("source/psa", status)], given
    assert found(store, "unmapped_field") == [("source/psa", "resolved")]
    told = Reader(store).findings(NOW, kind="governance")
    assert {one["resolved_by"] for one in told} == {"a replay of what was refused"}
    assert all(one["explanation"].endswith("a replay has taken them since.") for one in told)
    bench.wheel.rebuild()
    assert Reader(store).findings(NOW, kind="governance") == told


def test_what_good_records_end_after_a_replay_is_over_then(store: Store) -> None:
    bench = traced(store, [approved()])
    refuse(bench, "type", 2)
    refuse(bench, "pattern", 100)
    settle(bench, 2)
    bench.admit([approved("2", 101)])
    bench.wheel.run_until_idle()
    (told,) = Reader(store).findings(NOW, kind="governance")
    last = START + timedelta(hours=100)
    assert (told["resolved_at"], told["last_seen"]) == (last, last)
    assert told["resolved_by"] == "good records after it"


def test_a_turn_without_a_replay_reads_nothing_of_what_was_settled(store: Store) -> None:
    bench = traced(store, [approved()])
    refuse(bench, "type", 2)
    settle(bench, 2)
    # As it is a scan, what was settled in other turns would be read.
    told = 10_000
    rows = [[f"D-{number}", 1, "admitted", "D-0", START] for number in range(told)]
    columns = ["delivery", "record", "state", "replay", "resolved_at"]
    store.insert("quarantine_resolutions", columns, rows)

    def read(batch: int) -> int:
        before = int(store.value(SELECTED))
        store.command(SQL["note_sources"], {"from_batch": batch - 1, "to_batch": batch})
        return int(store.value(SELECTED)) - before

    assert read(bench.batch) > told > read(bench.batch - 1)
