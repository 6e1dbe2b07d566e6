"""How much of what was posted can be followed back, what never reports, and where ids get lost.

Posted revenue is, by process, the revenue events that have reached the last stage with which it
posts into an ERP; beside them stand the postings that are on no path. Amounts of different
currencies are never added up.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
GRADES = ("asserted", "alias", "correlated", "inferred")
NOTHING = Decimal("0.00")
Row = dict[str, Any]


def coverage(store: Store, now: datetime, process: str = "") -> Row:
    """The whole answer, of one process or of all when it is '': `known` by process, `posted` by
    currency and process, `totals` by currency, `blind_spots`, `hops`, `breaks` and `ids`.
    """
    params = {"now": now, "process": process}
    found = {
        name: store.rows(SQL[f"coverage_{name}"], params, readonly=True)
        for name in ("posted", "stages", "sources", "hops", "ids")
    }
    hops = _hops(found["hops"])
    traced = [row for row in found["posted"] if row["process"]]
    return {
        "known": [
            {"process": name, "roots": rows[0]["roots"], "posts": any(row["posts"] for row in rows)}
            for (name,), rows in _grouped(found["stages"], "process").items()
        ],
        "posted": [
            {"process": name, **_posted(currency, rows)}
            for (currency, name), rows in sorted(_grouped(traced, "currency", "process").items())
        ],
        "totals": [
            _posted(currency, rows)
            for (currency,), rows in sorted(_grouped(found["posted"], "currency").items())
        ],
        "blind_spots": [
            *_silent_stages(found["stages"]),
            *_unlinked_hops(hops),
            *({"kind": "source_never_sent", **row} for row in found["sources"]),
        ],
        "hops": hops,
        "breaks": _breaks(hops),
        "ids": [_ids(row) for row in found["ids"]],
    }


def _grouped(rows: Iterable[Row], *names: str) -> dict[tuple[str, ...], list[Row]]:
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in names)].append(row)
    return groups


def _posted(currency: str, rows: Sequence[Row]) -> Row:
    """What was posted in one currency, and which part of it has a complete path by which grade.

    `share` is of the amount, None where nothing or less was posted.
    """
    parts = {name: [row for row in rows if row["coverage"] == name] for name in _COVERAGES}
    whole, complete = _sum(rows), _sum(parts["complete"])
    by_grade = {
        grade: _sum([row for row in parts["complete"] if row["grade"] == grade]) for grade in GRADES
    }
    return {
        "currency": currency,
        **whole,
        "share": _share(complete["amount"], whole["amount"]),
        "share_of_postings": _share(complete["postings"], whole["postings"]),
        "complete": complete,
        "gaps": _sum(parts["gaps"]),
        "untraced": _sum(parts["untraced"]),
        "by_grade": [
            {"grade": grade, **part, "share": _share(part["amount"], whole["amount"])}
            for grade, part in by_grade.items()
            if part["postings"]
        ],
    }


_COVERAGES = ("complete", "gaps", "untraced")


def _sum(rows: Sequence[Row]) -> Row:
    return {
        "postings": sum(int(row["postings"]) for row in rows),
        "amount": sum((row["amount"] or NOTHING for row in rows), NOTHING),
    }


def _share(part: Decimal | int, whole: Decimal | int) -> float | None:
    return float(part) / float(whole) if whole > 0 else None


def _silent_stages(rows: Iterable[Row]) -> Iterable[Row]:
    """Stages that no revenue event has ever reached: nobody tells of them, or nothing links what is
    told.
    """
    for row in rows:
        if not row["reached"]:
            names = ("process", "stage", "object_type", "roles", "roots", "objects")
            yield {
                "kind": "stage_never_linked" if row["objects"] else "stage_never_told",
                **{name: row[name] for name in names},
                "required": bool(row["required"]),
            }


def _unlinked_hops(hops: Iterable[Row]) -> Iterable[Row]:
    """Hops that no link of any grade has ever crossed, though there are objects behind them."""
    names = ("process", "from", "to", "stage", "roots", "loose")
    for hop in hops:
        if not hop["links"] and not hop["linked"] and hop["loose"]:
            yield {"kind": "hop_never_linked", **{name: hop[name] for name in names}}


def _hops(rows: Iterable[Row]) -> list[Row]:
    """One row a hop, its currencies side by side."""
    told = []
    for (process, up, down, stage), parts in _grouped(
        rows, "process", "up_type", "down_type", "stage"
    ).items():
        counts = {name: sum(part[name] for part in parts) for name in _COUNTED}
        told.append(
            {
                "process": process,
                "from": up,
                "to": down,
                "stage": stage,
                **counts,
                "share": _share(counts["lost"], counts["roots"]),
                "amounts": _amounts(parts, "lost_amount"),
                "amounts_first": _amounts(parts, "lost_first_amount"),
                "links": parts[0]["links"],
                "loose": parts[0]["loose"],
            }
        )
    return told


_COUNTED = ("roots", "linked", "waiting", "lost", "lost_first")


def _amounts(parts: Iterable[Row], name: str) -> list[Row]:
    return [
        {"currency": part["currency"], "amount": part[name]}
        for part in parts
        if part["currency"] and part[name]
    ]


def _breaks(hops: Sequence[Row]) -> Row:
    """Where paths break first: the hop with the largest share of what arrived there, and by
    currency the one with the largest amount. A path counts where it breaks first.
    """
    broken = [hop for hop in hops if hop["lost_first"]]
    by_share = max(broken, key=lambda hop: hop["lost_first"] / hop["roots"], default=None)
    largest: dict[str, Row] = {}
    for hop in broken:
        for each in hop["amounts_first"]:
            held = largest.get(each["currency"])
            if held is None or each["amount"] > held["amount"]:
                largest[each["currency"]] = {**_place(hop), **each}
    return {
        "by_share": by_share
        and {**_place(by_share), "share": by_share["lost_first"] / by_share["roots"]},
        "by_amount": [largest[currency] for currency in sorted(largest)],
    }


def _place(hop: Row) -> Row:
    names = ("process", "from", "to", "stage", "lost_first", "loose")
    return {name: hop[name] for name in names}


def _ids(row: Row) -> Row:
    shares = {
        f"{name}_share": row[name] / row["events"] for name in ("correlated", "linked", "neither")
    }
    return {**row, "enters": bool(row["enters"]), **shares}
