"""The systems that send, with their roles and when they were last heard; and the check of a file
before it is put into the config folder.
"""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.declaration import Table
from core.errors import BadInput, ConfigInvalid
from core.store import SqlFolder
from core.wanted import wanted
from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from collector.mapping import AnyMapping
    from collector.payload import Made
    from collector.redaction import Rules
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
            "last_heard_at": None,
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
    """Read a source's file, or one of a mapping, and show what it makes of payloads; opens no
    warehouse. `ok` is false when a record cannot be mapped.
    """
    from collector.payload import mapped
    from collector.payload_mapping import PayloadMapping

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
    if not params["samples"]:
        return document
    if not isinstance(mapping, PayloadMapping):
        known = sorted(
            name for name, each in app.mappings.items() if isinstance(each, PayloadMapping)
        )
        named = source.system if source else ""
        raise BadInput(
            f"{params['file']}",
            f"its system '{named}' has no mapping of payloads"
            if named
            else "has no mapping of payloads",
            f"Add [mapping], or a `system` out of {', '.join(known)}",
        )
    name = source.name if source else ""
    rules = source.redact.ready() if source and source.redact else None
    for sample in params["samples"]:
        body = _read_sample(Path(sample), rules)
        made = [_document(each) for each in mapped(body, mapping, name)]
        document["samples"].append({"file": sample, "records": made})
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


def _read_sample(path: Path, rules: "Rules | None") -> bytes:
    try:
        if path.stat().st_size > SAMPLE_BYTES_MAX:
            raise BadInput(f"{path}", f"is larger than {SAMPLE_BYTES_MAX} bytes", "Cut it shorter")
        body = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}", f"cannot be read: {error.strerror}") from None
    return body if rules is None else rules.document(body)


def _document(made: "Made") -> dict[str, Any]:
    told: dict[str, Any] = {"record": made.number, "form": made.form}
    if made.skipped:
        return told | {"outcome": "skipped"}
    if made.refusal is None:
        return told | {"outcome": "event", "event": made.event}
    refusal = made.refusal
    why = {"reason": str(refusal.reason), "field": refusal.field, "why": refusal.why}
    why["wanted"] = wanted(why["reason"], refusal.field)
    return told | {"outcome": "quarantined"} | why | {"event": made.event, "raw": made.raw}


OPERATIONS: dict[str, Operation] = {"run": run, "check": check}
