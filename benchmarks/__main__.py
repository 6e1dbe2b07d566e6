"""Run benchmarks: `python -m benchmarks [NAME ...] [--events N | --quick] [--profile DIR]`."""

import inspect
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

# What the benchmarks share, and what they start, is none itself.
PARTS = {
    "events",
    "following",
    "peer_miners",
    "quarter",
    "senders",
    "serving",
    "settling",
    "statements",
    "stopwatch",
}
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
    memory_mib: Annotated[
        int, typer.Option(help="rebuild: most memory of the engine; 0: its own bounds.", min=0)
    ] = 0,
    chunk_objects: Annotated[
        int, typer.Option(help="rebuild: objects a statement handles; 0: as set.", min=0)
    ] = 0,
    keep: Annotated[
        Path | None, typer.Option(help="rebuild: folder in which the warehouse is kept.")
    ] = None,
    loads: Annotated[str, typer.Option(help="ingest: all, big, otlp or small requests.")] = "all",
    seeds: Annotated[str, typer.Option(help="detection: seeds of its quarters.")] = "11,12,13",
    scales: Annotated[str, typer.Option(help="detection: sizes of its firm.")] = "1",
    python: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="miners: interpreter of an environment with the peers.",
        ),
    ] = None,
) -> None:
    """Each benchmark is a module here with `run`, which takes the options that it names."""
    given = {
        "events": QUICK_EVENTS if quick else events,
        "profile": profile,
        "memory_mib": memory_mib,
        "chunk_objects": chunk_objects,
        "keep": keep,
        "loads": loads,
        "seeds": seeds,
        "scales": scales,
        "python": python,
        "console": Console(width=120),
    }
    for name in names or NAMES:
        if name not in NAMES:
            raise typer.BadParameter(f"'{name}' is none of {', '.join(NAMES)}")
        run = import_module(f"benchmarks.{name}").run
        run(**{option: given[option] for option in inspect.signature(run).parameters})


typer.run(main)
