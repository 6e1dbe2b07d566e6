"""What could not be mapped: the list, one record with its bytes, and the replay once the mapping is
mended.
"""

from typing import TYPE_CHECKING, Any

from core.errors import BadInput, NotFound
from core.event import REASON_TEXTS
from core.store import SqlFolder
from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from revtrace.wiring import App

SQL = SqlFolder(__file__)
EVERYTHING = 2**63
STATES = ("open", "admitted", "replaced", "all")


def list_(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """The newest first; all that are open unless `limit` and `state` say otherwise. What waits is
    summed by currency.
    """
    state = params.get("state") or "open"
    if state not in STATES:
        raise BadInput(f"state '{state}'", "is unknown", f"Use one of {', '.join(STATES)}")
    bound = {name: params.get(name) or "" for name in ("reason", "source", "mapping")}
    bound |= {"state": "" if state == "all" else state}
    limit = {"limit": params.get("limit") or EVERYTHING}
    rows = app.store.rows(SQL["quarantined"], bound | limit, readonly=True)
    total = app.store.value(SQL["count_quarantined"], bound)
    amounts = app.store.rows(SQL["quarantined_amounts"], bound, readonly=True)
    return {"quarantine": rows, "total": total, "amounts": amounts}


def show(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """One record, with what its reason means and, of a payload, `why` its mapping makes nothing of
    it; of a table also its `row` as it was received.
    """
    from collector.kept_row import kept_row
    from collector.reader import CollectorReader
    from collector.registry import Registry

    name = str(params["record"])
    delivery, _, record = name.rpartition(":")
    if not delivery or not record.isdecimal():
        raise BadInput(f"'{name[:80]}'", "names no record", "Write it as `quarantine list` does")
    bound = {"delivery": delivery, "record": int(record)}
    rows = app.store.rows(SQL["quarantined_record"], bound, readonly=True)
    if not rows:
        raise NotFound(f"record {name}", "is not in quarantine", "See `revtrace quarantine list`")
    refusal = CollectorReader(app.store).refusal(rows[0], int(record))
    told = {"meaning": REASON_TEXTS.get(rows[0]["reason"], "")} | refusal
    row = kept_row(Registry(app.store, app.clock), delivery, int(record))
    return rows[0] | told | ({"row": row} if row else {})


def replay(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Make the deliveries of the chosen records again with the mappings as their files say now."""
    from collector.quarantine import Asked, Quarantine, check_selection

    asked = Asked(
        records=tuple(params.get("records") or ()),
        reason=params.get("reason") or "",
        source=params.get("source") or "",
        mapping=params.get("mapping") or "",
    )
    check_selection(asked, bool(params.get("all")))
    app.read_sources_again()
    quarantine = Quarantine(app.store, app.writer, app.receiving_clock, app.mappings)
    made = quarantine.replay(
        asked,
        params.get("by") or "",
        dry_run=bool(params.get("dry_run")),
        progress=lambda done, total: progress(
            {"text": "replaying", "done": done, "total": total, "unit": "deliveries"}
        ),
    )
    sums = {
        name: sum(getattr(each, name) for each in made)
        for name in ("waiting", "admitted", "still", "broken", "stored", "duplicates")
    }
    return {
        "dry_run": bool(params.get("dry_run")),
        "deliveries": made,
        "ok": not any(each.problem for each in made),
        **sums,
    }


OPERATIONS: dict[str, Operation] = {"list": list_, "show": show, "replay": replay}
