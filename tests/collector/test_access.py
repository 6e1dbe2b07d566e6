"""Who may send what: tokens, their sources, their limits, and the door that asks for them."""

import json
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from collector.access import (
    Access,
    Bucket,
    Forbidden,
    TooMany,
    Unauthorized,
    is_loopback,
)
from collector.delivery import OTLP_LOGS, Delivery
from collector.tokens import TokenRegister, parse
from core.clock import FixedClock
from core.errors import BadInput, NotFound, StoreUnavailable
from core.settings import AccessSettings, GrpcSettings, HttpSettings, Settings
from core.store import Store
from tests.collector.arrange import (
    BY_ENGINE,
    BY_MODEL,
    body,
    counts,
    event,
    make_writer,
    stored,
)
from tests.collector.conftest import Listen
from tests.collector.test_otlp import HERE, NANOSECONDS, attributes

NDJSON = "application/x-ndjson"
EVENTS = "/v1/events"
BEYOND = HttpSettings(host="0.0.0.0")


class Second:
    """A monotonic clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def make_access(
    store: Store, clock: FixedClock, settings: Settings | None = None, second: Second | None = None
) -> Access:
    register = TokenRegister(store, clock, 100)
    access = Access(register, clock, settings or Settings(http=BEYOND), second or Second())
    access.reload()
    return access


def bearer(text: str) -> str:
    return f"Bearer {text}"


@pytest.fixture
def register(any_store: Store, clock: FixedClock) -> TokenRegister:
    return TokenRegister(any_store, clock, 5)


def test_a_token_is_kept_as_a_hash_and_its_text_is_nowhere(
    register: TokenRegister, any_store: Store, clock: FixedClock
) -> None:
    token, text = register.create("mulesoft", ["a", "b", "a"], timedelta(days=90))
    parts = parse(text)
    assert parts is not None
    assert parts[0] == token.id
    assert register.all() == [token]
    assert token.sources == ("a", "b")
    assert token.expires_at == clock.now() + timedelta(days=90)
    rows = json.dumps(any_store.rows("SELECT * FROM tokens"), default=str)
    assert parts[1] not in rows
    assert parts[1] not in repr(token)
    assert token.secret_sha256 not in repr(token)


def test_a_revoked_token_stays_revoked_whatever_is_told_of_its_use(
    register: TokenRegister, clock: FixedClock
) -> None:
    token, _ = register.create("one")
    clock.move(timedelta(minutes=1))
    assert [one.id for one in register.revoke("one")] == [token.id]
    register.record_uses({token.id: clock.now()})
    known = register.all()[0]
    assert (known.state(clock.now()), known.last_used_at) == ("revoked", clock.now())
    with pytest.raises(NotFound, match="tokens list"):
        register.revoke("one")
    again, _ = register.create("one")
    assert register.revoke(again.id)[0].name == "one"


def test_what_cannot_be_a_token_is_refused_with_what_to_do(register: TokenRegister) -> None:
    register.create("one")
    with pytest.raises(BadInput, match="valid one of this name"):
        register.create("one")
    with pytest.raises(BadInput, match="letters"):
        register.create("two words")
    with pytest.raises(BadInput, match="1 to 200"):
        register.create("two", ["x" * 201])
    with pytest.raises(BadInput, match="expire after"):
        register.create("two", lifetime=timedelta(0))
    for number in range(4):
        register.create(f"more-{number}")
    with pytest.raises(BadInput, match="tokens_max"):
        register.create("one-too-many")


def test_only_the_very_token_is_let_in(store: Store, clock: FixedClock) -> None:
    access = make_access(store, clock)
    token, text = TokenRegister(store, clock, 100).create("one", ["a"], timedelta(hours=1))
    access.reload()
    grant = access.admit(bearer(text))
    assert (grant.token, grant.name, grant.sources) == (token.id, "one", ("a",))
    assert access.admit(f"bearer  {text} ").token == token.id
    other = text[:-1] + ("A" if text[-1] != "A" else "B")
    unknown = f"rvt_{'0' * 16}_{text[-43:]}"
    for wrong in (None, "", "Bearer", text, f"Basic {text}", bearer(other), bearer(unknown)):
        with pytest.raises(Unauthorized) as refused:
            access.admit(wrong)
        assert text[-43:] not in str(refused.value)
    clock.move(timedelta(hours=1))
    with pytest.raises(Unauthorized, match="expired"):
        access.admit(bearer(text))


def test_a_token_is_needed_beyond_loopback_unless_it_is_open(
    store: Store, clock: FixedClock
) -> None:
    for http, grpc, needed in (
        (HttpSettings(), GrpcSettings(), False),
        (HttpSettings(host="::1"), GrpcSettings(host="localhost"), False),
        (BEYOND, GrpcSettings(), True),
        (HttpSettings(), GrpcSettings(host="::"), True),
        (HttpSettings(host="collector.example"), GrpcSettings(), True),
        (HttpSettings(host="0.0.0.0", open=True), GrpcSettings(), False),
    ):
        access = make_access(store, clock, Settings(http=http, grpc=grpc))
        assert access.needed is needed
        if needed:
            with pytest.raises(Unauthorized, match="tokens create"):
                access.admit(None)
            with pytest.raises(Unauthorized):
                access.granted()
        else:
            assert access.admit(None).token == ""
        # A token that is sent must be valid, needed or not.
        with pytest.raises(Unauthorized):
            access.admit("Bearer nonsense")
    assert not is_loopback("10.0.0.1")
    assert is_loopback("127.8.0.1")


def test_a_warehouse_that_is_away_locks_nobody_out(
    store: Store, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = TokenRegister(store, clock, 100)
    _, text = register.create("one")
    access = Access(register, clock, Settings(http=BEYOND))
    answered = TokenRegister.all

    def away(_: TokenRegister) -> list[object]:
        raise StoreUnavailable("the warehouse is away")

    monkeypatch.setattr(TokenRegister, "all", away)
    access.reload()
    with pytest.raises(StoreUnavailable, match="could not be read yet"):
        access.admit(bearer(text))
    monkeypatch.setattr(TokenRegister, "all", answered)
    access.reload()
    monkeypatch.setattr(TokenRegister, "all", away)
    access.reload()
    assert access.admit(bearer(text)).name == "one"
    # This process's own doors know it without any warehouse.
    assert access.admit(access.own_authorization()).name == "this process"


def test_the_last_use_is_told_once_a_minute(store: Store, clock: FixedClock) -> None:
    second = Second()
    access = make_access(store, clock, second=second)
    register = TokenRegister(store, clock, 100)
    token, text = register.create("one")
    access.reload()
    first = clock.now()
    access.admit(bearer(text))
    access._tell_uses()
    clock.move(timedelta(seconds=30))
    second.now = 30
    access.admit(bearer(text))
    access._tell_uses()
    assert register.all()[0].last_used_at == first
    second.now = 61
    access._tell_uses()
    assert register.all()[0].last_used_at == clock.now()
    assert store.value("SELECT count() FROM token_uses") == 2
    clock.move(timedelta(seconds=1))
    access.admit(bearer(text))
    access.stop()
    assert register.all()[0] == replace(token, last_used_at=clock.now())


def test_a_token_sends_no_more_than_it_may(store: Store, clock: FixedClock) -> None:
    limits = AccessSettings(requests_per_second=2, bytes_per_second=1000)
    second = Second()
    access = make_access(store, clock, Settings(http=BEYOND, access=limits), second)
    _, text = TokenRegister(store, clock, 100).create("one")
    _, other = TokenRegister(store, clock, 100).create("other")
    access.reload()
    for _ in range(4):
        access.admit(bearer(text))
    with pytest.raises(TooMany) as many:
        access.admit(bearer(text))
    assert many.value.retry_after_seconds == 1
    access.reload()
    with pytest.raises(TooMany):
        access.admit(bearer(text))
    second.now = 100
    # One body of any size passes; its sender then waits until it is paid for.
    access.admit(bearer(text)).charge(12_000)
    with pytest.raises(TooMany) as many:
        access.admit(bearer(text))
    assert many.value.retry_after_seconds == 10
    assert access.admit(bearer(other), size=500).name == "other"
    second.now = 111
    assert access.admit(bearer(text)).name == "one"


def test_a_limit_of_zero_is_none() -> None:
    bucket = Bucket(0, Second())
    bucket.take(10**12)
    assert bucket.wait_seconds(1) == 0


def test_a_grant_holds_a_delivery_to_its_sources(store: Store, clock: FixedClock) -> None:
    access = make_access(store, clock)
    register = TokenRegister(store, clock, 100)
    one, text = register.create("one", ["a"])
    _, both = register.create("both", ["a", "b"])
    access.reload()
    filled = access.admit(bearer(text)).limit(Delivery(b""))
    assert (filled.token, filled.source, filled.allowed_sources) == (one.id, "a", ("a",))
    assert access.admit(bearer(both)).limit(Delivery(b"")).source == ""
    for source in ("b", "A", "a "):
        with pytest.raises(Forbidden, match="it is for a"):
            access.admit(bearer(text), source)
        with pytest.raises(Forbidden):
            access.admit(bearer(text)).limit(Delivery(b"", source=source))


@pytest.mark.parametrize("judge", [BY_MODEL, BY_ENGINE], ids=["model", "engine"])
def test_records_of_another_source_are_quarantined_beside_good_ones(
    any_store: Store, clock: FixedClock, judge: int
) -> None:
    writer = make_writer(any_store, clock, judge)
    lines = body(
        event(event_id="mine"),
        event(event_id="theirs", source="salesforce"),
        {**event(event_id="unnamed"), "source": None},
        event(event_id="sly", source="netsuite-us "),
    )
    scoped = Delivery(
        lines, source="netsuite-us", token="t1", allowed_sources=("netsuite-us", "other")
    )
    free = Delivery(body(event(event_id="free", source="salesforce")))
    answers = writer.commit([scoped, free])
    assert [counts(answer) for answer in answers] == [(4, 2, 0, 2, 0), (1, 1, 0, 0, 0)]
    assert stored(any_store) == [
        ("netsuite-us", "mine"),
        ("netsuite-us", "unnamed"),
        ("salesforce", "free"),
    ]
    rows = any_store.rows("SELECT reason, field, source, raw FROM quarantine ORDER BY record")
    assert [(row["reason"], row["field"], row["source"]) for row in rows] == [
        ("not_allowed", "source", "salesforce"),
        ("not_allowed", "source", "netsuite-us "),
    ]
    assert "theirs" in rows[0]["raw"]
    assert getattr(answers[0], "reasons", None) == {"not_allowed": 2}
    kept = any_store.rows("SELECT token, allowed_sources FROM deliveries ORDER BY delivery")
    assert kept[0] == {"token": "t1", "allowed_sources": ["netsuite-us", "other"]}


@pytest.mark.parametrize("judge", [BY_MODEL, BY_ENGINE], ids=["model", "engine"])
def test_otlp_records_are_held_to_the_sources_of_the_token(
    store: Store, clock: FixedClock, judge: int
) -> None:
    writer = make_writer(store, clock, judge)
    request = ExportLogsServiceRequest()
    for name in ("allowed", "forbidden"):
        group = request.resource_logs.add()
        group.resource.attributes.extend(attributes({"service.name": name}))
        record = group.scope_logs.add().log_records.add(time_unix_nano=NANOSECONDS)
        record.attributes.extend(attributes(HERE))
    one = Delivery(
        request.SerializeToString(), protocol=OTLP_LOGS, token="t", allowed_sources=("allowed",)
    )
    assert counts(writer.commit([one])[0]) == (2, 1, 0, 1, 0)
    assert store.value("SELECT source FROM events") == "allowed"


def test_what_a_crash_left_is_made_again_under_the_same_token(
    store: Store, clock: FixedClock
) -> None:
    writer = make_writer(store, clock)
    given = Delivery(
        body(event(), event(event_id="e2", source="x")), token="t", allowed_sources=("netsuite-us",)
    )
    close = writer._derived._admission.store_staged

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    writer._derived._admission.store_staged = killed  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        writer.commit([given])
    writer._derived._admission.store_staged = close  # type: ignore[method-assign]
    again = make_writer(store, clock)
    assert again.check_identity() == []
    assert stored(store) == [("netsuite-us", "e1")]
    assert store.value("SELECT reason FROM quarantine") == "not_allowed"


def test_a_start_beyond_loopback_says_that_no_token_is_valid(
    store: Store, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    said = []
    register = TokenRegister(store, clock, 100)
    for change in (
        lambda: None,
        lambda: register.create("one"),
        lambda: register.revoke("one"),
        lambda: register.create("short", lifetime=timedelta(days=1)),
        lambda: clock.move(timedelta(days=1)),
    ):
        change()
        caplog.clear()
        access = make_access(store, clock)
        access.start()
        access.stop()
        said.append([record.getMessage().partition(", so")[0] for record in caplog.records])
    beyond = "it listens beyond loopback and"
    none_valid = [f"{beyond} none of its tokens is valid any more"]
    assert said == [[f"{beyond} there is no token yet"], [], none_valid, [], none_valid]


def test_the_door_asks_for_a_token_beyond_loopback(listen: Listen) -> None:
    door = listen(http=BEYOND)
    assert door.access.register is not None
    _, text = door.access.register.create("one", ["netsuite-us"])
    door.access.reload()
    for path in ("/", "/healthz", "/readyz", "/openapi.json"):
        assert httpx.get(door.url + path, trust_env=False).status_code == 200
    assert httpx.get(door.url + "/metrics", trust_env=False).status_code == 401
    known = {"authorization": bearer(text)}
    assert httpx.get(door.url + "/metrics", headers=known, trust_env=False).status_code == 200
    for path, kind in (
        (EVENTS, NDJSON),
        ("/v1/logs", "application/json"),
        ("/v1/traces", "application/x-protobuf"),
    ):
        refused = door.post(path, body(event()), kind)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
        if path == EVENTS:
            # What there is nothing to say of is left out.
            assert refused.json().keys() == {"error", "todo"}
        assert door.post(path, b"", kind, authorization="Bearer x").status_code == 401
    answer = door.post(EVENTS, body(event(), event(source="x", event_id="e2")), NDJSON, **known)
    assert answer.json()["faults"] == [{"line": 2, "reason": "not_allowed", "field": "source"}]
    elsewhere = door.post(f"{EVENTS}?source=x", body(event()), NDJSON, **known)
    assert elsewhere.status_code == 403
    assert "netsuite-us" in elsewhere.json()["why"]
    door.access.register.revoke("one")
    door.access.reload()
    assert door.post(EVENTS, body(event()), NDJSON, **known).status_code == 401
    assert stored(door.store) == [("netsuite-us", "e1")]


def test_a_token_that_sends_too_much_is_answered_429_with_retry_after(listen: Listen) -> None:
    door = listen(limits=AccessSettings(requests_per_second=1, bytes_per_second=0))
    assert door.access.register is not None
    _, text = door.access.register.create("one")
    door.access.reload()
    answers = [
        door.post(EVENTS, body(event()), NDJSON, authorization=bearer(text)) for _ in range(6)
    ]
    last = answers[-1]
    assert (answers[0].status_code, last.status_code) == (200, 429)
    assert int(last.headers["retry-after"]) >= 1
    otlp = door.post("/v1/logs", b"", "application/x-protobuf", authorization=bearer(text))
    assert otlp.status_code == 429
    assert door.post(EVENTS, body(event()), NDJSON).status_code == 200
