"""revtrace's own part beside the process miners, in a process of its own:
`python -m benchmarks.following FILE` imports an OCEL file as `revtrace import` does, turns the
wheel as `revtrace refresh` does, and asks the engine.
"""

import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.stopwatch import Stopwatch
from core.settings import Settings
from core.store import SqlFolder
from revtrace.operations import perform
from revtrace.wiring import build

SQL = SqlFolder(__file__)
CONFIG = Path(__file__).resolve().parents[1] / "docs" / "examples" / "order-management"


def main(file: str) -> None:
    """Import into a new warehouse, follow, ask; the clock starts when the warehouse is there."""
    with tempfile.TemporaryDirectory() as home:
        app = build(Settings(home=Path(home), config=CONFIG))
        try:
            app.open_writer()
            watch = Stopwatch()
            files = {"files": [file], "format": "ocel", "mapping": str(CONFIG / "mapping.toml")}
            loaded = perform(app, "load", files, lambda _: None)
            watch.lap("read")
            followed = perform(app, "refresh", {}, lambda _: None)
            watch.lap("lineage")
            (found,) = app.store.rows(SQL["order_variants"], readonly=True)
            watch.lap("question")
            if loaded["quarantined"] or followed["events"] != loaded["stored"]:
                raise RuntimeError(f"not all events were taken: {loaded['quarantined']} refused")
            watch.tell(version=version("revtrace"), **found)
        finally:
            app.close()


if __name__ == "__main__":
    main(sys.argv[1])
