"""Commands about what comes in and how it is mapped: the sources, and what is in quarantine."""

from pathlib import Path
from typing import Annotated, Any

import typer

from revtrace.commands.options import AsJson, Limit, answer, finish, you
from revtrace.render import lists, mapping

commands = typer.Typer()
quarantine = typer.Typer(help="What could not be mapped, with its reason.", no_args_is_help=False)
sources = typer.Typer(
    help="List the systems that send, with their roles, their last event and last arrival."
)
commands.add_typer(quarantine, name="quarantine")
commands.add_typer(sources, name="sources")

Reason = Annotated[str, typer.Option("--reason", help="Only with this reason.")]
OfSource = Annotated[str, typer.Option("--source", help="Only of this source.")]
OfMapping = Annotated[str, typer.Option("--mapping", help="Only read with this mapping.")]


@sources.callback(invoke_without_command=True)
def sources_list(context: typer.Context, as_json: AsJson = False) -> None:
    """List the systems that send, with their roles, their last event and last arrival."""
    if context.invoked_subcommand is None:
        answer("sources", {}, lists.sources, as_json)


@sources.command("check")
def sources_check(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, resolve_path=True),
    ],
    sample: Annotated[
        list[Path] | None,
        typer.Option(
            "--sample",
            metavar="PAYLOAD",
            exists=True,
            dir_okay=False,
            resolve_path=True,
            help="A payload or file as the system sends it; may be given more than once.",
        ),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="Of the samples, as for import; left out: as they say.")
    ] = "",
    source: Annotated[
        str, typer.Option("--source", help="Whose samples they are, where FILE is a mapping.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Read a source's file and show the events it makes of samples, or the field that fails."""
    params: dict[str, Any] = {"file": str(file), "samples": [str(one) for one in sample or []]}
    params |= {"format": form, "source": source}
    document = answer("sources.check", params, mapping.checked, as_json)
    finish(not document["ok"])


@quarantine.command("list")
def quarantine_list(
    reason: Reason = "",
    source: OfSource = "",
    of_mapping: OfMapping = "",
    state: Annotated[
        str, typer.Option("--state", help="open, admitted, replaced or all; open if not given.")
    ] = "open",
    limit: Limit = None,
    as_json: AsJson = False,
) -> None:
    """List the records that are in quarantine, the newest first."""
    params: dict[str, Any] = {"reason": reason, "source": source, "mapping": of_mapping}
    params |= {"state": state, "limit": limit}
    answer("quarantine.list", params, mapping.quarantined, as_json)


@quarantine.command("show")
def quarantine_show(
    record: Annotated[
        str, typer.Argument(metavar="DELIVERY:RECORD", help="As `quarantine list` names it.")
    ],
    as_json: AsJson = False,
) -> None:
    """Show one quarantined record: its bytes, and what is wrong with them."""
    answer("quarantine.show", {"record": record}, mapping.quarantined_record, as_json)


@quarantine.command("replay")
def quarantine_replay(
    records: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DELIVERY:RECORD]...", help="As `quarantine list` names them."),
    ] = None,
    reason: Reason = "",
    source: OfSource = "",
    of_mapping: OfMapping = "",
    everything: Annotated[bool, typer.Option("--all", help="All that are open.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be admitted.")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Who asks for it; you if not given.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make the deliveries of quarantined records again, with the mapping as its file says now."""
    params: dict[str, Any] = {"records": records or [], "reason": reason, "source": source}
    params |= {"mapping": of_mapping, "all": everything, "dry_run": dry_run, "by": by or you()}
    document = answer("quarantine.replay", params, mapping.replayed, as_json)
    finish(not document["ok"])
