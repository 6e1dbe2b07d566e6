"""Replay: what was quarantined is made again with a mended mapping, once, and what it makes
otherwise takes the place of what was made before.
"""

from pathlib import Path
from typing import Any

import pytest

from collector.admission import Admission
from collector.quarantine import Asked
from collector.source import load_sources
from core.clock import FixedClock
from core.errors import ConfigInvalid
from core.store import Store
from tests.collector.arrange import BY_ENGINE, BY_MODEL, counts, stored
from tests.collector.sourced import (
    MENDED,
    body,
    declared_writer,
    replayed,
    sent,
    source_file,
    ticket,
    tickets_file,
)
from tests.collector.test_recovery import Killed, kill_at

STATES = (
    "SELECT state, reason, field, resolved_by, resolved_version "
    "FROM v_quarantine ORDER BY delivery, record"
)
TOLD = "SELECT object_type, object_id, toString(amount) AS amount FROM events ORDER BY 2"
GONE = "SELECT object_type, object_id, mapping_version FROM superseded_events FINAL"
NAMES = "SELECT concat(delivery, ':', toString(record)) AS name FROM quarantine ORDER BY 1"
CONTENTS = "SELECT uniqExact(content_hash) AS n FROM events GROUP BY source, event_id"


def states(store: Store) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in store.rows(STATES)]


@pytest.mark.parametrize("judge", [BY_MODEL, BY_ENGINE], ids=["model", "engine"])
def test_an_unmapped_record_is_quarantined_with_its_bytes_field_and_amount(
    store: Store, clock: FixedClock, tmp_path: Path, judge: int
) -> None:
    writer = declared_writer(store, clock, tickets_file(tmp_path), judge)
    answer = writer.commit([sent(writer, body(ticket("T1"), ticket("T2", "paid"), "rubbish"))])[0]
    assert counts(answer) == (3, 1, 0, 2, 0)
    held = store.rows(
        "SELECT reason, field, raw, amount, currency, object_id, source, mapping, mapping_version "
        "FROM v_quarantine ORDER BY record"
    )
    first = held[0]
    assert (first["reason"], first["field"], first["object_id"]) == ("unmapped", "action", "T2")
    assert (str(first["amount"]), first["currency"]) == ("10.0000", "EUR")
    assert '"no":"T2"' in first["raw"]
    assert (first["source"], first["mapping"]) == ("tickets", "sources/tickets")
    assert held[1]["raw"] == '"rubbish"'
    told = store.rows("SELECT mapping, mapping_version FROM events")
    assert told == [{"mapping": "sources/tickets", "mapping_version": 1}]
    assert writer.check_identity() == []


def test_a_mended_mapping_admits_what_waits_once(
    any_store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    folder = tickets_file(tmp_path)
    writer = declared_writer(any_store, clock, folder)
    writer.commit([sent(writer, body(ticket("T1"), ticket("T2", "paid"), ticket("T3", "lost")))])
    tickets_file(tmp_path, version=2, values=MENDED)
    foretold = replayed(any_store, clock, writer, folder, dry_run=True)[0]
    assert (foretold.admitted, foretold.still, foretold.replay) == (1, 1, "")
    assert len(stored(any_store)) == 1
    made = replayed(any_store, clock, writer, folder)[0]
    assert (made.stored, made.duplicates, made.quarantined) == (1, 1, 1)
    assert states(any_store) == [
        ("admitted", "unmapped", "action", "anna", 2),
        ("replaced", "unmapped", "action", "anna", 2),
        ("open", "unmapped", "action", "", 0),
    ]
    assert writer.check_identity() == []
    again = replayed(any_store, clock, writer, folder)[0]
    assert (again.replay, again.problem) == ("", "")
    assert len(any_store.rows("SELECT delivery FROM deliveries")) == 2
    assert len(states(any_store)) == 3
    versions = any_store.rows("SELECT object_id, mapping_version FROM events ORDER BY object_id")
    assert [tuple(row.values()) for row in versions] == [("T1", 1), ("T2", 2)]


def test_what_a_mended_mapping_makes_supersedes_what_it_made_before(
    any_store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    folder = tickets_file(tmp_path)
    writer = declared_writer(any_store, clock, folder)
    writer.commit([sent(writer, body(ticket("T1"), ticket("T2", "paid")))])
    tickets_file(tmp_path, version=2, values=MENDED, amount="gross", object_type="expense_item")
    replayed(any_store, clock, writer, folder)
    told = any_store.rows(
        "SELECT object_type, object_id, toString(amount) AS amount FROM events ORDER BY 2"
    )
    assert [tuple(row.values()) for row in told] == [
        ("expense_item", "T1", "12"),
        ("expense_item", "T2", "12"),
    ]
    gone = any_store.rows(
        "SELECT object_type, object_id, mapping_version FROM superseded_events FINAL"
    )
    assert [tuple(row.values()) for row in gone] == [("time_entry", "T1", 1)]
    assert writer.check_identity() == []
    assert {row["n"] for row in any_store.rows(CONTENTS)} == {1}
    # A third version that says what the first one said brings its event back.
    writer.commit([sent(writer, body(ticket("T1"), ticket("T3", "late")))])
    tickets_file(tmp_path, version=3, values=MENDED)
    replayed(any_store, clock, writer, folder)
    told = any_store.rows(TOLD)
    assert ("time_entry", "T1", "10") in [tuple(row.values()) for row in told]
    assert {row["n"] for row in any_store.rows(CONTENTS)} == {1}
    assert writer.check_identity() == []


def test_the_same_payload_sent_again_after_a_mend_supersedes_too(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    folder = tickets_file(tmp_path)
    writer = declared_writer(store, clock, folder)
    writer.commit([sent(writer, body(ticket("T1")))])
    writer = declared_writer(store, clock, tickets_file(tmp_path, version=2, amount="gross"))
    assert counts(writer.commit([sent(writer, body(ticket("T1")))])[0]) == (1, 1, 0, 0, 0)
    assert [str(row["amount"]) for row in store.rows("SELECT amount FROM events")] == ["12.0000"]
    assert counts(writer.commit([sent(writer, body(ticket("T1")))])[0]) == (1, 0, 1, 0, 0)


@pytest.mark.parametrize(
    "mark",
    [
        "INSERT INTO superseded_events",
        "DELETE FROM event_ids",
        "DELETE FROM events",
        "INSERT INTO quarantine_resolutions",
    ],
)
def test_a_replay_that_is_killed_is_finished_by_the_next_writer(
    store: Store, clock: FixedClock, tmp_path: Path, mark: str
) -> None:
    folder = tickets_file(tmp_path)
    writer = declared_writer(store, clock, folder)
    writer.commit([sent(writer, body(ticket("T1"), ticket("T2", "paid")))])
    tickets_file(tmp_path, version=2, values=MENDED, amount="gross")
    undo = kill_at(store, mark, after=True)
    with pytest.raises(Killed):
        replayed(store, clock, writer, folder)
    assert writer.check_identity() == []
    undo()
    writer = declared_writer(store, clock, folder)
    assert writer.check_identity() == []
    told = store.rows("SELECT object_id, toString(amount) AS amount FROM events ORDER BY 1")
    assert [tuple(row.values()) for row in told] == [("T1", "12"), ("T2", "12")]
    assert [row[0] for row in states(store)] == ["admitted"]


def test_a_payload_after_a_mend_that_is_killed_is_finished_by_the_next_writer(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    folder = tickets_file(tmp_path)
    writer = declared_writer(store, clock, folder)
    writer.commit([sent(writer, body(ticket("T1")))])
    writer = declared_writer(
        store, clock, tickets_file(tmp_path, version=2, object_type="expense_item")
    )
    undo = kill_at(store, "DELETE FROM event_ids", after=True)
    with pytest.raises(Killed):
        writer.commit([sent(writer, body(ticket("T1")))])
    undo()
    writer = declared_writer(store, clock, folder)
    assert [row["object_type"] for row in store.rows(TOLD)] == ["expense_item"]
    assert writer.check_identity() == []


def test_a_replay_supersedes_what_a_recovery_has_made(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    folder = tickets_file(tmp_path)
    writer = declared_writer(store, clock, folder)
    undo = kill_at(store, "INSERT INTO events", after=False)
    content = body(ticket("T1"), ticket("T2"), ticket("T3", "paid"))
    with pytest.raises(Killed):
        writer.commit([sent(writer, content)])
    with pytest.raises(Killed):
        declared_writer(store, clock, folder)
    undo()
    writer = declared_writer(store, clock, folder)
    assert len(stored(store)) == 2
    assert store.value("SELECT min(batch) > (SELECT min(batch) FROM deliveries) FROM events")
    # What was made of T1 and T2 is not made again.
    tickets_file(tmp_path, version=2, values='paid = "paid"')
    replayed(store, clock, writer, folder)
    assert [row["object_id"] for row in store.rows(TOLD)] == ["T3"]
    assert [row["object_id"] for row in store.rows(f"{GONE} ORDER BY 2")] == ["T1", "T2"]
    assert writer.check_identity() == []


def test_only_what_is_asked_for_is_replayed(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    folder = tickets_file(tmp_path)
    writer = declared_writer(store, clock, folder)
    writer.commit(
        [sent(writer, body(ticket("T1", "paid"))), sent(writer, body(ticket("T2", "paid")))]
    )
    tickets_file(tmp_path, version=2, values=MENDED)
    names = [
        row["name"]
        for row in store.rows(
            "SELECT concat(delivery, ':', toString(record)) AS name FROM quarantine ORDER BY 1"
        )
    ]
    assert replayed(store, clock, writer, folder, Asked(source="psa")) == []
    assert replayed(store, clock, writer, folder, Asked(reason="type")) == []
    replayed(store, clock, writer, folder, Asked(records=[names[1]]))
    assert [row[0] for row in states(store)] == ["open", "admitted"]
    replayed(store, clock, writer, folder, Asked(mapping="sources/tickets"))
    assert [row[0] for row in states(store)] == ["admitted", "admitted"]


def test_a_delivery_whose_source_lost_its_mapping_says_so(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    writer = declared_writer(store, clock, tickets_file(tmp_path))
    writer.commit([sent(writer, body(ticket("T1", "paid")))])
    folder = source_file(tmp_path, "tickets", 'name = "tickets"\nrole = "psa"')
    assert "has no mapping any more" in replayed(store, clock, writer, folder)[0].problem


def test_a_changed_mapping_needs_a_new_version(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    writer = declared_writer(store, clock, tickets_file(tmp_path))
    with pytest.raises(ConfigInvalid, match="Raise its version"):
        declared_writer(store, clock, tickets_file(tmp_path, values=MENDED))
    # What is no part of the mapping may change.
    declared_writer(store, clock, tickets_file(tmp_path, more='expected_every = "1d"'))
    assert writer.check_identity() == []


def test_a_later_version_of_a_mapping_takes_the_slow_way_only_behind_an_earlier_one(
    store: Store, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, slow = Admission.judge, list[int]()

    def counted(self: Admission, *given: Any) -> None:
        slow.append(1)
        judge(self, *given)

    monkeypatch.setattr(Admission, "judge", counted)
    folder = tickets_file(tmp_path, version=2)
    writer = declared_writer(store, clock, folder)
    writer.commit([sent(writer, body(ticket("T1")))])
    writer.commit([sent(writer, body(ticket("T2")))])
    assert (slow, len(stored(store))) == ([], 2)
    # A file by the older mapping comes late; what is sent again then supersedes what it made.
    older = tickets_file(tmp_path, version=1, object_type="expense_item")
    writer.declare(load_sources(older).values())
    writer.commit([sent(writer, body(ticket("T3")))])
    assert slow == []
    writer.declare(load_sources(tickets_file(tmp_path, version=2)).values())
    writer.commit([sent(writer, body(ticket("T3")))])
    assert (slow, len(stored(store))) == ([1], 3)
    kinds = {row["object_type"] for row in store.rows(TOLD)}
    assert kinds == {"time_entry"}
    assert writer.check_identity() == []
