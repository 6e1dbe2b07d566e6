"""Commands for what people decide about findings: case ack, assign, comment, resolve, waive ..."""

from typing import Annotated, Any

import typer

from revtrace.commands.options import AsJson, Limit, Now, answer, instant, you
from revtrace.render import cases as render

commands = typer.Typer()
case = typer.Typer(help="What people decide about findings.")
commands.add_typer(case, name="case")

Finding = Annotated[
    str, typer.Argument(metavar="FINDING", help="Its id, or how that begins: see `findings`.")
]
Note = Annotated[str, typer.Option("--note", help="Why, for whoever reads it later.")]
Until = Annotated[
    str,
    typer.Option("--until", metavar="T", help="It ends then: 2026-10-05, an instant, or 7d."),
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides; you if not given.")]


@case.command("ack")
def case_ack(
    finding: Finding, note: Note = "", until: Until = "", by: By = "", as_json: AsJson = False
) -> None:
    """Acknowledge a finding: somebody is on it, so that nobody is told of it again."""
    _add("ack", finding, as_json, note=note, until=until, by=by)


@case.command("assign")
def case_assign(
    finding: Finding,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Who looks after it.")],
    note: Note = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Say who looks after a finding."""
    _add("assign", finding, as_json, note=note, assignee=person, by=by)


@case.command("comment")
def case_comment(finding: Finding, note: Note, by: By = "", as_json: AsJson = False) -> None:
    """Say something about a finding, and decide nothing."""
    _add("comment", finding, as_json, note=note, by=by)


@case.command("resolve")
def case_resolve(finding: Finding, note: Note = "", by: By = "", as_json: AsJson = False) -> None:
    """Say that a finding is over, until newer evidence of it comes."""
    _add("resolve", finding, as_json, note=note, by=by)


@case.command("waive")
def case_waive(
    finding: Finding, note: Note = "", until: Until = "", by: By = "", as_json: AsJson = False
) -> None:
    """Accept a finding as it is, until an instant or as long as it stands."""
    _add("waive", finding, as_json, note=note, until=until, by=by)


@case.command("reopen")
def case_reopen(finding: Finding, note: Note = "", by: By = "", as_json: AsJson = False) -> None:
    """Take back what was decided about a finding."""
    _add("reopen", finding, as_json, note=note, by=by)


@case.command("show")
def case_show(
    finding: Annotated[
        str, typer.Argument(metavar="[FINDING]", help="Its id; all with a case if not given.")
    ] = "",
    limit: Limit = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Show what was decided and said about a finding, or which findings have a case."""
    params: dict[str, Any] = {"now": instant(now), "limit": limit}
    if finding:
        answer("case.show", params | {"finding": finding}, render.shown, as_json)
    else:
        answer("case.list", params, render.listed, as_json)


def _add(action: str, finding: str, as_json: bool, **told: str) -> None:
    told["by"] = told["by"] or you()
    answer(f"case.{action}", {"finding": finding, **told}, render.shown, as_json)
