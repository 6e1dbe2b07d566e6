"""Web servers inside the one loop: ports are taken before anything else starts, and nobody grabs
the signals.
"""

import asyncio
import errno
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from core.errors import BadInput


@dataclass(frozen=True)
class Door:
    """A port that is taken: what for, which setting moves it, and how it is spoken to."""

    name: str
    setting: str
    host: str
    socket: socket.socket
    scheme: str = "http"
    # The number, once somebody else listens there in place of the socket.
    taken: int = 0

    @property
    def port(self) -> int:
        port: int = self.taken or self.socket.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """How a person on this machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"{self.scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"


def open_door(name: str, setting: str, host: str, port: int, *, scheme: str = "http") -> Door:
    """Take a port; raises BadInput that says what to change when somebody else has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    variable = f"REVTRACE_{setting.upper()}"
    try:
        listener.bind((host, port))
        # Somebody who listens already is found by listening too, not by binding alone.
        listener.listen(2048)
    except (OSError, OverflowError) as error:
        listener.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise BadInput(
                f"port {port} for {name} is in use by another program",
                "",
                f"Stop it, or choose another with {variable}__PORT",
            ) from None
        raise BadInput(
            f"cannot listen on {host} port {port} for {name}",
            str(error),
            f"Correct {variable}__HOST or {variable}__PORT",
        ) from None
    listener.setblocking(False)
    return Door(name, setting, host, listener, scheme)


class LoopServer(uvicorn.Server):
    """A uvicorn server that leaves signals to the process that runs several of them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def web_server(application: Any, *, stop_seconds: float, **options: Any) -> LoopServer:
    """Make a server for an ASGI application that lets requests end for `stop_seconds` when it
    stops; `tls` is an SSL context, or None.
    """
    tls: ssl.SSLContext | None = options.pop("tls", None)
    if tls is not None:
        options["ssl_context_factory"] = lambda config, default: tls
    return LoopServer(
        uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=max(1, round(stop_seconds)),
            **options,
        )
    )


async def started(server: LoopServer, task: "asyncio.Task[None]") -> None:
    """Wait until the server answers; raises what made it end instead."""
    while not server.started:
        if task.done():
            task.result()
            raise BadInput("a web server ended before it had started", "", "See the log")
        await asyncio.sleep(0.02)
