"""Rows of a CSV file, by the declared mapping that the delivery names."""

from dataclasses import replace

from collector.csv_rows import event_lines
from collector.delivery import CSV, Delivery
from collector.mapping import CsvMapping, Mappings

PROTOCOLS = (CSV,)


def prepare(delivery: Delivery, mappings: Mappings) -> Delivery:
    """Return the delivery with the lines that its mapping makes."""
    mapping = mappings.mapping(delivery.mapping, delivery.mapping_version)
    if not isinstance(mapping, CsvMapping):
        return delivery
    lines, numbers = event_lines(delivery.body, mapping, delivery.file_line)
    return replace(delivery, payload=lines, numbers=numbers)
