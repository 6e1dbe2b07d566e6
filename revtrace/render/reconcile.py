"""Reconciliation for people: what does not agree, by how much, and what explains it."""

from decimal import Decimal

from rich.console import Console

from revtrace.document import Document
from revtrace.render.values import counted, instant, money, number, state, table

EXPLAINED_SHOWN = 3
# What a hop's line adds up from.
SUMMED = {
    "into": "in",
    "pending": "nothing behind",
    "unfounded": "nothing before",
    "explained_net": "explained",
    "unexplained_net": "not explained",
    "out_of": "out",
}
FOLDED = ("contract",)


def render(document: Document, console: Console) -> None:
    """Print a summary of every control, then the breaks, each with what explains most of it."""
    rows = document["controls"]
    if not rows:
        console.print("No control has any money to compare.")
        console.print(
            "Controls compare money that carries a measure (billed, recognized ...); "
            "docs/reconciliation.md names what each of them asks for.",
            style="dim",
        )
        return
    _summary(document["summary"], console)
    broken = [row for row in rows if row["status"] == "break"]
    if broken:
        console.print()
        _breaks(broken, console)
    if document.get("hops"):
        console.print()
        _hops(document["hops"], console)
    if document["total"] > len(rows):
        console.print(
            f"{number(len(rows))} of {number(document['total'])}; raise --limit for more.",
            style="dim",
        )


def _summary(rows: list[Document], console: Console) -> None:
    made = table("control", "agree", "differ", "", right=("agree", "differ"))
    for row in rows:
        verdict = state("break" if row["differ"] else "ok")
        made.add_row(row["title"], number(row["agree"]), number(row["differ"]), verdict)
    console.print(made)


def _hops(rows: list[Document], console: Console) -> None:
    """The hops whose money does not come out, or how many do. Each line adds up."""
    uneven = [row for row in rows if Decimal(row["unexplained"])]
    if not uneven:
        console.print(f"What went in came out of {counted(len(rows), 'hop')}.", style="green")
        return
    summed = [name for name in SUMMED if name != "unfounded" or any(map(_unfounded, uneven))]
    right = (*(SUMMED[name] for name in summed), "breaks")
    made = table("hop", "period", "entity", "", *right, right=right)
    for row in uneven:
        made.add_row(
            row["hop"].replace("_", " "),
            row["period"],
            row["legal_entity"],
            row["currency"],
            *(money(row[name], None) for name in summed),
            money(row["unexplained"], None),
        )
    console.print(made)
    founded = " + nothing before" if "unfounded" in summed else ""
    console.print(
        f"In - nothing behind{founded} - explained - not explained = out. Nothing behind: the next "
        "object has no money yet. Breaks: what is not explained, each break without its sign.",
        style="dim",
    )


def _unfounded(row: Document) -> bool:
    return Decimal(row["unfounded"]) != 0


def _breaks(rows: list[Document], console: Console) -> None:
    made = table(
        *("control", "contract", "period", "entity", "left", "right", "difference", ""),
        right=("left", "right", "difference"),
        fold=FOLDED,
    )
    for row in rows:
        made.add_row(
            row["title"],
            row["contract"] or "(none)",
            row["period"],
            row["legal_entity"],
            money(row["left"], row["currency"]),
            money(row["right"], row["currency"]),
            money(row["difference"], row["currency"]),
            f"open until {instant(row['warn_at'])}" if row["provisional"] else "",
        )
        for each in row["explained_by"][:EXPLAINED_SHOWN]:
            made.add_row(f"  {each['object']}", *[""] * 5, _amount(each, row), _where(each))
        more = len(row["explained_by"]) - EXPLAINED_SHOWN
        if more > 0:
            made.add_row(f"  and {counted(more, 'more object')} (see --json)", *[""] * 7)
    console.print(made)


def _amount(each: Document, row: Document) -> str:
    return money(each["amount"], row["currency"])


def _where(each: Document) -> str:
    """`failed at invoiced since 2 Oct 2026 09:30`."""
    said = each["state"].replace("_", " ")
    at = f" at {each['stage']}" if each["stage"] else ""
    since = f" since {instant(each['since'])}" if each["since"] else ""
    return f"{said}{at}{since}"
