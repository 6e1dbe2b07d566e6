"""The engine and the model admit, refuse and reason alike, whatever is sent."""

import json
from collections import Counter
from datetime import UTC, datetime
from itertools import chain, zip_longest
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis.strategies import sampled_from

from collector import admission, lean
from collector.admission import BENCHES, SQL, Admission, Lost
from collector.delivery import Delivery, Kept
from core.event import Reason
from core.store import Store
from core.verdict import Fault, admit
from core.wanted import WANTED
from tests.collector.arrange import body, event
from tests.collector.records import CONTEXT_TEXTS, LINES, pairs_text, records

RECEIVED_AT = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
NEVER = 10**12
# What can be read of a refused record is told for weighing it only; its reason, field and bytes are
# exact.
OF_REFUSED = ("seq", "delivery", "record", "line_number", "reason", "field", "raw", "skipped")


def staged(store: Store, kept: list[Kept], engine_bytes_min: int) -> list[dict[str, Any]]:
    admission = Admission(store, engine_bytes_min)
    admission.judge(kept, BENCHES[0])
    admission.compare(kept, Lost(), BENCHES[0])
    rows = store.rows("SELECT * EXCEPT raw, hex(raw) AS raw FROM staged ORDER BY seq, record")
    return [row if not row["reason"] else {name: row[name] for name in OF_REFUSED} for row in rows]


def as_delivered(lines: list[bytes], source: str = "", allowed: tuple[str, ...] = ()) -> list[Kept]:
    given = Delivery(b"\n".join(lines), source=source, allowed_sources=allowed)
    return [Kept("d1", 1, RECEIVED_AT, given)]


@given(lines=LINES, allowed=sampled_from([(), (), ("netsuite-us",), ("a", "Zürich \U0001f4b6")]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@example(lines=[pairs_text([("attempt", "18446744073709551616")]).encode()], allowed=())
def test_engine_and_model_admit_refuse_and_reason_alike(
    store: Store, lines: list[bytes], allowed: tuple[str, ...]
) -> None:
    kept = as_delivered(lines, allowed=allowed)
    assert staged(store, kept, 0) == staged(store, kept, NEVER)


def test_the_random_records_break_every_rule_of_every_field() -> None:
    """Else the property above would hold of rules that it never sees broken."""
    reasons: Counter[str] = Counter()
    fields: set[str] = set()
    for place, line in enumerate(records(list(range(4000)))):
        allowed = () if place % 4 else ("netsuite-us",)
        found = admit(line, received_at=RECEIVED_AT, allowed_sources=allowed)
        if isinstance(found, Fault):
            reasons[found.reason] += 1
            fields.add(found.field)
    # What a mapping refuses is a line of its own, in test_payload_admission.
    assert set(reasons) == set(Reason) - {Reason.UNMAPPED}
    assert min(reasons.values()) >= 10, reasons
    # The texts of a context are judged alike, so some of them stand for all.
    assert {name for name in WANTED if name.removeprefix("context.") not in CONTEXT_TEXTS} <= fields
    assert len({name for name in fields if name.startswith("context.")}) >= 6


# What the engine's reader of JSON takes, and JSON or the contract does not: each must go the long
# way. The first ones are good, and must not be torn apart or joined by anything.
LENIENT = [
    '{"$":"}{"}',
    '{"attributes":{"a":"b","c":"\\u00e9\\n"},"attempt":7}',
    '{"attributes":{"a":null},"links":null,"money":null,"error":null,"trace_id":null}',
    '{"attempt":"3"}',
    '{"attempt":+3}',
    '{"attempt":03}',
    '{"attempt":9999999999999999999}',
    '{"\\u0061ttempt":"3","x":"\\"attempt\\":1,"}',
    '{"attributes":{"a":"b",}}',
    '{"attributes":{"a":"b","a":"c"}}',
    '{"links":[{"type":"invoice","id":"1","relation":"from"},]}',
    '{"links":[{"type":"invoice","id":"1","relation":"from","amount":""}]}',
    '{"money":{}}',
    '{"error":{}}',
    '{"trace_id":""}',
    '{"context":{"period":""}}',
    '{"source":""}',
    '{"Correlation_id":"a"}',
    '{"correlation_id":5}',
    '{"correlation_id":"\\x41"}',
    '{"correlation_id":"a\tb"}',
    '{"correlation_id":\x0c"a"}',
    '{"correlation_id":"a"},{}',
    '{"correlation_id":"a"}{}',
    '{"correlation_id":"a"};',
    '{"$end":1,"$begin":1}',
    '{"correlation_id":"a}\n{b"}',
    '{"links":[{"type":"invoice"}\n{"id":"1","relation":"from"}]}',
    '{"occurred_at":"2026-02-30T12:00:00Z"}',
]


def apart(lines: list[bytes], monkeypatch: pytest.MonkeyPatch) -> list[Kept]:
    """Each line is a delivery and a part, so that none keeps the ones beside it from its way."""
    monkeypatch.setattr(admission, "PART_BYTES_MIN", 1)
    monkeypatch.setattr(admission, "LANDING_PARTS", len(lines))
    return [Kept(f"d{at}", 1, RECEIVED_AT, Delivery(one)) for at, one in enumerate(lines)]


def filled_in(text: str) -> bytes:
    """An event that says what a text says, however it says it; its own fields come first."""
    said = json.loads(text) if text in LENIENT[:3] else {}
    if said:
        return body(event(**{name: part for name, part in said.items() if name != "$"}))
    given = {name: part for name, part in event().items() if f'"{name}"' not in text}
    return body(given)[:-1] + b"," + text[1:].encode()


@given(lines=LINES)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=6,
)
def test_the_reader_of_json_admits_only_what_the_model_admits_alike(
    store: Store, monkeypatch: pytest.MonkeyPatch, lines: list[bytes]
) -> None:
    kept = apart(lines[:40], monkeypatch)
    assert staged(store, kept, 0) == staged(store, kept, NEVER)


def test_what_the_reader_of_json_is_lenient_with_is_judged_rule_by_rule(
    any_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = apart([filled_in(text) for text in LENIENT], monkeypatch)
    assert staged(any_store, kept, 0) == staged(any_store, kept, NEVER)


def test_plain_lines_are_not_judged_rule_by_rule(
    any_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = any_store
    asked: list[str] = []
    command = store.command
    monkeypatch.setattr(
        store,
        "command",
        lambda sql, *rest, **more: (asked.append(sql), command(sql, *rest, **more)),
    )
    plain = event(
        links=[{"type": "time_entry", "id": "T", "relation": "from", "amount": "1.5"}],
        money={"amount": "3.0", "currency": "EUR", "measure": "billed"},
        context={"period": "2026-09"},
        attributes={"a": "é"},
        attempt=2,
    )
    for end in (b"\n", b"\r\n", b"\n\n"):
        kept = [Kept(f"d{at}", 1, RECEIVED_AT, Delivery(body(plain) + end)) for at in range(3)]
        assert len(staged(store, kept, 0)) == 3
    two = as_delivered([body(plain) + b"\r", body(event())])
    assert staged(store, two, 0) == staged(store, two, NEVER)
    assert SQL["stage_ndjson"] not in asked
    odd = as_delivered([body(plain), b"{}", body(event())])
    assert staged(store, odd, 0) == staged(store, odd, NEVER)
    assert SQL["stage_ndjson"] in asked


def forged(*records: dict[str, Any], marks: tuple[tuple[int, int], ...] = ((1, 1),)) -> bytes:
    """Records on one line, with what stands between two lines for the engine."""
    texts = [body(one)[1:-1] for one in records]
    between = [b',"$end":%d},{"$begin":%d,' % pair for pair in marks]
    return b"{" + b"".join(chain(*zip_longest(texts, between, fillvalue=b""))) + b"}"


def test_marks_of_lines_cannot_be_forged(store: Store) -> None:
    """Neither two events of one line, nor one in the delivery of another sender, nor any in place
    of a record that is refused.
    """
    mine, his = event(source="x"), event(source="payroll", event_id="forged")
    told = Delivery(body(event(source="payroll"))), Delivery(body(event(event_id="e2"), "{}"))
    groups = [
        [Delivery(forged(mine, event(event_id="e2")))],
        [
            Delivery(forged(mine, his, mine, marks=((1, 2), (2, 1))), allowed_sources=("x",)),
            told[0],
        ],
        [Delivery(forged(mine, event(event_id="e3"))), told[1]],
    ]
    for group in groups:
        kept = [Kept(f"d{at}", 1, RECEIVED_AT, one) for at, one in enumerate(group)]
        assert staged(store, kept, 0) == staged(store, kept, NEVER)


def test_a_line_that_gave_two_rows_is_judged_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever knew the marks."""
    monkeypatch.setattr(lean, "_unknown", lambda: lean.NUMBERS)
    marks = ((lean.NUMBERS + 1, lean.NUMBERS + 1),)
    kept = as_delivered([forged(event(), event(event_id="e2"), marks=marks), b"{}"])
    assert staged(store, kept, 0) == staged(store, kept, NEVER)
    assert "2 events were read in 1 lines" in caplog.text
