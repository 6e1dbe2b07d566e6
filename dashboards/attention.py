"""Findings of a path or an object as a table: what is the matter, since when, what to do. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dashboards import formats, glossary, markup
from dashboards.markup import Column, Markup, joined, tag

Row = Mapping[str, Any]


def table(rows: Sequence[Row], now: datetime) -> Markup:
    """One line a finding, in the order of the rows."""
    columns = [
        Column("Severity", _severity),
        Column("What", _what, "wide"),
        Column("Status", lambda row: glossary.label(glossary.FINDING_STATUSES, row["status"])),
        Column("Age", lambda row: formats.duration((now - row["clock_start"]).total_seconds())),
        Column("", _more, "nowrap"),
    ]
    return markup.table(columns, rows, "Findings")


def _severity(row: Row) -> Markup:
    return markup.chip(glossary.label(glossary.SEVERITIES, row["severity"]), row["severity"])


def _what(row: Row) -> Markup:
    return joined(
        tag("b", glossary.finding(row["kind"], row["subkind"])),
        tag("small", glossary.worded(row["explanation"], row["object"])),
    )


def _more(row: Row) -> Markup:
    return markup.link("findings", "What to do", finding=row["finding_id"])
