"""Whether what is sent now would be kept, and what is wrong when not."""

import asyncio
import time
from collections.abc import Callable

from core.errors import RevtraceError
from core.telemetry import without_secrets

ANSWER_SECONDS_MAX = 5.0
# Whoever may ask may ask often, without a token; the warehouse is asked no more than once a second.
ASK_SECONDS = 1.0

Document = dict[str, str]


class Readiness:
    """Asks the warehouse; a place to keep deliveries while it is away counts as well."""

    def __init__(self, ping: Callable[[], None]) -> None:
        self._ping = ping
        self._spares: dict[str, Callable[[], bool]] = {}
        self._asking: asyncio.Task[tuple[bool, Document]] | None = None
        self._asked_at = 0.0

    def add_spare(self, name: str, has_room: Callable[[], bool]) -> None:
        """Name a place that takes deliveries while the warehouse is away, as long as it has
        room.
        """
        self._spares[name] = has_room

    async def ask(self) -> tuple[bool, Document]:
        """Say whether it is ready, and a document that says why; many who ask share one answer."""
        now = time.monotonic()
        if self._asking is None or (self._asking.done() and now - self._asked_at >= ASK_SECONDS):
            self._asked_at = now
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def _ask(self) -> tuple[bool, Document]:
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                await asyncio.to_thread(self._ping)
        except TimeoutError:
            why = f"the warehouse does not answer within {ANSWER_SECONDS_MAX:g} seconds"
        except RevtraceError as error:
            why = without_secrets(str(error))
        else:
            return True, {"status": "ready", "warehouse": "answers"}
        document = {"warehouse": "away", "why": why}
        for name, has_room in self._spares.items():
            if has_room():
                return True, {"status": "ready", **document, name: "has room"}
            document[name] = "is full"
        return False, {"status": "not ready", **document}
