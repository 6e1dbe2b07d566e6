"""A process that takes the lease of a warehouse when it is told to, and lets go of it: `python -m
tests.collector.claiming DSN DATABASE`, a word a line.
"""

import sys

from collector.lease import Lease
from core.clock import SystemClock
from core.errors import StoreLocked
from core.store import Store


def main(dsn: str, database: str) -> None:
    """Do as the lines of the input say, and say how it went."""
    store = Store.open(dsn, database=database)
    _tell("ready")
    lease = Lease(store, SystemClock())
    for word in sys.stdin:
        if word.strip() == "release":
            lease.release()
            _tell("released")
            continue
        try:
            lease.take()
            _tell("mine")
        except StoreLocked:
            _tell("refused")
    store.close()


def _tell(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
