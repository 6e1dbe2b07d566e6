"""How things stand, on one screen."""

from rich.console import Console
from rich.text import Text

from revtrace.document import Document
from revtrace.render.values import counted, duration, facts, instant, number, table

SOURCES_SHOWN = 5
HOURS_SHOWN = 10
NAMED_BY_RECORDS = "sources named by the records"


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
                f"{counted(identity['received'], 'record')}"
                f" in {_deliveries(identity['deliveries'])}{_replays(identity)}"
            ),
            "accounted for": Text(
                f"{sum_text}: {'everything' if holds else 'NOT everything'}",
                style="green" if holds else "bold red",
            ),
            "NOT balanced": _unbalanced(identity.get("unbalanced", [])),
            "journal": _journal(document.get("journal")),
            "spool": _spool(document.get("spool")),
            "last commit": _batch(document["last_batch"]),
            "lineage": _lineage(lineage),
            "schema": f"{schema['version']}"
            + (" (migrations pending)" if schema["pending"] else ""),
            "declarations": _config(lineage),
            "sources": _sources(document.get("sources_unknown", [])),
        },
    )
    if "hours" in document:
        _hours(document["hours"], console)


def _deliveries(count: int) -> str:
    return f"{number(count)} {'delivery' if count == 1 else 'deliveries'}"


def _replays(identity: Document) -> str:
    """What came once and was made again counts twice, so it is said."""
    if not identity.get("replays"):
        return ""
    replays, records = counted(identity["replays"], "replay"), number(identity["replayed"])
    return f", {replays} of earlier ones among them ({records} records made again)"


def _hours(hours: list[Document], console: Console) -> None:
    """What each source sent in each hour, and what became of it."""
    console.print()
    if not hours:
        console.print("Nothing was received in this time.")
        return
    counts = ("deliveries", "replays", "received", "stored", "duplicates", "quarantined", "skipped")
    made = table("hour (UTC)", "source", *counts, "balances", right=counts, fold=("source",))
    for each in hours:
        made.add_row(
            instant(each["hour"]),
            each["source"] or NAMED_BY_RECORDS,
            *(number(each[name]) for name in counts),
            Text("yes") if each["balances"] else Text("NO", style="bold red"),
        )
    console.print(made)


def _unbalanced(wrong: list[Document]) -> Text | None:
    """Where to look: the source, the hour and a delivery."""
    if not wrong:
        return None
    lines = [
        f"{each['source'] or NAMED_BY_RECORDS}, hour {instant(each['hour'])}:"
        f" {_deliveries(each['deliveries'])},"
        f" received {number(each['received'])}, stored {number(each['stored'])}"
        f" ({number(each['events'])} there), duplicates {number(each['duplicates'])},"
        f" quarantined {number(each['quarantined'])} ({number(each['quarantine_records'])} there),"
        f" skipped {number(each['skipped'])}; first {each['examples'][0]}"
        for each in wrong[:HOURS_SHOWN]
    ]
    more = len(wrong) - HOURS_SHOWN
    return Text("\n".join(lines + [f"and {more} more"] * (more > 0)), style="bold red")


def _journal(journal: Document | None) -> Text | None:
    """Nothing to say while everything that was taken is in the warehouse."""
    if not journal or not (journal["deliveries"] or journal["unreadable"]):
        return None
    text = f"{_deliveries(journal['deliveries'])} to be written in a moment"
    if journal["unreadable"]:
        text += f"; {number(journal['unreadable'])} commits cannot be read, see the log"
    return Text(text, style="yellow")


def _spool(spool: Document | None) -> Text | None:
    """Nothing to say while everything that was taken is in the warehouse."""
    if not spool or not spool["deliveries"]:
        return None
    text = f"{_deliveries(spool['deliveries'])} waiting for the warehouse"
    text += f" since {duration(spool['oldest_seconds'])}"
    if spool["postponed"]:
        text += f"; {number(spool['postponed'])} could not be committed, see the log"
    return Text(text, style="yellow")


def _batch(batch: Document | None) -> str:
    return f"number {batch['batch']} at {instant(batch['admitted_at'])}" if batch else "none yet"


def _lineage(lineage: Document) -> str:
    turned = f"; turned by {lineage['turned_by']}" if lineage.get("turned_by") else ""
    if not lineage["events_waiting"]:
        return f"up to date{turned}"
    lag = duration(lineage.get("lag_seconds"))
    behind = f"{number(lineage['events_waiting'])} events behind" + (f", {lag}" if lag else "")
    return behind + turned


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
        " then `revtrace rebuild`",
        "yellow",
    )
