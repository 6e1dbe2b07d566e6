"""The outermost layer of the HTTP application: bounds what is served at once, names and measures
each request, and answers 503 to whatever goes wrong inside, so that a sender comes again.
"""

import itertools
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import context, propagate, trace
from starlette.responses import JSONResponse

from collector.access import GRANT
from collector.budget import ByteBudget
from collector.measures import Measures
from core.telemetry import DELIVERY, REQUEST_ID

LOG = logging.getLogger("revtrace.collector")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Asked often, and of no weight: neither bounded nor counted.
PLAIN = frozenset({"/", "/healthz", "/readyz", "/metrics", "/openapi.json"})
REQUEST_ID_FORM = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
# The path of a request that no route takes; its own text could be anything.
ELSEWHERE = "other"


class Edge:
    """Serves a bounded number of requests at once; the next one is asked to come again."""

    def __init__(
        self,
        app: Callable[[Scope, Receive, Send], Awaitable[None]],
        limit: int,
        measures: Measures,
        budget: ByteBudget,
    ) -> None:
        self._app = app
        self._limit = limit
        self._measures = measures
        self._budget = budget
        self._served = 0
        self._prefix = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        measures.gauge("requests_served", "Requests served just now", lambda: self._served)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PLAIN:
            await self._app(scope, receive, send)
            return
        # A request that came on the same connection may have left its own here.
        GRANT.set(None)
        DELIVERY.set("")
        request_id = self._name(scope)
        REQUEST_ID.set(request_id)
        answer = _Answer(send, request_id)
        with _trace_of_sender(scope):
            await self._measured(scope, receive, answer)

    async def _measured(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        begun = time.perf_counter()
        await self._serve(scope, receive, answer)
        seconds = time.perf_counter() - begun
        path = _pattern(scope)
        self._measures.answered(path, answer.status, seconds)
        if LOG.isEnabledFor(logging.DEBUG):
            LOG.debug(
                "answered",
                extra={"path": path, "code": answer.status, "ms": round(seconds * 1000, 1)},
            )

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        if self._served >= self._limit:
            await _come_again("the collector serves as many requests as it may", close=True)(
                scope, receive, answer
            )
            return
        self._served += 1
        try:
            with self._budget.share():
                await self._app(scope, receive, answer)
        except Exception:
            # A fault of ours must not make a client drop its events, as it does on any other 5xx.
            LOG.exception("a request failed")
            if answer.status:
                raise
            await _come_again("the collector could not handle this request")(scope, receive, answer)
        finally:
            self._served -= 1

    def _name(self, scope: Scope) -> str:
        """The sender's own id of the request where it is one, else a fresh one."""
        for name, value in scope["headers"]:
            if name == b"x-request-id" and REQUEST_ID_FORM.fullmatch(value):
                return str(value.decode("ascii"))
        return f"{self._prefix}-{next(self._numbers)}"


class _Answer:
    """Passes an answer on, remembers its status, and names the request in it."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._id = request_id.encode("ascii")
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", self._id)]
        await self._send(message)


def _pattern(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else ELSEWHERE


@contextmanager
def _trace_of_sender(scope: Scope) -> Iterator[None]:
    """Let log lines name the sender's trace, where FastAPI has not begun a span of it already."""
    headers = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
        if name == b"traceparent"
    }
    if not headers or trace.get_current_span().get_span_context().is_valid:
        yield
        return
    token = context.attach(propagate.extract(headers))
    try:
        yield
    finally:
        context.detach(token)


def _come_again(what: str, *, close: bool = False) -> JSONResponse:
    return JSONResponse(
        {"error": what, "todo": "Send it again after the seconds of Retry-After"},
        status_code=503,
        headers={"retry-after": "1"} | ({"connection": "close"} if close else {}),
    )
