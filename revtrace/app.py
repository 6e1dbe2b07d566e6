"""The service: collector, refresh wheel, alerts and dashboards, together or apart, in one process
and one loop.

Order of start: the ports, the lock, the warehouse, the writer with what a crash left over, the
wheel and the alerts, the web servers, and last the control socket. Stopping goes the other way
round, and within `service.stop_seconds`: requests end, the writer commits what it has taken, what
is left to derive is derived at the next start.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import BadInput
from core.lock import FILE, Owner
from core.settings import Settings
from core.telemetry import configure_logging
from revtrace.gate import COLLECT_FILE, WORK_FILE
from revtrace.listening import Door, LoopServer, open_door, started, web_server

if TYPE_CHECKING:
    from revtrace.wiring import App

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """Which parts of revtrace this process runs."""

    collector: bool = False
    work: bool = False
    dashboards: bool = False

    @property
    def whole(self) -> bool:
        return self.collector and self.work and self.dashboards


def run(
    settings: Settings, command: str, parts: Parts, *, demo: bool = False, as_json: bool = False
) -> None:
    """Serve until SIGTERM or SIGINT; raises BadInput, StoreLocked or a store error when it cannot
    start.
    """
    configure_logging(settings.log.level, settings.log.shape)
    if settings.embedded() and not parts.whole:
        raise BadInput(
            f"`{command}` needs a ClickHouse server",
            "the embedded warehouse belongs to one process",
            "Use `revtrace up`, or set REVTRACE_WAREHOUSE=clickhouse://user:password@host:8123",
        )
    with ExitStack() as held:
        doors = _doors(settings, parts, held)
        owners = _owners(settings, command, parts, held)
        service = Service(settings, parts, doors, owners)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(service.serve(demo=demo, as_json=as_json))
    sys.stdout.flush()
    sys.stderr.flush()
    if not service.ended:
        # A query of the engine still runs in a thread; what it writes is made again at the next
        # start, and waiting for it would break the promise of how long a stop takes.
        os._exit(0)


class Service:
    """One running process of revtrace."""

    def __init__(
        self, settings: Settings, parts: Parts, doors: dict[str, Door], owners: list[Owner]
    ) -> None:
        self._settings = settings
        self._parts = parts
        self._doors = doors
        self._owners = owners
        self._servers: list[tuple[LoopServer, asyncio.Task[None]]] = []
        self._stop = asyncio.Event()
        self.ended = True

    async def serve(self, *, demo: bool, as_json: bool) -> None:
        """Start everything, wait for a signal, stop everything."""
        from revtrace import greeting
        from revtrace.wiring import build

        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        app = build(self._settings)
        stops: list[Callable[[], bool]] = []
        try:
            await asyncio.to_thread(self._start_work, app, stops)
            await self._start_servers(app)
            self._start_control(app, stops)
            greeting.show(self._doors, app, as_json=as_json)
            if demo:
                from revtrace.demo import load_in_background

                load_in_background(app, self._doors["collector"].url)
            await self._wait()
        finally:
            await self._stop_all(app, stops)

    def _start_work(self, app: "App", stops: list[Callable[[], bool]]) -> None:
        """Open the warehouse and start what works in threads; blocking, so it runs beside the
        loop.
        """
        app.prepare()
        if self._parts.collector:
            app.writer.start()
        if self._parts.work:
            from revtrace.turning import WheelThread

            seconds = self._settings.lineage.refresh_every_seconds
            wheel = WheelThread(app.wheel, seconds, app.rest)
            wheel.start()
            stops.append(wheel.stop)
            schedule = app.alert_schedule
            schedule.start()
            stops.append(schedule.stop)

    async def _start_servers(self, app: "App") -> None:
        seconds = self._settings.service.stop_seconds / 2
        if self._parts.collector:
            bounds = self._settings.http
            server = web_server(
                app.collector_application(),
                stop_seconds=seconds,
                h11_max_incomplete_event_size=bounds.header_bytes_max,
            )
            self._serve_on(server, self._doors["collector"])
        if self._parts.dashboards:
            server = web_server(app.dashboards_application(), stop_seconds=seconds)
            self._serve_on(server, self._doors["dashboards"])
        for server, task in self._servers:
            await started(server, task)

    def _serve_on(self, server: LoopServer, door: Door) -> None:
        task = asyncio.create_task(server.serve(sockets=[door.socket]), name=door.name)
        self._servers.append((server, task))

    def _start_control(self, app: "App", stops: list[Callable[[], bool]]) -> None:
        if not self._owners:
            return
        from revtrace.control import ControlServer
        from revtrace.operations import perform

        control = ControlServer(lambda name, params, progress: perform(app, name, params, progress))
        control.start()
        for owner in self._owners:
            owner.announce(control.port, control.token)
        stops.append(control.stop)

    async def _wait(self) -> None:
        """Until a signal comes, or a server ends by itself."""
        stop = asyncio.create_task(self._stop.wait())
        tasks = {stop, *(task for _, task in self._servers)}
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stop}:
            log.error("a web server ended by itself", extra={"server": task.get_name()})
        stop.cancel()

    async def _stop_all(self, app: "App", stops: list[Callable[[], bool]]) -> None:
        """End within `stop_seconds`, whatever still runs."""
        log.info("stopping")
        for server, _ in self._servers:
            server.should_exit = True
        seconds = self._settings.service.stop_seconds
        stopping = [asyncio.to_thread(stop) for stop in reversed(stops)]
        serving = [task for _, task in self._servers]
        try:
            async with asyncio.timeout(seconds):
                ended = await asyncio.gather(*stopping, *serving, return_exceptions=True)
                self.ended = all(each is not False for each in ended)
                self.ended &= await asyncio.to_thread(app.close)
        except TimeoutError:
            self.ended = False
        log.info("stopped")


def _doors(settings: Settings, parts: Parts, held: ExitStack) -> dict[str, Door]:
    doors: dict[str, Door] = {}
    if parts.collector:
        http = settings.http
        doors["collector"] = open_door("the collector", "http", http.host, http.port)
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
