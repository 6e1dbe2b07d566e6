"""What the collector counts of its own work, and its text for Prometheus."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping

from collector.delivery import Receipt

PREFIX = "revtrace_collector"
FATES = ("stored", "duplicates", "quarantined", "skipped")

HELP: Mapping[str, str] = {
    "requests_total": "Requests answered, by path and status code",
    "records_total": "Records received, by what became of them",
    "deliveries_total": "Deliveries committed",
    "deliveries_refused_total": "Deliveries refused as unreadable",
    "commits_total": "Commits",
    "commits_failed_total": "Commits that failed and were answered 503",
    "commit_seconds_total": "Time spent in commits",
    "body_bytes_total": "Bytes of request bodies after their encoding was undone",
}


class Measures:
    """Counters; any thread may add to them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._seconds = 0.0

    def answered(self, path: str, code: int) -> None:
        """Count a request."""
        self._add("requests_total", f'{{path="{path}",code="{code}"}}')

    def received(self, size: int) -> None:
        """Count the bytes of a body."""
        self._add("body_bytes_total", "", size)

    def committed(self, answers: Iterable[object], seconds: float) -> None:
        """Count a commit and what became of its records."""
        with self._lock:
            self._counts["commits_total", ""] += 1
            self._seconds += seconds
            for answer in answers:
                if not isinstance(answer, Receipt):
                    self._counts["deliveries_refused_total", ""] += 1
                    continue
                self._counts["deliveries_total", ""] += 1
                for fate, count in answer.counts().items():
                    if fate in FATES:
                        self._counts["records_total", f'{{fate="{fate}"}}'] += count

    def commit_failed(self) -> None:
        """Count a commit that came to nothing."""
        self._add("commits_failed_total", "")

    def text(self, gauges: Mapping[str, float]) -> str:
        """The Prometheus text: all counters, and the gauges given."""
        with self._lock:
            counts = dict(self._counts)
            seconds = self._seconds
        lines: list[str] = []
        for name, told in HELP.items():
            lines += [f"# HELP {PREFIX}_{name} {told}.", f"# TYPE {PREFIX}_{name} counter"]
            if name == "commit_seconds_total":
                lines.append(f"{PREFIX}_{name} {seconds:.6f}")
                continue
            found = {labels: count for (key, labels), count in counts.items() if key == name}
            for labels, count in sorted((found or {"": 0}).items()):
                lines.append(f"{PREFIX}_{name}{labels} {count}")
        for name, value in gauges.items():
            lines += [f"# TYPE {PREFIX}_{name} gauge", f"{PREFIX}_{name} {value:g}"]
        return "\n".join(lines) + "\n"

    def _add(self, name: str, labels: str, count: int = 1) -> None:
        with self._lock:
            self._counts[name, labels] += count
