"""The wheel's work tables: what is known to be empty is not emptied again.

A turn has some eighty of them, and one that is about one event fills half. What a wheel has not
seen itself it does not know: after another wheel's turn, or one that was killed, all are emptied.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.store import Store

FILLS = re.compile(r"^INSERT INTO (work_\w+)", re.MULTILINE)
EMPTIES = re.compile(r"^TRUNCATE TABLE (work_\w+)", re.MULTILINE)
Params = Mapping[str, Any]


class WorkStore(Store):
    """The same warehouse, leaving out statements that empty what is empty."""

    def __init__(self, inner: Store) -> None:
        super().__init__(inner.dsn, inner.database, inner.engine, inner.cluster)
        self._inner = inner
        self._empty: set[str] = set()

    def forget(self) -> None:
        """Take every work table for full."""
        self._empty.clear()

    def rows(
        self,
        sql: str,
        params: Params | None = None,
        *,
        settings: Params | None = None,
        readonly: bool = False,
    ) -> list[dict[str, Any]]:
        return self._inner.rows(sql, params, settings=settings, readonly=readonly)

    def value(self, sql: str, params: Params | None = None) -> Any:
        return self._inner.value(sql, params)

    def command(
        self, sql: str, params: Params | None = None, *, settings: Params | None = None
    ) -> None:
        emptied = EMPTIES.search(sql)
        if emptied and emptied[1] in self._empty:
            return
        filled = FILLS.search(sql)
        if filled:
            # Before, since a statement that fails may have written some of its rows.
            self._empty.discard(filled[1])
        self._inner.command(sql, params, settings=settings)
        if emptied:
            self._empty.add(emptied[1])

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self._empty.discard(table)
        self._inner.insert(table, columns, rows)
