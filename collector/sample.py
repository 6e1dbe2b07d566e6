"""What an import would make of a file, shown and not stored: the file is cut, redacted, mapped and
judged by the import's own parts, so that both always agree. Needs no warehouse.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from collector.declared_mapping import Reading, reading_of
from collector.delivery import CSV, NATIVE, NO_RECORD, PAYLOAD, Delivery
from collector.file_format import Opening, load_formats
from collector.file_formats import payload as payload_format
from collector.filling import Refusal
from collector.judge import record_lines
from collector.mapping import AnyMapping, CsvMapping
from collector.payload import Made, mapped, why_refused
from collector.payload_mapping import PayloadMapping
from collector.prepare import in_form
from collector.receivers.files import fitting, readable, source_of
from collector.redaction import redactor_of
from collector.source import Source
from core.errors import BadInput, NotFound
from core.event import Reason
from core.verdict import Fault, admit

ROWS_A_PART = 10_000


@dataclass(frozen=True)
class Sample:
    """How a file is read, and what becomes of each of its records, in their order."""

    format: str
    mapping: AnyMapping | None
    records: Iterator[Made]


@dataclass(frozen=True)
class _One:
    """The one mapping that the records of a file may name."""

    known: AnyMapping | None

    def mapping(self, name: str, version: int) -> AnyMapping:
        if self.known is None or (self.known.name, self.known.version) != (name, version):
            raise NotFound(f"mapping {name}, version {version}", "is not that of the file")
        return self.known


def sample_of(path: Path, form: str, source: Source, folder: Path | None, at: datetime) -> Sample:
    """Read a file as an import at that instant would, of a source by its own mapping or the one
    that the config folder declares; raises BadInput and ConfigInvalid as the import does.

    What tells no format is taken for a payload as a hook brings it, where the source maps those.
    """
    how = _reading(path, form, source, folder)
    if how.mapping is None and how.form.NEEDS_MAPPING:
        raise BadInput(
            f"{path.name}: a {how.form.NAME} file needs a mapping",
            f"source {source.name} has none for it",
            f"Name a `system` with one, or put one into mappings/ with source = '{source.name}'",
        )
    mapping = fitting(how.mapping, how.form)
    base = Delivery(
        body=b"",
        source=source_of(how.form, mapping, source.name),
        mapping=mapping.name if mapping else NATIVE,
        mapping_version=mapping.version if mapping else 1,
        file=path.name,
    )
    opening = Opening(path, base, mapping, ROWS_A_PART)
    return Sample(how.form.NAME, mapping, _records(how, opening, source, at))


def _reading(path: Path, form: str, source: Source, folder: Path | None) -> Reading:
    try:
        found = reading_of(path, form, source.name, folder, {source.name: source})
    except BadInput:
        if form or not isinstance(source.mapping, PayloadMapping):
            raise
        found = Reading(load_formats()[payload_format.NAME], "", source.mapping)
    if found.mapping is None and not source.name:
        # A mapping that is looked at by itself is meant for the sample, whether or not it fits.
        found = replace(found, mapping=source.mapping)
    return found


def _records(how: Reading, opening: Opening, source: Source, at: datetime) -> Iterator[Made]:
    mappings = _One(opening.mapping)
    redactor = redactor_of([source])
    with readable(opening.path), closing(how.form.parts(opening)) as parts:
        while taken := parts.take(1):
            for one in taken:
                yield from _made(redactor.redacted(one, mappings), mappings, at)


def _made(delivery: Delivery, mappings: _One, at: datetime) -> Iterator[Made]:
    mapping = mappings.known
    if delivery.protocol == PAYLOAD and isinstance(mapping, PayloadMapping):
        for one in mapped(delivery.body, mapping, delivery.source):
            made = replace(one, number=one.number + delivery.file_line)
            whole = made.refusal is None and not made.skipped
            yield _judged(made.line(), delivery, at, made) if whole else made
        return
    columns = _columns(mapping) if delivery.mapping != NATIVE else {}
    for _, number, line, _ in record_lines(in_form(delivery, mappings)):
        made = Made(number, "", skipped=line is None)
        yield made if line is None else _judged(line, delivery, at, made, columns)


def _judged(
    line: bytes, delivery: Delivery, at: datetime, made: Made, columns: Mapping[str, str] = {}
) -> Made:
    """What admission would say of a line; `columns` are those that fill the fields."""
    event = _event(line, delivery.source)
    found = admit(line, source=delivery.source, received_at=at)
    if not isinstance(found, Fault):
        return replace(made, event=event)
    why = why_refused(event, found)
    if found.reason is Reason.NOT_JSON and delivery.protocol == CSV:
        why = "the row has more or fewer cells than the header"
    if found.field in columns:
        why += f" in column {columns[found.field]}"
    raw = made.raw or line.removeprefix(NO_RECORD).decode("utf-8", "replace")
    return replace(made, event=event, refusal=Refusal(found.reason, found.field, why), raw=raw)


def _event(line: bytes, source: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(event, dict):
        return {}
    return event | ({"source": source} if source and event.get("source") is None else {})


def _columns(mapping: AnyMapping | None) -> dict[str, str]:
    if not isinstance(mapping, CsvMapping):
        return {}
    return {field: name for name, fields in mapping.filled.items() if name for field in fields}
