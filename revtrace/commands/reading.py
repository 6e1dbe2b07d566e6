"""Commands that ask: paths, findings, sources, what was quarantined, and how things stand."""

from typing import Annotated, Any

import typer

from revtrace.commands.options import AsJson, Limit, Now, answer, finish, instant
from revtrace.render import lists, reconcile, status, trace

commands = typer.Typer()

Key = Annotated[str, typer.Argument(metavar="TYPE/ID", help="An object, e.g. invoice/INV-1001.")]


AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="T", help="As it was known at this instant, judged then unless --now."
    ),
]


@commands.command("trace")
def trace_(
    key: Key,
    limit: Limit = None,
    as_of: AsOf = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Show the path of a revenue event, or the paths that an object is on."""
    params = {"key": key, "limit": limit, "now": instant(now), "as_of": instant(as_of, "--as-of")}
    answer("trace", params, trace.render, as_json)


@commands.command()
def find(
    key: Annotated[
        str,
        typer.Argument(
            metavar="KEY",
            help="Object id, correlation or trace id, posting key, contract, project, customer.",
        ),
    ],
    limit: Limit = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Show which paths a key leads to; the exit code is 1 when nothing is known by it."""
    params = {"key": key, "limit": limit, "now": instant(now)}
    document = answer("find", params, lists.found, as_json)
    finish(not document["paths"] and not document["matches"])


@commands.command()
def findings(
    kind: Annotated[str, typer.Option("--kind", help="Only this kind, or kind/subkind.")] = "",
    status: Annotated[
        str,
        typer.Option(
            "--status", help="open, acknowledged, active (both), resolved, waived, all (default)."
        ),
    ] = "",
    of_class: Annotated[
        str, typer.Option("--class", help="transient, finance_critical or governance.")
    ] = "",
    min_amount: Annotated[
        str | None, typer.Option("--min-amount", help="Only where at least this much is at stake.")
    ] = None,
    limit: Limit = None,
    check: Annotated[
        bool, typer.Option("--check", help="End with exit code 1 when any needs attention.")
    ] = False,
    as_of: AsOf = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """List what needs attention, the largest amounts first."""
    params: dict[str, Any] = {"kind": kind, "status": status, "class": of_class}
    params |= {"min_amount": min_amount, "limit": limit, "now": instant(now)}
    params |= {"as_of": instant(as_of, "--as-of")}
    document = answer("findings", params, lists.findings, as_json)
    finish(check and bool(document["active"]))


@commands.command()
def causes(
    kind: Annotated[str, typer.Option("--kind", help="Only this kind, or kind/subkind.")] = "",
    status: Annotated[
        str, typer.Option("--status", help="open (default), waived, resolved, or all.")
    ] = "open",
    limit: Limit = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Put the findings together that have the same cause, with all that each holds up."""
    params: dict[str, Any] = {"kind": kind, "status": status, "limit": limit}
    answer("causes", params | {"now": instant(now)}, lists.causes, as_json)


@commands.command("reconcile")
def reconcile_(
    period: Annotated[
        str, typer.Option("--period", help="Only this fiscal period, e.g. 2026-09.")
    ] = "",
    control: Annotated[str, typer.Option("--control", help="Only this control.")] = "",
    contract: Annotated[str, typer.Option("--contract", help="Only this contract.")] = "",
    status: Annotated[str, typer.Option("--status", help="Only ok, or only break.")] = "",
    limit: Limit = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Compare the money of the systems, control by control; exit code 1 when they do not agree."""
    params: dict[str, Any] = {"period": period, "control": control, "contract": contract}
    params |= {"status": status, "limit": limit, "now": instant(now)}
    document = answer("reconcile", params, reconcile.render, as_json)
    finish(bool(document["breaks"]))


@commands.command("status")
def status_(
    hours: Annotated[
        int | None,
        typer.Option(help="List also what came in so many hours, by source and hour.", min=1),
    ] = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Show how things stand: is everything accounted for, and how far behind is the lineage."""
    document = answer("status", {"now": instant(now), "hours": hours}, status.render, as_json)
    finish(not document["identity"]["holds"])
