"""The wheel's work tables: they are emptied by one statement when a turn begins, and after that
only those that were filled since.

A turn has some eighty of them, and one that is about one event fills half.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from core.store import Store
from lineage.layer import Params, StoreLayer

FILLS = re.compile(r"^INSERT INTO (work_\w+)", re.MULTILINE)
EMPTIES = re.compile(r"^TRUNCATE TABLE (work_\w+)", re.MULTILINE)


class WorkStore(StoreLayer):
    """The same warehouse, leaving out statements that empty what is empty."""

    def __init__(self, inner: Store, empty_all: Callable[[], None]) -> None:
        super().__init__(inner)
        self._empty_all = empty_all
        # None: nothing is known of any of them.
        self._filled: set[str] | None = None

    def begin(self) -> None:
        """Empty every work table, whoever has filled it: another wheel, or a turn that was
        killed. Nothing is left out before.
        """
        self._filled = None
        self._empty_all()
        self._filled = set()

    def command(
        self,
        sql: str,
        params: Params | None = None,
        *,
        settings: Params | None = None,
    ) -> None:
        known = self._filled
        emptied = EMPTIES.search(sql)
        if emptied and known is not None and emptied[1] not in known:
            return
        filled = FILLS.search(sql)
        if filled and known is not None:
            # Before, since a statement that fails may have written some of its rows.
            known.add(filled[1])
        super().command(sql, params, settings=settings)
        if emptied and known is not None:
            known.discard(emptied[1])

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if self._filled is not None:
            self._filled.add(table)
        super().insert(table, columns, rows)
