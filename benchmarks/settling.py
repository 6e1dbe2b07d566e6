"""Waits until the engine has merged what was written, so that what is measured next pays for itself
only.
"""

import time

from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
# Settled is what has not merged for so long; it is waited for no longer than the other.
SETTLED_SECONDS = 1.0
SETTLING_SECONDS_MAX = 300.0


def settle(store: Store) -> None:
    """Return when no merge has run for a while; raises RuntimeError when they go on and on."""
    begun = quiet_since = time.perf_counter()
    while (now := time.perf_counter()) - quiet_since < SETTLED_SECONDS:
        if store.value(SQL["count_merges"]):
            quiet_since = now
        if now - begun > SETTLING_SECONDS_MAX:
            raise RuntimeError("the benchmark measures nothing: the engine goes on merging")
        time.sleep(0.05)
