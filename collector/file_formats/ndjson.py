"""Events, one a line: each block of whole lines is a delivery as it stands."""

from collections.abc import Iterator
from dataclasses import replace

from collector import file_format
from collector.delivery import LINES, Delivery
from collector.file_format import LINE_BYTES_MAX, Opening, Parts, first_key
from collector.file_formats import ocel, otlp_json
from collector.file_stream import closing_stream, opened, share_of

NAME = "ndjson"
ENDINGS = (".ndjson", ".jsonl")
MAPPING = None
NEEDS_MAPPING = ""


def claims(head: bytes) -> bool:
    """Whatever else begins with a JSON object has keys of its own."""
    return bool(first_key(head)) and not ocel.claims(head) and not otlp_json.claims(head)


def parts(opening: Opening) -> Parts:
    """Cut a file at line ends."""
    raw, stream = opened(opening.path)

    def deliveries() -> Iterator[Delivery]:
        lines_before = 0
        while block := stream.read(file_format.BLOCK_BYTES):
            rest = stream.readline(LINE_BYTES_MAX) if not block.endswith(b"\n") else b""
            body = block + rest
            yield replace(opening.base, body=body, protocol=LINES, file_line=lines_before)
            lines_before += body.count(b"\n")

    return Parts(deliveries(), share_of(raw, opening.path), closing_stream(stream, raw))
