"""The stop is bounded: what still runs in a thread does not hold up the end of the process."""

import subprocess
import sys
import time
from pathlib import Path

STUCK = """
import asyncio, sys, time
from pathlib import Path
from core.settings import Settings
from revtrace import app

class App:
    def close(self):
        print("closed under it")
        return True

async def serve(self):
    self._stops.append(lambda: time.sleep(60) or True)
    print("stopping")
    await self._stop(App())

app.Service.serve = serve
settings = Settings(home=Path(sys.argv[1]), service={"stop_seconds": 1},
                    http={"port": 0}, grpc={"port": 0}, dashboards={"port": 0})
app.run(settings, "up", app.Parts(collector=True, work=True, dashboards=True))
"""


def test_what_hangs_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    begun = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", STUCK, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "stopping\n"), ended.stderr
    assert time.monotonic() - begun < 30
