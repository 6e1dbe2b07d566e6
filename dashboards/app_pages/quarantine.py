"""Quarantine: what could not be taken in, how much money waits with it, why, and what to do."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from core.store import SqlFolder
from core.wanted import wanted
from dashboards import data, formats, glossary, markup, page
from dashboards.glossary import Word
from dashboards.markup import Column, Markup, joined, tag

TITLE = "Quarantine"
ICON = ":material/inventory_2:"
PLACE = 8

SQL = SqlFolder(__file__, "quarantine")
Row = Mapping[str, Any]

RAW_BYTES_MAX = 20_000
_NAME = re.compile(r"([0-9a-f]{1,64}):([0-9]{1,18})\Z")
_ALL = "all"
_SENDER = "Ask whoever runs the sending system to mend it and to send it again."
_MAPPING = (
    "Mend the mapping in the file of the source, raise its version, try it with "
    "`revtrace sources check`, then replay."
)
# In the order in which people meet them: first what a mapping can mend.
REASONS = {
    "unmapped": Word("Not understood", "The mapping of the source makes nothing of it."),
    "missing": Word("Something is missing", "A field that every event needs is not there."),
    "choice": Word("An unknown word", "A value is none of those that are known."),
    "pattern": Word("Written in another form", "A date, an amount or a word is not in its form."),
    "type": Word("Of the wrong kind", "A number, a text or a list stands where another belongs."),
    "unknown_key": Word("A field nobody knows", "The event has a field that there is none for."),
    "length": Word("Too long or too many", "A text is too long or empty, or a list has too many."),
    "range": Word("Out of range", "An instant or a count is outside of what can be."),
    "future": Word("From the future", "It says that it happened more than a day after it came."),
    "number": Word("A number too long", "A number of more than 18 digits, which systems garble."),
    "repeated_key": Word("Said twice", "A field is there twice, and nobody knows which counts."),
    "across_types": Word("Mixed up names", "It says that two different kinds of thing are one."),
    "not_with_outcome": Word("An error without failure", "It names an error and did not fail."),
    "not_allowed": Word("Not its sender's to tell", "The token that sent it is for other systems."),
    "not_object": Word("No event", "It is readable and no event."),
    "not_json": Word("Unreadable", "It cannot be read at all, or a row of a file is broken."),
}
STATES = {
    "open": Word("Waiting", "Nobody has settled it yet."),
    "admitted": Word("Admitted since", "A replay has made an event of it."),
    "replaced": Word("Tried again", "A replay could not take it either, and holds it anew."),
}


def render() -> None:
    found = data.load({"fresh": page.FRESHNESS, "known": data.Query(SQL["known"])})
    fresh, known = found["fresh"][0], found["known"]
    page.head("What could not be taken in", fresh)
    if not fresh["events"] and not known:
        page.no_revenue_events(fresh)
        return
    asked = st.query_params.get("record", "")
    if asked:
        _one(asked, data.now())
    if known:
        _table(_filters(known))
    else:
        st.html(
            tag("p", "Nothing is in quarantine: every record was taken in.", class_="rt-answer")
        )
    _sources()


def _filters(known: Sequence[Row]) -> dict[str, Any]:
    places = st.columns([1, 1, 1, 2])
    with places[0]:
        state = page.choice(
            "State",
            "state",
            [*STATES, _ALL],
            lambda name: "Any state" if name == _ALL else glossary.label(STATES, name),
            "open",
        )
    with places[1]:
        there = {row["reason"] for row in known}
        options = [name for name in REASONS if name in there]
        reason = page.choice("Why", "reason", options, glossary.of(REASONS, "Any reason"))
    with places[2]:
        sources = sorted({row["source"] for row in known if row["source"]})
        source = page.choice(
            "System", "source", sources, lambda name: glossary.system(name) if name else "All"
        )
    return {"state": "" if state == _ALL else state, "reason": reason, "source": source}


def _table(params: dict[str, Any]) -> None:
    amounts = data.load({"amounts": data.Query(SQL["amounts"], params)})["amounts"]
    total = sum(row["records"] for row in amounts)
    if not total:
        st.html(tag("p", "No record matches these filters.", class_="rt-answer"))
        return
    st.html(_answer(amounts, total))
    rows_max = data.settings().dashboards.rows_max
    place = st.container()
    pages_there = -(-total // rows_max)
    number = 1
    if pages_there > 1:
        number = st.pagination(pages_there, key="page", bind="query-params")
    asked = {**params, "rows": rows_max, "offset": (number - 1) * rows_max}
    rows = data.load({"page": data.Query(SQL["page"], asked)})["page"]
    columns = [
        Column("Why", _why, "wide"),
        Column("System", _whose),
        Column("What it is about", _about),
        Column("Amount", _amount, "number"),
        Column("Period", lambda row: row["period"] or formats.NO_VALUE),
        Column("Came in", lambda row: formats.instant(row["received_at"]), "nowrap"),
        Column("", _more, "nowrap"),
    ]
    with place:
        st.html(markup.table(columns, rows, "Records in quarantine"))


def _answer(amounts: Sequence[Row], total: int) -> Markup:
    """How many, and how much of it can be weighed; currencies are never added up."""
    weighed = [row for row in amounts if row["amount"] is not None and row["currency"]]
    said: list[str] = [tag("b", formats.counted(total, "record"))]
    if weighed:
        parts = [
            tag(
                "span",
                formats.money_short(row["amount"], row["currency"]),
                title=formats.money(row["amount"], row["currency"]),
            )
            for row in weighed
        ]
        said += [" with ", *(joined(part, ", ") for part in parts[:-1]), parts[-1]]
    without = sum(row["without_amount"] for row in amounts)
    if without and weighed:
        said.append(f"; {without:,} without a readable amount")
    return tag("p", *said, ".", class_="rt-answer")


def _why(row: Row) -> Markup:
    field = joined(tag("code", row["field"]), ": ") if row["field"] else ""
    word = REASONS.get(row["reason"])
    meaning = word.meaning if word else ""
    label = tag("b", glossary.label(REASONS, row["reason"]))
    state = "" if row["state"] == "open" else tag("small", glossary.label(STATES, row["state"]))
    return joined(label, tag("small", field, meaning, _hint(row)), state)


def _hint(row: Row) -> str:
    """What the field should look like, or which one was probably meant."""
    return _sentence(wanted(row["reason"], row["field"]))


def _sentence(hint: str) -> str:
    if not hint:
        return ""
    return f" D{hint[1:]}" if hint.endswith("?") else f" Wanted is {hint}."


def _system(row: Row) -> str:
    """The sender; a record that cannot be read may name none."""
    return glossary.system(row["source"]) or "No system named"


def _whose(row: Row) -> Markup:
    where = row["file"] and f"{row['file']}, line {row['line']:,}"
    return joined(_system(row), tag("small", where) if where else "")


def _about(row: Row) -> Markup:
    if not row["object_id"]:
        return Markup(formats.NO_VALUE)
    return markup.object_link(f"{row['object_type']}/{row['object_id']}")


def _amount(row: Row) -> Markup:
    return Markup(formats.NO_VALUE) if row["amount"] is None else markup.amount(row)


def _more(row: Row) -> Markup:
    kept = {key: st.query_params[key] for key in st.query_params if key != "record"}
    return markup.link("quarantine", "What to do", **{**kept, "record": row["name"]})


def _one(asked: str, now: datetime) -> None:
    """One record in full with its bytes, above the table."""
    name = _NAME.match(asked)
    rows: Sequence[Row] = []
    if name:
        params = {"delivery": name[1], "record": int(name[2]), "bytes": RAW_BYTES_MAX}
        rows = data.load({"one": data.Query(SQL["one"], params)})["one"]
    if not rows:
        page.empty("No such record", f"There is no record {asked} in quarantine.")
        return
    row = rows[0]
    kept = {key: st.query_params[key] for key in st.query_params if key != "record"}
    word = REASONS.get(row["reason"])
    refusal = data.refusal(row)
    why = tag("p", "The mapping says: ", refusal["why"]) if refusal["why"] else ""
    with st.container(border=True):
        st.html(
            joined(
                tag("p", markup.link("quarantine", "Close", **kept), class_="rt-close"),
                tag("h3", glossary.label(REASONS, row["reason"]), style="margin:0;padding:0"),
                tag("p", word.meaning if word else "", _sentence(refusal["wanted"])),
                why,
                _facts(row, now),
            )
        )
        st.markdown(_todo(row))
        raw = row["raw"]
        text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
        st.code(text, language=None, wrap_lines=True)
        if row["bytes"] > RAW_BYTES_MAX:
            st.caption(
                f"The first {RAW_BYTES_MAX:,} of {row['bytes']:,} bytes; "
                f"`revtrace quarantine show {asked}` shows all of them."
            )


def _todo(row: Row) -> str:
    """What to do about it, as a command that can be copied."""
    name = f"{row['delivery']}:{row['record']}"
    if row["state"] == "admitted":
        return "Nothing: a replay has taken it in."
    if row["state"] == "replaced":
        return "A replay could not take it either; its newer record says why."
    first = _SENDER if row["mapping"] in ("native", "otlp") else _MAPPING
    return f"**What to do.** {first}\n\n    revtrace quarantine replay {name}"


def _facts(row: Row, now: datetime) -> Markup:
    settled = ""
    if row["resolved_at"] is not None:
        when = formats.instant(row["resolved_at"])
        settled = f"{when} by {row['resolved_by'] or 'somebody'}, version {row['resolved_version']}"
    return markup.facts(
        {
            "Field": row["field"],
            "System": _system(row),
            "About": _about(row),
            "Amount": _amount(row),
            "Period": row["period"],
            "State": glossary.label(STATES, row["state"]),
            "Settled": settled,
            "Came in": markup.moment(row["received_at"], now),
            "File": row["file"] and f"{row['file']}, line {row['line']:,}",
            "Mapping": f"{row['mapping']}, version {row['mapping_version']}",
            "Record": row["name"],
        }
    )


def _sources() -> None:
    params = {"rows": data.settings().dashboards.rows_max}
    rows = data.load({"sources": data.Query(SQL["sources"], params)})["sources"]
    columns = [
        Column("System", _system),
        Column("Events taken in", lambda row: formats.count(row["stored"]), "number"),
        Column("Waiting in quarantine", lambda row: formats.count(row["open"]), "number"),
        Column("Admitted after a replay", lambda row: formats.count(row["admitted"]), "number"),
    ]
    st.html(markup.table(columns, rows, "Records by system"))
