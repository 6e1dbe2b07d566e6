"""A disk that takes no more: the collector answers 503, lives on, and loses nothing acknowledged.

The operating system refuses a process to let a file grow beyond RLIMIT_FSIZE; that is how the disk
of one process gets full without the right to mount anything.
"""

import os
import random
import resource
from pathlib import Path

import httpx
import pytest

from collector.delivery import Delivery
from collector.spool import Spool
from core.clock import FixedClock
from core.errors import Overloaded
from core.settings import CollectorSettings
from core.store import Store
from tests.collector import homes
from tests.collector.arrange import body, event, stored
from tests.collector.conftest import Listen
from tests.collector.homes import drop, embedded, on_server, told_of
from tests.collector.test_spooling import NDJSON, QUICK, drained, ready, until
from tests.e2e.service import Home, Service
from tests.server.genuine import GenuineServer

ROOM = 384 * 1024
RECORD_BYTES = 60_000


def large(name: str) -> bytes:
    """An event that no codec makes smaller."""
    noise = random.Random(name).randbytes(RECORD_BYTES // 2).hex()
    parts = {f"a{at}": noise[at : at + 4000] for at in range(0, RECORD_BYTES, 4000)}
    return body(event(event_id=name, attributes=parts))


def fill(service: Service, prefix: str, size: int = 1) -> tuple[set[str], list[int]]:
    """Send until it is told 503 three times; what was acknowledged, and the answers."""
    kept: set[str] = set()
    statuses: list[int] = []
    for place in range(60):
        names = [f"{prefix}{place}-{part}" for part in range(size)]
        answer = service.post(b"\n".join(large(name) for name in names))
        statuses.append(answer.status_code)
        if answer.status_code == 200:
            kept.update(names)
        else:
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["retry-after"]) >= 1
        if statuses[-3:] == [503] * 3:
            return kept, statuses
    raise AssertionError("the disk never got full")


def limit(service: Service, size: int) -> None:
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def lives(service: Service) -> bool:
    return httpx.get(f"{service.told['collector']}/healthz", timeout=30).status_code == 200


def stored_once(home: Home, kept: set[str]) -> None:
    """All that was acknowledged is there once; beside it at most what the sender sends again."""
    told = told_of(home)
    assert kept - set(told["times"]) == set()
    assert set(told["times"].values()) <= {1}
    assert (told["imbalances"], told["unseen"], told["twice"]) == ([], 0, 0)


def test_a_spool_on_a_full_disk_is_a_503_until_there_is_room(
    tmp_path: Path, server: GenuineServer
) -> None:
    home = on_server(tmp_path, server)
    with home.start("collect") as collect:
        server.kill()
        limit(collect, ROOM)
        kept, statuses = fill(collect, "full")
        assert len(kept) >= 2
        assert lives(collect)
        limit(collect, resource.RLIM_INFINITY)
        assert collect.post(large("room")).json()["pending"] == 1
        server.start()
        homes.drained(collect)
    stored_once(home, kept | {"room"})
    drop(home)


def test_a_warehouse_on_a_full_disk_is_a_503_and_is_whole_when_there_is_room(
    tmp_path: Path,
) -> None:
    home = embedded(tmp_path)
    with home.start("up") as up:
        assert up.post(large("before")).json()["stored"] == 1
        limit(up, ROOM)
        kept, statuses = fill(up, "full", size=8)
        assert lives(up)
        limit(up, resource.RLIM_INFINITY)
        homes.drained(up)
        assert up.post(large("room")).json()["stored"] == 1
        kept |= {"before", "room"}
        up.kill()
    stored_once(home, kept)


def leave(store: Store, free: int) -> None:
    """Let the warehouse take nothing while less than so much is left of its disk."""
    store.engine = store.engine.model_copy(update={"disk_free_bytes_min": free})
    for client in list(store._clients):
        client.set_client_setting("min_free_disk_bytes_to_perform_insert", free)


def test_a_warehouse_takes_nothing_while_too_little_is_left_of_its_disk(
    any_store: Store, listen: Listen
) -> None:
    """The engine passes over a write that fails, so it is asked for none that could."""
    there = listen(on=any_store, collector=QUICK)
    assert there.post("/v1/events", large("before"), NDJSON).json()["stored"] == 1
    there.writer.drain()
    leave(any_store, 2**60)
    told = []
    for place, size in enumerate((1, 4, 1)):
        group = b"\n".join(large(f"e{place}-{part}") for part in range(size))
        told.append(there.post("/v1/events", group, NDJSON).json())
    # A small one is durable in the journal; nothing goes by way of the engine.
    assert told[0].get("stored", told[0].get("pending")) == 1
    assert [one.get("pending") for one in told[1:]] == [4, 1]
    assert ready(there)["status"] == "spooling"
    # Known once the drain has tried it by itself.
    until(lambda: "free space" in ready(there)["why"])
    leave(any_store, 0)
    drained(there)
    held = {name for _, name in stored(there.store)}
    assert held == {"before", "e0-0", "e2-0", *(f"e1-{part}" for part in range(4))}
    assert len(stored(there.store)) == len(held)
    assert there.writer.check_identity() == []


def test_the_spool_leaves_room_on_its_disk(tmp_path: Path, clock: FixedClock) -> None:
    free = os.statvfs(tmp_path)
    beyond = free.f_bavail * free.f_frsize * 2
    narrow = Spool(tmp_path, CollectorSettings(spool_free_bytes_min=beyond))
    assert not narrow.room(1, 1)
    with pytest.raises(Overloaded, match="full"):
        narrow.put([Delivery(b"{}", id="1", received_at=clock.now())])
    assert not narrow.path.exists()
