// A complete consumer in JavaScript: who waits for a handpay now, and what follows, nothing missed.
//
//   NATS_URL=nats://127.0.0.1:4222 NATS_PASSWORD_FILE=run/demo/nats/integrator.password \
//     node handpays.mjs demo
import { readFileSync } from "node:fs";
import { connect } from "@nats-io/transport-node";
import { Seen } from "./seen.mjs";
import { Start } from "./start.mjs";

const site = process.argv[2] ?? "demo";
const nc = await connect({
  servers: process.env.NATS_URL ?? "nats://127.0.0.1:4222",
  user: "integrator",
  pass: readFileSync(process.env.NATS_PASSWORD_FILE, "utf8").trim(),
  inboxPrefix: "_INBOX_integrator",
  maxReconnectAttempts: -1,
});

const start = new Start(nc, site, {
  SLOT_MONEY: `slot.v1.${site}.*.handpay.>`,
  SLOT_LINK: `slot.v1.${site}.*.gateway.heartbeat.*`,
});
const seen = new Seen();
const waiting = new Map();
for (const { asset, state } of await start.begin()) {
  if (state.handpay) waiting.set(asset, state.handpay);
}
console.log(`${waiting.size} machines wait for a handpay`);

// An event may come a little later than one with a higher number; a hole that stays is a hole.
let before = new Set();
setInterval(() => {
  const now = new Set(seen.holes(["handpay"]).map((hole) => JSON.stringify(hole)));
  for (const hole of now) if (before.has(hole)) console.log(`missing: ${hole}`);
  before = now;
}, 60_000).unref();

await start.follow((event) => {
  seen.take(event);
  if (!event.type.startsWith("slot.handpay.")) return;
  // another type, now or of a later version, changes nothing here
  if (/\.(reset|cancelled|keyedoff)\./.test(event.type)) waiting.delete(event.subject);
  else if (/\.(pending|amountknown)\./.test(event.type)) waiting.set(event.subject, event.type);
  const money = event.data.amount ? `${event.data.amount.amount} ${event.data.amount.currency}` : "";
  console.log(event.time, event.location, event.type, money);
});
