"""What the collector counts of its own work, as OpenTelemetry instruments.

What happens with every request is counted in plain numbers that the instruments read when somebody
asks, since recording into an instrument costs more than judging a small request should.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import metrics, trace
from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.trace import Link, SpanContext

from collector.delivery import Receipt

PREFIX = "revtrace.collector"
FATES = ("stored", "duplicates", "quarantined", "skipped")
LINKS_MAX = 32

# Name, unit, what it is, and the names of its attributes.
COUNTERS: Sequence[tuple[str, str, str, tuple[str, ...]]] = (
    ("requests", "", "Requests answered, by path and status code", ("path", "code")),
    ("records", "", "Records received, by what became of them", ("fate",)),
    ("quarantined", "", "Records quarantined, by reason", ("reason",)),
    ("deliveries", "", "Deliveries committed", ()),
    ("deliveries_refused", "", "Deliveries refused as unreadable", ()),
    ("commits", "", "Commits", ()),
    ("commits_failed", "", "Commits that failed and were answered 503", ()),
    ("body", "By", "Bytes of request bodies after their encoding was undone", ()),
    ("bodies_refused", "", "Requests that found no room for their bytes", ()),
)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
RECORDS = (1, 10, 100, 1000, 10_000, 100_000, 1_000_000)

Key = tuple[str, ...]


class Measures:
    """Counts and instruments; any thread may add to them."""

    def __init__(self, meter: Meter | None = None) -> None:
        self._meter = meter or metrics.get_meter(PREFIX)
        self._tracer = trace.get_tracer(PREFIX)
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[Key]] = {name: Counter() for name, *_ in COUNTERS}
        for name, unit, told, attributes in COUNTERS:
            if not attributes:
                self._counts[name][()] = 0
            self._meter.create_observable_counter(
                f"{PREFIX}.{name}", [self._reading(name, attributes)], unit, told
            )
        self._request = self._histogram("request.duration", "s", "Time to an answer", SECONDS)
        self._commit = self._histogram("commit.duration", "s", "Time of a commit", SECONDS)
        self._batch = self._histogram("commit.deliveries", "", "Deliveries of a commit", SIZES)
        self._rows = self._histogram("commit.records", "", "Records of a commit", RECORDS)

    def answered(self, path: str, code: int, seconds: float | None = None) -> None:
        """Count a request by the pattern of its path, never by what a sender wrote there."""
        self._add("requests", (path, str(code)))
        if seconds is not None:
            self._request.record(seconds, {"path": path})

    def received(self, size: int) -> None:
        """Count the bytes of a body."""
        self._add("body", (), size)

    def body_refused(self) -> None:
        """Count a request for whose bytes there was no room beside those of others."""
        self._add("bodies_refused", ())

    def committed(self, answers: Sequence[object], seconds: float) -> None:
        """Count a commit and what became of its records; those that are answered before they are
        counted are told of later, in a call of their own.
        """
        answers = [one for one in answers if not isinstance(one, Receipt) or one.counted]
        if not answers:
            return
        receipts = [answer for answer in answers if isinstance(answer, Receipt)]
        with self._lock:
            self._counts["commits"][()] += 1
            self._counts["deliveries"][()] += len(receipts)
            self._counts["deliveries_refused"][()] += len(answers) - len(receipts)
            for receipt in receipts:
                for fate, count in receipt.counts().items():
                    if fate in FATES:
                        self._counts["records"][(fate,)] += count
                for reason, count in receipt.reasons.items():
                    self._counts["quarantined"][(reason,)] += count
        self._commit.record(seconds)
        self._batch.record(len(answers))
        self._rows.record(sum(receipt.received for receipt in receipts))

    def commit_failed(self) -> None:
        """Count a commit that came to nothing."""
        self._add("commits_failed", ())

    def gauge(self, name: str, told: str, read: Callable[[], float], unit: str = "") -> None:
        """Show a number that is read when somebody asks: a depth, a size."""

        def observe(_: CallbackOptions) -> Iterator[Observation]:
            yield Observation(read())

        self._meter.create_observable_gauge(f"{PREFIX}.{name}", [observe], unit, told)

    @contextmanager
    def commit_span(self, requests: Iterable[SpanContext | None]) -> Iterator[None]:
        """The span of a commit, linked to those of the requests that share it.

        Only a commit that a traced request waits for is traced.
        """
        links = [Link(context) for context in requests if context is not None][:LINKS_MAX]
        if not links:
            yield
            return
        # A child of the first, so that request, commit and statements are one trace.
        parent = trace.set_span_in_context(trace.NonRecordingSpan(links[0].context))
        with self._tracer.start_as_current_span("commit", parent, links=links[1:]):
            yield

    def _histogram(
        self, name: str, unit: str, told: str, bounds: Sequence[float]
    ) -> metrics.Histogram:
        return self._meter.create_histogram(
            f"{PREFIX}.{name}", unit, told, explicit_bucket_boundaries_advisory=bounds
        )

    def _reading(
        self, name: str, attributes: tuple[str, ...]
    ) -> Callable[[CallbackOptions], list[Observation]]:
        def observe(_: CallbackOptions) -> list[Observation]:
            with self._lock:
                counts = dict(self._counts[name])
            return [
                Observation(count, dict(zip(attributes, key, strict=True)))
                for key, count in counts.items()
            ]

        return observe

    def _add(self, name: str, key: Key, count: int = 1) -> None:
        with self._lock:
            self._counts[name][key] += count


@contextmanager
def written_span(commit: SpanContext | None) -> Iterator[None]:
    """The span of what is written behind a commit, under that of the commit; none where that is not
    traced.
    """
    if commit is None:
        yield
        return
    parent = trace.set_span_in_context(trace.NonRecordingSpan(commit))
    with trace.get_tracer(PREFIX).start_as_current_span("write", parent):
        yield


def present_span() -> SpanContext | None:
    """The span that the present work is traced by, None when it is not."""
    span = trace.get_current_span()
    return span.get_span_context() if span.is_recording() else None
