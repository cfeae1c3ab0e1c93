"""A reading that is taken at a glance comes to what all the rules come to."""

import json
from decimal import Decimal
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.events.moment import Moment
from gateway.meaning import calm
from gateway.meaning.engine import EgmEngine, EgmFacts
from gateway.meaning.observation import Observation
from protocols.sas.replies import ExceptionReply, LongPollReply, MeterReading

NAMES = (
    "coin_in", "coin_out", "games_played", "games_won", "total_drop", "bills_accepted_credits",
    "restricted_played", "nonrestricted_played", "current_credits", "games_since_power_reset",
)  # fmt: skip
STEPS = st.integers(0, 300) | st.sampled_from([-5, 4_000, 10**5, 10**7, -(10**9)])
READS = st.tuples(
    st.sampled_from([(0x0F, 0, None), (0x19, 3, None), (0x6F, 0, None), (0x6F, 0, 1)]),
    st.sampled_from([4, 6, 8, 8, 8, 10]),
    st.sets(st.sampled_from(NAMES), min_size=1, max_size=6),
    st.lists(STEPS, min_size=6, max_size=6),
    st.sampled_from([0.5, 30.0, 600.0, 90_000.0]),
    st.sampled_from([None, None, None, 0x11, 0x18, 0x7A, 0x70]),
)
EGMS = st.builds(
    EgmFacts,
    asset=st.just("10101"),
    birthid=st.just("b1"),
    denomination=st.sampled_from([None, Decimal("0.01"), Decimal(25)]),
    meter_digits=st.sampled_from([None, None, 8]),
)
PLAYED = {"coin_in", "coin_out", "games_played", "total_drop"}
CALM = ((0x0F, 0, None), 8, PLAYED, [5, 4, 3, 2, 1, 0], 30.0, None)


def lived(engine, steps):
    """Let an engine see exceptions and readings; yield what it tells of each, and its memory."""
    now_s, counts = 100.0, dict.fromkeys(NAMES, 20_000)
    for (command, game, denomination), digits, names, moves, wait_s, code in steps:
        now_s += wait_s
        asked, now = Moment(now_s - 0.02, int(now_s * 1e9)), Moment(now_s, int(now_s * 1e9))
        if code is not None:
            reply = ExceptionReply(1, code, raw=bytes([code]))
            engine.observe(Observation("10101", "L1", 1, reply, b"\x81", asked, now, asked))
        for name, steps_of_one in zip(sorted(names), moves, strict=False):
            counts[name] = max(0, counts[name] + steps_of_one)
        read = tuple(
            MeterReading(name, counts[name] % 10**digits, digits, None, game)
            for name in sorted(names)
        )
        reply = LongPollReply(1, command, {}, read, denomination, b"\x01\x0f\x00\x00")
        seen = Observation("10101", "L1", 1, reply, b"\x01\x0f", asked, now, asked, trigger="test")
        yield engine.observe(seen), json.loads(engine.state())


@given(EGMS, st.lists(READS, max_size=8))
@example(EgmFacts("10101", birthid="b1"), [CALM] * 3)
@settings(max_examples=40, deadline=None)
def test_whatever_is_read_the_short_way_tells_and_remembers_what_the_long_one_does(egm, steps):
    short = list(lived(EgmEngine(egm), steps))
    with patch.object(calm, "taken", return_value=None):
        long = list(lived(EgmEngine(egm), steps))
    assert short == long


def test_a_machine_that_is_played_is_read_at_a_glance_and_one_that_falls_is_not():
    found = []
    taken = calm.taken

    def watched(*given_):
        told = taken(*given_)
        found.append(told is not None)
        return told

    fell = ((0x0F, 0, None), 8, {"coin_in"}, [-5, 0, 0, 0, 0, 0], 30.0, None)
    with patch.object(calm, "taken", watched):
        list(lived(EgmEngine(EgmFacts("10101", birthid="b1")), [CALM, CALM, fell, CALM]))
    assert found == [False, True, False, False]  # the first, and what follows a doubt
