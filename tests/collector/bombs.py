"""Sends a collector bodies that want to be larger than they are, and prints what that cost:
`python -m tests.collector.bombs FOLDER`, as a process of its own, whose peak of memory is told.
"""

import gzip
import json
import random
import resource
import sys
import zlib
from collections.abc import Iterator

import zstandard

from collector.writer import Writer
from core.clock import SystemClock
from core.settings import HttpSettings, Settings
from core.store import Store
from tests.collector.arrange import body, event
from tests.collector.test_otlp import HERE, spans
from tests.collector.traced import serving

MEBIBYTE = 1024**2
BODY_BYTES_MAX = 4 * MEBIBYTE
JSON, NDJSON, PROTOBUF = "application/json", "application/x-ndjson", "application/x-protobuf"
EVENTS, LOGS, TRACES = "/v1/events", "/v1/logs", "/v1/traces"

Bomb = tuple[str, str, str, bytes, str]


def bombs() -> Iterator[Bomb]:
    """Name, path, content type, body, encoding."""
    yield "gzip", EVENTS, NDJSON, _gzip(2048), "gzip"
    yield "gzip of members", EVENTS, NDJSON, gzip.compress(b" " * MEBIBYTE) * 4000, "gzip"
    zeros = zstandard.ZstdCompressor().compress(bytes(512 * MEBIBYTE))
    yield "zstd", EVENTS, NDJSON, zeros * 8, "zstd"
    window = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    wide = zstandard.ZstdCompressor(compression_params=window).compress(bytes(256 * MEBIBYTE))
    yield "zstd with a wide window", LOGS, PROTOBUF, wide, "zstd"
    yield "snappy", LOGS, PROTOBUF, b"\xff\xff\xff\xff\x0f" + b"\0" * 100, "snappy"
    most = BODY_BYTES_MAX - 100
    yield "deep array", EVENTS, JSON, b"[" * most, ""
    yield "deep object", EVENTS, NDJSON, b'{"a":' * (most // 5), ""
    yield "deep OTLP JSON", LOGS, JSON, b'{"resourceLogs":' + b"[" * most, ""
    closed = 100_000
    deep = b"[" * closed + b"]" * closed
    yield "deep and closed", EVENTS, JSON, b"[" + deep + b"]", ""
    yield "deep attribute", LOGS, JSON, b'{"resourceLogs":' + deep + b"}", ""
    yield "many lines", EVENTS, NDJSON, b"\n" * most, ""
    yield "many empty objects", EVENTS, NDJSON, b"{}\n" * (most // 30), ""
    yield "many empty logs", LOGS, JSON, b'{"resourceLogs":[' + b"{}," * (most // 3) + b"{}]}", ""
    yield "many empty groups", LOGS, PROTOBUF, b"\x0a\x00" * (most // 2), ""
    nested = b""
    for _ in range(3000):
        nested = b"\x2a" + _varint(len(nested) + 2) + b"\x0a" + _varint(len(nested)) + nested
    yield "deep protobuf", LOGS, PROTOBUF, b"\x0a" + _varint(len(nested)) + nested, ""
    digits = b"9" * (3 * MEBIBYTE)
    yield "huge number", EVENTS, NDJSON, body(event()).replace(b'"e1"', digits), ""
    yield "huge exponent", EVENTS, NDJSON, body(event()).replace(b'"e1"', b"1e999999999"), ""
    yield "huge OTLP number", LOGS, JSON, b'{"resourceLogs":' + digits + b"}", ""
    chance = random.Random(7)
    for number in range(30):
        # Bytes of nothing, and those of a good request with some of them changed.
        good = spans(HERE, HERE).SerializeToString()
        noise = bytearray(good * 1000 if number % 2 else chance.randbytes(chance.randrange(most)))
        for _ in range(chance.randrange(1, 50)):
            noise[chance.randrange(len(noise))] = chance.randrange(256)
        packed = gzip.compress(noise, 1) if number % 3 == 0 else bytes(noise)
        path, kind = (LOGS, JSON) if number % 5 == 0 else (chance.choice([LOGS, TRACES]), PROTOBUF)
        yield f"noise {number}", path, kind, packed, "gzip" if number % 3 == 0 else ""
    for name, count in (("links", 10_000), ("links, one too many", 10_001)):
        links = [{"type": "a", "id": str(place), "relation": "from"} for place in range(count)]
        yield name, EVENTS, NDJSON, body(event(event_id=name, links=links)), ""


def main(folder: str) -> None:
    """Serve, warm up, throw all bombs, tell."""
    from collector.app import create_app

    store = Store.open(f"chdb://{folder}", database="bombed")
    store.migrate()
    settings = Settings(http=HttpSettings(body_bytes_max=BODY_BYTES_MAX))
    thrown = list(bombs())
    codes: dict[str, int] = {}
    peaks: dict[str, int] = {}
    writer = Writer(store, SystemClock(), settings.collector)
    with serving(create_app(writer, settings)) as client:
        # What any work costs is not the bombs' doing: an honest body of the largest size.
        row = body(event(source="warm", action="X")) + b"\n"
        warm = row * (BODY_BYTES_MAX // len(row))
        client.post(EVENTS, content=warm, headers={"content-type": NDJSON})
        before = _peak()
        for name, path, kind, content, encoding in thrown:
            headers = {"content-type": kind} | ({"content-encoding": encoding} if encoding else {})
            codes[name] = client.post(path, content=content, headers=headers).status_code
            peaks[name] = _peak() - before
        grown = _peak() - before
    stored = store.value("SELECT countIf(mapping != 'otlp') FROM events")
    sys.stdout.write(
        json.dumps({"codes": codes, "peaks": peaks, "grown_bytes": grown, "stored": stored})
    )
    store.close()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _gzip(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    block = bytes(MEBIBYTE)
    return b"".join(packer.compress(block) for _ in range(mebibytes)) + packer.flush()


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    made.append(value)
    return bytes(made)


if __name__ == "__main__":
    main(sys.argv[1])
