"""Coverage for people: what can be traced back, what never reports, and where ids get lost."""

from rich.console import Console

from revtrace.document import Document
from revtrace.render.latency import share
from revtrace.render.values import counted, money, number, table

IDS_SHOWN = 15
FIGURES = ("posted", "amount", "complete", "of amount", "gaps", "on no path")


def render(document: Document, console: Console) -> None:
    """Print four short tables, each only where it has anything to say."""
    if not document["totals"] and not document["known"]:
        console.print("Nothing was posted yet, and no revenue event is known.")
        return
    if document["totals"]:
        _posted(document, console)
    else:
        _nothing_posted(document["known"], console)
    _breaks(document, console)
    _blind(document["blind_spots"], console)
    _ids(document["ids"], console)


def _nothing_posted(known: list[Document], console: Console) -> None:
    """Why there is no share to tell, and what can be told of the revenue events there are."""
    console.print(
        "Nothing was posted into an ERP yet, so there is no posted revenue to follow back:",
    )
    for each in known:
        why = (
            "none has reached the stage that posts"
            if each["posts"]
            else "no stage of this process posts into an ERP"
        )
        console.print(f"  {each['process']}: {counted(each['roots'], 'revenue event')}, {why}.")
    console.print(
        "`revtrace latency` says how fast they go, `revtrace aging` and `revtrace findings` what "
        "stands in their way, `revtrace find KEY` where one of them is.",
        style="dim",
    )


def _posted(document: Document, console: Console) -> None:
    console.print("Posted revenue with a complete path: shares of what was posted", style="bold")
    grades = ("asserted", "alias", "correlated", "inferred")
    told = {each["grade"] for row in document["totals"] for each in row["by_grade"]}
    shown = [grade for grade in grades if grade in told]
    made = table("process", *FIGURES, *shown, right=(*FIGURES, *shown))
    rows: list[tuple[str, Document]] = []
    for total in document["totals"]:
        own = (row for row in document["posted"] if row["currency"] == total["currency"])
        rows += [*((row["process"], row) for row in own), ("all", total)]
    for name, row in rows:
        parts = {each["grade"]: each["share"] for each in row["by_grade"]}
        made.add_row(
            name,
            number(row["postings"]),
            money(row["amount"], row["currency"]),
            share(row["share_of_postings"]),
            share(row["share"]),
            number(row["gaps"]["postings"]),
            number(row["untraced"]["postings"]),
            *(share(parts.get(grade)) for grade in shown),
        )
    console.print(made)
    if any(hop["lost"] for hop in document["hops"]):
        console.print(
            "100 % is all that was posted, not that all was posted: what was lost on its way is "
            "not in these shares but below.",
            style="dim",
        )


def _breaks(document: Document, console: Console) -> None:
    lost = [hop for hop in document["hops"] if hop["lost"]]
    if not lost:
        return
    console.print("\nWhere the chain breaks: nothing behind it though it is due", style="bold")
    right = ("arrived", "lost", "share", "amount", "loose")
    made = table("process", "from", "to", *right, right=right)
    for hop in sorted(lost, key=lambda hop: -(hop["share"] or 0)):
        amounts = [money(each["amount"], each["currency"]) for each in hop["amounts"]]
        made.add_row(
            hop["process"],
            hop["from"],
            hop["to"],
            number(hop["roots"]),
            number(hop["lost"]),
            share(hop["share"]),
            ", ".join(amounts),
            number(hop["loose"]),
        )
    console.print(made)
    first = document["breaks"]["by_share"]
    if first:
        console.print(
            f"First break by share: {first['from']} to {first['to']} of {first['process']}. Loose "
            "are objects of that type on no path: with them ids were lost, without them nothing "
            "was made, or told.",
            style="dim",
        )


def _blind(spots: list[Document], console: Console) -> None:
    if not spots:
        return
    console.print("\nWhat never reports", style="bold")
    made = table("what", "where", "revenue events", right=("revenue events",))
    for spot in spots:
        waiting = number(spot["roots"]) if "roots" in spot else ""
        made.add_row(spot["kind"].replace("_", " "), _where(spot), waiting)
    console.print(made)


def _where(spot: Document) -> str:
    match spot["kind"]:
        case "source_never_sent":
            return f"{spot['source']} ({spot['role']})"
        case "hop_never_linked":
            return f"{spot['process']}: {spot['from']} to {spot['to']}"
    optional = "" if spot["required"] else ", optional"
    return f"{spot['process']}: {spot['stage']} ({spot['object_type']}{optional})"


def _ids(rows: list[Document], console: Console) -> None:
    """The stages at which an object comes onto its path: there an id is needed."""
    needed = [row for row in rows if row["enters"]]
    if not needed:
        return
    console.print("\nWhat events carry where an object comes onto its path", style="bold")
    right = ("events", "correlation id", "link", "neither")
    made = table("system", "stage", "object", *right, right=right)
    for row in sorted(needed, key=lambda row: -row["neither_share"])[:IDS_SHOWN]:
        made.add_row(
            row["source"],
            row["stage"],
            row["object_type"],
            number(row["events"]),
            share(row["correlated_share"]),
            share(row["linked_share"]),
            share(row["neither_share"]),
        )
    console.print(made)
    if len(needed) > IDS_SHOWN:
        console.print(f"{number(len(needed) - IDS_SHOWN)} more in --json.", style="dim")
