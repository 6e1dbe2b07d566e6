"""The edge of the HTTP application: faults, numbers and names of requests, readiness, metrics."""

import asyncio
import re
import threading
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from collector.delivery import Delivery
from collector.readiness import Readiness
from collector.writer import Answer, Writer
from core.errors import StoreUnavailable
from core.settings import HttpSettings
from tests.collector.arrange import body, event
from tests.collector.conftest import Listen, Listening

NDJSON = "application/x-ndjson"
EVENTS = "/v1/events"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


def metrics(listening: Listening) -> str:
    return httpx.get(f"{listening.url}/metrics", trust_env=False).text


def families(text: str) -> set[str]:
    return set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))


def test_every_metric_is_explained_and_no_other(listening: Listening) -> None:
    listening.post(EVENTS, body(event(), "{}"), NDJSON)
    written = re.findall(r"^\| `(revtrace_\w+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(families(metrics(listening))) == sorted(written)


def test_what_happens_is_counted(listening: Listening) -> None:
    for lines in (body(event(), event(), "{}", event(akshun="x")), body(event())):
        listening.post(EVENTS, lines, NDJSON)
    listening.post(EVENTS, b"{", NDJSON)
    listening.post("/elsewhere/at/random", b"", NDJSON)
    told = metrics(listening)
    for line in (
        'requests_total{code="200",path="/v1/events"} 2.0',
        'requests_total{code="400",path="/v1/events"} 1.0',
        'requests_total{code="404",path="other"} 1.0',
        'records_total{fate="stored"} 1.0',
        'records_total{fate="duplicates"} 2.0',
        'records_total{fate="quarantined"} 2.0',
        'quarantined_total{reason="missing"} 1.0',
        'quarantined_total{reason="unknown_key"} 1.0',
        "deliveries_total 2.0",
        "deliveries_refused_total 1.0",
        "commits_failed_total 0.0",
        "commit_records_sum 5.0",
        "queue_deliveries 0.0",
        "queue_bytes 0.0",
        "requests_served 0.0",
    ):
        assert f"revtrace_collector_{line}\n" in told, line
    assert 'request_duration_seconds_count{path="/v1/events"} 3.0' in told
    assert "elsewhere" not in told


def test_a_fault_inside_is_a_503_that_is_sent_again(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Delivery:
        raise ZeroDivisionError

    monkeypatch.setattr(Writer, "prepare", broken)
    answer = listening.post(EVENTS, body(event()), NDJSON)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert 'code="503",path="/v1/events"} 1.0' in metrics(listening)


def test_a_request_is_named_by_its_sender_or_by_us(listening: Listening) -> None:
    named = listening.post(EVENTS, body(event()), NDJSON, **{"x-request-id": "run-7:a"})
    assert named.headers["x-request-id"] == "run-7:a"
    first = listening.post(EVENTS, body(event()), NDJSON).headers["x-request-id"]
    rude = listening.post(EVENTS, body(event()), NDJSON, **{"x-request-id": "a b\tc"})
    assert rude.headers["x-request-id"] not in (first, "a b\tc")


def test_one_request_too_many_is_asked_to_come_again(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = listen(http=HttpSettings(concurrency_max=1))
    commit, begun, held = Writer.commit, threading.Event(), threading.Event()

    def slow(self: Writer, deliveries: Sequence[Delivery]) -> list[Answer]:
        begun.set()
        held.wait(10)
        return commit(self, deliveries)

    monkeypatch.setattr(Writer, "commit", slow)
    codes: list[int] = []
    first = threading.Thread(
        target=lambda: codes.append(narrow.post(EVENTS, body(event()), NDJSON).status_code)
    )
    first.start()
    assert begun.wait(10)
    refused = narrow.post(EVENTS, body(event()), NDJSON)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert "requests_served 1.0" in metrics(narrow)
    held.set()
    first.join(10)
    assert codes == [200]


class Spare:
    """A spool that deliveries go to."""

    spooling = True
    why = "it is drained"

    def __init__(self, has_room: bool) -> None:
        self._has_room = has_room

    def takes_without_warehouse(self) -> bool:
        return self._has_room

    def told(self) -> dict[str, int]:
        return {"deliveries": 1}


def test_readiness_says_what_is_wrong_and_hides_secrets() -> None:
    def away() -> None:
        raise StoreUnavailable("clickhouse://me:hunter2@host is away")

    async def asked() -> None:
        assert await Readiness(lambda: None).ask() == (
            True,
            {"status": "ready", "warehouse": "answers"},
        )
        ready, told = await Readiness(away).ask()
        assert (ready, told["status"], told["warehouse"]) == (False, "not ready", "away")
        assert "hunter2" not in told["why"]
        for has_room, status in ((True, "spooling"), (False, "not ready")):
            ready, told = await Readiness(away, Spare(has_room)).ask()
            assert (ready, told["status"], told["spool"]) == (has_room, status, {"deliveries": 1})
            # The warehouse is back, and what lies in the spool comes first.
            ready, told = await Readiness(lambda: None, Spare(has_room)).ask()
            assert (told["status"], told["why"]) == (status, "it is drained")

    asyncio.run(asked())


def test_many_who_ask_for_readiness_ask_the_warehouse_once() -> None:
    asked: list[int] = []

    async def all_at_once() -> None:
        readiness = Readiness(lambda: asked.append(1))
        await asyncio.gather(*(readiness.ask() for _ in range(50)))
        await readiness.ask()

    asyncio.run(all_at_once())
    assert asked == [1]
