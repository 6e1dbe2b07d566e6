"""The service: collector, refresh wheel, alerts and dashboards, together or apart, in one process
and one loop.

Order of start: the lock, the ports, the warehouse, the writer with what a crash left over, the
wheel and the alerts, the web servers, and last the control socket. Stopping goes the other way
round, and within `service.stop_seconds`: requests end, the writer commits what it has taken, what
is left to derive is derived at the next start.
"""

import asyncio
import importlib
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.errors import BadInput, ConfigInvalid, StoreUnavailable
from core.lock import FILE, Owner
from core.settings import Settings
from core.telemetry import configure_logging
from revtrace.gate import COLLECT_FILE, WORK_FILE
from revtrace.listening import (
    Door,
    LoopServer,
    open_door,
    started,
    web_server,
)
from revtrace.tls import Tls, read_tls

if TYPE_CHECKING:
    from fastapi import FastAPI

    from collector.receivers.otlp_grpc import GrpcReceiver
    from revtrace.wiring import App

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """Which parts of revtrace this process runs, and how it was asked to begin."""

    collector: bool = False
    work: bool = False
    dashboards: bool = False
    demo: bool = False
    as_json: bool = False

    @property
    def whole(self) -> bool:
        return self.collector and self.work and self.dashboards


def run(settings: Settings, command: str, parts: Parts) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises BadInput, ConfigInvalid, StoreLocked or another store error when it cannot start.
    """
    configure_logging(settings.log.level, settings.log.shape)
    if settings.embedded() and not parts.whole:
        raise BadInput(
            f"`{command}` needs a ClickHouse server",
            "the embedded warehouse belongs to one process",
            "Use `revtrace up`, or set REVTRACE_WAREHOUSE=clickhouse://user:password@host:8123",
        )
    # Wherever it was started from: what the engine leaves beside itself belongs into the home.
    settings = settings.model_copy(update=_absolute(settings))
    watch = settings.collector.watch
    if parts.collector and watch is not None and not watch.is_dir():
        raise ConfigInvalid(f"collector.watch: {watch}", "is no folder", "Create it")
    tls = _certificates(settings) if parts.collector else {}
    with ExitStack() as held:
        # The lock first: whoever holds it holds the ports too, and its refusal says who that is.
        owners = _owners(settings, command, parts, held)
        doors = _doors(settings, parts, held)
        if not settings.warehouse:
            os.chdir(settings.home)
        service = Service(settings, command, parts, doors, owners)
        service.tls = tls
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(service.serve())
            if not service.ended:
                # A query of the engine still runs in a thread; what it writes is made again at the
                # next start. The runner would wait for it, which would break the promise of how
                # long a stop takes. The lock is held to the very end, since it may still write.
                _flush()
                os._exit(0)
    _flush()


class Service:
    """One running process of revtrace."""

    def __init__(
        self,
        settings: Settings,
        command: str,
        parts: Parts,
        doors: dict[str, Door],
        owners: list[Owner],
    ) -> None:
        self._settings = settings
        self._command = command
        self._parts = parts
        self._doors = doors
        self._owners = owners
        self._servers: list[tuple[LoopServer, asyncio.Task[None]]] = []
        self._stops: list[Callable[[], bool]] = []
        self._grpc: GrpcReceiver | None = None
        self.tls: dict[str, Tls | None] = {}
        self.ended = True

    async def serve(self) -> None:
        """Start everything, wait for a signal, stop everything."""
        from revtrace import greeting
        from revtrace.wiring import build

        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        # Before anything is acknowledged there is nothing to bring to an end.
        self._on_signals(loop, lambda: os._exit(0))
        app = build(self._settings)
        try:
            await asyncio.to_thread(self._prepare, app)
            self._on_signals(loop, told.set)
            await self._start_servers(app)
            self._start_watch(app)
            self._start_work(app)
            self._start_control(app)
            greeting.show(self._command, self._doors, app, as_json=self._parts.as_json)
            if self._parts.demo:
                self._start_demo(app)
            await self._wait(told)
        finally:
            await self._stop(app)

    @staticmethod
    def _on_signals(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, act)

    def _prepare(self, app: "App") -> None:
        """Open the warehouse and read what is declared; blocking, so it runs beside the loop."""
        try:
            app.open(migrate=self._parts.collector or self._parts.work)
            if self._parts.demo:
                self._make_demo(app)
            app.check()
            if self._parts.collector:
                app.open_writer()
        except StoreUnavailable as error:
            # A collector alone can take what comes without its warehouse, and senders need it to.
            if self._parts != Parts(collector=True, as_json=self._parts.as_json):
                raise
            log.warning("the collector starts without its warehouse: %s", error)
            app.close()
            app.open_later()
            app.check()

    async def _start_servers(self, app: "App") -> None:
        seconds = self._settings.service.stop_seconds / 2
        if self._parts.collector:
            from revtrace.protocol import bounded_protocol

            application = app.collector_application()
            http_tls = self.tls.get("http")
            server = web_server(
                application,
                stop_seconds=seconds,
                http=bounded_protocol(self._settings.http),
                timeout_keep_alive=self._settings.http.idle_seconds,
                tls=http_tls.context if http_tls else None,
                ws="none",
            )
            self._serve_on(server, self._doors["collector"])
            await self._start_grpc(app, application)
        if self._parts.dashboards:
            pages = await asyncio.to_thread(self._make_pages, app)
            self._serve_on(web_server(pages, stop_seconds=seconds), self._doors["dashboards"])
        for server, task in self._servers:
            await started(server, task)
        self._configure_logging()

    async def _start_grpc(self, app: "App", application: "FastAPI") -> None:
        """Listen on the port that was held until now: the library takes a number and no socket."""
        # First the web server: its start is that of the commits, and its end is theirs.
        await started(*self._servers[0])
        from revtrace.wiring_collector import build_grpc

        receiver = build_grpc(self._settings, application.state.door, self.tls.get("grpc"))
        door = self._doors["grpc"]
        port = door.port
        door.socket.close()
        await receiver.start(port)
        self._doors["grpc"] = replace(door, taken=port)
        self._grpc = receiver

    def _make_pages(self, app: "App") -> object:
        """Streamlit brings log handlers of its own, in another shape, with its import and its
        start.
        """
        importlib.import_module("dashboards.server")
        self._configure_logging()
        pages = app.dashboards_application()
        self._configure_logging()
        return pages

    def _configure_logging(self) -> None:
        configure_logging(self._settings.log.level, self._settings.log.shape)

    def _serve_on(self, server: LoopServer, door: Door) -> None:
        task = asyncio.create_task(server.serve(sockets=[door.socket]), name=door.name)
        self._servers.append((server, task))

    def _start_watch(self, app: "App") -> None:
        if not self._parts.collector:
            return
        from revtrace.watching import WatchThread
        from revtrace.wiring_collector import build_watched_folder

        watch = WatchThread(self._settings.collector.watch_every_seconds)
        folder = build_watched_folder(app, watch.told)
        if folder is not None:
            watch.start(folder)
            self._stops.append(watch.stop)

    def _start_work(self, app: "App") -> None:
        if not self._parts.work:
            return
        from revtrace.turning import WheelThread

        seconds = self._settings.lineage.refresh_every_seconds
        wheel = WheelThread(app.wheel, seconds, app.rest)
        schedule = app.alert_schedule(wheel.caught_up)
        wheel.start()
        schedule.start()
        self._stops += [wheel.stop, schedule.stop]

    def _start_control(self, app: "App") -> None:
        if not self._owners:
            return
        from revtrace.control import ControlServer
        from revtrace.gate import config_of
        from revtrace.operations import perform

        control = ControlServer(
            lambda name, params, progress: perform(app, name, params, progress),
            workers=self._settings.service.commands_max,
        )
        control.start()
        for owner in self._owners:
            owner.announce(control.port, control.token, config_of(self._settings))
        self._stops.append(control.stop)

    def _make_demo(self, app: "App") -> None:
        from revtrace import demo, greeting

        home = self._settings.home
        note = demo.read_note(home)
        if note is None and not app.is_empty():
            greeting.tell(
                "The warehouse holds events already; the sample quarter goes into an empty one.",
                as_json=self._parts.as_json,
            )
        elif note is None:
            demo.make(home, app.clock.now())

    def _start_demo(self, app: "App") -> None:
        from revtrace import demo, greeting

        note = demo.read_note(self._settings.home)
        if note is None:
            return
        if note.loaded:
            text = f"The sample quarter is loaded already ({note.events:,} events)."
            greeting.tell(text, as_json=self._parts.as_json)
            return
        key = demo.key_to_try(self._settings.home)
        greeting.show_demo(note.events, key, as_json=self._parts.as_json)
        sender = demo.Sender(
            self._settings.home,
            self._doors["collector"].url,
            note,
            authorization=app.access.own_authorization(),
            certificate=self._settings.http.tls_certificate,
        )
        sender.start()
        self._stops.append(sender.stop)

    async def _wait(self, told: asyncio.Event) -> None:
        """Until a signal comes, or a server ends by itself."""
        stop = asyncio.create_task(told.wait())
        tasks = {stop, *(task for _, task in self._servers)}
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stop}:
            log.error("a web server ended by itself", extra={"server": task.get_name()})
        stop.cancel()

    async def _stop(self, app: "App") -> None:
        """End within `stop_seconds`, whatever still runs."""
        # Who never came up has said why already.
        if self._servers:
            log.info("stopping")
        for server, _ in self._servers:
            server.should_exit = True
        stopping = [asyncio.to_thread(stop) for stop in reversed(self._stops)]
        serving = [task for _, task in self._servers]
        calls = [self._grpc.stop(self._settings.service.stop_seconds / 2)] if self._grpc else []
        try:
            async with asyncio.timeout(self._settings.service.stop_seconds):
                ended = await asyncio.gather(*calls, *stopping, *serving, return_exceptions=True)
                self.ended = all(each is None or each is True for each in ended)
                # What still runs needs the warehouse; it ends with the process.
                if self.ended:
                    self.ended = await asyncio.to_thread(app.close)
        except TimeoutError:
            self.ended = False
        if self._servers:
            log.info("stopped")


def _flush() -> None:
    for handler in logging.getLogger().handlers:
        handler.flush()
    sys.stdout.flush()
    sys.stderr.flush()


def _absolute(settings: Settings) -> dict[str, Any]:
    config = settings.config.resolve() if settings.config else None
    watch = settings.collector.watch.resolve() if settings.collector.watch else None
    collector = settings.collector.model_copy(update={"watch": watch})
    files = (settings.http.tls_certificate, settings.http.tls_key)
    certificate, key = (file.resolve() if file else None for file in files)
    http = settings.http.model_copy(update={"tls_certificate": certificate, "tls_key": key})
    return {
        "home": settings.home.resolve(),
        "config": config,
        "collector": collector,
        "http": http,
    }


def _certificates(settings: Settings) -> dict[str, Tls | None]:
    """Those of each port that may speak TLS."""
    http, grpc = settings.http, settings.grpc
    return {
        "http": read_tls("http", http.tls_certificate, http.tls_key),
        "grpc": read_tls("grpc", grpc.tls_certificate, grpc.tls_key),
    }


def _doors(settings: Settings, parts: Parts, held: ExitStack) -> dict[str, Door]:
    doors: dict[str, Door] = {}
    if parts.collector:
        http = settings.http
        scheme = "https" if http.tls_certificate else "http"
        doors["collector"] = open_door("the collector", "http", http.host, http.port, scheme=scheme)
        grpc = settings.grpc
        scheme = "https" if grpc.tls_certificate else "http"
        doors["grpc"] = open_door("OTLP over gRPC", "grpc", grpc.host, grpc.port, scheme=scheme)
    if parts.dashboards:
        pages = settings.dashboards
        doors["dashboards"] = open_door("the dashboards", "dashboards", pages.host, pages.port)
    for door in doors.values():
        held.callback(door.socket.close)
    return doors


def _owners(settings: Settings, command: str, parts: Parts, held: ExitStack) -> list[Owner]:
    """Take the locks that keep a second writer or a second wheel away."""
    if settings.embedded():
        files = [FILE]
    else:
        files = [COLLECT_FILE] * parts.collector + [WORK_FILE] * parts.work
    now = settings.clock().now()
    return [
        held.enter_context(Owner.acquire(settings.home, command, now, file=file)) for file in files
    ]


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
