"""The temporary database into which OCEL in JSON and XML is laid, in the shape that OCEL has in
SQLite.
"""

import json
import sqlite3
from typing import Any

from core.errors import BadInput
from core.store import SqlFolder

SQL = SqlFolder(__file__, "../sql/ocel")
BROKEN_CHARS_MAX = 100_000


class Stage:
    """Takes the events and objects of one file in any order. What cannot be read is kept as it
    is.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._told = 0
        for statement in SQL.statements("stage"):
            database.execute(statement)

    def add_event(self, name: object, kind: object, at: object) -> bool:
        """Add an event; raises BadInput when another one has its id."""
        return self._add("event", {"id": name, "type": kind, "at": at})

    def add_object(self, name: object, kind: object) -> bool:
        """Add an object; raises BadInput when another one has its id."""
        return self._add("object", {"id": name, "type": kind})

    def touches(self, event: object, thing: object, qualifier: object = "") -> None:
        """Say that an event touches an object."""
        self._relate("event_object", event, thing, qualifier)

    def relates(self, source: object, target: object, qualifier: object = "") -> None:
        """Say that an object has to do with another one."""
        self._relate("object_object", source, target, qualifier)

    def value(self, thing: object, name: object, value: object, at: object = "") -> None:
        """Add a value that an object has from an instant on."""
        texts = {"id": _text(thing), "name": _text(name), "value": _text(value), "at": _text(at)}
        self._run("object_value", texts)

    def broken(self, found: object) -> None:
        """Keep what is no event and no object, so that it can be refused."""
        text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
        self._run("broken", {"line": " ".join(text.split())[:BROKEN_CHARS_MAX]})

    def finish(self) -> None:
        """Nothing more comes; raises BadInput when nothing came at all."""
        if not self._told:
            raise BadInput(
                "the file has neither events nor objects of OCEL", "", "Check its format"
            )
        self._database.execute(SQL["stage_index"])

    def _add(self, what: str, texts: dict[str, object]) -> bool:
        named = {key: _text(value) for key, value in texts.items()}
        if not named["id"]:
            self.broken(texts)
            return False
        if self._run(what, named) == 0:
            raise BadInput(
                f"{what} '{named['id'][:200]}' is there twice", "", "Give each its own id"
            )
        return True

    def _relate(self, what: str, one: object, other: object, qualifier: object) -> None:
        ends = {"id": _text(one), "other": _text(other), "qualifier": _text(qualifier) or None}
        self._run(what, ends)

    def _run(self, what: str, named: dict[str, Any]) -> int:
        self._told += 1
        return self._database.execute(SQL[f"stage_{what}"], named).rowcount


def _text(value: object) -> str:
    """A scalar as a text, and what is none as nothing; NUL and lone surrogates are no text."""
    if isinstance(value, bool) or not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode()
