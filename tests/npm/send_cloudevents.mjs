// Sends CloudEvents with the SDK of Node, as it makes them: structured, binary, and a batch of what
// it makes, since it has no batch of its own for sending.
//
//   node send_cloudevents.mjs URL NAME
//
// Prints what each request was answered, as JSON.
import { CloudEvent, HTTP } from "cloudevents";

const [url, name] = process.argv.slice(2);
const event = (id) =>
  new CloudEvent({
    id: `${name}-${id}`,
    source: "psa",
    type: "com.acme.time_entry.approved.v1",
    subject: `time_entry/TE-${name}-${id}`,
    time: "2026-09-28T09:00:00Z",
    correlationid: `corr-${name}`,
    data: { money: { amount: "80.00", currency: "EUR" }, context: { contract: "Café-7" } },
  });

async function post(headers, body) {
  const answer = await fetch(url, { method: "POST", headers, body, duplex: "half" });
  return { status: answer.status, ...(await answer.json()) };
}

const structured = HTTP.structured(event(1));
const binary = HTTP.binary(event(2));
const batch = JSON.stringify([event(3), event(4), event(1)]);
// A body of unknown length goes out in chunks.
const pieces = async function* (text) {
  for (const piece of text.match(/[^]{1,7}/g)) yield Buffer.from(piece);
};
console.log(
  JSON.stringify([
    await post(structured.headers, structured.body),
    await post(binary.headers, binary.body),
    await post({ "content-type": "application/cloudevents-batch+json" }, batch),
    await post(structured.headers, ReadableStream.from(pieces(structured.body))),
  ]),
);
