"""Do the systems agree on the money: the rows of the reconciliation controls, with the reasons of
breaks.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.errors import BadInput
from revtrace.operations import Operation, Params, Progress, instant_of

if TYPE_CHECKING:
    from revtrace.wiring import App

STATUSES = ("ok", "break")
VERDICTS = ("agree", "differ", "on_its_way", "carried")
_PERIOD = re.compile(r"\d{4}-\d{2}\Z", re.ASCII)


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Every row that the options let through, those that agree too; all by control and contract
    unless `limit` is given, then so many, the largest differences first.

    `total`, `breaks` and `summary` count all of them, shown or not; `on_its_way` of the breaks are
    provisional, and `failed` of these a system has refused. A break that goes on from period to
    period counts once; its other rows are `carried`. `hops` are all of the period.
    Raises BadInput for an option that names nothing.
    """
    control, period = params.get("control") or "", params.get("period") or ""
    status = params.get("status") or ""
    if control and control not in app.controls:
        known = ", ".join(app.controls)
        raise BadInput(f"--control {control}", "is unknown", f"Use one of {known}")
    if period and not _PERIOD.match(period):
        raise BadInput(f"--period {period}", "is no fiscal period", "Write it like 2026-09")
    if status and status not in STATUSES:
        raise BadInput(f"--status {status}", "is unknown", f"Use one of {', '.join(STATUSES)}")
    now = instant_of(app, params)
    asked: dict[str, Any] = {"control": control, "contract": params.get("contract") or ""}
    asked |= {"period": period, "status": status}
    rows = shown = app.reader.reconciliation(now, **asked)
    if limit := params.get("limit"):
        shown = app.reader.reconciliation(now, **asked, largest_first=(limit, 0))
    return {
        "controls": [_row(row) for row in shown],
        "rollforward": [_roll(row) for row in shown if row["is_rollforward"]],
        "hops": app.reader.conservation(period=period),
        "total": len(rows),
        "breaks": sum(_verdict(row) in ("differ", "on_its_way") for row in rows),
        "on_its_way": sum(_verdict(row) == "on_its_way" for row in rows),
        "failed": sum(_refused(row) for row in rows),
        "carried": sum(_verdict(row) == "carried" for row in rows),
        "summary": _summary(rows),
    }


def _summary(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How many rows of each control agree, differ, differ by what may be on its way (`failed`: of
    which so many do not go on by themselves), or are a break that is counted at another period.
    """
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        counted[row["control"], row["title"]][_verdict(row)] += 1
        counted[row["control"], row["title"]]["failed"] += _refused(row)
    return [
        {"control": control, "title": title} | {name: found[name] for name in (*VERDICTS, "failed")}
        for (control, title), found in counted.items()
    ]


def _verdict(row: Mapping[str, Any]) -> str:
    if row["status"] != "break":
        return "agree"
    if row["carried"]:
        return "carried"
    return "on_its_way" if row["provisional"] else "differ"


def _refused(row: Mapping[str, Any]) -> bool:
    return _verdict(row) == "on_its_way" and bool(row["failed"])


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """`provisional`: the period is not yet so far that a difference must be more than work on its
    way. `carried`: a break that goes on and is counted at another period. `failed`: a system has
    refused what is behind it.
    """
    told = {
        name: row[name]
        for name in (
            "control",
            "title",
            "contract",
            "currency",
            "period",
            "legal_entity",
            "left",
            "right",
            "difference",
            "tolerance",
            "status",
            "left_title",
            "right_title",
            "compare",
            "contract_asset",
            "warn_at",
        )
    }
    return told | {
        "provisional": bool(row["provisional"]),
        "carried": bool(row["carried"]),
        "failed": bool(row.get("failed")),
        "explained_by": row.get("explained_by", []),
        "unexplained": row.get("unexplained", row["difference"] * 0),
    }


def _roll(row: Mapping[str, Any]) -> dict[str, Any]:
    """Opening + billed - recognized should be closing; `difference` is by how much closing is
    more.
    """
    expected = row["opening"] + row["added"] - row["taken"]
    return {
        "contract": row["contract"],
        "currency": row["currency"],
        "period": row["period"],
        "legal_entity": row["legal_entity"],
        "opening": row["opening"],
        "billed": row["added"],
        "recognized": row["taken"],
        "expected": expected,
        "closing": row["left"],
        "difference": row["left"] - expected,
        "contract_asset": row["contract_asset"],
        "status": row["status"],
    }


OPERATIONS: dict[str, Operation] = {"run": run}
