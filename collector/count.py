"""How many records a delivery has, where that is known without the engine."""

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.delivery import OTLP_LOGS, OTLP_TRACES, Delivery
from collector.otlp import read_request
from core.errors import BadInput

# Parsing more than this to count it would hold up those who wait behind it.
OTLP_BYTES_MAX = 8 * 1024**2


def count_records(delivery: Delivery) -> int | None:
    """Return the number of records as its closing will have it, None where only the engine can
    tell.
    """
    payload = delivery.body if delivery.payload is None else delivery.payload
    if delivery.protocol not in (OTLP_LOGS, OTLP_TRACES):
        return sum(1 for line in payload.split(b"\n") if line.strip(b" \t\r"))
    if len(payload) > OTLP_BYTES_MAX:
        return None
    try:
        request = read_request(delivery.protocol, payload)
    except BadInput:
        return None
    if isinstance(request, ExportLogsServiceRequest):
        logs = (scope for resource in request.resource_logs for scope in resource.scope_logs)
        return sum(len(scope.log_records) for scope in logs)
    assert isinstance(request, ExportTraceServiceRequest)
    spans = (scope for resource in request.resource_spans for scope in resource.scope_spans)
    return sum(len(scope.spans) for scope in spans)
