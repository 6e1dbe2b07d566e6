"""Runs revtrace's services and commands as processes, in a home of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 5.0
WAIT_SECONDS_MAX = 60.0
PROGRAM = [sys.executable, "-m", "revtrace.cli"]


@dataclass
class Home:
    """Where services and commands run, and with which settings."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if "REVTRACE" not in name}
        ours = {
            "REVTRACE_HOME": str(self.folder / "home"),
            "REVTRACE_HTTP__PORT": "0",
            "REVTRACE_GRPC__PORT": "0",
            "REVTRACE_DASHBOARDS__PORT": "0",
            "REVTRACE_LINEAGE__REFRESH_EVERY_SECONDS": "0.2",
        }
        return plain | ours | self.settings

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one command to its end."""
        return subprocess.run(
            [*PROGRAM, *arguments],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=120,
        )

    def ask(self, *arguments: str) -> dict[str, Any]:
        """Run one command with --json and return its document."""
        ended = self.run(*arguments, "--json")
        assert ended.returncode in (0, 1), ended.stderr
        document: dict[str, Any] = json.loads(ended.stdout)
        return document

    def start(self, *arguments: str) -> "Service":
        """Start a service and wait until it says that it is ready."""
        return Service(self, arguments)


class Service:
    """A running service; a context manager that kills what is left of it."""

    def __init__(self, home: Home, arguments: tuple[str, ...]) -> None:
        self.log = home.folder / f"{arguments[0]}.log"
        begun = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*PROGRAM, *arguments, "--json"],
                cwd=home.folder,
                env=home.environment(),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.seconds_to_start = time.monotonic() - begun
        if not line:
            self.__exit__()
            raise AssertionError(f"{arguments} did not start:\n{self.log.read_text()[-4000:]}")
        self.told: dict[str, Any] = json.loads(line)
        assert self.told["ready"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def post(self, lines: bytes) -> httpx.Response:
        """Send event lines through the front door."""
        return httpx.post(
            f"{self.told['collector']}/v1/events",
            content=lines,
            headers={"content-type": "application/x-ndjson"},
            timeout=60,
        )

    def ready(self) -> dict[str, Any]:
        """What its collector says of itself."""
        told: dict[str, Any] = httpx.get(f"{self.told['collector']}/readyz", timeout=30).json()
        return told

    def stop(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Ask it to stop and return how long that took; fails when it takes too long."""
        begun = time.monotonic()
        self.process.send_signal(how)
        assert self.process.wait(STOP_SECONDS_MAX) == 0, self.log.read_text()[-4000:]
        return time.monotonic() - begun

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def until(home: Home, *arguments: str, holds: Any) -> dict[str, Any]:
    """Ask again until the document is as wanted; fails with the last one."""
    last = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        ended = home.run(*arguments, "--json")
        document: dict[str, Any] = {"error": ended.stderr}
        with suppress(ValueError):
            document = json.loads(ended.stdout)
        if "error" not in document and holds(document):
            return document
        assert time.monotonic() < last, document
        time.sleep(0.2)
