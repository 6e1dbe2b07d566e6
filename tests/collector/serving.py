"""A collector as a process of its own, for tests that kill it.

`python -m tests.collector.serving FOLDER PORT` serves. With port 0 it only opens the warehouse, as
the next start does, and prints what is there: an engine opens one folder a process, so the test
itself cannot look.
"""

import json
import sys

import uvicorn

from collector.app import create_app
from collector.writer import Writer
from core.clock import SystemClock
from core.settings import Settings
from core.store import Store


def main(folder: str, port: int) -> None:
    """Serve until killed, or tell what is there."""
    store = Store.open(f"chdb://{folder}", database="killed")
    store.migrate()
    settings = Settings()
    writer = Writer(store, SystemClock(), settings.collector)
    writer.open()
    if port:
        app = create_app(writer, settings)
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")
        return
    rows = store.rows("SELECT event_id, count() AS times FROM events GROUP BY event_id")
    unseen = store.value(
        "SELECT count() FROM events WHERE batch > (SELECT max(batch) FROM batches) "
        "OR object_hash NOT IN (SELECT object_hash FROM event_arrivals)"
    )
    told = {
        "times": {row["event_id"]: row["times"] for row in rows},
        "unseen": unseen,
        "imbalances": [one.text for one in writer.check_identity()],
    }
    sys.stdout.write(json.dumps(told))
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
