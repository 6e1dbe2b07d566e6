"""Import files through the one writer, as any other delivery."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector.declared_mapping import Reading, reading_of
from collector.delivery import NATIVE
from collector.mapped_again import wanted_of
from collector.mapping import AnyMapping, read_mapping
from collector.receivers.files import Commit, FileReport, format_of, import_file
from collector.receivers.files import Progress as FileProgress
from collector.registry import Registry
from core.errors import BadInput
from core.event import REASON_TEXTS
from core.store import SqlFolder
from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from revtrace.wiring import App

SQL = SqlFolder(__file__)
COUNTS = ("received", "stored", "duplicates", "quarantined", "skipped", "pending")


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Each file's counts and control totals, and the sums over all files."""
    app.open_writer()
    admit = _admission(app)
    source = params.get("source") or ""
    given = _mapping(app, params.get("mapping") or "")
    mapping = read_mapping(given) if given else None
    # All of them first: a file that cannot be read at all must not stop the import half-way.
    form, paths = params.get("format") or "", [Path(file) for file in params["files"]]
    readings = [(path, _reading(app, path, form, source, mapping)) for path in paths]
    reports = [
        replace(
            import_file(
                app.writer,
                path,
                how.form.NAME,
                source,
                how.mapping,
                lambda told: progress(_told(told)),
                admit,
            ),
            told_by=how.told_by,
        )
        for path, how in readings
    ]
    sums = {name: sum(getattr(report, name) for report in reports) for name in COUNTS}
    refused = [report for report in reports if report.quarantined]
    return {
        "files": [_document(report) for report in reports],
        **sums,
        "reasons": _reasons(app, refused) if refused else [],
    }


def _admission(app: "App") -> Commit:
    """What commits the parts of a file; where receivers run, by way of the spool when the warehouse
    is away.
    """
    receivers = app.receivers()
    if receivers is None:
        return app.writer.accept
    commit: Commit = receivers.state.door.queue.commit
    return commit


def _reading(app: "App", path: Path, form: str, source: str, mapping: AnyMapping | None) -> Reading:
    """How a file is read: by the mapping that is given, else by that of its source."""
    if mapping is None:
        return reading_of(path, form, source, app.config_folder, app.sources)
    return Reading(*format_of(path, form), mapping)


def _reasons(app: "App", refused: list[FileReport]) -> list[dict[str, Any]]:
    """Why records were not taken, with what each reason means and its first record. A file may have
    been imported by another mapping too, which is no business of this import.
    """
    files = [each.sha256 for each in refused]
    # Of a source with a mapping of payloads some rows may have been events.
    imports = [f"{each.sha256} {each.mapping} {each.mapping_version}" for each in refused]
    imports += [f"{each.sha256} {NATIVE} 1" for each in refused]
    rows = app.store.rows(
        SQL["quarantined_of_files"], {"files": files, "imports": imports}, readonly=True
    )
    registry = Registry(app.store, app.clock)
    named = {each.sha256: (each.mapping, each.mapping_version) for each in refused}
    return [
        {name: value for name, value in row.items() if name != "first"}
        | {
            "meaning": REASON_TEXTS.get(row["reason"], ""),
            "wanted": wanted_of(registry, *named[row["sha256"]], row["reason"], row["field"]),
        }
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


def _told(told: FileProgress) -> dict[str, Any]:
    name = Path(told.file).name
    rate = round(told.rows_per_second)
    amount = {"done": told.rows, "total": told.rows_total, "unit": "records"}
    return {"text": name, "rate": rate} | amount


def _document(report: FileReport) -> dict[str, Any]:
    seconds = round(report.seconds, 3)
    return asdict(report) | {"seconds": seconds}


OPERATIONS: dict[str, Operation] = {"run": run}
