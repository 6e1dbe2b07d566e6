"""Sources: who sends, in which role. One TOML file each in `sources/`; the config folder adds to
and overrides them.

A sender that nobody declared is registered with role `unknown`, so that its events count and it can
be asked after.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from collector.mapping import AnyMapping, read_mapping
from collector.payload_mapping import read_payload_mapping, refuse_unless_payload
from collector.redaction import Rules, read_rules
from collector.signature import Signature, read_signature
from core.clock import Clock
from core.declaration import Table, read_folder
from core.errors import ConfigInvalid
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
SHIPPED = Path(__file__).parent / "sources"
SHIPPED_MAPPINGS = Path(__file__).parent / "mappings"

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
    the truth about, `mapping` how its payloads become events.
    """

    name: str
    role: str
    system: str = ""
    expected_every: timedelta | None = None
    record_of: tuple[str, ...] = ()
    mapping: AnyMapping | None = None
    signature: Signature | None = None
    redact: Rules | None = None


def load_sources(overlay: Path | None = None) -> dict[str, Source]:
    """Read the shipped sources and those of the config folder, by name; raises ConfigInvalid naming
    file and key.
    """
    declared: dict[str, Source] = {}
    mappings = load_mappings(overlay)
    folders = [SHIPPED, *([overlay / "sources"] if overlay else [])]
    for folder in folders:
        seen: set[str] = set()
        for table in read_folder(folder, must_exist=folder is SHIPPED).values():
            source = with_mapping(read_source(table), mappings)
            if source.name in seen:
                raise ConfigInvalid(
                    f"{table.file}", f"source '{source.name}' is declared twice", "Keep one of them"
                )
            seen.add(source.name)
            declared[source.name] = source
    return declared


def load_mappings(overlay: Path | None = None) -> dict[str, AnyMapping]:
    """Read the mappings that a source may name as its `system`, shipped and of the config folder,
    by the names of their files; raises ConfigInvalid.
    """
    folders = [SHIPPED_MAPPINGS, *([overlay / "mappings"] if overlay else [])]
    return {
        path.stem: read_mapping(path)
        for folder in folders
        for path in sorted(folder.glob("*.toml"))
        if path.is_file()
    }


def with_mapping(source: Source, mappings: Mapping[str, AnyMapping]) -> Source:
    """Give a source the mapping of its system, unless it has its own; a system that nobody has a
    mapping for is only a word.
    """
    if source.mapping is not None or source.system not in mappings:
        return source
    return replace(source, mapping=mappings[source.system])


def read_source(table: Table) -> Source:
    """Read one declaration; only name and role are required."""
    source = Source(
        name=table.text("name"),
        role=table.one_of("role", ROLES),
        system=table.text("system", ""),
        expected_every=table.duration("expected_every"),
        record_of=table.words("record_of", needed=False),
        mapping=_own_mapping(table),
        signature=read_signature(table.table("signature")),
        redact=read_rules(table.table("redact")),
    )
    table.close()
    return source


def _own_mapping(table: Table) -> AnyMapping | None:
    below = table.table("mapping")
    if below is None:
        return None
    values = table.value("mapping", dict, "a table [mapping]")
    refuse_unless_payload(values, table.file)
    if below.has("name"):
        below.refuse("name", "is that of the source", "Leave it out")
    # A name that no mapping of a system can have.
    return read_payload_mapping(below, values, f"sources/{table.text('name')}")


class SourceRegister:
    """The table `sources`, with its names kept in memory so that a known sender costs nothing."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._names: set[str] = set()
        self._declared: dict[str, Source] = {}

    @property
    def declared(self) -> Mapping[str, Source]:
        """The sources that were declared to this register, by name."""
        return self._declared

    def load(self) -> None:
        """Read who is registered."""
        self._names = {row["name"] for row in self._store.rows(SQL["list_source_names"])}

    def expect(self, sources: Iterable[Source]) -> None:
        """Know the declared sources without the warehouse; `declare` registers them."""
        self._declared = {source.name: source for source in sources}

    def declare(self, sources: Iterable[Source]) -> None:
        """Register declared sources; what is declared replaces what was known of the name
        before.
        """
        now = self._clock.now()
        # Replaced as a whole: requests look into it while a mended file is read anew.
        self.expect(sources)
        rows = [self._row(source, now, declared=True) for source in self._declared.values()]
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
