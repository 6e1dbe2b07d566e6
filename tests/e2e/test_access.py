"""Beyond loopback: a whole service with tokens and TLS, what revokes them, and what it logs."""

import itertools
import json
import os
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from core.store import Store
from tests.e2e.events import event, lines
from tests.e2e.service import Home
from tests.server.genuine import WRITER_PASSWORD, GenuineServer

NDJSON = "application/x-ndjson"
LINES = lines([event("time_entry", "TE-1", "approved", "psa", 1)])
WEBHOOK_SECRET = "whk-4711-never-told"
_numbers = itertools.count(1)


@pytest.fixture
def home(server: GenuineServer, tmp_path: Path) -> Iterator[Home]:
    """A home whose collector listens beyond loopback, on a genuine server, and logs all it can."""
    database = f"access_{os.getpid()}_{next(_numbers)}"
    yield Home(
        tmp_path,
        {
            "REVTRACE_WAREHOUSE": server.dsn(),
            "REVTRACE_DATABASE": database,
            "REVTRACE_HTTP__HOST": "0.0.0.0",
            "REVTRACE_LOG__LEVEL": "debug",
            "REVTRACE_LOG__SHAPE": "json",
            "REVTRACE_ALERTS__WEBHOOK_SECRET": WEBHOOK_SECRET,
            "REVTRACE_ACCESS__RELOAD_SECONDS": "0.2",
        },
    )
    store = Store.open(server.dsn(), database=database)
    store.drop()
    store.close()


def post(url: str, token: str = "", **more: str) -> httpx.Response:
    headers = {"content-type": NDJSON, **more}
    headers |= {"authorization": f"Bearer {token}"} if token else {}
    return httpx.post(f"{url}/v1/events", content=LINES, headers=headers, timeout=60)


def until_status(url: str, token: str, code: int) -> None:
    """Ask again until a token is answered so; a revocation is in force within seconds."""
    last = time.monotonic() + 10
    while (answer := post(url, token)).status_code != code:
        assert time.monotonic() < last, answer.text
        time.sleep(0.05)


def test_tokens_let_in_and_keep_out_and_no_secret_is_logged(home: Home, tmp_path: Path) -> None:
    with home.start("collect") as collect:
        url = collect.told["collector"]
        refused = post(url)
        assert refused.status_code == 401
        assert "tokens create" in refused.json()["todo"]
        made = home.ask("tokens", "create", "psa", "--source", "psa", "--expires", "90d")
        token = made["token"]
        # Through the collector that runs on this home, so it is known there at once.
        assert post(url, token).json()["stored"] == 1
        assert post(url, token, **{"x-api-secret": "x"}).json()["duplicates"] == 1
        assert httpx.get(f"{url}/metrics").status_code == 401
        assert httpx.get(f"{url}/readyz").json()["status"] == "ready"
        wrong = f"{token[:-1]}{'a' if token[-1] != 'a' else 'b'}"
        assert post(url, wrong).status_code == 401
        # From another home the same warehouse tells of it, and the collector reads it again.
        other = Home(tmp_path / "other", home.settings)
        other.folder.mkdir()
        scoped = other.ask("tokens", "create", "elsewhere", "--source", "erp")["token"]
        until_status(url, scoped, 200)
        other.ask("tokens", "revoke", "elsewhere")
        until_status(url, scoped, 401)
        home.ask("tokens", "revoke", "psa")
        assert post(url, token).status_code == 401
        listed = home.run("tokens", "list", "--json")
        states = {each["name"]: each["state"] for each in json.loads(listed.stdout)["tokens"]}
        assert states == {"psa": "revoked", "elsewhere": "revoked"}
        collect.stop()
    said = collect.log.read_text(encoding="utf-8") + listed.stdout
    for secret in (token, token[-43:], scoped[-43:], wrong[-43:], WRITER_PASSWORD, WEBHOOK_SECRET):
        assert secret not in said
    logged = [json.loads(line) for line in collect.log.read_text(encoding="utf-8").splitlines()]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in logged)
    answered = [line for line in logged if line["message"] == "answered"]
    assert {line["code"] for line in answered} == {200, 401}
    assert all(line["request_id"] for line in answered)
    assert any("no token yet" in line["message"] for line in logged)


def test_up_speaks_https_and_brings_its_own_demo_in(tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        + ["-nodes", "-days", "2", "-subj", "/CN=collector.example"]
        + ["-addext", "subjectAltName=IP:127.0.0.1"]
        + ["-out", str(certificate), "-keyout", str(key)],
        check=True,
        capture_output=True,
    )
    settings = {
        "REVTRACE_HTTP__HOST": "0.0.0.0",
        # Relative, as a person would write it.
        "REVTRACE_HTTP__TLS_CERTIFICATE": "certificate.pem",
        "REVTRACE_HTTP__TLS_KEY": "key.pem",
    }
    home = Home(tmp_path, settings)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with home.start("up", "--demo") as up:
        url = up.told["collector"]
        assert url.startswith("https://")
        with httpx.Client(base_url=url, verify=trusting) as client:
            assert client.get("/healthz").status_code == 200
            token = home.ask("tokens", "create", "me")["token"]
            known = {"authorization": f"Bearer {token}"}
            stored, last = 0.0, time.monotonic() + 60
            while not stored and time.monotonic() < last:
                for line in client.get("/metrics", headers=known).text.splitlines():
                    if line.startswith('revtrace_collector_records_total{fate="stored"}'):
                        stored = float(line.split()[1])
                time.sleep(0.1)
            assert stored > 0, up.log.read_text()[-2000:]
        up.stop()
    wrong = Home(tmp_path, settings | {"REVTRACE_HTTP__TLS_KEY": "none.pem"})
    refused = wrong.run("up")
    assert refused.returncode == 2
    assert refused.stderr.startswith("revtrace: http.tls_key, ")
    assert refused.stderr.count("\n") == 1
