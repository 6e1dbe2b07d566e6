"""The pipeline: one turn takes the findings to the channels. findings > evaluate > group > intend >
send > record.

A new step (a silence, a schedule of who is on call) is a step between evaluate and intend, never a
way around.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.dispatch import Dispatcher
from alerts.evaluate import Alert, Findings, evaluate
from alerts.finding import Finding, finding_of
from alerts.group import group
from alerts.journal import Journal
from alerts.message import Writer
from alerts.notifier import Notification
from alerts.rule import Rule
from core.clock import Clock
from core.errors import NotFound

log = logging.getLogger("revtrace.alerts")


@dataclass
class Turn:
    """What one turn did."""

    evaluated: bool = False
    findings: int = 0
    firing: int = 0
    pending: int = 0
    held_back: int = 0
    changes: Counter[str] = field(default_factory=Counter)
    notifications: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one turn; see AlertSettings."""

    findings_max: int = 10_000
    pending_max: int = 5_000


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a pipeline is made of. `channels` are the notifiers that are set up."""

    findings: Findings
    rules: Mapping[str, Rule]
    channels: frozenset[str]
    writer: Writer
    journal: Journal
    dispatcher: Dispatcher
    clock: Clock


class Pipeline:
    """Runs turns, one at a time. `ready` says whether the findings can be trusted just now.

    While a rebuild or a backlog makes findings come and go, evaluating them would tell people of
    troubles that are none; what is waiting is sent all the same.
    """

    def __init__(
        self, parts: Parts, limits: Limits, ready: Callable[[], bool] = lambda: True
    ) -> None:
        self._parts = parts
        self._limits = limits
        self._ready = ready
        self._lock = threading.Lock()

    def turn(self) -> Turn:
        """Evaluate all rules once and send what is due; raises what the store or the findings
        raise.
        """
        turn = Turn()
        with self._lock:
            self._parts.journal.read_on()
            try:
                if self._ready():
                    self._evaluate(turn, self._parts.clock.now())
            finally:
                # Findings that cannot be read are no reason to keep back what is known already.
                turn.outcomes = self._parts.dispatcher.drain()
        return turn

    def test(self, channel: str) -> Notification:
        """Send a test through the same journal and dispatch as any alert; the reader tells what
        came of it.
        """
        if channel not in self._parts.channels:
            known = ", ".join(sorted(self._parts.channels))
            raise NotFound(f"channel {channel}", "is not set up", f"Set up are: {known}")
        with self._lock:
            journal = self._parts.journal
            journal.read_on()
            now = self._parts.clock.now()
            notification = self._parts.writer.test(channel, journal.next_number, now)
            journal.intend([(notification, [])])
            self._parts.dispatcher.drain()
        return notification

    def interrupt(self) -> None:
        """Break off a running turn; nothing is sent afterwards."""
        self._parts.dispatcher.stop()

    def _evaluate(self, turn: Turn, now: datetime) -> None:
        rows = self._parts.findings.findings(now)
        findings = {finding.finding_id: finding for finding in map(finding_of, rows)}
        turn.evaluated, turn.findings = True, len(findings)
        messages: list[tuple[Notification, tuple[Alert, ...]]] = []
        for channel in sorted(self._parts.channels):
            if len(self._parts.journal.waiting(channel)) >= self._limits.pending_max:
                # Nothing is lost: what changes meanwhile is told, in its last state, once there is
                # room.
                log.error("channel %s: too much is waiting, its rules are not evaluated", channel)
                continue
            for rule in self._parts.rules.values():
                if channel in rule.channels:
                    messages += self._messages(turn, rule, channel, findings, now)
        turn.notifications = len(messages)
        self._parts.journal.intend(messages)

    def _messages(
        self, turn: Turn, rule: Rule, channel: str, findings: Mapping[str, Finding], now: datetime
    ) -> list[tuple[Notification, tuple[Alert, ...]]]:
        journal = self._parts.journal
        result = evaluate(
            rule,
            findings.values(),
            journal.told(rule.name, channel),
            now,
            firing_max=self._limits.findings_max,
        )
        turn.firing += result.firing
        turn.pending += result.pending
        turn.held_back += result.held_back
        turn.changes.update(alert.reason.value for alert in result.changes)
        if result.held_back:
            log.warning(
                "rule %s, channel %s: %d findings wait, %d are firing already",
                rule.name,
                channel,
                result.held_back,
                result.firing,
            )
        return [
            (
                self._parts.writer.write(rule, channel, one, journal.next_number, now),
                one.alerts,
            )
            for one in group(rule, result.changes)
        ]
