"""How many bytes of request bodies may be in memory at once, over all requests and protocols.

Every body has a bound of its own; without one for their sum, a few hundred senders of large bodies
would take the machine's memory together. A request has a Share, which counts its bytes as they
come, as they are decompressed and as they are prepared, and which gives all of them back when the
request ends, however it ends.

HTTP counts chunk by chunk, and the request for which no room is left is asked to come again. The
gRPC library hands over whole messages only, so a place for the largest one is reserved before it is
read; such places take at most half of the budget, and a call waits a moment for its place. Nobody
can see whether a message is on its way before it is there whole. So who has a place is told when
others wait for one, and has a moment left to send: calls that send nothing keep nobody out.

What is counted is there once. While the parts of a body are put together it is there twice, which
happens to one body at a time; and what is being committed is there once more for the engine, which
the bounds of a commit bound.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from core.errors import Overloaded


class ByteBudget:
    """The bytes that all requests share; `refused` hears of each request that found no room.

    Any thread may take; places are reserved and given back in the one loop that serves requests.
    """

    def __init__(self, bytes_max: int, refused: Callable[[], None] = lambda: None) -> None:
        self._bytes_max = bytes_max
        self._refused = refused
        self._lock = threading.Lock()
        self._held = 0
        self._reserved = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        # How those are told that others wait who have a place and no message yet.
        self._sending: dict[Share, Callable[[], None]] = {}

    @property
    def held(self) -> int:
        """Bytes that requests hold just now, reserved places included."""
        return self._held

    @property
    def left(self) -> int:
        """Bytes for which there is room just now."""
        return self._bytes_max - self._held

    @contextmanager
    def share(self) -> Iterator["Share"]:
        """The share of one request, given back at its end; it is that of the present task too."""
        share = Share(self)
        SHARE.set(share)
        try:
            yield share
        finally:
            share.give_back()

    def full(self) -> Overloaded:
        """What the sender of a request for which there is no room is told."""
        self._refused()
        return Overloaded(
            "the bodies of all requests together are larger than may be held",
            f"at most {self._bytes_max} bytes at once",
            "Send it again after a moment",
            retry_after_seconds=1,
        )

    def take(self, size: int) -> None:
        """Take bytes, at once or not at all; raises Overloaded."""
        with self._lock:
            fits = self._held + size <= self._bytes_max
            self._held += size if fits else 0
        if not fits:
            raise self.full()

    def give(self, size: int, *, reserved: bool = False) -> None:
        """Give bytes back, and let in who waits for them."""
        with self._lock:
            self._held -= size
            self._reserved -= size if reserved else 0
        while self._waiting:
            wanted, place = self._waiting[0]
            if not place.done():
                if not self._reserve_now(wanted):
                    return
                place.set_result(None)
            self._waiting.popleft()

    def exchange(self, place: int, size: int) -> None:
        """Give a reserved place back and take bytes, in one step, so that nobody who waits gets
        between; raises Overloaded, and then only the place is given back.
        """
        with self._lock:
            self._held -= place
            self._reserved -= place
            fits = self._held + size <= self._bytes_max
            self._held += size if fits else 0
        self.give(0)
        if not fits:
            raise self.full()

    async def reserve(self, size: int, seconds: float) -> int:
        """Wait for a place of that many bytes, in turn, and return its size; raises Overloaded
        after so many seconds.
        """
        size = min(size, self._bytes_max // 2)
        if not self._waiting and self._reserve_now(size):
            return size
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, place))
        for hurry in list(self._sending.values()):
            hurry()
        try:
            async with asyncio.timeout(seconds):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                # It was given in the very moment in which nobody waited for it any more.
                self.give(size, reserved=True)
            if isinstance(error, TimeoutError):
                raise self.full() from None
            raise
        return size

    @contextmanager
    def sending(self, share: "Share", hurry: Callable[[], None]) -> Iterator[None]:
        """While the message is awaited for which a place was reserved: `hurry` is called when
        others wait for one, maybe at once.
        """
        self._sending[share] = hurry
        try:
            if self._waiting:
                hurry()
            yield
        finally:
            del self._sending[share]

    def _reserve_now(self, size: int) -> bool:
        with self._lock:
            beside = self._reserved and self._reserved + size > self._bytes_max // 2
            if beside or self._held + size > self._bytes_max:
                return False
            self._held += size
            self._reserved += size
            return True


class Share:
    """What one request holds of the budget."""

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self._lock = threading.Lock()
        self._held = 0
        self._place = 0
        self._ended = False

    def take(self, size: int) -> None:
        """Hold more bytes; raises Overloaded where there is no room for them, or where a thread
        still works for a request that is over.
        """
        with self._lock:
            if self._ended:
                raise Overloaded("the request is over")
            self._budget.take(size)
            self._held += size

    def give(self, size: int) -> None:
        """Hold fewer bytes, since something that they were counted for is gone."""
        with self._lock:
            size = min(size, self._held)
            self._held -= size
        self._budget.give(size)

    def expect(self, size: int) -> None:
        """Say that so many bytes are about to come; raises Overloaded where it is clear already
        that there is no room for them. Nothing is held for who only announces.
        """
        if size > self._budget.left:
            raise self._budget.full()

    async def reserve(self, size: int, seconds: float) -> None:
        """Hold a place for a message of unknown size; raises Overloaded when none becomes free."""
        self._place = await self._budget.reserve(size, seconds)

    def arrived(self, size: int) -> None:
        """Hold what came in place of the place that was reserved for it; raises Overloaded."""
        with self._lock:
            if self._ended:
                raise Overloaded("the request is over")
            place, self._place = self._place, 0
            self._budget.exchange(place, size)
            self._held += size

    def give_back(self) -> None:
        """Hold nothing, now and from now on; a second call does nothing."""
        self._leave_place()
        with self._lock:
            self._ended = True
            held, self._held = self._held, 0
        self._budget.give(held)

    def _leave_place(self) -> None:
        place, self._place = self._place, 0
        if place:
            self._budget.give(place, reserved=True)


# The share of the request that the present task answers.
SHARE: ContextVar[Share] = ContextVar("revtrace_share")
