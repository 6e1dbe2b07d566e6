"""Walks one large JSON document piece by piece, so that only one element is in memory at a time.

Numbers keep their own digits, as texts: an amount must not pass through a float.
"""

import io
import json
from collections.abc import Iterator
from typing import Any

from core.errors import BadInput

CHUNK_CHARS = 256 * 1024
VALUE_CHARS_MAX = 64 * 1024**2
SPACE = " \t\r\n"


class JsonStream:
    """One document; every method begins where the one before it has ended. Raises BadInput that
    says at which character the document breaks.
    """

    def __init__(self, stream: io.TextIOBase) -> None:
        self._stream = stream
        self._text = ""
        self._at = 0
        self._before = 0
        self._ended = False
        self._decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
        if self.peek() == "\ufeff":
            self._at += 1

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def members(self) -> Iterator[str]:
        """The keys of an object; the value of each MUST be read before the next one is asked
        for.
        """
        yield from self._inside("{", "}", keyed=True)

    def elements(self) -> Iterator[None]:
        """The places of an array; the element of each MUST be read before the next one."""
        for _ in self._inside("[", "]", keyed=False):
            yield

    def value(self) -> Any:
        """The whole next value."""
        self.peek()
        wanted = CHUNK_CHARS
        why = ""
        while True:
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise self.broken("it is nested too deeply") from None
            except ValueError as error:
                why = str(error)
                if self._ended:
                    raise self.broken(why) from None
            else:
                # A number that ends where the buffer does may go on behind it.
                if end < len(self._text) or self._ended:
                    self._at = end
                    return found
            if len(self._text) - self._at > VALUE_CHARS_MAX:
                raise self.broken(f"a value is too large, or broken: {why}")
            # Twice as much each time, so that a large value is not parsed over and over.
            self._more(wanted)
            wanted *= 2

    def end(self) -> None:
        """Raise BadInput unless the document ends here."""
        if self.peek():
            raise self.broken("something stands behind its end")

    def broken(self, why: str) -> BadInput:
        """The error of what is wrong at this place."""
        place = self._before + self._at + 1
        return BadInput(f"the JSON breaks at character {place}", why, "Get the file again")

    def _inside(self, opening: str, closing: str, *, keyed: bool) -> Iterator[str]:
        self._take(opening)
        more = self.peek() != closing
        while more:
            yield self._key() if keyed else ""
            more = self.peek() == ","
            if more:
                self._take(",")
        self._take(closing)

    def _key(self) -> str:
        found = self.value() if self.peek() == '"' else None
        if not isinstance(found, str):
            raise self.broken("a key is missing")
        self._take(":")
        return found

    def _take(self, wanted: str) -> None:
        if self.peek() != wanted:
            raise self.broken(f"'{wanted}' is missing")
        self._at += 1

    def _more(self, chars: int = CHUNK_CHARS) -> bool:
        """Read on, and let go of what lies behind; says whether there was anything."""
        try:
            chunk = self._stream.read(chars)
        except UnicodeDecodeError as error:
            raise self.broken(f"it is not UTF-8: {error.reason}") from None
        if not chunk:
            self._ended = True
            return False
        self._before += self._at
        self._text, self._at = self._text[self._at :] + chunk, 0
        return True
