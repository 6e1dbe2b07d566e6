"""Reconciliation for people: what does not agree, by how much, and what explains it."""

from decimal import Decimal

from rich.console import Console
from rich.table import Table

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
FOLDED = ("  contract", "")


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
        if early := document["on_its_way"]:
            failed = document["failed"]
            console.print(
                f"{counted(early, 'difference')} of a period that is still being billed may be "
                "work on its way; `provisional` in --json."
                + (f" A system refused what is behind {number(failed)} of them." if failed else ""),
                style="dim",
            )
        if document["carried"]:
            console.print(
                "What runs up carries a break from period to period. It counts once, in its newest "
                "period that is warned of; the other rows are `carried` in --json.",
                style="dim",
            )
    if document.get("hops"):
        console.print()
        _hops(document["hops"], console)
    if document["total"] > len(rows):
        console.print(
            f"{number(len(rows))} of {number(document['total'])}; raise --limit for more.",
            style="dim",
        )


def _summary(rows: list[Document], console: Console) -> None:
    right = ("agree", "on its way", "differ")
    made = table("control", *right, "", right=right)
    for row in rows:
        waits = ("failed" if row["failed"] else "pending") if row["on_its_way"] else "ok"
        verdict = state("break" if row["differ"] else waits)
        counts = (number(row[name.replace(" ", "_")]) for name in right)
        made.add_row(row["title"], *counts, verdict)
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
    """A table for each pair of sides, which head its columns; what may be on its way comes last."""
    sides: dict[tuple[str, str, str], list[Document]] = {}
    for row in sorted(rows, key=lambda row: bool(row["provisional"])):
        sides.setdefault((row["title"], row["left_title"], row["right_title"]), []).append(row)
    for place, ((title, left, right), own) in enumerate(sides.items()):
        if place:
            console.print()
        console.print(f"{title}: {left}, against {right}", style="bold")
        console.print(_differences(own))


def _differences(rows: list[Document]) -> Table:
    right = ("compared", "against", "difference")
    made = table("  contract", "period", "entity", *right, "", right=right, fold=FOLDED)
    for row in rows:
        made.add_row(
            f"  {row['contract'] or '(none)'}",
            row["period"],
            row["legal_entity"],
            money(row["left"], row["currency"]),
            money(row["right"], row["currency"]),
            money(row["difference"], row["currency"]),
            _note(row),
        )
        for each in row["explained_by"][:EXPLAINED_SHOWN]:
            made.add_row(f"    {each['object']}", *[""] * 4, _amount(each, row), _where(each))
        more = len(row["explained_by"]) - EXPLAINED_SHOWN
        if more > 0:
            made.add_row(f"    and {counted(more, 'more object')} (see --json)", *[""] * 6)
    return made


def _note(row: Document) -> str:
    """Why a difference is not, or not yet, counted among those that differ."""
    if row["carried"]:
        return "goes on, counted in another period"
    if row["provisional"]:
        until = instant(row["warn_at"])
        return (
            f"failed, warned of from {until}"
            if row["failed"]
            else f"may be on its way until {until}"
        )
    return ""


def _amount(each: Document, row: Document) -> str:
    return money(each["amount"], row["currency"])


def _where(each: Document) -> str:
    """`failed at invoiced since 2 Oct 2026 09:30`."""
    said = each["state"].replace("_", " ")
    at = f" at {each['stage']}" if each["stage"] else ""
    since = f" since {instant(each['since'])}" if each["since"] else ""
    return f"{said}{at}{since}"
