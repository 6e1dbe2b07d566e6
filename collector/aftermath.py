"""What a collector that died, or a machine that lost its power, has left in the warehouse.

The writer asks before it recovers: nothing of an earlier commit may still be running, and what the
tables say was written must be there. Only the bytes of deliveries are synced to disk; everything
else can be made of them again, when somebody notices that it is missing.
"""

import logging
import time
from datetime import datetime, timedelta

from core.clock import Clock
from core.errors import StoreRefused, StoreUnavailable
from core.settings import CollectorSettings
from core.store import SqlFolder, Store

LOG = logging.getLogger("revtrace.collector")
SQL = SqlFolder(__file__)

# Clocks of two machines may differ by so much.
MARGIN = timedelta(minutes=1)
WRITTEN = (
    "deliveries",
    "events",
    "event_ids",
    "event_arrivals",
    "correlations",
    "event_spans",
    "quarantine",
    "delivery_closings",
    "batches",
    "landing",
    "landing_lines",
    "landing_logs",
    "landing_spans",
    "landing_lean_logs",
    "landing_lean_spans",
    "landing_lean_lines",
    "staged",
    "staged_other",
    "repeated",
    "repeated_other",
)
OURS = rf"(^|\s)INSERT INTO (`?\w+`?\.)?`?({'|'.join(WRITTEN)})`?[\s(]"


class Aftermath:
    """Questions of a recovery about what happened before it."""

    def __init__(self, store: Store, clock: Clock, settings: CollectorSettings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings

    def end_orphans(self) -> None:
        """End the inserts that a server still runs for nobody; raises StoreUnavailable while one
        does not end. MUST be called by the one admitting writer, with no insert of its own running.
        """
        if self._store.embedded:
            return
        ours = {"ours": OURS}
        try:
            running = self._store.value(SQL["count_orphans"], ours)
            if not running:
                return
            LOG.warning("ending %d inserts of a collector that is gone", running)
            self._store.command(SQL["end_orphans"], ours)
        except StoreRefused as error:
            LOG.warning("inserts of a collector that is gone cannot be ended: %s", error)
        if self._store.value(SQL["count_orphans"], ours):
            raise StoreUnavailable(
                "an insert of an earlier collector still runs", "", "It is waited for"
            )

    def first_damaged(self, newest: datetime) -> int | None:
        """The first of the last commits of which something is missing, None when all is there.

        They are looked at only where the warehouse may have lost its power since: the machine of an
        embedded one, or the server, has started again. Its process alone cannot take what it wrote.
        """
        if not self._settings.recheck_seconds or not self._has_restarted(newest):
            return None
        since = newest - timedelta(seconds=self._settings.recheck_seconds)
        bounds = {"since": since, "batches_max": self._settings.recheck_batches_max}
        window = self._store.rows(SQL["identity_window"], bounds)[0]
        found = self._store.rows(SQL["find_damage"], window) if window["last"] else []
        if not found:
            return None
        damaged = int(found[0]["batch"])
        begun = self._store.rows(SQL["first_made_again"], {"damaged": damaged})
        return min([damaged, *(int(row["batch"]) for row in begun)])

    def _has_restarted(self, newest: datetime) -> bool:
        """Whether nothing was committed since, or the clock cannot be trusted to tell."""
        now = self._clock.now()
        started = now - timedelta(seconds=self._up_seconds())
        return newest > now or newest < started + MARGIN

    def _up_seconds(self) -> float:
        if self._store.embedded:
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return float(self._store.value(SQL["uptime"]))
