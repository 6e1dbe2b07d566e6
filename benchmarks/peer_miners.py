"""What other process miners do with an OCEL file, each in a process of its own, run by path by the
interpreter of a throw-away environment: `PYTHON benchmarks/peer_miners.py PEER FILE`.

Nothing of revtrace imports this file, and it imports nothing of revtrace but the stopwatch: PM4Py
is under the AGPL. Each peer reads the whole file, and is then asked for the variants and durations
of the orders in the way its own documentation shows. The clock starts when it is imported.
"""

import json
import statistics
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stopwatch import Stopwatch

SQL = Path(__file__).parent / "sql"
CASE, AT = "case:concept:name", "time:timestamp"


def pm4py(path: str) -> None:
    """Flattened by PM4Py itself; its variants want the events of a case behind each other."""
    import pm4py

    watch = Stopwatch()
    log = pm4py.read_ocel2_sqlite(path)
    watch.lap("read")
    orders = pm4py.ocel_flattening(log, "orders").sort_values([CASE, AT], kind="stable")
    variants = pm4py.get_variants(orders).values()
    seconds = pm4py.get_all_case_durations(orders)
    watch.lap("question")
    _tell(watch, "pm4py", list(variants), statistics.median(seconds))


def r4pm(path: str) -> None:
    """Its variants of an object type; durations are the dots of its chart by time since the case
    began, the fastest way that its bindings have.
    """
    import r4pm
    from r4pm import bindings

    watch = Stopwatch()
    log = bindings.slim_link_ocel(ocel=r4pm.import_item("OCEL", path))
    watch.lap("read")
    variants = [cases for _, cases in bindings.get_variants_of_object_type(log, "orders")]
    axes = {"x_axis": "TimeSinceCaseStart", "y_axis": "Case", "color_axis": "Activity"}
    chart = bindings.get_dotted_chart(
        bindings.flatten_ocel_on(log, "orders"), axes | {"timestamp_key": "time:timestamp"}
    )
    seconds: dict[int, float] = {}
    for dots in chart["dots_per_color"].values():
        for milliseconds, case in zip(dots["x"], dots["y"], strict=True):
            seconds[case] = max(seconds.get(case, 0.0), milliseconds / 1000)
    median = statistics.median(seconds.values())
    watch.lap("question")
    _tell(watch, "r4pm", variants, median)


def duckdb(path: str) -> None:
    """The whole file into tables in memory by the engine's own reader, and one statement."""
    import duckdb

    with duckdb.connect() as database:
        _load_reader(database)
        watch = Stopwatch()
        for statement in _sql("duckdb_read").replace("{{path}}", path).split("\n;\n"):
            database.execute(statement)
        watch.lap("read")
        tables = database.execute(_sql("duckdb_types")).fetchall()
        times = [_sql("duckdb_times").replace("{{table}}", f"event_{name}") for (name,) in tables]
        asked = _sql("duckdb_variants").replace("{{times}}", " UNION ALL ".join(times))
        variants, median = database.execute(asked).fetchone()
        watch.lap("question")
    _tell(watch, "duckdb", variants, median)


def _load_reader(database: Any) -> None:
    """The reader of SQLite is an extension: one that is installed, or as a package brings it."""
    import duckdb

    try:
        database.execute("LOAD sqlite")
    except duckdb.Error:
        from duckdb_extension_sqlite_scanner import __file__ as package

        (found,) = Path(package).parent.glob("extensions/*/sqlite_scanner.duckdb_extension")
        database.execute(f"LOAD '{found}'")


def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8").strip()


def _tell(watch: Stopwatch, peer: str, variants: list[int], median: float) -> None:
    found = {"cases": sum(variants), "variants": sorted(variants, reverse=True)}
    watch.tell(version=version(peer), median_seconds=median, **found)


PEERS: dict[str, Callable[[str], None]] = {"pm4py": pm4py, "r4pm": r4pm, "duckdb": duckdb}


def main(peer: str, path: str) -> None:
    """Run one of the peers, or tell what of it is missing."""
    try:
        PEERS[peer](path)
    except ModuleNotFoundError as error:
        sys.stdout.write(json.dumps({"missing": error.name}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
