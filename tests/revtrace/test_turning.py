"""The thread of the wheel: goes on after a fault, rests after work, and stops."""

import threading
from collections.abc import Callable, Iterator

import pytest

from core.errors import StoreUnavailable, WheelTaken
from lineage.turns import IDLE, TurnReport
from revtrace.turning import BUSY_TURNS_MAX, WheelThread

WORK = TurnReport(1, 10, 1, 1)
WAIT_SECONDS = 10


class Script:
    """A wheel whose turns are told beforehand; afterwards it is idle."""

    def __init__(self, *turns: TurnReport | Exception) -> None:
        self._turns: Iterator[TurnReport | Exception] = iter(turns)
        self.through = threading.Event()

    def turn(self) -> TurnReport:
        told = next(self._turns, None)
        if isinstance(told, Exception):
            raise told
        if told is None:
            self.through.set()
        return told or IDLE


@pytest.fixture
def turning() -> Iterator[Callable[[Script], tuple[WheelThread, list[str]]]]:
    """Starts a thread on a script; all are stopped after the test."""
    started: list[WheelThread] = []

    def start(script: Script) -> tuple[WheelThread, list[str]]:
        rests: list[str] = []
        thread = WheelThread(script, 0.001, lambda: rests.append("rest"))
        started.append(thread)
        thread.start()
        assert script.through.wait(WAIT_SECONDS)
        return thread, rests

    yield start
    assert all(thread.stop() for thread in started)


def test_turns_until_nothing_is_left_and_rests_once(
    turning: Callable[[Script], tuple[WheelThread, list[str]]],
) -> None:
    thread, rests = turning(Script(WORK, WORK, WORK))
    assert thread.stop()
    assert thread.caught_up()
    assert rests == ["rest"]


def test_fault_in_a_turn_is_tried_again(
    turning: Callable[[Script], tuple[WheelThread, list[str]]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = Script(StoreUnavailable("the warehouse is away"), ZeroDivisionError("ours"), WORK)
    thread, _ = turning(script)
    assert thread.failures == 0
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
    assert "the warehouse is away" in caplog.text


def test_after_a_fault_findings_are_not_trusted() -> None:
    seen: list[bool] = []
    done = threading.Event()

    class Fails:
        """Is idle once, fails once, and then looks whether findings count as trusted."""

        def turn(self) -> TurnReport:
            seen.append(thread.caught_up())
            if len(seen) == 2:
                raise StoreUnavailable("the warehouse is away")
            if len(seen) == 3:
                done.set()
            return IDLE

    thread = WheelThread(Fails(), 0.001, lambda: None)
    thread.start()
    assert done.wait(WAIT_SECONDS)
    assert thread.stop()
    assert seen[:3] == [False, True, False]


def test_a_turn_that_the_stop_cuts_off_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    turns, closed = threading.Event(), threading.Event()

    class Cut:
        """Is in the middle of a turn when the warehouse is closed under it."""

        def turn(self) -> TurnReport:
            turns.set()
            closed.wait(WAIT_SECONDS)
            raise RuntimeError("The client has been closed")

    thread = WheelThread(Cut(), 0.001, lambda: None)
    thread.start()
    assert turns.wait(WAIT_SECONDS)
    threading.Timer(0.1, closed.set).start()
    assert thread.stop()
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert thread.failures == 0


def test_thread_that_was_never_started_stops_too() -> None:
    assert WheelThread(Script(), 1.0, lambda: None).stop()


def test_a_steady_stream_does_not_silence_alerts_and_a_load_does_for_a_while() -> None:
    seen: list[bool] = []
    done = threading.Event()

    class Stream:
        """Always has work; after each turn it looks whether findings count as trusted."""

        def turn(self) -> TurnReport:
            seen.append(thread.caught_up())
            if len(seen) > BUSY_TURNS_MAX + 2:
                done.set()
            return WORK

    thread = WheelThread(Stream(), 0.001, lambda: None)
    thread.start()
    assert done.wait(WAIT_SECONDS)
    assert thread.stop()
    assert seen[: BUSY_TURNS_MAX + 1] == [False] * (BUSY_TURNS_MAX + 1)
    assert seen[BUSY_TURNS_MAX + 2]


def test_a_wheel_that_was_outdone_says_so_once_and_goes_on_when_it_may(
    turning: Callable[[Script], tuple[WheelThread, list[str]]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    taken = WheelTaken("the wheel is turned by another")
    thread, rests = turning(Script(WORK, taken, taken, taken))
    assert thread.stop()
    assert caplog.text.count("the refresh stops here: the wheel is turned by another") == 1
    assert (thread.failures, rests) == (0, ["rest"])
