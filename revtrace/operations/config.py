"""Read every declaration, shipped and overlaid, as a start would, and say what is wrong with it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from core.errors import ConfigInvalid
from revtrace import overlay, supplied
from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from revtrace.wiring import App


def check(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Each kind is read by itself, so that a fault in one does not hide those of the others."""
    readers: dict[str, Callable[[], Iterable[str]]] = app.declarations()
    declarations: dict[str, list[str]] = {}
    problems: list[str] = []
    unreadable: list[str] = []
    for kind, names in readers.items():
        try:
            declarations[kind] = sorted(names())
        except ConfigInvalid as error:
            declarations[kind] = []
            unreadable.append(kind)
            problems.append(str(error))
    folder = app.settings.config
    if folder is not None and not folder.is_dir():
        problems.append(f"REVTRACE_CONFIG={folder} is no folder")
    unread = overlay.unread(app.config_folder) if app.config_folder else []
    problems += [str(each) for each in unread if each.misplaced]
    return {
        "ok": not problems,
        "folder": app.config_folder,
        "declarations": declarations,
        "unreadable": unreadable,
        "overlay": _overlay(app),
        "notes": [str(each) for each in unread if not each.misplaced],
        "problems": problems,
    }


def _overlay(app: "App") -> dict[str, dict[str, list[str]]]:
    """The files of the config folder by kind: those that replace a shipped one of the same name,
    and those that add to them.
    """
    if app.config_folder is None:
        return {}
    found: dict[str, dict[str, list[str]]] = {}
    for kind in overlay.ENDINGS:
        shipped = supplied.shipped(kind)
        theirs = overlay.files(app.config_folder, kind)
        if theirs:
            found[kind] = {
                "adds": [name for name in theirs if name not in shipped],
                "replaces": [name for name in theirs if name in shipped],
            }
    return found


OPERATIONS: dict[str, Operation] = {"check": check}
