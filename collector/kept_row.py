"""The row of a file's table as it was received: what its quarantine keeps is what the mapping made
of it, and a column that no mapping reads may tell what is wrong with it.
"""

from collections.abc import Iterator
from itertools import islice

from collector.csv_rows import whole_rows
from collector.delivery import CSV, ROW_PROTOCOLS, Delivery
from collector.mapping import CsvMapping, Mappings
from collector.prepare import received
from collector.registry import Registry


def kept_row(registry: Registry, delivery: str, record: int) -> str:
    """The text of the record of that place, redacted as its delivery is; empty where a delivery
    holds no rows of a table. Raises NotFound for a delivery that is not there.
    """
    given = registry.delivery(delivery)
    if given.protocol not in ROW_PROTOCOLS:
        return ""
    # The places of a replay's records are those of what it makes again.
    rows = _rows(received(given, registry), registry)
    return next(islice(rows, record - 1, None), "")


def _rows(given: Delivery, mappings: Mappings) -> Iterator[str]:
    text = given.body.decode("utf-8", "replace")
    if given.protocol != CSV:
        return (line for line in text.split("\n") if line)
    mapping = mappings.mapping(given.mapping, given.mapping_version)
    delimiter = mapping.delimiter if isinstance(mapping, CsvMapping) else ","
    rows = islice(whole_rows(text, delimiter), 1, None)
    return (row.rstrip("\r\n") for row, _ in rows if row.strip())
