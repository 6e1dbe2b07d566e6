"""How long hops take, for people: one line a group, process and stage."""

from rich.console import Console

from revtrace.document import Document
from revtrace.render.values import counted, duration, number, table

GROUPS = {
    "source": "system",
    "legal_entity": "entity",
    "engagement": "engagement",
    "week": "week of",
    "close_day": "close day",
}
FIGURES = ("done", "late", "p50", "p90", "p95", "p99", "max", "waiting", "open hours p50", "p95 ")


def render(document: Document, console: Console) -> None:
    """Print the table; shares are of the hops that are late and of the time that was waiting."""
    rows = document["latency"]
    if not rows:
        console.print("No hop was finished in that span.")
        return
    first = GROUPS.get(document["by"])
    made = table(*filter(None, [first, "process", "stage"]), *FIGURES, right=FIGURES)
    for row in rows:
        elapsed, business = row["elapsed"], row["business"]
        made.add_row(
            *([row["group"] or "(none)"] if first else []),
            row["process"],
            row["stage"],
            number(row["hops"]),
            share(row["late_share"]),
            *(duration(elapsed[name]) for name in ("p50", "p90", "p95", "p99", "max")),
            share(row["wait_share"]),
            *(duration(business[name]) for name in ("p50", "p95")),
        )
    console.print(made)
    early = sum(row["early"] for row in rows)
    told = f"{counted(document['hops'], 'hop')}; exact quantiles"
    if early:
        told += f"; {number(early)} done before the clock started count as no time at all"
    console.print(f"{told}.", style="dim")


def share(part: float | None) -> str:
    """`12.5 %`; nothing where there is nothing to have a share of. A rest that is there is never
    rounded away: `99.9 %` is not all, and `<0.1 %` not none.
    """
    if part is None:
        return ""
    if 0 < part < 0.0005:
        return "<0.1 %"
    return f"{min(part * 100, 99.9) if part < 1 else part * 100:.1f} %"
