"""The senders of the ingest benchmark, in a process of their own, so that what they cost is not
measured as the collector's: reads one load as JSON from stdin, tells its times as JSON on stdout.
"""

import json
import socket
import sys
import threading
import time
from typing import Any

from benchmarks.events import bodies


def main() -> None:
    """Make the bodies, say so, wait for the word, send them, tell each answer's seconds and what
    sending took of the processor, which it takes from the collector."""
    load: dict[str, Any] = json.loads(sys.stdin.readline())
    given = [load[name] for name in ("form", "prefix", "first", "records", "requests")]
    made = bodies(*given)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    begun, spent = time.perf_counter(), time.process_time()
    took, refused = _send(load, made)
    told = {
        "seconds": time.perf_counter() - begun,
        "cpu_seconds": time.process_time() - spent,
        "took": took,
        "refused": refused,
    }
    sys.stdout.write(json.dumps(told) + "\n")


def _send(load: dict[str, Any], made: list[bytes]) -> tuple[list[float], int]:
    left = iter(made)
    took: list[float] = []
    refused: list[int] = []
    lock = threading.Lock()
    head = (
        f"POST {load['path']} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: {load['kind']}\r\n"
        "content-length: {}\r\n\r\n"
    )

    def send() -> None:
        with socket.create_connection(("127.0.0.1", load["port"]), timeout=300) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                with lock:
                    body = next(left, None)
                if body is None:
                    return
                begun = time.perf_counter()
                try:
                    connection.sendall(head.format(len(body)).encode() + body)
                    status = _answered(connection)
                except OSError:
                    # It was killed, which one of the benchmarks does.
                    return
                took.append(time.perf_counter() - begun)
                if status != 200:
                    refused.append(status)

    threads = [threading.Thread(target=send) for _ in range(load["senders"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, len(refused)


def _answered(connection: socket.socket) -> int:
    """Read one answer; no library, since 64 senders share one interpreter here."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += _some(connection)
    head, _, body = read.partition(b"\r\n\r\n")
    names = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    left = int(names.get(b"content-length", b"0")) - len(body)
    while left > 0:
        left -= len(_some(connection))
    return int(head.split(b" ", 2)[1])


def _some(connection: socket.socket) -> bytes:
    part = connection.recv(65_536)
    if not part:
        raise ConnectionError("the collector closed the connection")
    return part


if __name__ == "__main__":
    main()
