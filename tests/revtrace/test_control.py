"""The control socket: who has the token is served, progress comes before the result, errors arrive
whole.
"""

import errno
import gzip
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import BadInput, NotFound, RevtraceError, StoreUnavailable
from core.lock import Card, Owner
from core.settings import load_settings
from revtrace.control import ControlServer, Progress, call
from revtrace.document import Document
from revtrace.gate import ask, other_config


def perform(operation: str, params: Document, progress: Progress) -> Document:
    if operation == "missing":
        raise NotFound("nothing is known of invoice/ÄÖ", "no event", "Check the id")
    if operation == "broken":
        raise ZeroDivisionError("inside")
    if operation == "unreadable":
        raise gzip.BadGzipFile("Not a gzipped file")
    if operation == "full":
        raise OSError(errno.ENOSPC, "No space left on device")
    for step in range(3):
        progress({"done": step})
    return {"operation": operation, "params": params}


@pytest.fixture
def card() -> Iterator[Card]:
    server = ControlServer(perform, workers=2)
    server.start()
    yield Card(1, "up", "2026-09-30T12:00:00", server.port, server.token)
    server.stop()


def test_progress_then_result(card: Card) -> None:
    heard: list[Document] = []
    answer = call(card, "trace", {"key": "invoice/ÄÖ\ud800"}, heard.append)
    assert answer == {"operation": "trace", "params": {"key": "invoice/ÄÖ\ud800"}}
    assert heard == [{"done": 0}, {"done": 1}, {"done": 2}]


@pytest.mark.parametrize("token", ["", "wrong", "ä", "x" * 10_000])
def test_wrong_token_is_refused(card: Card, token: str) -> None:
    with pytest.raises(BadInput, match="refuses the token"):
        call(replace(card, token=token), "trace", {}, print)


@pytest.mark.parametrize(
    "request_bytes",
    [b"\n", b"{}\n", b"[1]\n", b"\xff\xfe\n", b'{"token": 1, "operation": "x", "params": {}}\n'],
)
def test_garbage_is_answered_with_one_error(card: Card, request_bytes: bytes) -> None:
    with socket.create_connection(("127.0.0.1", card.port), 5) as connection:
        connection.sendall(request_bytes)
        with connection.makefile("rb") as stream:
            answer = json.loads(stream.readline())
    assert answer["error"]["type"] == "BadInput"


def test_error_arrives_as_what_it_was(card: Card) -> None:
    with pytest.raises(NotFound) as refused:
        call(card, "missing", {}, print)
    assert str(refused.value) == "nothing is known of invoice/ÄÖ: no event. Check the id"


def test_fault_inside_is_told_and_the_server_lives_on(card: Card) -> None:
    for _ in range(5):
        with pytest.raises(RevtraceError, match="ZeroDivisionError"):
            call(card, "broken", {}, print)
    assert call(card, "trace", {}, lambda _: None)["operation"] == "trace"


@pytest.mark.parametrize(
    ("operation", "why"), [("unreadable", "Not a gzipped file"), ("full", "No space left")]
)
def test_what_the_system_refuses_to_an_operation_is_told(
    card: Card, operation: str, why: str
) -> None:
    with pytest.raises(RevtraceError, match=why) as refused:
        call(card, operation, {}, print)
    assert not isinstance(refused.value, StoreUnavailable)


def test_a_connection_that_cannot_be_taken_does_not_end_the_taking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = ControlServer(perform, workers=1)
    genuine = server._listener
    refusals = iter([errno.EMFILE, errno.ECONNABORTED])

    class Refusing:
        """Takes the third connection only."""

        def accept(self) -> tuple[socket.socket, object]:
            if refused := next(refusals, None):
                raise OSError(refused, "refused")
            return genuine.accept()

    monkeypatch.setattr(server, "_listener", Refusing())
    server.start()
    card = Card(1, "up", "2026-09-30T12:00:00", server.port, server.token)
    try:
        assert call(card, "trace", {}, lambda _: None)["operation"] == "trace"
    finally:
        monkeypatch.setattr(server, "_listener", genuine)
        server.stop()


def test_whoever_names_other_declarations_than_the_owner_goes_by_is_warned(
    card: Card, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = load_settings(home=tmp_path, config="mine")
    own = str(Path("mine").resolve())
    assert other_config(load_settings(), replace(card, config="/theirs")) == ""
    assert other_config(mine, card) == "", "an owner of before says nothing of it"
    assert other_config(mine, replace(card, config=own)) == ""
    told = other_config(mine, replace(card, config=""))
    assert "REVTRACE_CONFIG='mine' has no effect: `revtrace up` (process 1)" in told
    assert "with the shipped declarations alone" in told
    with Owner.acquire(tmp_path, "up", datetime(2026, 9, 30, tzinfo=UTC)) as owner:
        owner.announce(card.port, card.token, "/theirs")
        ask(mine, "trace", {})
    assert "performs this, with '/theirs'." in capsys.readouterr().err


def test_owner_that_does_not_answer_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(StoreUnavailable, match=r"process 42 \(revtrace up\)"):
        call(Card(42, "up", "", port, "t"), "trace", {}, print)
