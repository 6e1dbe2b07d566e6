"""The warehouse: one Store for embedded chDB and for a ClickHouse server."""

from core.store.migrate import Applied, Migrator
from core.store.sqlfile import SqlFolder
from core.store.store import Store

__all__ = ["Applied", "Migrator", "SqlFolder", "Store"]
