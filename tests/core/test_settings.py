"""Settings: where they come from, what is refused, and what they never show."""

import logging
from io import StringIO
from pathlib import Path

import pytest

from core.clock import FixedClock, SystemClock
from core.errors import ConfigInvalid
from core.settings import Section, Settings, load_settings
from core.store.driver import masked
from core.telemetry import configure_logging

DSN = "clickhouse://writer:pass-word@warehouse.example:8443/revtrace?secure=true"


@pytest.fixture(autouse=True)
def _somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file or variable of the one who runs the tests takes part."""
    monkeypatch.chdir(tmp_path)


def test_the_file_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "revtrace.toml").write_text('cluster = "east"\n[http]\nport = 1\nhost = "::1"\n')
    monkeypatch.setenv("REVTRACE_HTTP__PORT", "2")
    found = load_settings()
    assert (found.cluster, found.http.host, found.http.port) == ("east", "::1", 2)


@pytest.mark.parametrize("text", ["prot = 1", "[http]\nprot = 1"])
def test_a_key_nobody_knows_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "revtrace.toml").write_text(text)
    with pytest.raises(ConfigInvalid, match="prot"):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "says"),
    [
        ("REVTRACE_HTPP__PORT", "REVTRACE_HTPP__PORT is unknown; did you mean REVTRACE_HTTP__PORT"),
        ("REVTRACE_HTTP_PORT", "did you mean REVTRACE_HTTP__PORT"),
        ("revtrace_confg", "did you mean REVTRACE_CONFIG"),
        ("REVTRACE_HOME__PORT", "REVTRACE_HOME__PORT is unknown"),
        ("REVTRACE_MY_SECRET", "only settings begin with REVTRACE_"),
        ("REVTRACE_PORT", "REVTRACE_PORT is unknown"),
    ],
)
def test_a_variable_that_is_no_setting_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, says: str
) -> None:
    monkeypatch.setenv(variable, "4319")
    with pytest.raises(ConfigInvalid, match=says):
        load_settings()
    monkeypatch.setenv(variable, "")
    load_settings()


def test_what_kubernetes_sets_for_a_service_of_that_name_is_no_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (
        ("SERVICE_HOST", "10.0.0.1"),
        ("SERVICE_PORT_HTTP", "4318"),
        ("PORT", "tcp://10.0.0.1:4318"),
        ("COLLECTOR_PORT_4318_TCP", "tcp://10.0.0.1:4318"),
        ("PORT_4318_TCP_ADDR", "10.0.0.1"),
    ):
        monkeypatch.setenv(f"REVTRACE_{name}", value)
    load_settings()


def test_an_instant_without_an_offset_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVTRACE_NOW", "2026-09-30T12:00:00")
    with pytest.raises(ConfigInvalid, match="offset"):
        load_settings()


def test_the_clock_stands_still_when_now_is_set() -> None:
    assert isinstance(load_settings().clock(), SystemClock)
    assert isinstance(load_settings(now="2026-09-30T12:00:00Z").clock(), FixedClock)


def test_the_warehouse_is_in_the_home_unless_it_is_said() -> None:
    found = load_settings(home="here")
    assert found.dsn() == f"chdb://{Path.cwd() / 'here' / 'warehouse'}"
    assert found.embedded()
    assert load_settings(warehouse=DSN).dsn() == DSN
    assert not load_settings(warehouse=DSN).embedded()


def test_the_password_of_the_warehouse_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVTRACE_WAREHOUSE", DSN)
    found = load_settings()
    shown = [repr(found), str(found), found.model_dump_json(), masked(found.dsn())]
    log = StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure_logging(stream=log)
    logging.getLogger("revtrace").info("opening %s", found.dsn(), extra={"settings": found})
    root.handlers[:] = before
    root.setLevel(level)
    shown.append(log.getvalue())
    assert [text for text in shown if "pass-word" in text] == []
    assert "writer:***@warehouse.example" in log.getvalue()


def test_a_wrong_value_of_a_secret_is_not_repeated_in_the_refusal() -> None:
    with pytest.raises(ConfigInvalid) as caught:
        load_settings(warehouse=["pass-word"], alerts={"webhook_secret": {"key": "pass-word"}})
    assert "pass-word" not in str(caught.value)


@pytest.mark.parametrize(
    "dsn",
    [
        "clickhouse://writer@host:8123",
        "chdb:///folder/with:colon@sign",
        "clickhouse://host/?user=writer&password=pass-word",
        "clickhouse://host/?access_token=pass-word",
        "clickhouse://:pass-word@host",
        "clickhouse://writer:pass:word@host",
    ],
)
def test_a_masked_dsn_keeps_its_place_and_loses_its_secret(dsn: str) -> None:
    said = masked(dsn)
    assert "pass" not in said.replace("password=", "")
    assert "word@" not in said
    assert said.split("?")[0].endswith(dsn.split("@")[-1].split("?")[0])


def test_no_setting_is_without_a_reason() -> None:
    without = [
        f"{name}.{key}"
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
        for key, inner in field.annotation.model_fields.items()
        if not inner.description
    ]
    assert without == []
