"""Cases: what people decide about findings. They acknowledge, assign, comment, resolve and waive.

A case is a list of entries in `case_events` that is only ever added to; `findings_at` tells the
status that follows from it. An entry names its finding by the id, which a rebuild makes again, so
decisions outlive everything derived. What the data has over is over whatever people decided, and
that it was over is an entry too: a decision is about what stood when it was made, not about what
comes back later.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from core.clock import Clock, SystemClock
from core.errors import BadInput, NotAllowed, NotFound
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
NOTE_LENGTH_MAX = 4_000
PERSON_LENGTH_MAX = 200
CASES_MAX = 10_000
# So few characters of an id are as good as none.
ID_LENGTH_MIN = 6
COLUMNS = (
    *("finding_id", "at", "recorded_at", "entry_id", "action", "person", "until", "assignee"),
    *("note", "kind", "subkind", "object", "amount", "currency", "last_seen"),
)
# What a finding is that somebody decided about and that the data does not tell any more.
GONE = "gone"
Row = dict[str, Any]


class Action(StrEnum):
    """What people do about a finding, as the entry of its case says it."""

    ACKNOWLEDGE = "acknowledged"
    ASSIGN = "assigned"
    COMMENT = "commented"
    RESOLVE = "resolved"
    WAIVE = "waived"
    REOPEN = "reopened"


# What changes how a finding stands, and so is about one that stands.
DECIDING = frozenset({Action.ACKNOWLEDGE, Action.RESOLVE, Action.WAIVE})
# What may end by itself.
ENDING = frozenset({Action.ACKNOWLEDGE, Action.WAIVE})


class Role(StrEnum):
    """What somebody may do about findings."""

    READER = "reader"
    DECIDER = "decider"


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: the name that entries keep, and the role that whoever let the person in vouches
    for. The command line is the owner's, who may decide.
    """

    name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that a person does about one finding, which `finding` names by its id or by how
    that begins. Without an `until` a waiver stands as long as the finding does.
    """

    finding: str
    action: Action
    note: str = ""
    until: datetime | None = None
    assignee: str = ""


class Findings(Protocol):
    """Where findings are looked up; lineage's Reader is one."""

    def named(self, finding: str, now: datetime) -> list[dict[str, Any]]:
        """Up to two findings whose id is, or begins with, what is given."""


class Cases:
    """Reads and adds to the cases of a warehouse. The one place that says who may."""

    def __init__(self, store: Store, findings: Findings, clock: Clock) -> None:
        self._store = store
        self._findings = findings
        self._clock = clock

    def add(self, entry: Entry, person: Person) -> Row:
        """Write an entry and return the finding as it stands with it.

        Raises NotAllowed for who may only read, NotFound when nothing has that id, and BadInput
        when the finding is over already or the entry breaks a rule.
        """
        if person.role is not Role.DECIDER:
            raise NotAllowed(
                f"{person.name or 'nobody'} may not decide about findings",
                "only read them",
                "Ask whoever runs revtrace, or use `revtrace case` on its machine",
            )
        now = self._clock.now()
        _check(entry, person, now)
        finding = self.finding(entry.finding, now)
        _check_standing(entry.action, finding)
        known = {name: finding[name] for name in ("finding_id", *COLUMNS[9:])}
        row = known | {
            "at": now,
            "recorded_at": SystemClock().now(),
            "entry_id": uuid.uuid4().hex,
            "action": entry.action.value,
            "person": person.name,
            "until": entry.until,
            "assignee": entry.assignee,
            "note": entry.note,
        }
        self._store.insert("case_events", COLUMNS, [[row[name] for name in COLUMNS]])
        return self.finding(known["finding_id"], now)

    def finding(self, named: str, now: datetime) -> Row:
        """The finding whose id is, or begins with, what is given; raises BadInput, also of one that
        is gone, and NotFound.
        """
        found = self.shown(named, now)
        if found["status"] == GONE:
            raise BadInput(
                f"finding {found['finding_id']}",
                "is gone: the data no longer say it, so there is nothing to decide",
                "`revtrace case show` tells what was decided",
            )
        return found

    def shown(self, named: str, now: datetime) -> Row:
        """The finding of that id, or, when it is gone, what its case knows of it, with the status
        `gone` and the reason as its explanation; raises BadInput, NotFound.
        """
        if len(named) < ID_LENGTH_MIN:
            raise BadInput(
                f"'{named}' names no finding",
                f"at least {ID_LENGTH_MIN} characters of an id do",
                "`revtrace findings` shows them",
            )
        # An id begins as it is written; a case is asked only where no finding is.
        found = self._findings.named(named, now) or [
            {**case, "resolved_by": "", "explanation": _gone(case)}
            for case in self._listed(now, 2, named)
            if case["status"] == GONE
        ]
        if not found:
            raise NotFound(
                f"there is no finding {named}", "", "`revtrace findings` shows those there are"
            )
        if len(found) > 1 and found[0]["finding_id"] != named:
            raise BadInput(f"'{named}' names more than one finding", "", "Give more of its id")
        return found[0]

    def entries(self, finding: str, now: datetime) -> list[Row]:
        """What was decided and said about the finding of that id by an instant, in order."""
        params = {"finding": finding, "now": now}
        return self._store.rows(SQL["case_entries"], params, readonly=True)

    def all(self, now: datetime, limit: int | None = None) -> list[Row]:
        """Every finding that has a case, the one with the newest entry first; one that the data
        does not tell any more has the status `gone`.
        """
        return self._listed(now, min(limit or CASES_MAX, CASES_MAX))

    def _listed(self, now: datetime, limit: int, begins: str = "") -> list[Row]:
        params = {"now": now, "limit": limit, "finding": begins}
        return self._store.rows(SQL["cases"], params, readonly=True)

    def note_closed(self) -> None:
        """Note which of the findings with a case are over; call it whenever findings were told
        anew.
        """
        if self._store.value(SQL["any_case"]):
            params = {"now": self._clock.now(), "recorded_at": SystemClock().now()}
            self._store.command(SQL["close_cases"], params | {"entry": uuid.uuid4().hex})

    def copy_into(self, copy: Store, at: datetime) -> None:
        """Give a copy of the warehouse, beside it, what was decided by an instant."""
        self._store.command(SQL["copy_cases"], {"copy": copy.database, "at": at})


def _gone(case: Row) -> str:
    """What became of a finding that nothing tells any more, in words."""
    what = "/".join(filter(None, [case["kind"], case["subkind"]]))
    return (
        f"{what} of {case['object']} is gone: by what is known now it never was so, for instance "
        "since an event came late that happened in time, or an amount or a link was corrected. "
        "What people decided about it is kept."
    )


def _check(entry: Entry, person: Person, now: datetime) -> None:
    """What an entry has to be, whatever it is about."""
    for what, text, most in (
        ("the name of who decides", person.name, PERSON_LENGTH_MAX),
        ("the assignee", entry.assignee, PERSON_LENGTH_MAX),
        ("the note", entry.note, NOTE_LENGTH_MAX),
    ):
        if len(text) > most:
            raise BadInput(what, f"is longer than {most:,} characters", "Shorten it")
    if not person.name.strip():
        raise BadInput("nobody decides", "", "Say who with --by NAME")
    if entry.action is Action.COMMENT and not entry.note.strip():
        raise BadInput("a comment", "says nothing", "Give a --note")
    if entry.action is Action.ASSIGN and not entry.assignee.strip():
        raise BadInput("an assignment", "is to nobody", "Name a person")
    if entry.until is not None and entry.action not in ENDING:
        raise BadInput(f"{entry.action} --until", "does not end", "Leave --until out")
    if entry.until is not None and entry.until <= now:
        raise BadInput(
            f"--until {entry.until.isoformat()}", "is past already", "Give a later instant"
        )


def _check_standing(action: Action, finding: Mapping[str, Any]) -> None:
    """What is over needs no decision, and only a decision can be taken back."""
    if action in DECIDING and finding["status"] == "resolved":
        raise BadInput(
            f"finding {finding['finding_id']}",
            f"is resolved already, by {finding['resolved_by']}",
            "It opens by itself should it come back",
        )
    if action is Action.REOPEN and not finding["decided_by"]:
        raise BadInput(
            f"finding {finding['finding_id']}", "has no decision to take back", "Nothing to do"
        )
