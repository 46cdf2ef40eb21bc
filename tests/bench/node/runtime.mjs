// Serves a handler: what Lambda's own runtime for Node does, in as few lines as can be. That one
// compiles C++ when it is installed, which is too much to ask of a machine for a benchmark.

import { Agent, request } from "node:http";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const base = "/2018-06-01/runtime/invocation";
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body) {
  const headers = body ? { "content-length": Buffer.byteLength(body) } : {};
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, path, method, agent, headers }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve([answer.headers, Buffer.concat(parts)]));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

export async function serve(handler) {
  for (;;) {
    const [headers, event] = await call("GET", `${base}/next`);
    const id = headers["lambda-runtime-aws-request-id"];
    try {
      const answer = await handler(JSON.parse(event));
      await call("POST", `${base}/${id}/response`, JSON.stringify(answer));
    } catch (error) {
      const report = { errorType: error.name, errorMessage: error.message };
      await call("POST", `${base}/${id}/error`, JSON.stringify(report));
    }
  }
}
