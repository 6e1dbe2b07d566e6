"""What every HTTP receiver does alike: read the body in its bounds, submit it, wait for its
receipt, tell errors.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from collector.access import Access, Forbidden, TooMany, Unauthorized
from collector.body import (
    BodyTooLarge,
    BodyTooSlow,
    EncodingUnknown,
    discard_body,
    read_body,
    undo_encoding,
)
from collector.budget import SHARE, ByteBudget
from collector.delivery import Delivery, Receipt
from collector.measures import Measures
from collector.spooling import SpoolingQueue
from collector.writer import Writer
from core.errors import BadInput, Overloaded, Permanent, Retryable, RevtraceError
from core.settings import CollectorSettings, HttpSettings
from core.telemetry import DELIVERY

T = TypeVar("T")

# What a receiver answers when it does not answer 200, for the description of the interface.
ANSWERS: Mapping[int | str, dict[str, Any]] = {
    400: {"description": "No record can be told apart in the body."},
    401: {"description": "A token is needed, or the one that came is not valid."},
    403: {"description": "The token may not send for this source."},
    408: {"description": "The body took too long to arrive."},
    413: {"description": "The body is too large."},
    415: {"description": "The content type or encoding is not known."},
    429: {"description": "The token sends more than it may; come again after Retry-After seconds."},
    503: {"description": "Come again after Retry-After seconds; nothing is stored twice."},
}

# Work on less than this is done in the event loop: handing it to a thread would cost more.
INLINE_BYTES = 64 * 1024
# Undoing an encoding is that much more work than the bytes that were sent tell.
PACKED_WEIGHT = 16


class TypeUnknown(BadInput):
    """A content type that this path does not take."""


class Direct(APIRoute):
    """A route whose endpoint takes the request as it is and gives the response: what the framework
    does for the parameters of others is more work than all of ours for a small body.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint itself."""
        endpoint: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return endpoint


@dataclass(frozen=True)
class Door:
    """What receivers need to make a delivery of a request and to have it committed."""

    writer: Writer
    queue: SpoolingQueue
    measures: Measures
    http: HttpSettings
    settings: CollectorSettings
    access: Access
    budget: ByteBudget

    def admit(self, request: Request) -> None:
        """Judge who sends, for the source that the URL names; what is committed for this request
        is held to it. Raises Unauthorized, Forbidden or TooMany.
        """
        source = request.path_params.get("source") or request.query_params.get("source")
        self.access.enter(request.headers.get("authorization"), source)

    async def body(self, request: Request) -> bytes:
        """The body with its encoding undone, once its sender was admitted; raises BadInput or a
        kind of it.
        """
        self.admit(request)
        return await self.decoded(request, await self.raw_body(request))

    async def raw_body(self, request: Request) -> bytes:
        """The body as it was sent, in its bounds, whoever sent it; raises as `body`."""
        bound = self.http.body_bytes_max
        declared = request.headers.get("content-length")
        share = SHARE.get()
        chunks = request.stream()
        try:
            # A body that trickles in holds one of the few requests that are served at once.
            async with asyncio.timeout(self.http.body_seconds):
                try:
                    if declared and declared.isdigit() and int(declared) <= bound:
                        share.expect(int(declared))
                    return await read_body(chunks, declared, bound, share.take)
                except Overloaded:
                    # Who is still sending hears no answer: clients see a broken connection.
                    share.give_back()
                    await discard_body(chunks, bound)
                    raise
        except TimeoutError:
            raise BodyTooSlow(
                f"the body took longer than {self.http.body_seconds:g} seconds to arrive",
                "",
                "Send it again, in smaller batches if need be",
            ) from None
        except ClientDisconnect:
            raise BadInput("the request ended before its body did") from None

    async def decoded(self, request: Request, raw: bytes) -> bytes:
        """A body with its encoding undone, in its bounds, counted for who was admitted; raises
        BadInput or a kind of it.
        """
        encoding = request.headers.get("content-encoding", "")
        body = await self.undone(raw, encoding, self.http.body_bytes_max)
        self.access.granted().charge(len(body))
        self.measures.received(len(body))
        return body

    async def undone(self, raw: bytes, encoding: str, bytes_max: int) -> bytes:
        """What was sent without its encoding, for whichever protocol, held by the request's share;
        raises as `undo_encoding`, and Overloaded.
        """
        share = SHARE.get()
        body = await _beside(
            len(raw) * PACKED_WEIGHT if encoding else 0,
            lambda: undo_encoding(raw, encoding, bytes_max, share.take),
        )
        if body is not raw:
            share.give(len(raw))
        return body

    async def commit(self, delivery: Delivery) -> Receipt:
        """Prepare, queue and await a receipt, which is Spooled while the warehouse is away; raises
        Permanent when refused, Retryable when it should come again.
        """
        limited = self.access.granted().limit(delivery)
        prepared = await _beside(limited.size, lambda: self.writer.prepare(limited))
        SHARE.get().take(max(0, prepared.size - limited.size))
        answer = _awaited(self.queue.submit(prepared))
        try:
            async with asyncio.timeout(self.settings.commit_timeout_seconds):
                receipt = await answer
        except TimeoutError:
            raise Overloaded(
                "the commit takes too long",
                "it may still be kept",
                "Send it again, nothing is stored twice",
            ) from None
        DELIVERY.set(receipt.delivery)
        return receipt


def status_of(error: RevtraceError) -> int:
    """The HTTP status that tells a sender whether to come again."""
    if isinstance(error, TooMany):
        return 429
    if isinstance(error, Retryable):
        return 503
    if isinstance(error, Unauthorized):
        return 401
    if isinstance(error, Forbidden):
        return 403
    if isinstance(error, BodyTooLarge):
        return 413
    if isinstance(error, BodyTooSlow):
        return 408
    if isinstance(error, (EncodingUnknown, TypeUnknown)):
        return 415
    return 400 if isinstance(error, Permanent) else 503


def told(error: RevtraceError, response: Response) -> Response:
    """Say when to come again or with what, and close a connection whose body was left unread."""
    if isinstance(error, Retryable):
        response.headers["retry-after"] = str(error.retry_after_seconds)
    if isinstance(error, Unauthorized):
        response.headers["www-authenticate"] = 'Bearer realm="revtrace"'
    if isinstance(error, (BodyTooLarge, BodyTooSlow)):
        response.headers["connection"] = "close"
    return response


def media_type(request: Request) -> str:
    """The content type without its parameters, in lower case."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


def _awaited(submitted: "Future[Receipt]") -> "asyncio.Future[Receipt]":
    """What a thread will answer, for the present loop. Giving up the wait does not reach that
    thread, which may be committing just now.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Receipt] = loop.create_future()

    def tell(ended: "Future[Receipt]") -> None:
        if answer.done():
            return
        if (error := ended.exception()) is None:
            answer.set_result(ended.result())
        else:
            answer.set_exception(error)

    def ended(one: "Future[Receipt]") -> None:
        # The loop may be closed: then nobody waits any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, one)

    submitted.add_done_callback(ended)
    return answer


async def _beside(size: int, work: Callable[[], T]) -> T:
    return work() if size < INLINE_BYTES else await asyncio.to_thread(work)
