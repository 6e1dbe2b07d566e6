"""Which events are certainly new: a filter in memory that spares small commits the look-up of what
is known.

A Bloom filter over the contents of whole days. A content that is not in it was never stored on its
day; one that is may have been, and is looked up. A day is taken into it when several commits in a
row have asked for it, and kept up to date with what is committed then. What is judged by the engine
passes it by, so whoever lets the engine judge MUST `forget` the filter.
"""

import struct
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime

import numpy as np

from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)

# A day is taken in when so many of its events were looked up, more for one that holds many.
ASKED_MIN = 32
HELD_AN_ASKED = 2000
# With this share one content in four hundred is looked up for nothing.
BITS_A_CONTENT = 16
PART = 200_000
WHOLE = 2**64
# The engine's days end soon after; nobody sends events of then.
LAST_DAY = date(2149, 1, 1)
DAYS_MAX = 10_000
PLACES = struct.Struct("<4I")

# Source, id and content: what makes two records the same event.
Identity = tuple[str, str, bytes]


class Seen:
    """The filter; only the thread that commits may call it. `size` is its memory in bytes, 0: no
    event is ever certain.
    """

    def __init__(self, store: Store, size: int) -> None:
        self._store = store
        self._size = size
        self._bits = bytearray()
        self._count = 0
        self._days: set[date] = set()
        # How many events of a day were looked up, and how many must be before it is taken in.
        self._asked: Counter[date] = Counter()
        self._wanted: dict[date, int] = {}

    def forget(self) -> None:
        """Be certain of nothing any more."""
        self._asked.clear()
        self._wanted.clear()
        self._days.clear()
        self._bits = bytearray()
        self._count = 0

    def is_new(self, at: datetime, content: bytes) -> bool:
        """Say whether an event is certainly not in the warehouse; False: ask it."""
        day = at.astimezone(UTC).date()
        if day not in self._days:
            self._asked[day] += 1
            return False
        bits, count = self._bits, len(self._bits) * 8
        for place in PLACES.unpack(content):
            bit = place % count
            if not bits[bit >> 3] & (1 << (bit & 7)):
                return True
        return False

    def add(self, at: datetime, content: bytes) -> None:
        """Take in an event that is committed."""
        if at.astimezone(UTC).date() not in self._days:
            return
        self._set(content)
        if self._count * BITS_A_CONTENT > len(self._bits) * 8:
            self.forget()

    def learn(self, held: Collection[Identity]) -> None:
        """Take in the days that were asked for often enough; `held` are the identities of what is
        committed and not in the warehouse yet.
        """
        if not self._size or not self._asked:
            return
        for day, asked in list(self._asked.items()):
            if asked >= self._wanted.get(day, ASKED_MIN) and day < LAST_DAY:
                self._learn(day, asked, held)
        if len(self._asked) > DAYS_MAX:
            self._asked.clear()
            self._wanted.clear()

    def _learn(self, day: date, asked: int, held: Collection[Identity]) -> None:
        known = int(self._store.value(SQL["count_day"], {"day": day.isoformat()}))
        self._wanted[day] = max(known // HELD_AN_ASKED, 2 * asked)
        # Half of the room is for what comes, or it would be full at once and begun anew for ever.
        room = self._size * 8 // BITS_A_CONTENT // 2
        if asked < known // HELD_AN_ASKED or known > room:
            return
        if self._count + known > room:
            self.forget()
        if not self._bits:
            self._bits = bytearray(self._size)
        for part in range(parts := known // PART + 1):
            first, last = part * WHOLE // parts, (part + 1) * WHOLE // parts - 1
            params = {"day": day.isoformat(), "first": first, "last": last}
            self._set_many(self._store.value(SQL["contents_of_day"], params))
        for _, _, content in held:
            self._set(content)
        self._days.add(day)
        del self._asked[day]

    def _set(self, content: bytes) -> None:
        bits, count = self._bits, len(self._bits) * 8
        for place in PLACES.unpack(content):
            bit = place % count
            bits[bit >> 3] |= 1 << (bit & 7)
        self._count += 1

    def _set_many(self, contents: Sequence[bytes]) -> None:
        places = np.frombuffer(b"".join(contents), dtype="<u4") % np.uint64(len(self._bits) * 8)
        bits = np.frombuffer(self._bits, dtype=np.uint8)
        marks = np.left_shift(np.uint8(1), (places & 7).astype(np.uint8))
        np.bitwise_or.at(bits, places >> 3, marks)
        self._count += len(contents)
