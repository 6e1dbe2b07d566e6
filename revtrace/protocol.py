"""HTTP on one connection, with the bounds that uvicorn's own protocol has not: of connections, of
headers, and of the time that they take to arrive.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.settings import HttpSettings

BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n"
    b"content-length: 0\r\n\r\n"
)
TOO_LONG = "The headers of the request are too long."
TOO_SLOW = "The request took too long to arrive."
STATUS = {
    TOO_LONG: b"431 Request Header Fields Too Large",
    TOO_SLOW: b"408 Request Timeout",
}


def bounded_protocol(settings: HttpSettings) -> type[HttpToolsProtocol]:
    """Make a protocol with the bounds of these settings."""
    return type("BoundedProtocol", (BoundedProtocol,), {"bounds": settings})


class BoundedProtocol(HttpToolsProtocol):
    """Gives up a connection that takes what is not its own.

    A deadline runs while a connection is open and no request of it is being served: from its
    start, from the first byte of a request to the end of its headers, and while the body of a
    request that was answered already still comes. Only an idle connection between two requests
    is uvicorn's to end.
    """

    bounds = HttpSettings()
    _header_bytes = 0
    _in_headers = False
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.bounds.connections_max:
            transport.write(BUSY)
            transport.close()
            return
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        # What comes after an answer that ends the connection is nobody's.
        if self.transport.is_closing():
            return
        began_before = self._in_headers
        super().data_received(data)
        if self.transport.is_closing():
            return
        if began_before and self._in_headers:
            self._header_bytes += len(data)
            if self._header_bytes > self.bounds.header_bytes_max:
                self._give_up(TOO_LONG)
                return
        if self._in_headers or self.cycle is None or self.cycle.response_complete:
            self._await_request()

    def on_message_begin(self) -> None:
        self._header_bytes, self._in_headers = 0, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_headers = False
        self._cancel_deadline()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self.bounds.header_bytes_max:
            self._give_up(TOO_LONG)
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self.cycle is not None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self.cycle is not None:
            super().on_message_complete()

    def _await_request(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(
                self.bounds.header_seconds, self._give_up, TOO_SLOW
            )

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self, why: str) -> None:
        self._cancel_deadline()
        if self.transport.is_closing():
            return
        # An answer that was given already must not be followed by one that nobody asked for.
        if self.cycle is None or self._in_headers or why == TOO_LONG:
            self.transport.write(
                b"HTTP/1.1 " + STATUS[why] + b"\r\nconnection: close\r\n"
                b"content-type: text/plain; charset=utf-8\r\n"
                b"content-length: " + str(len(why)).encode() + b"\r\n\r\n" + why.encode()
            )
        self.transport.close()
