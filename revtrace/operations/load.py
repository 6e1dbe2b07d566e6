"""Import files through the one writer, as any other delivery."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector.receivers.files import FileReport, import_files
from collector.receivers.files import Progress as FileProgress
from core.errors import BadInput
from core.event import REASON_TEXTS
from core.store import SqlFolder
from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from collector.mapping import AnyMapping
    from revtrace.wiring import App

SQL = SqlFolder(__file__)
COUNTS = ("received", "stored", "duplicates", "quarantined", "skipped")


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Each file's counts and control totals, and the sums over all files."""
    app.open_writer()
    reports = import_files(
        app.writer,
        [Path(file) for file in params["files"]],
        params["format"],
        params.get("source") or "",
        _mapping(app, params.get("mapping") or "")
        or _mapping_of_source(app, params.get("source") or "", params["format"]),
        lambda told: progress(_told(told)),
    )
    sums = {name: sum(getattr(report, name) for report in reports) for name in COUNTS}
    refused = [report.sha256 for report in reports if report.quarantined]
    return {
        "files": [_document(report) for report in reports],
        **sums,
        "reasons": _reasons(app, refused) if refused else [],
    }


def _reasons(app: "App", files: list[str]) -> list[dict[str, Any]]:
    """Why records were not taken, with what each reason means and its first record."""
    rows = app.store.rows(SQL["quarantined_of_files"], {"files": files}, readonly=True)
    return [
        {name: value for name, value in row.items() if name != "first"}
        | {"meaning": REASON_TEXTS.get(row["reason"], "")}
        for row in rows
    ]


def _mapping(app: "App", name: str) -> Path | None:
    """A mapping is a file, or the name of one in the `mappings` folder of the configuration."""
    if not name:
        return None
    places = [Path(name)]
    if app.config_folder:
        places.append(app.config_folder / "mappings" / f"{name}.toml")
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise BadInput(f"mapping {name}", "is no file", "Name a TOML file")
    return found


def _mapping_of_source(app: "App", source: str, form: str) -> "AnyMapping | None":
    """The mapping that a source's file names, where it is for files of this format."""
    from collector.registry import format_of

    declared = app.sources.get(source)
    if declared is None or declared.mapping is None or format_of(declared.mapping) != form:
        return None
    return declared.mapping


def _told(told: FileProgress) -> dict[str, Any]:
    name = Path(told.file).name
    rate = round(told.rows_per_second)
    amount = {"done": told.rows, "total": told.rows_total, "unit": "records"}
    return {"text": name, "rate": rate} | amount


def _document(report: FileReport) -> dict[str, Any]:
    seconds = round(report.seconds, 3)
    return asdict(report) | {"seconds": seconds}


OPERATIONS: dict[str, Operation] = {"run": run}
