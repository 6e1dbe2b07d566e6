"""SQLite files of the home folder that are synced before anybody is told that something is kept."""

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def open_synced(path: Path, tables: Iterable[str]) -> sqlite3.Connection:
    """Open a file that only its owner may read, with these tables; each commit is on the disk when
    it returns. Raises sqlite3.Error and OSError.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        path.chmod(0o600)
        connection.row_factory, connection.text_factory = sqlite3.Row, as_text
        # A quarter less work for large bodies; with still larger pages a damaged one would take
        # more commits with it. A file that is there keeps the size that it has.
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("PRAGMA journal_mode = WAL")
        # The default of WAL mode would sync at checkpoints only, which is after the answer.
        connection.execute("PRAGMA synchronous = FULL")
        for statement in tables:
            connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def set_aside(path: Path) -> Path:
    """Rename a file and what SQLite keeps beside it; what cannot be read by us may be read by
    somebody with more patience, so nothing is deleted.
    """
    number = 1
    while (aside := path.with_suffix(f".broken-{number}")).exists():
        number += 1
    path.rename(aside)
    for ending in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(f"{aside}{ending}")
    return aside


def as_text(text: bytes) -> str:
    """Texts of a file that may be damaged; what was written there is ASCII."""
    return text.decode(errors="replace")


def is_broken(error: Exception) -> bool:
    """A file that is damaged, not one that is locked, full or out of reach."""
    named = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}
    name = getattr(error, "sqlite_errorname", "") or ""
    return any(name.startswith(each) for each in named)
