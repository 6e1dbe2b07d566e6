"""The collector's other ways in, as the wiring builds them: OTLP/gRPC and the watched folder."""

from pathlib import Path
from typing import TYPE_CHECKING

from collector.declared_mapping import reading_of
from collector.receivers.door import Door
from collector.receivers.files import FileReport, ProgressCallback, import_file
from collector.receivers.otlp_grpc import GrpcReceiver
from collector.receivers.watch import WatchedFolder
from core.clock import SystemClock
from core.settings import Settings
from revtrace.tls import Tls

if TYPE_CHECKING:
    from revtrace.wiring import App


def build_grpc(settings: Settings, door: Door, tls: Tls | None) -> GrpcReceiver:
    """Make the OTLP/gRPC receiver, behind the door of the HTTP receivers."""
    return GrpcReceiver(door, settings.grpc, (tls.certificate, tls.key) if tls else None)


def build_watched_folder(app: "App", told: ProgressCallback) -> WatchedFolder | None:
    """Make the watched folder, None where none is set.

    `told` hears of each commit of an import, and ends the import by raising Retryable.
    """
    found = app.settings.collector
    if found.watch is None:
        return None

    def read(path: Path, source: str) -> FileReport:
        how = reading_of(path, "", source, app.config_folder, app.sources)
        return import_file(app.writer, path, how.form.NAME, source, how.mapping, told)

    # Real time, whatever instant old data is judged by: files settle while the machine runs.
    return WatchedFolder(found.watch, read, SystemClock(), found)
