"""The channel `log`: one line a notification in revtrace's own log. Always set up, never fails."""

import logging

from alerts.notifier import Notification, Notifier, Setup

log = logging.getLogger("revtrace.alerts")


class LogNotifier:
    """Writes the title, which names the severity, with what identifies the notification; the body
    stays in the journal.
    """

    def send(self, notification: Notification, attempt: int) -> None:
        # Never an error: something is wrong in the systems that are watched, not in revtrace.
        urgent = notification.severity == "critical" and notification.state == "firing"
        log.log(
            logging.WARNING if urgent else logging.INFO,
            "%s %s",
            notification.state,
            notification.title,
            extra={
                "rule": notification.rule,
                "reason": notification.reason,
                "notification": notification.notification_id,
                "attempt": attempt,
            },
        )

    def close(self) -> None:
        """Nothing is held."""


def build(setup: Setup) -> Notifier | None:
    return LogNotifier()
