"""Evaluation: findings in, alert states out, each with the reason why somebody is told. Pure.

One alert is one finding seen by one rule for one channel. It is pending until it has been open for
the rule's `for`, then firing, then resolved. `for` counts from the finding's own first_seen, which
comes from the data: so it needs no memory, survives restarts, and what is noticed late fires at
once. Of what somebody has acknowledged only its end is told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from alerts.finding import Finding, severity_rank
from alerts.rule import Rule


class Findings(Protocol):
    """Where findings come from; lineage's Reader is one."""

    def findings(self, now: datetime) -> list[dict[str, Any]]:
        """Return every finding that is active at `now`, rows as DESIGN section 6 names them.

        MUST be complete or raise: what is absent is taken for resolved. MAY hold resolved ones too,
        whose rows then say what resolved them.
        """


class State(StrEnum):
    """Where an alert stands."""

    FIRING = "firing"
    RESOLVED = "resolved"


class Reason(StrEnum):
    """Why somebody is told."""

    NEW = "new"  # it was not firing before
    CHANGED = "changed"  # severity, class or amount differ from what was told last
    RESOLVED = "resolved"  # it was firing and no longer is
    REPEAT = (
        "repeat"  # nothing changed, but the rule's `repeat` has passed and nobody acknowledged it
    )
    TEST = "test"  # somebody tries the channel


@dataclass(frozen=True, slots=True)
class Told:
    """What a channel was told last of a firing alert."""

    fingerprint: str
    told_at: datetime
    finding: Finding


@dataclass(frozen=True, slots=True)
class Alert:
    """One state change that a channel must be told."""

    state: State
    reason: Reason
    finding: Finding


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one rule says for one channel: the changes to tell, and how many alerts stand where."""

    changes: tuple[Alert, ...]
    firing: int
    pending: int
    held_back: int  # findings over the limit; they fire when others are resolved


def evaluate(
    rule: Rule,
    findings: Iterable[Finding],
    told: Mapping[str, Told],
    now: datetime,
    *,
    firing_max: int,
) -> Evaluation:
    """Compare the findings with what was told; `told` holds the firing alerts by finding id.

    `findings` may hold any findings, resolved ones too; those the rule does not take are left out
    here.
    """
    changes: list[Alert] = []
    fresh: list[Finding] = []
    firing: set[str] = set()
    settled: dict[str, Finding] = {}
    pending = 0
    for finding in findings:
        known = told.get(finding.finding_id)
        if not finding.active or not rule.takes(finding):
            if known is not None:
                settled[finding.finding_id] = finding
        elif known is not None:
            firing.add(finding.finding_id)
            reason = _reason_to_tell_again(rule, finding, known, now)
            if reason is not None:
                changes.append(Alert(State.FIRING, reason, finding))
        elif finding.acknowledged:
            pending += 1
        elif now - finding.first_seen >= rule.hold:
            fresh.append(finding)
        else:
            pending += 1
    changes += _resolved(told, firing, settled)
    room = max(firing_max - len(firing), 0)
    chosen = fresh if len(fresh) <= room else sorted(fresh, key=_worst_first)[:room]
    changes += [Alert(State.FIRING, Reason.NEW, finding) for finding in chosen]
    return Evaluation(
        changes=tuple(changes),
        firing=len(firing) + len(chosen),
        pending=pending,
        held_back=len(fresh) - len(chosen),
    )


def _reason_to_tell_again(
    rule: Rule, finding: Finding, known: Told, now: datetime
) -> Reason | None:
    if finding.acknowledged:
        return None
    if finding.fingerprint != known.fingerprint:
        return Reason.CHANGED
    due = rule.repeat is not None and now - known.told_at >= rule.repeat
    return Reason.REPEAT if due else None


def _resolved(
    told: Mapping[str, Told], firing: set[str], settled: Mapping[str, Finding]
) -> list[Alert]:
    """Tell of each alert that fired and no longer does.

    The severity stays the one it was told with: a settled finding is rated lower, and whoever was
    called for a critical one looks for the end of that.
    """
    alerts = []
    for finding_id, known in told.items():
        if finding_id in firing:
            continue
        finding = settled.get(finding_id) or replace(known.finding, status="resolved")
        finding = replace(finding, severity=known.finding.severity)
        alerts.append(Alert(State.RESOLVED, Reason.RESOLVED, finding))
    return alerts


def _worst_first(finding: Finding) -> tuple[int, Any, str]:
    """Order within the limit: severity, then oldest; the id makes it the same every time."""
    return -severity_rank(finding.severity), finding.first_seen, finding.finding_id
