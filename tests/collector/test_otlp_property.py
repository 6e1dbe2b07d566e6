"""The engine and the model read OTLP records alike, whatever attributes they carry."""

from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.admission import BENCHES, Admission, Lost
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
    "revtrace.idempotency_key",
    "revtrace.context.contract",
    "revtrace.context.contract_version",
    "revtrace.context.engagement",
    "revtrace.context.period",
    "revtrace.money.amount",
    "revtrace.money.currency",
    "revtrace.money.measure",
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


def plain_extras(random: Random) -> dict[str, Any]:
    """What a record may say without being rare, so that it becomes columns at once."""
    words = ["x", "é" * 70, "a" * 127, "b" * 128, "c" * 200, "", 'q"\\']
    said = {
        "revtrace.event_id": random.choice(words),
        "revtrace.correlation_id": random.choice(words),
        "revtrace.idempotency_key": random.choice(["k" * 1000, "k"]),
        "revtrace.attempt": random.choice([1, 2, 127, 128]),
        "revtrace.outcome": random.choice(["ok", "skipped"]),
        "revtrace.source": random.choice(["s", "s" * 200]),
        "revtrace.object.version": random.choice(words),
        "revtrace.context.contract": random.choice(words),
        "revtrace.context.engagement": "fixed_fee",
        "revtrace.context.period": "2026-09",
        "revtrace.attributes.one": random.choice([*words, "l" * 4096, "l" * 4097]),
        "revtrace.attributes.two.three": random.choice(words),
        "http.method": "GET",
    }
    chosen = {name: said[name] for name in random.sample(list(said), random.randint(0, 6))}
    if random.random() < 0.5:
        chosen |= {"revtrace.money.amount": "-12.3", "revtrace.money.currency": "EUR"}
        chosen |= {"revtrace.money.measure": "billed"} if random.random() < 0.5 else {}
    return chosen


def some_record(random: Random, *, log: bool) -> dict[str, Any]:
    """A record that mostly is an event and mostly has something wrong with it."""
    record: dict[str, Any] = dict(HERE) if random.random() < 0.85 else {}
    if random.random() < 0.4:
        record |= plain_extras(random)
    else:
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
    admission = Admission(store, engine_bytes_min)
    admission.judge(kept, BENCHES[0])
    admission.compare(kept, Lost(), BENCHES[0])
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


def test_plain_records_become_columns_without_becoming_lines(store: Store) -> None:
    random = Random(1)
    record = HERE | plain_extras(random) | {"revtrace.attempt": 3}
    record |= {"revtrace.attributes.one": "l" * 4096, "time_unix_nano": NANOSECONDS}
    content = logs(record, {"http.method": "GET"}, record).SerializeToString()
    kept = [Kept("d", 1, RECEIVED_AT, Delivery(content, OTLP_LOGS, mapping="otlp"))]
    rows = staged(store, kept, BY_ENGINE)
    assert [row["skipped"] for row in rows] == [0, 1, 0]
    assert store.value("SELECT count() FROM landing_lines") == 0
    odd = logs(record, HERE | {"revtrace.links": "[]"}).SerializeToString()
    staged(store, [Kept("d", 1, RECEIVED_AT, Delivery(odd, OTLP_LOGS))], BY_ENGINE)
    assert store.value("SELECT count() FROM landing_lines") == 1
