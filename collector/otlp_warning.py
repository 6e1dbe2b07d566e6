"""What an OpenTelemetry sender is told of records that were quarantined: a warning in the
`partial_success` of the answer, with nothing rejected.

Quarantined records are accepted: their bytes are kept, and what is mended is made of them, so a
sender must not send them again. The specification lets a server warn all the same. The warning
tells what is known by the answer (docs/adr/029): all of a small request, the first events of a
large one.
"""

from collector.admission import field
from collector.delivery import Fault, Receipt
from collector.otlp import PREFIX
from core.event import REASON_TEXTS
from core.wanted import wanted

FAULTS_SHOWN = 3
NAME_CHARS_MAX = 100


def warning(receipt: Receipt) -> str:
    """What the sender is told of its quarantined records, empty where none is known of."""
    if not receipt.faults:
        return ""
    whole = f"{receipt.quarantined} of {receipt.received} records are" if receipt.counted else ""
    shown = "; ".join(_shown(fault) for fault in receipt.faults[:FAULTS_SHOWN])
    return (
        f"{whole or 'records like these are'} kept in quarantine and must not be sent again: "
        f"{shown}. See `revtrace quarantine list`"
    )


def response(text: str) -> bytes:
    """The answer with a warning in protobuf, which is alike for logs and spans: no record is
    rejected. Without a warning it is empty.
    """
    return field(1, field(2, text.encode())) if text else b""


def _shown(fault: Fault) -> str:
    reason, name = str(fault["reason"]), str(fault["field"])
    named = f"{PREFIX}{name[:NAME_CHARS_MAX]}: " if name else ""
    told = wanted(reason, name)
    said = f"{REASON_TEXTS.get(reason, reason)}{f', wanted: {told}' if told else ''}"
    return f"record {fault['line']}: {named}{said}"
