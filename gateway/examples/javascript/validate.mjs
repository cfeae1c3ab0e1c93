// Validates every event of a floor against the contract, as an integrator's test would.
//
//   slotgw contracts export contract
//   NATS_URL=... NATS_USER=consumer NATS_PASSWORD_FILE=... CONTRACT=contract SECONDS=600 \
//     node validate.mjs
//
// Prints one line of JSON at the end: events by type, failures, holes. Exit status 0: none failed.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { connect } from "@nats-io/transport-node";
import { DeliverPolicy, jetstream } from "@nats-io/jetstream";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { Seen } from "./seen.mjs";

const folder = join(process.env.CONTRACT, "schemas");
const user = process.env.NATS_USER ?? "integrator";
const streams = (
  process.env.STREAMS ?? "SLOT_PLAY SLOT_SIGNIFICANT SLOT_MONEY SLOT_METERS SLOT_LINK SLOT_CARD"
).split(" ");

// The schemas are open, so that a later version may add fields. A test wants to know of fields that
// the contract does not name: closed, at every depth.
function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== "object") return schema;
  const made = Object.fromEntries(Object.entries(schema).map(([key, one]) => [key, closed(one)]));
  if (schema.properties && typeof schema.properties === "object" && !("type" in schema.properties
      && typeof schema.properties.type === "string") && !("additionalProperties" in schema)) {
    made.additionalProperties = false;
  }
  return made;
}

const ajv = new Ajv2020({ allErrors: true, strict: false });
addFormats(ajv);
const validators = new Map();
for (const name of readdirSync(folder)) {
  const schema = JSON.parse(readFileSync(join(folder, name), "utf8"));
  const type = schema.properties?.type?.const;
  if (type) validators.set(type, ajv.compile(closed({ ...schema, examples: undefined })));
}

// A check that cannot fail is none: each example fits, and with a field more it does not.
for (const name of readdirSync(join(process.env.CONTRACT, "examples"))) {
  const example = JSON.parse(readFileSync(join(process.env.CONTRACT, "examples", name), "utf8"));
  const validate = validators.get(example.type);
  const more = { ...example, data: { ...example.data, unheard_of: 1 } };
  if (!validate?.(example) || validate(more)) {
    console.error(`the schema of ${name} does not tell its example from a wrong one`);
    process.exit(2);
  }
}

const nc = await connect({
  servers: process.env.NATS_URL,
  user,
  pass: readFileSync(process.env.NATS_PASSWORD_FILE, "utf8").trim(),
  inboxPrefix: `_INBOX_${user}`,
});
const js = jetstream(nc);
const types = {};
const failures = [];
const seen = new Seen();
let events = 0;
let failed = 0;

function take(message) {
  let event;
  try {
    event = message.json();
  } catch (error) {
    event = { type: "no JSON", id: String(message.seq) };
  }
  events += 1;
  types[event.type] = (types[event.type] ?? 0) + 1;
  const validate = validators.get(event.type);
  if (!validate || !validate(event)) {
    failed += 1;
    if (failures.length < 20) {
      failures.push({ type: event.type, id: event.id, why: ajv.errorsText(validate?.errors) });
    }
  }
  seen.take(event);
}

const readers = [];
for (const stream of streams) {
  const consumer = await js.consumers.get(stream, { deliver_policy: DeliverPolicy.All });
  const messages = await consumer.consume({ max_messages: 500 });
  readers.push(messages);
  (async () => {
    for await (const message of messages) take(message);
  })();
}

const started = Date.now();
async function end() {
  for (const one of readers) one.stop();
  await nc.close();
  const holes = seen.holes();
  console.log(JSON.stringify({
    seconds: Math.round((Date.now() - started) / 1000), events, failed, failures,
    schemas: validators.size, kinds: Object.keys(types).length, doubles: seen.doubles, holes, types,
  }));
  process.exit(failed || !events ? 1 : 0);
}
setTimeout(end, Number(process.env.SECONDS ?? 600) * 1000);
process.on("SIGTERM", end);
