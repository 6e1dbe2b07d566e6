"""`POST /hooks/{source}`: vendor payloads, signed as the vendor signs them."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.signature import NotSigned, Signature, read_signature
from collector.source import load_sources
from core.declaration import Table
from core.errors import ConfigInvalid
from core.settings import HttpSettings
from tests.collector.conftest import Listen, Listening
from tests.collector.sourced import body, source_file, ticket, tickets_file

KEY = b"whsec_very_secret"
GITHUB = """
[signature]
header = "X-Hub-Signature-256"
prefix = "sha256="
secret = { env = "HOOK_SECRET" }
"""
NOW = datetime(2026, 9, 30, 12, 0, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden"

Sign = Callable[[bytes, int], dict[str, str]]


def mac(content: bytes, algorithm: str = "sha256") -> bytes:
    return hmac.new(KEY, content, algorithm).digest()


def stripe(content: bytes, at: int) -> dict[str, str]:
    signed = mac(f"{at}.".encode() + content).hex()
    return {"Stripe-Signature": f"t={at},v1={'0' * 64},v1={signed},v0=beef"}


def slack(content: bytes, at: int) -> dict[str, str]:
    signed = mac(f"v0:{at}:".encode() + content).hex()
    return {"X-Slack-Signature": f"v0={signed}", "X-Slack-Request-Timestamp": str(at)}


SCHEMES: dict[str, tuple[str, Sign]] = {
    "github": (
        'header = "X-Hub-Signature-256"\nprefix = "sha256="',
        lambda content, at: {"X-Hub-Signature-256": f"sha256={mac(content).hex()}"},
    ),
    "shopify": (
        'header = "X-Shopify-Hmac-Sha256"\nencoding = "base64"',
        lambda content, at: {"X-Shopify-Hmac-Sha256": base64.b64encode(mac(content)).decode()},
    ),
    "stripe": (
        'header = "Stripe-Signature"\npart = "v1"\ntimestamp_part = "t"\n'
        'signed = "{timestamp}.{body}"',
        stripe,
    ),
    "slack": (
        'header = "X-Slack-Signature"\nprefix = "v0="\nsigned = "v0:{timestamp}:{body}"\n'
        'timestamp_header = "X-Slack-Request-Timestamp"\ntolerance = "2m"',
        slack,
    ),
    "sha1": (
        'header = "X-Sign"\nalgorithm = "sha1"',
        lambda content, at: {"X-Sign": mac(content, "sha1").hex()},
    ),
    "sha512 in ms": (
        'header = "X-Sign"\nalgorithm = "sha512"\ntimestamp_header = "X-Time"\n'
        'signed = "{body}{timestamp}"',
        lambda content, at: {
            "X-Sign": mac(content + f"{at}000".encode(), "sha512").hex(),
            "X-Time": f"{at}000",
        },
    ),
}


def scheme(text: str) -> Signature:
    import tomllib

    values = tomllib.loads(text + '\nsecret = { env = "HOOK_SECRET" }')
    made = read_signature(Table("x.toml", "[signature]", values))
    assert made is not None
    return made


class Headers(dict[str, str]):
    """Headers as requests have them: their names in any case."""

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        return next((text for key, text in self.items() if key.lower() == name.lower()), default)


@pytest.mark.parametrize("name", SCHEMES)
def test_each_scheme_takes_its_signature_and_no_other(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", KEY.decode())
    text, sign = SCHEMES[name]
    signature, at = scheme(text), int(NOW.timestamp())
    headers = Headers(sign(b'{"a":1}', at))
    signature.check(headers, b'{"a":1}', NOW)
    with pytest.raises(NotSigned):
        signature.check(headers, b'{"a":2}', NOW)
    with pytest.raises(NotSigned):
        signature.check(Headers(), b'{"a":1}', NOW)
    for broken in ("", "zz", "sha256=", "t=1,v1=", "\u00e9"):
        with pytest.raises(NotSigned):
            signature.check(Headers(dict.fromkeys(headers, broken)), b'{"a":1}', NOW)
    monkeypatch.setenv("HOOK_SECRET", "another")
    with pytest.raises(NotSigned):
        signature.check(headers, b'{"a":1}', NOW)


@pytest.mark.parametrize("name", ["stripe", "slack", "sha512 in ms"])
@pytest.mark.parametrize("minutes", [-10, 10])
def test_an_old_or_early_timestamp_is_refused(
    name: str, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", KEY.decode())
    text, sign = SCHEMES[name]
    headers = Headers(sign(b"{}", int(NOW.timestamp())))
    with pytest.raises(NotSigned):
        scheme(text).check(headers, b"{}", NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('header = "X"\nsecret = "s3cret"', "secret in a file"),
        ('secret = { env = "A" }', "header"),
        ('header = "X"', "secret"),
        ('header = "X"\nsecret = { env = "A", file = "b" }', "one of them"),
        ('header = "X"\nsecret = { env = "REVTRACE_A" }', "would be a setting"),
        ('header = "X Y"\nsecret = { env = "A" }', "no name of a header"),
        ('header = "X"\nsecret = { env = "A" }\nalgorithm = "md5"', "md5"),
        ('header = "X"\nsecret = { env = "A" }\nsigned = "{timestamp}.{body}"', "proves nothing"),
        ('header = "X"\nsecret = { env = "A" }\ntimestamp_header = "T"', "proves nothing"),
        ('header = "X"\nsecret = { env = "A" }\nsigned = "all"', "must hold"),
        ('header = "X"\nsecret = { env = "A" }\nalgo = "x"', "unknown key"),
    ],
)
def test_a_wrong_signature_table_names_its_key(tmp_path: Path, text: str, says: str) -> None:
    source_file(tmp_path, "x", f'name = "x"\nrole = "erp"\n[signature]\n{text}')
    with pytest.raises(ConfigInvalid, match=says):
        load_sources(tmp_path)


def declare(listening: Listening, folder: Path) -> None:
    listening.writer.declare(load_sources(folder).values())


def test_a_hook_is_mapped_and_a_resent_one_is_a_duplicate(
    listening: Listening, tmp_path: Path
) -> None:
    declare(listening, tickets_file(tmp_path))
    content = body(ticket("T1"), ticket("T2", "paid"))
    told = listening.post("/hooks/tickets", content, "application/json")
    assert told.status_code == 200
    answer = told.json()
    assert (answer["received"], answer["stored"], answer["quarantined"]) == (2, 1, 1)
    assert answer["faults"] == [{"line": 2, "reason": "unmapped", "field": "action"}]
    again = listening.post("/hooks/tickets", content, "application/json").json()
    assert (again["stored"], again["duplicates"]) == (0, 1)
    refused = listening.post("/hooks/tickets", b"{broken", "application/json")
    assert refused.status_code == 400
    assert listening.writer.check_identity() == []


def test_a_shipped_source_takes_what_its_system_sends(listening: Listening) -> None:
    declare(listening, Path("nowhere"))
    for source, name in (
        ("netsuite-us", "netsuite/ledger.json"),
        ("mulesoft", "mulesoft/json_logger.ndjson"),
    ):
        content = (GOLDEN / name).read_bytes()
        answer = listening.post(f"/hooks/{source}", content, "application/json").json()
        assert answer["received"] == answer["stored"] + answer["quarantined"] + answer["skipped"]
        assert answer["stored"] >= 4
    told = listening.store.rows(
        "SELECT DISTINCT source, mapping, mapping_version FROM events ORDER BY 1"
    )
    assert sorted(tuple(row.values()) for row in told) == [
        ("mulesoft", "mulesoft", 1),
        ("netsuite-us", "netsuite", 1),
    ]


def test_a_signed_source_wants_its_signature(
    listening: Listening,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("HOOK_SECRET", KEY.decode())
    declare(listening, tickets_file(tmp_path))
    # The table of the signature stands before [mapping] in this file.
    path = tmp_path / "sources" / "tickets.toml"
    path.write_text(path.read_text().replace("[mapping]", GITHUB + "\n[mapping]", 1))
    declare(listening, tmp_path)
    content = body(ticket("T1"))
    good = {"X-Hub-Signature-256": f"sha256={mac(content).hex()}"}
    wrong = [{}, {"X-Hub-Signature-256": f"sha256={'0' * 64}"}, {"X-Hub-Signature-256": "sha256"}]
    answers = [
        listening.post("/hooks/tickets", content, "application/json", **each) for each in wrong
    ]
    assert {each.status_code for each in answers} == {401}
    assert len({each.text for each in answers}) == 1
    assert [one.getMessage() for one in caplog.records if one.levelname == "WARNING"] == [
        "a sender was refused: a hook of source tickets is not signed as its file says"
    ]
    assert listening.post("/hooks/tickets", content, "application/json", **good).status_code == 200
    monkeypatch.delenv("HOOK_SECRET")
    away = listening.post("/hooks/tickets", content, "application/json", **good)
    assert away.status_code == 503
    assert "HOOK_SECRET" not in away.text


def test_a_hook_of_nobody_says_what_to_do(listening: Listening, tmp_path: Path) -> None:
    declare(listening, source_file(tmp_path, "bare", 'name = "bare"\nrole = "erp"\nsystem = "sap"'))
    unknown = listening.post("/hooks/nobody", b"{}", "application/json")
    assert (unknown.status_code, unknown.json()["todo"]) == (404, "Put a file for it into sources/")
    bare = listening.post("/hooks/bare", b"{}", "application/json")
    assert bare.status_code == 404
    assert "[mapping]" in bare.json()["todo"]
    assert listening.store.rows("SELECT delivery FROM deliveries") == []


def test_the_time_of_a_real_request_is_real(
    listening: Listening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", KEY.decode())
    text = SCHEMES["stripe"][0] + '\nsecret = { env = "HOOK_SECRET" }'
    source_file(tmp_path, "pay", f'name = "pay"\nrole = "erp"\nsystem = "psa"\n[signature]\n{text}')
    declare(listening, tmp_path)
    content = json.dumps({"event": "x"}).encode()
    now = int(time.time())
    for at, status in ((now, 200), (now - 3600, 401)):
        headers = stripe(content, at)
        told = listening.post("/hooks/pay", content, "application/json", **headers)
        assert told.status_code == status


def test_beyond_loopback_a_signature_authorizes_for_its_source_and_an_unsigned_hook_needs_a_token(
    listen: Listen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", KEY.decode())
    door = listen(http=HttpSettings(host="0.0.0.0"))
    declare(door, tickets_file(tmp_path))
    content = body(ticket("T1"))
    assert door.post("/hooks/tickets", content, "application/json").status_code == 401
    assert door.access.register is not None
    _, text = door.access.register.create("one", ["tickets"])
    door.access.reload()
    known = {"authorization": f"Bearer {text}"}
    assert door.post("/hooks/tickets", content, "application/json", **known).status_code == 200
    other = 'source = "netsuite-us"\n"object.type"'
    for signed in (False, True):
        path = tickets_file(tmp_path, version=2 + signed) / "sources" / "tickets.toml"
        written = path.read_text().replace("[mapping]", GITHUB + "\n[mapping]", 1)
        path.write_text(written.replace('"object.type"', other, 1) if signed else written)
        declare(door, tmp_path)
        good = {"X-Hub-Signature-256": f"sha256={mac(content).hex()}"}
        assert door.post("/hooks/tickets", content, "application/json", **known).status_code == 401
        answer = door.post("/hooks/tickets", content, "application/json", **good)
        assert answer.status_code == 200
        # The records of a signed hook speak for no other source.
        assert answer.json()["quarantined"] == signed
    assert answer.json()["faults"][0]["reason"] == "not_allowed"
    # Who has signed once may still not send elsewhere.
    assert door.post("/v1/events", b"{}", "application/x-ndjson", **good).status_code == 401


def test_beyond_loopback_who_has_no_token_is_not_told_which_sources_there_are(
    listen: Listen, tmp_path: Path
) -> None:
    door = listen(http=HttpSettings(host="0.0.0.0"))
    declare(door, source_file(tmp_path, "bare", 'name = "bare"\nrole = "erp"\nsystem = "sap"'))
    declare(door, tickets_file(tmp_path))
    paths = [f"/hooks/{name}" for name in ("nobody", "bare", "tickets")]
    answers = [door.post(path, b"{}", "application/json") for path in paths]
    assert [each.status_code for each in answers] == [401, 401, 401]
    assert len({each.text for each in answers}) == 1
    assert door.access.register is not None
    _, text = door.access.register.create("all", [])
    door.access.reload()
    known = {"authorization": f"Bearer {text}"}
    assert door.post("/hooks/nobody", b"{}", "application/json", **known).status_code == 404


def test_a_sender_cannot_make_a_replay(listening: Listening, tmp_path: Path) -> None:
    declare(listening, tickets_file(tmp_path))
    first = listening.post("/hooks/tickets", body(ticket("T1")), "application/json").json()
    forged = json.dumps({"replays": first["delivery"], "by": "me"}).encode()
    listening.post("/hooks/tickets", forged, "application/vnd.revtrace.replay+json")
    assert listening.store.value("SELECT countIf(replays != '') FROM v_deliveries") == 0
