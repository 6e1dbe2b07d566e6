"""What the collector says of its own state: is it ready, and what waits where."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from collector.drain import Drain
from collector.identity import IdentityWatch
from collector.spool import Depth
from collector.spooling import SpoolingQueue
from collector.writer import Writer
from core.errors import RevtraceError

READY_SECONDS_MAX = 5.0


class Health:
    """Looks at the parts of a running collector; changes none."""

    def __init__(
        self, writer: Writer, queue: SpoolingQueue, drain: Drain, watch: IdentityWatch
    ) -> None:
        self._writer = writer
        self._queue = queue
        self._drain = drain
        self._watch = watch

    async def told(self) -> dict[str, Any]:
        """`ready`; `spooling` while deliveries are taken without the warehouse; `not ready`
        when they would be refused.
        """
        spool = spool_told(self._queue.spooled(), self._writer.clock.now())
        try:
            await asyncio.wait_for(asyncio.to_thread(self._writer.ping), READY_SECONDS_MAX)
        except (RevtraceError, TimeoutError) as error:
            # Whoever sends by way of a load balancer must still reach a collector that can spool.
            status = "spooling" if self._queue.takes_without_warehouse() else "not ready"
            why = str(error) or "the warehouse does not answer"
            return {"status": status, "why": why, "spool": spool}
        if not self._queue.spooling:
            return {"status": "ready", "spool": spool}
        status = "spooling" if self._queue.takes_without_warehouse() else "not ready"
        return {"status": status, "why": self._drain.trouble or "it is drained", "spool": spool}

    def gauges(self) -> Mapping[str, float]:
        """What /metrics shows of the present moment."""
        deliveries, size = self._queue.depth()
        depth = self._queue.spooled()
        told = spool_told(depth, self._writer.clock.now())
        return {
            "queue_deliveries": deliveries,
            "queue_bytes": size,
            "spooling": int(self._queue.spooling),
            "spool_deliveries": depth.deliveries,
            "spool_bytes": depth.bytes,
            "spool_oldest_seconds": told["oldest_seconds"] or 0,
            "spool_postponed_deliveries": depth.postponed,
            "identity_unbalanced_deliveries": self._watch.unbalanced,
        }


def spool_told(depth: Depth, now: datetime) -> dict[str, Any]:
    """The depth of a spool as documents show it."""
    age = max((now - depth.oldest).total_seconds(), 0.0) if depth.oldest else None
    return {
        "deliveries": depth.deliveries,
        "bytes": depth.bytes,
        "oldest_seconds": age,
        "postponed": depth.postponed,
    }
