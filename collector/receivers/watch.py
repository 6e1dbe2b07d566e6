"""A watched folder for files that come by night: `<folder>/<source>/<file>`.

A file is taken when it is whole: when it has looked the same over two looks that lie the settling
time apart, or when it was renamed into place from a name that says it is not whole yet. It is
imported as `revtrace import` would, and moved to `done/` beside it with its report, or to `failed/`
with the reason: it could not be read, or all its rows went to quarantine. A file that was imported
before and never moved, since the process was killed between the two, is known by its content: it
stores nothing new and is moved then.
"""

import heapq
import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from collector.receivers.files import FileReport
from core.clock import Clock
from core.errors import Retryable, RevtraceError
from core.settings import CollectorSettings

LOG = logging.getLogger("revtrace.collector")

DONE, FAILED = "done", "failed"
# How those who write or copy files name what is not whole yet.
UNFINISHED = (".part", ".tmp", ".partial", ".filepart", ".crdownload", ".swp", "~")
REPORT = ".report.json"

Import = Callable[[Path, str], FileReport]


@dataclass(frozen=True)
class Seen:
    """How a file looked, and since when it has looked so."""

    size: int
    changed: int
    inode: int
    since: datetime

    def same(self, other: "Seen") -> bool:
        """Say whether the file looked so then."""
        return (self.size, self.changed, self.inode) == (other.size, other.changed, other.inode)


@dataclass(frozen=True)
class Taken:
    """A file that a look has moved, and whether it went to `done`."""

    path: Path
    source: str
    done: bool


class WatchedFolder:
    """Looks at the folder when asked to; one thread at a time."""

    def __init__(
        self, folder: Path, read: Import, clock: Clock, settings: CollectorSettings
    ) -> None:
        self._folder = folder
        self._read = read
        self._clock = clock
        self._settings = settings
        self._settle = timedelta(seconds=settings.watch_settle_seconds)
        self._seen: dict[Path, Seen] = {}
        # Inodes that were there under a name of what is not whole yet.
        self._unfinished: set[int] = set()
        # Files that were dealt with but could not be moved: not again until they change.
        self._stuck: dict[Path, Seen] = {}

    def look(self) -> list[Taken]:
        """Take what is whole by now, at most as many files as the settings allow.

        Raises Retryable when the warehouse is away: what was not taken yet is still there.
        """
        now = self._clock.now()
        seen: dict[Path, Seen] = {}
        unfinished: set[int] = set()
        whole: list[tuple[Path, Seen]] = []
        for path, found in self._files(now, unfinished):
            before = self._seen.get(path)
            known = before if before is not None and before.same(found) else None
            seen[path] = known or found
            if self._is_stuck(path, found):
                continue
            settled = known and now - known.since >= self._settle
            if settled or found.inode in self._unfinished:
                whole.append((path, found))
        self._seen, self._unfinished = seen, unfinished
        self._stuck = {path: one for path, one in self._stuck.items() if path in seen}
        return [taken for path, found in whole if (taken := self._take(path, found))]

    def _files(self, now: datetime, unfinished: set[int]) -> list[tuple[Path, Seen]]:
        """The files that are longest unchanged, a bounded number of them."""
        count = self._settings.watch_files_max

        def found() -> Iterator[tuple[int, str, os.stat_result]]:
            for entry in self._entries():
                try:
                    told = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                if entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED):
                    if len(unfinished) < count:
                        unfinished.add(told.st_ino)
                else:
                    yield told.st_mtime_ns, entry.path, told

        oldest = heapq.nsmallest(count, found(), key=lambda one: one[:2])
        return [
            (Path(path), Seen(told.st_size, told.st_mtime_ns, told.st_ino, now))
            for _, path, told in oldest
        ]

    def _entries(self) -> Iterator["os.DirEntry[str]"]:
        """Plain files in the folders of sources; links lead out of the folder and are left."""
        with os.scandir(self._folder) as sources:
            for source in sorted(sources, key=lambda one: one.name):
                if source.name.startswith(".") or not source.is_dir(follow_symlinks=False):
                    continue
                with os.scandir(source.path) as files:
                    yield from (one for one in files if one.is_file(follow_symlinks=False))

    def _is_stuck(self, path: Path, found: Seen) -> bool:
        stuck = self._stuck.get(path)
        return stuck is not None and stuck.same(found)

    def _take(self, path: Path, found: Seen) -> Taken | None:
        """Import a file and move it; None when it changed meanwhile or cannot be moved."""
        source = path.parent.name
        try:
            report = self._read(path, source)
        except Retryable:
            raise
        except RevtraceError as error:
            told, said = error.told(), str(error)
        except Exception as error:
            # One of the loops that catch everything: one file must not stop the ones behind it.
            LOG.exception("the import of %s failed", path)
            told = {"error": "a fault of revtrace", "why": repr(error), "todo": "See its log"}
            said = told["error"]
        else:
            told = _all_refused(report)
            return self._move(path, found, FAILED if told else DONE, {**asdict(report), **told})
        LOG.warning("%s was not taken: %s", path, said)
        return self._move(path, found, FAILED, {"file": str(path), "source": source, **told})

    def _move(self, path: Path, found: Seen, where: str, report: dict[str, Any]) -> Taken | None:
        try:
            told = path.stat()
            after = Seen(told.st_size, told.st_mtime_ns, told.st_ino, found.since)
            if not after.same(found):
                LOG.warning("%s changed while it was read, and is read again", path)
                return None
            folder = path.parent / where
            folder.mkdir(exist_ok=True)
            target = _free(folder, path.name)
            at = self._clock.now().isoformat()
            _write(target.with_name(target.name + REPORT), {**report, "outcome": where, "at": at})
            path.rename(target)
        except OSError as error:
            LOG.error("%s was dealt with (%s), but cannot be moved: %s", path, where, error)
            self._stuck[path] = found
            return None
        _log(where, path, report)
        return Taken(target, path.parent.name, where == DONE)


def _free(folder: Path, name: str) -> Path:
    """The name, with a number where the same one came on another night."""
    target, number = folder / name, 1
    while target.exists():
        number += 1
        stem, dot, ending = name.partition(".")
        target = folder / f"{stem}.{number}{dot}{ending}"
    return target


def _write(path: Path, report: dict[str, Any]) -> None:
    """Whole or not at all."""
    unfinished = path.with_name(path.name + UNFINISHED[0])
    unfinished.write_text(json.dumps(report, default=str, ensure_ascii=False, indent=2) + "\n")
    unfinished.replace(path)


def _all_refused(report: FileReport) -> dict[str, Any]:
    """What is wrong with a file of which nothing was taken; it may be the wrong one altogether."""
    if report.quarantined < max(report.received, 1):
        return {}
    return {
        "error": f"no row was taken: {report.received:,} went to quarantine",
        "why": report.hint,
        "todo": "See `revtrace quarantine list`: mend the mapping, raise its version and "
        "`revtrace quarantine replay`; or put a mended file here",
    }


def _log(where: str, path: Path, report: dict[str, Any]) -> None:
    """One line a file that was read; what waits for somebody is a warning."""
    if "received" not in report:
        return
    if report.get("known"):
        # The counts are those of the import that it is known by.
        told = "was imported before: nothing was stored now"
        LOG.info("%s: %s %s", where, path, told, extra={"format": report["format"], "known": True})
        return
    names = ("format", "received", "stored", "duplicates", "quarantined", "skipped")
    counts = {name: report[name] for name in names}
    refused = report["quarantined"]
    if not refused:
        LOG.info("%s: %s", where, path, extra=counts)
        return
    LOG.warning(
        "%s: %s: %s of %s rows went to quarantine. See `revtrace quarantine list`%s",
        *(where, path, f"{refused:,}", f"{report['received']:,}"),
        f". {report['hint']}" if report["hint"] else "",
        extra=counts,
    )
