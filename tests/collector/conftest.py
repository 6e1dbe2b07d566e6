"""A collector that listens, for tests that speak HTTP to it as real clients do."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn

from collector.access import Access
from collector.app import create_app
from collector.spooling import SpoolingQueue
from collector.tokens import TokenRegister
from collector.writer import Journal, Writer
from core.clock import Clock, SystemClock
from core.instrumentation import Instrumentation
from core.settings import AccessSettings, CollectorSettings, HttpSettings, Settings
from core.store import Store
from revtrace.protocol import bounded_protocol

READY_SECONDS = 10.0


@dataclass
class Listening:
    """A running collector: where it is, its store and its writer."""

    url: str
    warehouse: Store
    writer: Writer
    access: Access
    queue: SpoolingQueue
    stop: Callable[[], None]

    @property
    def store(self) -> Store:
        """The warehouse, once what was answered is visible in it."""
        self.writer.drain()
        return self.warehouse

    def post(self, path: str, content: bytes, kind: str, **headers: str) -> httpx.Response:
        """Send one body."""
        return httpx.post(
            f"{self.url}{path}",
            content=content,
            headers={"content-type": kind, **headers},
            timeout=60,
            trust_env=False,
        )


Listen = Callable[..., Listening]


@pytest.fixture
def listen(store: Store, tmp_path: Path) -> Iterator[Listen]:
    """Starts a collector on the test's store; settings may be given."""
    stops: list[Callable[[], None]] = []

    def start(
        http: HttpSettings | None = None,
        collector: CollectorSettings | None = None,
        on: Store | None = None,
        limits: AccessSettings | None = None,
        instrumentation: Instrumentation | None = None,
        clock: Clock | None = None,
    ) -> Listening:
        settings = Settings(
            home=tmp_path,
            http=http or HttpSettings(),
            collector=collector or CollectorSettings(),
            access=limits or AccessSettings(),
        )
        at = clock or SystemClock()
        writer = Writer(on or store, at, settings.collector, Journal(tmp_path))
        writer.open()
        access = Access(TokenRegister(on or store, at, 100), at, settings)
        app = create_app(writer, settings, access, instrumentation)
        protocol = bounded_protocol(settings.http)
        server = uvicorn.Server(
            uvicorn.Config(app, http=protocol, log_level="error", lifespan="on")
        )
        listening = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        until = time.monotonic() + READY_SECONDS
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)

        def stop() -> None:
            server.should_exit = True
            thread.join(READY_SECONDS)
            listening.close()

        stops.append(stop)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        return Listening(url, on or store, writer, access, app.state.door.queue, stop)

    yield start
    for stop in stops:
        stop()


@pytest.fixture
def listening(listen: Listen) -> Listening:
    """A collector with the settings it is shipped with."""
    return listen()
