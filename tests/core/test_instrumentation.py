"""The SDK of a process: what Prometheus reads, what is exported and where it never goes."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.sampling import Decision

from core import instrumentation
from core.instrumentation import ENDPOINT, Instrumentation, Limited, leads_home

ROOT = Path(__file__).resolve().parents[2]
DOORS = [("127.0.0.1", 4318), ("0.0.0.0", 4317)]


@pytest.mark.parametrize(
    ("endpoint", "home"),
    [
        ("http://127.0.0.1:4318", True),
        ("http://localhost:4318/v1/traces", True),
        ("http://[::1]:4318", True),
        ("localhost:4317", True),
        (f"http://{socket.gethostname()}:4317", True),
        ("http://127.0.0.1:4319", False),
        ("http://192.0.2.7:4318", False),
        ("http://no-such-host.invalid:4318", False),
        ("https://127.0.0.1", False),
        ("http://127.0.0.1:port", False),
    ],
)
def test_an_address_of_our_own_is_known(endpoint: str, home: bool) -> None:
    assert leads_home(endpoint, DOORS) is home


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, {}),
        ({ENDPOINT: "http://192.0.2.7:4318"}, {"traces": "http", "metrics": "http"}),
        (
            {ENDPOINT: "http://192.0.2.7:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            {"traces": "grpc", "metrics": "grpc"},
        ),
        ({ENDPOINT: "http://192.0.2.7:4318", "OTEL_TRACES_EXPORTER": "none"}, {"metrics": "http"}),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://192.0.2.7:1"}, {"traces": "http"}),
        ({ENDPOINT: "http://192.0.2.7:4318", "OTEL_SDK_DISABLED": "true"}, {}),
        ({ENDPOINT: "http://127.0.0.1:4318"}, {}),
        ({ENDPOINT: "http://192.0.2.7:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}, {}),
    ],
)
def test_only_what_is_asked_for_is_exported_and_never_to_ourselves(
    environment: dict[str, str], wanted: dict[str, str]
) -> None:
    assert instrumentation._wanted(environment, DOORS) == wanted


def test_a_number_of_traces_a_second_is_sampled_however_many_begin() -> None:
    now = 0.0
    sampler = Limited(5, lambda: now)

    def taken() -> int:
        found = [sampler.should_sample(None, 1, "x").decision for _ in range(1000)]
        return found.count(Decision.RECORD_AND_SAMPLE)

    assert taken() == 5
    now = 1.0
    assert taken() == 5
    now = 1.25
    assert taken() == 1
    none = Limited(0)
    assert {none.should_sample(None, 1, "x").decision for _ in range(3)} == {Decision.DROP}


def test_prometheus_reads_the_instruments_without_noise() -> None:
    observed = Instrumentation(environment={})
    observed.meter("tests").create_counter("revtrace.tests.things", "By", "Things").add(
        2, {"kind": "a"}
    )
    text, kind = observed.prometheus()
    assert kind.startswith("text/plain")
    assert text.decode().splitlines() == [
        "# HELP revtrace_tests_things_bytes_total Things",
        "# TYPE revtrace_tests_things_bytes_total counter",
        'revtrace_tests_things_bytes_total{kind="a"} 2.0',
    ]
    observed.close()


def test_request_commit_and_statements_are_one_trace_sent_to_a_receiver(tmp_path: Path) -> None:
    """In a process of its own, since a process has one tracer provider."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.collector.traced", str(tmp_path / "warehouse")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    assert ended.stdout.endswith("as it should be\n"), ended.stdout
