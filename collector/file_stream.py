"""The bytes of a file: opened with its compression undone, and its sha256."""

import gzip
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import zstandard

from collector.body import PIECE, zstd_parts
from core.errors import BadInput

HASH_BYTES = 1024**2


class _Gunzip(gzip.GzipFile):
    """A gzip stream that closes its file too, which the plain one leaves open."""

    fileobj: Any

    def close(self) -> None:
        below = self.fileobj
        super().close()
        if below is not None:
            below.close()


class _Unzstd(io.RawIOBase):
    """The content of a zstd file; BadInput where it is broken or cut off."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._at = 0
        self._left = memoryview(b"")
        self._begin()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Only back to the begin, for who has looked at the head."""
        if (offset, whence) != (0, io.SEEK_SET):
            raise io.UnsupportedOperation("seek")
        self._raw.seek(0)
        self._begin()
        return 0

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        try:
            while not self._left:
                self._left = memoryview(next(self._parts))
        except StopIteration:
            return 0
        except (zstandard.ZstdError, ValueError) as error:
            raise BadInput("the file is no whole zstd file", str(error), "Get it again") from None
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        self._at += size
        return size

    def close(self) -> None:
        super().close()
        self._raw.close()

    def _begin(self) -> None:
        pieces = iter(lambda: self._raw.read(PIECE), b"")
        self._parts = zstd_parts(zstandard.ZstdDecompressor(), pieces)
        self._left = memoryview(b"")
        self._at = 0


def opened(path: Path) -> tuple[IO[bytes], IO[bytes]]:
    """The file and a stream of its content, decompressed by its ending."""
    raw = path.open("rb")
    if path.suffix == ".gz":
        return raw, io.BufferedReader(_Gunzip(fileobj=raw), HASH_BYTES)
    if path.suffix in (".zst", ".zstd"):
        return raw, io.BufferedReader(_Unzstd(raw), HASH_BYTES)
    return raw, raw


def closing_stream(*streams: IO[Any]) -> Callable[[], None]:
    """Close the stream and the file below it, which a decompressor leaves open."""

    def close() -> None:
        for one in streams:
            one.close()

    return close


def share_of(raw: IO[bytes], path: Path) -> Callable[[], float]:
    """How much of a file was read so far."""
    size = max(path.stat().st_size, 1)

    def share() -> float:
        return 1.0 if raw.closed else raw.tell() / size

    return share


def bare_name(path: Path) -> str:
    """The name without the ending of its compression, in lower case."""
    name = path.name.lower()
    for ending in (".gz", ".zst", ".zstd"):
        name = name.removesuffix(ending)
    return name


def sha256_of(path: Path) -> str:
    """The sha256 of the file as it lies there."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BYTES):
            digest.update(block)
    return digest.hexdigest()
