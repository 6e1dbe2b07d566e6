"""Rows as JSON objects of texts, one a line: what Parquet and XES files are kept as, mapped as CSV
is.

`@line` is the place in the file, where that is not the number of the row.
"""

import json
from dataclasses import replace

from collector.csv_rows import RowMapper
from collector.delivery import ROWS, Delivery
from collector.mapping import CsvMapping, Mappings

PROTOCOLS = (ROWS,)
LINE = "@line"


def prepare(delivery: Delivery, mappings: Mappings) -> Delivery:
    """Return the delivery with the lines that its mapping makes."""
    mapping = mappings.mapping(delivery.mapping, delivery.mapping_version)
    if not isinstance(mapping, CsvMapping):
        return delivery
    columns = sorted(mapping.columns)
    to_line = RowMapper(mapping, columns).line
    lines: list[bytes] = []
    numbers: list[int] = []
    for place, text in enumerate(delivery.body.split(b"\n"), start=1):
        if text:
            row = json.loads(text)
            lines.append(to_line([str(row.get(name, "")) for name in columns]))
            numbers.append(int(row.get(LINE, delivery.file_line + place)))
    return replace(delivery, payload=b"\n".join(lines), numbers=numbers)


def row_line(row: dict[str, str], line: int = 0) -> bytes:
    """A row as it is kept."""
    told = {**row, LINE: line} if line else row
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
