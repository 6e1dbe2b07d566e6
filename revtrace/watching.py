"""The thread that looks at the watched folder, again and again, a bounded look at a time."""

import logging
import threading
from typing import Any, Protocol

from core.errors import Overloaded, RevtraceError

JOIN_SECONDS = 2.0

log = logging.getLogger(__name__)


class Looks(Protocol):
    """The watched folder, as far as this thread knows it."""

    def look(self) -> Any:
        """Take what is whole by now."""


class WatchThread:
    """Looks until it is stopped; an import that is under way ends after the commit it is at, and
    goes on at the next start.
    """

    def __init__(self, every_seconds: float) -> None:
        self._every_seconds = every_seconds
        self._stopping = threading.Event()
        self._folder: Looks | None = None
        # A daemon, as all that is cut off is made again.
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self, folder: Looks) -> None:
        """Begin to look at a folder."""
        self._folder = folder
        self._thread.start()

    def stop(self) -> bool:
        """Ask the thread to end and wait a little; says whether it has."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(JOIN_SECONDS)
        return not self._thread.is_alive()

    def told(self, _: Any) -> None:
        """Hear of a commit of an import; raises Overloaded when the service stops."""
        if self._stopping.is_set():
            raise Overloaded("the service is stopping")

    def _run(self) -> None:
        while not self._stopping.wait(self._every_seconds):
            assert self._folder is not None
            # One of the loops that catch everything: a fault in one look must not end the service.
            try:
                self._folder.look()
            except (RevtraceError, OSError) as error:
                if not self._stopping.is_set():
                    log.warning("the watched folder could not be read: %s", error)
            except Exception:
                log.exception("the look at the watched folder failed")
