"""The page of the quarantine: reasons in business words, amounts, the bytes, what to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clock import FixedClock
from core.event import Reason
from core.settings import load_settings
from core.store import Store
from dashboards import data
from dashboards.app_pages import quarantine
from tests.collector.sourced import (
    MENDED,
    body,
    declared_writer,
    replayed,
    sent,
    ticket,
    tickets_file,
)
from tests.dashboards.test_pages import html, shown


@pytest.fixture
def waiting(store: Store, clock: FixedClock, tmp_path: Path) -> Iterator[str]:
    """Two records in quarantine, one of them settled by a replay; the name of the other."""
    folder = tickets_file(tmp_path)
    writer = declared_writer(store, clock, folder)
    content = body(ticket("T1"), ticket("T2", "paid", net=1250.5), ticket("T3", "<b>lost</b>"))
    writer.commit([sent(writer, content)])
    tickets_file(tmp_path, version=2, values=MENDED)
    replayed(store, clock, writer, folder)
    data.configure(store, load_settings(), clock)
    name = "SELECT concat(delivery, ':', toString(record)) FROM v_quarantine WHERE state = 'open'"
    yield store.value(name)
    data.close()


def test_what_waits_is_listed_with_its_money_and_reason(waiting: str) -> None:
    said = html(shown("quarantine"))
    assert "1\u00a0record" in said
    assert "EUR\u00a010" in said
    assert "Not understood" in said
    assert "T3" in said
    assert "T2" not in said
    everything = html(shown("quarantine", state="all"))
    assert "Admitted since" in everything
    assert "Tried again" in everything
    assert "EUR\u00a01,250.50" in everything


def test_one_record_shows_its_bytes_and_what_to_do(waiting: str) -> None:
    app = shown("quarantine", record=waiting)
    assert not app.exception
    assert "<b>lost</b>" in app.code[0].value
    assert "<b>lost</b>" not in html(app)
    assert f"revtrace quarantine replay {waiting}" in app.markdown[0].value
    assert "version 2" in html(app)
    # The sentence of the mapping of its time, which is that of the replay.
    assert "lost&lt;/b&gt;' is none of the values of its map (done, paid)" in html(app)


@pytest.mark.usefixtures("waiting")
def test_a_record_that_is_not_there_is_said_to_be_so() -> None:
    for name in ("nonsense", "0123:9", "<script>:1"):
        said = html(shown("quarantine", record=name))
        assert "No such record" in said
        assert "<script>" not in said


def test_what_was_probably_meant_is_said_and_a_sender_without_a_name_is_not_blank() -> None:
    row = {"reason": "unknown_key", "field": "context.contrakt", "state": "open", "source": ""}
    assert "Did you mean context.contract?" in quarantine._why(row)
    assert "Wanted is RFC 3339" in quarantine._why(
        row | {"reason": "pattern", "field": "occurred_at"}
    )
    assert quarantine._whose(row | {"file": ""}) == "No system named"


def test_every_reason_has_its_business_words() -> None:
    assert set(quarantine.REASONS) == {str(reason) for reason in Reason}
