"""The journal of small commits: what is in it is in the warehouse in the end, once, as it was
counted.
"""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.delivery import Delivery, Kept, Receipt
from collector.journal import FILE, Journal, read_waiting
from collector.redaction import Redactor, Rules
from collector.refusal import UNREADABLE
from collector.writer import Writer
from core.clock import FixedClock, SystemClock
from core.errors import Retryable, StoreLocked, StoreUnavailable
from core.store import Store
from tests.collector.arrange import body, event, stored
from tests.collector.test_behind import SETTINGS, early, small, telemetry
from tests.collector.test_lease import somebody

NOW = datetime(2026, 9, 30, 12, tzinfo=UTC)


def die(writer: Writer) -> None:
    """What a SIGKILL leaves of a writer whose small commits wait."""
    assert writer._journal is not None
    writer._journal.close()
    writer._intake.forget()


def kept(name: str, batch: int, **more: Any) -> Kept:
    given = Delivery(name.encode(), id=name, received_at=NOW, **more)
    return Kept(name, batch, NOW, given)


def test_what_is_put_is_read_by_the_next_process_until_its_batch_is_cleared(tmp_path: Path) -> None:
    rich = kept("b", 1, source="s", token="t", allowed_sources=("x", "y"), original_sha256="00")
    journal = Journal(tmp_path)
    assert list(journal.read()) == []
    assert not (tmp_path / FILE).exists()
    journal.put([kept("a", 1), rich])
    journal.put([kept("c", 2)])
    journal.close()
    journal = Journal(tmp_path)
    assert list(journal.read()) == [[kept("a", 1), rich], [kept("c", 2)]]
    journal.clear(1)
    assert list(journal.read()) == [[kept("c", 2)]]
    journal.close()


def test_changed_bytes_are_marked_and_a_broken_file_is_kept_aside(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.put([kept("a", 1), kept("b", 1)])
    journal.close()
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE commits SET bodies = CAST('aB' AS BLOB)")
    connection.close()
    read = next(journal.read())
    assert [one.given.protocol for one in read] == ["ndjson", UNREADABLE]
    journal.close()
    (tmp_path / FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreUnavailable):
        journal.put([kept("c", 2)])
    journal.put([kept("c", 2)])
    assert [one.id for one in next(journal.read())] == ["c"]
    assert len(list(tmp_path.glob("*.broken-1"))) == 1
    journal.close()


def test_of_a_journal_with_a_broken_page_the_other_commits_are_saved(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for number in range(1, 61):
        journal.put([kept(f"{number:03}" * 100, number)])
    journal.close()
    content = bytearray((tmp_path / FILE).read_bytes())
    at = len(content) // 2 // 4096 * 4096
    content[at : at + 4096] = b"\xff" * 4096
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StoreUnavailable):
        list(journal.read())
    batches = [one.batch for commit in journal.read() for one in commit]
    assert 40 < len(batches) < 60
    assert batches == sorted(set(batches))
    journal.put([kept("later", 61)])
    assert [one.id for one in list(journal.read())[-1]] == ["later"]
    journal.close()


@pytest.mark.parametrize("told", ["[{", '[{"id": 1}]', "[{}]", "5", "[5]", "\xff"])
def test_a_commit_that_cannot_be_told_is_laid_aside(tmp_path: Path, told: str) -> None:
    journal = Journal(tmp_path)
    journal.put([kept("a", 1)])
    journal.put([kept("b", 2)])
    with journal._opened() as connection:
        text = told.encode("latin-1")
        connection.execute("UPDATE commits SET told = CAST(? AS TEXT) WHERE batch = 1", [text])
    assert [one.id for commit in journal.read() for one in commit] == ["b"]
    journal.clear()
    with journal._opened() as connection:
        aside = connection.execute("SELECT batch, bodies FROM unreadable").fetchall()
    assert [tuple(row) for row in aside] == [(1, b"a")]
    journal.close()


def test_what_is_in_memory_survives_the_file_of_the_journal(store: Store, tmp_path: Path) -> None:
    writer = early(store, journal=Journal(tmp_path))
    writer.commit([small("a")])
    assert writer._journal is not None
    writer._journal.clear()
    writer._intake.clean = False
    writer.drain()
    assert len(stored(store)) == 1
    assert writer.check_identity() == []
    assert writer._intake.in_journal == {}


def test_what_is_in_the_journal_only_is_counted_and_written_by_the_next_writer(
    any_store: Store, tmp_path: Path
) -> None:
    dead = early(any_store, journal=Journal(tmp_path))
    told = [dead.commit([small(*ids)])[0] for ids in ("ab", "bc", "c")]
    assert any_store.value("SELECT count() FROM deliveries") == 0
    die(dead)
    # Another one has gone on meanwhile, of another home: its batch has the same number.
    other = Writer(any_store, SystemClock(), SETTINGS)
    other.open()
    other.commit([small("d")])
    again = early(any_store, journal=Journal(tmp_path))
    assert {row[1] for row in stored(any_store)} == {"a", "b", "c", "d"}
    assert len(stored(any_store)) == 4
    closings = any_store.rows("SELECT delivery, received, stored FROM delivery_closings FINAL")
    counts = {row["delivery"]: (row["received"], row["stored"]) for row in closings}
    for one in told:
        assert isinstance(one, Receipt)
        assert counts[one.delivery] == (one.received, one.stored)
    assert again.check_identity() == []
    assert list(Journal(tmp_path).read()) == []


def test_telemetry_is_durable_in_the_journal_and_judged_by_the_next_writer(
    store: Store, tmp_path: Path
) -> None:
    nothing = {"deliveries": 0, "bytes": 0, "unreadable": 0}
    assert read_waiting(tmp_path) == nothing
    dead = early(store, journal=Journal(tmp_path))
    sent = [telemetry("a", "b"), telemetry("b", "c")]
    for one in sent:
        dead.commit([one])
    assert store.value("SELECT count() FROM deliveries") == 0
    size = sum(len(one.body) for one in sent)
    assert dead.journal_depth() == (2, size)
    assert read_waiting(tmp_path) == nothing | {"deliveries": 2, "bytes": size}
    die(dead)
    again = early(store, journal=Journal(tmp_path))
    assert {row[1] for row in stored(store)} == {"a", "b", "c"}
    assert len(stored(store)) == 3
    assert again.check_identity() == []
    assert read_waiting(tmp_path) == nothing
    assert again.journal_depth() == (0, 0)


def test_what_another_home_has_begun_is_not_taken_for_what_is_in_the_journal(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = early(store, journal=Journal(tmp_path))
    dead.commit([small("a")])
    die(dead)
    other = Writer(store, SystemClock(), SETTINGS)
    other.open()
    monkeypatch.setattr(other._derived, "_finish", _away)
    with pytest.raises(Retryable):
        other.commit([small("a")])
    again = early(store, journal=Journal(tmp_path))
    assert len(stored(store)) == 1
    assert store.value("SELECT count() FROM deliveries") == 2
    assert again.check_identity() == []


def test_who_has_lost_the_lease_leaves_the_journal_to_the_next_writer(
    server_store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    slow = Writer(server_store, clock, SETTINGS, Journal(tmp_path))
    slow.open()
    slow.answer_early(lambda *_: None)
    slow.commit([small("a")])
    clock.move(timedelta(seconds=31))
    somebody(server_store, clock, "elsewhere", 1)
    for write in (slow.drain, slow.settle):
        with pytest.raises(StoreLocked):
            write()
    slow.close()
    assert server_store.value("SELECT count() FROM deliveries") == 0
    clock.move(timedelta(seconds=31))
    again = Writer(server_store, clock, SETTINGS, Journal(tmp_path))
    again.open()
    assert len(stored(server_store)) == 1
    assert again.check_identity() == []


def test_what_was_kept_when_the_lease_was_lost_is_made_again_once(
    server_store: Store, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Writer(server_store, clock, SETTINGS, Journal(tmp_path))
    slow.open()
    slow.answer_early(lambda *_: None)
    slow.commit([small("a")])
    keep = slow._admission.keep

    def slowly(kept: list[Kept]) -> None:
        clock.move(timedelta(seconds=31))
        other = Writer(server_store, clock, SETTINGS)
        other.open()
        other.commit([small("b")])
        keep(kept)

    monkeypatch.setattr(slow._admission, "keep", slowly)
    with pytest.raises(StoreUnavailable, match="lease"):
        slow.drain()
    slow.close()
    assert len(stored(server_store)) == 1
    again = Writer(server_store, clock, SETTINGS, Journal(tmp_path))
    again.open()
    assert {row[1] for row in stored(server_store)} == {"a", "b"}
    assert server_store.value("SELECT count() FROM deliveries") == 2
    assert again.check_identity() == []
    assert list(Journal(tmp_path).read()) == []


@pytest.mark.parametrize("step", ["clear", "write_rows"])
def test_what_is_in_both_after_a_crash_is_there_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    dead = early(store, journal=Journal(tmp_path))
    dead.commit([small("a", "b")])
    killed = dead._journal if step == "clear" else dead._derived
    with monkeypatch.context() as patched:
        patched.setattr(killed, step, _away)
        with pytest.raises(Retryable):
            dead.drain()
    die(dead)
    again = early(store, journal=Journal(tmp_path))
    assert len(stored(store)) == 2
    assert store.value("SELECT count() FROM deliveries") == 1
    assert again.check_identity() == []


def test_a_journal_that_takes_nothing_is_passed_by(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = early(store, journal=Journal(tmp_path))
    monkeypatch.setattr(writer._journal, "put", _away)
    assert isinstance(writer.commit([small("a")])[0], Receipt)
    assert store.value("SELECT count() FROM deliveries") == 1
    writer.drain()
    assert writer.check_identity() == []


def test_a_redacted_delivery_in_the_journal_keeps_the_sha256_of_its_original(
    store: Store, tmp_path: Path
) -> None:
    dead = early(store, journal=Journal(tmp_path))
    dead.commit([replace(Delivery(body(event(event_id="a"))), original_sha256="ab" * 32)])
    die(dead)
    early(store, journal=Journal(tmp_path))
    assert store.value("SELECT original_sha256 FROM delivery_origins") == "ab" * 32


def test_a_rule_that_came_after_the_entry_is_applied_to_it(store: Store, tmp_path: Path) -> None:
    dead = early(store, journal=Journal(tmp_path))
    dead.commit([Delivery(body(event(context={"customer": "Grace-Hopper"})))])
    die(dead)
    again = Writer(store, SystemClock(), SETTINGS, Journal(tmp_path))
    again._redactor = Redactor({"netsuite-us": Rules(mask=("customer",))})
    again.open()
    assert len(stored(store, "customer")) == 1
    for column in ("events.customer", "deliveries.body"):
        table = column.split(".")[0]
        assert store.value(f"SELECT countIf(position({column}, 'Grace') > 0) FROM {table}") == 0
    assert again.check_identity() == []


def _away(*_: Any, **__: Any) -> None:
    raise StoreUnavailable("away")
