"""A collector that exports its own traces and metrics to a receiver in the same process, as a
process of its own: `python -m tests.collector.traced FOLDER` says whether they are as they should.
"""

import gzip
import http.server
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.app import create_app
from collector.writer import Writer
from core.clock import SystemClock
from core.instrumentation import Instrumentation
from core.settings import Settings
from core.store import Store
from core.telemetry import configure_logging
from tests.collector.arrange import body, event

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes OTLP and keeps it."""

    spans: list[Span] = []
    metrics: set[str] = set()

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        if self.path == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(content).resource_spans:
                for scope in resource.scope_spans:
                    self.spans.extend(scope.spans)
        else:
            for group in ExportMetricsServiceRequest.FromString(content).resource_metrics:
                for scope_metrics in group.scope_metrics:
                    self.metrics.update(metric.name for metric in scope_metrics.metrics)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main(folder: str) -> None:
    """Send traced requests, and look at what was exported of them."""
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{receiver.server_port}"
    log = open(f"{folder}.log", "w+", encoding="utf-8")  # noqa: SIM115
    configure_logging("debug", "json", log)
    store = Store.open(f"chdb://{folder}", database="traced")
    store.migrate()
    settings = Settings()
    writer = Writer(store, SystemClock(), settings.collector)
    observed = Instrumentation(own_doors=[("127.0.0.1", 4318)], spans_per_second=0.001)
    kind = {"content-type": "application/x-ndjson"}
    with serving(create_app(writer, settings, None, observed)) as client:
        traced = kind | {"traceparent": f"00-{TRACE}-{PARENT}-01", "x-request-id": "run-7"}
        assert client.post("/v1/events", content=body(event()), headers=traced).status_code == 200
        unsampled = kind | {"traceparent": f"00-{'1' * 32}-{PARENT}-00"}
        client.post("/v1/events", content=body(event()), headers=unsampled)
        for _ in range(5):
            client.post("/v1/events", content=b"{", headers=kind)
    store.close()
    look(Receiver.spans)
    assert "revtrace.collector.requests" in Receiver.metrics, Receiver.metrics
    log.seek(0)
    look_at_log([json.loads(line) for line in log if '"logger": "revtrace' in line])
    sys.stdout.write("as it should be\n")


@contextmanager
def serving(app: FastAPI) -> Iterator[httpx.Client]:
    """A client of the application, served on a port of its own."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        yield client
    server.should_exit = True
    thread.join(10)
    listening.close()


def look(spans: list[Span]) -> None:
    """Request, commit and statements are one trace, under the sender's own span."""
    names = [span.name for span in spans]
    assert names.count("POST /v1/events") == 1, names
    ours = [span for span in spans if span.trace_id.hex() == TRACE]
    request = next(span for span in ours if span.name == "POST /v1/events")
    commit = next(span for span in ours if span.name == "commit")
    assert request.parent_span_id.hex() == PARENT
    assert commit.parent_span_id == request.span_id
    told: dict[str, Any] = {each.key: each.value for each in request.attributes}
    assert told["http.route"].string_value == "/v1/events"
    assert told["http.response.status_code"].int_value == 200
    # What is derived is written behind the commit, in a span under its own.
    write = next(span for span in ours if span.name == "write")
    assert write.parent_span_id == commit.span_id
    kept = [span for span in ours if span.parent_span_id == commit.span_id and span != write]
    derived = [span for span in ours if span.parent_span_id == write.span_id]
    assert "INSERT deliveries" in {span.name for span in kept}
    assert {"INSERT events", "INSERT batches"} <= {span.name for span in derived}
    statements = kept + derived
    for span in statements:
        attributes = {each.key: each.value.string_value for each in span.attributes}
        assert attributes["db.system.name"] == "clickhouse"
        assert attributes["db.operation.name"] in span.name
        # Neither the text of a statement nor its values are told.
        assert not any("INV-1" in value for value in attributes.values())


def look_at_log(lines: list[dict[str, Any]]) -> None:
    """Every line has what it must have, and the ids that are known."""
    for line in lines:
        assert {"time", "level", "logger", "message"} <= line.keys(), line
    answered = [line for line in lines if line["message"] == "answered"]
    assert len(answered) == 7
    first = answered[0]
    assert (first["request_id"], first["code"], first["path"]) == ("run-7", 200, "/v1/events")
    assert first["trace_id"] == TRACE
    assert len(first["delivery"]) == 32
    logging.shutdown()


if __name__ == "__main__":
    main(sys.argv[1])
