"""Senders as middleware is: they send small and large requests from many threads, each again until
it is answered 200, and remember what they were told.
"""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from tests.collector.arrange import body, event

PAUSE_SECONDS = 0.05
JOIN_SECONDS = 90
NDJSON = {"content-type": "application/x-ndjson"}


class Sender(threading.Thread):
    """One sender; `times` is how often it sends what was answered 200 already."""

    def __init__(self, name: str, seed: int, url: list[str], times: int = 1) -> None:
        super().__init__(daemon=True)
        self._random = random.Random(seed)
        self._name = name
        self._url = url
        self._times = times
        self._over = threading.Event()
        self.acknowledged: set[str] = set()
        self.sent: set[str] = set()
        self.statuses: set[int] = set()
        self.pending = 0

    def stop(self) -> None:
        """End after the request that runs."""
        self._over.set()

    def run(self) -> None:
        place = 0
        with httpx.Client(trust_env=False, timeout=30) as client:
            while not self._over.is_set():
                place += 1
                count = self._random.choice([1, 1, 5, 600])
                ids = [f"{self._name}-{place}-{record}" for record in range(count)]
                self.sent.update(ids)
                for _ in range(self._times):
                    self._until_answered(client, ids)

    def _until_answered(self, client: httpx.Client, ids: list[str]) -> None:
        records = (event(event_id=one, object={"type": "invoice", "id": one}) for one in ids)
        content = body(*records)
        while not self._over.is_set():
            try:
                answer = client.post(f"{self._url[0]}/v1/events", content=content, headers=NDJSON)
            except httpx.TransportError:
                time.sleep(PAUSE_SECONDS)
                continue
            self.statuses.add(answer.status_code)
            if answer.status_code == 200:
                self.pending += answer.json().get("pending", 0)
                self.acknowledged.update(ids)
                return
            # Told to come again, and only that: anything else would lose what is sent.
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["retry-after"]) >= 1
            time.sleep(PAUSE_SECONDS)


@contextmanager
def sending(senders: Sequence[Sender]) -> Iterator[None]:
    """They send as long as the block lasts."""
    for one in senders:
        one.start()
    try:
        yield
    finally:
        for one in senders:
            one.stop()
        for one in senders:
            one.join(JOIN_SECONDS)


def check(senders: Sequence[Sender], told: dict[str, Any]) -> None:
    """What is stored is what was sent and acknowledged, each once, and everything balances."""
    acknowledged: set[str] = set().union(*(one.acknowledged for one in senders))
    sent: set[str] = set().union(*(one.sent for one in senders))
    times = told["times"]
    assert acknowledged
    assert acknowledged - set(times) == set()
    assert set(times) - sent == set()
    assert {one: count for one, count in times.items() if count != 1} == {}
    assert told["twice"] == 0
    assert told["imbalances"] == []
    assert told["unseen"] == 0
    assert set().union(*(one.statuses for one in senders)) <= {200, 503}
