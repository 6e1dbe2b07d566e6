"""The contract of a channel, held by every one that is found."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest

from alerts.notifier import (
    Notification,
    Notifier,
    SendDelayed,
    SendRefused,
    Setup,
    build_notifiers,
    channels,
)
from core.clock import FixedClock
from core.settings import AlertSettings, Settings
from tests.alerts.arrange import NOON, Receiver, receiver

MESSAGE = Notification(
    "k1", 1, "r", "v", "c", "firing", "new", "critical", "[critical] title", "{}", NOON
)


@pytest.fixture
def other_side() -> Iterator[Receiver]:
    with receiver() as started:
        yield started


@pytest.fixture
def settings(other_side: Receiver) -> Settings:
    """Settings with which every channel is set up; a new channel adds its own here."""
    return Settings(
        alerts=AlertSettings(webhook_url=other_side.url, send_timeout_seconds=2)  # type: ignore[arg-type]
    )


def built(name: str, settings: Settings, clock: FixedClock) -> Notifier:
    notifier = channels()[name](Setup(settings, clock))
    assert notifier is not None, f"set up the channel {name} in the fixture above"
    return notifier


@pytest.mark.parametrize("name", sorted(channels()))
def test_a_channel_delivers_and_closes_more_than_once(
    name: str, settings: Settings, clock: FixedClock
) -> None:
    notifier = built(name, settings, clock)
    notifier.send(MESSAGE, 1)
    notifier.send(MESSAGE, 2)
    notifier.close()
    notifier.close()


@pytest.mark.parametrize("name", sorted(channels()))
@pytest.mark.parametrize("status", [302, 400, 401, 429, 500])
def test_a_channel_fails_with_nothing_but_its_two_errors(
    name: str, status: int, settings: Settings, clock: FixedClock, other_side: Receiver
) -> None:
    other_side.answers = [status]
    said = ""
    try:
        built(name, settings, clock).send(MESSAGE, 1)
    except (SendDelayed, SendRefused) as error:
        said = str(error)
    assert "T0K3N" not in said


def test_without_settings_only_the_log_is_told(clock: FixedClock) -> None:
    assert list(build_notifiers(Setup(Settings(), clock))) == ["log"]


def test_the_log_has_one_line_with_what_identifies_the_message(
    clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    built("log", Settings(), clock).send(MESSAGE, 1)
    [line] = [each for each in caplog.records if each.name == "revtrace.alerts"]
    assert line.levelno == logging.WARNING
    assert line.getMessage() == "firing [critical] title"
    assert line.__dict__["notification"] == "k1"


@pytest.mark.parametrize(("state", "severity"), [("firing", "warning"), ("resolved", "critical")])
def test_only_what_is_critical_and_fires_stands_out_in_the_log(
    state: str, severity: str, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    built("log", Settings(), clock).send(replace(MESSAGE, state=state, severity=severity), 1)
    assert [each.levelno for each in caplog.records if each.name == "revtrace.alerts"] == [
        logging.INFO
    ]
