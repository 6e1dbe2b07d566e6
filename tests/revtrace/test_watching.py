"""The thread of the watched folder: a look that fails ends nothing, a stop ends an import."""

import threading
from typing import Any

import pytest

from core.errors import BadInput, Overloaded, StoreUnavailable
from revtrace.watching import WatchThread

WAIT_SECONDS = 10.0


class Folder:
    """Fails in one way after the other, then says that it was looked at."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.looked = threading.Event()

    def look(self) -> Any:
        if self._errors:
            raise self._errors.pop(0)
        self.looked.set()


def test_a_look_that_fails_does_not_end_the_thread() -> None:
    folder = Folder(StoreUnavailable("away"), BadInput("x"), OSError("gone"), ZeroDivisionError())
    watch = WatchThread(0.001)
    watch.start(folder)
    assert folder.looked.wait(WAIT_SECONDS)
    assert watch.stop()


def test_an_import_that_is_under_way_ends_at_its_next_commit_once_told_to_stop() -> None:
    watch = WatchThread(0.001)
    watch.told(None)
    assert watch.stop()
    with pytest.raises(Overloaded, match="stopping"):
        watch.told(None)
