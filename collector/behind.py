"""Writes what is durable already while the next group is taken: one job at a time, in order, in a
thread that lives as long as there is work.
"""

import threading
from collections.abc import Callable

IDLE_SECONDS = 10.0

Job = Callable[[], None]


class Behind:
    """At most one job runs; `put` waits for the one before. A failure is raised by the next `put`
    or `wait`, once.
    """

    def __init__(self, name: str = "behind", idle_seconds: float = IDLE_SECONDS) -> None:
        self._name = name
        self._idle_seconds = idle_seconds
        self._changed = threading.Condition()
        self._job: Job | None = None
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None

    def idle(self) -> bool:
        """Say whether nothing runs."""
        with self._changed:
            return self._job is None

    def put(self, job: Job, *, here: bool = False) -> None:
        """Run a job behind the caller, or `here` before it goes on."""
        self.wait()
        if here:
            job()
            return
        with self._changed:
            self._job = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait(self) -> None:
        """Return when nothing runs any more; raises what the last job raised."""
        with self._changed:
            while self._job is not None:
                self._changed.wait()
            failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def forget(self) -> None:
        """Return when nothing runs any more, whatever became of it."""
        with self._changed:
            while self._job is not None:
                self._changed.wait()
            self._failure = None

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._job is None and not self._changed.wait_for(
                    lambda: self._job is not None, self._idle_seconds
                ):
                    self._thread = None
                    return
                job = self._job
            assert job is not None
            failure: BaseException | None = None
            try:
                job()
            except BaseException as error:  # noqa: BLE001
                # Whoever waits for the job is the one to be told, whatever it is.
                failure = error
            with self._changed:
                self._job, self._failure = None, failure
                self._changed.notify_all()
