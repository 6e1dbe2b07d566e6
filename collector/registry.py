"""What was imported and by which mappings: the tables `files` and `mappings`."""

import hashlib
from collections.abc import Mapping
from typing import Any

from collector.mapping import AnyMapping, parse_mapping
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

    def mapping(self, name: str, version: int) -> AnyMapping:
        """The mapping that made an event; raises NotFound when it was never registered."""
        known = self._store.rows(SQL["find_mapping"], _key(name, version))
        if not known:
            raise NotFound(f"mapping {name}, version {version}", "was never registered")
        return parse_mapping(known[0]["text"], f"mapping {name}, version {version}")


def _key(name: str, version: int) -> dict[str, Any]:
    return {"mapping": name, "mapping_version": version}
