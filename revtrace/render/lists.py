"""Lists: what a key leads to, findings, sources."""

from rich.console import Console

from revtrace.document import Document
from revtrace.render.values import as_known, counted, instant, money, number, state, table

MATCHES_SHOWN = 10
# Enough of the id of a finding to name it: `revtrace case` takes it.
ID_SHOWN = 12
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
    if named := document.get("named"):
        of = counted(document["paths_total"], "revenue event")
        console.print(f"{' and '.join(named)} {document['key']}: {of}", style="dim")
    for match in document.get("matches", [])[:MATCHES_SHOWN]:
        console.print(f"{match['found_as'].replace('_', ' ')} of {match['object']}", style="dim")
    hidden = len(document.get("matches", [])) - MATCHES_SHOWN
    if hidden > 0:
        console.print(f"... and {number(hidden)} more (see --json)", style="dim")
    if not paths:
        first = document["matches"][0]["object"]
        console.print("No path leads there.", style="bold")
        console.print(f"`revtrace trace {first}` shows its events, and why it is on no path.")
        return
    paths_table(paths, console)
    more(document.get("paths_total", 0), len(paths), console)


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
    as_known(document, console)
    if not document["findings"]:
        console.print("No findings.")
        return
    made = table(
        "id",
        "severity",
        "finding",
        "object",
        "stage",
        "amount",
        "since (UTC)",
        "status",
        "who",
        right=("amount",),
        fold=("finding", "object", "stage"),
    )
    for each in document["findings"]:
        made.add_row(
            each["finding_id"][:ID_SHOWN],
            state(each["severity"]),
            "/".join(filter(None, [each["kind"], each.get("subkind")])),
            each["object"],
            each.get("stage") or "",
            money(each.get("amount"), each.get("currency")),
            instant(each.get("first_seen")),
            state(each["status"]),
            each.get("assignee") or each.get("decided_by") or "",
        )
    console.print(made)
    more(document["total"], len(document["findings"]), console)


def causes(document: Document, console: Console) -> None:
    """Print causes, one a line, and how each is recognised."""
    if not document["causes"]:
        console.print("No causes.")
        return
    right = ("findings", "revenue events", "contracts", "amounts")
    made = table(
        "severity",
        "cause",
        "findings",
        "revenue events",
        "contracts",
        "entities",
        "amounts",
        "first (UTC)",
        "last (UTC)",
        "trend",
        "status",
        right=right,
        fold=("cause", "entities", "amounts"),
    )
    for each in document["causes"]:
        made.add_row(
            state(each["severity"]),
            cause_name(each),
            number(each["open_findings"] or each["findings"]),
            number(each["roots"]),
            number(len(each["contracts"])),
            ", ".join(each["legal_entities"]),
            "\n".join(money(total["amount"], total["currency"]) for total in each["amounts"]),
            instant(each["first_seen"]),
            instant(each["last_seen"]),
            each["trend"],
            state(each["status"]),
        )
    console.print(made)
    more(document["total"], len(document["causes"]), console)


def cause_name(cause: Document) -> str:
    """What the findings of a cause share, in one line."""
    kind = "/".join(filter(None, [cause["kind"], cause["subkind"]]))
    known = cause["subkind"] != "unknown" and cause["code"]
    error = known or (cause["fingerprint"] and f"fingerprint {cause['fingerprint']}")
    mapping = cause["mapping"] and f"mapping {cause['mapping']} {cause['mapping_version']}".strip()
    stage = cause["stage"] and f"at {cause['stage']}"
    return ", ".join(filter(None, [kind, cause["source"], error, mapping, stage]))


def sources(document: Document, console: Console) -> None:
    """Print the registered systems."""
    if not document["sources"]:
        console.print("No source has sent anything yet, and none is declared.")
        return
    made = table(
        *("source", "role", "system", "mapping", "events"),
        *("last event (UTC)", "last arrival (UTC)"),
        right=("events",),
    )
    for each in document["sources"]:
        made.add_row(
            each["name"],
            each["role"],
            each.get("system") or "",
            each.get("mapping") or "",
            number(each.get("events")),
            instant(each.get("last_event_at")),
            instant(each.get("last_arrival_at")),
        )
    console.print(made)


def more(total: int, shown: int, console: Console) -> None:
    """Say how many there are beyond those that are shown."""
    if total > shown:
        console.print(f"{number(shown)} of {number(total)}; raise --limit for more.", style="dim")
