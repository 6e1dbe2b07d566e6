"""Who was not let in, for the log: a sender that goes on trying is a line a minute, not a line a
request.
"""

import logging
import threading
from collections.abc import Callable

LOG = logging.getLogger("revtrace.collector")

AGAIN_SECONDS = 60.0
# What senders say may be part of a text, so there could be any number of them: so many a minute.
TEXTS_MAX = 100


class RefusedSenders:
    """Tells of refusals by their text; any thread may."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        # When a text was last logged, and how often it came since.
        self._told: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def tell(self, text: str) -> None:
        """Log a refusal, unless it was logged within the last minute; then it is counted. Of more
        different ones than `TEXTS_MAX` within a minute the rest is not told.
        """
        # A sender's own words must not pass for lines of the log.
        text = "".join(each if each.isprintable() else "?" for each in text)
        now = self._monotonic()
        with self._lock:
            at, more = self._told.get(text, (now - AGAIN_SECONDS, 0))
            if now - at < AGAIN_SECONDS:
                self._told[text] = (at, more + 1)
                return
            # Behind the others, so that the first is always the one that was logged first.
            self._told.pop(text, None)
            if len(self._told) >= TEXTS_MAX:
                oldest = next(iter(self._told))
                if now - self._told[oldest][0] < AGAIN_SECONDS:
                    # Who says another word each time fills no log either.
                    return
                del self._told[oldest]
            self._told[text] = (now, 0)
        since = f" ({more:,} times more since it was last said)" if more else ""
        LOG.warning("a sender was refused: %s%s", text, since)
