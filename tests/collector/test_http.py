"""The front door: what is answered to good, bad, broken, huge and compressed bodies.
Never a 500.
"""

import gzip
import io
import json
import socket
import threading
import time
import zlib
from collections.abc import Iterator, Sequence

import cramjam
import httpx
import pytest
import zstandard

from collector.delivery import Delivery
from collector.writer import Answer, Writer
from core.errors import StoreUnavailable
from core.settings import CollectorSettings, HttpSettings
from tests.collector.arrange import body, event, stored
from tests.collector.conftest import Listen, Listening

NDJSON = "application/x-ndjson"
JSON = "application/json"
EVENTS = "/v1/events"


def counted(answer: httpx.Response) -> tuple[int, ...]:
    assert answer.status_code == 200, answer.text
    told = answer.json()
    names = ("received", "stored", "duplicates", "quarantined", "skipped")
    return tuple(told[name] for name in names)


def test_ndjson_array_and_single_object_are_the_same_events(listening: Listening) -> None:
    records = [event(), event(event_id="e2")]
    assert counted(listening.post(EVENTS, body(*records), NDJSON)) == (2, 2, 0, 0, 0)
    pretty = json.dumps(records, indent=2).encode()
    assert counted(listening.post(EVENTS, pretty, JSON)) == (2, 0, 2, 0, 0)
    single = json.dumps(records[0], indent=1).encode()
    assert counted(listening.post(EVENTS, single, f"{JSON}; charset=utf-8")) == (1, 0, 1, 0, 0)
    assert counted(listening.post(EVENTS, b"[]", JSON)) == (0, 0, 0, 0, 0)


def test_bad_records_are_quarantined_under_a_200_and_named(listening: Listening) -> None:
    records = [
        event(),
        event(money={"amount": 1.5, "currency": "USD"}),
        event(occurred_at="2026-09-30T12:00:00"),
        event(akshun="x"),
        event(outcome=True),
    ]
    answer = listening.post(EVENTS, json.dumps([*records, 7]).encode(), JSON)
    assert counted(answer) == (6, 1, 0, 5, 0)
    faults = answer.json()["faults"]
    wanted = [fault.pop("wanted", "")[:15] for fault in faults]
    assert wanted == ["an exact decima", "RFC 3339 with a", "", "one of ok, fail", ""]
    assert faults == [
        {"line": 2, "reason": "type", "field": "money.amount"},
        {"line": 3, "reason": "pattern", "field": "occurred_at"},
        {"line": 4, "reason": "unknown_key", "field": "akshun"},
        {"line": 5, "reason": "choice", "field": "outcome"},
        {"line": 6, "reason": "not_object", "field": ""},
    ]
    alone = listening.post(EVENTS, body(event(akshun="x")), NDJSON)
    assert counted(alone) == (1, 0, 0, 1, 0)


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (b"{broken", NDJSON, "line 1"),
        (b"", NDJSON, "empty"),
        (b"", JSON, "empty"),
        (b"[{]", JSON, "line 1"),
        (b"\n\n[1,", JSON, "no record"),
        (b"\xff\xfe\x00", JSON, "UTF-8"),
        (b"\x1f\x8b\x08", NDJSON, "line 1"),
        (b"7", JSON, "no object"),
        (b"[" * 100_000, JSON, "array"),
        (b'{"a":' * 100_000, NDJSON, "line 1"),
    ],
)
def test_a_body_without_any_record_is_a_400_that_says_where(
    listening: Listening, content: bytes, kind: str, says: str
) -> None:
    answer = listening.post(EVENTS, content, kind)
    assert answer.status_code == 400
    told = answer.json()
    assert says in f"{told['error']} {told.get('why', '')}"
    assert told["todo"]
    assert listening.store.value("SELECT count() FROM deliveries") == 0


def test_an_array_that_breaks_keeps_what_came_before(listening: Listening) -> None:
    broken = b"[" + body(event()) + b', {"event_id": "e2"'
    assert counted(listening.post(EVENTS, broken, JSON)) == (2, 1, 0, 1, 0)
    assert listening.store.value("SELECT reason FROM quarantine") == "not_json"


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "multipart/form-data"])
def test_other_content_types_are_a_415(listening: Listening, kind: str) -> None:
    assert listening.post(EVENTS, body(event()), kind).status_code == 415


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


def zstd_stream(content: bytes) -> bytes:
    made = io.BytesIO()
    with zstandard.ZstdCompressor().stream_writer(made, closefd=False) as writer:
        writer.write(content)
    return made.getvalue()


def snappy(content: bytes) -> bytes:
    return bytes(cramjam.snappy.compress_raw(content))


def snappy_framed(content: bytes) -> bytes:
    return bytes(cramjam.snappy.compress(content))


COMPRESSORS = [
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("zstd", zstd),
    ("zstd", zstd_stream),
    ("snappy", snappy),
    ("snappy", snappy_framed),
]


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSORS)
def test_compressed_bodies_are_undone_and_bombs_refused(
    listen: Listen, encoding: str, compress: object
) -> None:
    assert callable(compress)
    bounded = listen(http=HttpSettings(body_bytes_max=1_000_000))
    good = bounded.post(EVENTS, compress(body(event())), NDJSON, **{"content-encoding": encoding})
    assert counted(good) == (1, 1, 0, 0, 0)
    assert bounded.store.value("SELECT toString(body) FROM deliveries") == body(event()).decode()
    bomb = compress(b" " * 50_000_000)
    if len(bomb) < 1_000_000:
        answer = bounded.post(EVENTS, bomb, NDJSON, **{"content-encoding": encoding})
        assert answer.status_code == 413
    whole = compress(body(event()))
    for broken in (b"", b"nonsense", whole[:-5], whole[:-1], whole + whole[:-1]):
        answer = bounded.post(EVENTS, broken, NDJSON, **{"content-encoding": encoding})
        assert answer.status_code == 400, (broken, answer.text)


def test_unknown_encodings_are_a_415(listening: Listening) -> None:
    for encoding in ("br", "compress", "gzip, gzip"):
        answer = listening.post(EVENTS, b"x", NDJSON, **{"content-encoding": encoding})
        assert answer.status_code == 415


def test_large_bodies_are_a_413_whether_they_say_their_size_or_not(listen: Listen) -> None:
    bounded = listen(http=HttpSettings(body_bytes_max=100_000))
    assert bounded.post(EVENTS, b" " * 100_001, NDJSON).status_code == 413

    def chunks() -> Iterator[bytes]:
        for _ in range(1000):
            yield b" " * 10_000

    try:
        answer = httpx.post(
            bounded.url + EVENTS,
            content=chunks(),
            headers={"content-type": NDJSON},
            trust_env=False,
        )
        assert answer.status_code == 413
    except httpx.WriteError:
        # The connection was closed on a sender that went on after its answer.
        pass
    assert bounded.post(EVENTS, body(event()), NDJSON).status_code == 200


@pytest.mark.parametrize(("path", "status"), [(EVENTS, 408), ("/v1/logs", 503)])
def test_a_body_that_does_not_arrive_is_told_so_and_the_connection_closed(
    listen: Listen, path: str, status: int
) -> None:
    """OTLP clients drop what was answered 408, and repeat what was answered 503."""
    hasty = listen(http=HttpSettings(body_seconds=0.2))
    kind = NDJSON if path == EVENTS else JSON
    port = int(hasty.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\n"
        connection.sendall(f"{head}content-length: 100\r\n\r\n{{".encode())
        told = b"".join(iter(lambda: connection.recv(4096), b""))
    assert told.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"connection: close" in told.lower()


def test_a_full_queue_and_a_store_that_is_away_are_a_503_with_retry_after(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = listen(collector=CollectorSettings(queue_deliveries_max=0))
    answer = full.post(EVENTS, body(event()), NDJSON)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")

    def away(*_: object) -> list[object]:
        raise StoreUnavailable("the warehouse is away", retry_after_seconds=7)

    there = listen(collector=CollectorSettings(spool_deliveries_max=0))
    monkeypatch.setattr(Writer, "commit", away)
    answer = there.post(EVENTS, body(event()), NDJSON)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    otlp = there.post("/v1/logs", b"", "application/x-protobuf")
    assert (otlp.status_code, otlp.headers["retry-after"]) == (503, "7")


def test_a_fault_of_ours_is_a_503_not_a_500(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[object]:
        raise ZeroDivisionError

    monkeypatch.setattr(Writer, "commit", broken)
    listening = listen(collector=CollectorSettings(spool_deliveries_max=0))
    assert listening.post(EVENTS, body(event()), NDJSON).status_code == 503


def test_a_sender_who_gives_up_waiting_does_not_end_the_commits(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = listen(collector=CollectorSettings(commit_timeout_seconds=0.2))
    commit, held = Writer.commit, threading.Event()

    def late(self: Writer, deliveries: Sequence[Delivery]) -> list[Answer]:
        held.wait(10)
        return commit(self, deliveries)

    monkeypatch.setattr(Writer, "commit", late)
    assert slow.post(EVENTS, body(event()), NDJSON).status_code == 503
    held.set()
    until = time.monotonic() + 10
    answer = slow.post(EVENTS, body(event()), NDJSON)
    while answer.status_code == 503 and time.monotonic() < until:
        answer = slow.post(EVENTS, body(event()), NDJSON)
    assert counted(answer) == (1, 0, 1, 0, 0)


def test_many_senders_share_commits(listening: Listening) -> None:
    answers: list[tuple[int, ...]] = []

    def send(number: int) -> None:
        for place in range(5):
            one = body(event(event_id=f"{number}-{place}"), event(event_id="shared"))
            answers.append(counted(listening.post(EVENTS, one, NDJSON)))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answer[1] for answer in answers) == 41
    assert sum(answer[2] for answer in answers) == 39
    assert len(stored(listening.store)) == 41
    assert listening.store.value("SELECT count() FROM batches") < 40
    assert listening.writer.check_identity() == []


def test_health_and_counters(listening: Listening) -> None:
    listening.post(EVENTS, body(event(), event(), "{"), NDJSON)
    for path in ("/healthz", "/readyz"):
        assert httpx.get(listening.url + path, trust_env=False).status_code == 200
    text = httpx.get(listening.url + "/metrics", trust_env=False).text
    assert 'revtrace_collector_records_total{fate="stored"} 1' in text
    assert 'revtrace_collector_records_total{fate="quarantined"} 1' in text
    assert 'revtrace_collector_requests_total{code="200",path="/v1/events"} 1' in text


def test_the_bare_address_says_where_to_go(listening: Listening) -> None:
    told = httpx.get(listening.url + "/", trust_env=False).json()
    assert EVENTS in told["send"]
    assert told["dashboards"] == "http://127.0.0.1:8501"


def test_the_description_carries_the_schema_of_an_event(listening: Listening) -> None:
    told = httpx.get(listening.url + "/openapi.json", trust_env=False).json()
    media = told["paths"]["/v1/events"]["post"]["requestBody"]["content"]
    assert media["application/json"]["schema"]["oneOf"][0]["required"] == [
        "occurred_at",
        "source",
        "object",
        "action",
    ]


def test_garbage_never_makes_a_500(listening: Listening) -> None:
    import random

    chance = random.Random(7)
    kinds = [NDJSON, JSON, "application/x-protobuf"]
    for _ in range(60):
        content = chance.randbytes(chance.randrange(200))
        kind = chance.choice(kinds)
        path = chance.choice([EVENTS, "/v1/logs", "/v1/traces"])
        if chance.random() < 0.3:
            content = zlib.compress(content)
        status = listening.post(path, content, kind).status_code
        assert status in (200, 400, 415), (path, kind, content, status)
