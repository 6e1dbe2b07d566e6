"""Object-centric event logs: OCEL 2.0 in SQLite, JSON or XML, OCEL 1.0 in JSON, told apart by
content.
"""

from collections.abc import Iterator
from dataclasses import asdict, replace

from collector.delivery import OCEL, Delivery
from collector.file_format import Opening, Parts, first_key
from collector.mapping import OcelMapping
from collector.receivers.ocel import PLAIN, SQLITE, OcelFile

NAME = "ocel"
ENDINGS = (".sqlite", ".sqlite3", ".jsonocel", ".xmlocel", ".db")
MAPPING = OcelMapping
NEEDS_MAPPING = ""
NAMES_SOURCE = False
# The first two only an OCEL document begins with, the others many a payload too.
OWN_KEYS = ("objectTypes", "eventTypes")
KEYS = (*OWN_KEYS, "objects", "events")
OWN_MARKS = (b'"objectTypes"', b'"eventTypes"', b'"relationships"', b'"ocel:')
XML_MARKS = (b"<object-types", b"<event-types")


def claims(head: bytes) -> bool:
    """SQLite, and the first words of the other two."""
    key = first_key(head)
    return (
        head.startswith(SQLITE)
        or key in KEYS
        or key.startswith("ocel:")
        or (head.startswith(b"<") and any(mark in head for mark in XML_MARKS))
    )


def claims_only_by_key(head: bytes) -> bool:
    """Say whether nothing but its first key tells it, which other systems use too."""
    key = first_key(head)
    return key in KEYS and key not in OWN_KEYS and not any(mark in head for mark in OWN_MARKS)


def parts(opening: Opening) -> Parts:
    """The event lines themselves are the bytes that are kept: pages of a database tell nobody
    anything.
    """
    mapping = opening.mapping if isinstance(opening.mapping, OcelMapping) else PLAIN
    file = OcelFile(opening.path, mapping)
    counts = file.counts()
    done = [0]

    def delivery(part: list[bytes]) -> Delivery:
        before = done[0] - len(part)
        return replace(opening.base, protocol=OCEL, body=b"\n".join(part), file_line=before)

    def deliveries() -> Iterator[Delivery]:
        part: list[bytes] = []
        for line in file.lines():
            part.append(line)
            done[0] += 1
            if len(part) >= opening.rows:
                yield delivery(part)
                part = []
        if part:
            yield delivery(part)

    def share() -> float:
        return min(done[0] / counts.event_objects, 1.0) if counts.event_objects else 1.0

    return Parts(deliveries(), share, file.close, asdict(counts))
