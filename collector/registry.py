"""What was imported and by which mappings: the tables `files` and `mappings`."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from collector.delivery import Delivery
from collector.mapping import AnyMapping, CsvMapping, OcelMapping, parse_mapping
from collector.payload_mapping import FORMAT, PayloadMapping
from core.clock import Clock
from core.errors import ConfigInvalid, NotFound
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)

KEY = ("sha256", "format", "source", "mapping", "mapping_version")
COUNTS = ("received", "stored", "duplicates", "quarantined", "skipped", "totals")


class Registry:
    """Reads and writes both tables; their owner is the collector."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        # What is read here to be made again may be older than the rules of its source.
        self.redact: Callable[[Delivery], Delivery] = lambda delivery: delivery
        # A version never changes its text, so what was read once stays so; there are tens of them.
        self._read: dict[tuple[str, int], AnyMapping] = {}

    def known_file(self, report: Mapping[str, Any]) -> dict[str, Any] | None:
        """The counts of an earlier import of the same content in the same way, None when there was
        none.
        """
        rows = self._store.rows(SQL["find_file"], {name: report[name] for name in KEY})
        return {name: rows[0][name] for name in COUNTS} if rows else None

    def register_file(self, report: Mapping[str, Any]) -> None:
        """Register an import that came to its end."""
        columns = [*KEY, *COUNTS, "name", "bytes", "imported_at"]
        own = {"name": report["file"], "imported_at": self._clock.now()}
        values = {**report, "totals": dict(report["totals"]), **own}
        self._store.insert("files", columns, [[values[name] for name in columns]])

    def register_mapping(self, mapping: AnyMapping, format: str) -> None:
        """Register the text of a mapping; raises ConfigInvalid when its version stood for another
        text before.
        """
        digest = hashlib.sha256(mapping.text.encode()).hexdigest()
        known = self._store.rows(SQL["find_mapping"], _key(mapping.name, mapping.version))
        if known and known[0]["sha256"] != digest:
            raise ConfigInvalid(
                f"mapping {mapping.name}, version {mapping.version}",
                "made events with another text before",
                "Raise its version",
            )
        if not known:
            columns = ["mapping", "mapping_version", "sha256", "format", "text", "registered_at"]
            now = self._clock.now()
            row = [mapping.name, mapping.version, digest, format, mapping.text, now]
            self._store.insert("mappings", columns, [row])

    def learn(self, mappings: Iterable[AnyMapping]) -> None:
        """Know the texts of mappings without the warehouse; they MUST be registered before what
        they make is kept.
        """
        self._read |= {(one.name, one.version): one for one in mappings}

    def register_mappings(self, mappings: Iterable[AnyMapping]) -> None:
        """Register the texts of many mappings at once; raises ConfigInvalid as `register_mapping`
        does.
        """
        rows = self._store.rows(SQL["list_mappings"])
        known = {(row["mapping"], row["mapping_version"]): row["sha256"] for row in rows}
        for mapping in mappings:
            key = (mapping.name, mapping.version)
            if known.get(key) != hashlib.sha256(mapping.text.encode()).hexdigest():
                self.register_mapping(mapping, format_of(mapping))
                known[key] = hashlib.sha256(mapping.text.encode()).hexdigest()
            self._read[key] = mapping

    def delivery(self, name: str) -> Delivery:
        """A delivery as it was received; raises NotFound when there is none of that id."""
        rows = self._store.rows(SQL["read_deliveries"], {"deliveries": [name]})
        if not rows:
            raise NotFound(f"delivery {name}", "is not here")
        return delivery_of(rows[0])

    def mapping(self, name: str, version: int) -> AnyMapping:
        """The mapping that made an event; raises NotFound when it was never registered."""
        if (name, version) not in self._read:
            known = self._store.rows(SQL["find_mapping"], _key(name, version))
            if not known:
                raise NotFound(f"mapping {name}, version {version}", "was never registered")
            text = known[0]["text"]
            self._read[name, version] = parse_mapping(text, f"mapping {name}, version {version}")
        return self._read[name, version]


def format_of(mapping: AnyMapping) -> str:
    """What kind of file or payload a mapping is for."""
    kinds = {CsvMapping: "csv", OcelMapping: "ocel", PayloadMapping: FORMAT}
    return kinds[type(mapping)]


def delivery_of(row: Mapping[str, Any]) -> Delivery:
    """A delivery as its row says, its payload not made yet."""
    return Delivery(
        body=base64.b64decode(row["body"]),
        protocol=row["protocol"],
        source=row["source"],
        content_type=row["content_type"],
        content_encoding=row["content_encoding"],
        mapping=row["mapping"],
        mapping_version=row["mapping_version"],
        file=row["file"],
        file_sha256=row["file_sha256"],
        file_line=row["file_line"],
        token=row["token"],
        allowed_sources=tuple(row["allowed_sources"]),
    )


def _key(name: str, version: int) -> dict[str, Any]:
    return {"mapping": name, "mapping_version": version}
