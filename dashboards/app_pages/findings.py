"""Findings: what needs attention, how old it is, how much money is behind it, and what to do."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import streamlit as st

from core.store import SqlFolder
from dashboards import causes, charts, data, deciding, formats, glossary, markup, page
from dashboards.markup import Column, Markup, joined, tag

TITLE = "Findings"
ICON = ":material/flag:"
PLACE = 3

SQL = SqlFolder(__file__, "findings")
Row = Mapping[str, Any]

_SORTS = {
    "worst": "Most severe, then largest",
    "largest": "Largest amount first",
    "oldest": "Oldest first",
    "newest": "Newest first",
}
_ALL, _ACTIVE = "all", "active"
_STATUSES = {_ACTIVE: glossary.Word("Open or acknowledged"), _ALL: glossary.Word("Any status")}
_AMOUNT = re.compile(r"[0-9]{1,14}([.][0-9]{1,4})?\Z")


def render() -> None:
    found = data.load({"fresh": page.FRESHNESS, "known": data.Query(SQL["known"])})
    fresh, known = found["fresh"][0], found["known"]
    page.head("What needs attention", fresh)
    if not fresh["events"]:
        page.no_revenue_events(fresh)
        return
    now = data.now()
    asked = st.query_params.get("finding", "")
    if asked:
        _one(asked, now)
    if not known:
        page.empty("No findings", "Nothing that was looked at needs attention. Enjoy the day.")
        return
    params = _filters(known)
    _causes(params)
    _table(params, now)


def _filters(known: Sequence[Row]) -> dict[str, Any]:
    """Show the filters; each is kept in the URL, so that a link says exactly what it shows."""
    places = st.columns(5)
    with places[0]:
        status = page.choice(
            "Status",
            "status",
            [_ACTIVE, *glossary.FINDING_STATUSES, _ALL],
            lambda name: glossary.label(_STATUSES | glossary.FINDING_STATUSES, name),
            _ACTIVE,
        )
    with places[1]:
        kind = _choice("What", "kind", known, glossary.KINDS, "Everything")
    with places[2]:
        class_ = _choice("Class", "class", known, glossary.CLASSES, "All classes")
    with places[3]:
        entities = sorted({row["legal_entity"] for row in known if row["legal_entity"]})
        entity = page.choice("Legal entity", "entity", entities, glossary.entity)
    with places[4]:
        process = _choice("Kind of revenue", "process", known, glossary.PROCESSES, "All kinds")
    words_place, least_place, sort_place, _ = st.columns([2, 1, 1, 1])
    with words_place:
        words = st.text_input(
            "Search",
            key="words",
            bind="query-params",
            placeholder="An id or words of the explanation",
        )
    with least_place:
        least = st.text_input(
            "Amount at least", key="least", bind="query-params", placeholder="in its own currency"
        )
    with sort_place:
        sort = page.choice(
            "Order", "sort", list(_SORTS), lambda name: _SORTS.get(name, name), "worst"
        )
    least = (least or "").replace(",", "").strip()
    if least and not _AMOUNT.match(least):
        st.warning(f"“{least}” is no amount; write it like 2500 or 2500.50. It is not filtered by.")
        least = ""
    return {
        "status": "" if status == _ALL else status,
        "kind": kind,
        "class": class_,
        "entity": entity,
        "process": process,
        "words": (words or "").strip(),
        "least": least,
        "sort": sort,
        "cause": st.query_params.get("cause", ""),
    }


def _causes(params: Mapping[str, Any]) -> None:
    """What the findings have in common, or that only those of one cause are shown."""
    kept = {key: st.query_params[key] for key in st.query_params if key not in ("cause", "finding")}
    if params["cause"]:
        whole = markup.link("findings", "Show all", **kept)
        st.html(tag("p", "Only findings of one cause are shown. ", whole))
        return
    rows_max = data.settings().dashboards.rows_max
    asked = {name: params[name] for name in ("status", "kind", "class", "entity")}
    query = data.Query(SQL["causes"], {**asked, "rows": rows_max})
    rows = data.load({"causes": query})["causes"]
    if rows:
        shown = formats.counted(len(rows), "cause")
        with st.expander(f"{shown}: what these findings have in common"):
            st.html(causes.table(rows, kept))
            st.caption(
                "One amount counts once in a cause. The trend compares the findings that began in "
                "the last seven days with those of the seven days before: rising is two more and "
                "half as many again, falling the other way round."
            )


def _choice(
    title: str, name: str, known: Sequence[Row], words: dict[str, glossary.Word], all_of_them: str
) -> str:
    there = {row[name] for row in known if row[name]}
    options = [option for option in words if option in there]
    options += sorted(there - set(options))
    return page.choice(title, name, options, glossary.of(words, all_of_them))


def _table(params: dict[str, Any], now: datetime) -> None:
    aging = data.load({"aging": data.Query(SQL["aging"], params)})["aging"]
    total = sum(row["findings"] for row in aging)
    if not total:
        page.empty(
            "No finding matches",
            "Nothing passes these filters. Take one away, or choose “Any status”.",
        )
        return
    _aging(aging, total)
    rows_max = data.settings().dashboards.rows_max
    pages_there = -(-total // rows_max)
    place = st.container()
    number = 1
    if pages_there > 1:
        number = st.pagination(pages_there, key="page", bind="query-params")
    asked = {**params, "rows": rows_max, "offset": (number - 1) * rows_max}
    rows = data.load({"page": data.Query(SQL["page"], asked)})["page"]
    with place:
        st.html(_findings(rows, now))
    first = (number - 1) * rows_max
    st.caption(
        f"{first + 1:,} to {first + len(rows):,} of {formats.counted(total, 'finding')}. "
        "Age counts from the business event that started the clock. "
        "One amount may be behind several findings. Amounts are ordered by their number, whatever "
        "the currency. Times are in UTC."
    )


def _aging(rows: Sequence[Row], total: int) -> None:
    counts = [0] * len(charts.AGES)
    amounts: dict[str, list[Decimal]] = {}
    findings: dict[str, int] = {}
    for row in rows:
        counts[row["bucket"]] += row["findings"]
        if row["currency"] and row["total"]:
            buckets = amounts.setdefault(row["currency"], [Decimal(0)] * len(charts.AGES))
            buckets[row["bucket"]] += row["total"]
            findings[row["currency"]] = findings.get(row["currency"], 0) + row["findings"]
    order, drawn = sorted(amounts), charts.drawn_currencies(findings)
    sums = {currency: sum(values, Decimal(0)) for currency, values in amounts.items()}
    said: list[str] = [tag("b", formats.counted(total, "finding"))]
    if sums:
        lines = [
            tag(
                "span", formats.money_short(sums[name], name), title=formats.money(sums[name], name)
            )
            for name in order
        ]
        said += [" with amounts of ", *(joined(line, ", ") for line in lines[:-1]), lines[-1]]
    st.html(tag("p", *said, ", by age:", class_="rt-answer"))
    figure = charts.aging(counts, {currency: amounts[currency] for currency in drawn})
    page.chart(figure, "aging", "Findings by age")


def _findings(rows: Sequence[Row], now: datetime) -> Markup:
    columns = [
        Column("Severity", _severity),
        Column("What", lambda row: _what(row), "wide"),
        Column("Where", _where),
        Column("Legal entity", lambda row: row["legal_entity"]),
        Column("Amount", _amount, "number"),
        Column("Age", lambda row: _age(row, now), "nowrap"),
        Column("", _more, "nowrap"),
    ]
    return markup.table(columns, rows, "Findings")


def _severity(row: Row) -> Markup:
    label = glossary.label(glossary.SEVERITIES, row["severity"])
    extra = Markup("")
    if row["status"] != "open":
        status = glossary.label(glossary.FINDING_STATUSES, row["status"])
        who = f"{status} by {row['decided_by']}" if row["decided_by"] else status
        extra = tag("small", who, title=row["note"])
    if row["assignee"]:
        extra = joined(extra, tag("small", f"With {row['assignee']}"))
    return joined(markup.chip(label, row["severity"]), extra)


def _what(row: Row) -> Markup:
    return joined(
        tag("b", glossary.finding(row["kind"], row["subkind"])),
        tag("small", glossary.worded(row["explanation"], row["object"])),
    )


def _where(row: Row) -> Markup:
    """The object, and what it waits for or which system it is about."""
    waits = row["kind"] == "sla_breach" and row["stage"]
    second = glossary.stage_waiting(row["stage"]) if waits else glossary.system(row["source"])
    return joined(markup.object_link(row["object"]), tag("small", second))


def _amount(row: Row) -> Markup:
    if row["amount"] is None:
        return Markup(formats.NO_VALUE)
    many = tag("small", formats.counted(row["roots"], "revenue event")) if row["roots"] > 1 else ""
    return joined(markup.amount(row), many)


def _age(row: Row, now: datetime) -> Markup:
    age = formats.duration((now - row["clock_start"]).total_seconds())
    return tag("span", age, title=f"Since {formats.instant(row['clock_start'])} UTC")


def _more(row: Row) -> Markup:
    kept = {key: st.query_params[key] for key in st.query_params if key != "finding"}
    return markup.link("findings", "What to do", **{**kept, "finding": row["finding_id"]})


def _one(finding: str, now: datetime) -> None:
    """One finding in full, with its runbook, above the table."""
    asked = {"finding": finding, "rows": data.settings().dashboards.rows_max}
    found = data.load({name: data.Query(SQL[name], asked) for name in ("one", "case")})
    rows = found["one"]
    if not rows and found["case"]:
        page.empty(
            "This finding is gone",
            "By what is known now it never was so: an event came late that happened in time, or an "
            "amount or a link was corrected. What people decided about it is kept.",
        )
        st.html(deciding.history(found["case"], now))
        return
    if not rows:
        page.empty(
            "No such finding",
            f"There is no finding {finding} as of now; it may have been resolved or replaced.",
        )
        return
    row = rows[0]
    kept = {key: st.query_params[key] for key in st.query_params if key != "finding"}
    with st.container(border=True):
        st.html(
            joined(
                tag("p", markup.link("findings", "Close", **kept), class_="rt-close"),
                tag(
                    "h3", glossary.finding(row["kind"], row["subkind"]), style="margin:0;padding:0"
                ),
                tag("p", glossary.worded(row["explanation"], row["object"])),
                _facts(row, now),
            )
        )
        if told := deciding.history(found["case"], now):
            st.html(told)
        deciding.form(row)
        runbook = data.runbook(row["runbook"], row["kind"], row["subkind"])
        if runbook:
            with st.expander(f"Runbook: {runbook.title}", expanded=True):
                st.markdown(runbook.text.split("\n", 1)[-1])
        else:
            st.caption("There is no runbook for this kind of finding yet.")


def _facts(row: Row, now: datetime) -> Markup:
    facts: dict[str, str] = {
        "Object": markup.object_link(row["object"]),
        "Amount": markup.amount(row) if row["amount"] is not None else formats.NO_VALUE,
        "Status": _status(row, now),
        "Note": row["note"],
        "Assigned to": row["assignee"],
        "Class": glossary.label(glossary.CLASSES, row["class"]),
        "System": glossary.system(row["source"]),
        "Legal entity": row["legal_entity"],
        "Clock started": markup.moment(row["clock_start"], now),
        "Due": markup.moment(row["due_at"], now) if row["due_at"] else "",
        "Score": "" if row["score"] is None else f"{row['score']:f} of 1",
        "Explained by": _reasons(row),
        "Cause": markup.link("findings", "All of this cause", cause=row["cause"], status="all"),
        "First seen": markup.moment(row["first_seen"], now),
        "Last seen": markup.moment(row["last_seen"], now),
        "Rule": f"{glossary.plain(row['rule'])}, version {row['rule_version']}",
    }
    return joined(markup.facts(facts), markup.facts(_long_facts(row), class_="rt-long"))


def _status(row: Row, now: datetime) -> Markup:
    """How it stands, by whom or what, and until when."""
    who = row["decided_by"] or row["resolved_by"]
    until = row["decided_until"]
    return joined(
        glossary.label(glossary.FINDING_STATUSES, row["status"]),
        f", by {who}" if who else "",
        joined(", until ", markup.moment(until, now)) if until else "",
    )


def _reasons(row: Row) -> str:
    """Which parts of a difference have a reason."""
    told = (
        f"{each['kind']}: {formats.money(each['amount'], row['currency'])}"
        for each in row["explained_by"]
    )
    return ", ".join(told)


def _long_facts(row: Row) -> dict[str, str]:
    roots = [markup.object_link(root) for root in row["root_sample"]]
    more = row["roots"] - len(roots)
    return {
        "Revenue events behind it": joined(
            *(joined(root, ", ") for root in roots[:-1]),
            *roots[-1:],
            f" and {more:,} more" if more > 0 else "",
        ),
        "Evidence (ids of events)": ", ".join(row["evidence"]),
    }
