"""A collector whose warehouse is away, so that what it takes goes to its spool and no engine uses
memory: `python -m tests.collector.crowded FOLDER` says its ports, and at the end of its input by
how much its memory had grown at most.
"""

import asyncio
import json
import resource
import sys
from pathlib import Path

import uvicorn

from collector.app import create_app
from collector.receivers.otlp_grpc import GrpcReceiver
from collector.writer import Writer
from core.clock import SystemClock
from core.errors import StoreUnavailable
from core.settings import CollectorSettings, GrpcSettings, HttpSettings, Settings
from core.store import Store

MEBIBYTE = 1024**2
BODY_BYTES_MAX = 16 * MEBIBYTE
MESSAGE_BYTES_MAX = 8 * MEBIBYTE
BUDGET_BYTES = 64 * MEBIBYTE


def away() -> None:
    """What opening the warehouse comes to."""
    raise StoreUnavailable("the warehouse is away")


async def serve(folder: str) -> None:
    """Serve HTTP and gRPC until the input ends."""
    settings = Settings(
        home=Path(folder),
        http=HttpSettings(body_bytes_max=BODY_BYTES_MAX),
        grpc=GrpcSettings(message_bytes_max=MESSAGE_BYTES_MAX),
        collector=CollectorSettings(bodies_bytes_max=BUDGET_BYTES),
    )
    store = Store("clickhouse://127.0.0.1:1", "away", settings.engine, "")
    writer = Writer(store, SystemClock(), settings.collector)
    app = create_app(writer, settings, open_warehouse=away)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="on")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    receiver = GrpcReceiver(app.state.door, settings.grpc)
    ports = [server.servers[0].sockets[0].getsockname()[1], await receiver.start(0)]
    _tell(ports)
    await asyncio.to_thread(sys.stdin.readline)
    before = _peak()
    await asyncio.to_thread(sys.stdin.read)
    _tell(_peak() - before)
    await receiver.stop(1)
    server.should_exit = True
    await serving


def _tell(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
