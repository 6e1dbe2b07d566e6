"""The channel `webhook`: posts the body of a notification, as JSON, to `alerts.webhook_url`.

With `alerts.webhook_secret` the request is signed as the Standard Webhooks specification says, so
that receivers verify it with any of its libraries. The address may itself be a secret (chat
services put their token into it): neither it nor the secret is ever logged, and the answer's body
is not read.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import logging
import ssl
import threading
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NoReturn
from urllib.parse import urlsplit

import httpx

from alerts.notifier import Notification, Notifier, SendDelayed, SendRefused, Setup, Trouble
from core.clock import Clock
from core.errors import ConfigInvalid

SECRET_PREFIX = "whsec_"
# The answers that may be another one tomorrow: the request came too slow, too early, or too often.
DELAYED_STATUSES = frozenset({408, 425, 429})


class Webhook:
    """Posts with one deadline for the whole exchange; a request that is under way can be broken
    off.
    """

    def __init__(
        self, url: httpx.URL, key: bytes | None, timeout_seconds: float, clock: Clock
    ) -> None:
        self._url = url
        self._key = key
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._trust: ssl.SSLContext = httpx.create_ssl_context()
        self._lock = threading.Lock()
        self._closed = False
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[httpx.Response]] | None = None

    def send(self, notification: Notification, attempt: int) -> None:
        body = notification.body.encode()
        headers = self._headers(notification, attempt, body)
        try:
            answer = asyncio.run(self._exchange(headers, body))
        except TimeoutError:
            self._delay("gave no answer in time", Trouble.TIMEOUT)
        except asyncio.CancelledError:
            self._delay("was broken off", Trouble.STOPPED)
        except httpx.TransportError as error:
            # The class says what happened; the text may hold the address.
            self._delay(f"cannot be reached ({type(error).__name__})", Trouble.CONNECTION)
        self._judge(answer)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._running is not None:
                loop, task = self._running
                loop.call_soon_threadsafe(task.cancel)

    async def _exchange(self, headers: Mapping[str, str], body: bytes) -> httpx.Response:
        # One loop a message costs a millisecond, and buys a deadline and a way to break off that
        # blocking sockets do not have: their timeouts begin anew with each byte.
        task = asyncio.create_task(self._post(headers, body))
        with self._lock:
            if self._closed:
                task.cancel()
            self._running = (asyncio.get_running_loop(), task)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await task
        finally:
            with self._lock:
                self._running = None

    async def _post(self, headers: Mapping[str, str], body: bytes) -> httpx.Response:
        async with (
            httpx.AsyncClient(
                verify=self._trust, timeout=self._timeout_seconds, follow_redirects=False
            ) as client,
            client.stream("POST", self._url, content=body, headers=headers) as answer,
        ):
            return answer

    def _headers(self, notification: Notification, attempt: int, body: bytes) -> dict[str, str]:
        key = notification.notification_id
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "revtrace",
            "Idempotency-Key": key,
            "Revtrace-Attempt": str(attempt),
        }
        if self._key is not None:
            stamp = str(int(self._clock.now().timestamp()))
            headers |= {
                "webhook-id": key,
                "webhook-timestamp": stamp,
                "webhook-signature": f"v1,{signature(self._key, key, stamp, body)}",
            }
        return headers

    def _judge(self, answer: httpx.Response) -> None:
        status = answer.status_code
        what = f"answered {status}"
        if 200 <= status < 300:
            return
        if status == 429 or status == 503:
            trouble = Trouble.RATE_LIMITED if status == 429 else Trouble.SERVER
            self._delay(what, trouble, self._retry_after_seconds(answer))
        if status >= 500 or status in DELAYED_STATUSES:
            self._delay(what, Trouble.SERVER)
        trouble = Trouble.AUTH if status in (401, 403) else Trouble.REFUSED
        raise SendRefused(
            f"the webhook at {self._url.host}",
            what,
            "Check REVTRACE_ALERTS__WEBHOOK_URL and what its receiver accepts",
            trouble=trouble,
        )

    def _retry_after_seconds(self, answer: httpx.Response) -> int:
        """Seconds or a date, as HTTP allows; anything else asks for nothing."""
        text = answer.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return int(text[:9])
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return 0
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(int((at - self._clock.now()).total_seconds()), 0)

    def _delay(self, why: str, trouble: Trouble, retry_after_seconds: int = 0) -> NoReturn:
        raise SendDelayed(
            f"the webhook at {self._url.host}",
            why,
            trouble=trouble,
            retry_after_seconds=retry_after_seconds,
        ) from None


def signature(key: bytes, message_id: str, stamp: str, body: bytes) -> str:
    """HMAC-SHA256 over `id.timestamp.body`, in base64."""
    signed = f"{message_id}.{stamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def build(setup: Setup) -> Notifier | None:
    settings = setup.settings.alerts
    if settings.webhook_url is None or not settings.webhook_url.get_secret_value():
        return None
    # httpx logs the whole address of every request, which would give away a token in it.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    url = _url(settings.webhook_url.get_secret_value())
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    return Webhook(url, _key(secret), settings.send_timeout_seconds, setup.clock)


def _url(text: str) -> httpx.URL:
    try:
        # httpx takes ports and brackets that lead nowhere; the standard library refuses them.
        parts = urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        pass
    raise ConfigInvalid(
        "setting alerts.webhook_url",
        "is no address that can be posted to",
        "Give a whole http or https address",
    )


def _key(secret: str) -> bytes | None:
    """The secret's bytes; after `whsec_` they are in base64, as the specification has it."""
    if not secret:
        return None
    if not secret.startswith(SECRET_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise ConfigInvalid(
            "setting alerts.webhook_secret",
            f"is not base64 after {SECRET_PREFIX}",
            "Give it as your receiver shows it",
        ) from None
