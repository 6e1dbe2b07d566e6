"""`python -m benchmarks [NAME ...] [--events N]`: run one benchmark, or all of them."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

NAMES = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_")
)


def main(
    names: Annotated[list[str] | None, typer.Argument(help=f"Out of: {', '.join(NAMES)}")] = None,
    events: Annotated[int, typer.Option(help="Size of the history.", min=1000)] = 1_000_000,
    seeds: Annotated[str, typer.Option(help="detection: seeds of its quarters.")] = "11,12,13",
    scales: Annotated[str, typer.Option(help="detection: sizes of its firm.")] = "1",
) -> None:
    """Each benchmark is a module here with `run(events, console)`; one that wants other options
    names them in its `OPTIONS`.
    """
    given = {"events": events, "seeds": seeds, "scales": scales}
    console = Console(width=120)
    for name in names or NAMES:
        if name not in NAMES:
            raise typer.BadParameter(f"'{name}' is none of {', '.join(NAMES)}")
        module = import_module(f"benchmarks.{name}")
        wanted = getattr(module, "OPTIONS", ("events",))
        module.run(*(given[option] for option in wanted), console)


typer.run(main)
