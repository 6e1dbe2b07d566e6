"""The collector's HTTP application: its receivers, its health and what it counts."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.responses import JSONResponse, PlainTextResponse, Response

from collector.commits import CommitQueue
from collector.measures import Measures
from collector.receivers import native, otlp_http, webhook
from collector.receivers.door import Door
from collector.writer import Writer
from core.clock import SystemClock
from core.errors import RevtraceError
from core.settings import Settings

LOG = logging.getLogger("revtrace.collector")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BOUNDED = ("/v1/", "/hooks/")
READY_SECONDS_MAX = 5.0


def create_app(writer: Writer, settings: Settings) -> FastAPI:
    """Build the application on an opened writer; its lifespan starts the commits and drains them at
    the end.
    """
    measures = Measures()
    queue = CommitQueue(writer, settings.collector, measures)
    door = Door(writer, queue, measures, settings.http, settings.collector)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        queue.start()
        yield
        await asyncio.to_thread(queue.stop)
        await asyncio.to_thread(_let_go, writer)

    app = FastAPI(
        title="revtrace collector",
        description="Takes integration events; answers 200 only when they are durable.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(native.router(door))
    app.include_router(otlp_http.router(door))
    app.include_router(webhook.router(door, SystemClock()))
    _add_pointers(app, settings)
    _add_health(app, door)
    app.add_middleware(Bound, limit=settings.http.concurrency_max)
    return app


def _add_pointers(app: FastAPI, settings: Settings) -> None:
    """Whoever opens this port in a browser is told where to go."""
    pages = settings.dashboards
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(pages.host, pages.host)
    shown = f"[{host}]" if ":" in host else host
    pointers: dict[str, str | list[str]] = {
        "revtrace": "collector",
        "send": ["/v1/events", "/v1/logs", "/v1/traces", "/hooks/{source}"],
        "docs": "/openapi.json",
        "dashboards": settings.alerts.dashboards_url or f"http://{shown}:{pages.port}",
    }

    @app.get("/", summary="Where to send, and where to look")
    async def root() -> dict[str, str | list[str]]:
        return pointers


def _let_go(writer: Writer) -> None:
    try:
        writer.close()
    except RevtraceError as error:
        # The lease then ends by itself; nothing else is left to do here.
        LOG.warning("the lease of this writer could not be released: %s", error)


def _add_health(app: FastAPI, door: Door) -> None:
    @app.get("/healthz", summary="The process lives")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", summary="The warehouse answers", response_class=JSONResponse)
    async def readyz() -> Response:
        try:
            await asyncio.wait_for(asyncio.to_thread(door.writer.ping), READY_SECONDS_MAX)
        except (RevtraceError, TimeoutError) as error:
            return JSONResponse({"status": "not ready", "why": str(error)}, status_code=503)
        return JSONResponse({"status": "ready"})

    @app.get("/metrics", summary="Counters for Prometheus", response_class=PlainTextResponse)
    async def metrics() -> Response:
        deliveries, size = door.queue.depth()
        text = door.measures.text({"queue_deliveries": deliveries, "queue_bytes": size})
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


class Bound:
    """Serves a bounded number of requests at once; the next one is asked to come again."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], limit: int) -> None:
        self._app = app
        self._limit = limit
        self._served = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(BOUNDED):
            await self._app(scope, receive, send)
            return
        if self._served >= self._limit:
            busy = JSONResponse(
                {
                    "error": "the collector serves as many requests as it may",
                    "why": "",
                    "todo": "Send it again after the seconds of Retry-After",
                },
                status_code=503,
                headers={"retry-after": "1", "connection": "close"},
            )
            await busy(scope, receive, send)
            return
        self._served += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._served -= 1
