"""The edge under whatever may come: every answer is one that is described, and none is a 5xx but
503; memory stays bounded.
"""

import gzip
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import cramjam
import httpx
import pytest
import schemathesis
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from schemathesis.python.asgi import shutdown_lifespans
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from collector.app import create_app
from collector.writer import Writer
from core.clock import SystemClock
from core.settings import Settings
from core.store import Store
from tests.collector.arrange import event
from tests.collector.conftest import Listening

ROOT = Path(__file__).resolve().parents[2]
QUICK = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
PACKED_BYTES_MAX = 64 * 1024**2
PEAK_BYTES_MAX = 1024**3
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PATHS = ("/v1/events", "/v1/logs", "/v1/traces")
KINDS = (
    "application/json",
    "application/x-protobuf",
    "application/x-ndjson",
    "application/cloudevents+json",
    "text/plain",
    "",
)
ENCODERS = {
    "": lambda content: content,
    "gzip": gzip.compress,
    "zstd": lambda content: zstandard.ZstdCompressor().compress(content),
    "snappy": lambda content: bytes(cramjam.snappy.compress_raw(content)),
    "x-snappy-framed": lambda content: bytes(cramjam.snappy.compress(content)),
}


@pytest.fixture
def described(store: Store) -> Iterator[Any]:
    """The description of a running application, in this very process."""
    writer = Writer(store, SystemClock())
    writer.open()
    # schemathesis starts it with the first request, and would keep it to the end of the process.
    yield schemathesis.openapi.from_asgi("/openapi.json", create_app(writer, Settings()))
    shutdown_lifespans()


@schemathesis.serializer("application/x-ndjson", "application/x-protobuf")
def as_bytes(_: object, value: object) -> bytes:
    """What is sent under a type that schemathesis does not know how to write."""
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


def test_every_answer_is_as_the_description_says(described: Any) -> None:
    asked = []
    for found in described.get_all_operations():
        operation = found.ok()
        asked.append(operation.label)

        @given(case=operation.as_strategy())
        @QUICK
        def holds(case: Any) -> None:
            answer = case.call()
            assert answer.status_code < 500 or answer.status_code == 503, answer.text
            case.validate_response(answer, checks=CHECKS)

        holds()
    assert {f"POST {path}" for path in PATHS} <= set(asked)


def codes(listening: Listening) -> dict[str, set[int]]:
    """The statuses that the description names, by path."""
    paths = httpx.get(f"{listening.url}/openapi.json", trust_env=False).json()["paths"]
    return {path: {int(code) for code in paths[path]["post"]["responses"]} for path in PATHS}


bodies = some.one_of(
    some.binary(max_size=400),
    some.recursive(
        some.none()
        | some.booleans()
        | some.integers()
        | some.floats()
        | some.text(max_size=8)
        | some.just(10**400),
        lambda inner: (
            some.lists(inner, max_size=4)
            | some.dictionaries(
                some.sampled_from(
                    ["resourceLogs", "scopeLogs", "logRecords", "resourceSpans", "scopeSpans"]
                    + ["spans", "resource", "attributes", "key", "value", "stringValue"]
                    + ["intValue", "arrayValue", "kvlistValue", "timeUnixNano", "links"]
                    + ["object", "money", "occurred_at", "source"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    ).map(lambda value: json.dumps(value).encode()),
)


@given(
    path=some.sampled_from(PATHS),
    kind=some.sampled_from(KINDS),
    content=bodies,
    encoder=some.sampled_from(sorted(ENCODERS)),
    claimed=some.sampled_from(["", *sorted(ENCODERS), "identity", "br", "gzip, gzip", "?"])
    | some.none(),
    cut=some.integers(0, 3),
)
@QUICK
def test_random_bodies_in_random_encodings_are_answered_as_described(
    listening: Listening,
    path: str,
    kind: str,
    content: bytes,
    encoder: str,
    claimed: str | None,
    cut: int,
) -> None:
    sent = ENCODERS[encoder](content)
    sent = sent[: len(sent) - cut]
    name = encoder if claimed is None else claimed
    answer = listening.post(path, sent, kind, **({"content-encoding": name} if name else {}))
    assert answer.status_code in codes(listening)[path], (answer.status_code, answer.text)


header_bytes = some.binary(max_size=60)


@given(
    method=some.sampled_from([b"POST", b"GET", b"PUT", b"OPTIONS", b"TRACE", b"BREW", b"\xff"]),
    target=some.sampled_from([b"/v1/events", b"/v1/logs", b"/metrics", b"*", b"//", b"/%ff%00"])
    | header_bytes,
    headers=some.lists(
        some.tuples(
            some.sampled_from(
                [b"authorization", b"content-length", b"transfer-encoding", b"content-type"]
                + [b"content-encoding", b"x-request-id", b"traceparent", b"expect", b"host"]
                + [b"connection", b"upgrade"]
            )
            | header_bytes,
            some.sampled_from(
                [b"Bearer rvt_x", b"chunked", b"10", b"-1", b"99999999999999999999", b"gzip"]
                + [b"application/json", b"100-continue", b"websocket", b"upgrade", b"\xc3\xa9"]
            )
            | header_bytes,
        ),
        max_size=6,
    ),
    tail=some.binary(max_size=40),
)
@QUICK
def test_random_heads_are_answered_or_closed_and_never_a_fault(
    listening: Listening,
    method: bytes,
    target: bytes,
    headers: list[tuple[bytes, bytes]],
    tail: bytes,
) -> None:
    head = method + b" " + target + b" HTTP/1.1\r\n"
    head += b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    port = int(listening.url.rsplit(":", 1)[1])
    told = b""
    there = ("127.0.0.1", port)
    with socket.create_connection(there, timeout=10) as connection, suppress(ConnectionError):
        connection.sendall(head + b"\r\n" + tail)
        connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            told += part
    if told:
        code = int(told.split(b" ", 2)[1])
        assert code < 500 or code == 503, (head, told)
    assert httpx.get(f"{listening.url}/healthz", trust_env=False).status_code == 200


def test_bombs_are_refused_within_bounded_memory(tmp_path: Path) -> None:
    """In a process of its own, whose peak is that of the bombs alone."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.collector.bombs", str(tmp_path / "warehouse")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    told = json.loads(ended.stdout)
    codes = told["codes"]
    assert {name: code for name, code in codes.items() if code not in (200, 400, 413)} == {}
    assert codes["links, one too many"] == 200
    assert told["stored"] == 1
    # Random bytes, and requests with a few of theirs changed.
    assert {code for name, code in codes.items() if name.startswith("noise")} == {200, 400}
    # What is packed or deep is refused before it grows.
    assert told["peaks"]["deep attribute"] < PACKED_BYTES_MAX, told
    # A million of nothing is work for the engine, which has a bound of its own.
    assert told["grown_bytes"] < PEAK_BYTES_MAX, told


def test_an_event_with_ten_thousand_links_is_stored_and_one_more_is_not(
    listening: Listening,
) -> None:
    for count, fate in ((10_000, "stored"), (10_001, "quarantined")):
        links = [{"type": "a", "id": str(place), "relation": "from"} for place in range(count)]
        one = json.dumps(event(event_id=str(count), links=links)).encode()
        answer = listening.post("/v1/events", one, "application/json")
        assert answer.json()[fate] == 1
