"""The picture of one path: a lane a system, a step an event, money and waits on the way. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]  # Plotly ships no types.

from dashboards import formats, glossary
from dashboards.charts import TONES

Row = Mapping[str, Any]

# Beyond it a label under each step would overlap the next one; then labels show on hover only.
_LABELLED_MAX = 20
_ONE_LINE_MAX = 10
_LANE_PIXELS = 92
_ROLE_ORDER = ("crm", "hcm", "expense", "psa", "billing", "middleware", "erp", "analytics")
_OUTCOME_TONES = {"ok": "in_flight", "failed": "failed", "retrying": "overdue", "skipped": "quiet"}
_OUTCOME_MARKS = {
    "ok": "circle",
    "failed": "x",
    "retrying": "triangle-up",
    "skipped": "circle-open",
}


def steps_of(events: Sequence[Row]) -> list[dict[str, Any]]:
    """Make steps of events: alike events of one system within an hour are one step.

    So a thousand postings are one mark, with their count and, in one currency, their sum.
    """
    alike: dict[tuple[Any, ...], list[Row]] = {}
    for event in events:
        hour = event["occurred_at"].replace(minute=0, second=0, microsecond=0)
        names = ("source", "object_type", "action", "outcome")
        alike.setdefault((hour, *(event[name] for name in names)), []).append(event)
    return sorted(
        map(_step, alike.values()), key=lambda step: (step["occurred_at"], step["source"])
    )


def _step(alike: Sequence[Row]) -> dict[str, Any]:
    first = alike[0]
    moneys = [event for event in alike if event["amount"] is not None]
    currencies = {event["currency"] for event in moneys}
    return {
        **{name: first[name] for name in ("source", "role", "object_type", "action", "outcome")},
        "object": first["object"],
        "objects": len({event["object"] for event in alike}),
        "events": len(alike),
        "occurred_at": min(event["occurred_at"] for event in alike),
        "until": max(event["occurred_at"] for event in alike),
        "amount": sum((event["amount"] for event in moneys), Decimal(0))
        if len(currencies) == 1
        else None,
        "currency": min(currencies, default=""),
        "error": first["error_message"] or first["error_code"],
    }


def lanes(steps: Sequence[Row]) -> go.Figure:
    """Draw the steps evenly spaced: minutes and weeks on one true scale would hide the minutes.

    The waiting time is written on the way between two steps, the instant below each.
    """
    names = _lane_names(steps)
    places = {name: place for place, name in enumerate(names)}
    labelled = len(steps) <= _LABELLED_MAX
    figure = go.Figure()
    xs, ys = list(range(len(steps))), [places[row["source"]] for row in steps]
    figure.add_trace(
        go.Scatter(
            x=xs,
            y=ys,
            mode="lines",
            hoverinfo="skip",
            showlegend=False,
            line={"color": TONES["quiet"], "width": 1.5},
        )  # fmt: skip
    )
    _add_waits(figure, steps)
    for outcome in _OUTCOME_TONES:
        chosen = [place for place, row in enumerate(steps) if row["outcome"] == outcome]
        if chosen:
            figure.add_trace(_marks(outcome, chosen, steps, ys, labelled=labelled))
    for place in range(0, len(names), 2):
        figure.add_hrect(
            y0=place - 0.5, y1=place + 0.5, fillcolor=TONES["quiet"], opacity=0.07, line_width=0,
            layer="below",
        )  # fmt: skip
    _axes(figure, steps, names)
    return figure


def _lane_names(steps: Sequence[Row]) -> list[str]:
    """The systems in the order in which revenue runs through them."""
    roles = {row["source"]: row["role"] for row in steps}
    firsts: dict[str, int] = {}
    for place, row in enumerate(steps):
        firsts.setdefault(row["source"], place)
    order = {role: place for place, role in enumerate(_ROLE_ORDER)}
    return sorted(firsts, key=lambda name: (order.get(roles[name], len(order)), firsts[name]))


def _add_waits(figure: go.Figure, steps: Sequence[Row]) -> None:
    """Write how long it took between two steps, above the way and between their instants."""
    for place in range(1, len(steps)):
        seconds = (steps[place]["occurred_at"] - steps[place - 1]["until"]).total_seconds()
        if seconds < 60 or len(steps) > _LABELLED_MAX:
            continue
        figure.add_annotation(
            x=place - 0.5,
            y=1,
            yref="paper",
            yanchor="top",
            text=f"+{formats.duration(seconds)}",
            showarrow=False,
            font={"size": 11},
        )


def _marks(
    outcome: str, chosen: Sequence[int], steps: Sequence[Row], ys: Sequence[int], *, labelled: bool
) -> go.Scatter:
    return go.Scatter(
        name=glossary.label(glossary.OUTCOMES, outcome),
        x=list(chosen),
        y=[ys[place] for place in chosen],
        mode="markers+text" if labelled else "markers",
        text=[_label(steps[place], narrow=len(steps) > _ONE_LINE_MAX) for place in chosen],
        textposition="bottom center",
        textfont={"size": 11},
        cliponaxis=False,
        marker={
            "size": 15,
            "symbol": _OUTCOME_MARKS[outcome],
            "color": TONES[_OUTCOME_TONES[outcome]],
        },
        customdata=[[_hover(steps[place])] for place in chosen],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )


def _label(row: Row, *, narrow: bool) -> str:
    what, money = glossary.plain(row["action"]), step_money(row)
    if narrow:
        money = money.replace(formats.GLUE, "<br>")
    return f"<b>{what}</b><br>{money}" if money else f"<b>{what}</b>"


def step_money(row: Row) -> str:
    """The money of a step; nothing when it has none or its events speak of several currencies."""
    return formats.money(row["amount"], row["currency"]) if row["amount"] is not None else ""


def _hover(row: Row) -> str:
    if row["objects"] == 1:
        what = glossary.object_name(row["object"])
    else:
        name = glossary.label(glossary.OBJECT_TYPES, row["object_type"]).lower()
        what = formats.counted(row["objects"], name)
    at = formats.instant(row["occurred_at"])
    lines = [
        f"<b>{glossary.plain(row['action'])}</b>: {_shown(what)}",
        f"{_shown(glossary.system(row['source']))}, {at} UTC",
    ]
    if row["events"] > 1:
        lines.append(f"{row['events']} events until {formats.instant(row['until'])} UTC")
    lines += [step_money(row)] if step_money(row) else []
    if row["outcome"] != "ok":
        reason = f": {_shown(row['error'])}".rstrip(": ")
        lines.append(glossary.label(glossary.OUTCOMES, row["outcome"]) + reason)
    return "<br>".join(lines)


def _shown(text: str) -> str:
    """Plotly reads some tags in its texts; in other people's text there are none."""
    return escape(text, quote=False)


def _instants(at: Sequence[datetime]) -> list[str]:
    """Day and time of each, with the year at the first one and where another year begins."""
    years = [0, *(each.year for each in at)]
    return [
        f"{each.day} {each:%b}{f' {each.year}' if each.year != before else ''}<br>{each:%H:%M}"
        for each, before in zip(at, years, strict=False)
    ]


def _axes(figure: go.Figure, steps: Sequence[Row], names: Sequence[str]) -> None:
    roles = {row["source"]: row["role"] for row in steps}
    every = -(-len(steps) // _LABELLED_MAX) if steps else 1
    ticks = list(range(0, len(steps), every))
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[
            f"<b>{_shown(glossary.system(name))}</b><br>"
            f"{glossary.label(glossary.ROLES, roles[name])}"
            for name in names
        ],
        range=[len(names) - 0.4, -0.75],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
        automargin=True,
    )
    figure.update_xaxes(
        tickvals=ticks,
        ticktext=_instants([steps[place]["occurred_at"] for place in ticks]),
        side="top",
        range=[-0.6, max(len(steps), 4) - 0.4],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    figure.update_layout(
        height=70 + _LANE_PIXELS * max(len(names), 1),
        margin={"l": 10, "r": 10, "t": 44, "b": 8},
        legend={"orientation": "h", "y": 0, "yref": "container", "yanchor": "bottom", "x": 0},
        showlegend=len({row["outcome"] for row in steps}) > 1,
        hovermode="closest",
    )
