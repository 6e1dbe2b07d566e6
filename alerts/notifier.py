"""CONTRACT of a channel: something that can be told. One file each in `alerts/notifiers/`, named as
the channel.

Such a file holds a function `build(setup: Setup) -> Notifier | None`. It MUST raise ConfigInvalid
when its settings are wrong, and return None when it is not set up: rules then pass it over, and
once it is set up it is told of everything that fires.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.clock import Clock
from core.errors import ConfigInvalid, Permanent, Retryable
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Notification:
    """One message to one channel. `body` is the JSON of docs/alerts.md, the same bytes in every
    attempt.
    """

    notification_id: str
    number: int
    rule: str
    rule_version: str
    channel: str
    state: str
    reason: str
    severity: str
    title: str
    body: str
    evaluated_at: datetime


class Notifier(Protocol):
    """A channel that is set up."""

    def send(self, notification: Notification, attempt: int) -> None:
        """Deliver one notification; returning means that the other side has it.

        MUST return or raise within `alerts.send_timeout_seconds`. MUST raise SendDelayed when
        trying again may help and SendRefused when it will not. MUST carry `notification_id` to the
        other side, since a crash between sending and recording makes the same notification come
        again. MUST NOT put a secret into an error or a log line.
        """

    def close(self) -> None:
        """Let go of everything. MAY be called while `send` runs in another thread, and more than
        once.

        A running `send` MUST then raise SendDelayed within a second, so that revtrace stops
        quickly.
        """


class Trouble(StrEnum):
    """Why an attempt failed."""

    AUTH = "auth"
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"  # the other side will not have this message
    SERVER = "server"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    STOPPED = "stopped"  # revtrace was stopping
    NO_CHANNEL = "no_channel"  # the channel was taken away while the notification waited
    UNEXPECTED = "unexpected"  # the notifier itself broke


class SendRefused(Permanent):
    """The same notification would be refused again."""

    def __init__(self, what: str, why: str = "", todo: str = "", *, trouble: Trouble) -> None:
        super().__init__(what, why, todo)
        self.trouble = trouble


class SendDelayed(Retryable):
    """The same notification may go through later; `retry_after_seconds` is what the other side
    asked for, or 0.
    """

    def __init__(
        self, what: str, why: str = "", *, trouble: Trouble, retry_after_seconds: int = 0
    ) -> None:
        super().__init__(what, why, retry_after_seconds=retry_after_seconds)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Setup:
    """What a channel is built from. `clock` is the real time, also when `now` is fixed."""

    settings: Settings
    clock: Clock


Build = Callable[[Setup], Notifier | None]


def channels() -> dict[str, Build]:
    """Every channel there is, by name; raises ConfigInvalid for a file that holds none."""
    import alerts.notifiers as folder

    found: dict[str, Build] = {}
    for module in pkgutil.iter_modules(folder.__path__):
        build = getattr(importlib.import_module(f"{folder.__name__}.{module.name}"), "build", None)
        if not callable(build):
            raise ConfigInvalid(
                f"alerts/notifiers/{module.name}.py", "has no function build(setup)", "Add one"
            )
        found[module.name] = build
    return found


def build_notifiers(setup: Setup) -> Mapping[str, Notifier]:
    """The channels that are set up, by name."""
    built = {name: build(setup) for name, build in channels().items()}
    return {name: notifier for name, notifier in built.items() if notifier is not None}
