"""The middleware says that it has mapped a billing event, as a span of the OpenTelemetry SDK.

It goes to http://127.0.0.1:4318, or to where OTEL_EXPORTER_OTLP_ENDPOINT says.
"""

from datetime import UTC, datetime

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def nanoseconds(text: str) -> int:
    """The sample happened in the past; a real integration leaves start and end to the SDK."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


provider = TracerProvider(resource=Resource.create({"service.name": "mulesoft"}))
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
tracer = provider.get_tracer("billing-sync")

span = tracer.start_span("map billing event", start_time=nanoseconds("2026-09-28T11:00:00"))
span.set_attribute("revtrace.object.type", "billing_event")
span.set_attribute("revtrace.object.id", "BE-77")
span.set_attribute("revtrace.action", "mapped")
span.set_attribute("revtrace.correlation_id", "corr-77")
span.end(end_time=nanoseconds("2026-09-28T11:00:02"))

provider.shutdown()
