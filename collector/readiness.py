"""Whether what is sent now would be kept, and what is wrong when not."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol

from core.errors import RevtraceError
from core.telemetry import without_secrets

ANSWER_SECONDS_MAX = 5.0
# Whoever may ask may ask often, without a token; the warehouse is asked no more than once a second.
ASK_SECONDS = 1.0

Document = dict[str, Any]


class Spare(Protocol):
    """What keeps deliveries while the warehouse is away."""

    @property
    def spooling(self) -> bool:
        """Whether deliveries go there now."""

    @property
    def why(self) -> str:
        """Why they do."""

    def takes_without_warehouse(self) -> bool:
        """Say whether there is room."""

    def told(self) -> Document:
        """What lies there."""


class Readiness:
    """Asks the warehouse; a spool with room counts as well."""

    def __init__(self, ping: Callable[[], None], spool: Spare | None = None) -> None:
        self._ping = ping
        self._spool = spool
        self._asking: asyncio.Task[str] | None = None
        self._asked_at = 0.0

    async def ask(self) -> tuple[bool, Document]:
        """Say whether it is ready, and a document that says why: `ready`; `spooling` while
        deliveries are taken by way of the spool; `not ready` when they would be refused.
        """
        now = time.monotonic()
        if self._asking is None or (self._asking.done() and now - self._asked_at >= ASK_SECONDS):
            self._asked_at = now
            self._asking = asyncio.create_task(self._away())
        why = await asyncio.shield(self._asking)
        told: Document = {"warehouse": "away" if why else "answers"}
        spool = self._spool
        if spool is None:
            return not why, _document("not ready" if why else "ready", why, told)
        told["spool"] = spool.told()
        if not why and not spool.spooling:
            return True, _document("ready", "", told)
        # Whoever sends by way of a load balancer must still reach a collector that can spool.
        room = spool.takes_without_warehouse()
        return room, _document("spooling" if room else "not ready", why or spool.why, told)

    async def _away(self) -> str:
        """Why the warehouse does not answer, empty when it does; many who ask share one answer."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                await asyncio.to_thread(self._ping)
        except TimeoutError:
            return f"the warehouse does not answer within {ANSWER_SECONDS_MAX:g} seconds"
        except RevtraceError as error:
            return without_secrets(str(error)) or "the warehouse is away"
        return ""


def _document(status: str, why: str, told: Document) -> Document:
    return {"status": status, **({"why": why} if why else {}), **told}
