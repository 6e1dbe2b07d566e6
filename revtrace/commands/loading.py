"""Commands that bring something in or make it anew: import, migrate, refresh, rebuild, simulate."""

from pathlib import Path
from typing import Annotated

import typer

from revtrace.commands.options import AsJson, Now, answer, instant
from revtrace.render import done

commands = typer.Typer()


@commands.command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", exists=True, dir_okay=False, resolve_path=True),
    ],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="ndjson, json, csv, parquet, otlp-json, ocel, xes, payload; left out: as the file"
            " says.",
        ),
    ] = "",
    source: Annotated[
        str, typer.Option("--source", help="Source of records that do not name one.")
    ] = "",
    mapping: Annotated[
        str, typer.Option("--mapping", help="Mapping of the columns: a TOML file or its name.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Load files of events; the same file twice changes nothing."""
    named = str(Path(mapping).resolve()) if mapping and Path(mapping).is_file() else mapping
    params = {"files": [str(file) for file in files], "format": form}
    params |= {"source": source, "mapping": named}
    answer("load", params, done.imported, as_json)


@commands.command()
def migrate(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be run.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the warehouse's schema up to this program's."""
    answer("migrate", {"dry_run": dry_run}, done.migrated, as_json)


@commands.command()
def refresh(as_json: AsJson = False) -> None:
    """Take in what has arrived, until nothing is left."""
    answer("refresh", {}, done.refreshed, as_json)


@commands.command()
def rebuild(as_json: AsJson = False) -> None:
    """Make all paths and findings anew, from all events."""
    answer("refresh.rebuild", {}, done.refreshed, as_json)


@commands.command()
def simulate(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write to.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same quarter.")] = 1,
    scale: Annotated[
        float, typer.Option("--scale", min=0.01, max=10_000, help="Size of the firm.")
    ] = 1.0,
    busy: Annotated[
        bool,
        typer.Option("--busy", help="Invoices queue at the close, and failures are repaired."),
    ] = False,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Write a consulting firm's quarter: its events, its faults and the answer key."""
    params = {"out": str(out.resolve()), "seed": seed, "scale": scale, "now": instant(now)}
    params |= {"busy": busy}
    answer("simulate", params, done.simulated, as_json)
