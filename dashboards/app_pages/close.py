"""The close: what will miss it at today's pace, where, and how sure that is; and how old it is."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from dashboards import charts, close_charts, data, formats, glossary, markup, outlook, page
from dashboards.markup import Column, Markup, joined, tag

TITLE = "Close"
ICON = ":material/event_upcoming:"
PLACE = 5

Row = Mapping[str, Any]
_WORKING, _ELAPSED = "working days", "elapsed days"


def render() -> None:
    """Show what is at risk, then how old the findings are."""
    fresh = data.load({"fresh": page.FRESHNESS})["fresh"][0]
    page.head("What will miss the close?", fresh)
    if not fresh["events"]:
        page.no_revenue_events(fresh)
        return
    everything = data.risk({})
    if not everything["closings"]:
        page.empty(
            "No close lies ahead",
            "Revenue at risk is about periods whose books are not closed yet. No open revenue "
            "event belongs to one that has begun.",
            tag("p", outlook.missed(everything["missed"])),
        )
    else:
        entity = _risk(everything)
        _recovery()
        _aging(entity)


def _risk(everything: Row) -> str:
    periods = list(dict.fromkeys(row["period"] for row in everything["closings"]))
    entities = sorted({name for row in everything["closings"] for name in row["legal_entities"]})
    processes = sorted({row["process"] for row in everything["hops"] if row["process"]})
    places = st.columns([1, 1, 1, 2])
    with places[0]:
        period = page.choice("Close of", "period", periods, str, periods[0])
    with places[1]:
        entity = page.choice("Legal entity", "entity", entities, glossary.entity)
    with places[2]:
        words = glossary.of(glossary.PROCESSES, "All kinds")
        process = page.choice("Kind of revenue", "process", processes, words)
    told = data.risk({"entity": entity, "process": process}) if entity or process else everything
    closings = outlook.of_period(told["closings"], period)
    if not closings:
        page.empty("No such revenue", "Nothing of this close matches the filters. Take one away.")
        return entity
    grounds = [tag("small", _grounds(closings))]
    if told["missed"]:
        grounds.append(tag("small", outlook.missed(told["missed"])))
    st.html(tag("p", outlook.sentence(closings), *grounds, class_="rt-answer"))
    st.html(markup.cards(outlook.cards(closings)))
    steps = [row for row in outlook.of_period(told["steps"], period) if row["backlog_amount"]]
    rows = [row for row in outlook.of_period(told["hops"], period) if row["process"]]
    st.subheader("What waits for each step, and what of it will miss", anchor=False)
    if steps:
        counts: dict[str, int] = {}
        for row in steps:
            counts[row["currency"]] = counts.get(row["currency"], 0) + row["backlog"]
        drawn = charts.drawn_currencies(counts)
        page.chart(close_charts.at_risk(steps, drawn), "risk", "Money at risk by step and currency")
    if not rows:
        page.empty(
            "This close waits for nothing",
            "Every revenue event that belongs to it has passed the step that counts for the close; "
            "steps after that one may still be open.",
        )
        return entity
    st.html(outlook.hops(rows))
    st.caption(
        "Every revenue event is in one row, that of the step it waits for; the steps behind it are "
        "in the judgement. Out of the revenue events that stood there when earlier closes were "
        "as far ahead, as many will miss as missed then. Where all of it missed, all is expected "
        "to, and the range lies below: or more. A bundle is what is billed together. Ready for the "
        "close is what has passed the step that counts for it; later steps may still be open."
    )
    return entity


def _recovery() -> None:
    """The runbook of the close itself: in which order people get one in danger back."""
    runbook = data.runbook("close-recovery", "", "")
    if runbook:
        with st.expander(f"Runbook: {runbook.title}"):
            st.markdown(runbook.text.split("\n", 1)[-1])


def _grounds(closings: Sequence[Row]) -> str:
    """How much stands behind the numbers, said before anybody asks."""
    assumed = [row for row in closings if row["assumed_amount"]]
    if assumed and all(row["assumed_amount"] == row["open_amount"] for row in closings):
        return (
            "There is no close of the past to judge by: what is late is taken to stay, what moves "
            "to go on at the rate of now, and the range is all that is open."
        )
    past = max(row["past_closes"] for row in closings)
    few = " With so few, the ranges are wide." if past < 5 else ""
    return (
        f"By what became of the same backlog before {formats.counted(past, 'earlier close')}.{few}"
    )


def _aging(entity: str) -> None:
    st.subheader("How old is what needs attention", anchor=False)
    days = st.segmented_control(
        "Age in", [_ELAPSED, _WORKING], default=_ELAPSED, key="age", bind="query-params",
        required=True,
    )  # fmt: skip
    rows = data.aging({"status": "active", "entity": entity})
    if not rows:
        st.html(tag("p", "No finding is open.", class_="rt-note"))
        return
    bucket = "business_bucket" if days == _WORKING else "bucket"
    counts = [0] * len(charts.AGES)
    amounts: dict[str, list[Decimal]] = {}
    findings: dict[str, int] = {}
    for row in rows:
        place = row[bucket] - 1
        counts[place] += row["findings"]
        if row["currency"] and row["amount"]:
            sums = amounts.setdefault(row["currency"], [Decimal(0)] * len(charts.AGES))
            sums[place] += row["amount"]
            findings[row["currency"]] = findings.get(row["currency"], 0) + row["findings"]
    drawn = charts.drawn_currencies(findings)
    figure = charts.aging(counts, {currency: amounts[currency] for currency in drawn})
    page.chart(figure, "aging", "Open findings by age")
    st.html(_table(rows, bucket))
    st.caption(
        "Age counts from the business event that started the clock. One amount may be behind "
        "several findings, so sums over kinds can be larger than what is open."
    )


def _table(rows: Sequence[Row], bucket: str) -> Markup:
    """A line a kind of finding: how many of each age, and their money below."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["kind"], []).append(row)
    shown = [{"kind": kind, "rows": groups[kind]} for kind in glossary.KINDS if kind in groups]
    shown += [{"kind": kind, "rows": groups[kind]} for kind in groups if kind not in glossary.KINDS]
    columns = [Column("Kind of finding", lambda row: _kind(row["kind"]))]
    columns += [_column(age, place, bucket) for place, age in enumerate(charts.AGES, start=1)]
    columns.append(Column("All", lambda row: _cell(row["rows"]), "number"))
    return markup.table(columns, shown, "Open findings by kind and age")


def _column(age: str, place: int, bucket: str) -> Column:
    return Column(
        age, lambda row: _cell([one for one in row["rows"] if one[bucket] == place]), "number"
    )


def _kind(kind: str) -> Markup:
    return markup.link("findings", glossary.label(glossary.KINDS, kind), kind=kind)


def _cell(rows: Sequence[Row]) -> Markup:
    if not rows:
        return Markup(formats.NO_VALUE)
    amounts: dict[str, Decimal] = {}
    for row in rows:
        if row["currency"]:
            amounts[row["currency"]] = amounts.get(row["currency"], Decimal(0)) + row["amount"]
    lines = (tag("small", line) for line in markup.currency_lines(amounts))
    return joined(formats.count(sum(row["findings"] for row in rows)), *lines)
