"""The collector's HTTP application: its receivers, its health and what it counts."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.responses import JSONResponse, PlainTextResponse, Response

from collector.commits import CommitQueue
from collector.drain import Drain
from collector.health import Health
from collector.identity import IdentityWatch
from collector.measures import Measures
from collector.receivers import native, otlp_http
from collector.receivers.door import Door
from collector.spool import Spool
from collector.spooling import SpoolingQueue
from collector.writer import Writer
from core.errors import RevtraceError
from core.settings import Settings

LOG = logging.getLogger("revtrace.collector")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def create_app(
    writer: Writer, settings: Settings, open_warehouse: Callable[[], None] | None = None
) -> FastAPI:
    """Build the application; its lifespan starts the commits and drains them at the end.

    The writer is opened, or `open_warehouse` opens it as soon as the warehouse is there.
    """
    measures = Measures()
    spool = Spool(settings.home, settings.collector)
    drain = Drain(spool, writer, settings.collector, measures, open_warehouse)
    commits = CommitQueue(writer, settings.collector, measures)
    queue = SpoolingQueue(commits, writer, spool, drain, settings.collector)
    watch = IdentityWatch(writer.check_identity, settings.collector)
    door = Door(writer, queue, measures, settings.http, settings.collector)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(queue.start)
        watch.start()
        yield
        watch.stop()
        await asyncio.to_thread(queue.stop)
        await asyncio.to_thread(_let_go, writer)

    app = FastAPI(
        title="revtrace collector",
        description="Takes integration events; answers 200 only when they are durable.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    # What else admits in this process goes the same way as requests.
    app.state.queue = queue
    app.include_router(native.router(door))
    app.include_router(otlp_http.router(door))
    _add_pointers(app, settings)
    _add_health(app, Health(writer, queue, drain, watch), measures)
    app.add_middleware(Bound, limit=settings.http.concurrency_max)
    return app


def _add_pointers(app: FastAPI, settings: Settings) -> None:
    """Whoever opens this port in a browser is told where to go."""
    pages = settings.dashboards
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(pages.host, pages.host)
    shown = f"[{host}]" if ":" in host else host
    pointers: dict[str, str | list[str]] = {
        "revtrace": "collector",
        "send": ["/v1/events", "/v1/logs", "/v1/traces"],
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


def _add_health(app: FastAPI, health: Health, measures: Measures) -> None:
    @app.get("/healthz", summary="The process lives")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", summary="Deliveries are taken", response_class=JSONResponse)
    async def readyz() -> Response:
        told = await health.told()
        return JSONResponse(told, status_code=503 if told["status"] == "not ready" else 200)

    @app.get("/metrics", summary="Counters for Prometheus", response_class=PlainTextResponse)
    async def metrics() -> Response:
        text = measures.text(health.gauges())
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


class Bound:
    """Serves a bounded number of requests at once; the next one is asked to come again."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], limit: int) -> None:
        self._app = app
        self._limit = limit
        self._served = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
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
