"""Progress of a long operation: a bar with rate and time left, on stderr, where somebody
watches.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from revtrace.document import Document
from revtrace.operations import Progress


@contextmanager
def shown(*, quiet: bool) -> Iterator[Progress | None]:
    """Yield a callback that moves a bar; None when nobody watches, so that nothing is computed for
    it.

    A document of progress has `text` (what is being done), `done`, `unit`, and `total` where it is
    known.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, TaskID] = {}

    def move(document: Document) -> None:
        text = str(document["text"])
        if text not in tasks:
            tasks[text] = bar.add_task(text, total=None, unit="", rate="")
        number = tasks[text]
        speed = document.get("rate") or bar.tasks[number].speed
        bar.update(
            number,
            completed=document.get("done", 0),
            total=document.get("total"),
            unit=document.get("unit", ""),
            rate=f"{speed:,.0f}/s" if speed else "",
        )

    with bar:
        yield move
