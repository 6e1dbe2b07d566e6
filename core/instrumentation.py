"""The OpenTelemetry SDK of one process: its instruments read by Prometheus, and its spans and
metrics exported where the standard `OTEL_EXPORTER_OTLP_ENDPOINT` asks for it.

Everything else in revtrace knows the API only. Whatever is exported is bounded: a number of traces
a second, a queue that drops what it cannot hold, and nothing at all to revtrace's own doors, which
would tell of its telling for ever.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Decision, ParentBased, Sampler
from opentelemetry.sdk.trace.sampling import SamplingResult as Sampled
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

if TYPE_CHECKING:
    from opentelemetry.context import Context

LOG = logging.getLogger("revtrace.telemetry")

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
SIGNALS = {
    "traces": "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "metrics": "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
}
PROTOCOLS = {"http/protobuf": "http", "grpc": "grpc"}
EXPORTERS = "opentelemetry.exporter.otlp.proto"
CLOSE_SECONDS = 1.0

Door = tuple[str, int]


class Instrumentation:
    """The providers of a process. `close` MUST be called at the end; it flushes for a moment."""

    def __init__(
        self,
        *,
        own_doors: Iterable[Door] = (),
        spans_per_second: float = 0.0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        asked = os.environ if environment is None else environment
        self._registry = CollectorRegistry()
        readers: list[MetricReader] = [
            PrometheusMetricReader(
                disable_target_info=True, scope_info_enabled=False, registry=self._registry
            )
        ]
        self._tracer_provider: TracerProvider | None = None
        resource = Resource.create({"service.name": asked.get("OTEL_SERVICE_NAME") or "revtrace"})
        wanted = _wanted(asked, list(own_doors))
        if "metrics" in wanted:
            exporter = _exporter(wanted["metrics"], "metric_exporter", "OTLPMetricExporter")
            readers += [PeriodicExportingMetricReader(exporter)] if exporter else []
        # Examples of what was measured would cost more than all the rest.
        self._meter_provider = MeterProvider(
            readers, resource, shutdown_on_exit=False, exemplar_filter=AlwaysOffExemplarFilter()
        )
        if "traces" in wanted:
            exporter = _exporter(wanted["traces"], "trace_exporter", "OTLPSpanExporter")
            if exporter:
                self._trace(exporter, resource, spans_per_second)

    def meter(self, name: str) -> Meter:
        """The meter of a part of revtrace."""
        return self._meter_provider.get_meter(f"revtrace.{name}")

    def prometheus(self) -> tuple[bytes, str]:
        """What all instruments say now as Prometheus reads it, and the content type of that."""
        return generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4

    def close(self) -> None:
        """Export what is left, for a bounded time: whoever receives it may be away."""

        def shut() -> None:
            self._meter_provider.shutdown(CLOSE_SECONDS * 1000)
            if self._tracer_provider is not None:
                self._tracer_provider.shutdown()

        thread = threading.Thread(target=shut, name="telemetry-close", daemon=True)
        thread.start()
        thread.join(CLOSE_SECONDS)

    def _trace(self, exporter: Any, resource: Resource, spans_per_second: float) -> None:
        """Give the process its tracer provider, unless it was started with one from outside."""
        if isinstance(trace.get_tracer_provider(), TracerProvider):
            return
        limited = Limited(spans_per_second)
        sampler = ParentBased(
            root=limited, remote_parent_sampled=limited, remote_parent_not_sampled=ALWAYS_OFF
        )
        self._tracer_provider = TracerProvider(sampler, resource, shutdown_on_exit=False)
        self._tracer_provider.add_span_processor(BatchSpanProcessor(exporter))
        trace.set_tracer_provider(self._tracer_provider)


class Limited(Sampler):
    """Samples a number of traces a second, however many begin, and none of the rest."""

    def __init__(self, per_second: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._monotonic = monotonic
        self._holds = max(1.0, per_second) if per_second else 0.0
        self._left = self._holds
        self._at = monotonic()
        self._lock = threading.Lock()

    def should_sample(
        self,
        parent_context: "Context | None",
        trace_id: int,
        name: str,
        kind: trace.SpanKind | None = None,
        attributes: Any = None,
        links: Sequence[trace.Link] | None = None,
        trace_state: Any = None,
    ) -> Sampled:
        """Take one from what is left of this second."""
        with self._lock:
            now = self._monotonic()
            self._left = min(self._holds, self._left + (now - self._at) * self._per_second)
            self._at = now
            taken = self._left >= 1
            self._left -= taken
        return Sampled(Decision.RECORD_AND_SAMPLE if taken else Decision.DROP)

    def get_description(self) -> str:
        return f"Limited{{{self._per_second:g} a second}}"


def _wanted(asked: Mapping[str, str], own_doors: list[Door]) -> dict[str, str]:
    """Which signals are to be exported, and by which protocol; never to a door of our own."""
    if asked.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return {}
    found = {}
    for signal, variable in SIGNALS.items():
        endpoint = asked.get(variable) or asked.get(ENDPOINT) or ""
        if not endpoint or asked.get(f"OTEL_{signal.upper()}_EXPORTER", "otlp") == "none":
            continue
        named = asked.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_PROTOCOL")
        protocol = named or asked.get("OTEL_EXPORTER_OTLP_PROTOCOL") or "http/protobuf"
        if protocol not in PROTOCOLS:
            LOG.warning("%s are not exported: protocol %s is not known", signal, protocol)
        elif leads_home(endpoint, own_doors):
            LOG.warning("%s are not exported: %s leads to revtrace itself", signal, variable)
        else:
            found[signal] = PROTOCOLS[protocol]
    return found


def leads_home(endpoint: str, own_doors: Iterable[Door]) -> bool:
    """Say whether an address is one that this process listens on."""
    try:
        parts = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}")
        host, port = parts.hostname or "", parts.port or {"https": 443}.get(parts.scheme, 80)
    except ValueError:
        return False
    return any(port == own and _is_here(host, at) for at, own in own_doors)


def _is_here(host: str, listens_on: str) -> bool:
    """An address is this machine's when one may listen on it."""
    if host == listens_on:
        return True
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
    except OSError:
        return False
    for family, _, _, _, address in found:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((address[0], 0))
            except OSError:
                continue
            return True
    return False


def _exporter(protocol: str, module: str, name: str) -> Any:
    """The exporter of OpenTelemetry's own package, None where that is not installed."""
    try:
        return getattr(import_module(f"{EXPORTERS}.{protocol}.{module}"), name)()
    except ImportError:
        LOG.warning(
            "nothing is exported to %s: install opentelemetry-exporter-otlp-proto-%s",
            ENDPOINT,
            protocol,
        )
        return None
