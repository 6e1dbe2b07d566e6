"""The program's parts on a fresh database of the test run's engine, asked through the operations
that the commands run, and its collector listening.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from pydantic import SecretStr

from core.settings import Settings
from revtrace.operations import perform
from revtrace.wiring import App, build

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
READY_SECONDS = 20.0
Row = dict[str, Any]


@dataclass
class Warehouse:
    """One set of parts; asked by the names of the commands."""

    app: App

    def ask(self, operation: str, **params: Any) -> Row:
        """The document that the command would print with --json."""
        return perform(self.app, operation, params, lambda _: None)

    def take(self, file: Path, form: str, example: str) -> Row:
        """Import a file by the mapping of one of the shipped examples; what is told of it."""
        mapping = str(EXAMPLES / example / "mapping.toml")
        document = self.ask("load", files=[str(file)], format=form, mapping=mapping)
        (told,) = document["files"]
        found: Row = told
        return found

    def rows(self, sql: str, **params: Any) -> list[Row]:
        return self.app.store.rows(sql, params, readonly=True)

    def row(self, sql: str, **params: Any) -> Row:
        (found,) = self.rows(sql, **params)
        return found


@contextmanager
def warehouse(
    dsn: str, name: str, home: Path, config: Path, now: datetime | None = None
) -> Iterator[Warehouse]:
    """The parts with a config folder on database `name`, which is dropped in the end."""
    settings = Settings(home=home, warehouse=SecretStr(dsn), database=name, config=config, now=now)
    app = build(settings)
    try:
        yield Warehouse(app)
    finally:
        app.store.drop()
        app.close()


@contextmanager
def listening(app: App) -> Iterator[str]:
    """The collector's own application behind a port; its address."""
    app.open_writer()
    server = uvicorn.Server(
        uvicorn.Config(app.collector_application(), log_level="error", lifespan="on")
    )
    with socket.create_server(("127.0.0.1", 0)) as port:
        thread = threading.Thread(target=server.run, args=([port],), daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{port.getsockname()[1]}"
        _wait_until_ready(address)
        yield address
        server.should_exit = True
        thread.join(READY_SECONDS)


def _wait_until_ready(address: str) -> None:
    last = time.monotonic() + READY_SECONDS
    while time.monotonic() < last:
        with suppress(httpx.HTTPError):
            if httpx.get(f"{address}/readyz", trust_env=False).status_code == 200:
                return
        time.sleep(0.02)
    raise AssertionError("the collector does not answer")
