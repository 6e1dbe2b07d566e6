"""What is transient is answered so that real exporters come again, and all of it is stored once."""

from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from collector.receivers.door import Door
from core.errors import StoreUnavailable
from tests import node
from tests.collector.conftest import Listening
from tests.collector.test_otlp import HERE

FAULTS = 2
RESOURCE = Resource.create({"service.name": "mulesoft"})


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The warehouse is away for the first commits; how often it was asked. The last of them is
    kept although its sender is told to come again, as happens when an answer is lost.
    """
    commit, made = Door.commit, [0]

    async def away(self: Door, delivery: Any) -> Any:
        made[0] += 1
        if made[0] < FAULTS:
            raise StoreUnavailable("the warehouse is away", retry_after_seconds=1)
        receipt = await commit(self, delivery)
        if made[0] == FAULTS:
            raise StoreUnavailable("the answer is lost", retry_after_seconds=1)
        return receipt

    monkeypatch.setattr(Door, "commit", away)
    return made


@pytest.mark.parametrize("protocol", ["http/json", "http/protobuf"])
def test_the_exporters_of_node_come_again(
    listening: Listening, tries: list[int], protocol: str
) -> None:
    answers = node.run(*node.otlp(protocol, listening.url, "A", compression="gzip"))
    assert [each["code"] for each in answers] == [0, 0]
    # The spans came FAULTS times too often, the records at once.
    assert tries == [FAULTS + 2]
    assert listening.store.value("SELECT count() FROM events") == 5
    assert listening.writer.check_identity() == []


def _spans(url: str) -> None:
    provider = TracerProvider(resource=RESOURCE, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{url}/v1/traces", timeout=60)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("x").start_as_current_span("post", attributes=HERE):
        pass
    provider.shutdown()


def _records(url: str) -> None:
    provider = LoggerProvider(resource=RESOURCE, shutdown_on_exit=False)
    exporter = OTLPLogExporter(endpoint=f"{url}/v1/logs", timeout=60)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    record = LogRecord(timestamp=1_790_762_400_000_000_000, attributes=HERE)
    provider.get_logger("x").emit(record)
    provider.shutdown()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("send", [_spans, _records], ids=["spans", "records"])
def test_the_exporters_of_python_come_again(
    listening: Listening, tries: list[int], send: Callable[[str], None]
) -> None:
    send(listening.url)
    assert tries == [FAULTS + 1]
    assert listening.store.value("SELECT count() FROM events") == 1
    assert listening.writer.check_identity() == []
