"""Commands that look ahead to the close: what will miss it, and how old is what needs attention."""

from typing import Annotated, Any

import typer

from revtrace.commands.options import AsJson, Limit, Now, answer, instant
from revtrace.render import aging, risk

commands = typer.Typer()

Entity = Annotated[str, typer.Option("--entity", help="Only this legal entity.")]


@commands.command("risk")
def risk_(
    period: Annotated[
        str, typer.Option("--period", help="Only the close of this fiscal period, e.g. 2026-09.")
    ] = "",
    entity: Entity = "",
    process: Annotated[str, typer.Option("--process", help="Only this process.")] = "",
    limit: Limit = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Show how much revenue will miss the next books close at the present rate, and where."""
    params: dict[str, Any] = {"period": period, "entity": entity, "process": process}
    params |= {"limit": limit, "now": instant(now)}
    answer("risk", params, risk.render, as_json)


@commands.command("aging")
def aging_(
    by: Annotated[
        str, typer.Option("--by", help="A line for each kind, stage, entity or process.")
    ] = "kind",
    business: Annotated[
        bool, typer.Option("--business", help="Age in working days of the legal entity.")
    ] = False,
    kind: Annotated[str, typer.Option("--kind", help="Only this kind.")] = "",
    status: Annotated[
        str,
        typer.Option("--status", help="active (open or acknowledged), resolved, waived or all."),
    ] = "active",
    entity: Entity = "",
    currency: Annotated[str, typer.Option("--currency", help="Only this currency.")] = "",
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Show how old the findings are, by count and by amount, from the business event on."""
    params: dict[str, Any] = {"by": by, "business": business, "kind": kind, "status": status}
    params |= {"entity": entity, "currency": currency, "now": instant(now)}
    answer("aging", params, aging.render, as_json)
