"""The thread that turns the refresh wheel: again and again, one bounded turn at a time.

A turn that fails is logged and tried again after a growing pause: its work is still there, since a
turn records how far it has come only when it is through. Where another process has begun to turn
(a rebuild beside the service, a second service), this one says so once, stops, and goes on when the
other has given the place back.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol

from core.errors import RevtraceError, WheelTaken

PAUSE_SECONDS_MAX = 60.0
# A load of history looks like a steady stream for a while; alerts on half of it would be false.
BUSY_TURNS_MAX = 30
JOIN_SECONDS = 2.0
# How much less often a wheel that was outdone asks whether the place is free again.
TAKEN_PAUSES = 4

log = logging.getLogger(__name__)


class Turns(Protocol):
    """The wheel, as far as this thread knows it."""

    def turn(self) -> Any:
        """Take in what is new, at most a bounded amount; the report says how many events it
        took.
        """


class WheelThread:
    """Turns a wheel until it is stopped. `rested` is called when a turn finds nothing after one
    that did.
    """

    def __init__(self, wheel: Turns, pause_seconds: float, rested: Callable[[], None]) -> None:
        self._wheel = wheel
        self._pause_seconds = pause_seconds
        self._rested = rested
        self._stopping = threading.Event()
        # A daemon: a turn that is cut off is made again, so stopping never waits for a long one.
        self._thread = threading.Thread(target=self._run, name="wheel", daemon=True)
        self._caught_up = False
        self._busy_turns = 0
        self._outdone = False
        self.failures = 0

    def caught_up(self) -> bool:
        """Say whether findings can be trusted: the last turn found nothing to do, or events come in
        so steadily that there is always something.
        """
        return self._caught_up

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> bool:
        """Ask the thread to end and wait a little; says whether it has."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(JOIN_SECONDS)
        return not self._thread.is_alive()

    def _run(self) -> None:
        worked = True
        pause = 0.0
        while not self._stopping.wait(pause):
            pause = self._pause_seconds
            # One of the loops that catch everything: a fault in one turn must not end the service.
            try:
                took = self._wheel.turn().events
                if worked and not took:
                    self._rested()
                worked = bool(took)
                self._busy_turns = self._busy_turns + 1 if worked else 0
                self._caught_up = not worked or self._busy_turns > BUSY_TURNS_MAX
                self.failures = 0
                self._outdone = False
            except WheelTaken as taken:
                if not self._outdone:
                    log.warning("the refresh stops here: %s", taken)
                self._outdone, self._caught_up, worked = True, False, True
                pause = min(self._pause_seconds * TAKEN_PAUSES, PAUSE_SECONDS_MAX)
                continue
            except Exception as error:
                if self._stopping.is_set():
                    log.info("a refresh was cut off by the stop; the next start makes it again")
                    return
                self.failures += 1
                self._caught_up = False
                pause = min(self._pause_seconds * 2**self.failures, PAUSE_SECONDS_MAX)
                self._tell(error, pause)
                continue
            if worked:
                pause = 0.0

    def _tell(self, error: Exception, pause: float) -> None:
        fields = {"failures": self.failures, "again_in_seconds": pause}
        if isinstance(error, RevtraceError):
            log.warning("the refresh failed: %s", error, extra=fields)
        else:
            log.error("the refresh failed", exc_info=error, extra=fields)
