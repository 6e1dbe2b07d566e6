"""Ports and web servers: who has a port is told, headers are bounded, the loop's servers stop."""

import asyncio
import select
import socket
import ssl
import subprocess
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.errors import BadInput, ConfigInvalid
from core.settings import HttpSettings
from revtrace.listening import open_door, started, web_server
from revtrace.protocol import bounded_protocol
from revtrace.tls import read_tls

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def application(scope: MutableMapping[str, Any], receive: Any, send: Send) -> None:
    """Answers how many bytes of body it was sent; under /early it does not wait for them."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/early":
        await send({"type": "http.response.start", "status": 401, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


def serve(
    client: Callable[[int], None],
    settings: HttpSettings | None = None,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Run a client in a thread against a served application, then stop the server."""

    async def both() -> None:
        door = open_door("the tests", "http", "127.0.0.1", 0)
        protocol = bounded_protocol(settings or HttpSettings())
        server = web_server(
            application,
            stop_seconds=1,
            http=protocol,
            tls=tls,
            timeout_keep_alive=1,
            ws="none",
            lifespan="off",
        )
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


def sent(port: int, content: bytes) -> bytes:
    """Send bytes and read until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        # A side that has closed already may refuse the rest.
        with suppress(ConnectionError):
            connection.sendall(content)
        told = b""
        with suppress(ConnectionError):
            while part := connection.recv(65536):
                told += part
    return told


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\nhost: here\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: here\r\nx-long: " + b"y" * 40_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: here\r\n" + b"x-more: y\r\n" * 4_000 + b"\r\n",
        b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 5\r\nx: "
        + b"y" * 40_000
        + b"\r\n\r\nbody!",
    ],
    ids=["url", "header", "headers", "with a body"],
)
def test_headers_that_are_too_long_are_a_431_in_one_piece_or_many(head: bytes) -> None:
    def client(port: int) -> None:
        assert sent(port, head).startswith(b"HTTP/1.1 431 ")
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            with suppress(ConnectionError):
                for at in range(0, len(head), 1500):
                    connection.sendall(head[at : at + 1500])
            with suppress(ConnectionError):
                assert connection.recv(100).startswith(b"HTTP/1.1 431 ")

    serve(client, HttpSettings(header_bytes_max=16 * 1024))


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (b"", b"HTTP/1.1 408 "),
        (b"\r\n", b"HTTP/1.1 408 "),
        (b"POST / HTTP/1.1\r\nhost: he", b"HTTP/1.1 408 "),
        (b"GET / HTTP/1.1\r\nhost: here\r\n\r\nGET / HT", b"HTTP/1.1 200 "),
        (b"GET / HTTP/1.1\r\nhost: here\r\n\r\n", b"HTTP/1.1 200 "),
    ],
    ids=["silent", "almost silent", "slow headers", "slow second request", "idle"],
)
def test_a_connection_that_keeps_us_waiting_is_closed(content: bytes, answer: bytes) -> None:
    """Reading ends only when the server closes; else the client's own limit fails the test."""

    def client(port: int) -> None:
        assert sent(port, content).startswith(answer)

    serve(client, HttpSettings(header_seconds=0.2))


def test_a_body_that_trickles_in_after_its_answer_is_closed() -> None:
    def client(port: int) -> None:
        head = b"POST /early HTTP/1.1\r\nhost: here\r\ntransfer-encoding: chunked\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(head)
            assert connection.recv(1000).startswith(b"HTTP/1.1 401 ")
            for _ in range(10_000):
                try:
                    connection.sendall(b"1\r\nx\r\n")
                    if select.select([connection], [], [], 0.01)[0] and not connection.recv(100):
                        return
                except ConnectionError:
                    return
        pytest.fail("the connection was never closed")

    serve(client, HttpSettings(header_seconds=0.2))


def test_one_connection_too_many_is_told_and_closed() -> None:
    def client(port: int) -> None:
        held = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(3)]
        for each in held:
            each.sendall(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
            assert each.recv(1000).startswith(b"HTTP/1.1 200 ")
        assert sent(port, b"").startswith(b"HTTP/1.1 503 ")
        held.pop().close()
        told = b""
        while not told.startswith(b"HTTP/1.1 200 "):
            told = sent(port, b"GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n")
        for each in held:
            each.close()

    serve(client, HttpSettings(connections_max=3))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        + ["-nodes", "-days", "2", "-subj", "/CN=localhost"]
        + ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        + ["-out", str(made), "-keyout", str(key)],
        check=True,
        capture_output=True,
    )
    return made, key


def test_a_certificate_makes_it_https(certificate: tuple[Path, Path]) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate[0]))

    def client(port: int) -> None:
        with httpx.Client(verify=trusting, trust_env=False) as session:
            assert session.post(f"https://127.0.0.1:{port}/", content=b"abc").text == "3"
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"https://127.0.0.1:{port}/", trust_env=False)
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with (
            socket.create_connection(("127.0.0.1", port), 10) as plain,
            old.wrap_socket(plain) as spoken,
        ):
            assert spoken.version() == "TLSv1.2"

    found = read_tls("http", *certificate)
    assert found
    assert certificate[1].read_text() not in repr(found)
    serve(client, tls=found.context)


@pytest.mark.parametrize("section", ["http", "grpc"])
def test_tls_files_that_are_wrong_are_named(
    section: str, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    good, key = certificate
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    assert read_tls(section, None, None) is None
    for wrong, says in (
        ((good, None), f"{section}.tls_key: is not set"),
        ((None, key), f"{section}.tls_certificate: is not set"),
        ((tmp_path / "none.pem", key), "none.pem: cannot be read: No such file"),
        ((good, tmp_path), f"{section}.tls_key, {tmp_path}"),
        ((nonsense, key), "nonsense.pem"),
        ((good, nonsense), "is no certificate with its key"),
        ((key, good), "is no certificate with its key"),
    ):
        with pytest.raises(ConfigInvalid) as refused:
            read_tls(section, *wrong)
        assert says in str(refused.value)
