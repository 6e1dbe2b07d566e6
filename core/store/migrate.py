"""Schema changes: numbered migrations with a ledger, and views laid anew when their text changes.

No transaction protects DDL, so each statement is written to be repeatable (`IF NOT EXISTS`) and a
migration that was interrupted is simply run again. `{{engine:X}}` and `{{on_cluster}}` are filled
from the cluster setting, so that replicated tables come without rewriting history.
"""

import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ConfigInvalid, SchemaTooNew, StoreRefused
from core.store.sqlfile import SqlFolder, split_statements

if TYPE_CHECKING:
    from core.store.store import Store

FOLDER = Path(__file__).parent
ENGINE = re.compile(r"\{\{engine:([A-Za-z]+)(?:\(([^}]*)\))?\}\}")
FILE_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+$")
AFTER = re.compile(r"^-- after: (.+)$", re.MULTILINE)
SQL = SqlFolder(__file__)
STEP = timedelta(microseconds=1)
TRIES = 10
PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Applied:
    """One migration or view: what it is and the statements it runs."""

    part: str
    name: str
    number: int
    sha256: str
    statements: tuple[str, ...]


class Migrator:
    """Compares the files of this program with the ledger of the warehouse."""

    def __init__(self, store: "Store", folder: Path = FOLDER) -> None:
        self._store = store
        self._folder = folder

    def pending(self) -> list[Applied]:
        """Return what `apply` would run, in order; changes nothing."""
        ledger = self._ledger()
        migrations = self._migrations()
        self._check(ledger, migrations)
        return [
            change
            for change in [*migrations, *self._views()]
            if ledger.get((change.part, change.name)) != (change.sha256, "completed")
        ]

    def apply(self, now: datetime) -> list[Applied]:
        """Run what is pending and record it; raises SchemaTooNew, ConfigInvalid or store errors."""
        self._store.command(self._render(SQL.raw("ledger_table")))
        changes = self.pending()
        # The latest word counts, so each must be later than all before it: clocks jump back, and
        # a clock that is fixed to judge old data stands still.
        at = max(now, self._store.value(SQL["ledger_latest"]))
        completed: list[Applied] = []
        for begun in _together(changes):
            # The end of one and the beginning of the next are one word.
            at = self._record(completed, begun, at)
            for change in begun:
                self._run(change)
            completed = begun
        self._record(completed, [], at)
        return changes

    def _run(self, change: Applied) -> None:
        """Run a change's statements, from the first again when one of them is refused.

        Another process may migrate at the same time and drop between two of our statements what
        they build on. What is refused for another reason is refused each time.
        """
        for left in reversed(range(TRIES)):
            try:
                for statement in change.statements:
                    self._store.command(statement)
                return
            except StoreRefused:
                if not left:
                    raise
                time.sleep(PAUSE_SECONDS)

    def version(self) -> int:
        """Return the number of the newest migration that is completed, 0 when there is none."""
        return max(
            (
                int(name[:4])
                for (part, name), (_, status) in self._ledger().items()
                if part == "migration" and status == "completed"
            ),
            default=0,
        )

    def _ledger(self) -> dict[tuple[str, str], tuple[str, str]]:
        if not self._store.value(SQL["ledger_exists"], {"database": self._store.database}):
            return {}
        rows = self._store.rows(SQL["ledger_state"])
        return {(row["part"], row["name"]): (row["sha256"], row["status"]) for row in rows}

    def _record(self, completed: list[Applied], begun: list[Applied], at: datetime) -> datetime:
        """Note what is completed and what begins, in this order; returns the last instant noted."""
        changes = [*completed, *begun]
        if changes:
            row = {
                "parts": [change.part for change in changes],
                "names": [change.name for change in changes],
                "numbers": [change.number for change in changes],
                "hashes": [change.sha256 for change in changes],
                "statuses": ["completed"] * len(completed) + ["in_progress"] * len(begun),
                "times": [at + STEP * place for place in range(1, len(changes) + 1)],
            }
            self._store.command(SQL["ledger_note"], row)
        return at + STEP * len(changes)

    def _check(
        self, ledger: dict[tuple[str, str], tuple[str, str]], migrations: list[Applied]
    ) -> None:
        known = {change.name: change for change in migrations}
        for (part, name), (sha256, status) in ledger.items():
            if part != "migration":
                continue
            if name not in known:
                raise SchemaTooNew(
                    f"the warehouse has migration {name}",
                    "which this revtrace does not know",
                    "Install the revtrace that wrote it, or a newer one",
                )
            if status == "completed" and known[name].sha256 != sha256:
                raise ConfigInvalid(
                    f"migration {name} was changed after it was applied",
                    "history cannot be rewritten",
                    "Restore the file and put the change into a new migration",
                )

    def _migrations(self) -> list[Applied]:
        changes = []
        for place, path in enumerate(sorted((self._folder / "migrations").glob("*.sql")), start=1):
            match = FILE_NAME.match(path.stem)
            if match is None or int(match[1]) != place:
                raise ConfigInvalid(
                    f"migration {path.name}", f"number {place:04d} expected", "Numbers have no gap"
                )
            changes.append(self._change("migration", path, place))
        return changes

    def _views(self) -> list[Applied]:
        """Return the views, each behind those it names in its `-- after:` line."""
        paths = {path.stem: path for path in sorted((self._folder / "views").glob("*.sql"))}
        ordered: dict[str, Applied] = {}

        def lay(name: str, asked_by: str) -> None:
            if name in ordered:
                return
            if name not in paths:
                raise ConfigInvalid(f"view {asked_by}", f"comes after unknown view {name}")
            found = AFTER.search(paths[name].read_text(encoding="utf-8"))
            for earlier in found[1].split(",") if found else []:
                lay(earlier.strip(), name)
            ordered[name] = self._change("view", paths[name], 0)

        for name in paths:
            lay(name, name)
        return list(ordered.values())

    def _change(self, part: str, path: Path, number: int) -> Applied:
        text = path.read_text(encoding="utf-8")
        statements = tuple(split_statements(self._render(text)))
        digest = hashlib.sha256(text.encode()).hexdigest()
        return Applied(part, path.stem, number, digest, statements)

    def _render(self, text: str) -> str:
        cluster = self._store.cluster

        def engine(found: re.Match[str]) -> str:
            arguments = found[2] or ""
            if not cluster:
                return f"{found[1]}({arguments})"
            place = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'"
            return f"Replicated{found[1]}({', '.join(filter(None, [place, arguments]))})"

        on_cluster = f"ON CLUSTER `{cluster}`" if cluster else ""
        return ENGINE.sub(engine, text).replace("{{on_cluster}}", on_cluster)


def _together(changes: list[Applied]) -> Iterator[list[Applied]]:
    """Each migration by itself, and all views as one: a view can be laid again at any time."""
    views = [change for change in changes if change.part == "view"]
    yield from ([change] for change in changes if change.part != "view")
    if views:
        yield views
