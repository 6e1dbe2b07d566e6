"""Dispatch: sends what the journal says is waiting, and writes down what came of each attempt.

It never sleeps and never asks what should be sent. One failure ends a channel's work for this time,
since whatever is behind it would most likely fail the same way; the failed one then waits longer
than the others, so that a message that one channel chokes on does not stop those behind it. A
message about a finding never overtakes an earlier one about the same finding.
"""

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.journal import Attempt, Journal, Outcome, Waiting
from alerts.message import one_line
from alerts.notifier import Notifier, SendDelayed, SendRefused, Trouble
from core.clock import Clock
from core.errors import Permanent, Retryable
from core.settings import AlertSettings

log = logging.getLogger("revtrace.alerts")
RETRY_AFTER_SECONDS_MAX = 3600
DETAIL_CHARS_MAX = 300


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long a notification is tried."""

    attempts_max: int
    wait_seconds: float
    wait_seconds_max: float

    @classmethod
    def of(cls, settings: AlertSettings) -> "Patience":
        return cls(
            settings.send_attempts_max, settings.send_wait_seconds, settings.send_wait_seconds_max
        )

    def wait(self, attempt: int, retry_after_seconds: int) -> timedelta:
        """How long to wait after a failed attempt: doubling, or longer when the other side asks for
        it.
        """
        doubled = self.wait_seconds * 2 ** min(attempt - 1, 30)
        asked = min(retry_after_seconds, RETRY_AFTER_SECONDS_MAX)
        return timedelta(seconds=max(min(doubled, self.wait_seconds_max), asked))


@dataclass(frozen=True, slots=True)
class _Failure:
    trouble: Trouble
    detail: str
    permanent: bool = False
    retry_after_seconds: int = 0


class Dispatcher:
    """Sends waiting notifications. `clock` is the real time, also when `now` is fixed to judge old
    data.
    """

    def __init__(
        self,
        journal: Journal,
        notifiers: Mapping[str, Notifier],
        patience: Patience,
        clock: Clock,
    ) -> None:
        self._journal = journal
        self._notifiers = notifiers
        self._patience = patience
        self._clock = clock
        self._stopped = threading.Event()
        self._unrecorded: list[Attempt] = []
        self._failing: set[str] = set()
        self._held_until: dict[str, datetime] = {}

    def drain(self) -> Counter[str]:
        """Try everything that is due once; returns how many attempts had which outcome.

        Raises only store errors. What was sent but could not be written down is written down first
        the next time, before anything is sent again.
        """
        self._write_down()
        outcomes: Counter[str] = Counter()
        # A channel that hung the last time comes last, so that it delays nobody else.
        for channel in sorted(
            self._journal.channels_waiting(), key=lambda name: (name in self._failing, name)
        ):
            self._drain_channel(channel, outcomes)
        return outcomes

    def stop(self) -> None:
        """Send nothing more and break off what is being sent; it comes again at the next start."""
        self._stopped.set()
        for notifier in self._notifiers.values():
            notifier.close()

    def _drain_channel(self, channel: str, outcomes: Counter[str]) -> None:
        behind: set[tuple[str, str]] = set()
        held_until = self._held_until.get(channel)
        if held_until is not None and self._clock.now() < held_until:
            return
        for entry in self._journal.waiting(channel):
            if self._stopped.is_set():
                return
            about = {(entry.notification.rule, finding_id) for finding_id in entry.finding_ids}
            early = entry.retry_at is not None and self._clock.now() < entry.retry_at
            if early or about & behind:
                behind |= about
                continue
            attempt = self._attempt(entry)
            if attempt is None:
                return
            outcomes[attempt.outcome] += 1
            self._unrecorded.append(attempt)
            self._write_down()
            if attempt.outcome is Outcome.RETRY:
                self._failing.add(channel)
                return
            self._failing.discard(channel)

    def _attempt(self, entry: Waiting) -> Attempt | None:
        """Send once; None when revtrace is stopping, since nobody knows then what arrived."""
        notification = entry.notification
        number = entry.attempts + 1
        failure = self._failure_of_sending(entry, number)
        now = self._clock.now()
        if failure is None:
            return _attempt_of(entry, Outcome.SENT, now)
        if failure.trouble is Trouble.STOPPED:
            return None
        outcome, retry_at = Outcome.RETRY, None
        if failure.permanent:
            outcome = Outcome.REFUSED
        elif number >= self._patience.attempts_max:
            outcome = Outcome.GIVEN_UP
        else:
            retry_at = now + self._patience.wait(number, failure.retry_after_seconds)
            if failure.trouble is Trouble.RATE_LIMITED:
                self._held_until[notification.channel] = retry_at
        log.log(
            logging.WARNING if outcome is Outcome.RETRY else logging.ERROR,
            "notification %s of rule %s to %s: attempt %d, %s: %s",
            notification.notification_id,
            notification.rule,
            notification.channel,
            number,
            outcome,
            failure.detail,
        )
        return _attempt_of(entry, outcome, now, failure, retry_at)

    def _failure_of_sending(self, entry: Waiting, number: int) -> _Failure | None:
        notifier = self._notifiers.get(entry.notification.channel)
        if notifier is None:
            return _Failure(Trouble.NO_CHANNEL, "the channel is not set up any more", True)
        try:
            notifier.send(entry.notification, number)
        except SendDelayed as error:
            return _Failure(
                error.trouble, str(error), retry_after_seconds=error.retry_after_seconds
            )
        except SendRefused as error:
            return _Failure(error.trouble, str(error), True)
        except (Retryable, Permanent) as error:
            return _Failure(Trouble.UNEXPECTED, str(error), isinstance(error, Permanent))
        except Exception as error:
            # A channel is a plugin: one that breaks must not keep the others from being told. Only
            # the kind of error is kept, since nobody knows what its text gives away.
            return _Failure(Trouble.UNEXPECTED, f"the channel broke: {type(error).__name__}")
        return None

    def _write_down(self) -> None:
        while self._unrecorded:
            self._journal.record(self._unrecorded[0])
            del self._unrecorded[0]


def _attempt_of(
    entry: Waiting,
    outcome: Outcome,
    now: datetime,
    failure: _Failure | None = None,
    retry_at: datetime | None = None,
) -> Attempt:
    return Attempt(
        number=entry.notification.number,
        notification_id=entry.notification.notification_id,
        attempt=entry.attempts + 1,
        outcome=outcome,
        attempted_at=now,
        trouble=failure.trouble.value if failure else "",
        detail=one_line(failure.detail)[:DETAIL_CHARS_MAX] if failure else "",
        retry_at=retry_at,
    )
