"""OTLP over gRPC: the SDK's own exporters, what is answered to bad, large, slow and too many
calls.
"""

import asyncio
import base64
import gzip
import json
import logging
import random
import socket
import subprocess
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from collector.body import undo_encoding
from collector.otlp import from_json
from collector.receivers.door import Door
from collector.receivers.otlp_grpc import GrpcReceiver
from collector.writer import Writer
from core.errors import BadInput, StoreUnavailable
from core.settings import GrpcSettings
from core.store import Store
from tests import node
from tests.collector.calling import LOGS, METRICS, TRACES, Called, Serve, receivers
from tests.collector.test_otlp import HERE, logs, otlp_files, spans

# The SDK's logs signal is marked as in development; that is no warning of ours.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def serve(store: Store) -> Iterator[Serve]:
    """Starts receivers on the test's store; settings may be given."""
    yield from receivers(store)


@pytest.fixture
def called(serve: Serve) -> Called:
    """A receiver with the settings it is shipped with."""
    return serve()


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_the_sdk_exports_logs_and_spans(
    called: Called, compression: grpc.Compression, caplog: pytest.LogCaptureFixture
) -> None:
    resource = Resource.create({"service.name": "mulesoft"})
    endpoint = f"http://127.0.0.1:{called.port}"
    tracing, logging_ = TracerProvider(resource=resource), LoggerProvider(resource=resource)
    exporter = OTLPSpanExporter(endpoint=endpoint, compression=compression)
    tracing.add_span_processor(SimpleSpanProcessor(exporter))
    logger = OTLPLogExporter(endpoint=endpoint, compression=compression)
    logging_.add_log_record_processor(SimpleLogRecordProcessor(logger))
    with caplog.at_level(logging.WARNING, "opentelemetry"):
        with tracing.get_tracer("x").start_as_current_span("post", attributes=HERE):
            pass
        record = {**HERE, "revtrace.object.id": "INV-2"}
        logging_.get_logger("x").emit(LogRecord(timestamp=1_790_762_400 * 10**9, attributes=record))
        logging_.get_logger("x").emit(LogRecord(timestamp=1_790_762_400 * 10**9, body="plain"))
        tracing.shutdown()
        logging_.shutdown()
    assert caplog.records == []
    found = called.store.rows("SELECT object_id, source, mapping FROM events ORDER BY object_id")
    assert [tuple(row.values()) for row in found] == [
        ("INV-1", "mulesoft", "otlp"),
        ("INV-2", "mulesoft", "otlp"),
    ]
    assert called.store.value("SELECT sum(skipped) FROM delivery_closings") == 1
    kept = {row["content_encoding"] for row in called.store.rows("SELECT * FROM deliveries")}
    assert kept == ({"gzip"} if compression == grpc.Compression.Gzip else {""})
    assert called.writer.check_identity() == []


def test_the_request_itself_is_the_body_of_the_delivery(called: Called) -> None:
    request = logs(HERE, {**HERE, "revtrace.attempt": "2"}).SerializeToString()
    answers = [
        called.export(LOGS, request),
        called.export(LOGS, request, compression=grpc.Compression.Deflate),
    ]
    # Nothing is rejected, and the quarantined record is warned of.
    for answer in answers:
        partial = ExportLogsServiceResponse.FromString(answer).partial_success
        assert partial.rejected_log_records == 0
        assert "1 of 2 records are kept in quarantine" in partial.error_message
    rows = called.store.rows("SELECT base64Encode(body) AS body FROM deliveries")
    assert [base64.b64decode(row["body"]) for row in rows] == [request, request]
    counts = called.store.rows("SELECT sum(stored) AS s, sum(quarantined) AS q FROM v_deliveries")
    assert counts == [{"s": 1, "q": 2}]
    assert called.export(TRACES, b"") == b""


def test_requests_of_real_clients_decode_over_grpc_too(called: Called, shared_data: Path) -> None:
    files = otlp_files(shared_data)
    assert len(files) == 22, "the public data sets are not beside this checkout"
    for file in files:
        headers = json.loads(file.with_suffix(".headers.json").read_text())
        told = {name.lower(): text for name, text in headers.get("headers", headers).items()}
        body = undo_encoding(file.read_bytes(), told.get("content-encoding", ""), 10**8)
        path = LOGS if "v1_logs" in file.name else TRACES
        if told["content-type"].startswith("application/json"):
            body = from_json("otlp_logs" if path == LOGS else "otlp_traces", body)
        assert called.export(path, body) == b"", file.name
    rows = called.store.rows("SELECT received, skipped FROM v_deliveries WHERE closed")
    assert [(row["received"], row["skipped"]) for row in rows] == [(300, 300)] * 22


def test_permanent_faults_are_invalid_argument_without_a_retry(called: Called) -> None:
    code, status = called.refused(LOGS, b"\x0a\xff\xff\xff")
    assert (code, status.code, len(status.details)) == (grpc.StatusCode.INVALID_ARGUMENT, 3, 0)
    assert status.message
    for broken in (gzip.compress(b"x")[:-3], zlib.compress(b"x")[:-2]):
        assert called.refused(LOGS, broken)[0] == grpc.StatusCode.INVALID_ARGUMENT
    assert called.store.value("SELECT count() FROM deliveries") == 0
    assert called.refused(METRICS, b"")[0] == grpc.StatusCode.UNIMPLEMENTED


def test_random_bytes_are_taken_or_refused_for_good(called: Called) -> None:
    chance = random.Random(7)
    codes = set()
    with grpc.insecure_channel(f"127.0.0.1:{called.port}") as channel:
        for _ in range(40):
            content = chance.randbytes(chance.randrange(200))
            content = gzip.compress(content) if chance.random() < 0.3 else content
            path = chance.choice([LOGS, TRACES])
            try:
                channel.unary_unary(path)(content, timeout=30)
            except grpc.RpcError as error:
                codes.add(error.code())
    assert codes == {grpc.StatusCode.INVALID_ARGUMENT}
    assert called.writer.check_identity() == []


def test_a_call_without_a_message_is_invalid(called: Called) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{called.port}") as channel:
        with pytest.raises(grpc.RpcError) as caught:
            channel.stream_unary(LOGS)(iter([]), timeout=10)
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_transient_faults_are_unavailable_and_say_when_to_come_again(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> list[object]:
        raise StoreUnavailable("the warehouse is away", retry_after_seconds=7)

    monkeypatch.setattr(Writer, "commit", away)
    code, status = called.refused(LOGS, logs(HERE).SerializeToString())
    assert (code, status.code) == (grpc.StatusCode.UNAVAILABLE, 14)
    retry = RetryInfo()
    assert status.details[0].Unpack(retry)
    assert retry.retry_delay == Duration(seconds=7)

    def broken(*_: object) -> list[object]:
        raise ZeroDivisionError

    monkeypatch.setattr(Door, "commit", broken)
    assert called.refused(LOGS, b"")[0] == grpc.StatusCode.UNAVAILABLE


def _away(monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """Let the warehouse be away for the first commits; how often it was asked."""
    commit, tries = Door.commit, [0]

    async def asked(self: Door, delivery: Any) -> Any:
        tries[0] += 1
        if tries[0] <= times:
            raise StoreUnavailable("the warehouse is away", retry_after_seconds=1)
        return await commit(self, delivery)

    monkeypatch.setattr(Door, "commit", asked)
    return tries


def test_the_sdk_tries_again_until_the_warehouse_is_back(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = _away(monkeypatch, 2)
    provider = TracerProvider(resource=Resource.create({"service.name": "mulesoft"}))
    exporter = OTLPSpanExporter(endpoint=f"http://127.0.0.1:{called.port}")
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("x").start_as_current_span("post", attributes=HERE):
        pass
    provider.shutdown()
    assert tries == [3]
    assert called.store.value("SELECT count() FROM events") == 1


def test_the_exporter_of_node_tries_once_and_needs_somebody_who_tries_again(
    called: Called, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What docs/ways-in.md says of it, whose example tries again."""
    tries = _away(monkeypatch, 1)
    told = node.run(*node.otlp("grpc", f"http://127.0.0.1:{called.port}", "A"))
    assert [each["code"] for each in told] == [1, 0]
    assert "UNAVAILABLE" in told[0]["error"]
    assert tries == [2]
    example = node.shown("#### Over gRPC").replace("127.0.0.1:4317", f"127.0.0.1:{called.port}")
    # Its five seconds are shortened, and nothing else.
    hasty = example.replace("tries - 1), 5000)", "tries - 1), 50)")
    assert hasty != example
    tries[0] = 0
    node.run_text(hasty, tmp_path)
    assert tries == [2]
    found = called.store.rows("SELECT object_id FROM events WHERE source = 'mulesoft'")
    assert found == [{"object_id": "INV-1004"}]


def test_large_messages_and_bombs_are_refused_for_good(serve: Serve) -> None:
    bounded = serve(GrpcSettings(message_bytes_max=100_000))
    for body, options in (
        (b" " * 100_001, {}),
        (b" " * 50_000_000, {"compression": grpc.Compression.Gzip}),
        (b" " * 50_000_000, {"compression": grpc.Compression.Deflate}),
    ):
        code, status = bounded.refused(LOGS, body, **options)
        assert code == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert len(status.details) == 0
    assert bounded.export(LOGS, logs(HERE).SerializeToString()) == b""


def test_more_calls_than_may_be_served_are_asked_to_come_again(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = serve(GrpcSettings(concurrency_max=1))
    commit, inside, held = Writer.commit, threading.Event(), threading.Event()

    def late(self: Writer, deliveries: Any) -> Any:
        inside.set()
        held.wait(20)
        return commit(self, deliveries)

    monkeypatch.setattr(Writer, "commit", late)
    first = threading.Thread(
        target=narrow.export, args=(LOGS, logs(HERE).SerializeToString()), daemon=True
    )
    first.start()
    assert inside.wait(20)
    code, status = narrow.refused(LOGS, b"")
    assert (code, len(status.details)) == (grpc.StatusCode.UNAVAILABLE, 1)
    held.set()
    first.join(20)
    assert narrow.export(LOGS, b"") == b""
    told = narrow.observed.prometheus()[0].decode()
    assert f'requests_total{{code="0",path="{LOGS}"}} 2' in told
    assert f'requests_total{{code="14",path="{LOGS}"}} 1' in told


def test_a_message_that_does_not_arrive_is_given_up(serve: Serve) -> None:
    hasty = serve(GrpcSettings(message_seconds=0.2))
    never = threading.Event()

    def nothing() -> Iterator[bytes]:
        never.wait(20)
        yield from ()

    with grpc.insecure_channel(f"127.0.0.1:{hasty.port}") as channel:
        with pytest.raises(grpc.RpcError) as caught:
            channel.stream_unary(LOGS)(nothing(), timeout=10)
        assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        assert "to arrive" in str(caught.value)
        never.set()


def test_a_certificate_makes_the_port_speak_tls(serve: Serve, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
        f"-addext subjectAltName=DNS:localhost -keyout {key} -out {certificate}".split(),
        check=True,
        capture_output=True,
    )
    secure = serve(tls=(certificate.read_bytes(), key.read_bytes()))
    trusted = grpc.ssl_channel_credentials(certificate.read_bytes())
    with grpc.secure_channel(f"localhost:{secure.port}", trusted) as channel:
        assert channel.unary_unary(LOGS)(logs(HERE).SerializeToString(), timeout=30) == b""
    assert secure.refused(LOGS, b"")[0] == grpc.StatusCode.UNAVAILABLE


def test_a_port_that_is_taken_is_named(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        receiver = GrpcReceiver(Door.__new__(Door), GrpcSettings(port=port))

        async def start() -> None:
            try:
                await receiver.start()
            finally:
                await receiver.stop(0)

        with pytest.raises(BadInput, match=f"{port}.*REVTRACE_GRPC__PORT"):
            asyncio.run(start())


def test_spans_carry_over(called: Called) -> None:
    record = {**HERE, "trace_id": bytes([1]) * 16, "span_id": bytes([2]) * 8}
    assert called.export(TRACES, spans(record).SerializeToString()) == b""
    found = called.store.rows("SELECT trace_id, span_id FROM events")
    assert found == [{"trace_id": "01" * 16, "span_id": "02" * 8}]
