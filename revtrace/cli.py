"""The command line: `revtrace COMMAND`. Puts the commands together and turns errors into one line.

Nothing heavy is imported here or by the command modules: the engine, pandas and the web servers
load inside the commands that use them, so that `revtrace --help` and a question to a running `up`
are quick.
"""

import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from core.errors import RevtraceError
from revtrace.commands import (
    cases,
    checking,
    loading,
    mapping,
    measuring,
    outlook,
    reading,
    serving,
    tokens,
)
from revtrace.commands.options import WRONG

INTERRUPTED = 130
HELP = "Shows where every revenue event is between approval and posting, and what is stuck."

app = typer.Typer(
    name="revtrace",
    help=HELP,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (serving, loading, reading, measuring, outlook, cases, mapping, tokens, checking):
    app.add_typer(part.commands)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(version("revtrace"))
        raise typer.Exit


@app.callback(invoke_without_command=True)
def common(
    context: typer.Context,
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Shows where every revenue event is between the approval and the posting, and what is
    stuck.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command of this process's arguments and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; what goes wrong is one line on stderr, no
    traceback.
    """
    try:
        code = app(arguments, prog_name="revtrace", standalone_mode=False)
    except TyperException as error:
        context = getattr(error, "ctx", None)
        hint = f" (see {context.command_path} --help)" if context else ""
        return _refused(error.format_message() + hint)
    except RevtraceError as error:
        return _refused(str(error))
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def _refused(text: str) -> int:
    line = "".join(each if each.isprintable() else " " for each in text)
    sys.stderr.write(f"revtrace: {' '.join(line.split())}\n")
    return WRONG


if __name__ == "__main__":
    main()
