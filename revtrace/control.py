"""The loopback socket through which commands reach the process that owns an embedded warehouse.

A caller sends one JSON line `{"token", "operation", "params"}`; the owner answers with JSON lines:
`{"progress": {...}}` as often as it likes, then one `{"result": {...}}` or `{"error": {...}}`. Only
who can read the owner's lock file has the token. Nothing here knows what an operation does.
"""

import contextlib
import hmac
import json
import logging
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from queue import Empty, Full, Queue
from typing import Any

import core.errors
from core.errors import BadInput, Overloaded, Retryable, RevtraceError, StoreUnavailable
from core.lock import Card
from revtrace.document import Document

REQUEST_BYTES_MAX = 1024 * 1024
ANSWER_BYTES_MAX = 1024 * 1024 * 1024
CONNECT_SECONDS = 3.0
REQUEST_SECONDS = 10.0
# A command may be silent for as long as one statement of the engine runs, which has its own limit.
ANSWER_SECONDS = 3600.0
ACCEPT_AGAIN_SECONDS = 0.5
WORKERS = 4
WAITING_MAX = 16
LOOPBACK = "127.0.0.1"

Progress = Callable[[Document], None]
Perform = Callable[[str, Document, Progress], Document]

log = logging.getLogger(__name__)


class CallerGone(ConnectionError):
    """The connection to the caller failed: there is nobody left to answer."""


class ControlServer:
    """Takes commands on a random loopback port; a bounded number at once, the rest wait or are
    refused.
    """

    def __init__(self, perform: Perform, *, workers: int = WORKERS) -> None:
        self.token = secrets.token_urlsafe(32)
        self._perform = perform
        self._listener = socket.create_server((LOOPBACK, 0), backlog=WAITING_MAX)
        self.port: int = self._listener.getsockname()[1]
        self._waiting: Queue[socket.socket] = Queue(WAITING_MAX)
        self._stopping = threading.Event()
        self._busy: set[socket.socket] = set()
        # Daemons: a command that is still running when the owner stops must not hold it up.
        self._threads = [
            threading.Thread(target=self._accept, name="control-accept", daemon=True),
            *(
                threading.Thread(target=self._work, name=f"control-{number}", daemon=True)
                for number in range(workers)
            ),
        ]

    def start(self) -> None:
        """Begin to take commands."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> bool:
        """Take no more commands; says whether none is still running: one that is, is cut off."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        return not self._busy

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError as error:
                # No file left for a connection, or a caller that hung up: others will come.
                if not self._stopping.wait(ACCEPT_AGAIN_SECONDS):
                    log.warning("a command could not be taken: %s", error)
                continue
            try:
                self._waiting.put_nowait(connection)
            except Full:
                with contextlib.suppress(OSError), connection:
                    _send(connection, _error(Overloaded("too many commands at once")))

    def _work(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(Empty):
                connection = self._waiting.get(timeout=0.5)
                self._busy.add(connection)
                # A caller that went away is its own affair; the next one is waiting.
                with contextlib.suppress(OSError), connection:
                    self._answer(connection)
                self._busy.discard(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(REQUEST_SECONDS)
        try:
            request = self._read_request(connection)
            connection.settimeout(ANSWER_SECONDS)
            result = self._perform(
                request["operation"],
                request["params"],
                lambda document: _report(connection, document),
            )
            answer = {"result": result}
        except RevtraceError as error:
            answer = _error(error)
        except CallerGone:
            raise
        except OSError as error:
            log.warning("a command failed: %s", error)
            answer = _error(RevtraceError("the command failed", str(error) or repr(error)))
        except Exception as error:
            log.exception("a command failed")
            answer = _error(
                RevtraceError("the command failed inside of revtrace", repr(error), "See its log")
            )
        _send(connection, answer)

    def _read_request(self, connection: socket.socket) -> Document:
        try:
            with connection.makefile("rb") as stream:
                line = stream.readline(REQUEST_BYTES_MAX)
        except OSError as error:
            raise CallerGone(str(error)) from error
        try:
            request = json.loads(line)
            token, operation, params = request["token"], request["operation"], request["params"]
        except (ValueError, KeyError, TypeError):
            raise BadInput("the control socket", "wants one JSON line") from None
        if not isinstance(token, str) or not hmac.compare_digest(
            token.encode(), self.token.encode()
        ):
            raise BadInput("the control socket refuses the token", "", "Read it from owner.lock")
        if not isinstance(operation, str) or not isinstance(params, dict):
            raise BadInput("the control socket", "wants an operation's name and its parameters")
        return {"operation": operation, "params": params}


def call(card: Card, operation: str, params: Document, progress: Progress) -> Document:
    """Have the owner perform an operation; raises what it raised there, StoreUnavailable when it is
    gone.
    """
    request = {"token": card.token, "operation": operation, "params": params}
    try:
        with socket.create_connection((LOOPBACK, card.port), CONNECT_SECONDS) as connection:
            connection.settimeout(ANSWER_SECONDS)
            _send(connection, request)
            for line in _lines(connection):
                if "progress" in line:
                    progress(line["progress"])
                elif "error" in line:
                    raise _raised(line["error"])
                else:
                    result: Document = line["result"]
                    return result
    except (OSError, ValueError) as error:
        raise _gone(card, str(error)) from error
    raise _gone(card, "it closed the connection before it had answered")


def _lines(connection: socket.socket) -> Iterator[Document]:
    with connection.makefile("rb") as stream:
        while line := stream.readline(ANSWER_BYTES_MAX):
            yield json.loads(line)


def _send(connection: socket.socket, document: Document) -> None:
    connection.sendall(json.dumps(document).encode() + b"\n")


def _report(connection: socket.socket, document: Document) -> None:
    try:
        _send(connection, {"progress": document})
    except OSError as error:
        raise CallerGone(str(error)) from error


def _error(error: RevtraceError) -> Document:
    told: dict[str, Any] = {"type": type(error).__name__, "what": error.what}
    told |= {"why": error.why, "todo": error.todo}
    if isinstance(error, Retryable):
        told["retry_after_seconds"] = error.retry_after_seconds
    return {"error": told}


def _raised(told: Document) -> RevtraceError:
    """Make the error again; a kind that this program does not know is still an error of ours."""
    kind = getattr(core.errors, str(told.get("type")), RevtraceError)
    if not (isinstance(kind, type) and issubclass(kind, RevtraceError)):
        kind = RevtraceError
    return kind(told["what"], told.get("why", ""), told.get("todo", ""))


def _gone(card: Card, why: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"process {card.pid} (revtrace {card.command}) owns the folder but does not answer",
        why,
        "Try again; if it hangs, stop it with `kill` and start it anew",
    )
