"""What will miss the close, in the words of a finance leader. Pure: rows in, HTML out.

Used by the overview, which says it in a sentence, and by the page of the close.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboards import formats, glossary, markup
from dashboards.markup import Card, Column, Markup, joined, tag
from dashboards.standing import Closing

Row = Mapping[str, Any]
_HOUR = 3600

STANDINGS = {
    "on_time": ("On time", "in_flight", "Within the time limit of the step."),
    "late": ("Late", "overdue", "Past its time limit, by a working day at most, or refused."),
    "stuck": ("Stuck", "failed", "Past its time limit by more than a working day."),
}
BASES = {
    "same_step": ("past closes of this step", "What stood at this step, in this entity, before."),
    "same_kind": ("past closes, all entities", "Too few of this entity alone."),
    "any_kind": ("past closes, all kinds of revenue", "Too few of this kind alone."),
    "any_step": ("past closes, all steps", "Too few at this step alone."),
    "present_rate": ("the present rate alone", "No close before this one is known."),
    "unknown": ("nothing", "No close before this one is known, and nothing moves just now."),
}


def next_period(closings: Sequence[Row]) -> str:
    """The period whose books close next; '' when none lies ahead."""
    return str(closings[0]["period"]) if closings else ""


def of_period(rows: Sequence[Row], period: str) -> list[Row]:
    return [row for row in rows if row["period"] == period]


def sentence(closings: Sequence[Row]) -> Markup:
    """The one sentence of a close: what will miss it of what belongs to it, by currency."""
    told = [row for row in closings if row["currency"]]
    at_risk = [row for row in told if row["at_risk"] > 0]
    if not told:
        return Markup("No revenue event with an amount belongs to this close yet.")
    period = told[0]["period"]
    if not at_risk:
        return joined(
            tag("b", "Nothing is expected to miss"), f" the close of {period} at today’s pace."
        )
    parts = [_part(row) for row in at_risk]
    ahead = [joined(part, "; ") for part in parts[:-1]]
    return joined(
        *ahead, parts[-1], f" will miss the close of {period} at today’s pace", _likely(at_risk)
    )


def _part(row: Row) -> Markup:
    return joined(
        tag("b", _money(row, "at_risk")),
        " of ",
        _money(row, "amount"),
    )


def _likely(rows: Sequence[Row]) -> Markup:
    """The range, where there is but one, several are on their cards; and what it is a guess of."""
    doubts = dict.fromkeys(filter(None, map(doubt, rows)))
    if len(rows) == 1:
        return joined(" (", _range(rows[0]), *(f"; {each}" for each in doubts), ").")
    return Markup(f" ({'; '.join(doubts)})." if doubts else ".")


def doubt(row: Row) -> str:
    """What a headline says of a close that no past close tells of; '' where one does."""
    assumed = Decimal(row["assumed_amount"])
    if not assumed:
        return ""
    part = "" if assumed == Decimal(row["open_amount"]) else "for part of it "
    return f"{part}no past close to judge by"


def _range(row: Row) -> Markup:
    """The likely range of what will miss. Where everything is expected to, or nothing, it lies on
    one side of that, and says so.
    """
    low, high = _money(row, "at_risk_low"), _money(row, "at_risk_high")
    if row["at_risk_low"] == row["at_risk_high"]:
        return joined("likely ", low)
    if row["at_risk"] == row["at_risk_high"]:
        return joined("likely ", low, " or more")
    if row["at_risk"] == row["at_risk_low"]:
        return joined("likely ", high, " or less")
    return joined("likely ", low, " to ", high)


def missed(rows: Sequence[Row]) -> Markup:
    """What missed an earlier close: it is stuck, and misses no close that lies ahead."""
    if not rows:
        return Markup("")
    parts = [_money(row, "amount") for row in rows if row["currency"]]
    ahead = [joined(part, ", ") for part in parts[:-1]]
    many = formats.counted(sum(row["roots"] for row in rows), "revenue event")
    link = markup.link("findings", many, kind="sla_breach", sort="largest")
    money = joined(" with ", *ahead, parts[-1]) if parts else ""
    return joined("Not in this: ", link, money, " missed an earlier close and are still open.")


def cards(closings: Sequence[Row]) -> list[Card]:
    """A card a currency, behind one that says when the books close."""
    told = [row for row in closings if row["currency"]]
    shown = [_closing_card(told)] if told else []
    for row in told:
        risky = row["at_risk"] > 0
        lines = [
            _range(row),
            *filter(None, [doubt(row)]),
            joined("of ", _money(row, "amount"), f" that belong to {row['period']}"),
            joined(
                formats.percent(row["through_amount"], row["amount"]),
                " ready for it, ",
                _money(row, "open_amount"),
                " not yet",
            ),
        ]
        if row["coming_amount"]:
            lines.append(joined(_money(row, "coming_amount"), " still to come, ", _coming(row)))
        if row["unjudged"]:
            lines.append(joined(_money(row, "unjudged"), " cannot be judged"))
        shown.append(
            Card(
                f"Will miss the close, in {row['currency']}",
                formats.money_short(row["at_risk"], row["currency"]),
                lines,
                tone="failed" if risky else "complete",
                hint=formats.money(row["at_risk"], row["currency"]),
            )
        )
    return shown


def _coming(row: Row) -> Markup:
    if row["coming_at_risk"] <= 0:
        return Markup("none of it late")
    return joined(_money(row, "coming_at_risk"), " of it late")


def _closing_card(rows: Sequence[Row]) -> Card:
    first = min(rows, key=lambda row: row["books_close"])
    left_open = sum(row["open_roots"] for row in rows)
    entities = sorted({entity for row in rows for entity in row["legal_entities"]})
    lines = [
        f"{formats.instant(first['books_close'], year=False)} UTC, {first['period']}",
        ", ".join(entities) or "no legal entity named",
        f"{formats.counted(left_open, 'revenue event')} not ready for it",
    ]
    left = formats.duration(first["hours_left"] * _HOUR)
    return Card("Books close in", left, lines, tone="in_flight")


def hops(rows: Sequence[Row]) -> Markup:
    """Every step with open money: how much, how fast it moves, when it is through, what misses."""
    columns = [
        Column("Waits for", _where),
        Column("Legal entity", lambda row: row["legal_entity"] or "none named", "nowrap"),
        Column("", _standing, "nowrap"),
        Column("Open", _open, "number"),
        Column("In and out", _rates, "nowrap"),
        Column("Through in", _drain, "nowrap"),
        Column("Will miss the close", _at_risk, "number"),
        Column("Judged by", _basis),
    ]
    return markup.table(columns, rows, "What waits for each step, and what of it will miss")


def _where(row: Row) -> Markup:
    return joined(
        glossary.stage_waiting(row["stage"]),
        tag("small", glossary.label(glossary.PROCESSES, row["process"])),
    )


def _standing(row: Row) -> Markup:
    label, tone, meaning = STANDINGS[row["standing"]]
    return markup.chip(label, tone, meaning)


def _open(row: Row) -> Markup:
    return joined(
        markup.amount(row, "backlog_amount"),
        tag("small", formats.counted(row["backlog"], "event")),
    )


def _rates(row: Row) -> Markup:
    """What came and went within the window, and as a rate on hover."""
    window = f"{row['window_hours']} {'working ' if row['clock'] == 'business' else ''}hours"
    moved = f"{formats.count(row['arrived'])} in, {formats.count(row['done'])} out"
    amounts = (
        f"{formats.money(row['arrived_amount'], row['currency'])} in, "
        f"{formats.money(row['done_amount'], row['currency'])} out"
    )
    return joined(tag("span", moved, title=amounts), tag("small", f"last {window}"))


def _drain(row: Row) -> Markup:
    """When the backlog would be through at the rate of now, and as past closes went."""
    low, high = (
        hours(row["drain_hours_low"], row["clock"]),
        hours(row["drain_hours_high"], row["clock"]),
    )
    if row["drain_hours_low"] is None:
        past = "nor at any past close" if row["past_closes"] else ""
    else:
        past = f"likely {low}" if low == high else f"likely {low} to {high}"
    return joined(hours(row["drain_hours"], row["clock"]), tag("small", past))


def hours(number: float | None, clock: str) -> str:
    """A length of time by the clock of a step: working hours have no days of 24."""
    if number is None:
        return "not at this rate"
    if clock != "business":
        return formats.duration(number * _HOUR)
    if number < 1:
        return f"{max(round(number * 60), 1)}{formats.GLUE}working min"
    return f"{number:,.0f}{formats.GLUE}working h"


def _at_risk(row: Row) -> Markup:
    low = formats.money_short(row["at_risk_low"], row["currency"])
    high = formats.money_short(row["at_risk_high"], row["currency"])
    if row["at_risk"] is None:
        return joined("cannot be said", tag("small", f"{low} to {high}"))
    return joined(markup.amount(row, "at_risk"), tag("small", _range(row)))


def _basis(row: Row) -> Markup:
    label, why = BASES.get(row["basis"], (row["basis"], ""))
    grounds = formats.counted(row["past_closes"], "close")
    units = formats.counted(row["past_units"], "bundle")
    small = tag("small", f"{grounds}, {units}") if row["past_closes"] else Markup("")
    return joined(tag("span", label, title=why), small)


def _money(row: Row, name: str) -> Markup:
    amount: Decimal = row[name]
    return tag(
        "span",
        formats.money_short(amount, row["currency"]),
        class_="rt-money",
        title=formats.money(amount, row["currency"]),
    )


def overview_line(closings: Sequence[Row], now: datetime) -> Markup:
    """The sentence of the next close with a link to its page; nothing when none lies ahead."""
    ahead = [row for row in closings if row["books_close"] > now]
    if not ahead:
        return Markup("")
    said = sentence(of_period(ahead, next_period(ahead)))
    return tag("p", said, " ", markup.link("close", "Where, and how sure?"), class_="rt-answer")


def books(closing: Closing | None, stuck_in_all: int, now: datetime) -> str:
    """What the next books close waits for, and how that goes with what is stuck in all: a revenue
    event may be stuck behind the step that counts for the close, or belong to other books.
    """
    if closing is None:
        return "No books close lies ahead of these revenue events."
    when = f"Books close in {formats.duration((closing.at - now).total_seconds())}"
    left, stuck = closing.open.paths, closing.stuck.paths
    others = stuck_in_all - stuck
    if not left:
        because = "What is stuck is past that step, or not part of this close." if others else ""
        return (
            f"{when}. They wait for nothing more: every revenue event that belongs to them has "
            f"passed the step that counts for the close. {because}"
        ).rstrip()
    part = f"{formats.count(stuck) if stuck else 'none'} of them stuck"
    if stuck == left:
        part = "which is stuck" if left == 1 else "all of them stuck"
    waits = f"{when}, and they still wait for {formats.counted(left, 'revenue event')}, {part}."
    if not others:
        return waits
    return (
        f"{waits} The other {formats.count(others)} that {'is' if others == 1 else 'are'} stuck "
        f"{'does' if others == 1 else 'do'} not hold them up: past the step that counts for this "
        "close, or not part of it."
    )
