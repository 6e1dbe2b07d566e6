"""The systems that send: roles, last events and arrivals; and the check of a file
before it is put into the config folder.
"""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.declaration import Table
from core.errors import BadInput, ConfigInvalid
from core.store import SqlFolder
from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from collector.mapping import AnyMapping
    from collector.payload import Made
    from collector.source import Source
    from revtrace.wiring import App

SQL = SqlFolder(__file__)
SAMPLE_BYTES_MAX = 16 * 1024 * 1024


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Every source that is registered, and those that are declared but have sent nothing yet."""
    rows = app.store.rows(SQL["sources"], readonly=True)
    known = {row["name"] for row in rows}
    declared = [
        {
            "name": source.name,
            "role": source.role,
            "system": source.system,
            "declared": 1,
            "expected_every_seconds": int(
                source.expected_every.total_seconds() if source.expected_every else 0
            ),
            "events": 0,
            "last_event_at": None,
            "last_arrival_at": None,
        }
        for source in app.sources.values()
        if source.name not in known
    ]
    mapped = {name: each.mapping for name, each in app.sources.items() if each.mapping}
    found = [
        row
        | {"declared": bool(row["declared"])}
        | {"mapping": mapped[row["name"]].name if row["name"] in mapped else ""}
        for row in [*rows, *declared]
    ]
    return {"sources": sorted(found, key=lambda row: str(row["name"]))}


def check(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Read a source's file, or one of a mapping, and show what an import would make of samples;
    opens no warehouse. `ok` is false when a record would be quarantined.
    """
    from collector.sample import sample_of

    source, mapping = _declared(app, Path(params["file"]))
    document: dict[str, Any] = {
        "ok": True,
        "file": params["file"],
        "source": source.name if source else "",
        "role": source.role if source else "",
        "mapping": mapping.name if mapping else "",
        "mapping_version": mapping.version if mapping else 0,
        "samples": [],
    }
    meant = _meant(source, mapping, params)
    for file in params["samples"]:
        path = _bounded(Path(file))
        # What is asked of a mapping alone is of no source that a folder may say more of.
        folder = app.config_folder if source else None
        sample = sample_of(path, params.get("format") or "", meant, folder, app.clock.now())
        made = [_document(each, sample.mapping) for each in sample.records]
        if (
            made
            and sample.mapping is None
            and all(each["outcome"] == "quarantined" for each in made)
        ):
            _refuse_unmapped(app, params["file"], meant, sample.format)
        told = {"file": file, "format": sample.format, "records": made}
        told["mapping"] = sample.mapping.name if sample.mapping else ""
        told["mapping_version"] = sample.mapping.version if sample.mapping else 0
        document["samples"].append(told)
    document["ok"] = not any(
        record["outcome"] == "quarantined"
        for sample in document["samples"]
        for record in sample["records"]
    )
    return document


def _declared(app: "App", path: Path) -> "tuple[Source | None, AnyMapping | None]":
    from collector.mapping import parse_mapping
    from collector.source import read_source, with_mapping

    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigInvalid(f"{path}", f"cannot be read: {error}") from None
    if "format" in values:
        return None, parse_mapping(text, str(path))
    source = with_mapping(read_source(Table(str(path), "", values)), app.mappings)
    return source, source.mapping


def _meant(source: "Source | None", mapping: "AnyMapping | None", params: Params) -> "Source":
    """The source that samples are of: the file's, or for a mapping the one that is said."""
    from collector.source import UNKNOWN, Source

    given = params.get("source") or ""
    if source is None:
        return Source(given, UNKNOWN, mapping=mapping)
    if given not in ("", source.name):
        raise BadInput(
            params["file"], f"is the file of {source.name}", "Leave --source out, or name a mapping"
        )
    return source


def _refuse_unmapped(app: "App", file: str, meant: "Source", form: str) -> None:
    """Where no row is an event, and nothing maps rows, say what is missing instead of each row."""
    from collector.file_format import load_formats
    from collector.payload_mapping import PayloadMapping

    if load_formats()[form].MAPPING is not PayloadMapping:
        return
    known = sorted(name for name, each in app.mappings.items() if isinstance(each, PayloadMapping))
    raise BadInput(
        file,
        f"its system '{meant.system}' has no mapping of payloads, and no record is an event"
        if meant.system
        else "it has no mapping of payloads, and no record is an event",
        f"Add [mapping], or a `system` out of {', '.join(known)}",
    )


def _bounded(path: Path) -> Path:
    try:
        if path.stat().st_size > SAMPLE_BYTES_MAX:
            raise BadInput(f"{path}", f"is larger than {SAMPLE_BYTES_MAX} bytes", "Cut it shorter")
    except OSError as error:
        raise BadInput(f"{path}", f"cannot be read: {error.strerror}") from None
    return path


def _document(made: "Made", mapping: "AnyMapping | None") -> dict[str, Any]:
    from collector.mapped_again import wanted_by

    told: dict[str, Any] = {"record": made.number, "form": made.form}
    if made.skipped:
        return told | {"outcome": "skipped"}
    if made.refusal is None:
        return told | {"outcome": "event", "event": made.event}
    refusal = made.refusal
    why = {"reason": str(refusal.reason), "field": refusal.field, "why": refusal.why}
    why["wanted"] = wanted_by(mapping, why["reason"], refusal.field)
    return told | {"outcome": "quarantined"} | why | {"event": made.event, "raw": made.raw}


OPERATIONS: dict[str, Operation] = {"run": run, "check": check}
