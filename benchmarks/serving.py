"""A collector in a process of its own, for the benchmarks that kill it."""

import sys
from pathlib import Path

import uvicorn

from collector.app import create_app
from collector.writer import Journal, Writer
from core.clock import SystemClock
from core.settings import Settings
from core.store import Store


def main(dsn: str, database: str, port: int, home: Path) -> None:
    """Serve until killed; arguments are DSN, database, port and home."""
    store = Store.open(dsn, database=database)
    store.migrate()
    settings = Settings(home=home)
    writer = Writer(store, SystemClock(), settings.collector, Journal(settings.home))
    writer.open()
    uvicorn.run(create_app(writer, settings), host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
