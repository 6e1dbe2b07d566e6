"""The schedule: turns come again and again, never two at once, and stop when they are told to."""

import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from alerts.notifier import Setup
from alerts.notifiers.webhook import Webhook, build
from alerts.schedule import Schedule
from core.clock import FixedClock
from core.errors import StoreUnavailable
from core.settings import AlertSettings, Settings
from core.store import Store
from tests.alerts.arrange import Desk, pipeline, receiver, row, rule

Make = Callable[..., Schedule]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Schedule] = []

    def make(turn: Callable[[], object], seconds: float = 0.02) -> Schedule:
        made.append(Schedule(turn, seconds, lambda: None))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        threading.Event().wait(0.01)


def test_turns_come_again_and_the_first_at_once(make: Make) -> None:
    schedule = make(lambda: None, 0.02)
    schedule.start()
    until(lambda: schedule.counts["done"] >= 3)
    first = make(lambda: None, 3600)
    first.start()
    until(lambda: first.counts["done"] == 1)


@pytest.mark.filterwarnings("default")
def test_a_turn_that_fails_is_logged_and_counted_and_the_next_one_comes(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[Exception] = [StoreUnavailable("the warehouse is away"), KeyError("a bug")]

    def turn() -> None:
        if errors:
            raise errors.pop(0)

    schedule = make(turn)
    schedule.start()
    until(lambda: schedule.counts["done"] >= 1)
    assert schedule.counts["failed"] == 2
    levels = [each.levelno for each in caplog.records if each.name == "revtrace.alerts"]
    assert levels == [logging.WARNING, logging.ERROR]


def test_turns_never_overlap_and_the_late_ones_are_counted(make: Make) -> None:
    going_on = threading.Event()
    running: list[int] = []
    most: list[int] = []

    def turn() -> None:
        running.append(1)
        most.append(len(running))
        going_on.wait(5)
        running.pop()

    schedule = make(turn)
    schedule.start()
    until(lambda: schedule.counts["late"] >= 3)
    going_on.set()
    until(lambda: schedule.counts["done"] >= 2)
    assert max(most) == 1


def test_stop_waits_for_the_running_turn_and_says_when_it_does_not_end(make: Make) -> None:
    started, end = threading.Event(), threading.Event()

    def turn() -> None:
        started.set()
        end.wait(10)

    schedule = make(turn)
    schedule.start()
    assert started.wait(5)
    assert not schedule.stop(0.05)
    end.set()
    assert schedule.stop()
    done = schedule.counts["done"]
    threading.Event().wait(0.1)
    assert schedule.counts["done"] == done


def test_a_schedule_that_never_started_stops() -> None:
    assert Schedule(lambda: None, 1, lambda: None).stop()


def test_stopping_breaks_off_a_hanging_webhook_and_the_next_start_delivers(
    store: Store, clock: FixedClock
) -> None:
    with receiver() as other_side:
        other_side.answers = [0, 204]

        def hook() -> Webhook:
            settings = Settings(alerts=AlertSettings(webhook_url=other_side.url))
            built = build(Setup(settings, clock))
            assert isinstance(built, Webhook)
            return built

        rules = [rule(channels=("webhook",))]
        pipe = pipeline(store, Desk([row()]), clock, rules, {"webhook": hook()})
        schedule = Schedule(pipe.turn, 3600, pipe.interrupt)
        schedule.start()
        assert other_side.asked.wait(5)
        before = time.monotonic()
        assert schedule.stop()
        assert time.monotonic() - before < 2
        pipeline(store, Desk([row()]), clock, rules, {"webhook": hook()}).turn()
        first, second = other_side.requests
        assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
        # Nobody knows whether the broken-off attempt arrived, so it is not counted as one.
        assert second.headers["revtrace-attempt"] == "1"
