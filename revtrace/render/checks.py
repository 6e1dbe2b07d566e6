"""The outcome of checks: what was looked at, and what is wrong."""

from rich.console import Console
from rich.text import Text

from revtrace.document import Document
from revtrace.render.values import facts, table


def config(document: Document, console: Console) -> None:
    """Print the folder, how many declarations of each kind were read, which of them are the
    user's, and every problem.
    """
    folder = document.get("folder") or "none (set REVTRACE_CONFIG to read your own)"
    facts(console, {"config folder": folder})
    made = table("declarations", "found", "your files", right=("found",), fold=("your files",))
    overlay, unreadable = document.get("overlay", {}), document.get("unreadable", [])
    for kind in [*document["declarations"], *(set(overlay) - set(document["declarations"]))]:
        names = document["declarations"].get(kind)
        found = "" if names is None or kind in unreadable else str(len(names))
        made.add_row(kind, found, _yours(overlay.get(kind, {}), kind in unreadable))
    console.print(made)
    for note in document.get("notes", []):
        console.print(Text(note, style="yellow"))
    _problems(document, console)


def _yours(files: Document, unreadable: bool) -> str:
    told = [f"{verb} {', '.join(names)}" for verb, names in files.items() if names]
    return "; ".join(["not read: see below"] * unreadable + told)


def doctor(document: Document, console: Console) -> None:
    """Print versions, plugins, ports and the engine, and every problem."""
    for heading in ("versions", "home", "engine", "ports", "plugins"):
        console.print(heading, style="bold")
        facts(console, {name: _listed(value) for name, value in document[heading].items()})
        console.print()
    _problems(document, console)


def _listed(value: object) -> object:
    """Names in a row; where there are counts, one a file."""
    match value:
        case list():
            return ", ".join(map(str, value))
        case dict():
            return ", ".join(f"{name} ({count})" for name, count in value.items())
    return value


def _problems(document: Document, console: Console) -> None:
    for problem in document["problems"]:
        console.print(Text(problem, style="red"))
    if document["ok"]:
        console.print("All is well.", style="green")
