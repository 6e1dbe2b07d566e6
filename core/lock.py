"""Who owns a home folder: one process at a time, said aloud in `<home>/owner.lock`.

The lock is an flock, so the operating system lets go of it however the process ends, SIGKILL
included: a file that was left behind is no obstacle. Its text is a card (who, since when, and how
to talk to the owner over loopback) that only the user who started the owner can read.
"""

import contextlib
import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from core.errors import ConfigInvalid, StoreLocked

FILE = "owner.lock"
CARD_BYTES_MAX = 4096
# A reader holds the lock shared for the blink of its question; that is no rival.
BLINK_SECONDS = 0.02
BLINKS_MAX = 10


@dataclass(frozen=True)
class Card:
    """What an owner says of itself; port 0 means that it takes no commands (yet). `config` is the
    folder that it reads declarations from besides the shipped ones, '' for none, None if not said.
    """

    pid: int
    command: str
    started_at: str
    port: int = 0
    token: str = field(default="", repr=False)
    config: str | None = None


class Owner:
    """The held lock of a home folder; a context manager that lets go of it."""

    def __init__(self, path: Path, descriptor: int, card: Card) -> None:
        self.path = path
        self.card = card
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, home: Path, command: str, now: datetime, *, file: str = FILE) -> "Owner":
        """Take the folder, making it when it is not there; raises StoreLocked naming who holds
        it.
        """
        path = home / file
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigInvalid(
                f"the folder {home} cannot be used", f"{error.strerror}", "Correct REVTRACE_HOME"
            ) from None
        try:
            if not _locked(descriptor):
                raise _refusal(home, _read_card(descriptor))
            os.fchmod(descriptor, 0o600)
            card = Card(os.getpid(), command, now.isoformat())
            _write_card(descriptor, card)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(path, descriptor, card)

    def announce(self, port: int, token: str, config: str | None = None) -> None:
        """Say where this owner takes commands, and by which declarations it performs them."""
        self.card = replace(self.card, port=port, token=token, config=config)
        _write_card(self._descriptor, self.card)

    def release(self) -> None:
        """Let go; a second call does nothing. The file stays, since removing it would race with a
        taker.
        """
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> "Owner":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def read_owner(home: Path, *, file: str = FILE) -> Card | None:
    """Return the card of the process that holds the folder now, None when nobody does."""
    try:
        descriptor = os.open(home / file, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise StoreLocked(
            f"the folder {home} belongs to another user",
            f"{file} in it cannot be read",
            "Run the command as that user, or give this one a folder of its own with REVTRACE_HOME",
        ) from None
    try:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
        return _read_card(descriptor)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    for _ in range(BLINKS_MAX):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(BLINK_SECONDS)
    return False


def _read_card(descriptor: int) -> Card:
    """Read the card; an owner that has just come may not have written it yet, so it is asked
    again.
    """
    for _ in range(BLINKS_MAX):
        with contextlib.suppress(ValueError, TypeError):
            return Card(**json.loads(os.pread(descriptor, CARD_BYTES_MAX, 0)))
        time.sleep(BLINK_SECONDS)
    return Card(pid=0, command="", started_at="")


def _write_card(descriptor: int, card: Card) -> None:
    text = json.dumps(asdict(card)).encode()
    os.pwrite(descriptor, text.ljust(os.fstat(descriptor).st_size), 0)
    os.ftruncate(descriptor, len(text))


def _refusal(home: Path, card: Card) -> StoreLocked:
    who = f"process {card.pid} (revtrace {card.command})" if card.pid else "another process"
    since = f" since {card.started_at[:19]}Z" if card.started_at else ""
    todo = (
        f"Stop it with `kill {card.pid}`, or give this one a folder of its own with REVTRACE_HOME"
        if card.pid
        else "Stop it, or give this one a folder of its own with REVTRACE_HOME"
    )
    return StoreLocked(f"the folder {home} is in use by {who}{since}", "", todo)
