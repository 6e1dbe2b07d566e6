"""The sample quarter of `up --demo`: made once, then sent through the collector's own front door.

What was made stays in `<home>/demo`, with a note of how far it has come: a demo that was killed
while it was loading is sent again from its start, and the collector finds the duplicates. Its
calendars and sources are the declarations of this home for as long as no other config folder is
set.
"""

import json
import logging
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import RevtraceError, StoreRefused, StoreUnavailable

if TYPE_CHECKING:
    import httpx

FOLDER = "demo"
NOTE = "demo.json"
SEED = 1
SCALE = 1.0
# The close is near enough that something is at stake, and not yet past.
CLOSE_AHEAD = timedelta(days=2)
REQUEST_BYTES = 1024 * 1024
REQUEST_SECONDS = 60.0
ATTEMPTS_MAX = 60

log = logging.getLogger(__name__)


@dataclass
class Note:
    """What the demo of a home was made from, and whether all of it has been sent."""

    seed: int
    scale: float
    now: str
    books_close: str
    events: int = 0
    loaded: bool = False


def config_folder(home: Path) -> Path | None:
    """The declarations of this home's demo, None when it has none."""
    folder = home / FOLDER / "config"
    return folder if folder.is_dir() else None


def read_note(home: Path) -> Note | None:
    """The note of this home's demo; None when there is none that can be read."""
    try:
        return Note(**json.loads((home / FOLDER / NOTE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def make(home: Path, now: datetime) -> Note:
    """Write the sample quarter as it would be known at `now`."""
    from revtrace.simulate import simulate

    # Whole seconds: the note must name the very instants that the events were made from.
    now = now.replace(microsecond=0)
    close = now + CLOSE_AHEAD
    note = Note(SEED, SCALE, now.isoformat(), close.isoformat())
    summary = simulate(SEED, SCALE, home / FOLDER, close, now)
    note.events = summary.events
    _write_note(home, note)
    return note


def key_to_try(home: Path) -> str:
    """A revenue event of the sample quarter that something went wrong with, by its answer key."""
    with (home / FOLDER / "paths.ndjson").open(encoding="utf-8") as lines:
        paths = (json.loads(line) for line in lines)
        first = next(paths)
        found = next((path for path in paths if path["faults"] and path["objects"][1:]), first)
    return str(found["root"])


class Sender(threading.Thread):
    """Sends the events of a demo over HTTP, a bounded request at a time, until it is through."""

    def __init__(
        self,
        home: Path,
        url: str,
        note: Note,
        *,
        authorization: str = "",
        certificate: Path | None = None,
    ) -> None:
        super().__init__(name="demo", daemon=True)
        self._headers = {"content-type": "application/x-ndjson"}
        self._headers |= {"authorization": authorization} if authorization else {}
        self._certificate = certificate
        self._home = home
        self._url = f"{url}/v1/events"
        self._note = note
        self._stopping = threading.Event()

    def stop(self) -> bool:
        """Send nothing more; what is missing is sent by the next `up --demo`."""
        self._stopping.set()
        return True

    def run(self) -> None:
        import httpx

        begun = time.monotonic()
        try:
            trusted = _trusting(self._certificate)
            with httpx.Client(timeout=REQUEST_SECONDS, trust_env=False, verify=trusted) as client:
                for body in _requests(self._home / FOLDER / "events.ndjson"):
                    self._send(client, body)
                    if self._stopping.is_set():
                        return
        except (RevtraceError, httpx.HTTPError, OSError) as error:
            log.error("the sample quarter could not be loaded: %s", error)
            return
        self._note.loaded = True
        _write_note(self._home, self._note)
        log.info(
            "the sample quarter is in; its paths and findings follow within seconds",
            extra={"events": self._note.events, "seconds": round(time.monotonic() - begun, 1)},
        )

    def _send(self, client: "httpx.Client", body: bytes) -> None:
        """Post one request; a collector that is busy says when to come again."""
        for _ in range(ATTEMPTS_MAX):
            if self._stopping.is_set():
                return
            answer = client.post(self._url, content=body, headers=self._headers)
            if answer.status_code == 200:
                return
            if answer.status_code not in (429, 503):
                raise StoreRefused("the collector refuses the sample quarter", answer.text[:300])
            self._stopping.wait(float(answer.headers.get("retry-after", 1)))
        raise StoreUnavailable("the collector takes no more of the sample quarter")


def _trusting(certificate: Path | None) -> ssl.SSLContext | bool:
    """Trust the very certificate that this process serves with, whatever host it names."""
    if certificate is None:
        return True
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _requests(path: Path) -> Iterator[bytes]:
    """Whole lines, as many as fit into one request."""
    with path.open("rb") as lines:
        while batch := lines.readlines(REQUEST_BYTES):
            yield b"".join(batch)


def _write_note(home: Path, note: Note) -> None:
    path = home / FOLDER / NOTE
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(note), indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)
