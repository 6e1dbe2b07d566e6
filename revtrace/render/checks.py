"""The outcome of checks: what was looked at, and what is wrong."""

from rich.console import Console
from rich.text import Text

from revtrace.document import Document
from revtrace.render.values import facts, table


def config(document: Document, console: Console) -> None:
    """Print how many declarations of each kind were read, and every problem."""
    made = table("declarations", "found", right=("found",))
    for kind, names in document["declarations"].items():
        made.add_row(kind, str(len(names)))
    console.print(made)
    _problems(document, console)


def doctor(document: Document, console: Console) -> None:
    """Print versions, plugins, ports and the engine, and every problem."""
    for heading in ("versions", "home", "engine", "ports", "plugins"):
        console.print(heading, style="bold")
        rows = document[heading]
        facts(
            console,
            {
                name: ", ".join(map(str, value)) if isinstance(value, list) else value
                for name, value in rows.items()
            },
        )
        console.print()
    _problems(document, console)


def _problems(document: Document, console: Console) -> None:
    for problem in document["problems"]:
        console.print(Text(problem, style="red"))
    if document["ok"]:
        console.print("All is well.", style="green")
