"""Rows with a header line, by a declared mapping."""

import io
from collections.abc import Iterator
from dataclasses import replace

from collector import csv_rows, file_format
from collector.delivery import CSV, Delivery
from collector.file_format import Opening, Parts
from collector.file_stream import closing_stream, opened, share_of
from collector.mapping import CsvMapping

NAME = "csv"
ENDINGS = (".csv", ".tsv")
MAPPING = CsvMapping
NEEDS_MAPPING = "columns say nothing by themselves"
NAMES_SOURCE = False


def claims(head: bytes) -> bool:
    """Any text may be the header of a table: only the ending tells."""
    return False


def parts(opening: Opening) -> Parts:
    """Cut a file into parts of whole rows, each behind the header."""
    mapping = opening.mapping
    assert isinstance(mapping, CsvMapping)
    raw, stream = opened(opening.path)
    text = io.TextIOWrapper(stream, mapping.encoding, errors="surrogateescape", newline="")

    def deliveries() -> Iterator[Delivery]:
        rows = csv_rows.read_parts(text, opening.rows, file_format.BLOCK_BYTES, mapping.delimiter)
        for part in rows:
            yield replace(opening.base, body=part.body, protocol=CSV, file_line=part.lines_before)

    return Parts(deliveries(), share_of(raw, opening.path), closing_stream(text, raw))
