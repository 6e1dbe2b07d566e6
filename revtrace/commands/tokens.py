"""Commands for the tokens of senders: tokens create, list, revoke."""

from typing import Annotated

import typer

from revtrace.commands.options import AsJson, answer
from revtrace.render import tokens as render

commands = typer.Typer()
tokens = typer.Typer(help="Who may send: needed as soon as the collector listens beyond loopback.")
commands.add_typer(tokens, name="tokens")


@tokens.command("create")
def tokens_create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose it is, e.g. mulesoft-prod.")],
    sources: Annotated[
        list[str] | None,
        typer.Option("--source", help="A source it may send for; may be repeated. None: any."),
    ] = None,
    expires: Annotated[
        str, typer.Option("--expires", metavar="DURATION", help="How long it is valid, e.g. 90d.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Make a token and show it, this once."""
    params = {"name": name, "sources": sources or [], "expires": expires}
    answer("tokens.create", params, render.created, as_json)


@tokens.command("list")
def tokens_list(as_json: AsJson = False) -> None:
    """List all tokens: for which sources, until when, when last used."""
    answer("tokens.list", {}, render.listed, as_json)


@tokens.command("revoke")
def tokens_revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name, or its id.")],
    as_json: AsJson = False,
) -> None:
    """Revoke a token; what it sent stays."""
    answer("tokens.revoke", {"name": name}, render.revoked, as_json)
