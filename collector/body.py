"""Reads a request body within its bounds and undoes its content encoding, never growing beyond the
bound.
"""

import io
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping

import cramjam
import zstandard

from core.errors import BadInput

# A block of 4 bytes may become 128 KiB, so a piece of this many becomes 32 MiB at the most.
PIECE = 1024
# How far a zlib stream is undone before somebody is asked whether it may grow further.
STEP = 1024 * 1024
SNAPPY_FRAMED = b"\xff\x06\x00\x00sNaPpY"

# Hears of bytes that are held from now on; raises where there is no room for them.
Took = Callable[[int], None]


class BodyTooLarge(BadInput):
    """More bytes than one request may have, as sent or after its encoding was undone."""


class BodyTooSlow(BadInput):
    """A body that did not arrive in its time."""


class EncodingUnknown(BadInput):
    """A content encoding that nobody here can undo."""


async def read_body(
    chunks: AsyncIterator[bytes], declared: str | None, bytes_max: int, took: Took
) -> bytes:
    """Gather a body; raises BodyTooLarge as soon as it is known to be, without reading the rest,
    and what `took` raises, which hears of each chunk.
    """
    if declared and declared.isdigit() and int(declared) > bytes_max:
        raise _too_large(bytes_max)
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > bytes_max:
            raise _too_large(bytes_max)
        took(len(chunk))
        parts.append(chunk)
    return b"".join(parts)


async def discard_body(chunks: AsyncIterator[bytes], bytes_max: int) -> None:
    """Read on to the end of a body without keeping it; raises BodyTooLarge where there is none."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > bytes_max:
            raise _too_large(bytes_max)


def undo_encoding(
    body: bytes, encoding: str, bytes_max: int, took: Took = lambda size: None
) -> bytes:
    """Decompress; raises BodyTooLarge for a bomb, EncodingUnknown, or BadInput for bytes that are
    not so encoded. `took` hears of what is undone as it grows, and ends it by raising.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    if name not in ENCODINGS:
        raise EncodingUnknown(
            f"content encoding '{name[:40]}' is not known",
            "",
            "Use gzip, deflate, zstd, snappy or none",
        )
    try:
        return ENCODINGS[name](body, bytes_max, took)
    except (
        zlib.error,
        zstandard.ZstdError,
        cramjam.DecompressionError,
        ValueError,
        IndexError,
    ) as error:
        raise BadInput(f"the body is not {name}", str(error)[:200], "Check what you send") from None


def _gunzip(body: bytes, bytes_max: int, took: Took) -> bytes:
    if not body:
        raise ValueError("it is empty")
    return _joined(_members(body), bytes_max, took)


def _inflate(body: bytes, bytes_max: int, took: Took) -> bytes:
    decoder = zlib.decompressobj()
    whole = _joined(_inflated(decoder, body), bytes_max, took)
    if decoder.unused_data:
        raise ValueError("it ends too late")
    return whole


def _joined(parts: Iterable[bytes], bytes_max: int, took: Took) -> bytes:
    # One that grows in its place: many threads undo bodies at once, and each would hold its own
    # twice while it puts its parts together.
    made = io.BytesIO()
    left = bytes_max
    for part in parts:
        left -= len(part)
        if left < 0:
            raise _too_large(bytes_max)
        if part:
            took(len(part))
            made.write(part)
    return made.getvalue()


def _members(body: bytes) -> Iterator[bytes]:
    """Undo gzip, member by member; raises ValueError when the last one is cut off.

    At the end of each the library copies what is behind it, so it is given small pieces only.
    """
    decoder = zlib.decompressobj(wbits=31)
    for at in range(0, len(body), PIECE):
        rest = body[at : at + PIECE]
        while rest:
            if decoder.eof:
                decoder = zlib.decompressobj(wbits=31)
            yield decoder.decompress(rest, STEP)
            rest = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
    while not decoder.eof:
        part = decoder.decompress(b"", STEP)
        if not part:
            raise ValueError("it ends too early")
        yield part


def _inflated(decoder: "zlib._Decompress", body: bytes) -> Iterator[bytes]:
    """Undo one stream in steps, so that it grows no further than it is let; raises ValueError when
    it is cut off.
    """
    rest = body
    while not decoder.eof:
        part = decoder.decompress(rest, STEP)
        rest = decoder.unconsumed_tail
        if not part and not decoder.eof:
            raise ValueError("it ends too early")
        yield part


def _unzstd(body: bytes, bytes_max: int, took: Took) -> bytes:
    # The window is bounded too: a frame may ask for gigabytes of it.
    decoder = zstandard.ZstdDecompressor(max_window_size=max(bytes_max, 1 << 23))
    pieces = (body[at : at + PIECE] for at in range(0, len(body), PIECE))
    return _joined(zstd_parts(decoder, pieces), bytes_max, took)


def zstd_parts(decoder: zstandard.ZstdDecompressor, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Undo frames one after the other; raises ValueError when the last one is not whole.

    The stream reader of the library takes the end of its input for the end of a frame, so what
    was cut off would pass for whole.
    """
    frame = None
    frames = 0
    for piece in pieces:
        rest = piece
        while rest:
            if frame is None:
                frame, frames = decoder.decompressobj(), frames + 1
            yield frame.decompress(rest)
            rest = b""
            if frame.eof:
                rest, frame = frame.unused_data, None
    if frame is not None or not frames:
        raise ValueError("it ends too early")


def _unsnappy(body: bytes, bytes_max: int, took: Took) -> bytes:
    """Both forms are sent under this name: blocks, and streams of framed blocks."""
    framed = body.startswith(SNAPPY_FRAMED)
    size = _snappy_size(body, framed)
    if size > bytes_max:
        raise _too_large(bytes_max)
    took(size)
    undone = cramjam.snappy.decompress(body) if framed else cramjam.snappy.decompress_raw(body)
    return bytes(undone)


def _snappy_size(body: bytes, framed: bool) -> int:
    """The size that the blocks announce, summed before any of them is undone."""
    if not framed:
        return _varint(body, 0)
    size = 0
    at = 0
    while at + 4 <= len(body):
        kind, length = body[at], int.from_bytes(body[at + 1 : at + 4], "little")
        if kind == 0:
            size += _varint(body, at + 8)
        elif kind == 1:
            size += max(length - 4, 0)
        at += 4 + length
    return size


def _varint(body: bytes, at: int) -> int:
    value = 0
    for place in range(5):
        byte = body[at + place]
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            return value
    raise ValueError("it has no size")


def _too_large(bytes_max: int) -> BodyTooLarge:
    return BodyTooLarge(
        f"the body is larger than {bytes_max} bytes",
        "its size is counted after decompression too",
        "Send smaller batches",
    )


ENCODINGS: Mapping[str, Callable[[bytes, int, Took], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "zstd": _unzstd,
    "snappy": _unsnappy,
    "x-snappy-framed": _unsnappy,
}
