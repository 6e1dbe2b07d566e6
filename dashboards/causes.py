"""Causes as a table: what findings have in common, and all that each holds up. Pure: rows in,
markup out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards import formats, glossary, markup
from dashboards.markup import Column, Markup, joined, tag

Row = Mapping[str, Any]
NAMED_MAX = 5
TRENDS = {
    "rising": ("more than last week", "failed"),
    "falling": ("fewer than last week", "done"),
    "steady": ("as last week", "pending"),
}


def table(rows: Sequence[Row], kept: Mapping[str, str]) -> Markup:
    """One line a cause; `kept` is what the address says besides the cause."""
    columns = [
        Column("Severity", _severity),
        Column("Cause", _what, "wide"),
        Column("Findings", lambda row: _findings(row, kept), "number"),
        Column("Contracts", lambda row: _some(row["contracts"])),
        Column("Legal entities", lambda row: _some(row["legal_entities"])),
        Column("Amount", _amounts, "number"),
        Column("First and last", _span, "nowrap"),
        Column("Trend", _trend),
    ]
    return markup.table(columns, rows, "Causes")


def _severity(row: Row) -> Markup:
    return markup.chip(glossary.label(glossary.SEVERITIES, row["severity"]), row["severity"])


def _what(row: Row) -> Markup:
    known = row["subkind"] != "unknown" and row["code"]
    error = known or (row["fingerprint"] and f"unknown error {row['fingerprint']}")
    mapping = row["mapping"] and f"mapping {row['mapping']} {row['mapping_version']}".strip()
    stage = row["stage"] and f"at “{glossary.stage_done(row['stage'])}”"
    source = row["source"] and glossary.system(row["source"])
    shared = ", ".join(filter(None, [source, error, mapping, stage]))
    return joined(
        tag("b", glossary.finding(row["kind"], row["subkind"])),
        tag("small", shared),
        tag("small", f"For example: {glossary.worded(row['explanation'])}"),
    )


def _findings(row: Row, kept: Mapping[str, str]) -> Markup:
    shown = formats.count(row["open_findings"] or row["findings"])
    roots = tag("small", formats.counted(row["roots"], "revenue event")) if row["roots"] else ""
    link = markup.link("findings", shown, "Show them", **{**kept, "cause": row["cause"]})
    return joined(link, roots)


def _some(names: Sequence[str]) -> Markup:
    """A few names, and how many more; all of them where the pointer rests."""
    if not names:
        return Markup(formats.NO_VALUE)
    more = f" and {len(names) - NAMED_MAX:,} more" if len(names) > NAMED_MAX else ""
    return tag("span", ", ".join(names[:NAMED_MAX]) + more, title=", ".join(names[:100]))


def _amounts(row: Row) -> Markup:
    lines = markup.currency_lines(dict(row["amounts"]))
    return joined(*(tag("div", line) for line in lines)) if lines else Markup(formats.NO_VALUE)


def _span(row: Row) -> Markup:
    first, last = (formats.instant(row[name]) for name in ("first_seen", "last_seen"))
    return joined(tag("div", first), tag("small", last))


def _trend(row: Row) -> Markup:
    words, tone = TRENDS[row["trend"]]
    days = ", ".join(f"{day:%d %b}: {count}" for day, count in row["per_day"])
    return joined(
        markup.chip(row["trend"].capitalize(), tone, days),
        tag("small", f"{row['last_week']:,} in a week, {words}"),
    )
