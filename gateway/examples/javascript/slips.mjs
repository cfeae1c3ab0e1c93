// A complete sender in JavaScript: files a slip, and sends it again until it is answered.
//
//   NATS_URL=nats://127.0.0.1:4222 NATS_PASSWORD_FILE=run/demo/nats/sms.password \
//     node slips.mjs demo 10101 1250.00
import { readFileSync } from "node:fs";
import { connect } from "@nats-io/transport-node";

const [site, asset, amount] = process.argv.slice(2);
const nc = await connect({
  servers: process.env.NATS_URL ?? "nats://127.0.0.1:4222",
  user: "sms",
  pass: readFileSync(process.env.NATS_PASSWORD_FILE, "utf8").trim(),
  inboxPrefix: "_INBOX_sms",
  maxReconnectAttempts: -1,
});

const now = new Date().toISOString();
const number = now.replace(/\D/g, "");
const message = JSON.stringify({
  specversion: "1.0",
  id: `slip-${number}`,
  type: "sms.slip.filed.v1",
  source: `/${site}/sms`,
  time: now,
  site,
  data: { slip: number, kind: "jackpot", asset, amount: { amount, currency: "USD" }, at: now },
});

// The same slip under the same id is taken once, however often it is sent.
let told;
for (let pause = 500; ; pause = Math.min(2 * pause, 30_000)) {
  try {
    const answer = await nc.request(`sms.v1.${site}.slip.filed.${asset}`, message, { timeout: 10_000 });
    told = answer.json();
    if (!told.again) break;
    console.log(`not now: ${told.reason}`);
  } catch (error) {
    console.log(`not answered (${error.message}); sending it again`);
  }
  await new Promise((resolve) => setTimeout(resolve, pause));
}
console.log(JSON.stringify(told));
await nc.close();
process.exit(told.accepted ? 0 : 1);
