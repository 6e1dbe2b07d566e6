"""Commands that check: the declarations, and the installation."""

import typer

from revtrace.commands.options import AsJson, answer, finish
from revtrace.render import checks

commands = typer.Typer()
config = typer.Typer(help="The declarations: sources, processes, calendars and rules.")
commands.add_typer(config, name="config")


@config.command("check")
def config_check(as_json: AsJson = False) -> None:
    """Read every declaration, shipped and your own, and say what is wrong with it."""
    document = answer("config.check", {}, checks.config, as_json)
    finish(not document["ok"])


@commands.command()
def doctor(as_json: AsJson = False) -> None:
    """Show what was found: versions, plugins, ports, the engine, and who owns the folder."""
    document = answer("doctor", {}, checks.doctor, as_json)
    finish(not document["ok"])
