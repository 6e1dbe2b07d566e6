"""OTLP over gRPC: the Export calls of the logs and the traces service, in the event loop of the
HTTP receivers.

A request's bytes are the body of its delivery: no message is parsed here. The calls are served as
streams of one message, which look the same on the wire, so that a call takes its place before its
message is read, and a message that trickles in is given up. Compression is undone here and not by
the library, which has no bound for what a small message becomes.

Transient faults are UNAVAILABLE with RetryInfo, permanent ones INVALID_ARGUMENT; a message that
took too long is DEADLINE_EXCEEDED, after which clients come again. A token is shown in the metadata
as `authorization`, and who sends more than it may is told RESOURCE_EXHAUSTED with RetryInfo. As
over HTTP nothing is ever rejected in part: what breaks a rule is in quarantine, and the answer
warns of it. Metrics are UNIMPLEMENTED.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, NoReturn

import grpc
from grpc import aio

from collector.access import Forbidden, TooMany, Unauthorized
from collector.admission import field, varint
from collector.body import BodyTooLarge, BodyTooSlow
from collector.budget import Share
from collector.delivery import OTLP_LOGS, OTLP_TRACES, Delivery, Receipt
from collector.otlp_warning import response, warning
from collector.receivers.door import Door
from core.errors import BadInput, Overloaded, Permanent, Retryable, RevtraceError
from core.settings import GrpcSettings

LOG = logging.getLogger("revtrace.collector")

PACKAGE = "opentelemetry.proto.collector"
SERVICES: Mapping[str, str] = {
    f"{PACKAGE}.logs.v1.LogsService": OTLP_LOGS,
    f"{PACKAGE}.trace.v1.TraceService": OTLP_TRACES,
}
# A message of an OTLP request begins with the tag of its first field, and so with neither of these.
GZIP = b"\x1f\x8b"
ZLIB = 0x78
ENDED_SECONDS = 0.5
# How long a call waits for others to let it have its message; its client has a deadline too.
PLACE_SECONDS = 2.0
# How long one that has its place may take to send, as soon as others wait for theirs.
KEPT_SECONDS = 1.0
RETRY_INFO = b"type.googleapis.com/google.rpc.RetryInfo"
DETAILS = "grpc-status-details-bin"


class GrpcReceiver:
    """The server of both services; `start` and `stop` it in the loop that serves the door's
    commits.
    """

    def __init__(
        self, door: Door, settings: GrpcSettings, tls: tuple[bytes, bytes] | None = None
    ) -> None:
        self._door = door
        self._settings = settings
        # The certificate chain and its key, in PEM; None means that the port speaks plain text.
        self._tls = tls
        self._served = 0
        self._server: aio.Server | None = None

    async def start(self, port: int | None = None) -> int:
        """Listen, and return the port; raises BadInput when it is taken."""
        settings = self._settings
        self._server = aio.server(
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", settings.message_bytes_max),
                ("grpc.per_message_decompression", 0),
                # Calls beyond this wait at their client. The library's own bound on calls would
                # refuse them in words after which an OTLP client drops its batch.
                ("grpc.max_concurrent_streams", settings.concurrency_max),
            ]
        )
        for service, protocol in SERVICES.items():
            handler: Any = grpc.stream_unary_rpc_method_handler(self._export(service, protocol))
            self._server.add_generic_rpc_handlers(
                (grpc.method_handlers_generic_handler(service, {"Export": handler}),)
            )
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        address = f"{host}:{settings.port if port is None else port}"
        try:
            if self._tls is None:
                bound = self._server.add_insecure_port(address)
            else:
                chain, key = self._tls
                credentials = grpc.ssl_server_credentials([(key, chain)])
                bound = self._server.add_secure_port(address, credentials)
        except RuntimeError:
            raise BadInput(
                f"cannot listen on {address} for OTLP/gRPC",
                "",
                "Stop who has it, or choose another with REVTRACE_GRPC__PORT",
            ) from None
        await self._server.start()
        return bound

    async def stop(self, seconds: float) -> None:
        """Take no more calls, and let those that run end within these seconds."""
        if self._server is not None:
            await self._server.stop(seconds)

    def _export(self, service: str, protocol: str) -> Any:
        path = f"/{service}/Export"

        async def export(_: Any, context: "aio.ServicerContext[bytes, bytes]") -> bytes:
            try:
                receipt = await self._taken(protocol, context)
            except RevtraceError as error:
                await self._refuse(path, context, error)
            except Exception as error:
                # One of the loops that catch everything: whatever it is, the sender shall come
                # again.
                LOG.exception("a call of %s failed", path)
                await self._refuse(path, context, Overloaded("the request failed", str(error)))
            self._door.measures.answered(path, 0)
            return response(warning(receipt))

        return export

    async def _taken(self, protocol: str, context: "aio.ServicerContext[bytes, bytes]") -> Receipt:
        """Read and commit the one message of a call, within the bounds."""
        if self._served >= self._settings.concurrency_max:
            raise Overloaded("the collector serves as many calls as it may")
        self._served += 1
        try:
            with self._door.budget.share() as share:
                return await self._committed(protocol, context, share)
        finally:
            self._served -= 1

    async def _committed(
        self, protocol: str, context: "aio.ServicerContext[bytes, bytes]", share: Share
    ) -> Receipt:
        grant = self._door.access.enter(_authorization(context))
        bound = self._settings.message_bytes_max
        # The library tells no size before it has the whole message.
        await share.reserve(bound, min(PLACE_SECONDS, self._settings.message_seconds))
        raw = await self._message(context, share)
        share.arrived(len(raw))
        body = await self._door.undone(raw, _encoding(raw), bound)
        grant.charge(len(body))
        self._door.measures.received(len(body))
        return await self._door.commit(
            Delivery(
                body=body,
                protocol=protocol,
                content_type="application/grpc",
                content_encoding=_encoding(raw),
                mapping="otlp",
            )
        )

    async def _message(self, context: "aio.ServicerContext[bytes, bytes]", share: Share) -> bytes:
        begun = asyncio.get_running_loop().time()
        patience = asyncio.timeout(self._settings.message_seconds)

        def hurry() -> None:
            until = patience.when()
            if until is not None and not patience.expired():
                patience.reschedule(min(until, begun + KEPT_SECONDS))

        try:
            async with patience:
                with self._door.budget.sending(share, hurry):
                    found = await context.read()
        except TimeoutError:
            if (patience.when() or 0) < begun + self._settings.message_seconds:
                raise self._door.budget.full() from None
            raise BodyTooSlow(
                f"the message took longer than {self._settings.message_seconds:g} seconds to arrive"
            ) from None
        if isinstance(found, bytes):
            return found
        if await _ended(context):
            # Its message was larger than it may be; the library has answered that by itself.
            raise asyncio.CancelledError
        raise BadInput("the call has no message", "", "Send one request")

    async def _refuse(
        self, path: str, context: "aio.ServicerContext[bytes, bytes]", error: RevtraceError
    ) -> NoReturn:
        code = status_of(error)
        number, _ = code.value
        self._door.measures.answered(path, number)
        trailing = ((DETAILS, _status(number, error)),)
        await context.abort(code, str(error), trailing)
        raise AssertionError("unreachable")


async def _ended(context: "aio.ServicerContext[bytes, bytes]") -> bool:
    """Say whether the call is over, which the library tells a moment after it has ended it."""
    over = asyncio.Event()

    def tell(_: object) -> None:
        over.set()

    # The stubs ask for a class of their own, which does not exist at run time.
    callback: Any = tell
    context.add_done_callback(callback)
    try:
        await asyncio.wait_for(over.wait(), ENDED_SECONDS)
    except TimeoutError:
        return False
    return True


def status_of(error: RevtraceError) -> grpc.StatusCode:
    """The code that tells a client whether to come again."""
    if isinstance(error, (BodyTooLarge, TooMany)):
        return grpc.StatusCode.RESOURCE_EXHAUSTED
    if isinstance(error, Unauthorized):
        return grpc.StatusCode.UNAUTHENTICATED
    if isinstance(error, Forbidden):
        return grpc.StatusCode.PERMISSION_DENIED
    if isinstance(error, BodyTooSlow):
        return grpc.StatusCode.DEADLINE_EXCEEDED
    if isinstance(error, Permanent):
        return grpc.StatusCode.INVALID_ARGUMENT
    return grpc.StatusCode.UNAVAILABLE


def _status(number: int, error: RevtraceError) -> bytes:
    """The error as google.rpc.Status; with RetryInfo where coming again is worth while."""
    made = b"\x08" + varint(number) + field(2, str(error).encode())
    if isinstance(error, Retryable):
        delay = field(1, b"\x08" + varint(error.retry_after_seconds))
        made += field(3, field(1, RETRY_INFO) + field(2, delay))
    return made


def _authorization(context: "aio.ServicerContext[bytes, bytes]") -> str | None:
    """What the sender shows in the metadata of its call."""
    for name, value in context.invocation_metadata() or ():
        if name == "authorization":
            return value if isinstance(value, str) else value.decode("latin-1")
    return None


def _encoding(raw: bytes) -> str:
    if raw.startswith(GZIP):
        return "gzip"
    if len(raw) > 1 and raw[0] == ZLIB and int.from_bytes(raw[:2], "big") % 31 == 0:
        return "deflate"
    return ""
