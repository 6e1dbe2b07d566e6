"""How Python itself runs while the collector serves: what is set is of the whole process, and is
put back at the end.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# How long a thread may keep the interpreter while another waits for it. The event loop and the
# thread of commits hand each request to each other: by Python's own 5 ms each would wait for the
# other about that long, several times a request.
SWITCH_SECONDS = 0.0005
# Objects after which garbage is looked for. Most of what a request makes is gone when it ends; by
# Python's own 700 a burst of requests is looked through over and over while it is under way.
ALLOCATED = 5000


@contextmanager
def prompt() -> Iterator[None]:
    """Keep the pauses short in which nobody is answered.

    Each full collection of garbage stops every thread while it walks all that was ever loaded: a
    tenth of a second, once for some hundred small requests. What is there when serving begins is
    there to stay, so it is walked no more.
    """
    before, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(ALLOCATED, *thresholds[1:])
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(before)
