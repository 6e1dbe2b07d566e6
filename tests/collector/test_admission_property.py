"""The engine and the model admit, refuse and reason alike, whatever is sent."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis.strategies import sampled_from

from collector.admission import BENCHES, Admission, Lost
from collector.delivery import Delivery, Kept
from core.store import Store
from tests.collector.records import LINES, pairs_text

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
