"""OCEL files to event lines: one event for each event-object pair, with id `event:object`.

OCEL 2.0 in SQLite is read where it lies; OCEL 2.0 in JSON and XML and OCEL 1.0 in JSON are laid
into a temporary database of the same shape first, so that all of them give the same events.

Names become snake_case by `collector.mapping.snake_case` unless the mapping says otherwise. A
relation between two objects becomes a link on the first event of its downstream end, in the
direction and with the meaning that the mapping declares for its qualifier; undeclared ones are
`part_of`, which no path walks. Objects without any event are left out; an event without objects is
no event of ours, and is refused by name.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from collector.csv_rows import amount_text, instant_text
from collector.delivery import NO_RECORD
from collector.file_stream import closing_stream, opened
from collector.mapping import Activity, OcelMapping, RelationType, snake_case
from collector.receivers import ocel_json, ocel_xml
from collector.receivers.ocel_stage import SQL, Stage
from core.errors import BadInput
from core.event import LINKS_MAX

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
SQLITE = b"SQLite format 3\0"
QUALIFIER_BYTES_MAX = 4096


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
    """An open file; `close` it. Raises BadInput for what is no OCEL."""

    def __init__(self, path: Path, mapping: OcelMapping) -> None:
        self._mapping = mapping
        self._staged = not _is_sqlite(path)
        try:
            self._database = _staged(path) if self._staged else _connected(path)
            with ExitStack() as undone:
                undone.callback(self._database.close)
                self._database.create_function("utc", 1, self._utc, deterministic=True)
                self._prepare()
                undone.pop_all()
        except sqlite3.Error as error:
            raise BadInput(f"{path.name} is no OCEL file", str(error), "Check the file") from None

    def close(self) -> None:
        """Close the file, and let go of what was laid beside it."""
        self._database.close()

    def counts(self) -> OcelCounts:
        """Count what is there."""
        return OcelCounts(
            *(self._count(name) for name in ("events", "objects", "event_objects", "relations"))
        )

    def lines(self) -> Iterator[bytes]:
        """An event line for each event-object pair, by time, then what cannot be read; bounded
        memory.
        """
        with closing(self._database.cursor()) as cursor:
            rows = cursor.execute(SQL["pairs"])
            for event, kind, at, thing, thing_type, qualifiers, first, amount in rows:
                line = self._line(event, kind, at, thing)
                line["object"] = self._object(thing, thing_type)
                if qualifiers:
                    line["attributes"] = {"ocel.qualifier": _cut(str(qualifiers))}
                self._weigh(line, thing_type, amount)
                if first:
                    line["links"] = self._links(thing)
                yield json.dumps(line, ensure_ascii=False).encode("utf-8", "replace")
            if self._staged:
                for (broken,) in cursor.execute(SQL["broken"]):
                    yield NO_RECORD + str(broken).encode("utf-8", "replace")

    def _line(self, event: str, kind: str | None, at: str | None, thing: str) -> dict[str, object]:
        line: dict[str, object] = {"event_id": f"{event}:{thing}" if thing else event}
        if at:
            line["occurred_at"] = instant_text(at, self._mapping.zone)
        if kind:
            activity = self._mapping.events.get(kind) or Activity(snake_case(kind))
            line["action"] = activity.action
            if activity.outcome:
                line["outcome"] = activity.outcome
        return line

    def _object(self, thing: str | None, kind: str | None) -> dict[str, str] | None:
        """None where the event has no object, and no type where the file does not tell of it."""
        if thing is None:
            return None
        return {"id": thing} | ({"type": self._type(kind)} if kind else {})

    def _weigh(self, line: dict[str, object], kind: str | None, value: object) -> None:
        declared = self._mapping.objects.get(kind or "")
        if declared and declared.amount and value is not None:
            line["money"] = {
                "amount": amount_text(str(value), declared.amount),
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

    def _type(self, kind: str) -> str:
        declared = self._mapping.objects.get(kind)
        return declared.type if declared else snake_case(kind)

    def _utc(self, at: object) -> str | None:
        """A text that sorts as the instant does; None for what is none."""
        try:
            found = datetime.fromisoformat(instant_text(str(at or ""), self._mapping.zone))
            return found.astimezone(UTC).isoformat(timespec="microseconds")
        except (ValueError, OverflowError):
            return None

    def _prepare(self) -> None:
        """Bring times and amounts under one name, in the file's own temporary space."""
        for statement in SQL.statements("prepare"):
            self._database.execute(statement)
        if self._staged:
            self._database.execute(SQL["staged_event_times"])
        else:
            for table in dict(self._database.execute(SQL["event_tables"])).values():
                self._database.execute(_named("add_event_times", table=table))
        for kind, declared in self._mapping.objects.items():
            if declared.amount is not None:
                self._add_amounts(kind, declared.amount.column)
        for statement in SQL.statements("index"):
            self._database.execute(statement)

    def _add_amounts(self, kind: str, column: str) -> None:
        """The first value of each object of a type that declares one."""
        if self._staged:
            named = {"kind": kind, "name": column}
            known = bool(self._database.execute(SQL["staged_names"], named).fetchone()[0])
            if known:
                self._database.execute(SQL["staged_amounts"], named)
        else:
            table = dict(self._database.execute(SQL["object_tables"])).get(kind)
            known = table is not None and column in self._columns(table)
            if known and table is not None:
                self._database.execute(_named("add_amounts", table=table, column=column))
        if not known:
            raise BadInput(
                f"object type '{kind}' has no attribute '{column}'", "", "Correct the mapping"
            )

    def _columns(self, table: str) -> list[str]:
        return [row[0] for row in self._database.execute(SQL["columns"], {"table": table})]

    def _count(self, name: str) -> int:
        found: int = self._database.execute(SQL[f"count_{name}"]).fetchone()[0]
        return found


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(SQLITE)) == SQLITE


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )


def _staged(path: Path) -> sqlite3.Connection:
    """A private database that lies on disk where it grows, and is gone once it is closed."""
    database = sqlite3.connect("", check_same_thread=False)
    raw, stream = opened(path)
    try:
        stage = Stage(database)
        _lay(stage, stream, path)
        stage.finish()
    except BaseException:
        database.close()
        raise
    finally:
        closing_stream(stream, raw)()
    return database


def _lay(stage: Stage, stream: IO[bytes], path: Path) -> None:
    head = stream.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip()
    stream.seek(0)
    if head.startswith(SQLITE):
        raise BadInput(f"{path.name} is compressed", "SQLite is read where it lies", "Unpack it")
    if head.startswith(b"<"):
        ocel_xml.lay(stage, stream)
    elif head.startswith(b"{"):
        ocel_json.lay(stage, stream)
    else:
        raise BadInput(
            f"{path.name} is no OCEL file", "it is neither SQLite, JSON nor XML", "Check the file"
        )


def _cut(text: str) -> str:
    return text.encode("utf-8", "replace")[:QUALIFIER_BYTES_MAX].decode("utf-8", "ignore")


def _named(name: str, **identifiers: str) -> str:
    """A statement on a table that only the file names: identifiers cannot be bound, so
    they are quoted.
    """
    text = SQL.raw(name)
    for marker, identifier in identifiers.items():
        text = text.replace("{{" + marker + "}}", '"' + identifier.replace('"', '""') + '"')
    return text
