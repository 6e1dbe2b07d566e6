"""Run benchmarks: `python -m benchmarks [NAME ...] [--events N | --quick] [--profile DIR]`."""

import inspect
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

# What the benchmarks share, and what they start, is none itself.
PARTS = {"events", "senders", "serving", "statements"}
NAMES = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if not path.stem.startswith("_") and path.stem not in PARTS
)
QUICK_EVENTS = 50_000


def main(
    names: Annotated[list[str] | None, typer.Argument(help=f"Out of: {', '.join(NAMES)}")] = None,
    events: Annotated[int, typer.Option(help="Size of the history.", min=1000)] = 1_000_000,
    quick: Annotated[
        bool, typer.Option("--quick", help=f"{QUICK_EVENTS:,} events, to see that it runs.")
    ] = False,
    profile: Annotated[
        Path | None, typer.Option(help="Folder for where the time goes, where one tells it.")
    ] = None,
) -> None:
    """Each benchmark is a module here with `run(events, console)`, and `profile` if it has one."""
    console = Console(width=120)
    for name in names or NAMES:
        if name not in NAMES:
            raise typer.BadParameter(f"'{name}' is none of {', '.join(NAMES)}")
        run = import_module(f"benchmarks.{name}").run
        told = {"profile": profile} if "profile" in inspect.signature(run).parameters else {}
        run(QUICK_EVENTS if quick else events, console, **told)


typer.run(main)
