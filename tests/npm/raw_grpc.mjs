// Calls a gRPC method with HTTP/2 alone, to see where its status stands.
//
//   node raw_grpc.mjs ADDRESS PATH BODY_IN_HEX
//
// Prints the headers of the answer and its trailers, as JSON.
import http2 from "node:http2";

const [address, path, hex] = process.argv.slice(2);
const body = Buffer.from(hex, "hex");
const frame = Buffer.concat([Buffer.from([0]), Buffer.alloc(4), body]);
frame.writeUInt32BE(body.length, 1);

const session = http2.connect(address);
const call = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" });
const told = { headers: {}, trailers: {} };
call.on("response", (headers) => (told.headers = headers));
call.on("trailers", (trailers) => (told.trailers = trailers));
call.on("close", () => {
  console.log(JSON.stringify(told));
  session.close();
});
call.resume();
call.end(frame);
