"""What an operation has done, in a few lines."""

from rich.console import Console

from revtrace.document import Document
from revtrace.render.values import duration, facts, hinted, money, number, table

REASONS_SHOWN = 10
RAW_SHOWN = 60
COUNTS = ("received", "stored", "duplicates", "quarantined", "skipped")


def imported(document: Document, console: Console) -> None:
    """Print the counts of an import, a line a file."""
    made = table("file", *COUNTS, right=COUNTS)
    for each in document["files"]:
        made.add_row(each["file"], *(number(each[name]) for name in COUNTS))
    if len(document["files"]) > 1:
        made.add_row("total", *(number(document[name]) for name in COUNTS))
    console.print(made)
    for each in document["files"]:
        console.print(_control(each), style="dim")
        if each["known"]:
            console.print(
                f"{each['file']} was imported before: nothing was stored now, and the counts are"
                " those of then.",
                style="yellow",
            )
    if document.get("pending"):
        console.print(
            f"{number(document['pending'])} records wait in the spool: the warehouse is away. "
            "They go in by themselves when it is back; `revtrace status` says how many are left.",
            style="yellow",
        )
    if document["quarantined"]:
        _reasons(document.get("reasons", []), console)
        for hint in {each["hint"]: None for each in document["files"] if each.get("hint")}:
            console.print(hint, style="yellow")
        console.print("See `revtrace quarantine list` for what could not be taken.", style="yellow")


def _control(each: Document) -> str:
    """What to check an import against: format, hash of the content, what the file holds, sums."""
    told = f" (told by its {each['told_by']})" if each.get("told_by") else ""
    parts = [f"{each['file']}: {each['format']}{told}", f"sha256 {each['sha256'][:16]}"]
    holds = each.get("holds") or {}
    parts += [f"{number(count)} {name.replace('_', ' ')}" for name, count in holds.items()]
    parts += [money(total, currency) for currency, total in each["totals"].items()]
    return ", ".join(parts)


def _reasons(reasons: list[Document], console: Console) -> None:
    """Why records were not taken, how often, and the first record of each reason."""
    if not reasons:
        return
    columns = ("reason", "field", "records", "meaning", "first line", "its text")
    made = table(*columns, right=("records", "first line"), fold=("meaning", "its text"))
    for each in reasons[:REASONS_SHOWN]:
        text = " ".join(each["raw"].split())
        made.add_row(
            each["reason"],
            each["field"],
            number(each["records"]),
            hinted(each["meaning"], each["wanted"]),
            number(each["line"]),
            text[:RAW_SHOWN] + ("..." if len(text) > RAW_SHOWN else ""),
        )
    console.print()
    console.print(made)
    console.print()


def migrated(document: Document, console: Console) -> None:
    """Print what was run, or would be."""
    if not document["changes"]:
        console.print(f"The schema is up to date (version {document['version']}).")
        return
    for change in document["changes"]:
        console.print(f"{change['part']} {change['name']}", style="bold")
        if document["dry_run"]:
            for statement in change["statements"]:
                console.print(statement)
                console.print(";")
    if not document["dry_run"]:
        console.print(f"Done: version {document['version']}.")


def refreshed(document: Document, console: Console) -> None:
    """Print what a refresh or a rebuild took in."""
    facts(
        console,
        {
            "turns": number(document["turns"]),
            "events": number(document["events"]),
            "revenue events": number(document["roots"]),
            "took": duration(document["seconds"]),
        },
    )


def simulated(document: Document, console: Console) -> None:
    """Print where a simulated quarter is, how large, and what was hidden in it."""
    names = ("out", "now", "books_close", "events", "duplicates", "paths", "seed", "scale")
    facts(console, {name.replace("_", " "): document[name] for name in names})
    made = table("hidden in it", "count", right=("count",))
    for name, count in document["faults"].items():
        made.add_row(name.rstrip("/"), number(count))
    console.print()
    console.print(made)
