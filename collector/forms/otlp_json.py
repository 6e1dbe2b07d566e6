"""OTLP requests in JSON become protobuf, which the engine reads; protobuf is left as it is."""

from dataclasses import replace

from collector.delivery import OTLP_LOGS, OTLP_TRACES, Delivery
from collector.mapping import Mappings
from collector.otlp import from_json

PROTOCOLS = (OTLP_LOGS, OTLP_TRACES)
JSON = "application/json"
# Files hold one request a line; side by side in protobuf they are one request.
JSON_LINES = "application/jsonl"


def prepare(delivery: Delivery, mappings: Mappings) -> Delivery:
    """Return the delivery with its protobuf."""
    if delivery.content_type in (JSON, JSON_LINES):
        return replace(delivery, payload=protobuf_of(delivery))
    return delivery


def protobuf_of(delivery: Delivery) -> bytes:
    """The request, or those of a file's part, in protobuf; raises BadInput where it is none."""
    if delivery.content_type == JSON:
        return from_json(delivery.protocol, delivery.body)
    if delivery.content_type == JSON_LINES:
        requests = [line for line in delivery.body.split(b"\n") if line.strip()]
        return b"".join(from_json(delivery.protocol, one) for one in requests)
    return delivery.body
