// Fills and validates a document again and again: bytes in, bytes out.
//
// `fill.mjs SCHEMA DOCUMENT TIMES RESULT` prints nanoseconds a time, the median of ten parts.

import { readFileSync, writeFileSync } from "node:fs";
import { Ajv } from "ajv";

const PARTS = 10;

const [schema, document, times, result] = process.argv.slice(2);
const validate = new Ajv({ useDefaults: true }).compile(JSON.parse(readFileSync(schema)));
const bytes = readFileSync(document);
const each = Math.ceil(Number(times) / PARTS);

function fill() {
  const value = JSON.parse(bytes);
  if (!validate(value)) throw new Error(JSON.stringify(validate.errors));
  return Buffer.from(JSON.stringify(value));
}

const parts = [];
let filled;
for (let part = 0; part < PARTS; part++) {
  const started = process.hrtime.bigint();
  for (let time = 0; time < each; time++) filled = fill();
  parts.push(Number(process.hrtime.bigint() - started) / each);
}
parts.sort((a, b) => a - b);
console.log(Math.round(parts[PARTS / 2]));
writeFileSync(result, filled);
