"""Payloads of a source in its own shape, by the mapping that the delivery names."""

from dataclasses import replace

from collector import payload
from collector.delivery import PAYLOAD, Delivery
from collector.mapping import Mappings
from collector.payload_mapping import PayloadMapping

PROTOCOLS = (PAYLOAD,)


def prepare(delivery: Delivery, mappings: Mappings) -> Delivery:
    """Return the delivery with the lines that its mapping makes."""
    mapping = mappings.mapping(delivery.mapping, delivery.mapping_version)
    if not isinstance(mapping, PayloadMapping):
        return delivery
    lines, numbers = payload.event_lines(
        delivery.body, mapping, delivery.source, delivery.file_line
    )
    return replace(delivery, payload=lines, numbers=numbers)
