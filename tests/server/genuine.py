"""Start, kill and restart the genuine ClickHouse server of the tests, and name its accounts."""

import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

HERE = Path(__file__).parent
LIBRARY = HERE.parent / "npm" / "node_modules" / "@chdb" / "lib-linux-x64-gnu" / "libchdb.so"
WRITER, WRITER_PASSWORD = "writer", "writes-in-tests"
READER, READER_PASSWORD = "reader", "reads-in-tests"
START_SECONDS_MAX = 30.0


class ServerMissing(Exception):
    """The library of the genuine server is not installed."""


@dataclass
class GenuineServer:
    """One server on loopback with a folder of its own; a restart keeps its data and ports."""

    folder: Path
    http_port: int = field(default_factory=lambda: free_port())
    tcp_port: int = field(default_factory=lambda: free_port())
    _process: "subprocess.Popen[bytes] | None" = None

    def dsn(self, user: str = WRITER, password: str = WRITER_PASSWORD) -> str:
        """Return a DSN for one of the accounts, or for a wrong one."""
        return f"clickhouse://{user}:{password}@127.0.0.1:{self.http_port}"

    def reader_dsn(self) -> str:
        """Return the DSN of the account that may only read."""
        return self.dsn(READER, READER_PASSWORD)

    def start(self) -> None:
        """Start and wait for an answer; raises ServerMissing, or RuntimeError with the log."""
        if not LIBRARY.exists():
            raise ServerMissing(
                f"{LIBRARY.name} is missing: run `make test`, or `npm ci --prefix tests/npm`"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        ports = [self.http_port, self.tcp_port]
        arguments = [LIBRARY, *ports, self.folder / "data", self._config()]
        with self._log().open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, HERE / "clickhouse_server.py", *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait()

    def kill(self) -> None:
        """End the server at once, as a power cut would; safe to call twice."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def answers(self) -> bool:
        """Say whether the server answers on HTTP."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.http_port}/ping", timeout=1).text == "Ok.\n"
        except httpx.HTTPError:
            return False

    def _wait(self) -> None:
        assert self._process is not None
        last = time.monotonic() + START_SECONDS_MAX
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > last:
                self.kill()
                tail = self._log().read_text(errors="replace")[-2000:]
                raise RuntimeError(f"the ClickHouse server of the tests did not start:\n{tail}")
            time.sleep(0.05)

    def _config(self) -> Path:
        users = self.folder / "users.xml"
        users.write_text(
            (HERE / "users.xml")
            .read_text()
            .format(writer_password=WRITER_PASSWORD, reader_password=READER_PASSWORD)
        )
        config = self.folder / "config.xml"
        config.write_text((HERE / "config.xml").read_text().format(users=users))
        return config

    def _log(self) -> Path:
        return self.folder / "server.log"


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
