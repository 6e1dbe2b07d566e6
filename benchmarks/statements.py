"""Where the time of a store goes: counts and times each statement, by its first words."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from core.store import Store

CHARS = 70


class Watched(Store):
    """A store that measures what it is asked; it works on the warehouse of another one."""

    def __init__(self, store: Store) -> None:
        self.__dict__.update(store.__dict__)
        self._watch_lock = threading.Lock()
        self._spent: defaultdict[str, list[float]] = defaultdict(list)
        for name in ("rows", "value", "command", "insert", "insert_raw"):
            setattr(self, name, self._watched(getattr(store, name)))

    def table(self) -> str:
        """Statements by the time that they took, the largest first."""
        with self._watch_lock:
            spent = sorted(self._spent.items(), key=lambda one: -sum(one[1]))
        lines = [f"{'times':>7} {'seconds':>9} {'each ms':>9}  statement"]
        for text, took in spent:
            total = sum(took)
            lines.append(f"{len(took):7} {total:9.2f} {total / len(took) * 1000:9.1f}  {text}")
        return "\n".join(lines) + "\n"

    def _watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def measured(text: str, *args: Any, **more: Any) -> Any:
            begun = time.perf_counter()
            try:
                return call(text, *args, **more)
            finally:
                with self._watch_lock:
                    self._spent[_short(text)].append(time.perf_counter() - begun)

        return measured


def _short(text: str) -> str:
    """The first line that is no comment, or the table of an insert."""
    code = [line.strip() for line in text.splitlines() if not line.lstrip().startswith("--")]
    return " ".join(line for line in code if line)[:CHARS]
