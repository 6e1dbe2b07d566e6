"""Rows of a CSV file to event lines, by a declared mapping. A row that cannot be read stays a line
that is refused.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from collector.mapping import Activity, Amount, Column, CsvMapping, snake_case
from core.errors import BadInput

ROUNDINGS = {"half_even": ROUND_HALF_EVEN, "half_up": ROUND_HALF_UP, "down": ROUND_DOWN}
EXACT = Context(prec=60)
QUOTED = re.compile(r'"(?:[^"]|"")*+"')
NUMBER = re.compile(r"[+-]?[0-9]+\Z")
ROW_CHARS_MAX = 16 * 1024 * 1024

Row = Sequence[str]


@dataclass(frozen=True)
class CsvPart:
    """Some rows of a file as one delivery: their own bytes behind the header's, and how many lines
    lie before them.
    """

    body: bytes
    rows: int
    lines_before: int


def read_parts(
    stream: io.TextIOBase, rows_max: int, bytes_max: int, delimiter: str
) -> Iterator[CsvPart]:
    """Cut a file into parts of whole rows; a quoted line end does not cut a row."""
    rows = _Rows(stream, delimiter)
    header = rows.next_row()
    if header is None:
        raise BadInput("the file is empty", "", "Give a CSV file with a header line")
    parts: list[str] = []
    size = 0
    header_lines = rows.lines
    before = 0
    while (row := rows.next_row()) is not None:
        parts.append(row)
        size += len(row)
        if len(parts) >= rows_max or size >= bytes_max:
            yield _part(header, parts, before)
            parts, size, before = [], 0, rows.lines - header_lines
    if parts:
        yield _part(header, parts, before)


def _hint(header: list[str], mapping: CsvMapping) -> str:
    """What a header that makes no sense probably comes from."""
    if any("\0" in name or "\ufffd" in name for name in header):
        return f"It is not in {mapping.encoding}: say the `encoding` in [csv]. "
    other = next((each for each in ",;\t|" if header and each in header[0]), "")
    if len(header) == 1 and other:
        return (
            f"It looks parted by {other!r}, not {mapping.delimiter!r}: see `delimiter` in [csv]. "
        )
    return ""


def event_lines(body: bytes, mapping: CsvMapping, lines_before: int) -> tuple[bytes, list[int]]:
    """Map a part; returns the event lines and the line of the file at which each row begins."""
    rows = _Rows(io.StringIO(body.decode("utf-8", "replace"), newline=""), mapping.delimiter)
    header_text = rows.next_row() or ""
    header = _parsed(header_text, mapping.delimiter)
    missing = sorted(mapping.columns - set(header))
    if missing:
        raise BadInput(
            f"the file has no column {', '.join(missing)}",
            f"its columns are {', '.join(header)[:300]}",
            f"{_hint(header, mapping)}Correct mapping {mapping.name}",
        )
    to_line = RowMapper(mapping, header).line
    lines: list[bytes] = []
    numbers: list[int] = []
    begin = rows.lines
    while (text := rows.next_row()) is not None:
        if text.strip():
            row = _parsed(text, mapping.delimiter)
            whole = len(row) == len(header)
            lines.append(to_line(row) if whole else _unreadable(text))
            numbers.append(lines_before + begin + 1)
        begin = rows.lines
    return b"\n".join(lines), numbers


def whole_rows(text: str, delimiter: str) -> Iterator[tuple[str, list[str]]]:
    """Each row as it stands, with its cells; the first is the header."""
    rows = _Rows(io.StringIO(text, newline=""), delimiter)
    while (row := rows.next_row()) is not None:
        yield row, _parsed(row, delimiter)


class RowMapper:
    """A mapping made ready for one header, so that a row costs as little as can be."""

    def __init__(self, mapping: CsvMapping, header: Row) -> None:
        self._mapping = mapping
        self._places = {name: place for place, name in enumerate(header)}
        self._fields = [(path, self._getter(column)) for path, column in mapping.fields.items()]
        self._links = [(each, self._getter(each.id)) for each in mapping.links]
        self._plain = mapping.decimal == "." and not mapping.thousands
        self._time = self._places[mapping.time_column]

    def line(self, row: Row) -> bytes:
        """The event line of a row; what cannot be read is left as it stands, for admission to
        refuse by name.
        """
        mapping = self._mapping
        event: dict[str, object] = {}
        for path, text in mapping.constants.items():
            _put(event, path, text)
        for path, get in self._fields:
            if text := get(row):
                _put(event, path, text)
        event["occurred_at"] = instant_text(row[self._time], mapping.zone, mapping.time_format)
        if mapping.activity_column:
            self._act(event, row)
        if mapping.amount:
            self._weigh(event, row, mapping.amount)
        links = [(link, text) for link, get in self._links if (text := get(row))]
        if links:
            event["links"] = [
                {"type": link.type, "id": text, "relation": link.relation} for link, text in links
            ]
        return json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")

    def _act(self, event: dict[str, object], row: Row) -> None:
        name = row[self._places[self._mapping.activity_column]].strip()
        activity = self._mapping.activities.get(name)
        if activity is None:
            other = self._mapping.other_activities == "snake_case"
            activity = Activity(snake_case(name) if other else name)
        event["action"] = activity.action
        if activity.outcome:
            event["outcome"] = activity.outcome
        if activity.object_type:
            _put(event, "object.type", activity.object_type)
        if activity.object_id:
            _put(event, "object.id", self._getter(activity.object_id)(row))

    def _weigh(self, event: dict[str, object], row: Row, amount: Amount) -> None:
        text = row[self._places[amount.column]].strip()
        if not text:
            return
        currency = amount.currency or row[self._places[amount.currency_column]].strip()
        if not self._plain:
            text = plain_number(text, self._mapping.decimal, self._mapping.thousands)
        money = {"amount": amount_text(text, amount), "currency": currency}
        if amount.measure:
            money["measure"] = amount.measure
        event["money"] = money

    def _getter(self, column: Column) -> Callable[[Row], str]:
        place = self._places[column.name]
        if column.without_prefix:
            return lambda row: column.value(row[place])
        return lambda row: row[place].strip()


def instant_text(text: str, zone: ZoneInfo, form: str = "") -> str:
    """RFC 3339 of a time as files write it; the declared zone is that of times without offset."""
    text = text.strip()
    try:
        if not form and text.endswith("Z") and len(text) > 10 and text[10] == "T":
            return text
        at = datetime.strptime(text, form) if form else datetime.fromisoformat(text)
    except ValueError:
        return text
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()


def plain_number(text: str, decimal: str, thousands: str) -> str:
    """A number as programs write it, of one with that sign of decimals and that of thousands.

    What is written otherwise gets words behind it, so that it is refused: as it stands, `1.234`
    could be taken for another number.
    """
    whole, found, fraction = text.partition(decimal)
    head, *groups = whole.split(thousands) if thousands else [whole]
    grouped = all(len(each) == 3 and each.isdecimal() for each in groups)
    written = NUMBER.match(head) and (not groups or len(head.lstrip("+-")) <= 3) and grouped
    if not written or (found and not fraction.isdecimal()) or not text.isascii():
        return f"{text} (not written with '{decimal}' for decimals)"
    return f"{head}{''.join(groups)}{'.' if found else ''}{fraction}"


def amount_text(text: str, amount: Amount) -> str:
    """The amount rounded as declared; what is no number stays as it is, and is refused by its
    field.
    """
    try:
        value = Decimal(text)
        rounded = value.quantize(
            Decimal(1).scaleb(-amount.decimals), ROUNDINGS[amount.rounding], EXACT
        )
    except InvalidOperation:
        return text
    return f"{rounded:f}" if rounded.is_finite() else text


class _Rows:
    """Whole rows of a CSV text with their line ends, and how many lines were read for them."""

    def __init__(self, stream: io.TextIOBase, delimiter: str) -> None:
        self._stream = stream
        self._delimiter = delimiter
        self.lines = 0

    def next_row(self) -> str | None:
        text = self._stream.readline()
        if not text:
            return None
        self.lines += 1
        begin = self._open_field(text, 0) if '"' in text else None
        while begin is not None and len(text) < ROW_CHARS_MAX:
            more = self._stream.readline()
            if not more:
                break
            self.lines += 1
            text += more
            # Only a line with a quote can close what is open.
            if '"' in more:
                begin = self._open_field(text, begin)
        return text

    def _open_field(self, text: str, begin: int) -> int | None:
        """Where the quoted field begins that the text leaves open; None when it leaves none.

        As the csv module has it: a quote opens a field only where the field begins; behind its end,
        or inside of an unquoted field, a quote is a character as all others.
        """
        at = begin
        while True:
            if text.startswith('"', at):
                closed = QUOTED.match(text, at)
                if closed is None:
                    return at
                at = closed.end()
            at = text.find(self._delimiter, at) + 1
            if not at:
                return None


def _parsed(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return []


def _part(header: str, rows: list[str], before: int) -> CsvPart:
    first = header if header.endswith("\n") else header + "\n"
    body = (first + "".join(rows)).encode("utf-8", "surrogateescape")
    return CsvPart(body, len(rows), before)


def _unreadable(text: str) -> bytes:
    """A row with too few or too many columns: no JSON, so that it is refused, with its own text as
    its bytes.
    """
    return ("unreadable row: " + " ".join(text.split("\n"))).strip().encode("utf-8", "replace")


def _put(event: dict[str, object], path: str, text: str) -> None:
    head, dot, rest = path.partition(".")
    if not dot:
        event[head] = text
        return
    below = event.setdefault(head, {})
    assert isinstance(below, dict)
    below[rest] = text
