"""The Store: the one door to the warehouse, the same for embedded chDB and for a server."""

import contextvars
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from core.clock import SystemClock
from core.errors import StoreRefused
from core.settings import EngineSettings
from core.store import driver
from core.store.migrate import Applied, Migrator
from core.store.sqlfile import SqlFolder
from core.store.traced import statement_span

if TYPE_CHECKING:
    from pandas import DataFrame

Params = Mapping[str, Any]
SQL = SqlFolder(__file__)
# Threads of `together`, each with a client of its own, beside those that call it.
TOGETHER_MAX = 3


class Store:
    """A database of a warehouse.

    Each thread gets an engine client of its own on first use, since one client runs one query at a
    time. Every method raises only errors of `core.errors`. Values go in only as bound `{name:Type}`
    parameters.
    """

    def __init__(self, dsn: str, database: str, engine: EngineSettings, cluster: str) -> None:
        self.dsn = dsn
        self.database = database
        self.cluster = cluster
        self.embedded = driver.is_embedded(dsn)
        self.engine = engine
        self._local = threading.local()
        self._clients: weakref.WeakSet[driver.Client] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._closed = False
        self._pool: ThreadPoolExecutor | None = None
        self._where = driver.masked(dsn)

    @classmethod
    def open(
        cls,
        dsn: str,
        *,
        database: str = "revtrace",
        engine: EngineSettings | None = None,
        cluster: str = "",
    ) -> Self:
        """Open the database, creating it when it is not there; errors as of `driver.connect`."""
        store = cls(dsn, database, engine or EngineSettings(), cluster)
        store.create()
        return store

    def create(self) -> None:
        """Create the database when it is not there: what `open` does, for a store that was made
        while its warehouse was away.
        """
        first = driver.connect(self.dsn, database=None, engine=self.engine)
        try:
            on_cluster = f" ON CLUSTER {_quoted(self.cluster)}" if self.cluster else ""
            name = _quoted(self.database)
            with driver.translated(self._where):
                # Asked first, since an account that may only read must not be refused for nothing.
                asked = first.query(SQL["database_exists"], parameters={"database": self.database})
                if not asked.result_rows[0][0]:
                    first.command(f"CREATE DATABASE IF NOT EXISTS {name}{on_cluster}")
        finally:
            first.close()
        self._client()

    def beside(self, database: str) -> Self:
        """Open another database of the same warehouse, creating it when it is not there; the caller
        closes it. On a cluster it is of this server alone.
        """
        return type(self).open(self.dsn, database=database, engine=self.engine)

    def migrate(self, clock_now: datetime | None = None) -> list[Applied]:
        """Bring the schema up to this program; raises SchemaTooNew when it is ahead of it."""
        return Migrator(self).apply(clock_now or SystemClock().now())

    def rows(
        self,
        sql: str,
        params: Params | None = None,
        *,
        settings: Params | None = None,
        readonly: bool = False,
    ) -> list[dict[str, Any]]:
        """Run a query and return its rows as dicts; instants are aware UTC, money is Decimal."""
        try:
            result = self._run(
                lambda client: client.query(
                    sql, parameters=_bound(params), settings=_merged(settings, readonly)
                ),
                sql,
            )
        except StoreRefused:
            if readonly and self.embedded:
                # The embedded engine may have made the whole session readonly, for good.
                self._drop_client()
            raise
        names = result.column_names
        return [dict(zip(names, row, strict=True)) for row in result.result_rows]

    def value(self, sql: str, params: Params | None = None) -> Any:
        """Run a query and return the first column of its first row, None when there is no row."""
        result = self._run(lambda client: client.query(sql, parameters=_bound(params)), sql)
        return result.result_rows[0][0] if result.result_rows else None

    def frame(
        self,
        sql: str,
        params: Params | None = None,
        *,
        settings: Params | None = None,
        readonly: bool = True,
    ) -> "DataFrame":
        """Run a query and return a pandas frame, for pages; readonly unless said otherwise."""
        from pandas import DataFrame

        rows = self.rows(sql, params, settings=settings, readonly=readonly)
        return DataFrame(rows)

    def command(
        self, sql: str, params: Params | None = None, *, settings: Params | None = None
    ) -> None:
        """Run one statement that returns nothing."""
        self._run(
            lambda client: client.command(
                sql, parameters=_bound(params), settings=dict(settings or {})
            ),
            sql,
        )

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows by column name; no rows is no statement."""
        if rows:
            self._run(
                lambda client: client.insert(table, rows, column_names=list(columns)),
                into=table,
            )

    def insert_raw(
        self,
        table: str,
        data: bytes,
        fmt: str,
        *,
        columns: Sequence[str] | None = None,
        settings: Params | None = None,
    ) -> None:
        """Insert bytes that are already in one of the engine's formats."""
        self._run(
            lambda client: client.raw_insert(
                table,
                column_names=list(columns) if columns else None,
                insert_block=data,
                fmt=fmt,
                settings=dict(settings or {}),
            ),
            into=table,
        )

    def together(self, *calls: Callable[[], Any]) -> list[Any]:
        """Make calls that ask this store at once, and return what each returns, in their order: a
        question of several statements that do not hang on each other takes as long as its longest.

        The first error is raised once all have ended. None of the calls may come here again.
        """
        if len(calls) < 2:
            return [call() for call in calls]
        first, *others = calls
        pool = self._threads()
        # What is traced around them is traced in the threads, too.
        running: list[Future[Any]] = [
            pool.submit(contextvars.copy_context().run, call) for call in others
        ]
        try:
            own = first()
        finally:
            for each in running:
                each.exception()
        return [own, *(each.result() for each in running)]

    def _threads(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._closed:
                raise StoreRefused(f"the warehouse {self._where} was closed by this process")
            if self._pool is None:
                self._pool = ThreadPoolExecutor(TOGETHER_MAX, "store")
            return self._pool

    def release_memory(self) -> None:
        """Give back what the embedded engine holds for later; a server is others' too and is left
        alone.
        """
        if self.embedded:
            for statement in SQL.statements("release_memory"):
                self.command(statement)

    def drop(self) -> None:
        """Drop the whole database: for tests and for throw-away warehouses."""
        self.command(f"DROP DATABASE IF EXISTS {_quoted(self.database)}")

    def close(self) -> None:
        """Close every thread's client; whatever is asked of the store afterwards is refused."""
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()
        with self._lock:
            for client in list(self._clients):
                client.close()
            self._clients.clear()
        self._local = threading.local()

    def _run(self, call: Callable[[driver.Client], Any], sql: str = "", *, into: str = "") -> Any:
        with driver.translated(self._where), statement_span(self.database, sql, into):
            return call(self._client())

    def _drop_client(self) -> None:
        """Close this thread's client; the next call gets a fresh one."""
        client: driver.Client | None = getattr(self._local, "client", None)
        if client is not None:
            self._local.client = None
            with self._lock:
                self._clients.discard(client)
            client.close()

    def _client(self) -> driver.Client:
        client: driver.Client | None = getattr(self._local, "client", None)
        if client is None:
            client = driver.connect(self.dsn, database=self.database, engine=self.engine)
            with self._lock:
                if self._closed:
                    client.close()
                    raise StoreRefused(f"the warehouse {self._where} was closed by this process")
                self._clients.add(client)
            self._local.client = client
        return client


def _bound(params: Params | None) -> dict[str, Any] | None:
    """Write instants as UTC text with microseconds: the driver itself would cut them to seconds."""
    if not params:
        return None
    return {name: _bound_value(value) for name, value in params.items()}


def _bound_value(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise StoreRefused("a query was given an instant without an offset", value.isoformat())
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, (list, tuple)):
        return [_bound_value(part) for part in value]
    return value


def _merged(settings: Params | None, readonly: bool) -> dict[str, Any]:
    """Level 2 forbids writes but lets a query carry its limits, which level 1 would refuse."""
    merged = dict(settings or {})
    if readonly:
        merged["readonly"] = 2
    return merged


def _quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
