"""Arranges findings, a pipeline on a real store, and a webhook receiver on a real port."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from alerts.dispatch import Dispatcher, Patience
from alerts.finding import Finding, finding_of
from alerts.journal import Journal
from alerts.message import Writer
from alerts.notifier import Notification, Notifier
from alerts.pipeline import Limits, Parts, Pipeline
from alerts.rule import Rule
from alerts.runbook import Runbooks
from core.clock import Clock
from core.store import Store

NOON = datetime(2026, 9, 30, 12, 0, tzinfo=UTC)
ATTEMPTS_MAX = 4
HANG_SECONDS_MAX = 30


def row(**changes: Any) -> dict[str, Any]:
    """A row as lineage's reader returns it: an invoice whose mapping failed."""
    return {
        "finding_id": "f1",
        "kind": "failed_event",
        "subkind": "mapping",
        "class": "finance_critical",
        "severity": "critical",
        "status": "open",
        "object": "invoice/INV-1001",
        "process": "time_and_materials",
        "stage": "invoiced",
        "source": "netsuite-us",
        "legal_entity": "US01",
        "roots": 3,
        "root_sample": ["time_entry/TE-1", "time_entry/TE-2"],
        "amount": Decimal("12500.5000"),
        "currency": "USD",
        "first_seen": datetime(2026, 9, 30, 9, 0, tzinfo=UTC),
        "last_seen": datetime(2026, 9, 30, 9, 5, tzinfo=UTC),
        "clock_start": datetime(2026, 9, 29, 9, 0, tzinfo=UTC),
        "due_at": datetime(2026, 9, 30, 10, 30, tzinfo=UTC),
        "resolved_by": "",
        "evidence": ["e1", "e2"],
        "explanation": "no revenue account for service line ADV",
        "rule": "failed_event",
        "rule_version": "1",
        "runbook": "",
        **changes,
    }


def finding(**changes: Any) -> Finding:
    return finding_of(row(**changes))


def rule(**changes: Any) -> Rule:
    facts: dict[str, Any] = {"name": "all", "channels": ("tape",), "version": "v1", **changes}
    return Rule(**facts)


@dataclass
class Desk:
    """Findings that a test lays out and takes away."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def findings(self, now: datetime) -> list[dict[str, Any]]:
        return [dict(each) for each in self.rows]


class Crash(BaseException):
    """The process dies: nothing may catch this."""


@dataclass
class Tape:
    """A channel that records what arrived; `before` and `after` may raise around the arrival."""

    arrived: list[Notification] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)
    before: Callable[[Notification], None] = lambda notification: None
    after: Callable[[Notification], None] = lambda notification: None
    closed: bool = False

    def send(self, notification: Notification, attempt: int) -> None:
        self.before(notification)
        self.arrived.append(notification)
        self.attempts.append(attempt)
        self.after(notification)

    def close(self) -> None:
        self.closed = True

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(notification.body) for notification in self.arrived]

    def told(self) -> list[tuple[str, str, str]]:
        """Rule, finding and reason of each alert that arrived, in order."""
        return [
            (body["rule"], alert["finding_id"], alert["reason"])
            for body in self.bodies()
            for alert in body["alerts"]
        ]

    def reasons(self) -> list[str]:
        return [reason for _, _, reason in self.told()]


def pipeline(
    store: Store,
    desk: Any,
    clock: Clock,
    rules: Sequence[Rule] = (),
    notifiers: Mapping[str, Notifier] | None = None,
    *,
    attempts_max: int = ATTEMPTS_MAX,
    pending_max: int = 1000,
) -> Pipeline:
    """A pipeline as after a start: it knows only what is in the store."""
    channels = notifiers if notifiers is not None else {"tape": Tape()}
    journal = Journal(store)
    patience = Patience(attempts_max=attempts_max, wait_seconds=5, wait_seconds_max=60)
    parts = Parts(
        findings=desk,
        rules={each.name: each for each in rules or [rule()]},
        channels=frozenset(channels),
        writer=Writer("http://pages.example:8501", Runbooks()),
        journal=journal,
        dispatcher=Dispatcher(journal, channels, patience, clock),
        clock=clock,
    )
    return Pipeline(parts, Limits(pending_max=pending_max))


@dataclass
class Received:
    headers: dict[str, str]
    body: bytes


class Receiver:
    """A webhook receiver: answers with the statuses it is told, the last one again and again.

    The status 0 means that it never answers; a pair is a status and a Retry-After.
    """

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.answers: list[int | tuple[int, str]] = [204]
        self.asked = threading.Event()
        self.released = threading.Event()
        self.url = ""

    def next_answer(self) -> tuple[int, str]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, tuple) else (answer, "")


@contextmanager
def receiver() -> Iterator[Receiver]:
    desk = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            desk.requests.append(Received(headers, body))
            desk.asked.set()
            status, retry_after = desk.next_answer()
            if status == 0:
                desk.released.wait(HANG_SECONDS_MAX)
                self.close_connection = True
                return
            self.send_response(status)
            if retry_after:
                self.send_header("Retry-After", retry_after)
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    desk.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/T0K3N"
    try:
        yield desk
    finally:
        desk.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
