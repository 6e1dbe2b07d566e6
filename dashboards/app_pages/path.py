"""Path: one revenue event from its approval to the ledger, found by any id that it ever had."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from core.store import SqlFolder
from dashboards import attention, data, formats, glossary, lanes, markup, page
from dashboards.markup import Column, Markup, joined, tag

TITLE = "Path"
ICON = ":material/timeline:"
PLACE = 2

SQL = SqlFolder(__file__, "path")
_STATES = list(glossary.PATH_STATES)
Row = Mapping[str, Any]


def render() -> None:
    fresh = data.load({"fresh": page.FRESHNESS})["fresh"][0]
    page.head("Where is it?", fresh)
    if not fresh["events"]:
        page.no_revenue_events(fresh)
        return
    key = st.text_input(
        "Any id",
        key="key",
        bind="query-params",
        placeholder="time_entry/TE-1, an invoice number, a correlation id, a contract …",
        help="An id of anything on the way, with or without its type; a correlation, trace or "
        "idempotency id; a contract, project or customer.",
    )
    key = (key or "").strip()
    if not key:
        _examples()
        return
    told = data.trace(key)
    path = told if told is not None and "root" in told else _found(key, told)
    if path is not None:
        _path(path, data.now())


def _page_of(name: str, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows of the shown page of a table; the URL has its number before the table is drawn."""
    rows_max = data.settings().dashboards.rows_max
    number = str(st.session_state.get(name) or st.query_params.get(name, "1"))
    place = int(number) if number.isdecimal() and len(number) < 10 else 1
    first = max(place - 1, 0) * rows_max
    return rows[first : first + rows_max]


def _examples() -> None:
    rows = data.load({"examples": data.Query(SQL["examples"])})["examples"]
    columns = [
        Column("State", lambda row: markup.path_chip(row["state"])),
        Column("Revenue event", lambda row: markup.object_link(row["root"])),
        Column("Kind", lambda row: glossary.label(glossary.PROCESSES, row["process"])),
        Column("Amount", markup.amount, "number"),
    ]
    page.empty(
        "Type or paste an id",
        "Its whole way opens: the steps and their times, the systems, the money.",
        *([tag("p", "Some to begin with:"), markup.table(columns, rows, "Ids")] if rows else []),
    )


def _found(key: str, told: Row | None) -> Row | None:
    """List the revenue events that the key leads to; when it is only one, return its path. `told`
    is what is known of the object, where the key is that of one.
    """
    found = data.find(key)
    # What needs people comes first.
    rows = sorted(found["paths"], key=lambda row: (_STATES.index(row["state"]), row["root"]))
    total = found["paths_total"]
    if not rows:
        _nothing(key, found["matches"])
        _about(told, found["matches"])
        return None
    if total == 1:
        return data.trace(rows[0]["root"])
    st.html(
        tag(
            "p",
            tag("b", glossary.object_name(key)),
            f" leads to {formats.counted(total, 'revenue event')}: {_by_state(rows)}.",
            class_="rt-answer",
        )
    )
    _about(told, found["matches"])
    columns = [
        Column("State", lambda row: markup.path_chip(row["state"])),
        Column("Revenue event", lambda row: markup.object_link(row["root"]), "nowrap"),
        Column("Amount", lambda row: markup.amount(row, "net"), "number"),
        Column("What it waits for", _waits),
        Column("Customer", lambda row: joined(row["customer"], tag("small", row["contract"]))),
        Column("Legal entity", lambda row: row["legal_entity"]),
        Column("Started", lambda row: formats.instant(row["started_at"]), "nowrap"),
    ]
    st.html(markup.table(columns, _page_of("page", rows), "Revenue events that the id leads to"))
    _paging("page", len(rows))
    if len(rows) < total:
        st.caption(f"The first {len(rows):,} are listed; a narrower id lists them all.")
    return None


def _about(told: Row | None, matches: Sequence[Row]) -> None:
    """What needs attention of the object itself, whose key may have come without its type."""
    if told is None and len(matches) == 1 and matches[0]["found_as"] == "object":
        told = data.trace(matches[0]["object"])
    if told is not None and told["findings"]:
        st.subheader("What needs attention", anchor=False)
        st.html(attention.table(told["findings"], data.now()))


def _by_state(rows: Sequence[Row]) -> str:
    counts = Counter(row["state"] for row in rows)
    return ", ".join(
        f"{formats.count(counts[state])} {glossary.PATH_STATES[state].label.lower()}"
        for state in _STATES
        if counts[state]
    )


def _nothing(key: str, matches: Sequence[Row]) -> None:
    if matches:
        page.empty(
            f"{glossary.object_name(matches[0]['object'])} is known",
            "It is on the path of no revenue event: nothing says what it was made from.",
        )
        return
    page.empty(
        f"Nothing is known of “{key}”",
        "No object, reference, contract, project or customer has this id. Ids are compared "
        "exactly, letter for letter; events that were refused are in quarantine.",
    )


def _waits(row: Row) -> str:
    return glossary.stage_waiting(row["next_stage"]) if row["next_stage"] else formats.NO_VALUE


def _paging(name: str, total: int) -> None:
    rows_max = data.settings().dashboards.rows_max
    if total > rows_max:
        st.pagination(-(-total // rows_max), key=name, bind="query-params")


def _path(path: Row, now: datetime) -> None:
    stages, objects, events = path["stages"], path["objects"], path["events"]
    st.html(_summary(path, stages, now))
    st.html(_steps(stages, now))
    if path["findings"]:
        st.subheader("What needs attention", anchor=False)
        st.html(attention.table(path["findings"], now))
    st.subheader("The way through the systems", anchor=False)
    _picture(lanes.steps_of(events))
    st.subheader("Steps", anchor=False)
    st.html(_stages(stages, now))
    st.subheader("What is on the way", anchor=False)
    st.html(_objects(_page_of("objects", objects)))
    _paging("objects", len(objects))
    if path["credits"]:
        st.subheader("What was credited", anchor=False)
        st.html(_credits(path["credits"], path["currency"]))
    if path["terms"] and path["terms"]["amendments"]:
        st.subheader("How the terms changed", anchor=False)
        st.html(_amendments(path["terms"]["amendments"], now))
    st.subheader("Everything that happened", anchor=False)
    st.html(_events(_page_of("events", events)))
    _paging("events", len(events))
    st.caption("Times are in UTC.")


def _summary(path: Row, stages: Sequence[Row], now: datetime) -> Markup:
    credited = path["credited"]
    facts = {
        "Amount": markup.amount(path),
        "Credited": formats.money(credited, path["currency"]) if credited else "",
        "Net": formats.money(path["net"], path["currency"]) if credited else "",
        "Customer": markup.link("path", path["customer"], key=path["customer"]),
        "Contract": markup.link("path", path["contract"], key=path["contract"]),
        "Project": markup.link("path", path["project"], key=path["project"]),
        "Terms": _terms(path.get("terms")),
        "Legal entity": path["legal_entity"],
        "Period": path["period"],
        "Kind of revenue": glossary.label(glossary.PROCESSES, path["process"]),
        "Weakest link": glossary.label(glossary.GRADES, path["weakest_grade"]),
        "Books close": markup.moment(path["cutoff_at"], now) if path["cutoff_at"] else "",
    }
    return joined(
        tag(
            "p",
            tag("b", glossary.object_name(path["root"])),
            " ",
            markup.path_chip(path["state"]),
            tag("small", _said(path, stages, now)),
            class_="rt-answer",
        ),
        markup.facts({name: value for name, value in facts.items() if value and value != _NO_LINK}),
    )


_NO_LINK = markup.link("path", "")


def _terms(terms: Row | None) -> str:
    """Which version of the contract was in force when it began, and when it was invoiced."""
    if not terms:
        return ""
    began, invoiced = terms["began_version"], terms["invoiced_version"]
    if not invoiced or invoiced == began:
        return f"Version {began}" if began else "No version was in force"
    return f"Version {began or 'none'} at first, {invoiced} when invoiced"


def _said(path: Row, stages: Sequence[Row], now: datetime) -> str:
    """Where the revenue event is and since when, in a sentence."""
    if path["state"] == "complete":
        took = formats.duration((path["completed_at"] - path["started_at"]).total_seconds())
        at = formats.instant(path["completed_at"])
        return f"Reached its last step at {at} UTC, {took} after it began."
    if path["state"] == "cancelled":
        return "It was withdrawn or rejected at its source; nothing is expected of it."
    waiting = glossary.stage_waiting(path["next_stage"])
    current = next((row for row in stages if row["name"] == path["next_stage"]), None)
    since = current["started_at"] if current else None
    said = waiting
    if since:
        lasts = formats.duration((now - since).total_seconds())
        said += f" since {formats.instant(since)} UTC, {lasts}"
    due = path["due_at"]
    if due is None:
        return f"{said}; no time limit runs."
    if due < now:
        return f"{said}; it was due {_due(due, now)}."
    return f"{said}; due {_due(due, now)}."


def _due(due: datetime, now: datetime) -> str:
    said = f"at {formats.instant(due)} UTC"
    return f"{said}, {formats.ago(due, now)}" if formats.near(due, now) else said


def _steps(stages: Sequence[Row], now: datetime) -> Markup:
    """The steps as a line: what is done, what is late, what is ahead."""
    return tag("div", *(_step(row, now) for row in stages), class_="rt-steps", role="list")


def _step(row: Row, now: datetime) -> Markup:
    word = glossary.STAGE_STATES.get(row["state"])
    at = row["completed_at"]
    if at is not None:
        second = formats.instant(at, year=at.year != now.year)
    elif row["due_at"] is not None:
        second = f"due {formats.instant(row['due_at'], year=row['due_at'].year != now.year)}"
    else:
        second = "" if row["required"] else "optional"
    third = f"after {formats.duration(row['latency_seconds'])}" if row["latency_seconds"] else ""
    return tag(
        "div",
        tag("b", glossary.stage_done(row["name"])),
        tag("span", glossary.label(glossary.STAGE_STATES, row["state"])),
        tag("small", second),
        tag("small", third),
        class_=f"rt-step rt-{row['state']}",
        title=word.meaning if word else None,
        role="listitem",
    )


def _picture(steps: Sequence[Row]) -> None:
    if not steps:
        page.empty("No events", "No event of the objects on this path has occurred by now.")
        return
    drawn = steps[: data.settings().dashboards.drawn_events_max]
    page.chart(lanes.lanes(drawn), "lanes", "The way of the revenue event through the systems")
    more = len(steps) - len(drawn)
    if more > 0:
        st.caption(f"The first {len(drawn)} steps are drawn; {more:,} more are in the table below.")


def _stages(rows: Sequence[Row], now: datetime) -> Markup:
    columns = [
        Column("Step", lambda row: _step_name(row)),
        Column("State", lambda row: markup.stage_chip(row["state"])),
        Column("First reached", lambda row: markup.moment(row["reached_at"], now), "nowrap"),
        Column("Completed", lambda row: markup.moment(row["completed_at"], now), "nowrap"),
        Column("Due", lambda row: markup.moment(row["due_at"], now), "nowrap"),
        Column("It took", lambda row: formats.duration(row["latency_seconds"]), "nowrap"),
        Column("By", _stage_objects),
    ]
    return markup.table(columns, rows, "Steps of the path")


def _step_name(row: Row) -> Markup:
    extra = Markup("") if row["required"] else tag("small", "optional")
    return joined(glossary.stage_done(row["name"]), extra)


def _stage_objects(row: Row) -> Markup:
    names = [glossary.object_name(key) for key in row["objects"]]
    if not names:
        stuck = row["stuck_object"]
        return joined("waits at ", glossary.object_name(stuck)) if stuck else Markup("")
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return joined(", ".join(names[:3]) + more)


def _objects(rows: Sequence[Row]) -> Markup:
    columns = [
        Column("Object", _object),
        Column("Made from", lambda row: glossary.object_name(row["via"]) if row["via"] else ""),
        Column("How we know", lambda row: _grade(row)),
    ]
    return markup.table(columns, rows, "Objects on the path")


def _credits(rows: Sequence[Row], currency: str) -> Markup:
    columns = [
        Column("Memo", lambda row: markup.object_link(row["memo"])),
        Column("Takes off", lambda row: glossary.object_name(row["object"])),
        Column("Share of this", lambda row: formats.money(row["amount"], currency), "number"),
    ]
    return markup.table(columns, rows, "Credits on the path")


def _amendments(rows: Sequence[Row], now: datetime) -> Markup:
    columns = [
        Column("Amendment", lambda row: glossary.object_name(row["object"])),
        Column("Amends", lambda row: glossary.object_name(row["amends"])),
        Column("Since", lambda row: markup.moment(row["at"], now) if row["at"] else "", "nowrap"),
    ]
    return markup.table(columns, rows, "Amendments of the contract")


def _object(row: Row) -> Markup:
    name = glossary.object_name(row["key"])
    if row["reversed"]:
        return joined(name, " ", markup.chip("Reversed", "late", "It counts for no step any more."))
    return joined(name)


def _grade(row: Row) -> Markup:
    word = glossary.GRADES.get(row["grade"])
    return tag("span", glossary.label(glossary.GRADES, row["grade"]), title=word and word.meaning)


def _events(rows: Sequence[Row]) -> Markup:
    columns = [
        Column("When", lambda row: _when(row), "nowrap"),
        Column("System", lambda row: glossary.system(row["source"])),
        Column("Object", lambda row: glossary.object_name(row["object"])),
        Column("What happened", _happened, "wide"),
        Column("Money", _event_money, "number"),
    ]
    return markup.table(columns, rows, "Events of the path")


def _when(row: Row) -> Markup:
    at = row["occurred_at"]
    return tag("span", f"{formats.instant(at)}:{at:%S}", title=f"Event {row['event_id']}")


def _happened(row: Row) -> Markup:
    said = glossary.plain(row["action"])
    if row["attempt"] > 1:
        said += f", attempt {row['attempt']}"
    if row["outcome"] == "ok":
        return joined(said)
    label = glossary.label(glossary.OUTCOMES, row["outcome"])
    reason = ": ".join(part for part in (row["error_code"], row["error_message"]) if part)
    return joined(said, " ", markup.chip(label, row["outcome"]), tag("small", reason))


def _event_money(row: Row) -> Markup:
    if row["amount"] is None:
        return Markup("")
    measure = glossary.label(glossary.MEASURES, row["measure"]) if row["measure"] else ""
    return joined(markup.amount(row), tag("small", measure.lower()) if measure else "")
