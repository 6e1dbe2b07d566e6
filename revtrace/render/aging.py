"""The age of findings for people: a line a group and currency, a column a bucket."""

from collections import Counter
from decimal import Decimal

from rich.console import Console

from dashboards import formats
from revtrace.document import Document
from revtrace.render.values import counted, number, table

AGES = ("0-1 days", "1-3 days", "3-7 days", "7-30 days", "over 30 days")
_COLUMN = {"kind": "kind", "stage": "stage", "entity": "legal_entity", "process": "process"}


def render(document: Document, console: Console) -> None:
    """Print how many findings, and how much money, are of which age."""
    rows = document["aging"]
    if not rows:
        console.print("No finding, so nothing grows old.")
        return
    days = "working days" if document["business"] else "elapsed days"
    console.print(f"{counted(document['findings'], 'finding')} by age, in {days}:")
    by, age = _COLUMN[document["by"]], "business_age" if document["business"] else "age"
    counts: dict[str, Counter[str]] = {}
    amounts: dict[tuple[str, str], dict[str, Decimal]] = {}
    for row in rows:
        counts.setdefault(row[by], Counter())[row[age]] += row["findings"]
        if row["currency"]:
            cells = amounts.setdefault((row[by], row["currency"]), {})
            cells[row[age]] = cells.get(row[age], Decimal(0)) + Decimal(row["amount"])
    made = table(document["by"], "", *AGES, "all", right=(*AGES, "all"))
    for group, found in sorted(counts.items()):
        numbers = [*(found[each] for each in AGES), found.total()]
        said = (number(each) if each else "" for each in numbers)
        made.add_row(group.replace("_", " ") or "(none)", "findings", *said)
        for (_, currency), cells in sorted(item for item in amounts.items() if item[0][0] == group):
            sums = [cells.get(each, Decimal(0)) for each in AGES]
            sums.append(sum(sums, Decimal(0)))
            made.add_row("", currency, *(_money(each, currency) for each in sums))
    console.print(made)
    console.print(
        "Age counts from the business event; one amount may be behind several findings.",
        style="dim",
    )


def _money(amount: Decimal, currency: str) -> str:
    if not amount:
        return ""
    return formats.money(amount, currency).removeprefix(f"{currency}{formats.GLUE}")
