"""What a file format is: a file in `file_formats/` that knows its files and cuts them into
deliveries.

`NAME` is what `--format` calls it, `ENDINGS` are its usual file endings, `MAPPING` is the kind of
mapping it takes and `NEEDS_MAPPING` why it cannot do without, empty where it can. `NAMES_SOURCE`
says that rows without a mapping are events, which name their source. `claims(head)` says whether
the first bytes of a file can only be of this format. `parts(opening)` MUST NOT hold
more of the file in memory than one delivery, and raises BadInput for what is no such file.
"""

import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Protocol, cast

from collector import file_formats
from collector.delivery import Delivery
from collector.file_stream import bare_name, closing_stream, opened
from collector.mapping import AnyMapping
from core.errors import BadInput

BLOCK_BYTES = 8 * 1024**2
LINE_BYTES_MAX = 64 * 1024**2
HEAD_BYTES = 64 * 1024
FIRST_KEY = re.compile(rb'\{\s*"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Opening:
    """A file to be opened: what its deliveries begin from, its mapping, rows of one delivery."""

    path: Path
    base: Delivery
    mapping: AnyMapping | None
    rows: int


class Parts:
    """The deliveries of one file, what it holds where that is known, and how much of it
    was read.
    """

    def __init__(
        self,
        deliveries: Iterator[Delivery],
        share_read: Callable[[], float],
        close: Callable[[], None],
        holds: Mapping[str, int] | None = None,
    ) -> None:
        self._deliveries = deliveries
        self.share_read = share_read
        self.close = close
        self.holds = holds or {}
        self._broken: BadInput | None = None

    def take(self, count: int) -> list[Delivery]:
        """The next deliveries, fewer at the end of the file, none behind it. Raises BadInput where
        the file breaks, once all that came before has been taken.
        """
        if self._broken is not None:
            raise self._broken
        taken: list[Delivery] = []
        try:
            for one in islice(self._deliveries, count):
                taken.append(one)
        except BadInput as error:
            if not taken:
                raise
            self._broken = error
        return taken


class FileFormat(Protocol):
    """A module of `file_formats/`."""

    NAME: str
    ENDINGS: tuple[str, ...]
    MAPPING: type | None
    NEEDS_MAPPING: str
    NAMES_SOURCE: bool

    def claims(self, head: bytes) -> bool:
        """Say whether a file that begins so can only be of this format."""

    def parts(self, opening: Opening) -> Parts:
        """Open a file."""


@cache
def load_formats() -> Mapping[str, FileFormat]:
    """Every format by its name."""
    found: dict[str, FileFormat] = {}
    for module in pkgutil.iter_modules(file_formats.__path__):
        name = f"{file_formats.__name__}.{module.name}"
        form = cast(FileFormat, importlib.import_module(name))
        found[form.NAME] = form
    return found


def guess_format(path: Path) -> tuple[str, str]:
    """The format of a file and what told it: its content, else its ending. Raises BadInput when
    neither does.
    """
    head = head_of(path)
    for name, form in load_formats().items():
        if form.claims(head):
            return name, "content"
    for name, form in load_formats().items():
        if bare_name(path).endswith(form.ENDINGS):
            return name, "ending"
    raise BadInput(
        f"{path.name}: neither content nor ending tells its format",
        "",
        "Name it with an ending such as .csv, or give --format, one of "
        f"{', '.join(load_formats())}",
    )


def head_of(path: Path) -> bytes:
    """The first bytes of a file, its compression undone."""
    raw, stream = opened(path)
    try:
        return stream.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    finally:
        closing_stream(stream, raw)()


def first_key(head: bytes) -> str:
    """The first key of the JSON object that a file begins with, empty when it begins otherwise."""
    found = FIRST_KEY.match(head)
    return found[1].decode("utf-8", "replace") if found else ""


def goes_on(line: bytes) -> bool:
    """Say whether a line is the begin of a JSON document, and not a whole or a broken one."""
    try:
        json.loads(line)
    except json.JSONDecodeError as error:
        return error.pos >= len(error.doc.rstrip())
    except (ValueError, RecursionError):
        pass
    return False
