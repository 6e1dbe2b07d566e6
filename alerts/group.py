"""Grouping: the state changes of one evaluation that belong together become one notification. Pure.

A group is a rule's changes that agree in the rule's `group_by` fields. It lives for one evaluation:
a rate limit that fails 300 postings is one message, and the next one to fail is a message of its
own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from alerts.evaluate import Alert, Reason, State
from alerts.finding import severity_rank
from alerts.rule import Rule

# The reason of a group is the most pressing of its alerts' reasons.
REASON_ORDER = (Reason.NEW, Reason.CHANGED, Reason.RESOLVED, Reason.REPEAT)


@dataclass(frozen=True, slots=True)
class Total:
    """Money of one currency; amounts of different currencies are never added."""

    currency: str
    amount: Decimal
    alerts: int


@dataclass(frozen=True, slots=True)
class Group:
    """Changes that are told together; alerts are in order, the worst first."""

    fields: tuple[tuple[str, str], ...]
    alerts: tuple[Alert, ...]

    @property
    def state(self) -> State:
        firing = any(alert.state is State.FIRING for alert in self.alerts)
        return State.FIRING if firing else State.RESOLVED

    @property
    def reason(self) -> Reason:
        reasons = {alert.reason for alert in self.alerts}
        return next(reason for reason in REASON_ORDER if reason in reasons)

    @property
    def severity(self) -> str:
        """The worst severity in the group."""
        return max((alert.finding.severity for alert in self.alerts), key=severity_rank)

    @property
    def totals(self) -> tuple[Total, ...]:
        """Money of the group's firing alerts, or of the resolved ones when none fires."""
        sums: dict[str, tuple[Decimal, int]] = {}
        for alert in self.alerts:
            finding = alert.finding
            if alert.state is self.state and finding.amount is not None:
                amount, count = sums.get(finding.currency, (Decimal(0), 0))
                sums[finding.currency] = (amount + finding.amount, count + 1)
        return tuple(Total(currency, *sums[currency]) for currency in sorted(sums))


def group(rule: Rule, alerts: Iterable[Alert]) -> list[Group]:
    """Put each alert into exactly one group; groups come in the order of their fields."""
    found: dict[tuple[str, ...], list[Alert]] = {}
    for alert in alerts:
        key = tuple(alert.finding.field(name) for name in rule.group_by)
        found.setdefault(key, []).append(alert)
    return [
        Group(
            tuple(zip(rule.group_by, key, strict=True)),
            tuple(sorted(found[key], key=_order)),
        )
        for key in sorted(found)
    ]


def _order(alert: Alert) -> tuple[int, int, Decimal, str]:
    finding = alert.finding
    return (
        alert.state is not State.FIRING,
        -severity_rank(finding.severity),
        -abs(finding.amount or Decimal(0)),
        finding.finding_id,
    )
