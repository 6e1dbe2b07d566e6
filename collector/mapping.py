"""Mappings: TOML files that say how the rows of a file become events. Pure; a wrong file names its
key.

A mapping has a name and a version, which every event it makes keeps. Its text is registered with
the warehouse, so that an event can be made again from its delivery; a changed text needs a new
version.
"""

import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from collector.mapping_parts import check_path, read_zone
from collector.payload_mapping import FORMAT, PayloadMapping, read_payload_mapping
from core.declaration import Table
from core.errors import ConfigInvalid
from core.event import CURRENCIES, MEASURES, OUTCOMES, RELATIONS

ROW_FORMATS = ("csv", "parquet", "xes")
DECIMALS = (".", ",")
ROUNDINGS = ("half_even", "half_up", "down")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """The rule for names of other systems: accents off, camelCase split, all but a-z and 0-9 to one
    `_`, at most 100.

    A name that would begin with no letter gets `x_` before it: `PickItem` -> pick_item, `2nd try`
    -> x_2nd_try.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    word = re.sub(r"[^a-z0-9]+", "_", CAMEL.sub("_", plain).lower()).strip("_")
    return (word if word[:1].isalpha() else f"x_{word}".rstrip("_"))[:100]


@dataclass(frozen=True)
class Column:
    """A column that fills a field; a prefix that all values carry may be taken off."""

    name: str
    without_prefix: str = ""

    def value(self, cell: str) -> str:
        """What a cell of the column says."""
        return cell.strip().removeprefix(self.without_prefix)


@dataclass(frozen=True)
class Activity:
    """What a value of the activity column, or an event type, becomes."""

    action: str
    outcome: str = ""
    object_type: str = ""
    object_id: Column | None = None


@dataclass(frozen=True)
class Amount:
    """Where money stands, and how a longer fraction is rounded to the decimals that are kept."""

    column: str
    currency: str = ""
    currency_column: str = ""
    measure: str = ""
    decimals: int = 2
    rounding: str = "half_even"


@dataclass(frozen=True)
class RowLink:
    """A column that names an object which the object of the row belongs to or was made from."""

    type: str
    relation: str
    id: Column


@dataclass(frozen=True)
class CsvMapping:
    """How a row becomes an event: of a CSV or Parquet file, or an event of XES with its case."""

    name: str
    version: int
    source: str
    text: str
    delimiter: str
    encoding: str
    time_column: str
    time_format: str
    zone: ZoneInfo
    fields: Mapping[str, Column]
    constants: Mapping[str, str]
    activity_column: str = ""
    activities: Mapping[str, Activity] = field(default_factory=dict)
    other_activities: str = ""
    amount: Amount | None = None
    links: tuple[RowLink, ...] = ()
    decimal: str = "."
    thousands: str = ""
    format: str = "csv"

    @cached_property
    def filled(self) -> Mapping[str, tuple[str, ...]]:
        """The fields of events that each column fills."""
        found = [(column.name, path) for path, column in self.fields.items()]
        ids = (one.object_id for one in self.activities.values())
        found += [(column.name, "object.id") for column in ids if column]
        found += [(link.id.name, "links.id") for link in self.links]
        found += [(self.time_column, "occurred_at"), (self.activity_column, "action")]
        if self.amount:
            found.append((self.amount.column, "money.amount"))
            found.append((self.amount.currency_column, "money.currency"))
        return {name: tuple(path for other, path in found if other == name) for name, _ in found}

    @property
    def columns(self) -> set[str]:
        """Every column that the mapping reads."""
        found = {column.name for column in self.fields.values()} | {self.time_column}
        found |= {one.object_id.name for one in self.activities.values() if one.object_id}
        found |= {link.id.name for link in self.links}
        if self.activity_column:
            found.add(self.activity_column)
        if self.amount:
            found |= {self.amount.column, self.amount.currency_column} - {""}
        return found


@dataclass(frozen=True)
class ObjectType:
    """What an object type of an OCEL file becomes; `amount` names the attribute that is
    its money.
    """

    type: str
    amount: Amount | None = None


@dataclass(frozen=True)
class RelationType:
    """What a qualifier between objects means: the downstream end (source or target) carries the
    link to the other.
    """

    relation: str
    downstream: str


@dataclass(frozen=True)
class OcelMapping:
    """How the events, objects and relations of an OCEL file become events."""

    name: str
    version: int
    source: str
    text: str
    zone: ZoneInfo
    objects: Mapping[str, ObjectType]
    events: Mapping[str, Activity]
    relations: Mapping[str, RelationType]


AnyMapping = CsvMapping | OcelMapping | PayloadMapping


class Mappings(Protocol):
    """Where mappings are found by name and version; raises NotFound for one that is not known."""

    def mapping(self, name: str, version: int) -> AnyMapping: ...


def read_mapping(path: Path) -> AnyMapping:
    """Read a mapping file; raises ConfigInvalid naming file, table and key."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{path}", f"cannot be read: {error}") from None
    return parse_mapping(text, str(path))


def parse_mapping(text: str, file: str) -> AnyMapping:
    """Read the text of a mapping; `file` is what errors call it."""
    try:
        # The register keeps payload mappings as JSON: what they say, not how they are written.
        values = json.loads(text) if text.startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigInvalid(file, f"is not valid TOML: {error}") from None
    table = Table(file, "", values)
    # Rows are rows: csv, parquet and the events of xes are mapped in the same words.
    form = table.one_of("format", (*ROW_FORMATS, "ocel", FORMAT))
    if form in ROW_FORMATS:
        return _csv(table, text)
    if form == "ocel":
        return _ocel(table, text)
    return read_payload_mapping(table, values, values["name"] if text.startswith("{") else "")


def _csv(table: Table, text: str) -> CsvMapping:
    form = table.table("csv") or Table(table.file, "[csv]", {})
    time = table.table("time")
    if time is None:
        table.refuse("time", "is missing", "Add a table [time] with column = ...")
    activity = table.table("activity")
    delimiter = form.text("delimiter", ",")
    if len(delimiter) != 1:
        form.refuse("delimiter", "is no single character")
    decimal, thousands = form.one_of("decimal", DECIMALS, "."), ""
    if form.has("thousands"):
        thousands = form.value("thousands", str, "a string")
        if len(thousands) != 1 or thousands.isalnum() or thousands in (*"+-", decimal):
            form.refuse("thousands", "is no single sign that numbers are free of", "Say '.' or ' '")
    mapping = CsvMapping(
        name=table.word("name"),
        version=table.number("version", 1, 1_000_000),
        source=table.text("source", ""),
        text=text,
        delimiter=delimiter,
        encoding=form.text("encoding", "utf-8-sig"),
        time_column=time.text("column"),
        time_format=time.text("format", ""),
        zone=read_zone(time),
        fields=_fields(table.table("fields")),
        constants=_constants(table.table("constants")),
        activity_column=activity.text("column") if activity else "",
        activities=_activities(activity, "value") if activity else {},
        other_activities=activity.one_of("other", ("quarantine", "snake_case"), "quarantine")
        if activity
        else "",
        amount=_amount(table.table("amount")),
        links=_links(table),
        decimal=decimal,
        thousands=thousands,
        format=table.one_of("format", ROW_FORMATS),
    )
    for closed in (form, time, activity, table):
        if closed is not None:
            closed.close()
    return mapping


def _ocel(table: Table, text: str) -> OcelMapping:
    time = table.table("time") or Table(table.file, "[time]", {"zone": "UTC"})
    mapping = OcelMapping(
        name=table.word("name"),
        version=table.number("version", 1, 1_000_000),
        source=table.text("source", ""),
        text=text,
        zone=read_zone(time),
        objects={one.text("is"): _object_type(one) for one in _tables(table, "object")},
        events=_activities(table, "event"),
        relations={one.text("is"): _relation(one) for one in _tables(table, "relation")},
    )
    time.close()
    table.close()
    return mapping


def _tables(table: Table, key: str) -> list[Table]:
    return table.tables(key) if table.has(key) else []


def _fields(table: Table | None) -> dict[str, Column]:
    if table is None:
        return {}
    found = {path: _column(table, path) for path in list(table.keys())}
    for path in found:
        check_path(table, path)
    table.close()
    return found


def _column(table: Table, key: str) -> Column:
    """`path = "column"`, or `path = {column = "...", without_prefix = "..."}`."""
    try:
        return Column(table.text(key))
    except ConfigInvalid:
        below = table.table(key)
        if below is None:
            raise
    column = Column(below.text("column"), below.text("without_prefix", ""))
    below.close()
    return column


def _constants(table: Table | None) -> dict[str, str]:
    if table is None:
        return {}
    found = {path: table.text(path) for path in list(table.keys())}
    for path in found:
        check_path(table, path)
    table.close()
    return found


def _activities(table: Table, key: str) -> dict[str, Activity]:
    found: dict[str, Activity] = {}
    for one in _tables(table, key):
        name = one.text("is")
        if name in found:
            one.refuse("is", f"'{name}' is there twice")
        found[name] = Activity(
            action=one.word("action"),
            outcome=one.one_of("outcome", OUTCOMES) if one.has("outcome") else "",
            object_type=one.word("object") if one.has("object") else "",
            object_id=_column(one, "object_id") if one.has("object_id") else None,
        )
        one.close()
    return found


def _amount(table: Table | None) -> Amount | None:
    if table is None:
        return None
    found = Amount(
        column=table.text("column"),
        currency=table.one_of("currency", CURRENCIES) if table.has("currency") else "",
        currency_column=table.text("currency_column", ""),
        measure=table.one_of("measure", MEASURES) if table.has("measure") else "",
        decimals=table.number("decimals", 0, 4, 2),
        rounding=table.one_of("rounding", ROUNDINGS, "half_even"),
    )
    if bool(found.currency) == bool(found.currency_column):
        table.refuse("currency", "needs a code or a column", "Give currency or currency_column")
    table.close()
    return found


def _links(table: Table) -> tuple[RowLink, ...]:
    """`[[link]]`: what the object of a row was made from, one column each."""
    found = _tables(table, "link")
    made = tuple(
        RowLink(one.word("type"), one.one_of("relation", RELATIONS), _column(one, "id"))
        for one in found
    )
    for one in found:
        one.close()
    return made


def _object_type(table: Table) -> ObjectType:
    found = ObjectType(table.word("type"), _amount(table.table("amount")))
    table.close()
    return found


def _relation(table: Table) -> RelationType:
    found = RelationType(
        table.one_of("relation", RELATIONS), table.one_of("downstream", ("source", "target"))
    )
    table.close()
    return found
