"""What all parts of a turn have in common: they run statements of this package by name."""

from typing import Any, ClassVar

from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)


class Steps:
    """A part of a turn on one store."""

    # How the names of its statements begin, and of those that empty a table.
    _steps: ClassVar[str] = ""
    _clears: ClassVar[str] = "clear_work_"

    def __init__(self, store: Store) -> None:
        self._store = store

    def _run(self, params: dict[str, Any], *names: str) -> None:
        for name in names:
            self._store.command(SQL[f"{self._steps}{name}"], params)

    def _clear(self, *tables: str) -> None:
        for table in tables:
            self._store.command(SQL[f"{self._clears}{table}"])
