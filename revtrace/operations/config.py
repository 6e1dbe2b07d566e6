"""Read every declaration, shipped and overlaid, as a start would, and say what is wrong with it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from core.errors import ConfigInvalid
from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from revtrace.wiring import App


def check(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Each kind is read by itself, so that a fault in one does not hide those of the others."""
    readers: dict[str, Callable[[], Iterable[str]]] = app.declarations()
    declarations: dict[str, list[str]] = {}
    problems: list[str] = []
    for kind, names in readers.items():
        try:
            declarations[kind] = sorted(names())
        except ConfigInvalid as error:
            declarations[kind] = []
            problems.append(str(error))
    folder = app.settings.config
    if folder is not None and not folder.is_dir():
        problems.append(f"REVTRACE_CONFIG={folder} is no folder")
    return {
        "ok": not problems,
        "folder": app.config_folder,
        "declarations": declarations,
        "problems": problems,
    }


OPERATIONS: dict[str, Operation] = {"check": check}
