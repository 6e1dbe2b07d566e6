"""Signatures of hooks: how a source signs its requests, and the check. Pure but for the secret.

The scheme is data, since every vendor has its own: the header and what stands before the signature
in it, the hash, hex or base64, what is signed, and how old a request may be.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.secret import Secret, read_secret
from core.declaration import Table
from core.errors import BadInput

ALGORITHMS = ("sha1", "sha256", "sha512")
ENCODINGS = ("hex", "base64")
HEADER = re.compile(r"[A-Za-z0-9-]{1,100}\Z")
TIMESTAMP = re.compile(r"[0-9]{1,16}\Z")
# Behind these a timestamp is in milliseconds: in seconds it would lie beyond the year 5000.
MILLISECONDS_FROM = 10**11
TOLERANCE = timedelta(minutes=5)
PARTS_MAX = 20


class NotSigned(BadInput):
    """A request whose signature is missing, wrong or too old; its text never says which."""

    def __init__(self) -> None:
        super().__init__("the signature is not accepted", "", "Sign it as the source's file says")


@dataclass(frozen=True)
class Signature:
    """How a source signs; `part` and `timestamp_part` name the parts of a header like
    `t=1700000000,v1=5257a8`.
    """

    secret: Secret
    header: str
    algorithm: str = "sha256"
    encoding: str = "hex"
    prefix: str = ""
    part: str = ""
    signed: str = "{body}"
    timestamp_header: str = ""
    timestamp_part: str = ""
    tolerance: timedelta = TOLERANCE

    def check(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Raise NotSigned unless one of the signatures in the header is that of the body."""
        header = headers.get(self.header, "")
        timestamp = self._timestamp(headers, header)
        if timestamp is not None and not self._fresh(timestamp, now):
            raise NotSigned
        before, _, behind = self.signed.partition("{body}")
        text = timestamp or ""
        content = b"".join(
            (
                before.replace("{timestamp}", text).encode(),
                body,
                behind.replace("{timestamp}", text).encode(),
            )
        )
        wanted = hmac.new(self.secret.read(), content, getattr(hashlib, self.algorithm)).digest()
        # All of them are compared, each in constant time.
        equal = [hmac.compare_digest(wanted, given) for given in self._given(header)]
        if not any(equal):
            raise NotSigned

    @property
    def dated(self) -> bool:
        """Say whether requests carry the time when they were signed."""
        return bool(self.timestamp_header or self.timestamp_part)

    def _given(self, header: str) -> list[bytes]:
        texts = _parts(header, self.part) if self.part else [header.strip()]
        found = []
        for text in texts:
            if not text.startswith(self.prefix):
                continue
            try:
                found.append(_decoded(text[len(self.prefix) :], self.encoding))
            except (ValueError, binascii.Error):
                continue
        return found

    def _timestamp(self, headers: Mapping[str, str], header: str) -> str | None:
        if not self.dated:
            return None
        if self.timestamp_header:
            text = headers.get(self.timestamp_header, "").strip()
        else:
            text = next(iter(_parts(header, self.timestamp_part)), "")
        if not TIMESTAMP.match(text):
            raise NotSigned
        return text

    def _fresh(self, timestamp: str, now: datetime) -> bool:
        seconds = float(timestamp)
        if seconds >= MILLISECONDS_FROM:
            seconds /= 1000
        return abs(now.timestamp() - seconds) <= self.tolerance.total_seconds()


def read_signature(table: Table | None) -> Signature | None:
    """Read `[signature]`; raises ConfigInvalid naming its key."""
    if table is None:
        return None
    made = Signature(
        secret=read_secret(table, "secret"),
        header=table.text("header"),
        algorithm=table.one_of("algorithm", ALGORITHMS, "sha256"),
        encoding=table.one_of("encoding", ENCODINGS, "hex"),
        prefix=table.text("prefix", ""),
        part=table.text("part", ""),
        signed=table.text("signed", "{body}"),
        timestamp_header=table.text("timestamp_header", ""),
        timestamp_part=table.text("timestamp_part", ""),
        tolerance=table.duration("tolerance") or TOLERANCE,
    )
    table.close()
    for key, name in (("header", made.header), ("timestamp_header", made.timestamp_header)):
        if name and not HEADER.match(name):
            table.refuse(key, f"'{name}' is no name of a header")
    if made.signed.count("{body}") != 1:
        table.refuse("signed", "must hold {body} once", 'Write it like "{timestamp}.{body}"')
    if made.timestamp_header and made.timestamp_part:
        table.refuse("timestamp_part", "stands beside timestamp_header", "Keep one of them")
    if ("{timestamp}" in made.signed) != made.dated:
        table.refuse(
            "signed",
            "and the timestamp do not go together: one that is not signed proves nothing",
            'Give timestamp_header or timestamp_part, and sign it: "{timestamp}.{body}"',
        )
    return made


def _parts(header: str, name: str) -> list[str]:
    pairs = (part.strip().partition("=") for part in header.split(",")[:PARTS_MAX])
    return [value for key, sign, value in pairs if sign and key == name]


def _decoded(text: str, encoding: str) -> bytes:
    if encoding == "hex":
        return bytes.fromhex(text)
    return base64.b64decode(text, validate=True)
