"""The filter of small commits: what it says is new was never stored, whatever came before."""

from datetime import UTC, datetime, timedelta
from random import Random

from collector.seen import ASKED_MIN, Seen
from core.store import Store

DAY = datetime(2026, 9, 30, tzinfo=UTC)
SIZE = 16 * 1024


def contents(random: Random, count: int) -> list[bytes]:
    return [random.randbytes(16) for _ in range(count)]


def put(store: Store, random: Random, at: datetime, stored: list[bytes]) -> None:
    rows = [[at.date(), random.randrange(2**64), one, 0, 1] for one in stored]
    store.insert("event_ids", ["day", "identity", "content_hash", "object_hash", "batch"], rows)


def learnt(seen: Seen, *days: datetime) -> None:
    for day in days:
        for _ in range(ASKED_MIN):
            assert not seen.is_new(day, bytes(16))
    seen.learn({("held", "held", b"held" * 4)})


def test_a_learnt_day_knows_what_is_stored_held_and_added_and_hardly_anything_else(
    store: Store,
) -> None:
    random = Random(1)
    other = DAY + timedelta(days=1)
    stored, later = contents(random, 3000), contents(random, 500)
    put(store, random, DAY, stored)
    seen = Seen(store, SIZE)
    learnt(seen, DAY, other)
    for one in later:
        seen.add(other + timedelta(hours=23), one)
    assert not any(seen.is_new(DAY, one) for one in stored)
    assert not any(seen.is_new(other, one) for one in [b"held" * 4, *later])
    assert sum(seen.is_new(DAY, one) for one in contents(random, 1000)) > 980
    # A day that nobody has learnt, and any when it was forgotten.
    assert not seen.is_new(DAY - timedelta(days=1), random.randbytes(16))
    seen.forget()
    assert not seen.is_new(DAY, random.randbytes(16))


def test_what_has_no_room_is_certain_of_nothing(store: Store) -> None:
    random = Random(2)
    put(store, random, DAY, contents(random, 5000))
    seen = Seen(store, SIZE)
    learnt(seen, DAY)
    assert not any(seen.is_new(DAY, one) for one in contents(random, 100))
    other = DAY + timedelta(days=1)
    learnt(seen, other)
    assert all(seen.is_new(other, one) for one in contents(random, 100))
    for one in contents(random, 10_000):
        seen.add(other, one)
    assert not any(seen.is_new(other, one) for one in contents(random, 100))
    none = Seen(store, 0)
    learnt(none, other)
    assert not none.is_new(other, random.randbytes(16))
