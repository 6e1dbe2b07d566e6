"""Figures of the close: what waits for each step, and what of it will miss. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]  # Plotly ships no types.

from dashboards import formats, glossary
from dashboards.charts import TONES, panels

Row = Mapping[str, Any]
_ROW_PIXELS = 44


def at_risk(steps: Sequence[Row], currencies: Sequence[str]) -> go.Figure:
    """What is open at each step, and of it what will miss, with its range: a panel a currency."""
    shown = [row for row in steps if row["currency"] in currencies]
    names = sorted({row["stage"] for row in shown}, key=glossary.stage_place)
    figure = panels(currencies)
    for place, currency in enumerate(currencies, start=1):
        rows = {row["stage"]: row for row in shown if row["currency"] == currency}
        here = [name for name in names if name in rows]
        of_step = [rows[name] for name in here]
        labels = [glossary.stage_waiting(name) for name in here]
        figure.add_trace(_open(labels, of_step, currency, place), row=1, col=place)
        figure.add_trace(_missing(labels, of_step, currency, place), row=1, col=place)
        figure.add_trace(_said(labels, of_step), row=1, col=place)
        most = max((float(row["backlog_amount"]) for row in of_step), default=0.0)
        figure.update_xaxes(range=[0, most * 1.55 or 1], row=1, col=place)
    figure.update_layout(
        barmode="overlay",
        bargap=0.4,
        height=110 + _ROW_PIXELS * max(len(names), 2),
        margin={"l": 10, "r": 10, "t": 58, "b": 10},
        legend={"orientation": "h", "y": 1, "yref": "container", "yanchor": "top", "x": 0},
    )
    order = [glossary.stage_waiting(name) for name in names]
    figure.update_yaxes(
        autorange="reversed", showgrid=False, ticks="", automargin=True,
        categoryorder="array", categoryarray=order,
    )  # fmt: skip
    figure.update_xaxes(showgrid=False, showticklabels=False, zeroline=False, fixedrange=True)
    return figure


def _open(labels: Sequence[str], rows: Sequence[Row], currency: str, place: int) -> go.Bar:
    return go.Bar(
        name="Open, will make it",
        legendgroup="open",
        showlegend=place == 1,
        orientation="h",
        y=labels,
        x=[float(row["backlog_amount"]) for row in rows],
        marker={"color": TONES["in_flight"], "opacity": 0.45, "line": {"width": 0}},
        customdata=[
            [
                formats.money(row["backlog_amount"], currency),
                formats.counted(row["backlog"], "revenue event"),
            ]
            for row in rows
        ],
        hovertemplate="%{y}: %{customdata[0]} open, %{customdata[1]}<extra></extra>",
    )


def _said(labels: Sequence[str], rows: Sequence[Row]) -> go.Scatter:
    """Write behind each bar what misses of what is open."""
    said = (
        f"  {formats.number_short(row['at_risk'])} of {formats.number_short(row['backlog_amount'])}"
        for row in rows
    )
    return go.Scatter(
        x=[float(row["backlog_amount"]) for row in rows],
        y=labels,
        text=list(said),
        mode="text",
        textposition="middle right",
        showlegend=False,
        hoverinfo="skip",
        cliponaxis=False,
    )


def _missing(labels: Sequence[str], rows: Sequence[Row], currency: str, place: int) -> go.Bar:
    return go.Bar(
        name="Will miss the close, with its likely range",
        legendgroup="missing",
        showlegend=place == 1,
        orientation="h",
        y=labels,
        x=[float(row["at_risk"]) for row in rows],
        marker={"color": TONES["failed"], "line": {"width": 0}},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [float(row["at_risk_high"] - row["at_risk"]) for row in rows],
            "arrayminus": [float(row["at_risk"] - row["at_risk_low"]) for row in rows],
            "color": TONES["quiet"],
            "thickness": 2,
            "width": 5,
        },
        customdata=[
            [
                formats.money(row["at_risk"], currency),
                formats.money(row["at_risk_low"], currency),
                formats.money(row["at_risk_high"], currency),
            ]
            for row in rows
        ],
        hovertemplate="%{y}: %{customdata[0]} will miss,<br>likely %{customdata[1]} to "
        "%{customdata[2]}<extra></extra>",
    )
