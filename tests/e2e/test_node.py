"""The clients of Node.js against the real service: every OTLP exporter, the CloudEvents SDK, and
all of them together with those of Python while the warehouse is away.
"""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter

from core.store import Store
from tests import node
from tests.e2e.events import NOW
from tests.e2e.service import Home, Service, until
from tests.server.genuine import GenuineServer

# Protocol, compression, and the size of an attribute that nobody asked for.
EXPORTERS = {
    "A": ("http/json", "gzip", 0),
    "B": ("http/protobuf", "none", 1_000_000),
    "C": ("grpc", "gzip", 1_000_000),
    "D": ("grpc", "none", 0),
}
STAGES = ("approved", "billed", "mapped", "invoiced", "posted")


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Service]]:
    home = Home(tmp_path_factory.mktemp("node"))
    with home.start("up") as service:
        yield home, service


def test_every_exporter_tells_a_whole_path(up: tuple[Home, Service]) -> None:
    home, service = up
    before = home.ask("status")["identity"]
    for name, (protocol, compression, padding) in EXPORTERS.items():
        address = service.told["grpc" if protocol == "grpc" else "collector"]
        sent = node.otlp(
            protocol, address, name, compression=compression, padding=padding, broken=True
        )
        traces, logs = node.run(*sent)
        assert (traces["code"], logs["code"], logs["warned"]) == (0, 0, []), protocol
        # Whether it was judged before the answer, or is large and was not.
        (warned,) = traces["warned"]
        assert "record 1: revtrace.action: a required field is missing" in warned
        assert ("1 of 6 records are kept" in warned) == (padding == 0)
    # Telemetry is visible a moment after its answer.
    grown = {"received": 32, "stored": 20, "skipped": 8, "quarantined": 4}
    after = {each: before[each] + count for each, count in grown.items()}
    until(home, "status", holds=lambda told: told["identity"].items() >= after.items())
    assert home.ask("status")["identity"]["holds"]
    for name in EXPORTERS:
        root = f"time_entry/TE-{name}"
        path = until(home, "trace", root, "--now", NOW, holds=_is_complete)
        stages = {stage["name"]: stage["objects"] for stage in path["stages"]}
        assert set(STAGES) <= set(stages)
        # Joined by the links of the spans, which name a trace each, and by the link of the record.
        assert stages["billed"] == [f"billing_event/BE-{name}"]
        assert stages["invoiced"] == [f"invoice/INV-{name}"]
        assert stages["posted"] == [f"journal_posting/JP-{name}"]
        assert path["amount"] == "120.50"


def _is_complete(path: dict[str, Any]) -> bool:
    return bool(path.get("state") == "complete")


def test_the_cloudevents_sdk_is_taken_in_every_mode(up: tuple[Home, Service]) -> None:
    home, service = up
    url = f"{service.told['collector']}/v1/events"
    structured, binary, batch, chunked = node.run("send_cloudevents.mjs", url, "N")
    assert (structured["stored"], binary["stored"]) == (1, 1)
    assert (batch["received"], batch["stored"], batch["duplicates"]) == (3, 2, 1)
    assert (chunked["received"], chunked["duplicates"]) == (1, 1)
    assert [each["quarantined"] for each in (structured, binary, batch, chunked)] == [0] * 4
    root = "time_entry/TE-N-2"
    path = until(home, "trace", root, "--now", NOW, holds=lambda one: one.get("stages"))
    assert (path["amount"], path["currency"], path["contract"]) == ("80.00", "EUR", "Café-7")
    (told,) = path["stages"][0]["events"]
    assert (told["event_id"], told["source"]) == ("N-2", "psa")
    assert (told["action"], told["correlation_id"]) == ("approved", "corr-N")


def test_a_refusal_over_grpc_stands_in_the_headers(up: tuple[Home, Service]) -> None:
    """The exporter of Java looks for the status nowhere else when it decides to come again."""
    address = up[1].told["grpc"]
    path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
    refused = node.run("raw_grpc.mjs", address, path, "0affff")
    assert refused["headers"]["grpc-status"] == "3"
    assert refused["trailers"] == {}
    taken = node.run("raw_grpc.mjs", address, path, "")
    assert taken["trailers"]["grpc-status"] == "0"


def test_exporters_wait_for_a_warehouse_that_is_away(server: GenuineServer, tmp_path: Path) -> None:
    """Whether the collector asks them to come again or keeps it meanwhile: all of it, once."""
    database = f"node_{os.getpid()}"
    home = Home(tmp_path, {"REVTRACE_WAREHOUSE": server.dsn(), "REVTRACE_DATABASE": database})
    with home.start("collect") as collect:
        server.kill()
        address, grpc = collect.told["collector"], collect.told["grpc"]
        nodes = [
            node.start(*node.otlp("http/json", address, "J", timeoutMillis=60_000)),
            node.start(*node.otlp("http/protobuf", address, "P", timeoutMillis=60_000)),
        ]
        exporters: list[SpanExporter] = [
            HttpExporter(endpoint=f"{address}/v1/traces", timeout=60),
            GrpcExporter(endpoint=grpc, timeout=60, insecure=True),
        ]
        pythons = [
            threading.Thread(target=_one_span, args=(exporter, f"INV-{number}"))
            for number, exporter in enumerate(exporters)
        ]
        for thread in pythons:
            thread.start()
        _until_answered(address)
        server.start()
        told = [node.told(each) for each in nodes]
        for thread in pythons:
            thread.join(90)
        assert [[one["code"] for one in each] for each in told] == [[0, 0], [0, 0]]
        identity = until(home, "status", holds=lambda one: one["identity"]["stored"] == 12)
        assert identity["identity"]["holds"]
        collect.stop()
    store = Store.open(server.dsn(), database=database)
    objects = store.rows("SELECT object_id, count() AS times FROM events GROUP BY object_id")
    store.drop()
    store.close()
    whole = {f"{kind}-{name}": 1 for name in "JP" for kind in ("TE", "INV", "JP")}
    whole |= {"BE-J": 2, "BE-P": 2, "INV-0": 1, "INV-1": 1}
    assert {row["object_id"]: row["times"] for row in objects} == whole


def _one_span(exporter: SpanExporter, key: str) -> None:
    provider = TracerProvider(
        resource=Resource.create({"service.name": "mulesoft"}), shutdown_on_exit=False
    )
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    named = {"object.type": "invoice", "object.id": key, "action": "posted"}
    attributes = {f"revtrace.{name}": text for name, text in named.items()}
    with provider.get_tracer("x").start_as_current_span("post", attributes=attributes):
        pass
    provider.shutdown()


def _until_answered(address: str) -> None:
    """Wait until a sender of each protocol was answered while the warehouse was away."""
    missing = {"/v1/traces", "TraceService/Export"}
    with httpx.Client(trust_env=False, timeout=30) as client:
        for _ in range(600):
            counted = client.get(f"{address}/metrics").text
            lines = [line for line in counted.splitlines() if "requests_total{" in line]
            missing = {path for path in missing if not any(path in line for line in lines)}
            if not missing:
                return
            threading.Event().wait(0.1)
    raise AssertionError(json.dumps(sorted(missing)))
