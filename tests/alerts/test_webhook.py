"""The webhook channel, against a real receiver on a real port."""

import base64
import hashlib
import hmac
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from alerts.notifier import Notification, SendDelayed, SendRefused, Setup, Trouble
from alerts.notifiers.webhook import Webhook, build
from alerts.reader import Reader
from alerts.runbook import Runbooks
from core.clock import FixedClock
from core.errors import ConfigInvalid
from core.settings import AlertSettings, Settings
from core.store import Store
from tests.alerts.arrange import (
    ATTEMPTS_MAX,
    NOON,
    Crash,
    Desk,
    Receiver,
    pipeline,
    receiver,
    row,
    rule,
)

HOOK = [rule(channels=("webhook",))]


@pytest.fixture
def other_side() -> Iterator[Receiver]:
    with receiver() as started:
        yield started


def webhook(url: str, clock: FixedClock, secret: str = "", seconds: float = 5) -> Webhook:
    given = {"webhook_url": url, "send_timeout_seconds": seconds}
    if secret:
        given["webhook_secret"] = secret
    built = build(Setup(Settings(alerts=AlertSettings(**given)), clock))
    assert isinstance(built, Webhook)
    return built


def message(body: str = '{"version": 1}') -> Notification:
    return Notification(
        "k1", 1, "r", "v", "webhook", "firing", "new", "critical", "title", body, NOON
    )


def test_the_body_arrives_with_its_key_and_attempt(other_side: Receiver, clock: FixedClock) -> None:
    webhook(other_side.url, clock).send(message('{"ä": 1}'), 3)
    [request] = other_side.requests
    assert request.body.decode() == '{"ä": 1}'
    assert request.headers["content-type"] == "application/json"
    assert request.headers["idempotency-key"] == "k1"
    assert request.headers["revtrace-attempt"] == "3"
    assert "webhook-signature" not in request.headers


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        ("plain words", b"plain words"),
        ("whsec_" + base64.b64encode(b"key bytes").decode(), b"key bytes"),
    ],
)
def test_the_signature_is_the_one_of_standard_webhooks(
    other_side: Receiver, clock: FixedClock, secret: str, key: bytes
) -> None:
    webhook(other_side.url, clock, secret).send(message(), 1)
    [request] = other_side.requests
    stamp = str(int(NOON.timestamp()))
    signed = b"k1." + stamp.encode() + b"." + request.body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-id"] == "k1"
    assert request.headers["webhook-timestamp"] == stamp
    assert request.headers["webhook-signature"] == f"v1,{wanted}"


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (408, Trouble.SERVER),
        (425, Trouble.SERVER),
        (429, Trouble.RATE_LIMITED),
        (500, Trouble.SERVER),
        (502, Trouble.SERVER),
        (503, Trouble.SERVER),
        (504, Trouble.SERVER),
    ],
)
def test_what_may_pass_is_delayed(
    other_side: Receiver, clock: FixedClock, status: int, trouble: Trouble
) -> None:
    other_side.answers = [status]
    with pytest.raises(SendDelayed) as raised:
        webhook(other_side.url, clock).send(message(), 1)
    assert raised.value.trouble is trouble


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (301, Trouble.REFUSED),
        (307, Trouble.REFUSED),
        (400, Trouble.REFUSED),
        (401, Trouble.AUTH),
        (403, Trouble.AUTH),
        (404, Trouble.REFUSED),
        (413, Trouble.REFUSED),
    ],
)
def test_what_will_not_pass_is_refused_and_redirects_are_not_followed(
    other_side: Receiver, clock: FixedClock, status: int, trouble: Trouble
) -> None:
    other_side.answers = [status]
    with pytest.raises(SendRefused) as raised:
        webhook(other_side.url, clock).send(message(), 1)
    assert raised.value.trouble is trouble
    assert len(other_side.requests) == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("Wed, 30 Sep 2026 12:01:00 GMT", 60),
        ("Wed, 30 Sep 2026 11:59:00 GMT", 0),
        ("soon", 0),
        ("-3", 0),
        ("9" * 400, 999_999_999),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(
    other_side: Receiver, clock: FixedClock, text: str, seconds: int
) -> None:
    other_side.answers = [(503, text)]
    with pytest.raises(SendDelayed) as raised:
        webhook(other_side.url, clock).send(message(), 1)
    assert raised.value.retry_after_seconds == seconds


def test_a_receiver_that_hangs_costs_no_more_than_the_timeout(
    other_side: Receiver, clock: FixedClock
) -> None:
    other_side.answers = [0]
    before = time.monotonic()
    with pytest.raises(SendDelayed) as raised:
        webhook(other_side.url, clock, seconds=0.3).send(message(), 1)
    assert raised.value.trouble is Trouble.TIMEOUT
    assert time.monotonic() - before < 3


def test_a_receiver_that_drips_costs_no_more_than_the_timeout(clock: FixedClock) -> None:
    """Each byte would begin a socket's timeout anew; the deadline is for the whole exchange."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            taken, _ = listening.accept()
            with taken:
                taken.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not ended.wait(0.05):
                    try:
                        taken.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        try:
            with pytest.raises(SendDelayed) as raised:
                webhook(url, clock, seconds=0.4).send(message(), 1)
            assert raised.value.trouble is Trouble.TIMEOUT
        finally:
            ended.set()
            thread.join()


def test_a_receiver_that_is_not_there_or_hangs_up_is_delayed(clock: FixedClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def hang_up() -> None:
            taken, _ = listening.accept()
            taken.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(SendDelayed) as raised:
            webhook(f"http://127.0.0.1:{port}/", clock).send(message(), 1)
        assert raised.value.trouble is Trouble.CONNECTION
        thread.join()
    with pytest.raises(SendDelayed) as raised:
        webhook(f"http://127.0.0.1:{port}/", clock).send(message(), 1)
    assert raised.value.trouble is Trouble.CONNECTION


def test_closing_breaks_off_a_send_within_a_second(other_side: Receiver, clock: FixedClock) -> None:
    other_side.answers = [0]
    channel = webhook(other_side.url, clock, seconds=20)
    caught: list[SendDelayed] = []

    def send() -> None:
        try:
            channel.send(message(), 1)
        except SendDelayed as error:
            caught.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    assert other_side.asked.wait(5)
    before = time.monotonic()
    channel.close()
    channel.close()
    thread.join(5)
    assert time.monotonic() - before < 1
    assert [error.trouble for error in caught] == [Trouble.STOPPED]
    with pytest.raises(SendDelayed):
        channel.send(message(), 2)
    assert len(other_side.requests) == 1


def test_neither_address_nor_secret_are_told_to_anybody(
    other_side: Receiver, clock: FixedClock, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    other_side.answers = [200, 500, 400]
    channel = webhook(other_side.url, clock, "s3cr3t-key")
    pipe = pipeline(store, Desk([row()]), clock, HOOK, {"webhook": channel})
    for amount in ("1.00", "2.00"):
        pipe._parts.findings.rows = [row(amount=amount)]  # type: ignore[attr-defined]
        pipe.turn()
    clock.move(timedelta(minutes=1))
    pipe.turn()
    assert [one["status"] for one in _notifications(store)] == ["refused", "sent"]
    told = caplog.text + json.dumps(_notifications(store), default=str)
    assert "T0K3N" not in told
    assert "s3cr3t-key" not in told
    assert "127.0.0.1" in told


@pytest.mark.parametrize(
    "url", ["not an address", "ftp://host/", "https://", "/path", "http://[", "https://h:99999999/"]
)
def test_a_wrong_address_is_refused_at_start_without_being_shown(
    url: str, clock: FixedClock
) -> None:
    with pytest.raises(ConfigInvalid) as raised:
        webhook(url, clock)
    assert "alerts.webhook_url" in str(raised.value)
    assert url not in str(raised.value)


def test_a_secret_that_is_no_base64_is_refused_at_start(clock: FixedClock) -> None:
    with pytest.raises(ConfigInvalid, match="webhook_secret"):
        webhook("https://host/", clock, "whsec_not base64!")


def test_without_an_address_the_channel_is_not_set_up(clock: FixedClock) -> None:
    assert build(Setup(Settings(), clock)) is None


def test_a_receiver_that_fails_and_heals_gets_each_message_once(
    other_side: Receiver, clock: FixedClock, store: Store
) -> None:
    other_side.answers = [500, 503, 204]
    desk = Desk([row()])
    pipe = pipeline(store, desk, clock, HOOK, {"webhook": webhook(other_side.url, clock)})
    for _ in range(20):
        pipe.turn()
        clock.move(timedelta(seconds=3))
    desk.rows = []
    pipe.turn()
    assert [request.headers["revtrace-attempt"] for request in other_side.requests] == [
        "1",
        "2",
        "3",
        "1",
    ]
    keys = [request.headers["idempotency-key"] for request in other_side.requests]
    assert len(set(keys)) == 2
    assert len({request.body for request in other_side.requests}) == 2
    assert [one["status"] for one in _notifications(store)] == ["sent", "sent"]


def test_a_receiver_that_says_when_is_left_alone_until_then(
    other_side: Receiver, clock: FixedClock, store: Store
) -> None:
    other_side.answers = [(429, "120"), 204]
    desk = Desk([row()])
    pipe = pipeline(store, desk, clock, HOOK, {"webhook": webhook(other_side.url, clock)})
    pipe.turn()
    desk.rows = [row(), row(finding_id="f2")]
    for _ in range(3):
        clock.move(timedelta(seconds=39))
        pipe.turn()
    assert len(other_side.requests) == 1
    clock.move(timedelta(seconds=39))
    pipe.turn()
    assert len(other_side.requests) == 3


def test_one_message_it_chokes_on_does_not_stop_those_behind_it(
    other_side: Receiver, clock: FixedClock, store: Store
) -> None:
    other_side.answers = [500, 204]
    desk = Desk([row()])
    pipe = pipeline(store, desk, clock, HOOK, {"webhook": webhook(other_side.url, clock)})
    pipe.turn()
    desk.rows = [row(), row(finding_id="f2")]
    pipe.turn()
    assert [one["status"] for one in _notifications(store)] == ["sent", "retry"]


def test_after_a_crash_the_receiver_sees_the_same_key_and_bytes(
    other_side: Receiver, clock: FixedClock, store: Store
) -> None:
    channel = webhook(other_side.url, clock)
    send = channel.send

    class Dying:
        def send(self, notification: Notification, attempt: int) -> None:
            send(notification, attempt)
            raise Crash

        def close(self) -> None:
            pass

    with pytest.raises(Crash):
        pipeline(store, Desk([row()]), clock, HOOK, {"webhook": Dying()}).turn()
    pipe = pipeline(store, Desk([row()]), clock, HOOK, {"webhook": channel})
    pipe.turn()
    pipe.turn()
    first, second = other_side.requests
    assert first.body == second.body
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


def test_a_permanent_refusal_is_one_attempt(
    other_side: Receiver, clock: FixedClock, store: Store
) -> None:
    other_side.answers = [400]
    pipe = pipeline(store, Desk([row()]), clock, HOOK, {"webhook": webhook(other_side.url, clock)})
    for _ in range(ATTEMPTS_MAX):
        pipe.turn()
        clock.move(timedelta(minutes=5))
    assert len(other_side.requests) == 1
    [one] = _notifications(store)
    assert (one["status"], one["trouble"], one["attempts"]) == ("refused", "refused", 1)


def _notifications(store: Store) -> list[dict[str, object]]:
    return Reader(store, {}, Runbooks()).notifications()
