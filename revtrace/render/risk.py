"""Revenue at risk for people: what will miss each close, then by step."""

from decimal import Decimal

from rich.console import Console

from dashboards import outlook
from revtrace.document import Document
from revtrace.render.values import counted, duration, instant, money, number, table

HOURS = 3600
BASES = {
    "same_step": "past closes",
    "same_kind": "past closes, all entities",
    "any_kind": "past closes, all kinds",
    "any_step": "past closes, all steps",
    "present_rate": "present rate alone",
    "unknown": "nothing to judge by",
}
FOLDED = ("judged by",)


def render(document: Document, console: Console) -> None:
    """Print a sentence for every close and currency, then the steps that money waits for."""
    closings = document["closings"]
    if not closings:
        console.print("No books close lies ahead of any revenue event, so nothing is at risk.")
        _missed(document["missed"], console)
        return
    for closing in closings:
        _sentence(closing, console)
    _missed(document["missed"], console)
    hops = [row for row in document["hops"] if row["standing"] != "to_come"]
    if hops:
        console.print()
        _hops(hops, console)
    if document["total"] > len(document["hops"]):
        left = f"{number(len(document['hops']))} of {number(document['total'])} hops"
        console.print(f"{left}; raise --limit for more.", style="dim")


def _missed(rows: list[Document], console: Console) -> None:
    """What is stuck and belongs to no close ahead."""
    if not rows:
        return
    many = counted(sum(int(row["roots"]) for row in rows), "revenue event")
    amounts = ", ".join(money(row["amount"], row["currency"]) for row in rows if row["currency"])
    console.print(
        f"Not in this: {many} with {amounts or 'no amount'} missed an earlier close and are still "
        "open; `revtrace findings --kind sla_breach/cutoff` lists them."
    )


def _range(closing: Document) -> str:
    """Where everything is expected to miss, or nothing, the range lies on one side of that."""
    low, mid, high = (closing[name] for name in ("at_risk_low", "at_risk", "at_risk_high"))
    least, most = (money(each, closing["currency"]) for each in (low, high))
    if Decimal(low) == Decimal(high):
        return f"likely {least}"
    if Decimal(mid) == Decimal(high):
        return f"likely {least} or more"
    return f"likely {most} or less" if mid == low else f"likely {least} to {most}"


def _sentence(closing: Document, console: Console) -> None:
    currency = closing["currency"]

    def said(name: str) -> str:
        return money(closing[name], currency)

    left = duration(closing["hours_left"] * HOURS)
    console.print(
        f"{closing['period']}, books close in {left} ({instant(closing['books_close'])} UTC): "
        f"{said('at_risk')} of {said('amount')} will miss it at the present rate "
        f"({'; '.join(filter(None, [_range(closing), outlook.doubt(closing)]))}); "
        f"{counted(closing['open_roots'], 'revenue event')} open with {said('open_amount')}."
    )
    if Decimal(closing["coming_amount"]):
        console.print(
            f"  Still to come by past closes: {said('coming_amount')}, of which "
            f"{said('coming_at_risk')} may miss it.",
            style="dim",
        )
    if Decimal(closing["unjudged"]):
        console.print(f"  Nothing can be said of {said('unjudged')}: no close before, no rate now.")
    if Decimal(closing["assumed_amount"]):
        console.print(
            f"  {said('assumed_amount')} has no past close to judge by: what is late is taken to "
            "stay, what moves to go on at the rate of now.",
            style="yellow",
        )


def _hops(rows: list[Document], console: Console) -> None:
    right = ("backlog", "amount", "in/h", "out/h", "through in", "at risk", "likely")
    made = table(
        *("period", "entity", "process", "waits for", "", "backlog", "amount", "in/h", "out/h"),
        *("through in", "at risk", "likely", "judged by"),
        right=right,
        fold=FOLDED,
    )
    for row in rows:
        made.add_row(
            row["period"],
            row["legal_entity"] or "(none)",
            row["process"],
            row["stage"],
            row["standing"].replace("_", " "),
            number(row["backlog"]),
            money(row["backlog_amount"], row["currency"]),
            _rate(row, "arrived"),
            _rate(row, "done"),
            _drain(row),
            money(row["at_risk"], row["currency"]) or "unknown",
            _within(row),
            f"{BASES.get(row['basis'], row['basis'])} ({number(row['past_closes'])})",
        )
    console.print(made)


def _within(row: Document) -> str:
    """The range of a row; where all that is there is expected to miss it lies below."""
    low, high = _plain(row["at_risk_low"]), _plain(row["at_risk_high"])
    if low != high and row["at_risk"] is not None and row["at_risk"] == row["at_risk_high"]:
        return f"{low} or more"
    return f"{low} - {high}"


def _rate(row: Document, name: str) -> str:
    rate = row[name] / row["window_hours"] if row[name] else 0
    return f"{rate:.1f}" if rate >= 0.05 else "<0.1" if rate else "0"


def _drain(row: Document) -> str:
    """`13 working h (6 working h to 19 working h)`: until the backlog is through the step."""
    clock = row["clock"]
    now = outlook.hours(row["drain_hours"], clock)
    if row["drain_hours_low"] is None:
        return now
    low, high = (outlook.hours(row[f"drain_hours_{end}"], clock) for end in ("low", "high"))
    return f"{now} ({low} to {high})"


def _plain(amount: str) -> str:
    return money(amount, "")
