// Starts from the last known state and goes on with the streams: no hole, no double.
//
// The bucket slot_state says for each machine which events its state includes (a sequence), and
// under the key <site>.<gateway>._ from where in the streams all others come (the horizon). So: the
// horizons first, then the values, then the streams. See gateway/bus/start.py, its original.
import { DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";

const BUCKET = "KV_slot_state";

export class Start {
  // subjects: { STREAM: "filter" }
  constructor(nc, site, subjects) {
    this.nc = nc;
    this.site = site;
    this.subjects = subjects;
    this.handed = new Set();
  }

  // Return the last known state of every machine: { gateway, asset, birthid, sequence, state }.
  async begin() {
    const jsm = await jetstreamManager(this.nc);
    const born = await this.#subjectsOf(jsm, "SLOT_LINK", `slot.v1.${this.site}.*.gateway.*._`);
    const gateways = new Set(born.map((subject) => subject.split(".")[3]));
    const horizons = await this.#values(jsm, "*._");
    const values = (await this.#values(jsm, ">")).filter((one) => one.asset !== "_");
    this.horizons = new Map(horizons.map((one) => [one.gateway, one]));
    this.values = new Map(values.map((one) => [`${one.gateway} ${one.asset}`, one]));
    for (const one of values) gateways.add(one.gateway);
    this.first = {};
    for (const stream of Object.keys(this.subjects)) {
      const below = [...gateways].map((one) => this.horizons.get(one)?.streams?.[stream] ?? 0);
      const lowest = below.length ? Math.min(...below) : 0;
      const { state } = await jsm.streams.info(stream);
      this.first[stream] = lowest <= state.last_seq ? lowest + 1 : 1; // 1: made anew since
    }
    return values;
  }

  // Hand every event that no value includes to take(event), once each; for ever. Ordered consumers
  // begin again by themselves where they were when the connection was lost.
  async follow(take) {
    const js = jetstream(this.nc);
    await Promise.all(Object.entries(this.subjects).map(async ([stream, subject]) => {
      const consumer = await js.consumers.get(stream, {
        filter_subjects: subject,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: this.first[stream],
      });
      for await (const message of await consumer.consume()) {
        const event = message.json();
        const replayed = (message.headers?.get("Nats-Msg-Id") ?? "").includes("#r");
        if (this.#isNew(event, BigInt(message.info.timestampNanos), replayed)) take(event);
      }
    }));
  }

  #isNew(event, stored, replayed) {
    if (this.handed.has(event.id)) return false;
    const [gateway, birthid] = event.id.split(".");
    const includes = [this.values.get(`${gateway} ${event.subject ?? ""}`),
      this.horizons.get(gateway)].some((one) => one
        && Number(event.sequence) <= one.sequence
        && (birthid === one.birthid || replayed || stored <= one.stored));
    if (includes) return false;
    this.handed.add(event.id);
    if (this.handed.size > 100_000) this.handed.delete(this.handed.values().next().value);
    return true;
  }

  async #subjectsOf(jsm, stream, filter) {
    const { state } = await jsm.streams.info(stream, { subjects_filter: filter });
    return Object.keys(state.subjects ?? {});
  }

  async #values(jsm, keys) {
    const found = [];
    for (const subject of await this.#subjectsOf(jsm, BUCKET, `$KV.slot_state.${this.site}.${keys}`)) {
      const message = await jsm.streams.getMessage(BUCKET, { last_by_subj: subject });
      if (!message) continue;
      const [, , , gateway, asset] = subject.split(".");
      const stored = BigInt(Date.parse(message.timestamp)) * 1_000_000n
        + BigInt((message.timestamp.match(/\.\d{3}(\d*)/)?.[1] ?? "").padEnd(6, "0").slice(0, 6));
      found.push({ gateway, asset, stored, ...message.json() });
    }
    return found;
  }
}
