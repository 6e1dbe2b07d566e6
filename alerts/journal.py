"""The journal: what was told to whom, and what came of it. The one truth about alerts, in two
append-only tables.

What it keeps in memory is what it has read from the tables, never more: an insert is believed when
it is read back. So a restart, a crash at any moment and an insert whose answer got lost all lead to
the same place. One process evaluates a store; a second one would number its evaluations alike.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from alerts.evaluate import Alert, State, Told
from alerts.finding import from_json, to_json
from alerts.notifier import Notification
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
NOTIFICATION_COLUMNS = (
    "number",
    "notification_id",
    "rule",
    "rule_version",
    "channel",
    "state",
    "reason",
    "severity",
    "title",
    "body",
    "evaluated_at",
)
ALERT_COLUMNS = ("finding_ids", "states", "reasons", "findings")
ATTEMPT_COLUMNS = (
    "number",
    "notification_id",
    "attempt",
    "outcome",
    "trouble",
    "detail",
    "attempted_at",
    "retry_at",
)


class Outcome(StrEnum):
    """What came of an attempt; every one but RETRY is the last word on its notification."""

    SENT = "sent"
    RETRY = "retry"
    REFUSED = "refused"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notification that has not arrived yet."""

    notification: Notification
    finding_ids: frozenset[str]
    attempts: int = 0
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt and what came of it."""

    number: int
    notification_id: str
    attempt: int
    outcome: Outcome
    attempted_at: datetime
    trouble: str = ""
    detail: str = ""
    retry_at: datetime | None = None


class Journal:
    """Reads and writes `notifications` and `notification_attempts`; not for several threads at
    once.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._number = 0
        self._told: dict[tuple[str, str], dict[str, Told]] = {}
        self._waiting: dict[str, Waiting] = {}

    def read_on(self) -> None:
        """Read what the tables hold beyond what is known; the first call reads everything that
        matters.
        """
        number = int(self._store.value(SQL["last_number"]) or 0)
        if number <= self._number:
            return
        after = {"after": self._number}
        # Both are read before anything is believed, so that a failure between them leaves nothing
        # half known.
        told = self._store.rows(SQL["told"], after)
        waiting = self._store.rows(SQL["waiting"], after)
        for row in told:
            self._believe(row)
        for row in waiting:
            self._waiting[row["notification_id"]] = _waiting(row)
        self._number = number

    @property
    def next_number(self) -> int:
        """The number of the next evaluation that has something to tell."""
        return self._number + 1

    def told(self, rule: str, channel: str) -> Mapping[str, Told]:
        """What a channel was told last of each alert of a rule that still fires for it, by finding
        id.
        """
        return self._told.get((rule, channel), {})

    def waiting(self, channel: str) -> list[Waiting]:
        """Notifications that have not arrived at a channel, in the order they were made."""
        return [entry for entry in self._waiting.values() if entry.notification.channel == channel]

    def channels_waiting(self) -> Iterator[str]:
        """Channels for which something waits."""
        yield from sorted({entry.notification.channel for entry in self._waiting.values()})

    def intend(self, messages: Iterable[tuple[Notification, Sequence[Alert]]]) -> None:
        """Write the intent to send these, all of them or none, and read them back."""
        rows = [_row(notification, alerts) for notification, alerts in messages]
        if rows:
            self._store.insert("notifications", [*NOTIFICATION_COLUMNS, *ALERT_COLUMNS], rows)
            self.read_on()

    def record(self, attempt: Attempt) -> None:
        """Write what came of an attempt; once it is final, the notification waits no more."""
        row = [getattr(attempt, name) for name in ATTEMPT_COLUMNS]
        self._store.insert("notification_attempts", ATTEMPT_COLUMNS, [row])
        if attempt.outcome is not Outcome.RETRY:
            self._waiting.pop(attempt.notification_id, None)
        elif attempt.notification_id in self._waiting:
            self._waiting[attempt.notification_id] = replace(
                self._waiting[attempt.notification_id],
                attempts=attempt.attempt,
                retry_at=attempt.retry_at,
            )

    def _believe(self, row: Mapping[str, Any]) -> None:
        told = self._told.setdefault((row["rule"], row["channel"]), {})
        if row["state"] == State.FIRING:
            finding = from_json(row["finding"])
            told[row["finding_id"]] = Told(finding.fingerprint, row["evaluated_at"], finding)
        else:
            told.pop(row["finding_id"], None)


def _row(notification: Notification, alerts: Sequence[Alert]) -> list[Any]:
    return [
        *(getattr(notification, name) for name in NOTIFICATION_COLUMNS),
        [alert.finding.finding_id for alert in alerts],
        [alert.state.value for alert in alerts],
        [alert.reason.value for alert in alerts],
        [json.dumps(to_json(alert.finding), ensure_ascii=False) for alert in alerts],
    ]


def _waiting(row: Mapping[str, Any]) -> Waiting:
    return Waiting(
        Notification(**{name: row[name] for name in NOTIFICATION_COLUMNS}),
        frozenset(row["finding_ids"]),
        int(row["attempts"]),
        row["retry_at"],
    )
