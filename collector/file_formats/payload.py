"""Payloads of a source in its own shape, by the source's mapping: in blocks where each line is a
document, whole where one document spans many lines.
"""

from collections.abc import Iterator
from dataclasses import replace

from collector import file_format
from collector.delivery import PAYLOAD, Delivery
from collector.exact_json import read
from collector.file_format import LINE_BYTES_MAX, Opening, Parts
from collector.file_stream import closing_stream, opened, share_of
from collector.payload_mapping import PayloadMapping
from core.errors import BadInput

NAME = "payload"
ENDINGS: tuple[str, ...] = ()
MAPPING = PayloadMapping
NEEDS_MAPPING = "its source has none"
NAMES_SOURCE = False


def claims(head: bytes) -> bool:
    """Any JSON may be a payload: only who imports it knows."""
    return False


def parts(opening: Opening) -> Parts:
    """Cut a file at line ends where its lines are documents; raises BadInput for one document that
    is too large to be read at once.
    """
    raw, stream = opened(opening.path)
    base = replace(opening.base, protocol=PAYLOAD)

    def deliveries() -> Iterator[Delivery]:
        first = stream.readline(LINE_BYTES_MAX)
        if not _is_document(first):
            body = first + stream.read(LINE_BYTES_MAX)
            if stream.read(1):
                raise BadInput(
                    f"{opening.path}",
                    f"is one document of more than {LINE_BYTES_MAX} bytes",
                    "Export it in parts, or with one document a line",
                )
            yield replace(base, body=body)
            return
        block, lines_before = first + stream.read(file_format.BLOCK_BYTES), 0
        while block:
            rest = b"" if block.endswith(b"\n") else stream.readline(LINE_BYTES_MAX)
            yield replace(base, body=block + rest, file_line=lines_before)
            lines_before += (block + rest).count(b"\n")
            block = stream.read(file_format.BLOCK_BYTES)

    return Parts(deliveries(), share_of(raw, opening.path), closing_stream(stream, raw))


def _is_document(line: bytes) -> bool:
    try:
        read(line.decode("utf-8", "replace").removeprefix("\ufeff"))
    except ValueError:
        return False
    return True
