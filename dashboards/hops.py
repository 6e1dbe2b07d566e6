"""The money of hops as a table: what went in, what came out, what explains the difference. Pure:
rows in, markup out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards import formats, glossary, markup
from dashboards.markup import Column, Markup, joined, tag

Row = Mapping[str, Any]
REASONS = {
    "credit": "credited",
    "write_off": "written off",
    "tax": "tax",
    "exchange": "exchanged",
    "rounding": "rounding",
}


def table(rows: Sequence[Row]) -> Markup:
    """One line a hop and currency. It adds up from left to right: in, less what is not there yet,
    explained and not, is out.
    """
    early = any(row["unfounded"] for row in rows)
    columns = [
        Column("From one step to the next", _hop, "wide"),
        Column("In", lambda row: markup.amount(row, "into"), "number"),
        Column("Not there yet", lambda row: _known(row, "pending"), "number"),
        *(
            [Column("Nothing before it", lambda row: _known(row, "unfounded"), "number")]
            if early
            else []
        ),
        Column("Explained", _reasons, "number"),
        Column("Not explained", _left, "number"),
        Column("Out", lambda row: markup.amount(row, "out_of"), "number"),
    ]
    return markup.table(columns, rows, "Money by hop")


def _hop(row: Row) -> Markup:
    near, _, far = row["hop"].partition(" to ")
    names = (glossary.label(glossary.OBJECT_TYPES, name) for name in (near, far))
    return joined(tag("b", " to ".join(names)), tag("small", formats.counted(row["parts"], "part")))


def _known(row: Row, field: str) -> Markup:
    return markup.amount(row, field) if row[field] else Markup(formats.NO_VALUE)


def _reasons(row: Row) -> Markup:
    told = [
        tag("small", f"{words} {formats.money(row[name], row['currency'])}")
        for name, words in REASONS.items()
        if row[name]
    ]
    return joined(markup.amount(row, "explained_net"), *told) if told else Markup(formats.NO_VALUE)


def _left(row: Row) -> Markup:
    if not row["unexplained"]:
        nothing_yet = row["pending"] == row["into"] and not row["out_of"]
        return Markup(formats.NO_VALUE) if nothing_yet else markup.chip("Comes out", "done")
    breaks = formats.counted(row["breaks"], "break")
    whole = formats.money_short(row["unexplained"], row["currency"])
    return joined(
        markup.amount(row, "unexplained_net"),
        tag("small", markup.link("findings", f"{breaks} of {whole}", kind="value_break")),
    )
