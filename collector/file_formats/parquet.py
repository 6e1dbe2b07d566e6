"""Parquet files, read batch by batch: rows by a declared mapping, as csv; or, without one, columns
that are named as the fields of an event, nested or with dots.
"""

import importlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from collector.delivery import LINES, ROWS, Delivery
from collector.file_format import Opening, Parts
from collector.forms.table_rows import row_line
from collector.mapping import CsvMapping
from core.errors import BadInput

NAME = "parquet"
ENDINGS = (".parquet", ".pq")
MAPPING = CsvMapping
NEEDS_MAPPING = ""
NAMES_SOURCE = True
BUFFER_BYTES = 1024**2
# Without a mapping these must be there, as columns of their own or inside of one.
NEEDED = ("occurred_at", "object", "action")


def claims(head: bytes) -> bool:
    """The mark that every Parquet file begins and ends with."""
    return head.startswith(b"PAR1")


def parts(opening: Opening) -> Parts:
    """Cut a file into parts of so many rows."""
    file = _opened(opening.path)
    columns = file.schema_arrow.names
    mapping = opening.mapping
    if isinstance(mapping, CsvMapping):
        missing, todo = mapping.columns - set(columns), f"Correct mapping {mapping.name}"
    else:
        heads = {name.partition(".")[0] for name in columns}
        missing, todo = set(NEEDED) - heads, "Give --mapping FILE, or name columns as fields"
        _refuse_times_without_zone(file)
    if missing:
        file.close()
        raise BadInput(
            f"the file has no column {', '.join(sorted(missing))}",
            f"its columns are {', '.join(columns)[:300]}",
            todo,
        )
    rows_total = max(file.metadata.num_rows, 1)
    done = [0]

    def deliveries() -> Iterator[Delivery]:
        for rows in _rows(file, opening.rows):
            mapped = isinstance(mapping, CsvMapping)
            body = b"\n".join(row_line(_texts(row)) if mapped else _event(row) for row in rows)
            protocol = ROWS if mapped else LINES
            yield replace(opening.base, body=body, protocol=protocol, file_line=done[0])
            done[0] += len(rows)

    return Parts(
        deliveries(),
        lambda: done[0] / rows_total,
        file.close,
        {"rows": file.metadata.num_rows},
    )


def _arrow(name: str = "pyarrow") -> Any:
    """The library, imported late: nothing else needs it, and it is large."""
    return importlib.import_module(name)


def _opened(path: Path) -> Any:
    open_file = _arrow("pyarrow.parquet").ParquetFile
    try:
        return open_file(path, buffer_size=BUFFER_BYTES, pre_buffer=False)
    except (_arrow().ArrowException, OSError) as error:
        raise BadInput(
            f"{path.name} is no Parquet file", str(error)[:300], "Check the file"
        ) from None


def _rows(file: Any, rows: int) -> Iterator[list[dict[str, Any]]]:
    try:
        for batch in file.iter_batches(batch_size=rows):
            yield batch.to_pylist(maps_as_pydicts="lossy")
    except (_arrow().ArrowException, OSError) as error:
        raise BadInput("the Parquet file breaks", str(error)[:300], "Get the file again") from None


def _refuse_times_without_zone(file: Any) -> None:
    types = _arrow("pyarrow.types")
    for field in file.schema_arrow:
        timed = field.name == "occurred_at" and types.is_timestamp(field.type)
        if timed and field.type.tz is None:
            file.close()
            raise BadInput(
                "column occurred_at has no time zone",
                "an event's time needs one",
                "Write UTC timestamps, or give --mapping with the zone in [time]",
            )


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    """A row as csv would tell it."""
    return {name: _text(value) for name, value in row.items() if value is not None}


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case bytes():
            return value.decode("utf-8", "replace")
        case list() | dict():
            return json.dumps(value, ensure_ascii=False, default=_text)
    return str(value)


def _event(row: Mapping[str, Any]) -> bytes:
    """A row as an event: dots in names are nesting, and nulls are nothing."""
    event: dict[str, Any] = {}
    for name, value in row.items():
        told = _value(value)
        head, dot, rest = name.partition(".")
        if told is None:
            continue
        if not dot:
            event[head] = told
        elif isinstance(event.setdefault(head, {}), dict):
            event[head][rest] = told
    money = event.get("money")
    if isinstance(money, dict) and type(money.get("amount")) is int:
        money["amount"] = str(money["amount"])
    return json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")


def _value(value: Any) -> Any:
    """What JSON can say; amounts are exact texts, times RFC 3339."""
    match value:
        case dict():
            inner = {str(name): _value(part) for name, part in value.items()}
            found = {name: part for name, part in inner.items() if part is not None}
            return found or None
        case list():
            return [_value(part) for part in value]
        case str() | bool() | int() | float() | None:
            return value
    return _text(value)
