"""READ DOOR of alerts for the floors above: rules, what fires, recent notifications, runbooks.
Never writes.
"""

from collections.abc import Mapping
from typing import Any

from alerts.rule import Rule
from alerts.runbook import Runbook, Runbooks
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
LIMIT_MAX = 10_000


class Reader:
    """Answers about alerts; every query is read-only and bounded."""

    def __init__(self, store: Store, rules: Mapping[str, Rule], runbooks: Runbooks) -> None:
        self._store = store
        self._rules = rules
        self._runbooks = runbooks

    def rules(self) -> list[dict[str, Any]]:
        """Each rule with its filters and how many of its alerts fire, by channel."""
        firing: dict[str, dict[str, int]] = {}
        for row in self._store.rows(SQL["firing"], readonly=True):
            firing.setdefault(row["rule"], {})[row["channel"]] = row["firing"]
        return [
            _rule_row(rule) | {"firing": firing.get(rule.name, {})} for rule in self._rules.values()
        ]

    def notifications(
        self, *, limit: int = 100, rule: str = "", channel: str = "", finding: str = ""
    ) -> list[dict[str, Any]]:
        """The newest notifications first. `status`: waiting, retry, sent, refused or given_up."""
        params = {
            "limit": max(1, min(limit, LIMIT_MAX)),
            "rule": rule,
            "channel": channel,
            "finding": finding,
        }
        rows = self._store.rows(SQL["recent"], params, readonly=True)
        for row in rows:
            row["status"] = row.pop("outcome") or "waiting"
            if not row["attempts"]:
                row["attempted_at"] = None
        return rows

    def runbook(self, name: str) -> Runbook | None:
        """A runbook by its name."""
        return self._runbooks.get(name)

    def runbooks(self) -> list[str]:
        """The names of all runbooks."""
        return self._runbooks.names()


def _rule_row(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "version": rule.version,
        "kinds": list(rule.kinds),
        "subkinds": list(rule.subkinds),
        "classes": list(rule.classes),
        "processes": list(rule.processes),
        "stages": list(rule.stages),
        "severity": rule.severity,
        "min_amount": {currency: f"{amount:f}" for currency, amount in rule.min_amount},
        "for_seconds": int(rule.hold.total_seconds()),
        "repeat_seconds": int(rule.repeat.total_seconds()) if rule.repeat else None,
        "group_by": list(rule.group_by),
        "channels": list(rule.channels),
    }
