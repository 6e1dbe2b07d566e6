"""A store on top of another one, which passes on what it is asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.store import Store

Params = Mapping[str, Any]


class StoreLayer(Store):
    """The same warehouse by way of another store; what is passed on may be told otherwise."""

    def __init__(self, inner: Store) -> None:
        super().__init__(inner.dsn, inner.database, inner.engine, inner.cluster)
        self._inner = inner

    def rows(
        self,
        sql: str,
        params: Params | None = None,
        *,
        settings: Params | None = None,
        readonly: bool = False,
    ) -> list[dict[str, Any]]:
        return self._inner.rows(self._told(sql), params, settings=settings, readonly=readonly)

    def value(self, sql: str, params: Params | None = None) -> Any:
        return self._inner.value(self._told(sql), params)

    def command(
        self, sql: str, params: Params | None = None, *, settings: Params | None = None
    ) -> None:
        self._inner.command(self._told(sql), params, settings=settings)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self._inner.insert(self._told(table), columns, rows)

    def _told(self, sql: str) -> str:
        """A statement, or the name of a table, as it is passed on."""
        return sql
