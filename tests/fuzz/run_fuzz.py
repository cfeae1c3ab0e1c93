"""Throw spoiled frames and noise at the readers and count what gets through.

    .venv/bin/python tests/fuzz/run_fuzz.py --frames 10000000 --jobs 2

Four kinds of frames, in equal shares:

    flipped     a good frame with 1 to 3 bits flipped
    burst       a good frame with a burst of errors, at most 16 bits long
    random      an answer of the right length whose data and CRC are random: a CRC of 16 bits lets
                one in 65,536 through, and the count must be within 3 sigma of that
    stream      random bytes in random pieces, for each reader of the room in turn

Of the flipped and the burst none may be taken for a good answer. Half of all frames come whole,
half in drips. Answers without a CRC (an exception, ACK, NACK, busy) cannot be protected; how many
of them were taken for another is counted apart. Whatever comes, a reader gives a reply, asks for
more or raises a WireError; anything else ends the run with exit status 1.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from protocols.cards.reader import CardReader
from protocols.sas.crc import crc_ok
from protocols.sas.errors import WireError
from protocols.sas.listener import Listener
from protocols.sas.parmrk import ParmrkDecoder
from protocols.sas.polls import general_poll, parse_request
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import Reply
from protocols.sas.requests import RequestReader

VECTORS = Path(__file__).parents[1] / "protocols/sas/vectors"
CHUNK = 50_000
CHANCE = 2.0**-16
SIGMAS = 3
BURST_BITS_MAX = 16
STREAM_BYTES_MAX = 300

Exchange = tuple[bytes, bytes]


def good_exchanges() -> list[Exchange]:
    """Polls and good answers with a CRC, of every kind there is."""
    replies = json.loads((VECTORS / "replies.json").read_text())
    events = json.loads((VECTORS / "exceptions.json").read_text())
    pairs = [(bytes.fromhex(row["poll"]), bytes.fromhex(row["wire"])) for row in replies]
    for row in events:
        wire = bytes.fromhex(row["event"])
        pairs += [(general_poll(5), wire), (b"\x05\x1a", wire)]
    assert all(crc_ok(wire) for _, wire in pairs), "only answers with a CRC can be protected"
    return pairs


def short_exchanges() -> list[Exchange]:
    """Polls and answers without a CRC."""
    short = [(general_poll(1), bytes([code])) for code in (0x00, 0x11, 0x51, 0x81)]
    return [*short, (b"\x01\x1a", b"\x01\x00"), (b"\x01\x01\x51\x08", b"\x81"),
            (b"\x01\x01\x51\x08", b"\x01")]  # fmt: skip


def flipped(chance: random.Random, wire: bytes) -> bytes:
    """Flip one to three bits."""
    bits = int.from_bytes(wire, "big")
    for place in chance.sample(range(8 * len(wire)), chance.randint(1, 3)):
        bits ^= 1 << place
    return bits.to_bytes(len(wire), "big")


def burst(chance: random.Random, wire: bytes) -> bytes:
    """Spoil a run of bits: the first and the last of the run are flipped, those between may be."""
    total = 8 * len(wire)
    length = chance.randint(1, min(BURST_BITS_MAX, total))
    run = 1 if length == 1 else 1 | 1 << length - 1 | chance.getrandbits(length)
    first = chance.randint(0, total - length)
    # SAS sends the least significant bit of each byte first: the run is one of bits on the wire.
    bits = int.from_bytes(wire, "little") ^ run << first
    return bits.to_bytes(len(wire), "little")


def answer(chance: random.Random, poll: bytes, wire: bytes, early: Counter[str]) -> Reply:
    """Read an answer to its end, whole or in drips, and expect no more bytes after it.

    Counts in ``early`` the drips that seemed to be a whole answer before the last byte came: the
    bytes after them are what gives them away.

    Raises:
        WireError: it was refused.
    """
    reader = ReplyReader(poll)
    if chance.random() < 0.5:
        return reader.feed(wire) or reader.end()
    reply = None
    for at, value in enumerate(wire):
        reply = reader.feed(bytes([value]))
        if reply is not None and at < len(wire) - 1:
            kind = "with" if len(reply.raw) > 2 else "without"
            early[f"seemed whole too early, {kind} a CRC; refused by what followed"] += 1
    return reply or reader.end()


def spoil(chance: random.Random, frames: int, pairs: list[Exchange], counts: Counter[str]) -> None:
    """Count which spoiled frames are taken for good ones."""
    short = short_exchanges()
    for how in (flipped, burst):
        name = how.__name__
        for _ in range(frames):
            poll, wire = chance.choice(pairs)
            counts[name] += 1
            try:
                answer(chance, poll, how(chance, wire), counts)
            except WireError as error:
                counts[f"{name}: {error.kind}"] += 1
            else:
                counts[f"{name}: undetected"] += 1
        for _ in range(frames // 100):
            poll, wire = chance.choice(short)
            counts["without a CRC"] += 1
            try:
                answer(chance, poll, how(chance, wire), counts)
            except WireError:
                counts["without a CRC: refused"] += 1
            else:
                counts["without a CRC: taken for another answer"] += 1


def draw(chance: random.Random, frames: int, counts: Counter[str]) -> None:
    """Count how many random answers their random CRC lets through (8F takes any nine bytes)."""
    poll = b"\x01\x8f"
    for _ in range(frames):
        counts["random"] += 1
        try:
            answer(chance, poll, poll + chance.randbytes(11), counts)
        except WireError:
            continue
        counts["random: taken"] += 1


def stream(chance: random.Random, frames: int, pairs: list[Exchange], counts: Counter[str]) -> None:
    """Give noise to every reader of the room."""
    hear = Listener(0.0)
    at = 0.0

    def listen(data: bytes) -> None:
        nonlocal at
        at += chance.choice((0.0, 0.001, 0.02, 1.0))
        hear.hear(data, at)

    requests, marks, cards = RequestReader(), ParmrkDecoder(), CardReader()
    takers: list[Callable[[bytes], object]] = [
        lambda data: answer(chance, chance.choice(pairs)[0], data, Counter()),
        parse_request,
        requests.feed,
        marks.feed,
        cards.feed,
        listen,
    ]
    for turn in range(frames):
        data = chance.randbytes(chance.randint(0, chance.choice((8, 40, STREAM_BYTES_MAX))))
        counts["stream"] += 1
        try:
            takers[turn % len(takers)](data)
        except WireError:
            counts["stream: refused"] += 1


def chunk(seed: int, frames: int) -> Counter[str]:
    """Do one chunk of work; its seed and size give the same counts again."""
    chance = random.Random(seed)
    counts: Counter[str] = Counter()
    pairs = good_exchanges()
    share = frames // 4
    spoil(chance, share, pairs, counts)
    draw(chance, share, counts)
    stream(chance, share, pairs, counts)
    return counts


def run(frames: int, seed: int, jobs: int = 1) -> Counter[str]:
    """Do all the work, in chunks, on ``jobs`` processes."""
    sizes = [CHUNK] * (frames // CHUNK) + ([frames % CHUNK] if frames % CHUNK else [])
    seeds = [seed + number for number in range(len(sizes))]
    counts: Counter[str] = Counter()
    if jobs == 1:
        for one, size in zip(seeds, sizes, strict=True):
            counts += chunk(one, size)
        return counts
    with ProcessPoolExecutor(jobs) as pool:
        for part in pool.map(chunk, seeds, sizes):
            counts += part
    return counts


def verdict(counts: Counter[str]) -> list[str]:
    """Say what is wrong with the counts; nothing if all is well."""
    wrong = [
        f"{counts[f'{name}: undetected']} frames ({name}) were taken for good ones"
        for name in ("flipped", "burst")
        if counts[f"{name}: undetected"]
    ]
    total, taken = counts["random"], counts["random: taken"]
    expected = total * CHANCE
    sigma = math.sqrt(total * CHANCE * (1 - CHANCE))
    if abs(taken - expected) > SIGMAS * sigma + 1:
        wrong.append(
            f"{taken} random frames were taken, not {expected:.1f} +- {SIGMAS * sigma:.1f}"
        )
    return wrong


def main() -> int:
    """Run from a command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=10_000_000, help="how many, of all kinds")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same frames")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args()
    began = time.perf_counter()
    counts = run(options.frames, options.seed, options.jobs)
    took = time.perf_counter() - began
    total = counts["random"]
    expected, sigma = total * CHANCE, math.sqrt(total * CHANCE * (1 - CHANCE))
    for name in sorted(counts):
        print(f"{counts[name]:>12,}  {name}")
    print(f"random frames expected to be taken: {expected:.1f} +- {SIGMAS * sigma:.1f} (3 sigma)")
    print(f"{options.frames:,} frames, seed {options.seed}, {took:.0f} s")
    wrong = verdict(counts)
    for line in wrong:
        print(f"WRONG: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
