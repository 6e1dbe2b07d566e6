"""What every command does, apart from how it is shown: `(app, params, progress) -> JSON document`.

One file a subject; its OPERATIONS table names what it offers. `trace` is `run` of trace.py,
`quarantine.show` is `show` of quarantine.py. A file is imported when it is first asked for, so that
a command starts quickly.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.errors import BadInput
from revtrace.document import Document, plain

if TYPE_CHECKING:
    from revtrace.wiring import App

Params = Mapping[str, Any]
Progress = Callable[[Document], None]
Operation = Callable[["App", Params, Progress], Mapping[str, Any]]


def perform(app: "App", name: str, params: Params, progress: Progress) -> Document:
    """Run one operation by name; raises BadInput when there is none, else what the operation
    raises.
    """
    document: Document = plain(operation(name)(app, params, progress))
    return document


def operation(name: str) -> Operation:
    """Return the operation of that name."""
    subject, _, verb = name.partition(".")
    if subject not in names_of_files():
        raise BadInput(f"no operation '{name}'", "", "The two programs differ in version: update")
    table: dict[str, Operation] = importlib.import_module(f"{__name__}.{subject}").OPERATIONS
    if (verb or "run") not in table:
        raise BadInput(f"no operation '{name}'", "", "The two programs differ in version: update")
    return table[verb or "run"]


def instant_of(app: "App", params: Params) -> datetime:
    """Return the instant to judge by: `--now` of the command, else what the clock says."""
    told = params.get("now")
    return datetime.fromisoformat(told) if told else app.clock.now()


def process_of(app: "App", params: Params) -> str:
    """Return the process that `--process` names, '' for all; raises BadInput when there is none."""
    process: str = params.get("process") or ""
    if process and process not in app.processes:
        known = ", ".join(sorted(app.processes))
        raise BadInput(f"--process {process}", "is unknown", f"Use one of {known}")
    return process


def names_of_files() -> list[str]:
    """Return the subjects there are, one file each."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))
