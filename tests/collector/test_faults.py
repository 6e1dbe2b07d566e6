"""Faults under load: whatever the senders do and whichever way the warehouse goes, the stored set
equals the sent set and every delivery balances.
"""

import threading
import time
import warnings
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from collector.delivery import Receipt
from core.clock import FixedClock
from core.settings import CollectorSettings
from core.store import Store
from tests.collector.arrange import commit, make_writer, stored
from tests.collector.conftest import Listen, Listening
from tests.collector.senders import Sender, check, sending
from tests.collector.telling import tell
from tests.collector.test_spooling import PROTOBUF, QUICK, drained, number, ready
from tests.server.genuine import GenuineServer

RESOURCE = Resource.create({"service.name": "mulesoft"})


def senders(there: Listening) -> list[Sender]:
    """Two send the same ids at once, one sends everything three times."""
    url = [there.url]
    return [
        Sender("shared", 1, url),
        Sender("shared", 1, url),
        Sender("thrice", 2, url, times=3),
    ]


def settled(there: Listening, all_of_them: list[Sender]) -> None:
    """Everything is in the warehouse, and it is what was sent."""
    drained(there)
    check(all_of_them, tell(there.store))
    assert there.writer.check_identity() == []


def until_sent(all_of_them: list[Sender], requests: int) -> None:
    """Wait until each has got so much done."""
    last = time.monotonic() + 60
    while any(len(one.acknowledged) < requests for one in all_of_them):
        assert time.monotonic() < last
        time.sleep(0.02)


def test_shared_ids_threefold_retries_and_corrupt_bodies_beside_them(
    any_store: Store, listen: Listen
) -> None:
    there = listen(on=any_store)
    all_of_them = senders(there)
    with sending(all_of_them):
        for _ in range(10):
            corrupt = there.post("/v1/logs", b"\x0a\xff\xff\xff\xff\x7f", PROTOBUF)
            assert corrupt.status_code == 400
        until_sent(all_of_them, 50)
    settled(there, all_of_them)
    assert any_store.value("SELECT count() FROM quarantine") == 0


def test_a_server_that_goes_away_under_load_and_comes_back_loses_and_doubles_nothing(
    server: GenuineServer, server_store: Store, listen: Listen
) -> None:
    there = listen(on=server_store, collector=QUICK)
    all_of_them = senders(there)
    with sending(all_of_them):
        until_sent(all_of_them, 10)
        for _ in range(2):
            server.kill()
            before = sum(one.pending for one in all_of_them)
            last = time.monotonic() + 60
            while sum(one.pending for one in all_of_them) == before:
                assert time.monotonic() < last
                time.sleep(0.02)
            assert ready(there)["status"] == "spooling"
            server.start()
    settled(there, all_of_them)


def test_a_clock_that_jumps_back_changes_nothing(any_store: Store, clock: FixedClock) -> None:
    writer = make_writer(any_store, clock)
    ids: list[str] = []
    for place in range(6):
        answers = commit(writer, number(place), number(place), number(place - 1))
        assert all(isinstance(one, Receipt) for one in answers)
        ids += [one.delivery for one in answers if isinstance(one, Receipt)]
        clock.move(timedelta(hours=-3) if place % 2 else timedelta(seconds=1))
        if place == 3:
            writer = make_writer(any_store, clock)
    assert ids == sorted(set(ids))
    assert [one for _, one in stored(any_store)] == ["e-1", *(f"e{place}" for place in range(6))]
    assert any_store.value("SELECT countIf(NOT balances) FROM v_deliveries") == 0
    assert writer.check_identity() == []


def test_the_spool_keeps_its_order_while_the_clock_jumps_back(
    server: GenuineServer, server_store: Store, listen: Listen, clock: FixedClock
) -> None:
    there = listen(on=server_store, collector=QUICK, clock=clock)
    server.kill()
    sent = []
    for place in range(6):
        sent.append(there.post("/v1/events", number(place), "application/x-ndjson").json())
        clock.move(timedelta(hours=-1))
    assert [one["pending"] for one in sent] == [1] * 6
    server.start()
    drained(there)
    rows = server_store.rows("SELECT delivery FROM deliveries ORDER BY batch, delivery")
    assert [row["delivery"] for row in rows] == [one["delivery"] for one in sent]
    assert len(stored(server_store)) == 6


@pytest.fixture
def _quiet() -> Iterator[None]:
    """The SDK's logs signal is marked as in development; that is no warning of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def attributes(kind: str, place: int) -> dict[str, str]:
    named = {"object.type": kind, "object.id": f"{kind}-{place}", "action": "posted"}
    return {f"revtrace.{name}": text for name, text in named.items()}


def refused(there: Listening) -> bool:
    """Whether both exporters have been told to come again."""
    text = httpx.get(f"{there.url}/metrics", trust_env=False).text
    lines = [line for line in text.splitlines() if 'code="503"' in line]
    return all(any(path in line for line in lines) for path in ("/v1/logs", "/v1/traces"))


def serve_again_after_a_refusal(there: Listening, server: GenuineServer) -> None:
    last = time.monotonic() + 60
    while not refused(there) and time.monotonic() < last:
        time.sleep(0.05)
    server.start()


@pytest.mark.usefixtures("_quiet")
def test_exporters_that_are_refused_come_again_and_everything_is_stored_once(
    server: GenuineServer, server_store: Store, listen: Listen
) -> None:
    """The SDK's own retries against a warehouse that is away and a spool that takes nothing."""
    settings = CollectorSettings(spool_deliveries_max=0)
    there = listen(on=server_store, collector=settings)
    spans, logs = TracerProvider(resource=RESOURCE), LoggerProvider(resource=RESOURCE)
    to_traces = OTLPSpanExporter(endpoint=f"{there.url}/v1/traces", timeout=60)
    to_logs = OTLPLogExporter(endpoint=f"{there.url}/v1/logs", timeout=60)
    spans.add_span_processor(BatchSpanProcessor(to_traces, schedule_delay_millis=10))
    logs.add_log_record_processor(BatchLogRecordProcessor(to_logs, schedule_delay_millis=10))
    server.kill()
    for place in range(20):
        spans.get_tracer("t").start_span("s", attributes=attributes("payment", place)).end()
        moment = 1_790_762_400_000_000_000
        record = LogRecord(timestamp=moment, body="x", attributes=attributes("invoice", place))
        logs.get_logger("t").emit(record)
    back = threading.Thread(target=serve_again_after_a_refusal, args=(there, server))
    back.start()
    assert spans.force_flush(60_000)
    assert logs.force_flush(60_000)
    back.join()
    assert refused(there)
    spans.shutdown()
    logs.shutdown()
    found = there.store.rows("SELECT object, count() AS times FROM v_events GROUP BY object")
    assert len(found) == 40
    assert {row["times"] for row in found} == {1}
    assert there.writer.check_identity() == []
