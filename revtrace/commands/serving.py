"""Commands that stay: the whole service in one process, or its parts against a server."""

from typing import Annotated

import typer

from revtrace.commands.options import settings

commands = typer.Typer()

AsJsonStart = Annotated[
    bool, typer.Option("--json", help="Print where it listens as one JSON document.")
]


@commands.command()
def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="Fill an empty warehouse with the sample quarter.")
    ] = False,
    as_json: AsJsonStart = False,
) -> None:
    """Run everything in one process: collector, refresh, alerts and dashboards."""
    from revtrace.app import Parts, run

    parts = Parts(collector=True, work=True, dashboards=True, demo=demo, as_json=as_json)
    run(settings(), "up", parts)


@commands.command()
def collect(as_json: AsJsonStart = False) -> None:
    """Run the collector alone, against a ClickHouse server."""
    from revtrace.app import Parts, run

    run(settings(), "collect", Parts(collector=True, as_json=as_json))


@commands.command()
def work(as_json: AsJsonStart = False) -> None:
    """Run the refresh wheel and the alerts alone, against a ClickHouse server."""
    from revtrace.app import Parts, run

    run(settings(), "work", Parts(work=True, as_json=as_json))


@commands.command()
def dashboards(as_json: AsJsonStart = False) -> None:
    """Run the dashboards alone, against a ClickHouse server."""
    from revtrace.app import Parts, run

    run(settings(), "dashboards", Parts(dashboards=True, as_json=as_json))
