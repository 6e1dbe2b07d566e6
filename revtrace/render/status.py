"""How things stand, on one screen."""

from rich.console import Console
from rich.text import Text

from revtrace.document import Document
from revtrace.render.values import counted, duration, facts, instant, number

SOURCES_SHOWN = 5


def render(document: Document, console: Console) -> None:
    """Print the identity of what was received, the last commit, the lineage and the schema."""
    identity, lineage, schema = document["identity"], document["lineage"], document["schema"]
    holds = identity["holds"]
    sum_text = " + ".join(
        f"{number(identity[name])} {name}"
        for name in ("stored", "duplicates", "quarantined", "skipped")
    )
    facts(
        console,
        {
            "warehouse": document["warehouse"],
            "received": (
                f"{number(identity['received'])} records"
                f" in {number(identity['deliveries'])} deliveries"
            ),
            "accounted for": Text(
                f"{sum_text}: {'everything' if holds else 'NOT everything'}",
                style="green" if holds else "bold red",
            ),
            "last commit": _batch(document["last_batch"]),
            "lineage": _lineage(lineage),
            "schema": f"{schema['version']}"
            + (" (migrations pending)" if schema["pending"] else ""),
            "declarations": _config(lineage),
            "sources": _sources(document.get("sources_unknown", [])),
        },
    )


def _batch(batch: Document | None) -> str:
    return f"number {batch['batch']} at {instant(batch['admitted_at'])}" if batch else "none yet"


def _lineage(lineage: Document) -> str:
    if not lineage["events_waiting"]:
        return "up to date"
    lag = duration(lineage.get("lag_seconds"))
    return f"{number(lineage['events_waiting'])} events behind" + (f", {lag}" if lag else "")


def _config(lineage: Document) -> Text:
    if not lineage.get("config_differs"):
        return Text("in effect")
    return Text(
        "changed since the paths were made: `revtrace rebuild` puts them into effect", "yellow"
    )


def _sources(unknown: list[str]) -> Text | None:
    """Nothing to say where every sender is declared: no path begins with what the others send."""
    if not unknown:
        return None
    names = ", ".join(unknown[:SOURCES_SHOWN]) + (" ..." if len(unknown) > SOURCES_SHOWN else "")
    has = "has" if len(unknown) == 1 else "have"
    return Text(
        f"{counted(len(unknown), 'source')} {has} no role: {names}. Most paths do not take their"
        " events: declare them with files in sources/ of the config folder (REVTRACE_CONFIG),"
        " start again, then `revtrace rebuild`",
        "yellow",
    )
