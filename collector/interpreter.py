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


@contextmanager
def prompt() -> Iterator[None]:
    """Keep the pauses short in which nobody is answered.

    Each full collection of garbage stops every thread while it walks all that was ever loaded: a
    tenth of a second, once for some hundred small requests. What is there when serving begins is
    there to stay, so it is walked no more.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before)
