"""The bytes of all requests together: bounded in every protocol, and always given back."""

import asyncio
import gzip
import json
import random
import re
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import httpx
import pytest
import zstandard
from google.rpc.error_details_pb2 import RetryInfo

from collector import body as body_module
from collector.body import undo_encoding
from collector.budget import ByteBudget
from core.errors import BadInput, ConfigInvalid
from core.settings import GrpcSettings, load_settings
from core.store import Store
from tests.collector.arrange import body, event
from tests.collector.calling import LOGS, Serve, receivers
from tests.collector.crowded import BODY_BYTES_MAX, BUDGET_BYTES, MEBIBYTE, MESSAGE_BYTES_MAX
from tests.collector.test_otlp import HERE, logs

ROOT = Path(__file__).resolve().parents[2]
SENDERS = 24
LINE = body(event()) + b"\n"
WHOLE = LINE * (BODY_BYTES_MAX // len(LINE))
# A body is there twice while its parts are put together, and once more while it is written to the
# spool; without a bound for all of them the same crowd takes 750 MiB.
PEAK_BYTES_MAX = 6 * BUDGET_BYTES
WAIT_SECONDS = 30


def until(holds: Callable[[], bool]) -> None:
    last = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < last
        time.sleep(0.01)


class Crowded:
    """The process, and how many bytes it says that it holds."""

    def __init__(self, http: int, grpc_port: int) -> None:
        self.http = http
        self.grpc = grpc_port
        self.url = f"http://127.0.0.1:{http}"

    def metric(self, name: str) -> int:
        told = httpx.get(f"{self.url}/metrics", trust_env=False).text
        found = re.search(rf"^revtrace_collector_{name} (\S+)$", told, re.MULTILINE)
        assert found, told
        return int(float(found[1]))

    def holds_nothing(self) -> bool:
        until(lambda: self.metric("bodies_bytes") == 0)
        return True

    def post(self, content: bytes, **headers: str) -> httpx.Response:
        kind = {"content-type": "application/x-ndjson"} | headers
        return httpx.post(
            f"{self.url}/v1/events", content=content, headers=kind, timeout=60, trust_env=False
        )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """What became of a crowd of senders."""
    folder = tmp_path_factory.mktemp("crowded")
    program = [sys.executable, "-m", "tests.collector.crowded", str(folder)]
    with subprocess.Popen(
        program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            crowded = Crowded(*json.loads(process.stdout.readline()))
            # What any work costs, once.
            assert crowded.post(LINE).json()["pending"] == 1
            process.stdin.write("\n")
            process.stdin.flush()
            found = _half_sent(crowded) | _packed(crowded) | _messages(crowded) | _gone(crowded)
            found["refused"] = crowded.metric("bodies_refused_total")
            process.stdin.close()
            found["grown"] = json.loads(process.stdout.readline())
            yield found
        finally:
            process.kill()


def _half_sent(crowded: Crowded) -> dict[str, int]:
    """Senders that all wait with most of a large body sent; every second one tells no size."""
    first, rest = WHOLE[: 14 * MEBIBYTE], WHOLE[14 * MEBIBYTE :]
    sizes = [f"content-length: {len(WHOLE)}", "transfer-encoding: chunked"]
    frames: list[Callable[[bytes], bytes]] = [
        bytes,
        lambda part: b"%x\r\n%b\r\n" % (len(part), part),
    ]
    senders = [socket.create_connection(("127.0.0.1", crowded.http)) for _ in range(SENDERS)]
    for place, one in enumerate(senders):
        head = "POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\n"
        one.sendall(f"{head}{sizes[place % 2]}\r\n\r\n".encode() + frames[place % 2](first))
    held = crowded.metric("bodies_bytes")
    answers = []
    for place, one in enumerate(senders):
        one.sendall(frames[place % 2](rest) + (b"0\r\n\r\n" if place % 2 else b""))
        answers.append(one.recv(65536).decode())
        one.close()
    again = [each for each in answers if " 503 " in each and "retry-after: 1\r\n" in each]
    stored = [each for each in answers if " 200 " in each]
    assert len(again) + len(stored) == SENDERS, answers
    return {"half_sent_held": held, "half_sent_again": len(again), "half_sent_stored": len(stored)}


def _packed(crowded: Crowded) -> dict[str, int]:
    """Bodies that are small until they are unpacked."""
    packed = gzip.compress(WHOLE, 1)
    with ThreadPoolExecutor(SENDERS) as pool:
        sent = [
            pool.submit(crowded.post, packed, **{"content-encoding": "gzip"})
            for _ in range(SENDERS)
        ]
        codes = {each.result().status_code for each in sent}
    assert codes <= {200, 503}, codes
    return {"packed_nothing_left": crowded.holds_nothing()}


def _messages(crowded: Crowded) -> dict[str, int]:
    """gRPC calls with large messages, all at once; each comes again until it is taken."""
    request = logs({"body": "x" * (MESSAGE_BYTES_MAX - 1000)}).SerializeToString()
    taken, codes = [], {grpc.StatusCode.UNAVAILABLE}

    def send() -> None:
        with grpc.insecure_channel(f"127.0.0.1:{crowded.grpc}") as channel:
            for _ in range(20):
                try:
                    taken.append(channel.unary_unary(LOGS)(request, timeout=60))
                    return
                except grpc.RpcError as error:
                    codes.add(error.code())

    senders = [threading.Thread(target=send) for _ in range(SENDERS // 2)]
    for one in senders:
        one.start()
    for one in senders:
        one.join(60)
    assert codes == {grpc.StatusCode.UNAVAILABLE}
    return {"messages": len(taken), "messages_nothing_left": crowded.holds_nothing()}


def _gone(crowded: Crowded) -> dict[str, int]:
    """Senders that go away in the middle of a body."""
    for _ in range(4):
        with socket.create_connection(("127.0.0.1", crowded.http)) as one:
            head = "POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\n"
            one.sendall(f"{head}content-length: {len(WHOLE)}\r\n\r\n".encode() + LINE * 1000)
    return {"gone_nothing_left": crowded.holds_nothing()}


def test_who_finds_no_room_comes_again_and_the_others_are_taken(told: dict[str, int]) -> None:
    assert 0 < told["half_sent_held"] <= BUDGET_BYTES
    assert told["half_sent_stored"] >= BUDGET_BYTES // BODY_BYTES_MAX - 1, told
    assert told["half_sent_again"] >= SENDERS // 2, told
    assert told["refused"] >= told["half_sent_again"]
    assert told["messages"] == SENDERS // 2, told


def test_all_bytes_are_given_back_whatever_became_of_the_request(told: dict[str, int]) -> None:
    left = {name: value for name, value in told.items() if name.endswith("nothing_left")}
    assert left == dict.fromkeys(left, True)
    assert len(left) == 3


def test_a_crowd_of_large_bodies_takes_bounded_memory(told: dict[str, int]) -> None:
    assert told["grown"] < PEAK_BYTES_MAX, told


@pytest.fixture
def serve(store: Store) -> Iterator[Serve]:
    """Starts gRPC receivers on the test's store."""
    yield from receivers(store)


def test_a_call_whose_message_finds_no_room_is_asked_to_come_again(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place is held by who begins to send and does not end; it is free once that one is gone."""
    monkeypatch.setattr("collector.receivers.otlp_grpc.PLACE_SECONDS", 0.1)
    narrow = serve(GrpcSettings(message_bytes_max=1000), budget=2000)
    ended = threading.Event()

    def never() -> Iterator[bytes]:
        ended.wait(20)
        yield b""

    with grpc.insecure_channel(f"127.0.0.1:{narrow.port}") as channel:
        slow = channel.stream_unary(LOGS).future(never(), timeout=20)
        until(lambda: narrow.budget.held == 1000)
        code, status = narrow.refused(LOGS, logs(HERE).SerializeToString())
        assert (code, status.details[0].Unpack(RetryInfo())) == (grpc.StatusCode.UNAVAILABLE, True)
        slow.cancel()
        ended.set()
    assert narrow.export(LOGS, logs(HERE).SerializeToString()) == b""
    until(lambda: narrow.budget.held == 0)


def test_a_call_that_sends_nothing_gives_its_place_to_who_waits(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both places are held by calls that were opened and send nothing; they are asked to come
    again, long before their own time is over.
    """
    monkeypatch.setattr("collector.receivers.otlp_grpc.KEPT_SECONDS", 0.05)
    monkeypatch.setattr("collector.receivers.otlp_grpc.PLACE_SECONDS", WAIT_SECONDS)
    narrow = serve(GrpcSettings(message_bytes_max=1000), budget=4000)
    ended = threading.Event()

    def never() -> Iterator[bytes]:
        ended.wait(WAIT_SECONDS)
        yield b""

    with grpc.insecure_channel(f"127.0.0.1:{narrow.port}") as channel:
        idle = [channel.stream_unary(LOGS).future(never(), timeout=20) for _ in range(2)]
        until(lambda: narrow.budget.held == 2000)
        assert not any(each.done() for each in idle)
        assert narrow.export(LOGS, logs(HERE).SerializeToString()) == b""
        ended.set()
        codes = [each.exception().code() for each in idle]
    assert codes == [grpc.StatusCode.UNAVAILABLE] * 2
    until(lambda: narrow.budget.held == 0)


def test_a_body_that_is_unpacked_is_in_memory_once() -> None:
    whole = random.Random(7).randbytes(4 * MEBIBYTE).hex().encode()
    for name, packed in (
        ("gzip", gzip.compress(whole, 1)),
        ("zstd", zstandard.ZstdCompressor().compress(whole)),
        ("deflate", zlib.compress(whole, 1)),
    ):
        tracemalloc.start()
        assert len(undo_encoding(packed, name, len(whole))) == len(whole)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        # It grows by an eighth at a time, and a part of it is small.
        assert peak < 1.5 * len(whole), name


def test_what_was_reserved_is_not_given_away_when_the_message_arrives() -> None:
    async def arrive() -> int:
        budget = ByteBudget(100)
        with budget.share() as asked, budget.share() as held, budget.share() as waiting:
            await asked.reserve(50, 1)
            held.take(50)
            place = asyncio.create_task(waiting.reserve(50, 1))
            await asyncio.sleep(0)
            asked.arrived(50)
            held.give(50)
            await place
            return budget.held

    assert asyncio.run(arrive()) == 100


def test_many_empty_members_of_gzip_are_not_copied_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fed: list[int] = []

    class Counted:
        def __init__(self, wbits: int) -> None:
            self._decoder = zlib.decompressobj(wbits)

        def decompress(self, content: bytes, size: int) -> bytes:
            fed.append(len(content))
            return self._decoder.decompress(content, size)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._decoder, name)

    packed = gzip.compress(b"a") + gzip.compress(b"") * 3000 + gzip.compress(b"b" * 5_000_000)
    with monkeypatch.context() as patched:
        patched.setattr(
            body_module, "zlib", SimpleNamespace(decompressobj=Counted, error=zlib.error)
        )
        assert undo_encoding(packed, "gzip", 10**7) == b"a" + b"b" * 5_000_000
    assert sum(fed) < 50 * len(packed)
    for cut in (0, 5, len(packed) - 5):
        with pytest.raises(BadInput, match="gzip"):
            undo_encoding(packed[:cut], "gzip", 10**7)


def test_a_budget_that_no_single_body_fits_into_is_refused_at_the_start() -> None:
    with pytest.raises(ConfigInvalid, match=r"bodies_bytes_max .* least twice http.body_bytes_max"):
        load_settings(collector={"bodies_bytes_max": 1000})
