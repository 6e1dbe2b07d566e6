// Tells a small billing through the OpenTelemetry SDK's own exporters: spans of three services that
// are joined by span links alone, and a log record with a link of its own.
//
//   node send_otlp.mjs '{"protocol": "http/json", "traces": URL, "logs": URL, "name": "A"}'
//
// Prints what each exporter was told in the end, as JSON, and what it warned of. With `broken` one
// span has no action. `compression` may be "gzip"; `padding` is
// the length of an attribute that nobody asked for.
import { diag, DiagLogLevel, trace } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";

const packages = { "http/json": "http", "http/protobuf": "proto", grpc: "grpc" };
const asked = { compression: "none", timeoutMillis: 30000, padding: 0, ...JSON.parse(process.argv[2]) };
const kind = packages[asked.protocol];
const { OTLPTraceExporter } = await import(`@opentelemetry/exporter-trace-otlp-${kind}`);
const { OTLPLogExporter } = await import(`@opentelemetry/exporter-logs-otlp-${kind}`);

const hour = (clock) => new Date(Date.UTC(2026, 8, 28, clock));
const options = (url) => ({
  url,
  compression: CompressionAlgorithm[asked.compression === "gzip" ? "GZIP" : "NONE"],
  timeoutMillis: asked.timeoutMillis,
});
const about = (object, id, action, more = {}) => ({
  "revtrace.object.type": object,
  "revtrace.object.id": `${id}-${asked.name}`,
  "revtrace.action": action,
  "revtrace.context.legal_entity": "US01",
  "revtrace.context.contract": "C-1",
  "revtrace.money.amount": "120.50",
  "revtrace.money.currency": "USD",
  ...more,
});

// Spans and records are gathered first and exported by hand, so that the outcome of each is seen.
const spans = new InMemorySpanExporter();
function span(service, clock, attributes, madeFrom) {
  const resource = resourceFromAttributes({ "service.name": service });
  const provider = new NodeTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(spans)] });
  const links = madeFrom ? [{ context: madeFrom.spanContext() }] : [];
  const startTime = hour(clock - 1);
  const made = provider.getTracer("node").startSpan("work", { links, attributes, startTime, root: true });
  made.end(hour(clock));
  return made;
}

const records = [];
const gathered = {
  export: (found, done) => (records.push(...found), done({ code: 0 })),
  shutdown: async () => {},
  forceFlush: async () => {},
};
function log(service, clock, attributes) {
  const resource = resourceFromAttributes({ "service.name": service });
  const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter: gathered })] });
  provider.getLogger("node").emit({
    timestamp: hour(clock),
    severityNumber: SeverityNumber.INFO,
    body: "done",
    attributes,
  });
}

const nothing = () => {};
const warned = [];
const warn = (...said) => warned.push(said.join(" "));
diag.setLogger({ error: nothing, warn, info: nothing, debug: nothing, verbose: nothing }, DiagLogLevel.WARN);

const padding = asked.padding ? { "http.request.body": "x".repeat(asked.padding) } : {};
if (asked.broken) span("psa", 9, { "revtrace.object.type": "time_entry", "revtrace.object.id": "?" });
const entry = span("psa", 9, about("time_entry", "TE", "approved", { "revtrace.money.measure": "approved" }));
const billing = span("psa", 10, about("billing_event", "BE", "created", padding), entry);
span("mulesoft", 11, about("billing_event", "BE", "mapped", { "revtrace.attempt": 1 }));
span("netsuite-us", 13, about("invoice", "INV", "posted", { "revtrace.money.measure": "billed" }), billing);
span("psa", 13, { "http.method": "GET" });
const links = JSON.stringify([{ type: "invoice", id: `INV-${asked.name}`, relation: "from" }]);
log("netsuite-us", 14, about("journal_posting", "JP", "posted", { "revtrace.links": links }));
log("netsuite-us", 14, {});

const exported = (exporter, items) => new Promise((tell) => exporter.export(items, tell));
const exporters = [
  [new OTLPTraceExporter(options(asked.traces)), spans.getFinishedSpans()],
  [new OTLPLogExporter(options(asked.logs)), records],
];
const told = [];
for (const [exporter, items] of exporters) {
  const result = await exported(exporter, items);
  told.push({
    code: result.code,
    error: result.error ? String(result.error) : "",
    warned: warned.splice(0),
  });
  await exporter.shutdown();
}
console.log(JSON.stringify(told));
