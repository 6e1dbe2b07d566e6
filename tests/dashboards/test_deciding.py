"""Deciding about a finding on its page: who may sees a form, all see what was decided."""

import pytest
import streamlit as st

from alerts.cases import Action
from core.clock import FixedClock
from core.settings import load_settings
from core.store import Store
from dashboards import data
from lineage.reader import Reader
from tests.dashboards.test_pages import html, shown
from tests.lineage.story import NOW, failed, traced


def test_only_who_may_decides_and_all_see_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    traced(store, [failed("billing_event/BE-1", "mapped", 3, "E-1", source="mulesoft")])
    (finding,) = [one["finding_id"] for one in Reader(store).findings(NOW)]
    user = {"X-User": "anna"}
    monkeypatch.setattr(type(st.context), "headers", property(lambda self: user))
    bounds = {"user_header": "X-User", "deciders": ["anna"]}
    data.configure(store, load_settings(dashboards=bounds), FixedClock(NOW))
    try:
        app = shown("findings", finding=finding)
        app.selectbox("case action").select(Action.WAIVE)
        app.text_area[0].input("agreed with <b>tax</b>")
        app.button[0].click()
        app.run()
        assert not app.exception
        assert not app.error
        (row,) = Reader(store).findings(NOW)
        assert (row["status"], row["decided_by"]) == ("waived", "anna")
        user["X-User"] = "ben"
        seen = shown("findings", finding=finding)
        assert [len(seen.button), len(seen.text_area)] == [0, 0]
        assert "Waived, by anna" in html(seen)
        assert "agreed with &lt;b&gt;tax&lt;/b&gt;" in html(seen)
        assert f"revtrace case ack {finding[:12]}" in seen.caption[0].value
        assert "No finding matches" in html(seen), "what is waived needs nobody"
        assert "Waived by anna" in html(shown("findings", status="waived"))
        store.command("TRUNCATE TABLE finding_rows")
        st.cache_data.clear()
        gone = html(shown("findings", finding=finding))
        assert "This finding is gone" in gone
        assert "agreed with &lt;b&gt;tax&lt;/b&gt;" in gone
    finally:
        data.close()
