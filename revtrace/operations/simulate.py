"""Write a consulting firm's quarter: events, faults and the answer key. Asks nothing of the
warehouse.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput
from revtrace.demo import CLOSE_AHEAD
from revtrace.document import plain
from revtrace.operations import Operation, Params, Progress
from revtrace.simulate import simulate

if TYPE_CHECKING:
    from revtrace.wiring import App


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """The quarter closes two days after now, whatever day now is."""
    out = Path(params["out"])
    now = datetime.fromisoformat(params["now"]) if params.get("now") else app.clock.now()
    now = now.replace(microsecond=0)
    try:
        close, busy = now + CLOSE_AHEAD, bool(params.get("busy"))
        summary = simulate(params["seed"], params["scale"], out, close, now, busy)
    except ValueError as error:
        raise BadInput("simulate", str(error)) from None
    except OSError as error:
        raise BadInput(
            f"the folder {out} cannot be written to", error.strerror or str(error)
        ) from None
    document: dict[str, Any] = plain(summary)
    return {"out": out} | document


OPERATIONS: dict[str, Operation] = {"run": run}
