"""The case of a finding on its page: what people decided and said about it, and, for who may, the
form to decide.

Who somebody is the proxy in front of the pages says, in the header `dashboards.user_header`;
whether they may decide is `dashboards.deciders`. Nobody else sees a form, and the cases refuse them
besides.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import streamlit as st

from alerts.cases import ENDING, NOTE_LENGTH_MAX, PERSON_LENGTH_MAX, Action, Entry, Person, Role
from core.errors import RevtraceError
from dashboards import data, formats, glossary, markup
from dashboards.markup import Column, Markup, joined

Row = Mapping[str, Any]
EVERYBODY = "*"
_ACTIONS = {
    Action.ACKNOWLEDGE: "Acknowledge: somebody is on it",
    Action.ASSIGN: "Assign it to somebody",
    Action.COMMENT: "Comment only",
    Action.RESOLVE: "Resolve: it is over",
    Action.WAIVE: "Waive: accept it as it is",
    Action.REOPEN: "Reopen: take the decision back",
}


def viewer() -> Person:
    """Who looks at the page, by the word of the proxy; without one a nameless reader."""
    bounds = data.settings().dashboards
    name = (st.context.headers.get(bounds.user_header) or "") if bounds.user_header else ""
    may = bool(name) and (name in bounds.deciders or EVERYBODY in bounds.deciders)
    return Person(name, Role.DECIDER if may else Role.READER)


def history(entries: Sequence[Row], now: datetime) -> Markup:
    """What people decided and said about a finding, the newest first."""
    if not entries:
        return Markup("")
    columns = [
        Column("When", lambda row: markup.moment(row["at"], now), "nowrap"),
        Column("Who", lambda row: row["person"] or "revtrace"),
        Column("What", lambda row: joined(
            glossary.label(glossary.CASE_ACTIONS, row["action"]),
            f" to {row['assignee']}" if row["assignee"] else "",
            joined(" until ", markup.moment(row["until"], now)) if row["until"] else "")),
        Column("Amount then", lambda row: (
            formats.NO_VALUE if row["amount"] is None else markup.amount(row)), "number"),
        Column("Note", lambda row: row["note"], "wide"),
    ]  # fmt: skip
    return markup.table(columns, entries, "Case of the finding")


def form(finding: Row) -> None:
    """Let who may decide; tell everybody else how it is done."""
    person = viewer()
    if person.role is not Role.DECIDER:
        st.caption(
            f"To decide about it: `revtrace case ack {finding['finding_id'][:12]}` (or assign, "
            "comment, resolve, waive), where revtrace runs."
        )
        return
    with st.expander("Decide"), st.form("case", clear_on_submit=True, border=False):
        action = st.selectbox(
            "What", list(_ACTIONS), format_func=_ACTIONS.__getitem__, key="case action"
        )
        note = st.text_area("Note", max_chars=NOTE_LENGTH_MAX)
        assignee = st.text_input("Assign to", max_chars=PERSON_LENGTH_MAX)
        until = st.date_input(
            "Until", value=None, help="An acknowledgement or a waiver ends then, at 00:00 UTC."
        )
        if st.form_submit_button("Save"):
            _add(
                Entry(
                    finding=finding["finding_id"],
                    action=action,
                    note=note.strip(),
                    assignee=assignee.strip() if action is Action.ASSIGN else "",
                    until=_end(until) if action in ENDING else None,
                ),
                person,
            )


def _end(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)


def _add(entry: Entry, person: Person) -> None:
    try:
        data.decide(entry, person)
    except RevtraceError as error:
        st.error(f"{error}")
        return
    st.rerun()
