"""What the commands share: common options, and the one way from a question to an answer on the
screen.
"""

import getpass
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.errors import BadInput
from revtrace.document import Document

if TYPE_CHECKING:
    from rich.console import Console

    from core.settings import Settings

# How a command ends; DESIGN section 8.
OK, FOUND, WRONG = 0, 1, 2
PIPE_WIDTH = 240

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Now = Annotated[
    str | None,
    typer.Option("--now", metavar="T", help="Judge as of this instant, e.g. 2026-09-30T12:00:00Z."),
]
Limit = Annotated[
    int | None, typer.Option("--limit", min=1, max=1_000_000, help="Show at most this many.")
]

Render = Callable[[Document, "Console"], None]


def settings() -> "Settings":
    """Read the settings; imported late, since `--help` needs none."""
    from core.settings import load_settings

    return load_settings()


def answer(
    operation: str,
    params: Mapping[str, Any],
    render: Render,
    as_json: bool,
) -> Document:
    """Perform an operation with a progress display where somebody watches, and show its
    document.
    """
    from revtrace.gate import ask
    from revtrace.render.progress import shown

    # The driver tells of a failure in words of its own; ours follow as the one line of the error.
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    with shown(quiet=as_json) as progress:
        document = ask(settings(), operation, params, progress)
    show(document, render, as_json)
    return document


def show(document: Document, render: Render, as_json: bool) -> None:
    """Print a document: as it is, or for people."""
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return
    from revtrace.render.values import console, printable, unglued

    if sys.stdout.isatty():
        render(printable(document), console())
        return
    # In a file or a pipe a line is a line, however long, and a space is a space.
    text = io.StringIO()
    render(printable(document), console(text, None if "COLUMNS" in os.environ else PIPE_WIDTH))
    sys.stdout.write(unglued(text.getvalue()))


def you() -> str:
    """Whoever runs the command, as the machine knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def instant(text: str | None, option: str = "--now") -> str | None:
    """Check an instant given on the command line and return it as text; raises BadInput."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadInput(
            f"{option} {text}", "is no instant with an offset", "Write 2026-09-30T12:00:00Z"
        )
    return at.isoformat()


def finish(failed: bool) -> None:
    """End a check: 0 when all is well, 1 when it found something."""
    raise typer.Exit(FOUND if failed else OK)
