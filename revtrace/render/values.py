"""Values of documents as people write them: the same forms as on the pages."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from dashboards import formats
from revtrace.document import Document

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Of a column of a table that is broken into lines, at least; and between two columns.
FOLDED_WIDTH, PADDING = 18, 2
STATE_STYLES = {
    "done": "green",
    "complete": "green",
    "ok": "green",
    "late": "yellow",
    "pending": "dim",
    "in_flight": "cyan",
    "skipped": "yellow",
    "overdue": "bold red",
    "failed": "bold red",
    "cancelled": "dim",
    "critical": "bold red",
    "warning": "yellow",
    "open": "bold",
    "resolved": "green",
    "acknowledged": "cyan",
    "waived": "dim",
    "break": "bold red",
}


class Uncut(Console):
    """A console that cuts nothing off: a line that is wider than the terminal goes on below."""

    def print(self, *objects: Any, crop: bool = False, **options: Any) -> None:
        super().print(*objects, crop=crop, **options)


def console(stream: IO[str] | None = None, width: int | None = None) -> Console:
    """A console that prints what it is given: ids may hold brackets, which are no markup."""
    return Uncut(file=stream, width=width, highlight=False, markup=False, emoji=False)


def printable(value: Any) -> Any:
    """A document without control characters: an id could otherwise steer the terminal."""
    match value:
        case str():
            return CONTROLS.sub("\ufffd", value)
        case dict():
            return {printable(key): printable(part) for key, part in value.items()}
        case list():
            return [printable(part) for part in value]
    return value


def unglued(text: str) -> str:
    """Plain spaces for the ones that keep an amount on one line: programs look for plain ones."""
    return text.replace(formats.GLUE, " ")


def money(amount: str | None, currency: str | None) -> str:
    """`USD 1,234.50`; nothing where no amount is known."""
    return formats.money(Decimal(amount), currency or "") if amount is not None else ""


def instant(text: str | None) -> str:
    """`30 Sep 2026 12:00`, in UTC."""
    return formats.instant(datetime.fromisoformat(text)) if text else ""


def duration(seconds: float | None) -> str:
    return "" if seconds is None else formats.duration(float(seconds))


def number(count: int | None) -> str:
    return formats.count(int(count or 0))


def counted(count: int, noun: str) -> str:
    """`1 path`, `1,204 paths`."""
    return formats.counted(count, noun)


def hinted(meaning: str, wanted: str | None) -> str:
    """What is wrong, and behind it what would be right; a guess of what was meant is a question."""
    if not wanted:
        return meaning
    return f"{meaning}; {wanted}" if wanted.endswith("?") else f"{meaning}; wanted: {wanted}"


def state(name: str | None) -> Text:
    """A state in its colour; the word alone says enough where there are no colours."""
    return Text((name or "").replace("_", " "), style=STATE_STYLES.get(name or "", ""))


class Whole(Table):
    """A table whose amounts, times and ids keep all their letters: half an amount is another one.

    Where a terminal has no room for them, the table is wider than it.
    """

    def add_row(self, *cells: Any, **options: Any) -> None:
        super().add_row(*cells, **options)
        for column, cell in zip(self.columns, cells, strict=False):
            lines = [str(column.header), *str(cell).splitlines()]
            longest = max(column.min_width or 0, *map(cell_len, lines))
            column.min_width = longest if column.no_wrap else min(longest, FOLDED_WIDTH)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        needed = sum((column.min_width or 0) + PADDING for column in self.columns)
        width = max(options.max_width, needed)
        yield from super().__rich_console__(console, options.update_width(width))


def table(*columns: str, right: tuple[str, ...] = (), fold: tuple[str, ...] = ()) -> Table:
    """A plain table: headings, no frames, so that it reads well in any terminal and in a file.

    Only the columns in `fold` are broken into lines where there is no room for all.
    """
    made = Whole(box=None, pad_edge=False)
    for column in columns:
        made.add_column(
            column,
            justify="right" if column in right else "left",
            overflow="fold",
            no_wrap=column not in fold,
        )
    return made


def as_known(document: Document, console: Console) -> None:
    """Say that the answer is of an earlier instant, where it is, and what is not as it was then."""
    known = document.get("as_of")
    if not known:
        return
    console.print(
        f"As known at {instant(known['at'])} UTC, from {counted(known['events'], 'event')}."
    )
    if known["declarations_changed"]:
        console.print("The declarations have changed since; these are of now.", style="yellow")
    if known["superseded_since"]:
        told = counted(known["superseded_since"], "event")
        console.print(f"{told} of then were made otherwise since and left out.", style="yellow")


def facts(console: Console, rows: Mapping[str, Any]) -> None:
    """Print names and values, one a line; what is empty is left out."""
    made = Table.grid(padding=(0, 2))
    made.add_column(style="dim")
    made.add_column(overflow="fold")
    for name, value in rows.items():
        if value not in (None, "", []):
            made.add_row(name, value if isinstance(value, Text) else str(value))
    console.print(made)
