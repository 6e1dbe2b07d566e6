"""What a notification says: its title, and its body as JSON. Pure; the body is described in
docs/alerts.md.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from alerts.evaluate import Alert, State
from alerts.finding import Finding, to_json
from alerts.group import Group
from alerts.notifier import Notification
from alerts.rule import Rule
from alerts.runbook import Runbook, Runbooks

BODY_VERSION = 1
RUNBOOKS_MAX = 10
# Findings about these are not on a path, so their page is the list of findings.
PATHLESS = frozenset({"control", "source", "correlation"})


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes notifications; `dashboards_url` is how their readers reach the pages."""

    dashboards_url: str
    runbooks: Runbooks
    alerts_max: int = 50

    def write(
        self, rule: Rule, channel: str, group: Group, number: int, now: datetime
    ) -> Notification:
        """Make the notification of a group; `number` is the evaluation's, and grows."""
        key = notification_id(rule, channel, group, number)
        title = title_of(rule, group)
        body = {
            "version": BODY_VERSION,
            "id": key,
            "number": number,
            "rule": rule.name,
            "rule_version": rule.version,
            "channel": channel,
            "state": group.state,
            "reason": group.reason,
            "severity": group.severity,
            "title": title,
            "evaluated_at": _instant(now),
            "group": dict(group.fields),
            "alerts_total": len(group.alerts),
            "totals": [
                {"currency": total.currency, "amount": f"{total.amount:f}", "alerts": total.alerts}
                for total in group.totals
            ],
            "alerts": [self._alert(alert) for alert in group.alerts[: self.alerts_max]],
            "runbooks": [
                {"name": book.name, "title": book.title, "text": book.text}
                for book in self._runbooks_of(group)
            ],
        }
        return Notification(
            notification_id=key,
            number=number,
            rule=rule.name,
            rule_version=rule.version,
            channel=channel,
            state=group.state,
            reason=group.reason,
            severity=group.severity,
            title=title,
            body=json.dumps(body, ensure_ascii=False),
            evaluated_at=now,
        )

    def test(self, channel: str, number: int, now: datetime) -> Notification:
        """Make a notification that only tries the channel."""
        key = hashlib.sha256(f"test {channel} {number}".encode()).hexdigest()[:32]
        title = f"[test] revtrace reaches the channel {channel}"
        body = {
            "version": BODY_VERSION,
            "id": key,
            "number": number,
            "channel": channel,
            "state": "test",
            "reason": "test",
            "severity": "info",
            "title": title,
            "evaluated_at": _instant(now),
            "alerts_total": 0,
            "totals": [],
            "alerts": [],
            "runbooks": [],
        }
        return Notification(
            key, number, "", "", channel, "test", "test", "info", title, json.dumps(body), now
        )

    def link(self, finding: Finding) -> str:
        """Address of the page that shows it: the path of its object, or the finding itself."""
        base = self.dashboards_url.rstrip("/")
        if finding.object.split("/", 1)[0] in PATHLESS:
            return f"{base}/findings?finding={quote(finding.finding_id, safe='')}"
        return f"{base}/path?key={quote(finding.object, safe='')}"

    def _alert(self, alert: Alert) -> dict[str, Any]:
        runbook = self.runbooks.of(alert.finding)
        return {
            "state": alert.state,
            "reason": alert.reason,
            **to_json(alert.finding),
            "runbook": runbook.name if runbook else "",
            "link": self.link(alert.finding),
        }

    def _runbooks_of(self, group: Group) -> list[Runbook]:
        """The texts themselves, since at 2 a.m. the page may be what is broken."""
        found: dict[str, Runbook] = {}
        for alert in group.alerts:
            book = self.runbooks.of(alert.finding) if alert.state is State.FIRING else None
            if book is not None:
                found.setdefault(book.name, book)
            if len(found) == RUNBOOKS_MAX:
                break
        return list(found.values())


def notification_id(rule: Rule, channel: str, group: Group, number: int) -> str:
    """The idempotency key: the same changes of the same evaluation always give the same."""
    told = [[alert.finding.finding_id, alert.state, alert.reason] for alert in group.alerts]
    facts = [number, rule.name, channel, group.fields, told]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def title_of(rule: Rule, group: Group) -> str:
    """One line that says how bad, what, where and how much money; control characters are made
    visible.
    """
    first = group.alerts[0].finding
    if len(group.alerts) == 1:
        what = f"{_counts(group)} {_kind(first)}: {first.object}{_place(first)}"
        if first.due_at is not None and group.state is State.FIRING:
            what += f", due {first.due_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    else:
        where = " ".join(value for _, value in group.fields if value)
        what = f"{_counts(group)} of {rule.name}{f' ({where})' if where else ''}"
    money = ", ".join(f"{total.currency} {formatted(total.amount)}" for total in group.totals)
    return one_line(f"[{group.severity}] {what}{f', {money}' if money else ''}")


def formatted(amount: Decimal) -> str:
    """Money for people: thousands apart, two decimals unless it has more."""
    exponent = amount.normalize().as_tuple().exponent
    decimals = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{amount:,.{decimals}f}"


def one_line(text: str) -> str:
    """The text without anything that could break a line or forge one; ids come from outside."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def _kind(finding: Finding) -> str:
    return f"{finding.kind}/{finding.subkind}" if finding.subkind else finding.kind


def _place(finding: Finding) -> str:
    stage = f" at {finding.stage}" if finding.stage else ""
    process = f" of {finding.process}" if finding.process else ""
    entity = f", {finding.legal_entity}" if finding.legal_entity else ""
    return f"{stage}{process}{entity}"


def _counts(group: Group) -> str:
    reasons = [alert.reason.value for alert in group.alerts]
    if len(reasons) == 1:
        return reasons[0]
    return ", ".join(f"{reasons.count(reason)} {reason}" for reason in dict.fromkeys(reasons))


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
