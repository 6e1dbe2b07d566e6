"""One admitting writer a warehouse: on a server a second process is refused while one lives."""

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from collector import seen
from collector.writer import Writer
from core.clock import FixedClock
from core.errors import StoreLocked
from core.store import Store
from tests.collector.arrange import body, event, make_writer, receipt

ROOT = Path(__file__).resolve().parents[2]


def somebody(store: Store, clock: FixedClock, host: str, pid: int) -> None:
    """Another process that was seen just now."""
    columns = ["writer", "host", "pid", "seen_at", "version"]
    store.insert("writer_leases", columns, [["other", host, pid, clock.now(), 2]])


def test_a_second_process_is_refused_while_the_first_is_fresh(
    server_store: Store, clock: FixedClock
) -> None:
    somebody(server_store, clock, "elsewhere", 1)
    with pytest.raises(StoreLocked, match="elsewhere, process 1"):
        Writer(server_store, clock).open()
    somebody(server_store, clock, socket.gethostname(), os.getppid())
    clock.move(timedelta(seconds=31))
    make_writer(server_store, clock)


def test_a_process_that_is_gone_holds_nothing(server_store: Store, clock: FixedClock) -> None:
    gone = os.fork()
    if gone == 0:
        os._exit(0)
    os.waitpid(gone, 0)
    somebody(server_store, clock, socket.gethostname(), gone)
    make_writer(server_store, clock)


def test_a_lease_is_renewed_by_commits_and_released_at_the_end(
    server_store: Store, clock: FixedClock
) -> None:
    writer = make_writer(server_store, clock)
    seen = "SELECT max(seen_at) FROM writer_leases FINAL"
    clock.move(timedelta(seconds=20))
    receipt(writer, body(event()))
    assert server_store.value(seen) == clock.now()
    clock.move(timedelta(seconds=20))
    writer.keep_lease()
    assert server_store.value(seen) == clock.now()
    writer.close()
    assert server_store.value(seen) == clock.now() - timedelta(seconds=60)


def test_of_two_that_begin_at_once_who_sees_the_other_gives_way(
    server_store: Store, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = server_store.insert

    def meanwhile(table: str, *args: Any, **more: Any) -> None:
        monkeypatch.undo()
        somebody(server_store, clock, "elsewhere", 1)
        real(table, *args, **more)

    monkeypatch.setattr(server_store, "insert", meanwhile)
    with pytest.raises(StoreLocked, match="elsewhere"):
        Writer(server_store, clock).open()
    newest = "SELECT argMax(writer, seen_at) FROM writer_leases FINAL"
    assert server_store.value(newest) == "other"


def test_of_many_that_begin_at_the_same_instant_exactly_one_admits(server_store: Store) -> None:
    where = [server_store.dsn, server_store.database]
    program = [sys.executable, "-m", "tests.collector.claiming", *where]
    with ExitStack() as ended:
        rivals = [
            ended.enter_context(subprocess.Popen(program, cwd=ROOT, stdin=PIPE, stdout=PIPE))
            for _ in range(3)
        ]
        for one in rivals:
            ended.callback(one.kill)
            assert told(one) == "ready"
        for _ in range(20):
            tell(rivals, b"take")
            assert sorted(told(one) for one in rivals) == ["mine", "refused", "refused"]
            tell(rivals, b"release")
            assert [told(one) for one in rivals] == ["released"] * 3


def tell(rivals: "list[subprocess.Popen[bytes]]", what: bytes) -> None:
    for one in rivals:
        assert one.stdin
        one.stdin.write(what + b"\n")
        one.stdin.flush()


def told(rival: "subprocess.Popen[bytes]") -> str:
    assert rival.stdout
    return rival.stdout.readline().decode().strip()


def test_an_embedded_warehouse_needs_no_lease(store: Store, clock: FixedClock) -> None:
    make_writer(store, clock).keep_lease()
    assert store.value("SELECT count() FROM writer_leases") == 0


def test_a_lease_that_ran_out_is_not_simply_taken_back(
    server_store: Store, clock: FixedClock
) -> None:
    """While its warehouse was away for it, another collector may have begun."""
    writer = make_writer(server_store, clock)
    clock.move(timedelta(seconds=31))
    somebody(server_store, clock, "elsewhere", 1)
    with pytest.raises(StoreLocked, match="elsewhere"):
        receipt(writer, body(event()))
    assert server_store.value("SELECT count() FROM deliveries") == 0
    clock.move(timedelta(seconds=31))
    assert receipt(writer, body(event())).stored == 1


def test_what_another_one_did_while_the_lease_ran_out_is_known(
    server_store: Store, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "ASKED_MIN", 1)
    writer = make_writer(server_store, clock)
    for name in ("a", "b"):
        assert receipt(writer, body(event(event_id=name))).stored == 1
    clock.move(timedelta(seconds=31))
    other = Writer(server_store, clock)
    other.open()
    assert receipt(other, body(event(event_id="c"))).stored == 1
    other.close()
    assert receipt(writer, body(event(event_id="c"))).duplicates == 1
    assert writer.check_identity() == []
