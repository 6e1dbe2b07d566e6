"""What every HTTP receiver does alike: read the body in its bounds, submit it, wait for its
receipt, tell errors.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from collector.body import BodyTooLarge, BodyTooSlow, EncodingUnknown, read_body, undo_encoding
from collector.commits import CommitQueue
from collector.delivery import Delivery, Receipt
from collector.measures import Measures
from collector.writer import Writer
from core.errors import BadInput, Overloaded, Permanent, Retryable, RevtraceError
from core.settings import CollectorSettings, HttpSettings

T = TypeVar("T")

# Work on less than this is done in the event loop: handing it to a thread would cost more.
INLINE_BYTES = 64 * 1024


class TypeUnknown(BadInput):
    """A content type that this path does not take."""


@dataclass(frozen=True)
class Door:
    """What receivers need to make a delivery of a request and to have it committed."""

    writer: Writer
    queue: CommitQueue
    measures: Measures
    http: HttpSettings
    settings: CollectorSettings

    async def body(self, request: Request) -> bytes:
        """The body with its encoding undone; raises BadInput or a kind of it."""
        return await self.decoded(request, await self.raw_body(request))

    async def raw_body(self, request: Request) -> bytes:
        """The body as it was sent, in its bounds; raises BadInput or a kind of it."""
        bound = self.http.body_bytes_max
        declared = request.headers.get("content-length")
        try:
            # A body that trickles in holds one of the few requests that are served at once.
            async with asyncio.timeout(self.http.body_seconds):
                return await read_body(request.stream(), declared, bound)
        except TimeoutError:
            raise BodyTooSlow(
                f"the body took longer than {self.http.body_seconds:g} seconds to arrive",
                "",
                "Send it again, in smaller batches if need be",
            ) from None
        except ClientDisconnect:
            raise BadInput("the request ended before its body did") from None

    async def decoded(self, request: Request, raw: bytes) -> bytes:
        """A body with its encoding undone, in its bounds; raises BadInput or a kind of it."""
        encoding = request.headers.get("content-encoding", "")
        body = await _beside(
            len(raw) if encoding else 0,
            lambda: undo_encoding(raw, encoding, self.http.body_bytes_max),
        )
        self.measures.received(len(body))
        return body

    async def commit(self, delivery: Delivery) -> Receipt:
        """Prepare, queue and await; raises Permanent when refused, Retryable when it should come
        again.
        """
        prepared = await _beside(delivery.size, lambda: self.writer.prepare(delivery))
        future = asyncio.wrap_future(self.queue.submit(prepared))
        future.add_done_callback(_noticed)
        try:
            # Shielded: giving up the wait must not cancel what the thread of commits still answers.
            wait = self.settings.commit_timeout_seconds
            return await asyncio.wait_for(asyncio.shield(future), wait)
        except TimeoutError:
            raise Overloaded(
                "the commit takes too long",
                "it may still be kept",
                "Send it again, nothing is stored twice",
            ) from None


def status_of(error: RevtraceError) -> int:
    """The HTTP status that tells a sender whether to come again."""
    if isinstance(error, Retryable):
        return 503
    if isinstance(error, BodyTooLarge):
        return 413
    if isinstance(error, BodyTooSlow):
        return 408
    if isinstance(error, (EncodingUnknown, TypeUnknown)):
        return 415
    return 400 if isinstance(error, Permanent) else 503


def told(error: RevtraceError, response: Response) -> Response:
    """Say when to come again, and close the connection where the rest of a body was left unread."""
    if isinstance(error, Retryable):
        response.headers["retry-after"] = str(error.retry_after_seconds)
    if isinstance(error, (BodyTooLarge, BodyTooSlow)):
        response.headers["connection"] = "close"
    return response


def media_type(request: Request) -> str:
    """The content type without its parameters, in lower case."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


def _noticed(future: "asyncio.Future[Receipt]") -> None:
    """Take the error of an answer that nobody waits for any more, or asyncio complains of it."""
    if not future.cancelled():
        future.exception()


async def _beside(size: int, work: Callable[[], T]) -> T:
    return work() if size < INLINE_BYTES else await asyncio.to_thread(work)
