"""Tokens: what a sender shows to be let in. The tables `tokens` and `token_uses`.

A token reads `rvt_<id>_<secret>`: the id is public and finds the token, the secret is 256 bits of
chance. Only the secret's sha256 is stored; against that much chance a slow password hash would
protect nothing more and cost each request dearly. A token never changes, but for being revoked.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from core.clock import Clock
from core.errors import BadInput, NotFound
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)

FORM = re.compile(r"rvt_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}")
SOURCE_CHARS_MAX = 200
SOURCES_MAX = 100
COLUMNS = (
    "token",
    "name",
    "secret_sha256",
    "sources",
    "created_at",
    "expires_at",
    "revoked_at",
    "version",
)
CREATED, REVOKED = 1, 2


@dataclass(frozen=True)
class Token:
    """A token without its secret; `sources` are those it may send for, none: any."""

    id: str
    name: str
    secret_sha256: str = field(repr=False)
    sources: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def state(self, now: datetime) -> str:
        """`valid`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        expired = self.expires_at is not None and now >= self.expires_at
        return "expired" if expired else "valid"

    def is_proven_by(self, secret: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(digest(secret), self.secret_sha256)


def parse(text: str) -> tuple[str, str] | None:
    """The id and the secret of a token as it is sent; None when it has not the form of one."""
    found = FORM.fullmatch(text)
    return (found[1], found[2]) if found else None


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def invent(
    name: str, sources: Sequence[str], now: datetime, expires_at: datetime | None
) -> tuple[Token, str]:
    """Make a token that is nowhere kept yet, and its text, which can never be made again."""
    id_, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    token = Token(id_, name, digest(secret), tuple(dict.fromkeys(sources)), now, expires_at)
    return token, f"rvt_{id_}_{secret}"


class TokenRegister:
    """Reads and writes both tables; their owner is the collector."""

    def __init__(self, store: Store, clock: Clock, tokens_max: int) -> None:
        self._store = store
        self._clock = clock
        self._tokens_max = tokens_max

    @property
    def is_shared(self) -> bool:
        """Whether other processes may change them too."""
        return not self._store.embedded

    def create(
        self, name: str, sources: Sequence[str] = (), lifetime: timedelta | None = None
    ) -> tuple[Token, str]:
        """Make and keep a token; returns it with its text, which is shown once.

        Raises BadInput for a name that a valid token has, a source that cannot be one, or one token
        too many.
        """
        now = self._clock.now()
        _check(name, sources, lifetime)
        known = self.all()
        if any(one.name == name and one.state(now) == "valid" for one in known):
            raise BadInput(
                f"token {name}",
                "there is a valid one of this name",
                "To change it make one of another name, hand it to the sender, then revoke this",
            )
        if len(known) >= self._tokens_max:
            raise BadInput(f"there are {len(known)} tokens already", "", "Raise access.tokens_max")
        token, text = invent(name, sources, now, now + lifetime if lifetime else None)
        self._write(token, CREATED)
        return token, text

    def revoke(self, name: str) -> list[Token]:
        """Revoke the valid tokens of this name, or the one of this id; raises NotFound when there
        is none.
        """
        now = self._clock.now()
        found = [one for one in self.all() if name in (one.name, one.id) and not one.revoked_at]
        if not found:
            raise NotFound(f"token {name}", "there is none to revoke", "See `revtrace tokens list`")
        revoked = [replace(one, revoked_at=now) for one in found]
        for one in revoked:
            self._write(one, REVOKED)
        return revoked

    def all(self) -> list[Token]:
        """Every token that was ever made, the oldest first."""
        rows = self._store.rows(SQL["list_tokens"], {"limit": self._tokens_max})
        return [_token(row) for row in rows]

    def record_uses(self, uses: Mapping[str, datetime]) -> None:
        """Say when tokens were last used."""
        self._store.insert("token_uses", ["token", "used_at"], [list(use) for use in uses.items()])

    def _write(self, token: Token, version: int) -> None:
        row = [token.id, token.name, token.secret_sha256, list(token.sources), token.created_at]
        self._store.insert("tokens", COLUMNS, [[*row, token.expires_at, token.revoked_at, version]])


def _token(row: Mapping[str, Any]) -> Token:
    return Token(
        id=row["token"],
        name=row["name"],
        secret_sha256=row["secret_sha256"],
        sources=tuple(row["sources"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        last_used_at=row["last_used_at"],
    )


def _check(name: str, sources: Sequence[str], lifetime: timedelta | None) -> None:
    if not NAME.fullmatch(name):
        raise BadInput(
            f"token name '{name[:100]}'",
            "is none",
            "Use up to 100 letters, digits, '_', '-', '.' or '@', a letter or digit first",
        )
    if len(sources) > SOURCES_MAX:
        raise BadInput(f"a token has at most {SOURCES_MAX} sources", "", "Make several tokens")
    for source in sources:
        if not 1 <= len(source) <= SOURCE_CHARS_MAX or "\0" in source:
            raise BadInput(
                f"source '{source[:100]}'", "cannot be one", "A source has 1 to 200 characters"
            )
    if lifetime is not None and lifetime <= timedelta(0):
        raise BadInput("a token must expire after it was made", "", "Write --expires 90d")
