"""The OpenTelemetry Python SDK's own HTTP exporters against a collector that listens."""

import logging
import warnings
from collections.abc import Iterator

import httpx
import pytest
from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SimpleSpanProcessor,
    SpanExportResult,
)

from core.settings import AccessSettings, HttpSettings
from tests.collector.conftest import Listen, Listening

RESOURCE = Resource.create({"service.name": "mulesoft"})


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The SDK's logs signal is marked as in development; that is no warning of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip])
def test_spans_with_links_become_events(listening: Listening, compression: Compression) -> None:
    exporter = OTLPSpanExporter(endpoint=f"{listening.url}/v1/traces", compression=compression)
    provider = TracerProvider(resource=RESOURCE)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("integration")
    with tracer.start_as_current_span(
        "publish",
        attributes={
            "revtrace.object.type": "billing_event",
            "revtrace.object.id": "BE-1",
            "revtrace.action": "published",
        },
    ) as published:
        pass
    with tracer.start_as_current_span(
        "post",
        links=[trace.Link(published.get_span_context())],
        attributes={
            "revtrace.object.type": "invoice",
            "revtrace.object.id": "INV-1",
            "revtrace.action": "posted",
            "revtrace.correlation_id": "c-1",
            "revtrace.attempt": 2,
            "revtrace.money.amount": "120.50",
            "revtrace.money.currency": "EUR",
            "revtrace.error.code": "E1",
        },
    ) as posted:
        posted.set_status(trace.StatusCode.ERROR, "customer unknown")
    with tracer.start_as_current_span("no event", attributes={"http.method": "GET"}):
        pass
    provider.shutdown()
    found = listening.store.rows("SELECT * FROM v_events ORDER BY object_type")
    assert [(row["object"], row["source"], row["outcome"]) for row in found] == [
        ("billing_event/BE-1", "mulesoft", "ok"),
        ("invoice/INV-1", "mulesoft", "failed"),
    ]
    context = published.get_span_context()
    assert found[1]["span_links"] == [f"{context.trace_id:032x}-{context.span_id:016x}"]
    assert (found[1]["error_code"], found[1]["error_message"]) == ("E1", "customer unknown")
    assert (str(found[1]["amount"]), found[1]["attempt"]) == ("120.5000", 2)
    assert listening.store.value("SELECT sum(skipped) FROM delivery_closings") == 1
    assert listening.writer.check_identity() == []


def test_log_records_become_events(listening: Listening) -> None:
    provider = LoggerProvider(resource=RESOURCE)
    exporter = OTLPLogExporter(endpoint=f"{listening.url}/v1/logs")
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    logger = provider.get_logger("integration")
    here = {
        "revtrace.object.type": "invoice",
        "revtrace.action": "posted",
        "revtrace.links": '[{"type":"billing_event","id":"BE-1","relation":"from"}]',
    }
    for number, severity in enumerate((SeverityNumber.INFO, SeverityNumber.ERROR)):
        record = LogRecord(
            timestamp=1_790_762_400_000_000_000,
            severity_number=severity,
            body="period closed",
            attributes={**here, "revtrace.object.id": f"INV-{number}"},
        )
        logger.emit(record)
    logger.emit(LogRecord(timestamp=1_790_762_400_000_000_000, body="plain"))
    provider.shutdown()
    found = listening.store.rows("SELECT * FROM events ORDER BY object_id")
    assert [(row["outcome"], row["error_message"]) for row in found] == [
        ("ok", ""),
        ("failed", "period closed"),
    ]
    assert found[0]["link_ids"] == ["BE-1"]
    assert listening.store.value("SELECT sum(skipped) FROM delivery_closings") == 1


def test_the_exporter_sees_success(listening: Listening, caplog: pytest.LogCaptureFixture) -> None:
    exporter = OTLPSpanExporter(endpoint=f"{listening.url}/v1/traces")
    provider = TracerProvider(resource=RESOURCE)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    with caplog.at_level(logging.WARNING, "opentelemetry"):
        # A span without an action is quarantined, which is nothing its sender should worry about.
        with provider.get_tracer("x").start_as_current_span(
            "bad", attributes={"revtrace.object.type": "invoice", "revtrace.object.id": "1"}
        ):
            pass
        provider.shutdown()
    assert caplog.records == []
    assert listening.store.value("SELECT count() FROM quarantine") == 1


def test_an_exporter_sends_its_token_and_comes_again_when_it_sent_too_much(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token is given as docs/security.md says, in the standard variable."""
    door = listen(http=HttpSettings(host="0.0.0.0"), limits=AccessSettings(requests_per_second=1))
    assert door.access.register is not None
    _, text = door.access.register.create("mulesoft", ["mulesoft"])
    door.access.reload()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"authorization=Bearer%20{text}")
    exporter = OTLPSpanExporter(endpoint=f"{door.url}/v1/traces")
    provider = TracerProvider(resource=RESOURCE)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("integration")
    for number in range(4):
        with tracer.start_as_current_span("post") as span:
            span.set_attribute("revtrace.object.type", "invoice")
            span.set_attribute("revtrace.object.id", f"INV-{number}")
            span.set_attribute("revtrace.action", "posted")
    provider.shutdown()
    assert door.store.value("SELECT count() FROM events WHERE source = 'mulesoft'") == 4
    told = httpx.get(
        f"{door.url}/metrics",
        headers={"authorization": door.access.own_authorization()},
        trust_env=False,
    ).text
    assert 'requests_total{code="429",path="/v1/traces"}' in told
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_HEADERS")
    refused = OTLPSpanExporter(endpoint=f"{door.url}/v1/traces").export([])
    assert refused is SpanExportResult.FAILURE
