"""While the warehouse is away or slow deliveries go to the spool and are answered as pending; when
it is back they are committed in their order, each once.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from collector.delivery import OTLP_LOGS, Delivery, Receipt
from collector.drain import TRIES
from collector.redaction import Redactor
from collector.spool import Spool
from collector.writer import Answer, Writer
from core.clock import SystemClock
from core.errors import BadInput, StoreUnavailable
from core.settings import CollectorSettings
from core.store import Store
from tests.collector.arrange import body, event, stored
from tests.collector.conftest import Listen, Listening

EVENTS = "/v1/events"
NDJSON = "application/x-ndjson"
JSON = "application/json"
PROTOBUF = "application/x-protobuf"
WAIT_SECONDS = 60.0
QUICK = CollectorSettings(spool_retry_seconds_max=0.2)
Commit = Callable[[Writer, Sequence[Delivery]], list[Answer]]


@pytest.fixture
def store(any_store: Store) -> Store:
    """Faults are survived on the embedded engine and on the genuine server."""
    return any_store


@contextmanager
def commits(monkeypatch: pytest.MonkeyPatch, instead: Commit) -> Iterator[None]:
    """Let the writer's commits go another way inside the block."""
    with monkeypatch.context() as patched:
        patched.setattr(Writer, "commit", instead)
        if instead is away:
            patched.setattr(Writer, "ping", away)
        yield


def away(*_: object) -> list[Answer]:
    """A warehouse that is not there."""
    raise StoreUnavailable("the warehouse is away")


def until(holds: Callable[[], Any]) -> None:
    """Wait for a condition."""
    last = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < last
        time.sleep(0.02)


def drained(listening: Listening) -> None:
    """Wait until everything is in the warehouse and new deliveries go straight there."""
    until(lambda: ready(listening)["status"] == "ready")


def ready(listening: Listening) -> dict[str, Any]:
    told: dict[str, Any] = httpx.get(f"{listening.url}/readyz", trust_env=False).json()
    return told


def number(place: int) -> bytes:
    return body(event(event_id=f"e{place}"))


def test_what_comes_while_the_warehouse_is_away_is_pending_and_stored_once_it_is_back(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = listen(collector=QUICK)
    assert there.post(EVENTS, number(0), NDJSON).json()["stored"] == 1
    two = body(event(event_id="e2"), "", event(event_id="e3"), event(action="X"))
    array = body([event(event_id="e4"), event(event_id="e5")])
    with commits(monkeypatch, away):
        first = there.post(EVENTS, number(1), NDJSON)
        assert first.status_code == 200
        assert {**first.json(), "delivery": ""} == {"delivery": "", "received": 1, "pending": 1}
        assert there.post(EVENTS, two, NDJSON).json()["pending"] == 3
        assert (
            there.post(
                EVENTS,
                array,
                JSON,
            ).json()["pending"]
            == 2
        )
        # What cannot be read at all is refused whether the warehouse is there or not.
        assert there.post(EVENTS, b"[", JSON).status_code == 400
        assert there.post(EVENTS, b"\n", NDJSON).status_code == 400
        otlp = there.post("/v1/logs", ExportLogsServiceRequest().SerializeToString(), PROTOBUF)
        assert (otlp.status_code, otlp.content) == (200, b"")
        told = ready(there)
        assert (told["status"], told["spool"]["deliveries"]) == ("spooling", 4)
        metrics = httpx.get(f"{there.url}/metrics", trust_env=False).text
        assert "revtrace_collector_spool_deliveries 4.0\n" in metrics
        assert "revtrace_collector_spooling 1.0\n" in metrics
    drained(there)
    assert [one for _, one in stored(there.store)] == [f"e{place}" for place in range(6)]
    deliveries = there.store.rows("SELECT * FROM v_deliveries ORDER BY batch, delivery")
    assert deliveries[1]["delivery"] == first.json()["delivery"]
    assert [row["delivery"] for row in deliveries] == sorted(row["delivery"] for row in deliveries)
    assert [row["received"] for row in deliveries] == [1, 1, 3, 2, 0]
    assert all(row["balances"] for row in deliveries)
    assert there.writer.check_identity() == []
    assert there.post(EVENTS, number(0), NDJSON).json()["duplicates"] == 1


def test_a_full_spool_is_a_503_and_nothing_acknowledged_is_lost(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = listen(collector=CollectorSettings(spool_retry_seconds_max=0.2, spool_deliveries_max=2))
    with commits(monkeypatch, away):
        answers = [there.post(EVENTS, number(place), NDJSON) for place in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 503, 503]
        assert int(answers[3].headers["retry-after"]) >= 1
        not_ready = httpx.get(f"{there.url}/readyz", trust_env=False)
        assert (not_ready.status_code, not_ready.json()["status"]) == (503, "not ready")
    drained(there)
    assert [one for _, one in stored(there.store)] == ["e0", "e1"]


def test_a_commit_that_hangs_sends_what_waits_to_the_spool_and_is_not_doubled_when_it_ends(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, held = Writer.commit, threading.Event()

    def late(writer: Writer, deliveries: Sequence[Delivery]) -> list[Answer]:
        held.wait(WAIT_SECONDS)
        return real(writer, deliveries)

    there = listen(collector=CollectorSettings(spool_after_seconds=0.2))
    with commits(monkeypatch, late):
        for place in range(3):
            assert there.post(EVENTS, number(place), NDJSON).json()["pending"] == 1
        held.set()
    drained(there)
    assert len(stored(there.store)) == 3
    assert there.store.value("SELECT count() FROM deliveries") == 3
    assert there.writer.check_identity() == []


def test_new_deliveries_queue_behind_what_the_spool_holds(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, gate = Writer.commit, threading.Event()
    order: list[str] = []

    def closed(*_: object) -> None:
        if not gate.is_set():
            raise StoreUnavailable("the warehouse is away")

    def watched(writer: Writer, deliveries: Sequence[Delivery]) -> list[Answer]:
        closed()
        order.extend(one.id for one in deliveries)
        return real(writer, deliveries)

    there = listen(collector=QUICK)
    with commits(monkeypatch, watched):
        # Away for every question: one that is there and takes nothing may come back between two
        # tries, and then what was tried second goes first.
        monkeypatch.setattr(Writer, "ping", closed)
        sent: list[str] = []
        for place in range(20):
            if place == 10:
                gate.set()
            sent.append(there.post(EVENTS, number(place), NDJSON).json()["delivery"])
        drained(there)
    assert order == sent == sorted(sent)


def test_a_corrupt_spooled_body_is_quarantined_and_blocks_nobody(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = listen(collector=CollectorSettings(spool_retry_seconds_max=0.2, engine_bytes_min=0))
    with commits(monkeypatch, away):
        for place in range(2):
            there.post(EVENTS, number(place), NDJSON)
            corrupt = there.post("/v1/logs", b"\x0a\xff\xff\xff\xff\x7f", PROTOBUF)
            assert corrupt.status_code == 200
            unreadable = there.post(EVENTS, b"\xff\xfe no json", NDJSON)
            assert unreadable.json()["pending"] == 1
        there.post(EVENTS, number(2), NDJSON)
    drained(there)
    assert [one for _, one in stored(there.store)] == ["e0", "e1", "e2"]
    reasons = there.store.rows("SELECT reason, raw FROM v_quarantine ORDER BY delivery")
    assert [row["reason"] for row in reasons] == ["not_json"] * 4
    assert there.writer.check_identity() == []


def test_a_delivery_that_always_fails_lets_the_others_go(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Writer.commit

    def choking(writer: Writer, deliveries: Sequence[Delivery]) -> list[Answer]:
        if any(b"poison" in one.body for one in deliveries):
            raise MemoryError("too much")
        return real(writer, deliveries)

    there = listen(collector=QUICK)
    with commits(monkeypatch, choking):
        with commits(monkeypatch, away):
            for place in range(5):
                there.post(EVENTS, number(place), NDJSON)
            there.post(EVENTS, body(event(event_id="poison")), NDJSON)
            there.post(EVENTS, number(5), NDJSON)
        drained(there)
        told = ready(there)["spool"]
        assert (told["deliveries"], told["postponed"]) == (1, 1)
        assert len(stored(there.store)) == 6
        # The straight way is open again, and the poisoned one is still kept.
        assert there.post(EVENTS, number(6), NDJSON).json()["stored"] == 1
    assert there.writer.check_identity() == []


def test_a_warehouse_that_recovers_between_two_tries_postpones_nobody(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failed = Writer.commit, [0]

    def ill(writer: Writer, deliveries: Sequence[Delivery]) -> list[Answer]:
        # In a group of two, then alone so often that another one is tried.
        if b'"e0"' in deliveries[0].body and failed[0] <= TRIES:
            failed[0] += 1
            raise StoreUnavailable("the disk is full")
        return real(writer, deliveries)

    there = listen(collector=QUICK)
    with commits(monkeypatch, ill):
        with commits(monkeypatch, away):
            for place in range(2):
                there.post(EVENTS, number(place), NDJSON)
        drained(there)
        told = ready(there)["spool"]
        assert (told["deliveries"], told["postponed"]) == (0, 0)
        assert len(stored(there.store)) == 2


def test_a_spooled_delivery_that_is_refused_is_kept(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Writer.commit

    def refusing(writer: Writer, deliveries: Sequence[Delivery]) -> list[Answer]:
        good = iter(real(writer, [one for one in deliveries if b"poison" not in one.body]))
        return [BadInput("refused") if b"poison" in one.body else next(good) for one in deliveries]

    there = listen(collector=QUICK)
    with commits(monkeypatch, refusing):
        with commits(monkeypatch, away):
            there.post(EVENTS, number(0), NDJSON)
            there.post(EVENTS, body(event(event_id="poison")), NDJSON)
            there.post(EVENTS, number(1), NDJSON)
        drained(there)
        told = ready(there)["spool"]
        assert (told["deliveries"], told["postponed"]) == (1, 1)
        assert [one for _, one in stored(there.store)] == ["e0", "e1"]


def test_a_spooled_body_that_is_redacted_again_and_cannot_be_read_is_quarantined(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(store, SystemClock())
    writer.open()

    def spoiled(_: Redactor, delivery: Delivery, __: object) -> Delivery:
        return replace(delivery, body=b"\xff", payload=None)

    monkeypatch.setattr(Redactor, "redacted", spoiled)
    one = replace(writer.stamp(Delivery(b"[]", "json", payload=b"")), spooled=True)
    answer = writer.commit([one])[0]
    assert isinstance(answer, Receipt)
    assert (answer.received, answer.quarantined) == (1, 1)


def left_behind(home: Path, *bodies: bytes) -> list[str]:
    """What a process that was killed has left in its spool."""
    spool = Spool(home, CollectorSettings())
    stamps = Writer.__new__(Writer)
    made = _stamped(stamps, bodies)
    spool.put(made)
    spool.close()
    return [one.id for one in made]


def _stamped(_: Writer, bodies: Sequence[bytes]) -> list[Delivery]:
    from collector.delivery import DeliveryIds

    ids, now = DeliveryIds(), SystemClock().now()
    return [Delivery(one, id=ids.next(now), received_at=now) for one in bodies]


def test_what_an_earlier_process_left_goes_first(listen: Listen, tmp_path: Path) -> None:
    left = left_behind(tmp_path, number(0), number(1))
    there = listen(collector=QUICK)
    there.post(EVENTS, number(2), NDJSON)
    drained(there)
    rows = there.store.rows("SELECT delivery FROM deliveries ORDER BY batch, delivery")
    assert [row["delivery"] for row in rows][:2] == left
    assert len(stored(there.store)) == 3


def test_a_crash_between_commit_and_leaving_the_spool_doubles_nothing(
    listen: Listen, tmp_path: Path, store: Store
) -> None:
    ids = left_behind(tmp_path, number(0), number(1))
    spool = Spool(tmp_path, CollectorSettings())
    spool.open()
    writer = Writer(store, SystemClock())
    writer.open()
    writer.commit(spool.next(1, 10**6))
    spool.close()
    there = listen(collector=QUICK)
    drained(there)
    rows = there.store.rows("SELECT delivery, stored, duplicates FROM v_deliveries ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [(one, 1, 0) for one in ids]
    assert there.writer.check_identity() == []


def test_the_number_of_records_is_left_out_where_only_the_engine_can_tell(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    from collector import count
    from collector.count import count_records

    many = ExportLogsServiceRequest()
    scope = many.resource_logs.add().scope_logs.add()
    for _ in range(3):
        scope.log_records.add()
    one = Delivery(many.SerializeToString(), protocol=OTLP_LOGS)
    assert count_records(one) == 3
    assert count_records(Delivery(b"\xff", protocol=OTLP_LOGS)) is None
    monkeypatch.setattr(count, "OTLP_BYTES_MAX", 1)
    assert count_records(one) is None
    assert count_records(Delivery(b"{}\n\n \r\n{}")) == 2


def test_parts_of_a_file_are_pending_too(
    listen: Listen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from collector.receivers.files import import_files

    there = listen(collector=QUICK)
    file = tmp_path / "events.ndjson"
    file.write_bytes(body(*(event(event_id=f"e{place}") for place in range(10))))
    with commits(monkeypatch, away):
        report = import_files(there.writer, [file], "ndjson", commit=there.queue.commit)[0]
        assert (report.received, report.pending, report.stored) == (10, 10, 0)
    drained(there)
    assert len(stored(there.store)) == 10
    again = import_files(there.writer, [file], "ndjson", commit=there.queue.commit)[0]
    assert (again.known, again.duplicates, again.pending) == (False, 10, 0)


def test_a_stop_spools_what_cannot_be_committed_any_more(
    listen: Listen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = listen(collector=QUICK)
    with commits(monkeypatch, away):
        assert there.post(EVENTS, number(0), NDJSON).json()["pending"] == 1
        there.stop()
        with suppress(httpx.TransportError):
            there.post(EVENTS, number(1), NDJSON)
    spool = Spool(tmp_path, CollectorSettings())
    assert spool.open().deliveries == 1
    spool.close()
    drained(listen(collector=QUICK))
    assert len(stored(there.store)) == 1
