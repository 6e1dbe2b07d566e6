"""Python while the collector serves: short pauses, and all as before at the end."""

import gc
import sys
import weakref

import pytest

from collector.interpreter import ALLOCATED, SWITCH_SECONDS, prompt


class Ring:
    """Refers to itself, so that only a collection frees it."""

    def __init__(self) -> None:
        self.ring = self


def test_what_was_loaded_is_walked_no_more_and_what_comes_is_still_collected() -> None:
    before = sys.getswitchinterval(), gc.get_threshold()
    gc.disable()
    old = weakref.ref(Ring())
    with prompt():
        gc.enable()
        new = weakref.ref(Ring())
        gc.collect()
        assert (old() is None, new() is None) == (False, True)
        assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
        assert gc.get_threshold()[0] == ALLOCATED
    gc.collect()
    assert old() is None
    assert gc.get_freeze_count() == 0
    assert (sys.getswitchinterval(), gc.get_threshold()) == before
