"""Sources: who sends, in which role. One TOML file each in `sources/`; the config folder adds to
and overrides them.

A sender that nobody declared is registered with role `unknown`, so that its events count and it can
be asked after.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.clock import Clock
from core.declaration import Table, read_folder
from core.errors import ConfigInvalid
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
SHIPPED = Path(__file__).parent / "sources"

UNKNOWN = "unknown"
ROLES = ("crm", "psa", "hcm", "expense", "billing", "middleware", "erp", "analytics", UNKNOWN)
COLUMNS = (
    "name",
    "role",
    "system",
    "expected_every_seconds",
    "record_of",
    "declared",
    "registered_at",
    "version",
)


@dataclass(frozen=True)
class Source:
    """A registered system; `expected_every` is how long it may be silent, `record_of` what it is
    the truth about.
    """

    name: str
    role: str
    system: str = ""
    expected_every: timedelta | None = None
    record_of: tuple[str, ...] = ()


def load_sources(overlay: Path | None = None) -> dict[str, Source]:
    """Read the shipped sources and those of the config folder, by name; raises ConfigInvalid naming
    file and key.
    """
    declared: dict[str, Source] = {}
    folders = [SHIPPED, *([overlay / "sources"] if overlay else [])]
    for folder in folders:
        seen: set[str] = set()
        for table in read_folder(folder, must_exist=folder is SHIPPED).values():
            source = read_source(table)
            if source.name in seen:
                raise ConfigInvalid(
                    f"{table.file}", f"source '{source.name}' is declared twice", "Keep one of them"
                )
            seen.add(source.name)
            declared[source.name] = source
    return declared


def read_source(table: Table) -> Source:
    """Read one declaration; only name and role are required."""
    source = Source(
        name=table.text("name"),
        role=table.one_of("role", ROLES),
        system=table.text("system", ""),
        expected_every=table.duration("expected_every"),
        record_of=table.words("record_of", needed=False),
    )
    table.close()
    return source


class SourceRegister:
    """The table `sources`, with its names kept in memory so that a known sender costs nothing."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._names: set[str] = set()

    def load(self) -> None:
        """Read who is registered."""
        self._names = {row["name"] for row in self._store.rows(SQL["list_source_names"])}

    def declare(self, sources: Iterable[Source]) -> None:
        """Register declared sources; what is declared replaces what was known of the name
        before.
        """
        now = self._clock.now()
        rows = [self._row(source, now, declared=True) for source in sources]
        self._store.insert("sources", COLUMNS, rows)
        self._names.update(str(row[0]) for row in rows)

    def register_unknown(self, names: Iterable[str], at: datetime) -> None:
        """Register the names that nobody knows yet, with role unknown."""
        new = sorted(set(names) - self._names)
        rows = [self._row(Source(name, UNKNOWN), at, declared=False) for name in new]
        self._store.insert("sources", COLUMNS, rows)
        self._names.update(new)

    def _row(self, source: Source, at: datetime, *, declared: bool) -> list[object]:
        every = source.expected_every.total_seconds() if source.expected_every else 0
        # A declaration always wins over an unknown registration, whichever came later.
        version = int(at.timestamp() * 1_000_000) if declared else 0
        return [
            source.name,
            source.role,
            source.system,
            int(every),
            list(source.record_of),
            int(declared),
            at,
            version,
        ]
