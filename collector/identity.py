"""The identity: received = stored + duplicates + quarantined + skipped, for every delivery.

The writer keeps it; here somebody looks, again and again, whether it is kept.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.errors import RevtraceError
from core.settings import CollectorSettings
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
LOG = logging.getLogger("revtrace.collector")
# No bound: more commits than there can be.
BATCHES_MAX = 2**62
NO_NAME = "(named by the records)"


@dataclass(frozen=True)
class Imbalance:
    """A delivery of an ended commit whose counts do not agree with each other or with what is
    stored.
    """

    delivery: str
    source: str
    hour: datetime
    text: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Imbalance":
        """Put a row of check_identity.sql into words."""
        text = (
            "received {received} is not stored {stored} + duplicates {duplicates} "
            "+ quarantined {quarantined} + skipped {skipped}, or not what is there: "
            "{stored_rows} events, {quarantined_rows} quarantined"
            if row["closed"]
            else "it was never closed: {stored_rows} events, {quarantined_rows} quarantined"
        )
        return cls(row["delivery"], row["source"], row["hour"], text.format(**row))


def check(store: Store, since: datetime, batches_max: int) -> list[Imbalance]:
    """The deliveries that do not balance, a hundred at most, of the commits since then that have
    ended, so many at the most.
    """
    bounds = {"since": since, "batches_max": batches_max}
    window = store.rows(SQL["identity_window"], bounds)[0]
    return [Imbalance.of(row) for row in store.rows(SQL["check_identity"], window)]


Check = Callable[[timedelta, int], Sequence[Imbalance]]


class IdentityWatch:
    """Checks the deliveries of the last hour on a schedule, and says aloud when one does not
    balance.
    """

    def __init__(self, check: Check, settings: CollectorSettings) -> None:
        self._check = check
        self._settings = settings
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="identity", daemon=True)
        self.unbalanced = 0

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; a check that runs is not waited for."""
        self._stopped.set()

    def look(self) -> None:
        """Check once; a warehouse that is away is asked at the next time."""
        since = timedelta(seconds=self._settings.identity_seconds)
        try:
            found = self._check(since, self._settings.identity_batches_max)
        except RevtraceError as error:
            LOG.debug("the identity could not be checked: %s", error)
            return
        self.unbalanced = len(found)
        wrong = Counter((one.source or NO_NAME, one.hour) for one in found)
        for (source, hour), count in sorted(wrong.items()):
            first = next(
                one for one in found if (one.source or NO_NAME, one.hour) == (source, hour)
            )
            LOG.error(
                "%d deliveries of source %s in the hour from %s do not balance; delivery %s: %s",
                count,
                source,
                hour.isoformat(),
                first.delivery,
                first.text,
            )

    def _run(self) -> None:
        while not self._stopped.wait(self._settings.identity_every_seconds):
            try:
                self.look()
            except Exception:
                LOG.exception("the check of the identity goes on after a fault")
