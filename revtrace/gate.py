"""Where a command is performed: in the process that owns the warehouse, or in this one.

An embedded warehouse has one owner. While `up` runs on the folder, commands go to it through its
control socket; else the command becomes the owner for as long as it takes. A server takes any
number of clients, but only one process admits events into it: while `collect` runs on this home,
what admits goes through it. Either way the document is the same.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core.errors import StoreLocked
from core.lock import FILE, Card, Owner, read_owner
from core.settings import Settings
from revtrace.document import Document
from revtrace.operations import Progress, perform

COLLECT_FILE = "collect.lock"
WORK_FILE = "work.lock"
# On a server these still need the one admitting writer, or the one wheel, of the store.
EXCLUSIVE = {
    "load": COLLECT_FILE,
    "quarantine.replay": COLLECT_FILE,
    "refresh": WORK_FILE,
    "refresh.rebuild": WORK_FILE,
}
# A collector that runs on this home puts these in force at once.
EXCLUSIVE |= {"tokens.create": COLLECT_FILE, "tokens.revoke": COLLECT_FILE}
# These ask nothing of the warehouse, or ask through this gate themselves.
APART = frozenset({"config.check", "doctor", "simulate", "sources.check"})
# Two short commands at once take turns; a long one is named in the refusal.
TURN_SECONDS = 5.0
TURN_PAUSE_SECONDS = 0.05


def ask(
    settings: Settings,
    operation: str,
    params: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Document:
    """Perform an operation wherever it has to be; raises what it raises, StoreLocked if nobody lets
    it in.
    """
    from revtrace.control import call

    given = dict(params or {})
    tell = progress or (lambda document: None)
    file = FILE if settings.embedded() else EXCLUSIVE.get(operation)
    if operation in APART or file is None:
        return _here(settings, operation, given, tell)
    with _owned(settings, operation, file) as owner:
        if isinstance(owner, Card):
            if told := other_config(settings, owner):
                sys.stderr.write(f"revtrace: {told}\n")
            return call(owner, operation, given, tell)
        return _here(settings, operation, given, tell)


def config_of(settings: Settings) -> str:
    """The folder of one's own declarations in full, '' for none."""
    return str(settings.config.resolve()) if settings.config else ""


def other_config(settings: Settings, owner: Card) -> str:
    """What to tell whoever names declarations that the performing process does not go by; '' when
    none are named, or the same.
    """
    own = config_of(settings)
    if not own or owner.config in (None, own):
        return ""
    theirs = ascii(owner.config) if owner.config else "the shipped declarations alone"
    return (
        f"REVTRACE_CONFIG={ascii(str(settings.config))} has no effect: `revtrace {owner.command}` "
        f"(process {owner.pid}) performs this, with {theirs}. Start it with that folder, or give "
        "this command a REVTRACE_HOME of its own"
    )


def _here(settings: Settings, operation: str, params: Document, progress: Progress) -> Document:
    from revtrace.wiring import build

    app = build(settings)
    try:
        return perform(app, operation, params, progress)
    finally:
        app.close()


@contextmanager
def _owned(settings: Settings, operation: str, file: str) -> Iterator[Owner | Card]:
    """Yield the card of an owner that takes commands, or hold the folder for the length of the
    block.
    """
    deadline = time.monotonic() + TURN_SECONDS
    while True:
        card = read_owner(settings.home, file=file)
        if card and card.port:
            yield card
            return
        try:
            owner = Owner.acquire(settings.home, operation, settings.clock().now(), file=file)
        except StoreLocked:
            if time.monotonic() > deadline:
                raise
            time.sleep(TURN_PAUSE_SECONDS)
            continue
        with owner:
            yield owner
        return
