"""The OTLP/gRPC receiver as tests run it, and calls to it."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.rpc.status_pb2 import Status

from collector.access import Access
from collector.budget import ByteBudget
from collector.commits import CommitQueue
from collector.measures import Measures
from collector.receivers.door import Door
from collector.receivers.otlp_grpc import GrpcReceiver
from collector.writer import Writer
from core.clock import SystemClock
from core.instrumentation import Instrumentation
from core.settings import CollectorSettings, GrpcSettings, HttpSettings, Settings
from core.store import Store

LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
METRICS = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"


@dataclass
class Called:
    """A running receiver, and calls to it."""

    port: int
    warehouse: Store
    writer: Writer
    observed: Instrumentation
    budget: ByteBudget

    @property
    def store(self) -> Store:
        """The warehouse, once what was answered is visible in it."""
        self.writer.drain()
        return self.warehouse

    def export(self, path: str, body: bytes, **options: Any) -> bytes:
        # Else all channels of this process would share one connection.
        own = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(f"127.0.0.1:{self.port}", own) as channel:
            call = channel.unary_unary(path)
            answer: bytes = call(body, timeout=30, **options)
            return answer

    def refused(self, path: str, body: bytes, **options: Any) -> tuple[grpc.StatusCode, Status]:
        with pytest.raises(grpc.RpcError) as caught:
            self.export(path, body, **options)
        error = caught.value
        assert isinstance(error, grpc.Call)
        details = dict(error.trailing_metadata() or ())
        status = Status.FromString(details.get("grpc-status-details-bin", b""))
        assert error.details()
        return error.code(), status


Serve = Callable[..., Called]
Pem = tuple[bytes, bytes] | None


class Loop:
    """An event loop in a thread, as the service has one."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


def receivers(store: Store) -> Iterator[Serve]:
    """Start receivers on a store, with their settings, the bytes that all calls may hold, and the
    certificate with its key.
    """
    loop = Loop()
    stops: list[Callable[[], object]] = []

    def start(
        settings: GrpcSettings | None = None,
        budget: int = 0,
        tls: tuple[bytes, bytes] | None = None,
    ) -> Called:
        found = CollectorSettings()
        writer = Writer(store, SystemClock(), found)
        writer.open()
        observed = Instrumentation()
        measures = Measures(observed.meter("collector"))
        queue = CommitQueue(writer, found, measures)
        queue.start()
        access = Access(None, SystemClock(), Settings())
        bodies = ByteBudget(budget or found.bodies_bytes_max, measures.body_refused)
        door = Door(writer, queue, measures, HttpSettings(), found, access, bodies)
        receiver = GrpcReceiver(door, settings or GrpcSettings(), tls)
        port = loop.run(receiver.start(0))
        stops.append(lambda: (loop.run(receiver.stop(5)), queue.stop()))
        return Called(port, store, writer, observed, bodies)

    yield start
    for stop in stops:
        stop()
    loop.close()
