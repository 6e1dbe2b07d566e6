"""Lines of a file that are no OTLP request: each is refused with its own text and number."""

from dataclasses import replace

from collector.delivery import NO_RECORD, NO_REQUEST, Delivery
from collector.mapping import Mappings

PROTOCOLS = (NO_REQUEST,)


def prepare(delivery: Delivery, mappings: Mappings) -> Delivery:
    """Return the delivery with a mark that keeps valid JSON from passing for an event."""
    lines = (NO_RECORD + line if line else b"" for line in delivery.body.split(b"\n"))
    return replace(delivery, payload=b"\n".join(lines))
