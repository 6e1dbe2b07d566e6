"""Redaction of a part of a CSV file: the columns that the rules of a row's source name, by their
own names or by those of the fields that they fill.
"""

import csv
import io
from collections.abc import Callable
from typing import Any

from collector.csv_rows import whole_rows
from collector.mapping import CsvMapping

WITHHELD = "withheld by redaction"


def redacted(
    body: bytes, mapping: CsvMapping, source: str, rules_of: Callable[[str], Any]
) -> bytes:
    """Return the part with its cells redacted; a row that does not fit its header is withheld."""
    rows = list(whole_rows(body.decode("utf-8", "surrogateescape"), mapping.delimiter))
    if not rows:
        return body
    header = rows[0][1]
    made = [rows[0][0]]
    column = mapping.fields.get("source")
    place = header.index(column.name) if column and column.name in header else None
    for text, row in rows[1:]:
        if not text.strip():
            made.append(text)
            continue
        whole = len(row) == len(header)
        named = column.value(row[place]) if whole and column and place is not None else ""
        rules = rules_of(named or source)
        if rules is None and (whole or place is None):
            made.append(text)
        elif not whole:
            # Whose row it is, and which cell is which, nobody can tell.
            made.append(WITHHELD + "\n" * max(text.count("\n"), 1))
        else:
            made.append(_row(row, header, rules, mapping))
    return "".join(made).encode("utf-8", "surrogateescape")


def _row(row: list[str], header: list[str], rules: Any, mapping: CsvMapping) -> str:
    cells = []
    for name, cell in zip(header, row, strict=True):
        fate = rules.fate(name, *mapping.filled.get(name, ()))
        cells.append(rules.hidden(fate, cell.strip()) if fate and cell.strip() else cell)
    out = io.StringIO()
    csv.writer(out, delimiter=mapping.delimiter, lineterminator="\n").writerow(cells)
    return out.getvalue()
