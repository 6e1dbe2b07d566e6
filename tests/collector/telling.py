"""What a warehouse holds after its collector was killed: `python -m tests.collector.telling DSN
DATABASE HOME` prints it.

A program of its own, since an engine opens one folder a process. It opens the writer as the next
start does, so what was left undone is done.
"""

import json
import sys
from pathlib import Path
from typing import Any

from collector.writer import Journal, Writer
from core.clock import SystemClock
from core.store import Store


def tell(store: Store, home: Path | None = None) -> dict[str, Any]:
    """How often each event is there, and what must not be."""
    writer = Writer(store, SystemClock(), journal=Journal(home) if home else None)
    writer.open()
    rows = store.rows("SELECT event_id, count() AS times FROM events GROUP BY event_id")
    told = {
        "times": {row["event_id"]: row["times"] for row in rows},
        "twice": store.value("SELECT count() - uniqExact(delivery) FROM deliveries"),
        "unseen": store.value(
            "SELECT count() FROM events WHERE batch > (SELECT max(batch) FROM batches) "
            "OR object_hash NOT IN (SELECT object_hash FROM event_arrivals)"
        ),
        "imbalances": [one.text for one in writer.check_identity()],
    }
    writer.close()
    return told


def main(dsn: str, database: str, home: Path) -> None:
    """Print it as one JSON document."""
    store = Store.open(dsn, database=database)
    store.migrate()
    sys.stdout.write(json.dumps(tell(store, home)))
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
