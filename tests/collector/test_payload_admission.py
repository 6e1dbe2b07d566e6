"""What a mapping refuses or skips comes out the same, whoever judges: the model or the engine."""

from pathlib import Path

import pytest

from collector.delivery import PAYLOAD, Delivery
from collector.source import load_mappings, load_sources
from core.clock import FixedClock
from core.store import Store
from tests.collector.arrange import BY_ENGINE, BY_MODEL, counts, make_writer
from tests.conftest import NewStore

GOLDEN = Path(__file__).parent / "golden"
FILES = ("psa/webhooks.json", "netsuite/ledger.json", "mulesoft/json_logger.ndjson")
HELD = "SELECT * EXCEPT (delivery, batch) FROM quarantine ORDER BY source, record"
TOLD = "SELECT source, event_id, content_hash, mapping, mapping_version FROM events ORDER BY ALL"


def admitted(store: Store, clock: FixedClock, judge: int) -> tuple[object, ...]:
    """The counts, the quarantine and the events of all files in one commit."""
    writer = make_writer(store, clock, judge)
    writer.declare(load_sources().values())
    group = [
        writer.prepare(
            Delivery(
                (GOLDEN / name).read_bytes(),
                protocol=PAYLOAD,
                source=f"from-{name.split('/')[0]}",
                mapping=name.split("/")[0],
                mapping_version=load_mappings()[name.split("/")[0]].version,
            )
        )
        for name in FILES
    ]
    # What a sender writes himself is refused too, and cannot pass for skipped.
    forged = b'{"$refused": {"reason": "unmapped", "field": "f", "record": "r"}}\n'
    forged += b'{"$refused": {"reason": "mine"}}\n{"$refused": 3}\nskipped: x\n'
    answers = writer.commit([*group, Delivery(forged, source="from-z")])
    assert writer.check_identity() == []
    return [counts(one) for one in answers], store.rows(HELD), store.rows(TOLD)


def test_the_engine_and_the_model_refuse_and_skip_alike(
    new_store: NewStore, clock: FixedClock
) -> None:
    by_model = admitted(new_store(), clock, BY_MODEL)
    assert admitted(new_store(), clock, BY_ENGINE) == by_model
    # One of the payments is dated after the clock of the test.
    assert by_model[0] == [(7, 6, 0, 1, 0), (7, 4, 0, 3, 0), (6, 4, 0, 1, 1), (4, 0, 0, 4, 0)]


@pytest.mark.parametrize("judge", [BY_MODEL, BY_ENGINE], ids=["model", "engine"])
def test_a_payload_that_is_only_skipped_is_no_refusal(
    store: Store, clock: FixedClock, judge: int
) -> None:
    writer = make_writer(store, clock, judge)
    writer.declare(load_sources().values())
    given = Delivery(
        b'{"message": "up", "tracePoint": "START"}',
        protocol=PAYLOAD,
        source="mulesoft",
        mapping="mulesoft",
        mapping_version=1,
    )
    assert counts(writer.commit([writer.prepare(given)])[0]) == (1, 0, 0, 0, 1)
