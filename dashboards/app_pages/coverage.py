"""Coverage: how much of what was posted can be followed back, and where the trail is lost."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards import data, formats, glossary, markup, page
from dashboards.markup import Card, Column, Markup, joined, tag

TITLE = "Coverage"
ICON = ":material/conversion_path:"
PLACE = 6

Row = Mapping[str, Any]

_ALMOST = 0.999
_PARTS = ("complete", "gaps", "untraced")
_TONES = {"complete": "complete", "gaps": "overdue", "untraced": "failed"}
_PART_WORDS = {
    "complete": "Followed back without a gap",
    "gaps": "With a step nobody told of, or one that is open",
    "untraced": "Posted, and on no path at all",
}
_BLIND = {
    "stage_never_told": "No system has ever told of this step",
    "stage_never_linked": "It is told of, and never linked to its revenue event",
    "hop_never_linked": "Nothing has ever been linked across this way",
    "source_never_sent": "Declared, and never heard",
}


def render() -> None:
    fresh = data.load({"fresh": page.FRESHNESS})["fresh"][0]
    page.head("How far can the numbers be trusted?", fresh)
    if not fresh["events"]:
        page.no_revenue_events(fresh)
        return
    told = data.coverage("")
    if not told["known"] and not told["totals"]:
        page.no_revenue_events(fresh)
        return
    processes = [row["process"] for row in told["known"]]
    first, _ = st.columns([1, 3])
    with first:
        words = glossary.of(glossary.PROCESSES, "All kinds")
        process = page.choice("Kind of revenue", "process", processes, words)
    if process:
        told = data.coverage(process)
    st.html(_answer(told))
    st.html(markup.cards([_card(row) for row in told["totals"]]))
    if told["totals"]:
        _posted(told, process)
    if told["hops"]:
        _breaks(told["hops"])
    _blind(told["blind_spots"])
    _ids(told["ids"], process, told["hops"])


def _answer(told: Row) -> Markup:
    """The one sentence that the page is opened for."""
    totals = told["totals"]
    if not totals:
        return _nothing_posted(told["known"])
    postings = sum(row["postings"] for row in totals)
    complete = sum(row["complete"]["postings"] for row in totals)
    said = joined(
        tag("b", f"{_percent(complete / postings)} of what was posted"),
        f" can be followed back without a gap: {formats.count(complete)} of ",
        f"{formats.counted(postings, 'posting')}.",
    )
    first = told["breaks"]["by_share"]
    if first is None:
        rest = "Nothing that is due is missing on the way there."
    else:
        kind = glossary.label(glossary.PROCESSES, first["process"]).lower()
        rest = (
            "What was lost on its way and never posted is not in this share. Its largest part is "
            f"lost between {_way(first)} ({kind}): "
            f"{formats.counted(first['lost_first'], 'revenue event')}, "
            f"{_percent(first['share'])} of those that came so far."
        )
    return tag("p", said, tag("small", rest), class_="rt-answer")


def _nothing_posted(known: Sequence[Row]) -> Markup:
    roots = sum(row["roots"] for row in known)
    posting = sum(row["roots"] for row in known if row["posts"])
    if not posting:
        why = "No step of their kinds of revenue posts into an ERP."
    elif posting == roots:
        why = "None has reached the step that posts into the ERP."
    else:
        why = (
            f"{formats.count(posting)} have not reached the step that posts into the ERP; the "
            "others have no such step."
        )
    return tag(
        "p",
        tag("b", "Nothing was posted yet"),
        f", so there is nothing to follow back: {formats.counted(roots, 'revenue event')} known.",
        tag("small", why),
        class_="rt-answer",
    )


def _percent(share: float | None) -> str:
    """A rest that is there is never rounded away."""
    if share is None:
        return formats.NO_VALUE
    return "over 99.9%" if _ALMOST < share < 1 else f"{share * 100:.3g}%"


def _card(row: Row) -> Card:
    lines = [
        f"of {formats.money_short(row['amount'], row['currency'])} posted",
        *(
            f"{glossary.label(glossary.GRADES, each['grade'])}: {_percent(each['share'])}"
            for each in row["by_grade"]
        ),
    ]
    tone = "complete" if row["share"] == 1 else "overdue"
    title = row["currency"] or "Without an amount"
    value = _percent(row["share"] if row["currency"] else row["share_of_postings"])
    return Card(title, value, lines, tone, "Share of the amount with a complete path")


def _posted(told: Row, process: str) -> None:
    st.subheader("What was posted, and how it can be followed back", anchor=False)
    rows = posted_rows(told, process)
    if not rows:
        st.html(tag("p", "Nothing was posted yet.", class_="rt-note"))
        return
    columns = [
        Column(
            "Kind of revenue",
            lambda row: (
                glossary.label(glossary.PROCESSES, row["process"]) or "All, in this currency"
            ),
        ),
        Column("Posted", _amount, "number"),
        Column("Complete, of posted", lambda row: _percent(row["share"]), "number"),
        Column("How", _bar, "wide"),
        Column("With gaps", lambda row: _part(row, "gaps"), "number"),
        Column("On no path", lambda row: _part(row, "untraced"), "number"),
    ]
    st.html(markup.table(columns, rows, "Posted revenue by how it can be followed back"))
    st.html(markup.legend([(_TONES[name], _PART_WORDS[name]) for name in _PARTS]))
    st.caption(
        "100% says that all that was posted can be followed back to its revenue event, not that "
        "all was posted: what was lost on its way to the ledger is below."
    )


def posted_rows(told: Row, process: str) -> list[Row]:
    """Currency by currency, what is followed back least first; then all of it, unless one kind
    of revenue was asked for.
    """
    rows: list[Row] = []
    for total in told["totals"]:
        own = [row for row in told["posted"] if row["currency"] == total["currency"]]
        rows += sorted(own, key=lambda row: row["share_of_postings"] or 0)
        if not process:
            rows.append({"process": "", **total})
    return rows


def _amount(row: Row) -> Markup:
    return joined(
        tag(
            "span",
            formats.money_short(row["amount"], row["currency"]),
            class_="rt-money",
            title=formats.money(row["amount"], row["currency"]),
        ),
        tag("small", formats.counted(row["postings"], "posting")),
    )


def _part(row: Row, name: str) -> Markup:
    part = row[name]
    if not part["postings"]:
        return Markup(formats.NO_VALUE)
    return joined(
        formats.money_short(part["amount"], row["currency"]),
        tag("small", formats.counted(part["postings"], "posting")),
    )


def _bar(row: Row) -> Markup:
    """Shares of the row's own money, by count where there is none."""
    by = "amount" if row["amount"] > 0 else "postings"
    whole = row[by]
    parts = []
    for name in _PARTS:
        value = row[name][by]
        if value > 0:
            said = f"{_PART_WORDS[name]}: {_percent(float(value) / float(whole))}"
            width = f"width:{float(value) / float(whole) * 100:.2f}%"
            parts.append(tag("span", class_=f"rt-{_TONES[name]}", style=width, title=said))
    return tag("div", *parts, class_="rt-bar")


def _breaks(hops: Sequence[Row]) -> None:
    st.subheader("What was lost on its way", anchor=False)
    lost = sorted((hop for hop in hops if hop["lost"]), key=lambda hop: -(hop["share"] or 0))
    if not lost:
        st.html(tag("p", "Whatever is due next is there and linked.", class_="rt-note"))
        return
    columns = [
        Column("Way", _way),
        Column("Kind of revenue", lambda row: glossary.label(glossary.PROCESSES, row["process"])),
        Column("Came so far", lambda row: formats.count(row["roots"]), "number"),
        Column("Nothing behind it", lambda row: formats.count(row["lost"]), "number"),
        Column("Share", lambda row: _percent(row["share"]), "number"),
        Column("Amount", _amounts, "number"),
        Column("Loose ends", lambda row: formats.count(row["loose"]), "number"),
    ]
    st.html(markup.table(columns, lost, "Where the next thing is due and is not there"))
    st.caption(
        "Loose ends are things of the next kind that belong to no revenue event. Where there are "
        "some, references were lost on the way; where there are none, nothing was made, or nobody "
        "told."
    )


def _way(hop: Row) -> str:
    up, down = (glossary.label(glossary.OBJECT_TYPES, hop[name]).lower() for name in ("from", "to"))
    return f"{up} and {down}"


def _amounts(hop: Row) -> Markup:
    lines = markup.currency_lines({row["currency"]: row["amount"] for row in hop["amounts"]})
    return joined(*(tag("div", line) for line in lines)) if lines else Markup(formats.NO_VALUE)


def _blind(spots: Sequence[Row]) -> None:
    st.subheader("What never reports", anchor=False)
    if not spots:
        said = "Every step, every system and every way has been heard of at least once."
        st.html(tag("p", said, class_="rt-note"))
        return
    columns = [
        Column("What", lambda row: _BLIND[row["kind"]]),
        Column("Where", _where),
        Column(
            "Revenue events",
            lambda row: formats.count(row["roots"]) if row.get("roots") else formats.NO_VALUE,
            "number",
        ),
    ]
    st.html(markup.table(columns, spots, "Steps, systems and ways that never report"))


def _where(spot: Row) -> Markup:
    if spot["kind"] == "source_never_sent":
        role = glossary.label(glossary.ROLES, spot["role"])
        return joined(glossary.system(spot["source"]), tag("small", role))
    process = glossary.label(glossary.PROCESSES, spot["process"])
    if spot["kind"] == "hop_never_linked":
        return joined(f"Between {_way(spot)}", tag("small", process))
    optional = "" if spot["required"] else ", optional"
    return joined(glossary.stage_done(spot["stage"]), tag("small", process + optional))


def _ids(rows: Sequence[Row], process: str, hops: Sequence[Row]) -> None:
    """Only where a thing comes onto its path: there somebody has to say what it belongs to."""
    stages = {hop["stage"] for hop in hops} if process else None
    shown = [row for row in rows if row["enters"] and (not stages or row["stage"] in stages)]
    if not shown:
        return
    st.subheader("What systems say a thing belongs to", anchor=False)
    columns = [
        Column(
            "System",
            lambda row: joined(
                glossary.system(row["source"]),
                tag("small", glossary.label(glossary.ROLES, row["role"])),
            ),
        ),
        Column("Step", lambda row: glossary.stage_done(row["stage"])),
        Column("Events", lambda row: formats.count(row["events"]), "number"),
        Column("With a reference", lambda row: _percent(row["correlated_share"]), "number"),
        Column("Says what it was made from", lambda row: _percent(row["linked_share"]), "number"),
        Column("Neither", lambda row: _percent(row["neither_share"]), "number"),
    ]
    worst = sorted(shown, key=lambda row: -row["neither_share"])
    st.html(markup.table(columns, worst, "References and links by system and step"))
