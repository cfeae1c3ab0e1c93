// Which events were handled, and which numbers are missing. Events of a family are numbered without
// a hole for each gateway and start of it (birth); the gateway's heartbeat tells how far each
// family has come, so the newest event can be missed too. In memory: a real consumer keeps this
// beside what it writes, in the same transaction.
export class Seen {
  constructor() {
    this.doubles = 0;
    this.beats = new Set(); // gateways that a heartbeat has come from
    this.families = new Map(); // "gateway family" -> { ranges: [[first, last]], base, head }
  }

  // Take an event; false if it was taken before: tell by the id, never by Nats-Msg-Id.
  take(event) {
    const [gateway] = event.id.split(".");
    const family = event.type.split(".")[1];
    const fresh = this.#add(gateway, family, Number(event.familysequence));
    if (!fresh) this.doubles += 1;
    if (event.type.startsWith("slot.gateway.heartbeat.")) {
      const earlier = this.beats.has(gateway); // a family not named by then had told nothing
      this.beats.add(gateway);
      for (const [name, last] of Object.entries(event.data.last_familysequence)) {
        const one = this.#of(gateway, name);
        one.base ??= earlier ? 0 : last;
        one.head = Math.max(one.head ?? 0, last);
      }
    }
    return fresh;
  }

  // Return what is missing of families read whole: between two numbers, after the first heartbeat,
  // and up to what the last one told.
  holes(families) {
    const found = [];
    for (const [key, { ranges, base, head }] of this.families) {
      const family = key.split(" ")[1];
      if (families && !families.includes(family)) continue;
      if (!ranges.length && !families) continue; // it is not known whether it is read at all
      const first = ranges.length ? ranges[0][0] : Infinity;
      let due = Math.min(first, base === undefined ? Infinity : base + 1);
      for (const [from, to] of ranges) {
        if (due < from) found.push({ family, first: due, last: from - 1 });
        due = Math.max(due, to + 1);
      }
      if (head !== undefined && due <= head) found.push({ family, first: due, last: head });
    }
    return found;
  }

  #of(gateway, family) {
    const key = `${gateway} ${family}`;
    if (!this.families.has(key)) this.families.set(key, { ranges: [] });
    return this.families.get(key);
  }

  #add(gateway, family, n) {
    const { ranges } = this.#of(gateway, family);
    let at = ranges.length; // nearly always at the end
    while (at > 0 && ranges[at - 1][0] > n) at -= 1;
    const before = ranges[at - 1];
    if (before && n <= before[1]) return false;
    const joins = before && before[1] === n - 1;
    const after = ranges[at];
    if (after && after[0] === n + 1) {
      after[0] = joins ? before[0] : n;
      if (joins) ranges.splice(at - 1, 1);
    } else if (joins) {
      before[1] = n;
    } else {
      ranges.splice(at, 0, [n, n]);
    }
    return true;
  }
}
