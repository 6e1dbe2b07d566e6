"""The collector's HTTP application: its receivers, its health and what it counts."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector.access import Access
from collector.commits import CommitQueue
from collector.edge import Edge
from collector.measures import Measures
from collector.readiness import Readiness
from collector.receivers import native, otlp_http
from collector.receivers.door import ANSWERS, Door, status_of, told
from collector.writer import Writer
from core.clock import SystemClock
from core.errors import RevtraceError
from core.instrumentation import Instrumentation
from core.settings import Settings

LOG = logging.getLogger("revtrace.collector")


def create_app(
    writer: Writer,
    settings: Settings,
    access: Access | None = None,
    instrumentation: Instrumentation | None = None,
) -> FastAPI:
    """Build the application on an opened writer; its lifespan starts the commits and drains them at
    the end. Without an access no token is known, and any that is sent is refused.
    """
    observed = instrumentation or Instrumentation()
    access = access or Access(None, SystemClock(), settings)
    measures = Measures(observed.meter("collector"))
    queue = CommitQueue(writer, settings.collector, measures)
    measures.gauge("queue.deliveries", "Deliveries that wait", lambda: queue.depth()[0])
    measures.gauge("queue", "Bytes that wait", lambda: queue.depth()[1], "By")
    door = Door(writer, queue, measures, settings.http, settings.collector, access)
    readiness = Readiness(writer.ping)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(access.start)
        queue.start()
        yield
        await asyncio.to_thread(queue.stop)
        await asyncio.to_thread(access.stop)
        await asyncio.to_thread(_let_go, writer)
        await asyncio.to_thread(observed.close)

    app = FastAPI(
        title="revtrace collector",
        description="Takes integration events; answers 200 only when they are durable.",
        lifespan=lifespan,
        # Its spans of requests follow the conventions; the rest is counted more cheaply here.
        telemetry={"metrics": False, "logs": False, "operation_spans": False},
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(native.router(door))
    app.include_router(otlp_http.router(door))
    _add_pointers(app, settings)
    # Receivers that are no part of this application commit through the same door.
    app.state.door = door
    _add_health(app, readiness)
    _add_metrics(app, door, observed)
    app.add_middleware(Edge, limit=settings.http.concurrency_max, measures=measures)
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


def _add_health(app: FastAPI, readiness: Readiness) -> None:
    @app.get("/healthz", summary="The process lives")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get(
        "/readyz",
        summary="What is sent now is kept",
        response_class=JSONResponse,
        responses={503: {"description": "It is not, and why."}},
    )
    async def readyz() -> Response:
        ready, document = await readiness.ask()
        return JSONResponse(document, status_code=200 if ready else 503)


def _add_metrics(app: FastAPI, door: Door, observed: Instrumentation) -> None:
    @app.get(
        "/metrics",
        summary="What it counts, for Prometheus",
        response_class=Response,
        responses={code: ANSWERS[code] for code in (401, 429, 503)},
    )
    async def metrics(request: Request) -> Response:
        try:
            door.admit(request)
        except RevtraceError as error:
            content = {"error": error.what, "why": error.why, "todo": error.todo}
            return told(error, JSONResponse(content, status_code=status_of(error)))
        text, kind = await asyncio.to_thread(observed.prometheus)
        return Response(text, media_type=kind)
