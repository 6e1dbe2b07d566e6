"""The senders of the ingest benchmark, in a process of their own, so that what they cost is not
measured as the collector's: reads one load as JSON from stdin, tells its times as JSON on stdout.
"""

import http.client
import json
import sys
import threading
import time
from typing import Any

from benchmarks.events import bodies


def main() -> None:
    """Make the bodies, say so, wait for the word, send them, tell each answer's seconds."""
    load: dict[str, Any] = json.loads(sys.stdin.readline())
    made = bodies(load["form"], load["prefix"], load["records"], load["requests"])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    begun = time.perf_counter()
    took, refused = _send(load, made)
    seconds = time.perf_counter() - begun
    sys.stdout.write(json.dumps({"seconds": seconds, "took": took, "refused": refused}) + "\n")


def _send(load: dict[str, Any], made: list[bytes]) -> tuple[list[float], int]:
    left = iter(made)
    took: list[float] = []
    refused: list[int] = []
    lock = threading.Lock()
    headers = {"content-type": load["kind"]}

    def send() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", load["port"], timeout=300)
        while True:
            with lock:
                body = next(left, None)
            if body is None:
                connection.close()
                return
            begun = time.perf_counter()
            connection.request("POST", load["path"], body, headers)
            answer = connection.getresponse()
            answer.read()
            took.append(time.perf_counter() - begun)
            if answer.status != 200:
                refused.append(answer.status)

    threads = [threading.Thread(target=send) for _ in range(load["senders"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, len(refused)


if __name__ == "__main__":
    main()
