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

import streamlit as st

from core.errors import ConfigInvalid, Retryable, RevtraceError
from core.store import SqlFolder
from dashboards import app_pages, data, formats
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
    reasons = stale_reasons(fresh, now, bounds.stale_seconds, bounds.lag_seconds_max)
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
            "Paths computed ",
            tag("b", formats.ago(fresh["refreshed_at"], now)),
            title=f"At {formats.instant(fresh['refreshed_at'])} UTC",
        ),
    ]
    parts += [tag("span", reason) for reason in reasons]
    return tag("div", *parts, class_="rt-fresh rt-stale" if reasons else "rt-fresh", role="status")


def stale_reasons(
    fresh: Mapping[str, Any], now: datetime, stale_seconds: int, lag_seconds_max: int
) -> list[str]:
    """Why the numbers of a page may be old, in words; empty when they are fresh."""
    reasons = []
    newest = fresh["occurred_at"]
    if newest is not None and now - newest > timedelta(seconds=stale_seconds):
        reasons.append("Stale: nothing new has arrived")
    received, computed = fresh["admitted_at"], fresh["refreshed_at"]
    if received is not None and computed is not None:
        behind = received - computed
        if behind > timedelta(seconds=lag_seconds_max):
            reasons.append(
                f"Stale: paths are {formats.duration(behind.total_seconds())} behind the events"
            )
    return reasons


def choice(
    label: str, key: str, options: Sequence[str], words: Callable[[str], str], all_of_them: str
) -> str:
    """A filter that is kept in the URL under its key; '' is all."""
    known = ["", *options]
    asked = st.query_params.get(key, "")
    if asked and asked not in known:
        # A link made when there was such a value still says what it filters by.
        known.append(asked)
    return (
        st.selectbox(
            label,
            known,
            key=key,
            bind="query-params",
            format_func=lambda option: words(option) if option else all_of_them,
        )
        or ""
    )


def no_revenue_events(fresh: Mapping[str, Any]) -> None:
    """Explain why there is nothing to show yet, and what to do about it."""
    http = data.settings().http
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


def trouble(error: RevtraceError) -> None:
    """Tell a reader that the page cannot be shown, why, and what to do."""
    if getattr(error, "code", None) in (_UNKNOWN_TABLE, _UNKNOWN_DATABASE):
        empty(
            "The warehouse is not set up yet", "Run `revtrace migrate`, then open this page again."
        )
    elif isinstance(error, Retryable):
        log.warning("a page could not be shown: %s", error)
        st.warning(
            f"The warehouse cannot answer right now: {error}. Open the page again in a moment."
        )
    else:
        log.error("a page could not be shown: %s", error)
        st.error(f"This page cannot be shown: {error}.")
