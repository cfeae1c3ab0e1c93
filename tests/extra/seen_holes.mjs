// The example's Seen finds each planted hole in whatever order events come, and none on a clean day.
import { Seen } from "./seen.mjs";

let random = 7;
const below = (n) => (random = (random * 48271) % 2147483647) % n;
const event = (n, name = "handpay.pending", data = {}) => ({
  id: `edge1.b1.${n}`, type: `slot.${name}.v1`, familysequence: String(n).padStart(16, "0"), data,
});
const beat = (n, heads) => event(n, "gateway.heartbeat", { last_familysequence: heads });

function day(planted) {
  const seen = new Seen();
  seen.take(beat(1, { gateway: 1 }));
  const numbers = Array.from({ length: 1000 }, (_, i) => i + 1).filter((n) => !planted.has(n));
  for (let i = 0; i < numbers.length; i += 1) { // late by up to twenty
    const j = Math.min(numbers.length - 1, i + below(20));
    [numbers[i], numbers[j]] = [numbers[j], numbers[i]];
  }
  for (const n of numbers) {
    if (!seen.take(event(n))) throw new Error(`${n} is new and was called a double`);
    if (below(10) === 0 && seen.take(event(n))) throw new Error(`${n} came twice unnoticed`);
  }
  seen.take(beat(2, { gateway: 2, handpay: 1000 }));
  const found = new Set();
  for (const { first, last } of seen.holes(["handpay"])) {
    for (let n = first; n <= last; n += 1) found.add(n);
  }
  return found;
}

const planted = new Set([1, 1000, ...Array.from({ length: 48 }, (_, i) => 7 + 20 * i)]);
const found = day(planted);
const same = found.size === planted.size && [...found].every((n) => planted.has(n));
const clean = day(new Set());
console.log(`${found.size} of ${planted.size} planted holes found, ${clean.size} on a clean day`);
process.exit(same && clean.size === 0 ? 0 : 1);
