"""The engine and the model read OTLP records alike, whatever attributes they carry."""

from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.admission import Admission, Lost
from collector.delivery import OTLP_LOGS, OTLP_TRACES, Delivery, Kept
from core.store import Store
from tests.collector.arrange import BY_ENGINE, BY_MODEL
from tests.collector.records import AMOUNTS, AWKWARD, RAW, WORDS
from tests.collector.test_admission_property import OF_REFUSED, RECEIVED_AT
from tests.collector.test_otlp import HERE, NANOSECONDS, logs, spans

VALUES: list[Any] = [
    *AWKWARD,
    *WORDS,
    *AMOUNTS,
    0,
    1,
    -3,
    2**62,
    10**18,
    True,
    False,
    1.5,
    3.0,
    float("nan"),
    b"\xff",
    [],
    ["x"],
    None,
    '[{"type":"invoice","id":"x","relation":"from"}]',
    "[",
    "[]",
    "null",
    "3",
    *RAW,
]
NAMES = [
    "revtrace.object.type",
    "revtrace.object.id",
    "revtrace.object.version",
    "revtrace.action",
    "revtrace.outcome",
    "revtrace.occurred_at",
    "revtrace.source",
    "revtrace.event_id",
    "revtrace.correlation_id",
    "revtrace.attempt",
    "revtrace.links",
    "revtrace.context.contract",
    "revtrace.context.period",
    "revtrace.money.amount",
    "revtrace.money.currency",
    "revtrace.error.code",
    "revtrace.attributes.x",
    "revtrace.attributes.x.y",
    "revtrace.object",
    "revtrace.",
    "revtrace.foo",
    "revtrace.context.foo.bar",
    "service.name",
    "exception.message",
    "error.type",
    "exception.type",
    "http.method",
    'odd "name".é',
]


def some_record(random: Random, *, log: bool) -> dict[str, Any]:
    """A record that mostly is an event and mostly has something wrong with it."""
    record: dict[str, Any] = dict(HERE) if random.random() < 0.85 else {}
    for name in random.sample(NAMES, random.randint(0, 4)):
        record[name] = random.choice(VALUES)
    if random.random() < 0.5:
        record |= {
            "trace_id": random.randbytes(random.choice([16, 16, 5])),
            "span_id": random.randbytes(8),
        }
    if log:
        record |= {
            "severity_number": random.choice([0, 9, 17, 24]),
            "time_unix_nano": random.choice(
                [0, NANOSECONDS, NANOSECONDS - 86_400 * 10**9, 2**64 - 1]
            ),
            "observed_time_unix_nano": random.choice([0, NANOSECONDS]),
            "body": random.choice(["", "boom é", 'a "quoted"\n\0 text', "x" * 70_000]),
        }
    else:
        record |= {"status": (random.choice([0, 1, 2]), random.choice(["", "bad", "x" * 70_000]))}
        record |= {
            "links": [(random.randbytes(16).hex(), random.randbytes(8).hex())]
            * random.randint(0, 2)
        }
    return record


def staged(store: Store, kept: list[Kept], engine_bytes_min: int) -> list[dict[str, Any]]:
    Admission(store, engine_bytes_min).stage(kept, Lost())
    rows = store.rows("SELECT * EXCEPT raw FROM staged ORDER BY seq, record")
    told = [name for name in OF_REFUSED if name != "raw"]
    return [
        {name: row[name] for name in told} if row["reason"] or row["skipped"] else row
        for row in rows
    ]


@given(seed=st.integers(0, 2**32))
@settings(
    # An example holds hundreds of records, so a third of the usual number of examples is plenty.
    max_examples=max(settings.default.max_examples // 3, 5) if settings.default else 8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_engine_and_model_read_records_alike(store: Store, seed: int) -> None:
    random = Random(seed)
    kept = []
    for number in range(6):
        log = number % 2 == 0
        records = [some_record(random, log=log) for _ in range(random.randint(0, 40))]
        names = random.sample(NAMES, random.randint(0, 2))
        resource = {"service.name": "svc"} | {name: random.choice(VALUES) for name in names}
        make, protocol = (logs, OTLP_LOGS) if log else (spans, OTLP_TRACES)
        content = make(*records, resource=resource).SerializeToString()
        kept.append(Kept(f"d{number}", 1, RECEIVED_AT, Delivery(content, protocol, mapping="otlp")))
    assert staged(store, kept, BY_ENGINE) == staged(store, kept, BY_MODEL)
