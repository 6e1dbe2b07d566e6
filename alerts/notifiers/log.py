"""The channel `log`: one line a notification in revtrace's own log. Always set up, never fails."""

import logging

from alerts.notifier import Notification, Notifier, Setup

log = logging.getLogger("revtrace.alerts")
LEVELS = {"critical": logging.ERROR, "warning": logging.WARNING}


class LogNotifier:
    """Writes the title with what identifies the notification; the body stays in the journal."""

    def send(self, notification: Notification, attempt: int) -> None:
        level = LEVELS.get(notification.severity, logging.INFO)
        if notification.state != "firing":
            level = logging.INFO
        log.log(
            level,
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
