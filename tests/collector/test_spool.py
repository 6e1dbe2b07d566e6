"""The spool keeps deliveries on disk within its bounds, in order, and gives them out unchanged."""

import sqlite3
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector.delivery import Delivery
from collector.spool import FILE, Depth, Spool, read_depth
from core.errors import Overloaded, StoreUnavailable
from core.settings import CollectorSettings

AT = datetime(2026, 9, 30, 12, 0, 0, 123456, tzinfo=UTC)


def delivery(number: int, body: bytes = b"{}", **told: object) -> Delivery:
    """A stamped delivery."""
    return Delivery(body, id=f"{number:032x}", received_at=AT, **told)  # type: ignore[arg-type]


def spool(home: Path, **bounds: int) -> Spool:
    """A spool with bounds of its own."""
    opened = Spool(home, CollectorSettings(**bounds))  # type: ignore[arg-type]
    opened.open()
    return opened


def test_a_delivery_comes_back_as_it_went_in_after_a_restart(tmp_path: Path) -> None:
    given = delivery(
        1,
        b"\x00\xff\n",
        protocol="csv",
        source="psa",
        content_type="text/csv",
        mapping="m",
        mapping_version=3,
        file="a.csv",
        file_sha256="ab",
        file_line=7,
        payload=b"made again",
        numbers=(1, 2),
    )
    first = spool(tmp_path)
    first.put([given])
    first.close()
    again = spool(tmp_path)
    assert again.next(10, 10**6) == [replace(given, payload=None, numbers=(), spooled=True)]
    assert again.depth().oldest == AT
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    again.close()


def test_each_commit_of_a_spool_is_synced(tmp_path: Path) -> None:
    kept = spool(tmp_path)
    kept.put([delivery(1)])
    assert kept._connection is not None
    asked = [kept._connection.execute(f"PRAGMA {name}") for name in ("journal_mode", "synchronous")]
    # FULL, which in WAL mode syncs with each commit and not at checkpoints only.
    assert [one.fetchone()[0] for one in asked] == ["wal", 2]
    kept.close()


def test_nothing_is_made_before_the_first_delivery(tmp_path: Path) -> None:
    assert spool(tmp_path).depth() == Depth()
    assert read_depth(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_deliveries_leave_in_their_order_in_bounded_groups(tmp_path: Path) -> None:
    kept = spool(tmp_path)
    kept.put([delivery(number, b"x" * 100) for number in range(1, 6)])
    kept.put([delivery(6)])
    assert [one.id[-1] for one in kept.next(2, 10**6)] == ["1", "2"]
    assert [one.id[-1] for one in kept.next(9, 350)] == ["1", "2", "3"]
    assert len(kept.next(9, 1)) == 1
    kept.remove([one.id for one in kept.next(3, 10**6)] + ["nobody"])
    assert [one.id[-1] for one in kept.next(9, 10**6)] == ["4", "5", "6"]
    depth = kept.depth()
    assert (depth.deliveries, depth.in_turn) == (3, 3)
    assert depth == read_depth(tmp_path)
    kept.remove([one.id for one in kept.next(9, 10**6)])
    assert kept.depth() == Depth() == read_depth(tmp_path)
    kept.close()


def test_what_cannot_be_committed_goes_last_and_alone(tmp_path: Path) -> None:
    kept = spool(tmp_path)
    kept.put([delivery(number) for number in (1, 2, 3)])
    kept.postpone(delivery(1).id)
    assert [one.id[-1] for one in kept.next(9, 10**6)] == ["2", "3"]
    kept.postpone(delivery(2).id)
    kept.remove([delivery(3).id])
    assert [one.id[-1] for one in kept.next(9, 10**6)] == ["1"]
    assert (kept.depth().postponed, kept.depth().in_turn) == (2, 0)
    kept.close()


def test_a_spool_takes_no_more_than_its_bounds(tmp_path: Path) -> None:
    kept = spool(tmp_path, spool_deliveries_max=3, spool_bytes_max=300)
    kept.put([delivery(1), delivery(2)])
    with pytest.raises(Overloaded, match="full"):
        kept.put([delivery(3), delivery(4)])
    assert kept.depth().deliveries == 2
    with pytest.raises(Overloaded, match="full"):
        kept.put([delivery(5, b"x" * 300)])
    kept.put([delivery(6)])
    assert not kept.room(1, 1)
    kept.close()


def test_a_disk_that_is_full_is_told_and_keeps_what_was_kept(tmp_path: Path) -> None:
    kept = spool(tmp_path)
    kept.put([delivery(1)])
    assert kept._connection is not None
    pages = kept._connection.execute("PRAGMA page_count").fetchone()[0]
    kept._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreUnavailable, match="full"):
        kept.put([delivery(2), delivery(3, b"x" * 100_000)])
    assert kept.depth().deliveries == 1
    kept.put([delivery(4)])
    assert [one.id[-1] for one in kept.next(9, 10**6)] == ["1", "4"]
    kept.close()


def test_bytes_that_have_changed_on_disk_are_handed_out_as_unreadable(tmp_path: Path) -> None:
    kept = spool(tmp_path)
    kept.put([delivery(1, b"good"), delivery(2, b"bad")])
    kept.close()
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE spooled SET body = x'00' WHERE delivery = ?", (delivery(2).id,))
    connection.close()
    again = spool(tmp_path)
    assert [one.protocol for one in again.next(9, 10**6)] == ["ndjson", "unreadable"]
    again.close()


@pytest.mark.parametrize("column", ["told", "received_at"])
def test_what_cannot_be_told_any_more_is_handed_out_as_unreadable(
    tmp_path: Path, column: str
) -> None:
    kept = spool(tmp_path)
    kept.put([delivery(1, b"bad"), delivery(2, b"good")])
    kept.close()
    with sqlite3.connect(tmp_path / FILE) as connection:
        broken = f"UPDATE spooled SET {column} = CAST(x'7bff' AS TEXT) WHERE delivery = ?"
        connection.execute(broken, (delivery(1).id,))
    connection.close()
    again = spool(tmp_path)
    told = [(one.protocol, one.body) for one in again.next(9, 10**6)]
    assert told == [("unreadable", b"bad"), ("ndjson", b"good")]
    again.close()


def test_a_file_that_is_no_spool_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database at all" * 100)
    fresh = spool(tmp_path)
    fresh.put([delivery(1)])
    assert fresh.depth().deliveries == 1
    assert (tmp_path / "spool.broken-1").read_bytes().startswith(b"no database")
    fresh.close()


def test_what_can_be_read_of_a_damaged_file_is_saved(tmp_path: Path) -> None:
    kept = spool(tmp_path)
    kept.put([delivery(number, bytes([number]) * 3000) for number in range(1, 41)])
    kept.close()
    content = bytearray((tmp_path / FILE).read_bytes())
    # A page in the middle of the file is garbage.
    at = len(content) // 2 // 4096 * 4096
    content[at : at + 4096] = b"\xff" * 4096
    (tmp_path / FILE).write_bytes(content)
    again = spool(tmp_path)
    found: set[str] = set()
    for _ in range(2):
        with suppress(StoreUnavailable):
            found = {one.id for one in again.next(100, 10**9)}
    expected = {delivery(number).id for number in range(1, 41)}
    assert found < expected
    assert len(found) >= 30
    assert again.depth().deliveries == len(found)
    again.put([delivery(99)])
    again.close()


def test_an_empty_spool_gives_its_disk_back(tmp_path: Path) -> None:
    kept = spool(tmp_path)
    many = [delivery(number, bytes(9 * 1024**2)) for number in range(8)]
    kept.put(many)
    kept.remove([one.id for one in many])
    assert (tmp_path / FILE).stat().st_size < 1024**2
    kept.close()
