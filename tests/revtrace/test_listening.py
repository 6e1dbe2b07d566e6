"""Ports and web servers: who has a port is told, headers are bounded, the loop's servers stop."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import httpx
import pytest

from core.errors import BadInput
from core.settings import HttpSettings
from revtrace.listening import open_door, started, web_server
from revtrace.protocol import bounded_protocol

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def application(scope: MutableMapping[str, Any], receive: Any, send: Send) -> None:
    """Answers how many bytes of body it was sent."""
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


def serve(client: Callable[[int], None], settings: HttpSettings | None = None) -> None:
    """Run a client in a thread against a served application, then stop the server."""

    async def both() -> None:
        door = open_door("the tests", "http", "127.0.0.1", 0)
        protocol = bounded_protocol(settings or HttpSettings())
        server = web_server(application, stop_seconds=1, http=protocol, ws="none", lifespan="off")
        task = asyncio.create_task(server.serve(sockets=[door.socket]))
        await started(server, task)
        try:
            await asyncio.to_thread(client, door.port)
        finally:
            server.should_exit = True
            await task

    asyncio.run(both())


def test_large_bodies_and_usual_headers_pass() -> None:
    def client(port: int) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as session:
            for size in (0, 10, 1_000_000, 10):
                answer = session.post("/", content=b"x" * size, headers={"x-long": "y" * 8000})
                assert answer.text == str(size)

    serve(client)


def test_headers_without_end_are_given_up() -> None:
    def client(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            head = b"POST / HTTP/1.1\r\nhost: here\r\n" + b"x-more: y\r\n" * 1_000_000
            with pytest.raises(ConnectionError):
                connection.sendall(head)

    serve(client)


def test_garbage_is_answered_400() -> None:
    def client(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
            assert b" 400 " in connection.recv(1000)

    serve(client)


def test_port_in_use_is_told_with_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match="REVTRACE_HTTP__PORT") as refused:
            open_door("the collector", "http", "127.0.0.1", port)
    assert f"port {port}" in str(refused.value)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_port_that_is_none_is_told(port: int) -> None:
    with pytest.raises(BadInput, match="cannot listen"):
        open_door("the collector", "http", "127.0.0.1", port)


def test_address_for_people_is_one_that_they_can_open() -> None:
    door = open_door("the collector", "http", "0.0.0.0", 0)
    assert door.url == f"http://127.0.0.1:{door.port}"
    door.socket.close()
