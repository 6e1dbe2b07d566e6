"""OCEL 2.0 in SQLite to event lines: one event for each event-object pair, with id `event:object`.

Names become snake_case by `collector.mapping.snake_case` unless the mapping says otherwise. A
relation between two objects becomes a link on the first event of its downstream end, in the
direction and with the meaning that the mapping declares for its qualifier; undeclared ones are
`part_of`, which no path walks. Objects without any event are left out.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from collector.mapping import Activity, OcelMapping, RelationType, snake_case
from collector.receivers.csv_rows import amount_text, instant_text
from core.errors import BadInput
from core.event import LINKS_MAX
from core.store import SqlFolder

SQL = SqlFolder(__file__, "../sql/ocel")
PLAIN = OcelMapping(
    name="ocel",
    version=1,
    source="",
    text="",
    zone=ZoneInfo("UTC"),
    objects={},
    events={},
    relations={},
)
UNDECLARED = RelationType("part_of", "source")
OWN_COLUMNS = ("ocel_id", "ocel_time", "ocel_changed_field")


@dataclass(frozen=True)
class OcelCounts:
    """What the file holds, for checking an import against it; objects and relations are of objects
    with events.
    """

    events: int
    objects: int
    event_objects: int
    object_relations: int


class OcelFile:
    """An open file; `close` it. Raises BadInput for what is no OCEL 2.0 SQLite database."""

    def __init__(self, path: Path, mapping: OcelMapping) -> None:
        self._mapping = mapping
        self._path = path
        try:
            self._database = sqlite3.connect(
                f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            self._prepare()
        except sqlite3.Error as error:
            raise BadInput(
                f"{path.name} is no OCEL 2.0 SQLite file", str(error), "Check the file"
            ) from None

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def counts(self) -> OcelCounts:
        """Count what is there."""
        return OcelCounts(
            *(self._count(name) for name in ("events", "objects", "event_objects", "relations"))
        )

    def lines(self) -> Iterator[bytes]:
        """An event line for each event-object pair, by time; bounded memory."""
        values = self._object_values()
        with closing(self._database.cursor()) as cursor:
            rows = cursor.execute(SQL["pairs"])
            for event, kind, at, thing, thing_type, qualifiers, first in rows:
                line = self._line(event, kind, at, thing, thing_type)
                line["attributes"] = {"ocel.qualifier": qualifiers[:4096]} if qualifiers else {}
                self._weigh(line, thing_type, thing, values)
                if first:
                    line["links"] = self._links(thing)
                yield json.dumps(line, ensure_ascii=False).encode("utf-8", "replace")

    def _line(
        self, event: str, kind: str, at: str, thing: str, thing_type: str
    ) -> dict[str, object]:
        mapping = self._mapping
        activity = mapping.events.get(kind) or Activity(snake_case(kind))
        line: dict[str, object] = {
            "event_id": f"{event}:{thing}",
            "occurred_at": instant_text(at or "", mapping.zone),
            "object": {"type": self._type(thing_type), "id": thing},
            "action": activity.action,
        }
        if activity.outcome:
            line["outcome"] = activity.outcome
        return line

    def _weigh(
        self, line: dict[str, object], kind: str, thing: str, values: dict[str, dict[str, str]]
    ) -> None:
        declared = self._mapping.objects.get(kind)
        if declared and declared.amount and (text := values[kind].get(thing)):
            line["money"] = {
                "amount": amount_text(text, declared.amount),
                "currency": declared.amount.currency,
            }

    def _links(self, thing: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        for source, source_type, target, target_type, qualifier in self._database.execute(
            SQL["relations_of"], {"thing": thing}
        ):
            rule = self._mapping.relations.get(qualifier, UNDECLARED)
            downstream = source if rule.downstream == "source" else target
            if downstream == thing:
                other, kind = (
                    (target, target_type) if downstream == source else (source, source_type)
                )
                found.append({"type": self._type(kind), "id": other, "relation": rule.relation})
        return found[:LINKS_MAX]

    def _object_values(self) -> dict[str, dict[str, str]]:
        """The amounts of the object types that declare one: the first value of each object."""
        found: dict[str, dict[str, str]] = {}
        for kind, declared in self._mapping.objects.items():
            if declared.amount is None:
                continue
            table, column = self._tables["object"].get(kind), declared.amount.column
            if table is None or column not in self._columns(table):
                raise BadInput(
                    f"object type '{kind}' has no attribute '{column}'", "", "Correct the mapping"
                )
            rows = self._database.execute(_named("object_values", table=table, column=column))
            found[kind] = {thing: str(value) for thing, value in rows}
        return found

    def _type(self, kind: str) -> str:
        declared = self._mapping.objects.get(kind)
        return declared.type if declared else snake_case(kind)

    def _prepare(self) -> None:
        """Bring the per-type event tables under one name, in the file's own temporary space."""
        self._tables = {
            part: dict(self._database.execute(SQL[f"{part}_tables"]))
            for part in ("event", "object")
        }
        for statement in SQL.statements("prepare"):
            self._database.execute(statement)
        for table in self._tables["event"].values():
            self._database.execute(_named("add_event_times", table=table))
        for statement in SQL.statements("index"):
            self._database.execute(statement)

    def _columns(self, table: str) -> list[str]:
        return [row[0] for row in self._database.execute(SQL["columns"], {"table": table})]

    def _count(self, name: str) -> int:
        found: int = self._database.execute(SQL[f"count_{name}"]).fetchone()[0]
        return found


def _named(name: str, **identifiers: str) -> str:
    """A statement on a table that only the file names: identifiers cannot be bound, so
    they are quoted.
    """
    text = SQL.raw(name)
    for marker, identifier in identifiers.items():
        text = text.replace("{{" + marker + "}}", '"' + identifier.replace('"', '""') + '"')
    return text
