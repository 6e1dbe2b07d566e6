"""Import of files: streamed in parts through the same writer as requests, registered by content,
with control totals.

A part is a delivery of its own, so memory stays bounded and an import that was interrupted is
simply repeated: what is stored already is found as duplicates. Each part is read and mapped while
the one before it is committed.
"""

import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from collector.delivery import NATIVE, Delivery, Receipt, Spooled
from collector.file_format import FileFormat, Opening, Parts, guess_format, load_formats
from collector.file_formats.xes import PLAIN as PLAIN_XES
from collector.file_stream import sha256_of
from collector.mapping import AnyMapping, CsvMapping, read_mapping
from collector.payload_mapping import PayloadMapping
from collector.registry import format_of as kind_of
from collector.writer import Answer, Writer
from core.errors import BadInput, Permanent, StoreUnavailable

# Parts of one commit are judged side by side, and share what a commit costs however small it is.
PARTS_A_COMMIT = 4


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
    """What became of a file; `known` says that it was imported before and nothing was done now,
    `told_by` what told its format where nobody said it: its content or its ending, `hint` what may
    help where none of its rows was an event.
    """

    file: str
    sha256: str
    format: str
    source: str
    mapping: str
    mapping_version: int
    bytes: int
    told_by: str = ""
    known: bool = False
    received: int = 0
    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0
    skipped: int = 0
    pending: int = 0
    totals: Mapping[str, Decimal] = field(default_factory=dict)
    holds: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    hint: str = ""

    def plus(self, receipt: Receipt) -> "FileReport":
        """The report with one more part."""
        totals = dict(self.totals)
        for currency, amount in receipt.totals.items():
            totals[currency] = totals.get(currency, Decimal(0)) + amount
        counts = {name: getattr(self, name) + count for name, count in receipt.counts().items()}
        return replace(self, totals=totals, **counts)


ProgressCallback = Callable[[Progress], None]
Commit = Callable[[Sequence[Delivery]], Sequence[Answer]]


def import_files(
    writer: Writer,
    paths: Iterable[Path],
    format: str = "",
    source: str = "",
    mapping: Path | AnyMapping | None = None,
    progress: ProgressCallback | None = None,
    commit: Commit | None = None,
) -> list[FileReport]:
    """Import files one after the other; without a format each file tells its own.

    Raises BadInput or ConfigInvalid that names what is wrong with a file. A file that turns out to
    be broken in its middle keeps what came before, which is known when it comes again. `commit`
    takes the parts, the writer itself unless given; one that spools makes them `pending`.
    """
    declared = read_mapping(mapping) if isinstance(mapping, Path) else mapping
    return [
        import_file(writer, Path(path), format, source, declared, progress, commit)
        for path in paths
    ]


def import_file(
    writer: Writer,
    path: Path,
    format: str = "",
    source: str = "",
    mapping: AnyMapping | None = None,
    progress: ProgressCallback | None = None,
    commit: Commit | None = None,
) -> FileReport:
    """Import one file; as `import_files`."""
    if not path.is_file():
        raise BadInput(f"{path}", "is no file", "Name a file")
    form, told_by = format_of(path, format)
    job = _Job(writer, form, told_by, source, fitting(mapping, form), progress, commit)
    with readable(path):
        return job.run(path)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """What goes wrong while a file is read is wrong with the file: raises BadInput."""
    try:
        yield
    except (EOFError, zlib.error, OSError, UnicodeError) as error:
        raise BadInput(f"{path.name} cannot be read", str(error), "Get it again") from None


def format_of(path: Path, format: str = "") -> tuple[FileFormat, str]:
    """The format of that name, or the one that the file tells, and by what it does; raises
    BadInput.
    """
    told_by = ""
    if not format:
        with readable(path):
            format, told_by = guess_format(path)
    if format not in load_formats():
        known = ", ".join(load_formats())
        raise BadInput(f"format '{format}' is not known", "", f"Use one of {known}")
    return load_formats()[format], told_by


def fitting(mapping: AnyMapping | None, form: FileFormat) -> AnyMapping | None:
    """The mapping that a file of the format is read with, None for events as they stand; raises
    BadInput for one that is not for it, or is lacking.
    """
    wanted = form.MAPPING
    if mapping is not None and (wanted is None or not isinstance(mapping, wanted)):
        raise BadInput(
            f"mapping {mapping.name} is not for {form.NAME} files",
            f"it is for {kind_of(mapping)}",
            "Use a fitting one, or say what the file is with --format",
        )
    if mapping is None and form.NEEDS_MAPPING:
        raise BadInput(
            f"a {form.NAME} file needs a mapping",
            form.NEEDS_MAPPING,
            "Give --mapping FILE, or --source NAME of a source that declares one",
        )
    return PLAIN_XES if mapping is None and form.NAME == "xes" else mapping


def _whole(coming: "Future[Taken]", report: FileReport) -> "Taken":
    """What was read; where the file breaks, the error says what became of the rest of it."""
    try:
        return coming.result()
    except BadInput as error:
        if not report.received:
            raise
        kept = f"{report.received:,} records before it are taken, and are known when it comes again"
        raise BadInput(error.what, error.why, f"{error.todo}; {kept}") from None


def source_of(form: FileFormat, mapping: AnyMapping | None, given: str) -> str:
    """The source of the rows that name none; raises BadInput where neither they nor anybody else
    says it.
    """
    source = given or (mapping.source if mapping else "")
    nameless = form.MAPPING is not None and not source
    # Rows that need no mapping are events, and name it themselves.
    if nameless and not _names_source(mapping) and (mapping or not form.NAMES_SOURCE):
        raise BadInput("nobody says which source this is from", "", "Give --source NAME")
    return source


def _names_source(mapping: AnyMapping | None) -> bool:
    """Say whether the rows themselves name their source."""
    return isinstance(mapping, CsvMapping) and "source" in {*mapping.fields, *mapping.constants}


# Deliveries, and how much of their file was read with them.
Taken = tuple[list[Delivery], float]


class _Job:
    """The import of files of one kind."""

    def __init__(
        self,
        writer: Writer,
        form: FileFormat,
        told_by: str,
        source: str,
        mapping: AnyMapping | None,
        progress: ProgressCallback | None,
        commit: Commit | None,
    ) -> None:
        self._writer = writer
        self._commit_parts = commit or writer.accept
        self._spooled = False
        self._form = form
        self._told_by = told_by
        self._mapping = mapping
        self._source = source_of(form, mapping, source)
        self._progress = progress

    def run(self, path: Path) -> FileReport:
        report = self._begin(path)
        if self._mapping is not None:
            # Before anything else: a changed text under the same version must not pass for known.
            self._writer.registry.register_mapping(self._mapping, self._form.NAME)
        known = self._known(report)
        if known is not None:
            return self._hinted(replace(report, **known, known=True))
        begun = time.monotonic()
        with closing(self._form.parts(self._opening(path, report))) as parts:
            report = self._commit(parts, report, begun)
        report = self._hinted(replace(report, seconds=time.monotonic() - begun))
        if self._spooled:
            # Its counts are not known yet; imported again it is all duplicates.
            return report
        self._writer.registry.register_file(asdict(report))
        return report

    def _known(self, report: FileReport) -> Mapping[str, Any] | None:
        try:
            return self._writer.registry.known_file(asdict(report))
        except StoreUnavailable:
            # What came before is found as duplicates, and a mapping is registered by now.
            return None

    def _hinted(self, report: FileReport) -> FileReport:
        """Where no JSON row was an event, it probably is a payload that nobody has mapped."""
        none = report.quarantined == report.received > 0
        if not none or self._mapping is not None or self._form.MAPPING is not PayloadMapping:
            return report
        if not self._source:
            hint = "If a source's mapping reads these rows, say which: --source NAME"
        else:
            hint = (
                f"Source {self._source} has no mapping that could read these rows: give its file "
                "a `system` or a [mapping], or import with --mapping FILE"
            )
        return replace(report, hint=f"No row is an event of revtrace. {hint}")

    def _begin(self, path: Path) -> FileReport:
        return FileReport(
            file=str(path),
            sha256=sha256_of(path),
            format=self._form.NAME,
            told_by=self._told_by,
            source=self._source,
            mapping=self._mapping.name if self._mapping else NATIVE,
            mapping_version=self._mapping.version if self._mapping else 1,
            bytes=path.stat().st_size,
        )

    def _opening(self, path: Path, report: FileReport) -> Opening:
        base = Delivery(
            body=b"",
            source=self._source,
            mapping=report.mapping,
            mapping_version=report.mapping_version,
            file=path.name,
            file_sha256=report.sha256,
        )
        return Opening(path, base, self._mapping, self._writer.import_rows)

    def _take(self, parts: Parts) -> "Taken":
        """The next deliveries, each with the lines that it is judged by, and how much of the file
        was read with them: what is read ahead of their commit is no progress yet.
        """
        deliveries = [self._writer.prepare(one) for one in parts.take(PARTS_A_COMMIT)]
        return deliveries, parts.share_read()

    def _commit(self, parts: Parts, report: FileReport, begun: float) -> FileReport:
        report = replace(report, holds=parts.holds)
        try:
            with ThreadPoolExecutor(1, "import") as reading:
                coming = reading.submit(self._take, parts)
                while (taken := _whole(coming, report))[0]:
                    deliveries, share = taken
                    coming = reading.submit(self._take, parts)
                    for answer in self._commit_parts(deliveries):
                        if isinstance(answer, Permanent):
                            raise answer
                        report = report.plus(answer)
                        self._spooled |= isinstance(answer, Spooled)
                    self._tell(report, share, begun)
        finally:
            if not self._spooled:
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


__all__: Sequence[str] = ("FileReport", "Progress", "format_of", "import_file", "import_files")
