"""Turns the bodies that the engine does not read by itself into event lines.

The same function serves the receivers, the import and the recovery, so that a delivery read back
from the table becomes the same records again. How a form is read is told by its file in `forms/`.
"""

import json
from dataclasses import dataclass, replace

from collector.delivery import Delivery
from collector.form import load_forms
from collector.mapping import Mappings
from collector.registry import Registry
from core.errors import BadInput

# A delivery whose body says which other one it makes again; its protocol is that of the other one.
REPLAY = "application/vnd.revtrace.replay+json"


@dataclass(frozen=True)
class Replay:
    """The body of a delivery that makes the records of another one again."""

    replays: str
    by: str = ""

    def body(self) -> bytes:
        """The bytes that are kept."""
        return json.dumps({"replays": self.replays, "by": self.by}, ensure_ascii=False).encode()


def read_replay(body: bytes) -> Replay:
    """Read the body of a replay; raises BadInput for another one."""
    try:
        told = json.loads(body)
        return Replay(str(told["replays"]), str(told["by"]))
    except (ValueError, KeyError, TypeError):
        raise BadInput("the body is no replay") from None


def received(delivery: Delivery, registry: Registry) -> Delivery:
    """Return the delivery whose records these are: that of a replay is the one that it makes again.
    Raises NotFound.
    """
    if delivery.content_type != REPLAY:
        return delivery
    return registry.delivery(read_replay(delivery.body).replays)


def prepare(delivery: Delivery, registry: Registry) -> Delivery:
    """Return the delivery with its payload; raises BadInput when no record can be told apart."""
    if delivery.payload is not None:
        return delivery
    if delivery.content_type == REPLAY:
        return _again(delivery, registry)
    return in_form(delivery, registry)


def in_form(delivery: Delivery, mappings: Mappings) -> Delivery:
    """Return what was received with the payload that its form makes of it; raises BadInput."""
    form = load_forms().get(delivery.protocol)
    return delivery if form is None else form.prepare(delivery, mappings)


def _again(delivery: Delivery, registry: Registry) -> Delivery:
    """The records of the delivery that is replayed, by the mapping of the replay."""
    replays = read_replay(delivery.body).replays
    origin = replace(
        registry.delivery(replays),
        mapping=delivery.mapping,
        mapping_version=delivery.mapping_version,
    )
    origin = registry.redact(origin)
    made = prepare(origin, registry)
    return replace(
        delivery,
        payload=origin.body if made.payload is None else made.payload,
        numbers=made.numbers,
        replays=replays,
    )
