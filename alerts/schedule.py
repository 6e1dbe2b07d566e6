"""The schedule: the only importer of APScheduler. Runs a turn every so many seconds, never two at
once.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC

# APScheduler carries no types.
from apscheduler.events import (  # type: ignore[import-untyped]
    EVENT_JOB_MAX_INSTANCES,
    JobSubmissionEvent,
)
from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
from apscheduler.schedulers.background import (  # type: ignore[import-untyped]
    BackgroundScheduler,
)

from core.clock import SystemClock
from core.errors import Retryable, RevtraceError

log = logging.getLogger("revtrace.alerts")


class Schedule:
    """Runs `turn` until it is stopped. `interrupt` MUST make a running turn end soon.

    `counts` tells how many turns went well (`done`), failed (`failed`), or were left out because
    the one before was still running (`late`). A failed turn is logged and counted, and the next one
    comes all the same.
    """

    def __init__(
        self, turn: Callable[[], object], every_seconds: float, interrupt: Callable[[], None]
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._turn = turn
        self._every_seconds = every_seconds
        self._interrupt = interrupt
        self._idle = threading.Event()
        self._idle.set()
        self._stopping = threading.Event()
        # It warns of each run it leaves out; that is counted here, and a hanging webhook would fill
        # the log.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = BackgroundScheduler(
            timezone=UTC, executors={"default": ThreadPoolExecutor(1)}
        )

    def start(self) -> None:
        """Begin; the first turn comes at once."""
        self._scheduler.add_listener(self._count_late, EVENT_JOB_MAX_INSTANCES)
        self._scheduler.add_job(
            self._run,
            "interval",
            seconds=self._every_seconds,
            next_run_time=SystemClock().now(),  # when to run, not what to judge
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            id="alerts",
        )
        self._scheduler.start()

    def stop(self, timeout_seconds: float = 4.0) -> bool:
        """End the running turn and begin no other; says whether it ended in time. A second call is
        harmless.
        """
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._interrupt()
        return self._idle.wait(timeout_seconds)

    def _run(self) -> None:
        """The named loop of jobs: whatever happens in a turn ends here."""
        self._idle.clear()
        try:
            if self._stopping.is_set():
                return
            self._turn()
            self.counts["done"] += 1
        except Retryable as error:
            self.counts["failed"] += 1
            log.warning("alerts could not be evaluated, they are tried again: %s", error)
        except RevtraceError as error:
            self.counts["failed"] += 1
            log.error("alerts could not be evaluated: %s", error)
        except Exception:
            self.counts["failed"] += 1
            log.exception("alerts could not be evaluated")
        finally:
            self._idle.set()

    def _count_late(self, _: JobSubmissionEvent) -> None:
        self.counts["late"] += 1
