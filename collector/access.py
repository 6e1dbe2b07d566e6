"""Who may send what, and how much: the same check for every way in, whatever its protocol.

`Access.admit` judges one request and gives a Grant, which fills in and limits the deliveries that
are made of it. Tokens are known in memory, so a check costs microseconds and a warehouse that is
away locks nobody out; they are read again every few seconds, and at once where one was revoked
through this process.
"""

import ipaddress
import logging
import math
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime

from collector.delivery import Delivery
from collector.refused_senders import RefusedSenders
from collector.tokens import Token, TokenRegister, invent, parse
from core.clock import Clock
from core.errors import Overloaded, Permanent, RevtraceError, StoreUnavailable
from core.settings import AccessSettings, Settings

LOG = logging.getLogger("revtrace.collector")

# A token's last use is told no more often than this, however often it is used.
USE_SECONDS = 60.0
# Of how many seconds' worth a bucket holds: clients send in bursts, and that is no abuse.
BURST_SECONDS = 2.0
WAIT_SECONDS_MAX = 3600
CREATE = "Make one with `revtrace tokens create NAME` and send it as `Authorization: Bearer TOKEN`"


class Unauthorized(Permanent):
    """No token, or one that is not valid: 401."""


class Forbidden(Permanent):
    """A valid token that may not do this: 403."""


class TooMany(Overloaded):
    """More requests or bytes than one token may send: 429."""


class Bucket:
    """A token bucket that lets go into debt once, so that a request of any size passes sometime."""

    def __init__(self, rate: float, monotonic: Callable[[], float]) -> None:
        self._rate = rate
        self._holds = max(1.0, rate * BURST_SECONDS)
        self._monotonic = monotonic
        self._left = self._holds
        self._at = monotonic()

    def wait_seconds(self, needed: int) -> float:
        """How long until as much is there as is needed; 0: now."""
        if not self._rate:
            return 0.0
        now = self._monotonic()
        self._left = min(self._left + (now - self._at) * self._rate, self._holds)
        self._at = now
        return max(0.0, (needed - self._left) / self._rate)

    def take(self, count: float) -> None:
        """Take, into debt if need be."""
        if self._rate:
            self._left -= count


@dataclass
class _Held:
    """A token with what it may still send."""

    token: Token
    requests: Bucket
    sizes: Bucket
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Grant:
    """What the sender of one request may do; without a token: everything."""

    token: str = ""
    name: str = ""
    sources: tuple[str, ...] = ()
    _held: _Held | None = field(default=None, repr=False, compare=False)

    def charge(self, size: int) -> None:
        """Count the bytes that came; who sent too many waits before the next request."""
        if self._held is not None:
            with self._held.lock:
                self._held.sizes.take(size)

    def limit(self, delivery: Delivery) -> Delivery:
        """The delivery with its sender, the source of records that name none, and the sources that
        they may name; raises Forbidden for a delivery of another source.
        """
        if not self.token and not self.sources:
            return delivery
        self.check_source(delivery.source)
        only = self.sources[0] if len(self.sources) == 1 else ""
        return replace(
            delivery,
            token=self.token,
            allowed_sources=self.sources,
            source=delivery.source or only,
        )

    def check_source(self, source: str | None) -> None:
        """Raises Forbidden for a source that the token is not for."""
        if source and self.sources and source not in self.sources:
            raise Forbidden(
                f"token {self.name} may not send for source '{source[:100]}'",
                f"it is for {', '.join(self.sources)[:300]}",
                "Use the token of that source",
            )


ANYBODY = Grant()
# The grant of the request that the present task answers.
GRANT: ContextVar[Grant | None] = ContextVar("revtrace_grant", default=None)


class Access:
    """The tokens in force; any thread may ask. `start` before use, `stop` at the end.

    Without a register no token is known, and any that is sent is refused.
    """

    def __init__(
        self,
        register: TokenRegister | None,
        clock: Clock,
        settings: Settings,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.register = register
        self.refused = RefusedSenders(monotonic)
        self._clock = clock
        self._settings: AccessSettings = settings.access
        self._monotonic = monotonic
        self._loaded = register is None
        self._away = False
        self._held: dict[str, _Held] = {}
        # Declared sources that sign, which are a few; each has the limits of a token.
        self._signed: dict[str, _Held] = {}
        self._used: dict[str, datetime] = {}
        self._told_at: dict[str, float] = {}
        self._stopping = threading.Event()
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="tokens", daemon=True)
        doors = (settings.http.host, settings.grpc.host)
        self.beyond_loopback = not all(is_loopback(host) for host in doors)
        self.needed = self.beyond_loopback and not settings.http.open
        own, self._own_text = invent("this process", (), clock.now(), None)
        self._own = _Held(own, Bucket(0, monotonic), Bucket(0, monotonic))

    def own_authorization(self) -> str:
        """What this very process shows at its own doors; it dies with it and is stored nowhere."""
        return f"Bearer {self._own_text}"

    def start(self) -> None:
        """Read the tokens, and go on reading them."""
        self.reload()
        if self.register is not None:
            self._thread.start()
        now = self._clock.now()
        valid = any(one.token.state(now) == "valid" for one in self._held.values())
        if self.needed and self._loaded and not valid:
            LOG.warning(
                "it listens beyond loopback and %s, so every sender is answered 401: make one with "
                "`revtrace tokens create NAME`, or set http.open = true",
                "none of its tokens is valid any more" if self._held else "there is no token yet",
            )
        elif self.beyond_loopback and not self.needed:
            LOG.warning("http.open is set: whoever reaches this address may send, without a token")

    def stop(self) -> None:
        """Tell the last uses, and read no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(1.0)
        self._tell_uses(at_once=True)

    def reload(self) -> None:
        """Read the tokens again; while the warehouse is away, those that are known stay in
        force.
        """
        if self.register is None:
            return
        # One at a time, or what was read before a revocation could be put in force after it.
        with self._reading:
            try:
                tokens = self.register.all()
            except RevtraceError as error:
                if not self._away:
                    LOG.warning("the tokens cannot be read, those that are known hold: %s", error)
                self._away = True
                return
            self._away = False
            before = self._held
            self._held = {token.id: self._hold(token, before.get(token.id)) for token in tokens}
            self._loaded = True

    def admit(self, authorization: str | None, source: str | None = None, size: int = 0) -> Grant:
        """Judge one request by its `Authorization`, the source that it says it is for and the
        bytes it is known to have.

        Raises Unauthorized, Forbidden, TooMany, or StoreUnavailable while no token could be read
        yet.
        """
        if not authorization and not self.needed:
            return ANYBODY
        try:
            if not authorization:
                raise Unauthorized("a token is needed here", "", CREATE)
            held = self._find(authorization)
            grant = Grant(held.token.id, held.token.name, held.token.sources, held)
            grant.check_source(source)
        except (Unauthorized, Forbidden) as error:
            self.refused.tell(str(error))
            raise
        self._take_turn(held, size)
        if held is not self._own:
            self._used[held.token.id] = self._clock.now()
        return grant

    def enter_signed(self, source: str) -> Grant:
        """Hold whatever the present task commits to one source, since its signature was valid: that
        is all the authorization that a vendor can show. Raises TooMany.
        """
        held = self._signed.get(source)
        if held is None:
            token, _ = invent(f"signature of {source}", (source,), self._clock.now(), None)
            held = self._signed.setdefault(source, self._hold(token, None))
        grant = Grant("", held.token.name, (source,), held)
        self._take_turn(held, 0)
        GRANT.set(grant)
        return grant

    def enter(self, authorization: str | None, source: str | None = None, size: int = 0) -> Grant:
        """Admit, and hold whatever the present task commits to it; raises as `admit`."""
        grant = self.admit(authorization, source, size)
        GRANT.set(grant)
        return grant

    def granted(self) -> Grant:
        """The grant of the present request; raises Unauthorized where nobody asked for one and one
        is needed.
        """
        grant = GRANT.get()
        if grant is None:
            if self.needed:
                raise Unauthorized("a token is needed here", "", CREATE)
            return ANYBODY
        return grant

    def _take_turn(self, held: _Held, size: int) -> None:
        with held.lock:
            wait = max(held.requests.wait_seconds(1), held.sizes.wait_seconds(0))
            if wait > 0:
                raise TooMany(
                    f"token {held.token.name} sends more than it may",
                    f"{self._settings.requests_per_second:g} requests and "
                    f"{self._settings.bytes_per_second:g} bytes a second",
                    "Send larger batches less often, or raise the limits of [access]",
                    retry_after_seconds=min(WAIT_SECONDS_MAX, max(1, math.ceil(wait))),
                )
            held.requests.take(1)
            held.sizes.take(size)

    def _find(self, authorization: str) -> _Held:
        scheme, _, text = authorization.strip().partition(" ")
        found = parse(text.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            raise Unauthorized("the authorization is no token of revtrace", "", CREATE)
        held = self._own if found[0] == self._own.token.id else self._held.get(found[0])
        if held is None and not self._loaded:
            raise StoreUnavailable("the tokens could not be read yet", "", "Send it again later")
        # A token that is not there takes as long as one with another secret.
        proven = (held or self._own).token.is_proven_by(found[1])
        if held is None or not proven:
            raise Unauthorized("the token is not known", "", "See `revtrace tokens list`")
        state = held.token.state(self._clock.now())
        if state != "valid":
            raise Unauthorized(f"token {held.token.name} is {state}", "", "Ask for a new one")
        return held

    def _hold(self, token: Token, before: _Held | None) -> _Held:
        if before is not None:
            return replace(before, token=token)
        limits = self._settings
        return _Held(
            token,
            Bucket(limits.requests_per_second, self._monotonic),
            Bucket(limits.bytes_per_second, self._monotonic),
        )

    def _run(self) -> None:
        while not self._stopping.wait(self._settings.reload_seconds):
            # What is done to the tokens of an embedded warehouse is done by this very process.
            if self.register is not None and (self.register.is_shared or not self._loaded):
                self.reload()
            self._tell_uses()

    def _tell_uses(self, *, at_once: bool = False) -> None:
        """Write the last uses, no more often than once a minute a token."""
        if self.register is None:
            return
        with self._writing:
            now = self._monotonic()
            due = {
                token: used
                for token, used in list(self._used.items())
                if at_once or now - self._told_at.get(token, -math.inf) >= USE_SECONDS
            }
            if not due:
                return
            try:
                self.register.record_uses(due)
            except RevtraceError as error:
                LOG.debug("the uses of tokens could not be written: %s", error)
                return
            for token, used in due.items():
                self._told_at[token] = now
                if self._used.get(token) == used:
                    del self._used[token]


def is_loopback(host: str) -> bool:
    """Say whether an address to listen on is reached from this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
