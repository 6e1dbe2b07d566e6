"""The collector's HTTP application: its receivers, its health and what it counts."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector.access import Access
from collector.budget import ByteBudget
from collector.commits import CommitQueue
from collector.drain import Drain
from collector.edge import Edge
from collector.identity import IdentityWatch
from collector.interpreter import prompt
from collector.measures import Measures
from collector.readiness import Readiness
from collector.receivers import native, otlp_http, webhook
from collector.receivers.door import ANSWERS, Door, status_of, told
from collector.spool import Spool
from collector.spooling import SpoolingQueue
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
    open_warehouse: Callable[[], None] | None = None,
) -> FastAPI:
    """Build the application; its lifespan starts the commits and drains them at the end.

    The writer is opened, or `open_warehouse` opens it as soon as the warehouse is there. Without an
    access no token is known, and any that is sent is refused.
    """
    observed = instrumentation or Instrumentation()
    access = access or Access(None, SystemClock(), settings)
    measures = Measures(observed.meter("collector"))
    spool = Spool(settings.home, settings.collector)
    drain = Drain(spool, writer, settings.collector, measures, open_warehouse)
    commits = CommitQueue(writer, settings.collector, measures)
    queue = SpoolingQueue(commits, writer, spool, drain, settings.collector)
    watch = IdentityWatch(writer.check_identity, settings.collector)
    _add_gauges(measures, queue, watch, writer)
    budget = ByteBudget(settings.collector.bodies_bytes_max, measures.body_refused)
    measures.gauge("bodies", "Bytes of requests held just now", lambda: budget.held, "By")
    door = Door(writer, queue, measures, settings.http, settings.collector, access, budget)
    readiness = Readiness(writer.ping, queue)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(access.start)
        await asyncio.to_thread(queue.start)
        watch.start()
        with prompt():
            yield
        watch.stop()
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
    app.include_router(webhook.router(door, SystemClock()))
    _add_pointers(app, settings)
    # Receivers that are no part of this application commit through the same door.
    app.state.door = door
    _add_health(app, readiness)
    _add_metrics(app, door, observed)
    limit = settings.http.concurrency_max
    app.add_middleware(Edge, limit=limit, measures=measures, budget=budget)
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


def _add_gauges(
    measures: Measures, queue: SpoolingQueue, watch: IdentityWatch, writer: Writer
) -> None:
    show, spooled, journal = measures.gauge, queue.spooled, writer.journal_depth
    show("queue.deliveries", "Deliveries that wait", lambda: queue.depth()[0])
    show("queue", "Bytes that wait", lambda: queue.depth()[1], "By")
    show("journal.deliveries", "Deliveries in the journal only", lambda: journal()[0])
    show("journal", "Bytes in the journal only", lambda: journal()[1], "By")
    show("spooling", "1 while deliveries go to the spool", lambda: int(queue.spooling))
    show("spool.deliveries", "Deliveries in the spool", lambda: spooled().deliveries)
    show("spool", "Bytes in the spool", lambda: spooled().bytes, "By")
    show("spool.oldest", "Age of the oldest in the spool", queue.oldest_seconds, "s")
    show(
        "spool.postponed_deliveries",
        "Deliveries in the spool that could not be committed",
        lambda: spooled().postponed,
    )
    show(
        "identity.unbalanced_deliveries",
        "Deliveries of which a record is unaccounted for",
        lambda: watch.unbalanced,
    )


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
            return told(error, JSONResponse(error.told(), status_code=status_of(error)))
        text, kind = await asyncio.to_thread(observed.prometheus)
        return Response(text, media_type=kind)
