"""Lists: what a key leads to, findings, sources, quarantined records."""

from rich.console import Console

from revtrace.document import Document
from revtrace.render.values import facts, instant, money, number, state, table

MATCHES_SHOWN = 10
FOLDED = ("revenue event", "object", "file")


def found(document: Document, console: Console) -> None:
    """Print what a key leads to, one path a line."""
    paths = document["paths"]
    if not paths and not document.get("matches"):
        console.print("Nothing is known by that key.")
        console.print(
            "`revtrace status` counts what came in, `revtrace quarantine list` what was not taken.",
            style="dim",
        )
        return
    for match in document.get("matches", [])[:MATCHES_SHOWN]:
        console.print(f"{match['found_as'].replace('_', ' ')} of {match['object']}", style="dim")
    more = len(document.get("matches", [])) - MATCHES_SHOWN
    if more > 0:
        console.print(f"... and {number(more)} more (see --json)", style="dim")
    if not paths:
        first = document["matches"][0]["object"]
        console.print("No path leads there.", style="bold")
        console.print(f"`revtrace trace {first}` shows its events, and why it is on no path.")
        return
    paths_table(paths, console)
    _more(document.get("paths_total", 0), len(paths), console)


def paths_table(paths: list[Document], console: Console) -> None:
    """Print summaries of paths, one a line."""
    made = table(
        "revenue event", "process", "state", "amount", "next", right=("amount",), fold=FOLDED
    )
    for path in paths:
        made.add_row(
            path["root"],
            path.get("process") or "",
            state(path.get("state")),
            money(path.get("amount"), path.get("currency")),
            path.get("next_stage") or "",
        )
    console.print(made)


def findings(document: Document, console: Console) -> None:
    """Print findings, one a line."""
    if not document["findings"]:
        console.print("No findings.")
        return
    made = table(
        "severity",
        "finding",
        "object",
        "stage",
        "amount",
        "since (UTC)",
        "status",
        right=("amount",),
    )
    for each in document["findings"]:
        made.add_row(
            state(each["severity"]),
            "/".join(filter(None, [each["kind"], each.get("subkind")])),
            each["object"],
            each.get("stage") or "",
            money(each.get("amount"), each.get("currency")),
            instant(each.get("first_seen")),
            state(each["status"]),
        )
    console.print(made)
    _more(document["total"], len(document["findings"]), console)


def sources(document: Document, console: Console) -> None:
    """Print the registered systems."""
    if not document["sources"]:
        console.print("No source has sent anything yet, and none is declared.")
        return
    made = table("source", "role", "system", "events", "last heard (UTC)", right=("events",))
    for each in document["sources"]:
        made.add_row(
            each["name"],
            each["role"],
            each.get("system") or "",
            number(each.get("events")),
            instant(each.get("last_heard_at")),
        )
    console.print(made)


def quarantined(document: Document, console: Console) -> None:
    """Print quarantined records, one a line."""
    if not document["quarantine"]:
        console.print("Nothing is in quarantine.")
        return
    made = table(
        *("record", "received (UTC)", "source", "file", "line", "reason", "field"),
        right=("line",),
        fold=("record", "file"),
    )
    for each in document["quarantine"]:
        made.add_row(
            each["record"],
            instant(each.get("received_at")),
            each.get("source") or "",
            each.get("file") or "",
            number(each["line"]) if each.get("line") else "",
            each["reason"],
            each.get("field") or "",
        )
    console.print(made)
    _more(document["total"], len(document["quarantine"]), console)


def quarantined_record(document: Document, console: Console) -> None:
    """Print one quarantined record with its bytes."""
    facts(console, {name: value for name, value in document.items() if name != "raw"})
    console.print()
    console.print(document["raw"])


def _more(total: int, shown: int, console: Console) -> None:
    if total > shown:
        console.print(f"{number(shown)} of {number(total)}; raise --limit for more.", style="dim")
