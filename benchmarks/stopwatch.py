"""Seconds, processor seconds and peak memory of one process, a lap each for what it does.

It needs nothing but the standard library: the interpreter of the peers runs it too.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any


class Stopwatch:
    """Runs from the moment it is made."""

    def __init__(self) -> None:
        self._laps: dict[str, dict[str, float]] = {}
        self._begun = self._now()

    def lap(self, name: str) -> None:
        """What was done since the last lap has this name."""
        ended = self._now()
        spent = (after - before for after, before in zip(ended, self._begun, strict=True))
        self._laps[name] = dict(zip(("seconds", "processor"), spent, strict=True))
        self._begun = ended

    def tell(self, **found: Any) -> None:
        """Print a line of JSON: the laps, the peak memory, and what was found."""
        document = {"laps": self._laps, "peak_bytes": _peak_bytes(), **found}
        sys.stdout.write(json.dumps(document) + "\n")

    @staticmethod
    def _now() -> tuple[float, float]:
        return time.perf_counter(), time.process_time()


def _peak_bytes() -> int:
    """The high-water mark of this process's own memory: `ru_maxrss` would count in what the process
    that started it held, too.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
