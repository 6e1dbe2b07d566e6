"""A billing told by the OpenTelemetry SDK's own exporters: spans and logs of three services, each
with a trace of its own, joined by span links alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, Status, StatusCode

# Nothing is sent by itself: a test says who is heard first.
NEVER_MILLISECONDS = 600_000
MONEY = {"revtrace.money.amount": "1200.00", "revtrace.money.currency": "USD"}
MORE = {"revtrace.context.legal_entity": "US01", "revtrace.context.contract": "C-7"}
Attributes = dict[str, str]


def hour(clock: int) -> int:
    """An hour of one working day, as OpenTelemetry counts time."""
    return int(datetime(2025, 9, 16, clock, tzinfo=UTC).timestamp()) * 10**9


def about(kind: str, key: str, action: str, **more: str) -> Attributes:
    named = {"object.type": kind, "object.id": key, "action": action, **more}
    return {f"revtrace.{name}": text for name, text in named.items()} | MORE


class Sender:
    """One service with the SDK's exporters, pointed at a collector."""

    def __init__(self, address: str, service: str) -> None:
        resource = Resource.create({"service.name": service})
        self._spans = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{address}/v1/traces")
        self._spans.add_span_processor(
            BatchSpanProcessor(exporter, schedule_delay_millis=NEVER_MILLISECONDS)
        )
        self._logs = LoggerProvider(resource=resource, shutdown_on_exit=False)
        logs = OTLPLogExporter(endpoint=f"{address}/v1/logs")
        self._logs.add_log_record_processor(
            BatchLogRecordProcessor(logs, schedule_delay_millis=NEVER_MILLISECONDS)
        )

    def span(
        self, clock: int, attributes: Attributes, *made_from: SpanContext, failed: str = ""
    ) -> SpanContext:
        """End a span at that hour; what it can be linked to by."""
        span = self._spans.get_tracer("real").start_span(
            "work",
            attributes=attributes,
            links=[Link(each) for each in made_from],
            start_time=hour(clock) - 10**9,
        )
        if failed:
            span.set_status(Status(StatusCode.ERROR, failed))
        span.end(hour(clock))
        return span.get_span_context()

    def log(self, clock: int, attributes: Attributes) -> None:
        self._logs.get_logger("real").emit(
            LogRecord(
                timestamp=hour(clock),
                severity_number=SeverityNumber.INFO,
                body="done",
                attributes=attributes,
            )
        )

    def flush(self) -> None:
        """Send what is waiting; fails when the collector did not take it."""
        assert self._spans.force_flush()
        assert self._logs.force_flush()

    def close(self) -> None:
        self._spans.shutdown()
        self._logs.shutdown()


@contextmanager
def senders(address: str, *services: str) -> Iterator[list[Sender]]:
    """Services that send to this collector."""
    made = [Sender(address, service) for service in services]
    try:
        yield made
    finally:
        for each in made:
            each.close()
