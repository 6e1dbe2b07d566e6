"""The sample quarter as the pages see it, what an independent model says of it, and a server."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from alerts.reader import Reader
from collector.delivery import Delivery
from core.settings import Settings, load_settings
from dashboards.server import asgi_app
from revtrace.wiring import App, build
from tests.model.paths import PathModel
from tests.revtrace.simulate.quarter_files import NOW, QuarterFiles, written
from tests.revtrace.simulate.test_answer_key import judged

# Big enough that every state and three currencies occur, small enough to be made in seconds.
SCALE = 0.2
BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
BROWSER_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@dataclass
class Sample:
    """The warehouse with the sample quarter, and the files that it was made from."""

    app: App
    files: QuarterFiles

    @property
    def alerts(self) -> Reader:
        return Reader(self.app.store, self.app.rules, self.app.runbooks)

    @cached_property
    def model(self) -> dict[str, PathModel]:
        """Every path as the slow model tells it: no SQL and nothing of the engine."""
        return judged(self.files)

    def paths(self, keep: Callable[[PathModel], bool]) -> list[PathModel]:
        return [path for path in self.model.values() if keep(path)]

    def amounts(self, keep: Callable[[PathModel], bool]) -> dict[str, Decimal]:
        """The money of some paths by currency, less what memos took off."""
        totals: dict[str, Decimal] = {}
        for path in self.paths(keep):
            if path.amount is not None and path.credited is not None:
                net = path.amount - path.credited
                totals[path.currency] = totals.get(path.currency, Decimal(0)) + net
        return totals


def sample_quarter(dsn: str, folder: Path) -> Sample:
    """Simulate a quarter, admit its lines and trace them."""
    files = written(folder, scale=SCALE)
    settings = load_settings(
        warehouse=dsn,
        database="sample_quarter",
        home=folder / "home",
        config=folder / "config",
        now=NOW,
    )
    app = build(settings)
    app.open(migrate=True)
    app.open_writer()
    body = (folder / "events.ndjson").read_bytes()
    app.writer.commit([Delivery(body=body, content_type="application/x-ndjson")])
    app.wheel.run_until_idle()
    return Sample(app, files)


@dataclass
class Served:
    """Where the pages are."""

    url: str


@contextmanager
def serve(settings: Settings) -> Iterator[Served]:
    """Serve the pages from a thread, as the one process serves them from its loop."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        config = uvicorn.Config(asgi_app(settings), log_level="error", ws="auto")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{door.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join(timeout=20)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's own Chromium, which never talks to anybody but us."""
    found = next((path for path in BROWSERS if Path(path).exists()), None)
    assert found, "install Chromium: make browser"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=BROWSER_ARGS)
        try:
            yield browser
        finally:
            browser.close()


def stuck(path: PathModel) -> bool:
    return path.state in ("failed", "overdue")


def days(number: float) -> timedelta:
    return timedelta(days=number)
