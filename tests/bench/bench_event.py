"""From an answer's bytes to its encoded envelope, beside bare pydantic, in one run.

Ours: the reader, the observation, the engine of its EGM, and the envelope with its numbers, as the
gateway does it for each event. Bare: one pydantic model with the same fields (and a model for the
data in it, and one for each meter), built from values that are ready and encoded to JSON. The
meters are those of a machine that is played: three of six move. Rounds are interleaved; medians.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Mapping
from itertools import count, cycle

from pydantic import BaseModel, create_model

from gateway.edge.clock import RealClock, moment
from gateway.events.encode import Place, Stamp, encode
from gateway.meaning.engine import EgmEngine, EgmFacts
from gateway.meaning.observation import Observation
from protocols.sas.crc import with_crc
from protocols.sas.reader import ReplyReader
from tests.bench.told import Told, tell

METERS = "01 0f 00000101 {:08d} {:08d} 00000500 00000042 {:08d}"
PLACE = Place("demo", "edge1", "US-NV", "L1", 1, "01", "main", "01-01-01", "host")
ANSWERS: Mapping[str, tuple[bytes, tuple[bytes, ...]]] = {
    "a game begins, ends": (b"\x81", (b"\x7e", b"\x7f")),
    "a door opens, closes": (b"\x81", (b"\x11", b"\x12")),
    "six meters are read": (
        b"\x01\x0f",
        tuple(
            with_crc(bytes.fromhex(METERS.format(12345 + 5 * games, 11234 + 4 * games, games)))
            for games in range(40_000)
        ),
    ),
}


def ours(poll: bytes, answers: tuple[bytes, ...]) -> Callable[[], bytes]:
    clock, engine = RealClock(), EgmEngine(EgmFacts(asset="00001", birthid="b1"))
    asked, numbers, answer = moment(clock), count(1), cycle(answers)

    def event() -> bytes:
        reply = ReplyReader(poll).feed(next(answer))
        assert reply is not None
        seen = Observation(
            asset="00001", line="L1", address=1, reply=reply, poll=poll, asked=asked,
            observed=moment(clock), occurred_after=asked, trigger="door",
        )  # fmt: skip
        body = b""
        for fact in engine.observe(seen).facts[:1]:
            number = next(numbers)
            body = encode(fact, PLACE, Stamp("edge1", "b1", number, number), "2026-11-21").body
        return body

    return event


def model_of(name: str, fields: Mapping[str, object]) -> type[BaseModel]:
    """Return a model with exactly these fields."""
    kinds = {
        field: (model_of(field, value) if isinstance(value, dict) else type(value), ...)
        for field, value in fields.items()
    }
    return create_model(name, **kinds)  # type: ignore[call-overload,no-any-return]


def bare(body: bytes) -> Callable[[], bytes]:
    fields = json.loads(body)
    model = model_of("Envelope", fields)

    def event() -> bytes:
        return model(**fields).model_dump_json().encode()

    assert json.loads(event()) == fields
    return event


def micros(event: Callable[[], bytes], events: int) -> float:
    began = time.process_time()
    for _ in range(events):
        event()
    return 1e6 * (time.process_time() - began) / events


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args()
    ratios: dict[str, float] = {}
    for name, (poll, answers) in ANSWERS.items():
        mine = ours(poll, answers)
        theirs = bare(mine())
        took: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(options.rounds):
            took["ours"].append(micros(mine, options.events))
            took["bare"].append(micros(theirs, options.events))
        us, bare_us = (statistics.median(each) for each in took.values())
        ratios[name] = us / bare_us
        print(f"  {name:24} {us:6.1f} us CPU an event, bare pydantic {bare_us:5.1f} us, "
              f"ratio {us / bare_us:.2f}")  # fmt: skip
    tell(
        *(
            Told(f"reply to envelope ({name}), of a bare build", ratio, 4)
            for name, ratio in ratios.items()
        )
    )


if __name__ == "__main__":
    main()
