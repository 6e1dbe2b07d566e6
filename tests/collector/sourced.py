"""What the tests of sources arrange: files of sources, a mapping to mend, writers that know
both.
"""

import json
import textwrap
from pathlib import Path
from typing import Any

from collector.delivery import PAYLOAD, Delivery
from collector.quarantine import Asked, Quarantine, Replayed
from collector.source import Source, load_mappings, load_sources
from collector.writer import Writer
from core.clock import Clock
from core.settings import CollectorSettings
from core.store import Store
from tests.collector.arrange import BY_MODEL

# A mapping with a fault: amounts are read from the wrong key, and one status is not in its map.
TICKETS = """
name = "tickets"
role = "psa"
{more}

[mapping]
version = {version}
records = "tickets"

[mapping.time]
expression = "at"

[mapping.amount]
expression = "{amount}"
currency = "EUR"

[mapping.fields]
"object.id" = "no"

[mapping.constants]
"object.type" = "{object_type}"

[[mapping.event]]
name = "ticket"
fields = {{ action = {{ expression = "status", values = {{ {values} }} }} }}
"""
KNOWN = 'done = "approved"'
MENDED = 'done = "approved", paid = "paid"'


def ticket(no: str, status: str = "done", **more: Any) -> dict[str, Any]:
    return {"no": no, "status": status, "at": "2026-09-30T10:00:00Z", "net": 10, "gross": 12} | more


def body(*tickets: Any) -> bytes:
    return json.dumps({"tickets": list(tickets)}).encode()


def tickets_file(
    folder: Path,
    version: int = 1,
    values: str = KNOWN,
    amount: str = "net",
    object_type: str = "time_entry",
    more: str = "",
) -> Path:
    """Write the file of the source `tickets`; returns the config folder."""
    (folder / "sources").mkdir(exist_ok=True)
    text = TICKETS.format(
        version=version, values=values, amount=amount, object_type=object_type, more=more
    )
    (folder / "sources" / "tickets.toml").write_text(text)
    return folder


def source_file(folder: Path, name: str, text: str) -> Path:
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "sources" / f"{name}.toml").write_text(textwrap.dedent(text))
    return folder


def declared_writer(
    store: Store, clock: Clock, folder: Path, engine_bytes_min: int = BY_MODEL
) -> Writer:
    """An opened writer that knows the sources of a config folder."""
    writer = Writer(store, clock, CollectorSettings(engine_bytes_min=engine_bytes_min))
    writer.open()
    writer.declare(load_sources(folder).values())
    return writer


def sent(writer: Writer, content: bytes, source: str = "tickets") -> Delivery:
    """A payload as a hook makes a delivery of it."""
    declared: Source = writer.sources.declared[source]
    assert declared.mapping is not None
    given = Delivery(
        content,
        protocol=PAYLOAD,
        source=source,
        mapping=declared.mapping.name,
        mapping_version=declared.mapping.version,
    )
    return writer.prepare(given)


def replayed(
    store: Store,
    clock: Clock,
    writer: Writer,
    folder: Path,
    asked: Asked | None = None,
    **more: Any,
) -> list[Replayed]:
    """Read the files again and replay, as the command does."""
    writer.declare(load_sources(folder).values())
    quarantine = Quarantine(store, writer, clock, load_mappings(folder))
    return quarantine.replay(asked or Asked(), "anna", **more)
