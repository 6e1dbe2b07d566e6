"""Bring the schema of the warehouse up to this program's, or say what that would run."""

from typing import TYPE_CHECKING, Any

from core.store import Migrator
from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from revtrace.wiring import App


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """`dry_run`: only name the changes, with their statements."""
    dry_run = bool(params.get("dry_run"))
    migrator = Migrator(app.bare_store)
    changes = migrator.pending() if dry_run else migrator.apply(app.clock.now())
    return {
        "dry_run": dry_run,
        "changes": [
            {"part": each.part, "name": each.name, "statements": each.statements}
            for each in changes
        ],
        "version": app.schema_version(),
    }


OPERATIONS: dict[str, Operation] = {"run": run}
