"""A path as a story: its head, its stages in order, the objects it went through, what is wrong with
it.
"""

from rich.console import Console

from revtrace.document import Document
from revtrace.render import lists
from revtrace.render.values import (
    as_known,
    counted,
    duration,
    facts,
    instant,
    money,
    number,
    state,
    table,
)

OBJECTS_SHOWN = 40
STAGE_COLUMNS = ("stage", "state", "done (UTC)", "due (UTC)", "took", "system", "object")


def render(document: Document, console: Console) -> None:
    """Print a path, or for an object that is no revenue event the paths that it is on."""
    as_known(document, console)
    if "root" in document:
        _path(document, console)
        return
    total = document["paths_total"]
    if not total:
        _pathless(document, console)
        _findings(document, console)
        return
    console.print(f"{document['object']} is on {counted(total, 'path')}.", style="bold")
    _findings(document, console)
    if total > 1:
        _summaries(document, console)
    for path in document["paths"]:
        console.print()
        _path(path, console)


def _summaries(document: Document, console: Console) -> None:
    """All paths in a line each, before some of them in full."""
    lists.paths_table(document["summaries"], console)
    more = document["paths_total"] - len(document["summaries"])
    if more > 0:
        console.print(f"... and {number(more)} more (`revtrace find` lists all)", style="dim")
    shown = len(document["paths"])
    if shown < document["paths_total"]:
        console.print(f"In full: the first {shown}; raise --limit for more.", style="dim")


def _pathless(document: Document, console: Console) -> None:
    """What is known all the same: the events, and why no path begins with them."""
    console.print(f"{document['object']} is on no path.", style="bold")
    told = counted(document["events_total"], "event")
    names = "names" if document["events_total"] == 1 else "name"
    console.print(f"{told} {names} it: {document['why']}.", style="yellow")
    console.print(f"{document['todo']}.")
    if not document["events"]:
        return
    made = table("event (UTC)", "source", "role", "action", "outcome", "amount", right=("amount",))
    for event in document["events"]:
        made.add_row(
            instant(event["occurred_at"]),
            event["source"],
            event["role"],
            event["action"],
            event["outcome"],
            money(event.get("amount"), event.get("currency")),
        )
    console.print()
    console.print(made)
    more = document["events_total"] - len(document["events"])
    if more > 0:
        console.print(f"... and {counted(more, 'more event')}", style="dim")


def _path(path: Document, console: Console) -> None:
    console.print(path["root"], style="bold")
    facts(
        console,
        {
            "process": path["process"],
            "state": state(path["state"]),
            "amount": money(path.get("amount"), path.get("currency")),
            "credited": _unless_zero(path.get("credited"), path.get("currency")),
            "net": _net(path),
            "started": instant(path.get("started_at")),
            "contract": path.get("contract"),
            "terms": _terms(path.get("terms")),
            "legal entity": path.get("legal_entity"),
            "next": _next(path),
            "also on": ", ".join(path.get("also_on") or []),
        },
    )
    _stages(path, console)
    _objects(path, console)
    _inferred(path, console)
    _credits(path, console)
    _amendments(path.get("terms"), console)
    _findings(path, console)


def _inferred(path: Document, console: Console) -> None:
    """Why a rule holds one object to be made from another: it is a guess, so it is explained."""
    for link in path.get("links") or []:
        if link.get("grade") == "inferred":
            console.print(
                f"{link['to']} is inferred from {link['from']}: {link['rule']}", style="dim"
            )


def _net(path: Document) -> str:
    credited = _unless_zero(path.get("credited"), path.get("currency"))
    return money(path.get("net"), path.get("currency")) if credited else ""


def _terms(terms: Document | None) -> str:
    """`version 1 at the start, version 2 at the invoice`; one version is said once."""
    if not terms:
        return ""
    began, invoiced = terms.get("began_version"), terms.get("invoiced_version")
    if not invoiced or invoiced == began:
        return f"version {began}" if began else "no version was in force"
    return f"version {began or 'none'} at the start, version {invoiced} at the invoice"


def _credits(path: Document, console: Console) -> None:
    """Which memo takes how much of the revenue event's money, off which object."""
    if not path.get("credits"):
        return
    made = table("memo", "takes off", "of it", right=("of it",), fold=("memo", "takes off"))
    for credit in path["credits"]:
        made.add_row(
            credit["memo"], credit["object"], money(credit["amount"], path.get("currency"))
        )
    console.print()
    console.print(made)


def _amendments(terms: Document | None, console: Console) -> None:
    if not terms or not terms.get("amendments"):
        return
    made = table("amendment", "amends", "since (UTC)", fold=("amendment", "amends"))
    for each in terms["amendments"]:
        made.add_row(each["object"], each["amends"], instant(each.get("at")))
    console.print()
    console.print(made)


def _unless_zero(amount: str | None, currency: str | None) -> str:
    return money(amount, currency) if amount and float(amount) else ""


def _next(path: Document) -> str:
    if not path.get("next_stage"):
        return ""
    due = instant(path.get("due_at"))
    return f"{path['next_stage']}, due {due}" if due else str(path["next_stage"])


def _stages(path: Document, console: Console) -> None:
    made = table(*STAGE_COLUMNS, fold=("system", "object"))
    for stage in path["stages"]:
        made.add_row(
            stage["name"],
            state(stage["state"]),
            instant(stage.get("completed_at") or stage.get("reached_at")),
            instant(stage.get("due_at")),
            duration(stage.get("latency_seconds")),
            _systems(stage),
            _some(stage.get("objects") or []),
        )
    console.print()
    console.print(made)


def _systems(stage: Document) -> str:
    events = [event for event in stage.get("events") or [] if isinstance(event, dict)]
    return ", ".join(dict.fromkeys(str(event["source"]) for event in events if event.get("source")))


def _some(keys: list[str]) -> str:
    return ", ".join(keys[:2]) + (f" and {number(len(keys) - 2)} more" if len(keys) > 2 else "")


def _objects(path: Document, console: Console) -> None:
    made = table("object", "link", "through", fold=("object", "through"))
    for each in path["objects"][:OBJECTS_SHOWN]:
        made.add_row(each["key"], each.get("grade") or "", each.get("via") or "")
    console.print()
    console.print(made)
    more = len(path["objects"]) - OBJECTS_SHOWN
    if more > 0:
        console.print(f"... and {number(more)} more objects (see --json)", style="dim")


def _findings(path: Document, console: Console) -> None:
    if not path["findings"]:
        return
    console.print()
    for finding in path["findings"]:
        kind = "/".join(filter(None, [finding.get("kind"), finding.get("subkind")]))
        line = state(finding.get("severity"))
        line.append(f"  {kind} ({finding.get('status')})", style="bold")
        line.append(f"\n{finding.get('explanation') or finding.get('object', '')}")
        console.print(line)
