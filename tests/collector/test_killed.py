"""SIGKILL in mid-load: nothing that was acknowledged is lost, nothing is doubled, whatever was sent
again.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.collector.arrange import body, event

SENDERS = 4
ROUNDS = int(os.environ.get("REVTRACE_KILL_ROUNDS", "1"))
START_SECONDS = 60
ROOT = Path(__file__).resolve().parents[2]


class Sender(threading.Thread):
    """Sends small and large requests; each is sent again until it is answered 200."""

    def __init__(self, number: int, url: list[str], over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._random = random.Random(number)
        self._number = number
        self._url = url
        self._over = over
        self.acknowledged: set[str] = set()
        self.sent: set[str] = set()

    def run(self) -> None:
        place = 0
        with httpx.Client(trust_env=False, timeout=30) as client:
            while not self._over.is_set():
                place += 1
                count = self._random.choice([1, 5, 600])
                ids = [f"{self._number}-{place}-{record}" for record in range(count)]
                self.sent.update(ids)
                self._until_answered(client, ids)

    def _until_answered(self, client: httpx.Client, ids: list[str]) -> None:
        content = body(*(event(event_id=one, object={"type": "invoice", "id": one}) for one in ids))
        headers = {"content-type": "application/x-ndjson"}
        while not self._over.is_set():
            try:
                answer = client.post(f"{self._url[0]}/v1/events", content=content, headers=headers)
                if answer.status_code == 200:
                    self.acknowledged.update(ids)
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)


def start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start a collector and wait until it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = [sys.executable, "-m", "tests.collector.serving", str(folder), str(port)]
    process = subprocess.Popen(program, cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            if httpx.get(f"{url}/readyz", trust_env=False).status_code == 200:
                return process, url
        except httpx.TransportError:
            time.sleep(0.05)
    process.kill()
    pytest.fail("the collector did not start")


# A thread of the dead server's clients may end in the middle of a read; that is what this test is
# about.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_killed_in_mid_load_loses_and_doubles_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "warehouse"
    process, url = start(folder)
    urls, over = [url], threading.Event()
    senders = [Sender(number, urls, over) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    chance = random.Random(ROUNDS)
    for _ in range(ROUNDS):
        time.sleep(1.5 + chance.random() * 2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process, urls[0] = start(folder)
    time.sleep(2)
    over.set()
    for sender in senders:
        sender.join(60)
    process.kill()
    process.wait()
    check(folder, senders)


def check(folder: Path, senders: list[Sender]) -> None:
    program = [sys.executable, "-m", "tests.collector.serving", str(folder), "0"]
    told = json.loads(subprocess.run(program, cwd=ROOT, check=True, capture_output=True).stdout)
    found = set(told["times"])
    acknowledged = set().union(*(sender.acknowledged for sender in senders))
    sent = set().union(*(sender.sent for sender in senders))
    assert acknowledged
    assert acknowledged - found == set()
    assert found - sent == set()
    assert {one: times for one, times in told["times"].items() if times != 1} == {}
    assert told["imbalances"] == []
    assert told["unseen"] == 0
