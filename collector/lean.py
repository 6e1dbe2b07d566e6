"""Event lines as the engine's own reader of JSON takes them: each marked at both ends with its
number, so that a row which has both is known to be one whole line, whatever that reader makes of
broken ones. The marks are secret: the reader takes several objects on one line, and a sender who
could write marks between them would make two events of one line, or one of somebody else's.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from collector.delivery import OTLP_LOGS, OTLP_TRACES, PAYLOAD, Kept

# Deliveries behind so many lines of a group go the other way; their marks are kept in memory.
LINES_MAX = 250_000
# More than there are lines: a mark is a random number and then that of its line in six digits.
NUMBERS = 10**6
# Lines that cannot be read so are left to the other way, one at a time; beyond these, all of them.
ERRORS_MAX = 50

# The reader is told to take what the contract takes: no conversion, no key that it does not know.
STRICT: dict[str, Any] = {
    "input_format_allow_errors_num": ERRORS_MAX,
    "input_format_column_name_matching_mode": "match_case",
    "input_format_defaults_for_omitted_fields": 1,
    "input_format_json_defaults_for_missing_elements_in_named_tuple": 1,
    "input_format_json_ignore_unknown_keys_in_named_tuple": 0,
    "input_format_json_read_arrays_as_strings": 0,
    "input_format_json_read_bools_as_numbers": 0,
    "input_format_json_read_bools_as_strings": 0,
    "input_format_json_read_numbers_as_strings": 0,
    "input_format_json_read_objects_as_strings": 0,
    "input_format_null_as_default": 1,
    # The engine's streams are the parts of a group, so that lines are not looked through twice.
    "input_format_parallel_parsing": 0,
    "input_format_skip_unknown_fields": 0,
}


@dataclass
class LeanLines:
    """Lines of a group, and the number of the first line of each of its deliveries."""

    # What is added to the number of a line, in its mark before and in the one behind it.
    begin: int
    end: int
    firsts: list[int] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    lines: int = 0
    # Whether these are all the lines that the group has.
    whole: bool = True


class Marks:
    """The texts around each line. Their decimals are made once; what stands before these is random
    and of one group, so that no sender can write a mark himself.
    """

    def __init__(self) -> None:
        self._behind_begin: list[bytes] = []
        self._behind_end: list[bytes] = []

    def around(self, lines: list[bytes], first: int, made: LeanLines) -> list[bytes]:
        """The texts of lines with their marks; `first` is the number of the first one."""
        count = len(lines)
        last = first + count
        for number in range(len(self._behind_begin), last):
            self._behind_begin.append(b"%06d," % number)
            self._behind_end.append(b'%06d}\n{"$begin":' % number)
        begin = b"%d" % (made.begin // NUMBERS)
        texts = [b""] * (5 * count)
        texts[0::5] = [begin] * count
        texts[1::5] = self._behind_begin[first:last]
        texts[2::5] = lines
        texts[3::5] = [b',"$end":%d' % (made.end // NUMBERS)] * count
        texts[4::5] = self._behind_end[first:last]
        texts[0] = b'{"$begin":' + begin
        texts[-1] = b"%06d}\n" % (last - 1)
        return texts


def mark(marks: Marks, groups: Sequence[Sequence[tuple[int, Kept]]]) -> LeanLines | None:
    """Mark the lines of a group, part by part; None when there are none of them."""
    made = LeanLines(_unknown(), _unknown())
    number = 1
    for part in groups:
        texts: list[bytes] = []
        for _, kept in part:
            made.firsts.append(number)
            inner = _inner(kept, LINES_MAX - number)
            made.lines += len(inner)
            made.whole &= bool(inner) or kept.given.protocol in (OTLP_LOGS, OTLP_TRACES)
            if inner:
                texts += marks.around(inner, number, made)
            number += max(1, len(inner))
        if texts:
            made.parts.append(b"".join(texts))
    return made if made.parts else None


def _unknown() -> int:
    """A number that nobody can guess, of as many digits whichever it is."""
    return (10**12 + secrets.randbelow(9 * 10**12)) * NUMBERS


def _inner(kept: Kept, lines_max: int) -> list[bytes]:
    """What stands between the braces of each line; nothing when some line is not of that kind or
    there are too many.
    """
    given = kept.given
    if given.numbers or given.protocol in (OTLP_LOGS, OTLP_TRACES, PAYLOAD):
        return []
    text = (given.body if given.payload is None else given.payload).rstrip(b" \t\r\n")
    if not (text.startswith(b"{") and text.endswith(b"}")):
        return []
    many = text.count(b"\n") + 1
    if many > lines_max:
        return []
    if b"\r" in text:
        text = text.replace(b"}\r\n{", b"}\n{")
    lines = text.split(b"}\n{")
    if len(lines) != many:
        return []
    lines[0] = lines[0][1:]
    lines[-1] = lines[-1][:-1]
    return lines
