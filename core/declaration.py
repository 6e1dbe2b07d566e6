"""Strict reading of the TOML files that declare things: processes, calendars, and whatever follows.

A declaration is small and written by people who are not programmers, so every refusal names the
file, the table, the key, what is wrong and what to write instead. Keys nobody knows are refused:
a misspelt `withn` must not silently mean "no limit".
"""

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

from core.errors import ConfigInvalid

FILE_BYTES_MAX = 1_000_000
FILES_MAX = 1_000
WORDS_MAX = 1_000

_SNAKE_CASE = re.compile(r"[a-z][a-z0-9_]{0,99}\Z")
_DURATION = re.compile(r"(?:(\d{1,5})d)?(?:(\d{1,6})h)?(?:(\d{1,8})m)?(?:(\d{1,9})s)?\Z", re.ASCII)
DURATION_MAX = timedelta(days=3660)


def parse_duration(text: str) -> timedelta:
    """`2d`, `4h`, `1d12h`, `90m`, `30s`: days are 24 hours. Raises ValueError with the reason."""
    match = _DURATION.match(text)
    if not text or match is None:
        raise ValueError(f"{text!r} is no duration; write it like '2d', '4h', '90m' or '1d12h'")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta(0) < length <= DURATION_MAX:
        raise ValueError(f"{text!r} must be above 0 and at most {DURATION_MAX.days}d")
    return length


class Table:
    """One table of a file. `close` MUST be called last: it refuses the keys nobody asked for."""

    def __init__(self, file: str, name: str, values: Mapping[str, Any]) -> None:
        self.file = file
        self.name = name
        self._values = values
        self._asked: set[str] = set()
        # Those too that were only looked for, and would have been asked for had they been there.
        self._known: set[str] = set()

    def refuse(self, key: str, why: str, todo: str = "") -> NoReturn:
        """Raise ConfigInvalid naming file, table and key."""
        where = f"{self.file}, {self.name or 'top of the file'}"
        raise ConfigInvalid(f"{where}, key '{key}'" if key else where, why, todo)

    def keys(self) -> list[str]:
        """All keys of the table, for tables whose keys are names that the author chose."""
        return list(self._values)

    def has(self, key: str) -> bool:
        self._known.add(key)
        return key in self._values

    def peek(self, key: str) -> Any:
        """The value as it stands, None when absent: for keys that take more than one kind."""
        self._known.add(key)
        return self._values.get(key)

    def value(self, key: str, kind: type, wanted: str) -> Any:
        """The value of a key that must be there and of that TOML kind (true is no integer)."""
        self._asked.add(key)
        self._known.add(key)
        if key not in self._values:
            # What is there and was not asked for yet may be this one, misspelt.
            spare = [each for each in self._values if each not in self._known]
            near = difflib.get_close_matches(key, spare, n=1, cutoff=0.8)
            hint = f", and '{near[0]}' is there; did you mean '{key}'?" if near else ""
            self.refuse(key, f"is missing{hint}", f"Add it as {wanted}")
        value = self._values[key]
        if type(value) is not kind:
            self.refuse(key, f"{value!r} is not {wanted}", f"Write it as {wanted}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A non-empty string; the default when the key is absent and a default is given."""
        if default is not None and not self.has(key):
            return default
        value: str = self.value(key, str, "a string")
        if not value.strip():
            self.refuse(key, "is empty", "Write a value or leave the key out")
        return value

    def word(self, key: str, default: str | None = None) -> str:
        """A snake_case word."""
        word = self.text(key, default)
        if word != default:
            self._check_word(key, word)
        return word

    def words(self, key: str, known: Collection[str] = (), *, needed: bool) -> tuple[str, ...]:
        """Different snake_case words, out of `known` when given; empty only if not needed."""
        if not needed and not self.has(key):
            return ()
        words: list[Any] = self.value(key, list, "a list of words")
        if not words:
            self.refuse(key, "is an empty list", "Name at least one or leave the key out")
        if len(words) > WORDS_MAX:
            self.refuse(key, f"has more than {WORDS_MAX} words")
        for word in words:
            self._check_word(key, word)
            if known and word not in known:
                self.refuse(key, f"'{word}' is unknown", f"Use one of {', '.join(sorted(known))}")
        if len(set(words)) < len(words):
            self.refuse(key, "names one word twice", "Remove the second one")
        return tuple(words)

    def flag(self, key: str, default: bool) -> bool:
        return bool(self.value(key, bool, "true or false")) if self.has(key) else default

    def number(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """An integer between `least` and `most`, both included."""
        if default is not None and not self.has(key):
            return default
        number: int = self.value(key, int, "a whole number")
        if not least <= number <= most:
            self.refuse(key, f"{number} is outside of {least} to {most}")
        return number

    def one_of(self, key: str, known: Collection[str], default: str | None = None) -> str:
        chosen = self.text(key, default)
        if chosen not in known:
            self.refuse(key, f"'{chosen}' is unknown", f"Use one of {', '.join(sorted(known))}")
        return chosen

    def duration(self, key: str) -> timedelta | None:
        """A duration, None when the key is absent."""
        if not self.has(key):
            return None
        try:
            return parse_duration(self.value(key, str, "a duration like '2d' or '4h'"))
        except ValueError as error:
            self.refuse(key, str(error))

    def table(self, key: str) -> "Table | None":
        """The table below this one, None when absent."""
        if not self.has(key):
            return None
        return Table(self.file, self._below(f"[{key}]"), self.value(key, dict, f"a table [{key}]"))

    def tables(self, key: str) -> list["Table"]:
        """The list of tables `[[key]]`; refuses none."""
        values: list[Any] = self.value(key, list, f"tables [[{key}]]")
        if not values or not all(isinstance(value, dict) for value in values):
            self.refuse(key, "holds no tables", f"Write one [[{key}]] table each")
        return [
            Table(self.file, self._below(f"[[{key}]] number {place}"), value)
            for place, value in enumerate(values, start=1)
        ]

    def close(self) -> None:
        """Refuse the first key that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._known, n=1)
                why = "is an unknown key" + (f"; did you mean '{near[0]}'?" if near else "")
                known = ", ".join(sorted(self._known))
                self.refuse(key, why, f"Remove it, or use one of: {known}")

    def _below(self, name: str) -> str:
        return f"{self.name} {name}" if self.name else name

    def _check_word(self, key: str, word: object) -> None:
        if not isinstance(word, str) or not _SNAKE_CASE.match(word):
            self.refuse(key, f"{word!r} is not snake_case", "Use a-z, 0-9 and _, a letter first")


def read_folder(folder: Path, *, must_exist: bool) -> dict[str, Table]:
    """The TOML files of one folder by stem, in the order of their names. Raises ConfigInvalid."""
    if not folder.is_dir():
        if must_exist or folder.exists():
            raise ConfigInvalid(f"{folder}", "is no folder", "Name a folder of TOML files")
        return {}
    files = sorted(path for path in folder.glob("*.toml") if path.is_file())
    if len(files) > FILES_MAX:
        raise ConfigInvalid(f"{folder}", f"holds more than {FILES_MAX} TOML files")
    return {path.stem: _read_file(path) for path in files}


def read_overlaid(shipped: Path, overlay: Path | None) -> tuple[dict[str, Table], dict[str, Table]]:
    """The shipped files by stem, without those that a file of the overlay folder replaces, and the
    files of that folder, which may be absent. Raises ConfigInvalid.
    """
    theirs = read_folder(overlay, must_exist=False) if overlay is not None else {}
    ours = read_folder(shipped, must_exist=True)
    return {stem: table for stem, table in ours.items() if stem not in theirs}, theirs


def _read_file(path: Path) -> Table:
    try:
        raw = path.read_bytes()
        if len(raw) > FILE_BYTES_MAX:
            raise ConfigInvalid(f"{path}", f"is larger than {FILE_BYTES_MAX} bytes")
        return Table(str(path), "", tomllib.loads(raw.decode()))
    except OSError as error:
        raise ConfigInvalid(f"{path}", f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigInvalid(f"{path}", "is not UTF-8 text", "Save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigInvalid(f"{path}", f"is not valid TOML: {error}") from error
