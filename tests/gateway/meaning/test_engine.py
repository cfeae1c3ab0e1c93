"""The whole engine: one exception, one fact; nothing lost by a restart; nothing secret told."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.events.encode import Place, Stamp, encode
from gateway.events.moment import Moment
from gateway.meaning.engine import EgmEngine, EgmFacts
from gateway.meaning.exceptions import MEANT
from gateway.meaning.observation import CardSeen, GapSeen, LinkChange, Observation
from protocols.sas.replies import (
    AckReply,
    BusyReply,
    ExceptionReply,
    IdleReply,
    LongPollReply,
    MeterReading,
    NackReply,
    SignatureReply,
    SilenceReply,
)
from protocols.sas.secrets import Secret
from protocols.sas.tables import IDLE_CODES

CHIRP = 0x01  # an EGM at address 1 that says this alone says its address
SPOKEN = sorted(set(range(256)) - IDLE_CODES - {CHIRP})


@pytest.mark.parametrize("code", SPOKEN, ids="{:02X}".format)
def test_an_exception_is_one_fact_with_its_code_however_often_it_comes(code, seat):
    for _ in range(3):
        facts = seat.says(code)
        assert [fact.sas_code for fact in facts].count(code) == 1
        assert facts[0].sas_code == code
        assert {fact.sas_code for fact in facts[1:]} <= {None}


def test_every_code_in_a_row_leaves_its_trace_in_order(seat):
    told = [fact.sas_code for code in SPOKEN for fact in seat.says(code)]
    assert [code for code in told if code is not None] == SPOKEN


def test_what_follows_from_an_exception_names_it_as_its_cause(seat):
    seat.says(0x28)
    accepted, cleared = seat.says(0x4A)
    assert (cleared.sas_code, cleared.caused_by, accepted.caused_by) == (None, -1, None)
    assert json.loads(seat.bodies[-1])["causedby"] == json.loads(seat.bodies[-2])["id"]


def test_an_exception_says_between_which_moments_it_happened(seat):
    seat.idles()
    emptied = seat.empty_at
    (fact,) = seat.says(0x71)
    assert (fact.occurred_after, fact.occurred_before) == (emptied, fact.observed)


def test_a_repetition_that_may_be_one_is_told_with_its_mark(seat):
    (fact,) = seat.says(0x11, doubtful=True)
    assert fact.possible_repeat
    assert not seat.says(0x11)[0].possible_repeat


def test_what_came_from_the_wire_has_its_frame(seat):
    assert seat.says(0x11)[0].raw == "11"
    assert seat.says_in_real_time(0x11)[0].raw == "01 ff 11 14 a4"


def test_a_signature_that_another_host_asked_for_is_told(seat):
    reply = SignatureReply(1, 0xBEEF, raw=bytes.fromhex("0121efbe0000"))
    moment = seat.moment()
    (fact,) = seat.sees(Observation("10101", "L1", 1, reply, b"\x81", moment, moment))
    assert (fact.type, fact.data["signature"]) == ("integrity.authenticated", "beef")


@pytest.mark.parametrize(
    "reply", [IdleReply(1), SilenceReply(1), AckReply(1), NackReply(1), BusyReply(1)]
)
def test_an_answer_without_news_is_no_fact(reply, seat):
    moment = seat.moment()
    assert seat.sees(Observation("10101", "L1", 1, reply, b"\x81", moment, moment)) == []


def test_the_obsolete_waiting_for_player_is_no_fact(seat):
    assert seat.says(0x1F) == []


def test_a_memory_that_cannot_be_read_is_a_gap_and_the_engine_goes_on(new_seat):
    seat = new_seat(state=b'{"doors": 7}')
    facts = seat.says(0x11)
    assert [(fact.type, fact.sas_code) for fact in facts] == [
        ("door.opened", 0x11),
        ("link.gap", None),
    ]
    assert facts[1].data["cause"] == "state_lost"
    assert len(seat.says(0x11)) == 1


def test_an_older_memory_is_taken_as_far_as_it_goes(new_seat):
    seat = new_seat(state=b'{"doors": {"doors": {"slot": {"state": "open"}}}, "novelty": [1]}')
    assert seat.view.doors_open == ("slot",)


# -- random lives of a machine ---------------------------------------------------------------

_METERS = ("coin_in", "coin_out", "games_played", "current_credits", "jackpot")
_count = st.one_of(st.integers(0, 50), st.integers(0, 10**8 - 1), st.just(10**8 - 1))
_exceptions = st.builds(
    ExceptionReply,
    st.just(1),
    st.one_of(st.sampled_from(SPOKEN), st.sampled_from([0x51, 0x52, 0x28, 0x20, 0x4A, 0x7E, 0x17])),
    st.dictionaries(
        st.sampled_from(["wagered", "win", "reel", "stop", "held", "bill", "country", "game"]),
        st.integers(0, 255),
        max_size=2,
    ),
    st.booleans(),
    st.binary(min_size=1, max_size=12),
)
_readings = st.builds(
    lambda counts, digits: LongPollReply(
        1, 0x0F, {}, tuple(MeterReading(name, n % 10**digits, digits) for name, n in counts.items())
    ),
    st.dictionaries(st.sampled_from(_METERS), _count, min_size=1),
    st.sampled_from([8, 8, 8, 10]),
)
_handpays = st.builds(
    lambda cents, level: LongPollReply(1, 0x1B, {"amount_cents": cents, "level": level}),
    st.sampled_from([0, 120_000, 340_000]),
    st.sampled_from([0, 1, 0x40, 0x80, 0x99]),
)
_identities = st.builds(
    lambda serial, game: LongPollReply(*game) if serial is None else LongPollReply(
        1, 0x54, {"version": "602", "serial": serial}
    ),
    st.sampled_from([None, "A1", "A1", "B2", ""]),
    st.tuples(
        st.just(1), st.just(0x1F),
        st.fixed_dictionaries({"game_id": st.sampled_from(["AA", "BB"]),
                               "denomination_code": st.sampled_from([0, 1, 2, 0x77])}),
    ),
)  # fmt: skip
_answers = st.tuples(
    st.one_of(_exceptions, _exceptions, _readings, _handpays, _identities),
    st.booleans(),
    st.sampled_from([None, "cadence", "card"]),
)
_links = st.tuples(st.sampled_from(["up", "down", "degraded", "unknown"]))
_cards = st.tuples(st.booleans(), st.sampled_from(["c1", "c2", None]))
_gaps = st.just("no_exchange")
_lives = st.lists(
    st.tuples(st.one_of(_answers, _answers, _answers, _links, _cards, _gaps), st.booleans()),
    max_size=25,
)
_PLACE = Place("demo", "gw1", "NJ", "L1", 1)


def _seen(what, number):
    at = Moment(100.0 + number * 7, 10**18 + number * 7 * 10**9)
    asked = Moment(at.monotonic_s - 0.02, at.wall_ns - 20_000_000)
    emptied = Moment(at.monotonic_s - 3, at.wall_ns - 3 * 10**9)
    if what == "no_exchange":
        return GapSeen("10101", what, asked, at)
    if len(what) == 1:
        return LinkChange("10101", "up", what[0], "test", at, {"polls": number})
    if len(what) == 2:
        return CardSeen("10101", what[0], what[1] if what[0] else None, at)
    reply, doubtful, trigger = what
    return Observation(
        "10101", "L1", 1, reply, b"\x81", asked, at, emptied, doubtful, trigger, "gw1.b0.7"
    )


@settings(max_examples=150, deadline=None)
@given(_lives)
def test_a_restart_at_any_moment_changes_nothing(life):
    egm = EgmFacts("10101", Decimal("0.01"), birthid="b1")
    whole, broken = EgmEngine(egm), EgmEngine(egm)
    for number, (what, restarts) in enumerate(life):
        if restarts:
            broken = EgmEngine(egm, broken.state())
        seen = _seen(what, number)
        assert broken.observe(seen) == whole.observe(seen)
        assert broken.view() == whole.view()
    assert json.loads(broken.state()) == json.loads(whole.state())


@settings(max_examples=150, deadline=None)
@given(_lives)
def test_whatever_a_machine_says_every_exception_is_one_fact_that_can_be_sent(life):
    egm = EgmFacts("10101", None, birthid="b1")
    engine = EgmEngine(egm)
    sequence = 0
    for number, (what, _) in enumerate(life):
        seen = _seen(what, number)
        facts = engine.observe(seen).facts
        reply = getattr(seen, "reply", None)
        codes = [reply.code] if isinstance(reply, ExceptionReply) else []
        assert [fact.sas_code for fact in facts if fact.sas_code is not None] == codes
        for fact in facts:
            sequence += 1
            body = encode(fact, _PLACE, Stamp("gw1", "b1", sequence, sequence), "2026-01-01").body
            assert len(body) < 64 * 1024
            if fact.possible_repeat:
                assert fact.sas_code is not None or fact is facts[0]


@pytest.mark.parametrize("command", [0x3D, 0x4C, 0x4D, 0x70, 0x71, 0x73])
def test_no_number_that_is_money_gets_into_a_fact(command, seat):
    number = 1234_5678_9012_3456
    values = {"validation_number": Secret(number), "key": Secret("ab" * 20), "amount_cents": 500}
    raw = bytes([1, command, 30]) + bytes.fromhex("1234567890123456") * 5
    moment = seat.moment()
    meter = (MeterReading("coin_in", 5, 8),)
    for meters in ((), meter):
        reply = LongPollReply(1, command, values, meters, raw=raw)
        seat.sees(Observation("10101", "L1", 1, reply, b"\x01", moment, moment, trigger="x"))
    told = b"".join(seat.bodies).replace(b" ", b"")
    assert b"abab" not in told
    assert str(number).encode() not in told
    assert seat.engine.state().count(b"1234") == 0
    masked = json.loads(seat.bodies[-1])["rawframe"]
    assert "**" in masked


def test_a_seat_sees_what_the_table_of_meanings_says(seat):
    for code in SPOKEN:
        expected = MEANT[code].event
        got = seat.says(code)[0].type
        assert got == expected or (expected, got) == ("door.closed", "door.closedwithoutopen")
