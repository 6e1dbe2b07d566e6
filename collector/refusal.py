"""What a sender is told of a body that is not kept, and what stands for one that cannot be read any
more.
"""

import re
from dataclasses import replace

from collector.admission import Outcome
from collector.delivery import NO_RECORD, Delivery, Kept
from core.errors import BadInput, StoreRefused, StoreUnavailable
from core.event import REASON_TEXTS

# What the engine says of a body that it cannot decode: CANNOT_PARSE_ESCAPE_SEQUENCE, _QUOTED_STRING
# and _INPUT_ASSERTION_FAILED, ATTEMPT_TO_READ_AFTER_EOF, CANNOT_READ_ALL_DATA, CANNOT_PARSE_NUMBER,
# INCORRECT_DATA, and bytes that are no protobuf at all.
UNDECODABLE_CODES = frozenset({25, 26, 27, 32, 33, 72, 117, 444})
# Where in its own house the engine was: a temporary file, its classes, its version. That is nothing
# to a sender.
ENGINE_PLACES = re.compile(r":? *(?:\(in file|While executing|\(version|\([A-Z_]+\) *$)")
# The protocol of what stands for a body that cannot be read any more.
UNREADABLE = "unreadable"


def refusal(delivery: Delivery, outcome: Outcome) -> BadInput | None:
    """A request of which no record can be told apart is refused; a file is never, nor what was
    answered already or is replayed: their rows go to quarantine.
    """
    if delivery.file or delivery.spooled or delivery.replays or outcome.readable or outcome.skipped:
        return None
    if outcome.faults:
        line, reason, name = outcome.faults[0]
        where = f"line {line}" + (f", field {name}" if name else "")
        return BadInput(
            f"no record can be read: {where}",
            REASON_TEXTS[reason],
            "Send one JSON object a line, or a JSON array of objects",
        )
    if delivery.payload is None and delivery.protocol == "ndjson":
        return BadInput("the body has no record", "it is empty", "Send one JSON object a line")
    return None


def corrupt(delivery: Delivery, error: StoreRefused) -> BadInput:
    """The refusal of a body that the engine cannot decode, in the engine's words."""
    return BadInput(
        f"the {delivery.protocol} body cannot be decoded",
        ENGINE_PLACES.split(error.why.split("DB::Exception:")[-1])[0].strip()[:300],
        "Send what the protocol asks for",
    )


def require_undecodable(error: StoreRefused) -> None:
    """Raise StoreUnavailable unless the refusal is the fault of a body: what is wrong with the
    warehouse must not cost a sender its events.
    """
    if error.code not in UNDECODABLE_CODES:
        raise StoreUnavailable(error.what, error.why, error.todo) from error


def undecodable(kept: Kept) -> Kept:
    """The delivery with its one quarantined record."""
    return replace(kept, given=undecodable_body(kept.given))


def undecodable_body(given: Delivery) -> Delivery:
    """One line that is no JSON, so that what cannot be decoded any more is quarantined and counted,
    not lost.
    """
    text = given.body.decode("utf-8", "backslashreplace")
    line = " ".join(text.splitlines()) or "empty"
    return replace(given, protocol=UNREADABLE, payload=NO_RECORD + line.encode(), numbers=())
