"""Cases: what people decide about findings, and what they have decided so far.

Whoever reaches the warehouse by the command line is its owner, or let in by them, and may decide.
"""

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from alerts.cases import Action, Entry, Person, Role
from core.declaration import parse_duration
from core.errors import BadInput
from revtrace.operations import Operation, Params, Progress, instant_of

if TYPE_CHECKING:
    from revtrace.wiring import App


def _adding(action: Action) -> Operation:
    def add(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
        entry = Entry(
            finding=params["finding"],
            action=action,
            note=params.get("note") or "",
            until=_until(params.get("until") or "", app.clock.now()),
            assignee=params.get("assignee") or "",
        )
        finding = app.cases.add(entry, Person(params.get("by") or "", Role.DECIDER))
        return {"finding": finding, "entries": _entries(app, finding, app.clock.now())}

    return add


def show(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """One finding with all that was decided and said about it, also when it is gone."""
    now = instant_of(app, params)
    finding = app.cases.shown(params["finding"], now)
    return {"finding": finding, "entries": _entries(app, finding, now)}


def list_(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Every finding with a case, the newest entry first."""
    return {"cases": app.cases.all(instant_of(app, params), params.get("limit"))}


def _entries(app: "App", finding: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    return app.cases.entries(finding["finding_id"], now)


def _until(text: str, now: datetime) -> datetime | None:
    """An instant, the begin of a day in UTC, or so long from now."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        try:
            return now + parse_duration(text)
        except ValueError:
            raise BadInput(
                f"--until {text}",
                "is no day, instant or duration",
                "Write 2026-10-05, 2026-10-05T12:00:00Z or 7d",
            ) from None
    if at.time() == time() and at.tzinfo is None:
        return at.replace(tzinfo=UTC)
    if at.tzinfo is None:
        raise BadInput(f"--until {text}", "has no offset", "Write 2026-10-05T12:00:00Z")
    return at


OPERATIONS: dict[str, Operation] = {
    "ack": _adding(Action.ACKNOWLEDGE),
    "assign": _adding(Action.ASSIGN),
    "comment": _adding(Action.COMMENT),
    "resolve": _adding(Action.RESOLVE),
    "waive": _adding(Action.WAIVE),
    "reopen": _adding(Action.REOPEN),
    "show": show,
    "list": list_,
}
