"""Events, one a line: each block of whole lines is a delivery as it stands. Of a source with a
mapping of payloads a line may be a payload too.
"""

from collections.abc import Iterator
from dataclasses import replace

from collector import file_format
from collector.delivery import LINES, Delivery
from collector.file_format import LINE_BYTES_MAX, Opening, Parts, first_key, goes_on
from collector.file_formats import json, ocel, otlp_json
from collector.file_stream import closing_stream, opened, share_of
from collector.payload_mapping import PayloadMapping
from collector.rows_apart import told_apart

NAME = "ndjson"
ENDINGS = (".ndjson", ".jsonl")
MAPPING = PayloadMapping
NEEDS_MAPPING = ""
NAMES_SOURCE = True


def claims(head: bytes) -> bool:
    """Whatever else begins with a JSON object has keys of its own."""
    return bool(first_key(head)) and not ocel.claims(head) and not otlp_json.claims(head)


def parts(opening: Opening) -> Parts:
    """Cut a file at line ends; raises BadInput for one document over many lines that is too large
    to be read at once.
    """
    raw, stream = opened(opening.path)
    base = replace(opening.base, protocol=LINES)

    def blocks() -> Iterator[Delivery]:
        lines_before = 0
        while block := stream.read(file_format.BLOCK_BYTES):
            rest = stream.readline(LINE_BYTES_MAX) if not block.endswith(b"\n") else b""
            body = block + rest
            yield replace(base, body=body, file_line=lines_before)
            lines_before += body.count(b"\n")

    def deliveries() -> Iterator[Delivery]:
        for block in blocks():
            if opening.mapping is None:
                yield block
            elif not block.file_line and goes_on(block.body.lstrip().partition(b"\n")[0]):
                # What a source sends in its own shape may be one document over many lines.
                yield from json.document_parts(stream, opening, block.body)
            else:
                yield from told_apart(block.body.split(b"\n"), block)

    return Parts(deliveries(), share_of(raw, opening.path), closing_stream(stream, raw))
