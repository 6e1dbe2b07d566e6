"""What a page is, how pages are found, and what all of them share: head, filters, empty states.

A page is one file in app_pages/ with TITLE, ICON, PLACE and render(), and a folder of the same name
with its queries. Dropping the file in is all there is to do.
"""

import importlib
import logging
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]  # Plotly ships no types.
import streamlit as st

from core.clock import SystemClock
from core.errors import ConfigInvalid, Retryable, RevtraceError, StoreRefused
from core.settings import DashboardSettings
from core.store import SqlFolder
from dashboards import app_pages, charts, data, formats
from dashboards.markup import Markup, tag

log = logging.getLogger(__name__)

SQL = SqlFolder(__file__, "sql")
FRESHNESS = data.Query(SQL["freshness"])

# The code of the engine for a table or view that is not there.
_UNKNOWN_TABLE = 60
_UNKNOWN_DATABASE = 81


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the navigation. The first by place is the home page."""

    name: str
    title: str
    icon: str
    place: int
    render: Callable[[], None]


def pages() -> list[Page]:
    """All pages by place. Raises ConfigInvalid when one lacks a part, or a place is taken."""
    found: dict[int, Page] = {}
    for module in pkgutil.iter_modules(app_pages.__path__):
        page = _read(module.name)
        if page.place in found:
            raise ConfigInvalid(
                f"page {page.name}", f"place {page.place} is taken by {found[page.place].name}"
            )
        found[page.place] = page
    return [found[place] for place in sorted(found)]


def _read(name: str) -> Page:
    module = importlib.import_module(f"{app_pages.__name__}.{name}")
    missing = [
        part for part in ("TITLE", "ICON", "PLACE", "render") if getattr(module, part, None) is None
    ]
    if missing:
        raise ConfigInvalid(f"page {name}", f"has no {', '.join(missing)}")
    return Page(name, module.TITLE, module.ICON, module.PLACE, module.render)


def head(title: str, fresh: Mapping[str, Any]) -> None:
    """The page's name, and on its right how fresh its numbers are."""
    st.html(tag("div", tag("h1", title), _freshness(fresh), class_="rt-head"))


def _freshness(fresh: Mapping[str, Any]) -> Markup:
    now, bounds = data.now(), data.settings().dashboards
    if not fresh["events"]:
        return tag("div", f"As of {formats.instant(now)} UTC", class_="rt-fresh")
    reasons = stale_reasons(fresh, now, SystemClock().now(), bounds)
    parts = [
        tag("span", tag("span", class_="rt-dot"), f"As of {formats.instant(now)} UTC"),
        tag(
            "span",
            "Newest event ",
            tag("b", formats.ago(fresh["occurred_at"], now)),
            title=f"It occurred at {formats.instant(fresh['occurred_at'])} UTC",
        ),
        tag(
            "span",
            "Last arrival ",
            tag("b", formats.ago(fresh["arrived_at"], max(now, SystemClock().now()))),
            title=f"It came in at {formats.instant(fresh['arrived_at'])} UTC",
        ),
        tag(
            "span",
            "Paths computed ",
            tag("b", formats.ago(fresh["computed_at"], now)),
            title=f"At {formats.instant(fresh['computed_at'])} UTC",
        ),
    ]
    parts += [tag("span", reason) for reason in reasons]
    return tag("div", *parts, class_="rt-fresh rt-stale" if reasons else "rt-fresh", role="status")


def stale_reasons(
    fresh: Mapping[str, Any], now: datetime, real_now: datetime, bounds: DashboardSettings
) -> list[str]:
    """Why the numbers of a page may be old, in words; empty when they are fresh.

    Old events may well have come just now: what counts is when anything last came in, by the
    instant that the page judges by. They wait for a length of real time.
    """
    reasons = []
    arrived, since = fresh["arrived_at"], fresh["waiting_since"]
    if arrived is not None and now - arrived > timedelta(seconds=bounds.stale_seconds):
        quiet = formats.duration((now - arrived).total_seconds())
        reasons.append(f"Stale: nothing has arrived for {quiet}")
    if since is not None and real_now - since > timedelta(seconds=bounds.lag_seconds_max):
        waiting = formats.counted(fresh["waiting"], "event")
        waited = formats.duration((real_now - since).total_seconds())
        reasons.append(f"Stale: {waiting} not yet on any path, for {waited}")
    return reasons


def choice(
    title: str, key: str, options: Sequence[str], words: Callable[[str], str], default: str = ""
) -> str:
    """A filter that the URL keeps under its key, by name and not by label, so that links last.

    The URL leaves the default out. What it names and is not there any more can still be chosen,
    so that such a link says what it filters by. A link or the way back wins over the widget.
    """
    told = f"{key} in the URL"
    asked = st.query_params.get(key, default)
    if st.session_state.get(told) != asked:
        st.session_state[key] = asked
    known = list(dict.fromkeys([default, *options, asked]))
    chosen: str = st.selectbox(title, known, key=key, format_func=words)
    if chosen == default:
        st.query_params.pop(key, None)
    elif chosen != asked:
        st.query_params[key] = chosen
    st.session_state[told] = chosen
    return chosen


def chart(figure: go.Figure, key: str, says: str) -> None:
    """Draw a figure in the reader's dress; `says` is what a screen reader reads instead."""
    dress = st.context.theme.type or "light"
    st.plotly_chart(charts.inked(figure, dress), config=charts.CONFIG, key=key, alt=says)


def no_revenue_events(fresh: Mapping[str, Any]) -> None:
    """Explain why there is nothing to show yet, and what to do about it."""
    http = data.settings().http
    if fresh["waiting"]:
        empty(
            "Events are coming in",
            f"{formats.counted(fresh['waiting'], 'event')} wait to be traced. "
            "Their revenue events show here in a moment, by themselves.",
        )
        return
    if fresh["events"]:
        empty(
            "No revenue events yet",
            f"{formats.counted(fresh['events'], 'event')} arrived; none of them starts a process. "
            "A path starts with an event of a process's root type, such as an approved time entry.",
        )
        return
    example = (
        f"curl http://{http.host}:{http.port}/v1/events -H 'Content-Type: application/json' -d '\n"
        '{"source": "psa", "occurred_at": "2026-09-30T12:00:00Z", "action": "approved",\n'
        ' "object": {"type": "time_entry", "id": "TE-1"},\n'
        ' "money": {"amount": "1200.00", "currency": "USD"}}\''
    )
    empty(
        "Nothing has arrived yet",
        "This page fills by itself as soon as a system sends its first event. Try it:",
        tag("pre", example),
    )


def empty(title: str, why: str, *more: Markup) -> None:
    """An empty state: what is not here and why."""
    st.html(tag("div", tag("h3", title), tag("p", why), *more, class_="rt-empty"))


def show(render: Callable[[], None]) -> None:
    """Show a page, or say why it cannot be shown and what to do."""
    try:
        render()
    except RevtraceError as error:
        _trouble(error)
    except Exception:
        # The named loop of a page: one broken view is logged in full and must not show its insides.
        log.exception("a page broke")
        st.error("This page broke. The log of revtrace says why.")


def _trouble(error: RevtraceError) -> None:
    if getattr(error, "code", None) in (_UNKNOWN_TABLE, _UNKNOWN_DATABASE):
        empty(
            "The warehouse is not set up yet", "Run `revtrace migrate`, then open this page again."
        )
    elif isinstance(error, Retryable):
        log.warning("a page could not be shown: %s", error)
        st.warning(f"The warehouse cannot answer: {error}. Open the page again in a moment.")
    elif isinstance(error, StoreRefused):
        # The engine's words about a statement help a reader of the log and no reader of a page.
        log.error("a page could not be shown: %s", error)
        st.error("This page cannot be shown: the warehouse refuses a question. The log says why.")
    else:
        log.error("a page could not be shown: %s", error)
        st.error(f"This page cannot be shown: {error}.")
