"""Import of files: streamed in parts through the same writer as requests, registered by content,
with control totals.

A part is a delivery of its own, so memory stays bounded and an import that was interrupted is
simply repeated: what is stored already is found as duplicates. Each part is read and mapped while
the one before it is committed.
"""

import gzip
import hashlib
import io
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any

import zstandard

from collector.body import PIECE, zstd_parts
from collector.delivery import LINES, Delivery, Receipt
from collector.mapping import AnyMapping, CsvMapping, OcelMapping, read_mapping
from collector.prepare import CSV, OCEL
from collector.receivers import csv_rows
from collector.receivers.ocel_sqlite import PLAIN, OcelFile
from collector.writer import Writer
from core.errors import BadInput, Permanent

FORMATS = ("ndjson", "csv", "ocel")
BLOCK_BYTES = 8 * 1024**2
# Parts of one commit are judged side by side, and share what a commit costs however small it is.
PARTS_A_COMMIT = 4
HASH_BYTES = 1024**2
LINE_BYTES_MAX = 64 * 1024**2


@dataclass(frozen=True)
class Progress:
    """How far an import is; `rows_total` is an estimate until the end, None while nothing
    is known.
    """

    file: str
    rows: int
    rows_total: int | None
    rows_per_second: float


@dataclass(frozen=True)
class FileReport:
    """What became of a file; `known` says that it was imported before and nothing was done now."""

    file: str
    sha256: str
    format: str
    source: str
    mapping: str
    mapping_version: int
    bytes: int
    known: bool = False
    received: int = 0
    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0
    skipped: int = 0
    totals: Mapping[str, Decimal] = field(default_factory=dict)
    holds: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def plus(self, receipt: Receipt) -> "FileReport":
        """The report with one more part."""
        totals = dict(self.totals)
        for currency, amount in receipt.totals.items():
            totals[currency] = totals.get(currency, Decimal(0)) + amount
        counts = {name: getattr(self, name) + count for name, count in receipt.counts().items()}
        return replace(self, totals=totals, **counts)


ProgressCallback = Callable[[Progress], None]


def import_files(
    writer: Writer,
    paths: Iterable[Path],
    format: str,
    source: str = "",
    mapping: Path | None = None,
    progress: ProgressCallback | None = None,
) -> list[FileReport]:
    """Import files one after the other; raises BadInput or ConfigInvalid before anything of that
    file is stored.
    """
    if format not in FORMATS:
        raise BadInput(f"format '{format}' is not known", "", f"Use one of {', '.join(FORMATS)}")
    declared = read_mapping(mapping) if mapping else None
    job = _Job(writer, format, source, _fitting(declared, format), progress)
    return [job.run(Path(path)) for path in paths]


def _fitting(mapping: AnyMapping | None, format: str) -> AnyMapping | None:
    wanted = {"csv": CsvMapping, "ocel": OcelMapping}.get(format)
    if mapping is not None and (wanted is None or not isinstance(mapping, wanted)):
        raise BadInput(f"mapping {mapping.name} is not for {format} files", "", "Use a fitting one")
    if format == "csv" and mapping is None:
        raise BadInput(
            "a csv file needs a mapping", "columns say nothing by themselves", "Give --mapping FILE"
        )
    return mapping


def _names_source(mapping: AnyMapping | None) -> bool:
    """Say whether the rows themselves name their source."""
    return isinstance(mapping, CsvMapping) and "source" in {*mapping.fields, *mapping.constants}


class _Job:
    """The import of files of one kind."""

    def __init__(
        self,
        writer: Writer,
        format: str,
        source: str,
        mapping: AnyMapping | None,
        progress: ProgressCallback | None,
    ) -> None:
        self._writer = writer
        self._format = format
        self._mapping = mapping
        self._source = source or (mapping.source if mapping else "")
        if format != "ndjson" and not self._source and not _names_source(mapping):
            raise BadInput("nobody says which source this is from", "", "Give --source NAME")
        self._progress = progress

    def run(self, path: Path) -> FileReport:
        if not path.is_file():
            raise BadInput(f"{path}", "is no file", "Name a file")
        report = self._begin(path)
        known = self._writer.registry.known_file(asdict(report))
        if known is not None:
            return replace(report, **known, known=True)
        if self._mapping is not None:
            self._writer.registry.register_mapping(self._mapping, self._format)
        begun = time.monotonic()
        with closing(self._open(path, report)) as parts:
            report = self._commit(parts, report, begun)
        report = replace(report, seconds=time.monotonic() - begun)
        self._writer.registry.register_file(asdict(report))
        return report

    def _begin(self, path: Path) -> FileReport:
        return FileReport(
            file=str(path),
            sha256=_sha256(path),
            format=self._format,
            source=self._source,
            mapping=self._mapping.name if self._mapping else "native",
            mapping_version=self._mapping.version if self._mapping else 1,
            bytes=path.stat().st_size,
        )

    def _commit(self, parts: "_Parts", report: FileReport, begun: float) -> FileReport:
        report = replace(report, holds=parts.holds)
        try:
            with ThreadPoolExecutor(1, "import") as reading:
                coming = reading.submit(parts.take, PARTS_A_COMMIT)
                while deliveries := coming.result():
                    coming = reading.submit(parts.take, PARTS_A_COMMIT)
                    for answer in self._writer.accept(deliveries):
                        if isinstance(answer, Permanent):
                            raise answer
                        report = report.plus(answer)
                    self._tell(report, parts.share_read(), begun)
        finally:
            # What was taken is durable, so it becomes visible whether or not the rest is taken.
            self._writer.drain()
        return report

    def _tell(self, report: FileReport, share: float, begun: float) -> None:
        if self._progress is None:
            return
        seconds = max(time.monotonic() - begun, 1e-6)
        total = round(report.received / share) if share > 0 else None
        rate = report.received / seconds
        self._progress(Progress(report.file, report.received, total, rate))

    def _open(self, path: Path, report: FileReport) -> "_Parts":
        base = Delivery(
            body=b"",
            source=self._source,
            mapping=report.mapping,
            mapping_version=report.mapping_version,
            file=path.name,
            file_sha256=report.sha256,
        )
        rows = self._writer.import_rows
        if self._format == "ocel":
            mapping = self._mapping if isinstance(self._mapping, OcelMapping) else PLAIN
            return _ocel_parts(path, replace(base, protocol=OCEL), mapping, rows)
        if isinstance(self._mapping, CsvMapping):
            return _csv_parts(path, replace(base, protocol=CSV), self._mapping, rows)
        return _ndjson_parts(path, base)


class _Parts:
    """The deliveries of one file, what it holds where that is known, and how much of it
    was read.
    """

    def __init__(
        self,
        deliveries: Iterator[Delivery],
        share_read: Callable[[], float],
        close: Callable[[], None],
        holds: Mapping[str, int] | None = None,
    ) -> None:
        self._deliveries = deliveries
        self.share_read = share_read
        self.close = close
        self.holds = holds or {}

    def take(self, count: int) -> list[Delivery]:
        """The next deliveries, fewer at the end of the file, none behind it."""
        return list(islice(self._deliveries, count))


def _ndjson_parts(path: Path, base: Delivery) -> _Parts:
    raw, stream = _opened(path)

    def deliveries() -> Iterator[Delivery]:
        lines_before = 0
        while block := stream.read(BLOCK_BYTES):
            rest = stream.readline(LINE_BYTES_MAX) if not block.endswith(b"\n") else b""
            body = block + rest
            yield replace(base, body=body, protocol=LINES, file_line=lines_before)
            lines_before += body.count(b"\n")

    return _Parts(deliveries(), _share(raw, path), _closing(stream, raw))


def _csv_parts(path: Path, base: Delivery, mapping: CsvMapping, rows: int) -> _Parts:
    raw, stream = _opened(path)
    text = io.TextIOWrapper(stream, mapping.encoding, errors="surrogateescape", newline="")

    def deliveries() -> Iterator[Delivery]:
        for part in csv_rows.read_parts(text, rows, BLOCK_BYTES, mapping.delimiter):
            lines, numbers = csv_rows.event_lines(part.body, mapping, part.lines_before)
            yield replace(
                base, body=part.body, payload=lines, numbers=numbers, file_line=part.lines_before
            )

    return _Parts(deliveries(), _share(raw, path), _closing(text, raw))


def _ocel_parts(path: Path, base: Delivery, mapping: OcelMapping, rows: int) -> _Parts:
    """The event lines themselves are the bytes that are kept: pages of a database tell nobody
    anything.
    """
    file = OcelFile(path, mapping)
    counts = file.counts()
    done = [0]

    def deliveries() -> Iterator[Delivery]:
        part: list[bytes] = []
        for line in file.lines():
            part.append(line)
            done[0] += 1
            if len(part) >= rows:
                yield replace(base, body=b"\n".join(part), file_line=done[0] - len(part))
                part = []
        if part:
            yield replace(base, body=b"\n".join(part), file_line=done[0] - len(part))

    def share() -> float:
        return done[0] / counts.event_objects if counts.event_objects else 1.0

    return _Parts(deliveries(), share, file.close, asdict(counts))


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
        pieces = iter(lambda: raw.read(PIECE), b"")
        self._parts = zstd_parts(zstandard.ZstdDecompressor(), pieces)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

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
        return size

    def close(self) -> None:
        super().close()
        self._raw.close()


def _opened(path: Path) -> tuple[IO[bytes], IO[bytes]]:
    """The file and a stream of its content, decompressed by its ending."""
    raw = path.open("rb")
    if path.suffix == ".gz":
        return raw, io.BufferedReader(_Gunzip(fileobj=raw), HASH_BYTES)
    if path.suffix in (".zst", ".zstd"):
        return raw, io.BufferedReader(_Unzstd(raw), HASH_BYTES)
    return raw, raw


def _closing(*opened: IO[Any]) -> Callable[[], None]:
    """Close the stream and the file below it, which a decompressor leaves open."""

    def close() -> None:
        for one in opened:
            one.close()

    return close


def _share(raw: IO[bytes], path: Path) -> Callable[[], float]:
    size = max(path.stat().st_size, 1)

    def share() -> float:
        return 1.0 if raw.closed else raw.tell() / size

    return share


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BYTES):
            digest.update(block)
    return digest.hexdigest()


__all__: Sequence[str] = ("FORMATS", "FileReport", "Progress", "import_files")
