"""A file of payloads as deliveries: in blocks where each line is a document, whole where one
document spans many lines.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

from collector.delivery import Delivery
from collector.exact_json import read
from collector.writer import Writer
from core.errors import BadInput

BLOCK_BYTES = 8 * 1024**2
DOCUMENT_BYTES_MAX = 64 * 1024**2


def deliveries(stream: IO[bytes], path: Path, base: Delivery, writer: Writer) -> Iterator[Delivery]:
    """Read the file; raises BadInput for one document that is too large to be read at once."""
    first = stream.readline(DOCUMENT_BYTES_MAX)
    if not _is_document(first):
        body = first + stream.read(DOCUMENT_BYTES_MAX)
        if stream.read(1):
            raise BadInput(
                f"{path}",
                f"is one document of more than {DOCUMENT_BYTES_MAX} bytes",
                "Export it in parts, or with one document a line",
            )
        yield writer.prepare(replace(base, body=body))
        return
    block, lines_before = first + stream.read(BLOCK_BYTES), 0
    while block:
        rest = b"" if block.endswith(b"\n") else stream.readline(DOCUMENT_BYTES_MAX)
        yield writer.prepare(replace(base, body=block + rest, file_line=lines_before))
        lines_before += (block + rest).count(b"\n")
        block = stream.read(BLOCK_BYTES)


def _is_document(line: bytes) -> bool:
    try:
        read(line.decode("utf-8", "replace").removeprefix("\ufeff"))
    except ValueError:
        return False
    return True
