"""What is seen of OpenTelemetry that is judged after its answer: whether it can be decoded then,
and what is wrong with its first events.

As a rule what is wrong is wrong with all records of a service, so the first events of each resource
are judged by the model, a few in all: looking at every record would take as long as the rest of its
way behind the answer.
"""

from collections.abc import Sequence
from datetime import datetime

from google.protobuf.message import Message

from collector.delivery import OTLP_LOGS, OTLP_TRACES, Delivery, Fault
from collector.otlp import first_events, read_request
from core import verdict
from core.errors import BadInput

# What is larger is judged before it is answered: one that cannot be would be made again for ever.
LATE_BYTES_MAX = 8 * 1024 * 1024

Faults = tuple[Fault, ...]


def glance(group: Sequence[Delivery], now: datetime) -> list[Faults] | None:
    """The faults that are seen at once in each delivery of a group; None unless each is
    OpenTelemetry that surely can be decoded later. An import of a file, a replay and a body so
    large that the engine may lack the memory for it wait for their counts.
    """
    if any(one.file or one.replays or one.size > LATE_BYTES_MAX for one in group):
        return None
    if any(one.protocol not in (OTLP_LOGS, OTLP_TRACES) for one in group):
        return None
    try:
        # One at a time: what is parsed is several times as large as its bytes.
        return [_seen(one, now) for one in group]
    except BadInput:
        return None


def _seen(one: Delivery, now: datetime) -> Faults:
    request = read_request(one.protocol, one.body if one.payload is None else one.payload)
    return tuple(_faults(request, one, now))


def _faults(request: Message, one: Delivery, now: datetime) -> list[Fault]:
    found: list[Fault] = []
    for place, line in first_events(request):
        judged = verdict.admit(
            line, source=one.source, received_at=now, allowed_sources=one.allowed_sources
        )
        if isinstance(judged, verdict.Fault):
            found.append({"line": place, "reason": str(judged.reason), "field": judged.field})
    return found
