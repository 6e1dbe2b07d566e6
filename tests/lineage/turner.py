"""A process that turns the wheel of a server: what tests kill."""

import sys
from typing import Any

from core.store import Store
from tests.lineage.test_wheel import wheel


def main(dsn: str, database: str, most: int) -> None:
    """Turn, and say so after that many commands."""
    store = Store.open(dsn, database=database)
    real, written = store.command, 0

    def command(*given: Any, **named: Any) -> None:
        nonlocal written
        written += 1
        if written == most:
            sys.stdout.write("written\n")
            sys.stdout.flush()
        real(*given, **named)

    store.command = command  # type: ignore[method-assign]
    wheel(store).run_until_idle()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
