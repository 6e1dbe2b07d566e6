"""A disk that takes no more: the collector answers 503, lives on, and loses nothing acknowledged.

The operating system refuses a process to let a file grow beyond RLIMIT_FSIZE; that is how the disk
of one process gets full without the right to mount anything.
"""

import random
import resource
from pathlib import Path

import httpx

from tests.collector.arrange import body, event
from tests.collector.homes import drained, drop, embedded, on_server, told_of
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
        drained(collect)
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
        drained(up)
        assert up.post(large("room")).json()["stored"] == 1
        kept |= {"before", "room"}
        up.kill()
    stored_once(home, kept)
