"""Commands that measure: how long hops take, and how much of what was posted can be traced."""

from datetime import date
from typing import Annotated, Any

import typer

from revtrace.commands.options import AsJson, Now, answer, instant
from revtrace.render import coverage, latency

commands = typer.Typer()

BY = "stage, source, legal_entity, engagement, week or close_day"


@commands.command("latency")
def latency_(
    by: Annotated[str, typer.Option("--by", help=f"Group by {BY}.")] = "stage",
    process: Annotated[str, typer.Option("--process", help="Only this process.")] = "",
    from_: Annotated[
        str | None, typer.Option("--from", metavar="T", help="Only what was done from then on.")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="T", help="Only what was done before then.")
    ] = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Show how long hops take: waiting and working, by the clock and in open hours."""
    params: dict[str, Any] = {"by": by.replace("-", "_"), "process": process, "now": instant(now)}
    params |= {"from": _day_or_instant(from_, "--from"), "to": _day_or_instant(to, "--to")}
    answer("latency", params, latency.render, as_json)


@commands.command("coverage")
def coverage_(
    process: Annotated[str, typer.Option("--process", help="Only this process.")] = "",
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Show how much of what was posted can be traced back, what never reports, and where ids get
    lost.
    """
    params = {"process": process, "now": instant(now)}
    answer("coverage", params, coverage.render, as_json)


def _day_or_instant(text: str | None, option: str) -> str | None:
    """A day stands for its first instant, in UTC."""
    try:
        return f"{date.fromisoformat(text)}T00:00:00+00:00" if text else None
    except ValueError:
        return instant(text, option)
