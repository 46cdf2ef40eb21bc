// The decorator with ajv, which fills in defaults while it validates.

import { Agent, request } from "node:https";
import { Ajv } from "ajv";
import { serve } from "./runtime.mjs";

const api = new URL(process.env.WIDGETS_URL);
const agent = new Agent({ keepAlive: true });
const names = ["calm-pearl", "brave-otter", "quiet-maple", "swift-heron"];
const validate = new Ajv({ useDefaults: true }).compile({
  type: "object",
  properties: {
    name: { type: "string", minLength: 1, maxLength: 100 },
    color: { type: "string", minLength: 1, maxLength: 40, default: "blue" },
  },
  additionalProperties: false,
});

function post(path, body) {
  const { hostname: host, port } = api;
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, path, method: "POST", agent, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve([answer, text]));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

await serve(async (event) => {
  const widget = JSON.parse(event.body);
  widget.name ??= `${names[Math.floor(Math.random() * names.length)]}-${process.hrtime()[1] % 10000}`;
  if (!validate(widget)) {
    return { statusCode: 422, body: JSON.stringify(validate.errors) };
  }
  const [answer, text] = await post("/widgets", JSON.stringify(widget));
  const headers = { "content-type": answer.headers["content-type"] };
  return { statusCode: answer.statusCode, headers, body: text };
});
