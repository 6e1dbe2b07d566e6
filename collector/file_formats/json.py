"""A JSON array of events, or one event, over as many lines as it likes; each element is a record,
and its place in the array is its line. Of a source with a mapping of payloads an element, or the
one document, may be a payload too.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import IO

from collector.delivery import LINES, Delivery
from collector.file_format import LINE_BYTES_MAX, Opening, Parts, first_key
from collector.file_formats import ocel, otlp_json
from collector.file_stream import closing_stream, opened, share_of
from collector.forms.json_array import json_lines
from collector.payload_mapping import PayloadMapping
from collector.rows_apart import told_apart
from core.errors import BadInput

NAME = "json"
ENDINGS = (".json",)
MAPPING = PayloadMapping
NEEDS_MAPPING = ""
NAMES_SOURCE = True
ARRAY = re.compile(rb"\[\s*[\]{]")


def claims(head: bytes) -> bool:
    """An array of objects, or an object that does not begin and end on one line, as lines do."""
    if ARRAY.match(head):
        return True
    alone = head.partition(b"\n")[0].strip() == b"{"
    return alone and bool(first_key(head)) and not ocel.claims(head) and not otlp_json.claims(head)


def parts(opening: Opening) -> Parts:
    """Read the document, which cannot be cut before it is read."""
    raw, stream = opened(opening.path)
    deliveries = document_parts(stream, opening)
    return Parts(deliveries, share_of(raw, opening.path), closing_stream(stream, raw))


def document_parts(stream: IO[bytes], opening: Opening, begun: bytes = b"") -> Iterator[Delivery]:
    """The deliveries of one document, of which some may have been read already; raises BadInput for
    one that is too large.
    """
    document = begun + stream.read(LINE_BYTES_MAX)
    if len(document) >= LINE_BYTES_MAX:
        raise BadInput(
            "the document is too large",
            f"it is read as a whole, up to {LINE_BYTES_MAX} bytes",
            "Write one record a line (ndjson), as many as you like",
        )
    lines = json_lines(document) if document.strip() else []
    for at in range(0, len(lines), opening.rows):
        part, base = lines[at : at + opening.rows], replace(opening.base, file_line=at)
        if opening.mapping is None:
            yield replace(base, body=b"\n".join(part), protocol=LINES)
        else:
            yield from told_apart(part, base)
