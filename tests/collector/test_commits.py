"""The queue in front of the writer: who is waited for, and who is not kept waiting."""

import threading
import time
from collections.abc import Sequence

import pytest

from collector.commits import CommitQueue
from collector.delivery import Delivery
from collector.measures import Measures
from collector.writer import Answer, Writer
from core.clock import SystemClock
from core.settings import CollectorSettings
from core.store import Store
from tests.collector.test_behind import small

# Whoever waits for all of that fails the test.
SETTINGS = CollectorSettings(commit_wait_seconds=60)
SECONDS = 30


def test_who_was_answered_is_waited_for_and_only_until_all_are_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(store, SystemClock(), SETTINGS)
    writer.open()
    begun, gate = threading.Event(), threading.Event()
    sizes: list[int] = []
    real = writer.commit

    def commit(group: Sequence[Delivery]) -> list[Answer]:
        sizes.append(len(group))
        begun.set()
        assert gate.wait(SECONDS)
        return real(group)

    monkeypatch.setattr(writer, "commit", commit)
    queue = CommitQueue(writer, SETTINGS, Measures())
    # One sender was answered last, and none waited.
    queue._expected = 1
    queue.start()
    first = queue.submit(small("a"))
    assert begun.wait(SECONDS)
    waiting = [queue.submit(small(one)) for one in ("b", "c")]
    gate.set()
    assert first.result(SECONDS).stored == 1
    # Its sender comes again, so the two that waited go with it.
    last = queue.submit(small("d"))
    assert [one.result(SECONDS).stored for one in [*waiting, last]] == [1, 1, 1]
    assert sizes == [1, 3]
    queue.stop()


def test_nobody_waits_for_company_longer_than_the_settings_allow(store: Store) -> None:
    settings = CollectorSettings(commit_wait_seconds=0.02)
    writer = Writer(store, SystemClock(), settings)
    writer.open()
    queue = CommitQueue(writer, settings, Measures())
    # A hundred were answered last, of whom one comes again.
    queue._expected = 100
    queue._gathered_until = time.monotonic() + settings.commit_wait_seconds
    queue.start()
    assert queue.submit(small("a")).result(SECONDS).stored == 1
    queue.stop()
