"""docs/ways-in.md is true: what can run here is run as it stands, and what MuleSoft and Boomi would
send is read out of what is written for them and sent.
"""

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource

from tests import node
from tests.e2e.service import Home, Service, until
from tests.e2e.written import Facts, MuleFile, Request, boomi_request, properties

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "examples" / "ways-in"
PAGE = (ROOT / "docs" / "ways-in.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
# The events of each example, in the order of the page.
SENT = {"sh": [2, 2], "python": [1, 1, 1, 1], "js": [1, 1, 1, 1]}
_numbers = itertools.count(1)


def _billing(platform: str) -> list[dict[str, Any]]:
    """Two records as a platform has mapped them."""
    return [
        {
            "id": f"BE-{platform}-{number}",
            "mappedAt": "2026-09-28T11:00:00Z",
            "amount": 120.5,
            "currency": "USD",
            "contract": "C-7",
            "timeEntry": f"TE-{platform}-{number}",
        }
        for number in (1, 2)
    ]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Service]]:
    home = Home(tmp_path_factory.mktemp("examples"))
    with home.start("up") as service:
        yield home, service


def _stored(home: Home) -> int:
    identity = home.ask("status")["identity"]
    assert identity["holds"]
    assert identity["quarantined"] == 0
    return int(identity["stored"])


def _run(language: str, text: str, home: Home) -> str:
    if language == "js":
        return node.run_text(text, home.folder)
    program = {"sh": ["bash", "-eu", "-c", text], "python": [sys.executable, "-c", text]}[language]
    ended = subprocess.run(
        program,
        cwd=home.folder,
        env=node.environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, f"{text}\n{ended.stdout}{ended.stderr}"
    return ended.stdout


def test_every_example_of_the_page_is_taken(up: tuple[Home, Service]) -> None:
    home, service = up
    languages = [language for language, _ in EXAMPLES]
    assert {each: languages.count(each) for each in languages} == {
        language: len(counts) for language, counts in SENT.items()
    }
    before = _stored(home)
    for language, text in EXAMPLES:
        there = text.replace("http://127.0.0.1:4318", service.told["collector"])
        there = there.replace("http://127.0.0.1:4317", service.told["grpc"])
        assert there != text
        printed = _run(language, there, home)
        assert '"quarantined":1' not in printed.replace(" ", ""), printed
    # What was answered is visible a moment later.
    wanted = before + sum(map(sum, SENT.values()))
    until(home, "status", holds=lambda told: told["identity"]["stored"] == wanted)
    assert _stored(home) == wanted


def _token(home: Home, source: str) -> str:
    made = home.ask("tokens", "create", f"{source}-{next(_numbers)}", "--source", source)
    return str(made["token"])


def _sent(service: Service, request: Request) -> dict[str, Any]:
    answer = httpx.request(
        request.method,
        f"{service.told['collector']}{request.path}",
        headers=request.headers,
        content=request.body,
        timeout=60,
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _event(home: Home, key: str) -> dict[str, Any]:
    """The one event of an object, be it on a path already or not."""
    document = until(home, "trace", key, holds=lambda found: _of(found, key))
    (event,) = _of(document, key)
    return event


def _of(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    places = [document, *document.get("paths", [])]
    events = {each["event_id"]: each for place in places for each in place.get("events", [])}
    return [each for each in events.values() if each["object"] == key]


def test_what_mulesoft_would_send_is_taken(up: tuple[Home, Service]) -> None:
    home, service = up
    token = _token(home, "mulesoft")
    facts: Facts = {
        "correlationId": "corr-77",
        "secure::revtrace.token": token,
        "rows": _billing("mule"),
        "vars": {"invoiceId": "INV-77", "failedAt": "2026-09-28T12:00:00Z"},
        "error": {"errorType": {"identifier": "CONNECTIVITY"}, "description": "ERP is away"},
    }
    file = MuleFile(FOLDER / "mulesoft" / "tell-revtrace.xml")
    (mapped,) = file.requests("tell-revtrace-mapped", facts, "rows")
    counts = _sent(service, mapped)
    assert (counts["received"], counts["stored"]) == (2, 2), counts
    # The flow runs again, as it does after an answer that was lost.
    assert _sent(service, mapped)["duplicates"] == 2
    (failed,) = file.requests("tell-revtrace-failed", facts)
    assert _sent(service, failed)["stored"] == 1
    told = _event(home, "invoice/INV-77")
    assert (told["outcome"], told["error_code"]) == ("failed", "CONNECTIVITY")
    told = _event(home, "billing_event/BE-mule-2")
    assert (told["source"], told["role"], told["amount"]) == ("mulesoft", "middleware", "120.50")


def test_what_the_opentelemetry_export_of_mule_would_send_is_taken(
    up: tuple[Home, Service],
) -> None:
    home, service = up
    facts: Facts = {"correlationId": "corr-78", "vars": {"invoiceId": "INV-78"}}
    file = MuleFile(FOLDER / "mulesoft" / "tell-revtrace.xml")
    ((message, attributes),) = file.logged("log-for-revtrace-posted", facts)
    told = properties(FOLDER / "mulesoft" / "open-telemetry.properties")
    prefix = "mule.openTelemetry"
    assert told[f"{prefix}.logging.exporter.type"] == "HTTP"
    endpoint = told[f"{prefix}.logging.exporter.endpoint"]
    there = endpoint.replace("http://127.0.0.1:4318", service.told["collector"])
    assert there != endpoint
    name = told[f"{prefix}.exporter.resource.service.name"]
    pairs = told[f"{prefix}.logging.exporter.headers"]
    header, value = pairs.replace("REVTRACE_TOKEN", _token(home, "mulesoft")).split("=", 1)
    exporter = OTLPLogExporter(endpoint=there, headers={header: value})
    provider = LoggerProvider(Resource.create({"service.name": name}), shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    provider.get_logger("LoggerMessageProcessor").emit(
        LogRecord(
            timestamp=1_790_596_800_000_000_000,
            severity_number=SeverityNumber.INFO,
            body=message,
            attributes=attributes | {"processorPath": "post-invoice/processors/2"},
        )
    )
    provider.shutdown()
    event = _event(home, "invoice/INV-78")
    assert (event["source"], event["action"], event["outcome"]) == ("mulesoft", "posted", "ok")


def test_what_boomi_would_send_is_taken(up: tuple[Home, Service]) -> None:
    home, service = up
    token = _token(home, "boomi")
    facts: Facts = {
        "correlationId": "execution-1",
        "properties": {"Authorization": f"Bearer {token}"},
        "billing": _billing("boomi"),
    }
    folder = FOLDER / "boomi"
    request = boomi_request(
        folder / "http-operation.xml", folder / "write-events.groovy", facts, "billing"
    )
    assert (request.method, request.path) == ("POST", "/v1/events")
    counts = _sent(service, request)
    assert (counts["received"], counts["stored"]) == (2, 2), counts
    told = _event(home, "billing_event/BE-boomi-1")
    assert (told["source"], told["role"]) == ("boomi", "middleware")
    assert told["event_id"] == "execution-1/BE-boomi-1"
    assert json.loads(request.body)[0]["links"][0]["id"] == "TE-boomi-1"
