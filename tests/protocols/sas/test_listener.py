"""Listening to the certified host's link: what was said, by whom, and what the host made of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.sas.crc import with_crc
from protocols.sas.errors import CrcError, LengthError, UnexpectedError
from protocols.sas.heard import Chirp, Exchange, HostBack, HostSilent, Noise, Verdict, Wire
from protocols.sas.listener import HOST_SILENT_S, Listener
from protocols.sas.machine import build_reply
from protocols.sas.message import MESSAGE_BYTES_MAX
from protocols.sas.polls import SYNC, general_poll, long_poll
from protocols.sas.replies import (
    AckReply,
    ExceptionReply,
    IdleReply,
    LongPollReply,
    NackReply,
    SilenceReply,
)

POLL, NEXT = general_poll(1), general_poll(2)
COIN_IN = long_poll(1, 0x11)
COINS = build_reply(1, 0x11, coin_in=12345)
OPENED, IDLE = b"\x11", b"\x00"
SHUTDOWN = long_poll(1, 0x01)


class Link:
    """A link whose talk goes to a listener, over one wire or two, with the ninth bit or without."""

    def __init__(self, *, wires, ninth, at=100.0, **options):
        self.wires, self.ninth, self.at = wires, ninth, at
        self.listener = Listener(at, **options)
        self.told = []

    def say(self, data, wire, wakeup=None):
        bits = wakeup if wakeup is not None else [False] * len(data)
        for value, bit in zip(data, bits, strict=True):
            self.at += 0.000573
            self.told += self.listener.hear(
                bytes([value]),
                self.at,
                wire=wire if self.wires == 2 else Wire.BOTH,
                wakeup=[bit] if self.ninth else None,
            )

    def host(self, message):
        self.at += 0.040
        self.say(message, Wire.HOST, [at == 0 for at in range(len(message))])

    def machine(self, message):
        self.at += 0.004
        self.say(message, Wire.MACHINE)

    def chirp(self, address):
        self.at += 0.2
        self.say(bytes([address]), Wire.MACHINE, [True])

    def wait(self, seconds):
        end = self.at + seconds
        while self.listener.deadline < end:
            self.at = max(self.at, self.listener.deadline)
            self.told += self.listener.quiet(self.at)
        self.at = end
        self.told += self.listener.quiet(self.at)

    def heard(self, kind):
        return [item for item in self.told if isinstance(item, kind)]

    def talk(self, *lines):
        """Poll, answer, poll, answer ...; None is no answer. Ends with quiet."""
        for at, line in enumerate(lines):
            if line is not None:
                (self.machine if at % 2 else self.host)(line)
        self.wait(0.1)
        return self


every_link = pytest.mark.parametrize(
    ("wires", "ninth"),
    [(1, True), (1, False), (2, True), (2, False)],
    ids=["one wire, ninth bit", "one wire", "two wires, ninth bit", "two wires"],
)


def replies(link):
    return [exchange.reply for exchange in link.heard(Exchange)]


def verdicts(link):
    return [(item.number, item.acknowledged) for item in link.heard(Verdict)]


@every_link
def test_polls_and_answers_come_out_as_exchanges(wires, ninth):
    link = Link(wires=wires, ninth=ninth)
    link.talk(SYNC, None, POLL, OPENED, COIN_IN, COINS, SHUTDOWN, b"\x01", NEXT, None, POLL, IDLE)
    assert replies(link) == [
        SilenceReply(0),
        ExceptionReply(1, 0x11, raw=OPENED),
        LongPollReply(1, 0x11, {"coin_in": 12345}, replies(link)[2].meters, raw=COINS),
        AckReply(1, b"\x01"),
        SilenceReply(2),
        IdleReply(1, IDLE),
    ]
    exchanges = link.heard(Exchange)
    assert [item.number for item in exchanges] == [1, 2, 3, 4, 5, 6]
    assert [item.request.raw for item in exchanges] == [SYNC, POLL, COIN_IN, SHUTDOWN, NEXT, POLL]
    assert not any(item.error or item.repeat for item in exchanges)
    assert link.heard(Noise) == []


@every_link
def test_an_exchange_says_when_it_was_asked_and_answered(wires, ninth):
    link = Link(wires=wires, ninth=ninth)
    link.talk(COIN_IN, COINS, NEXT, None)
    answered, silent = link.heard(Exchange)
    assert answered.answered_s - answered.asked_s == pytest.approx(0.004 + 8 * 0.000573)
    assert (silent.answered_s, silent.asked_s > answered.answered_s) == (None, True)


@every_link
@pytest.mark.parametrize(
    ("asked", "answer", "then", "acknowledged"),
    [
        pytest.param(POLL, OPENED, COIN_IN, True, id="event, then a long poll"),
        pytest.param(POLL, OPENED, NEXT, True, id="event, then another machine"),
        pytest.param(POLL, OPENED, SYNC, True, id="event, then nobody"),
        pytest.param(POLL, OPENED, long_poll(0, 0x7F, date="12312025", time="235959"), True,
                     id="event, then a broadcast"),
        pytest.param(POLL, OPENED, POLL, False, id="event, then the same poll"),
        pytest.param(COIN_IN, COINS, POLL, True, id="meter, then a general poll"),
        pytest.param(COIN_IN, COINS, long_poll(1, 0x12), True, id="meter, then another meter"),
        pytest.param(COIN_IN, COINS, long_poll(2, 0x11), True, id="meter, then another machine's"),
        pytest.param(COIN_IN, COINS, COIN_IN, False, id="meter, then the same meter"),
    ],
)  # fmt: skip
def test_what_the_host_polls_next_says_whether_it_took_the_answer(
    wires, ninth, asked, answer, then, acknowledged
):
    link = Link(wires=wires, ninth=ninth).talk(asked, answer, then)
    assert verdicts(link) == [(1, acknowledged)]
    assert link.heard(Verdict)[0].address == 1


def test_in_b0_the_wrapped_poll_counts_too():
    one, two = (long_poll(1, command, denomination=1) for command in (0x11, 0x12))
    answer = build_reply(1, 0x11, denomination=1, coin_in=5)
    for then, acknowledged in ((two, True), (one, False)):
        link = Link(wires=2, ninth=True).talk(one, answer, then, None)
        assert verdicts(link) == [(1, acknowledged)]


@every_link
def test_an_answer_sent_again_is_the_same_fact(wires, ninth):
    link = Link(wires=wires, ninth=ninth)
    link.talk(POLL, OPENED, POLL, OPENED, SYNC, None, POLL, OPENED, SYNC, None)
    events = [item for item in link.heard(Exchange) if isinstance(item.reply, ExceptionReply)]
    assert [item.repeat for item in events] == [False, True, False]
    assert verdicts(link) == [(1, False), (2, True), (4, True)]


@every_link
def test_another_answer_to_a_poll_that_is_repeated_is_another_fact(wires, ninth):
    link = Link(wires=wires, ninth=ninth).talk(POLL, OPENED, POLL, b"\x12", SYNC)
    assert [item.repeat for item in link.heard(Exchange)] == [False, False, False]


@every_link
def test_an_answer_not_taken_and_not_repeated_is_acknowledged_later(wires, ninth):
    link = Link(wires=wires, ninth=ninth).talk(POLL, OPENED, POLL, None, SYNC)
    assert verdicts(link) == [(1, False), (1, True)]


@every_link
def test_an_event_may_answer_a_long_poll_which_is_then_asked_again(wires, ninth):
    event = with_crc(b"\x01\xff\x11")
    link = Link(wires=wires, ninth=ninth).talk(COIN_IN, event, SYNC, None, COIN_IN, COINS, SYNC)
    assert isinstance(replies(link)[0], ExceptionReply)
    assert isinstance(replies(link)[2], LongPollReply)
    assert verdicts(link) == [(1, True), (3, True)]


@every_link
def test_a_silent_machine_in_event_mode_is_idle(wires, ninth):
    link = Link(wires=wires, ninth=ninth)
    link.talk(POLL, None, long_poll(1, 0x0E, enable=1), b"\x01", POLL, None)
    link.talk(long_poll(1, 0x0E, enable=0), b"\x01", POLL, None, COIN_IN, with_crc(b"\x01\xff\x11"))
    link.talk(POLL, None)
    general = [x.reply for x in link.heard(Exchange) if x.request.kind == "general"]
    assert general == [SilenceReply(1), IdleReply(1, b""), SilenceReply(1), IdleReply(1, b"")]


@every_link
def test_what_the_host_orders_is_told_from_what_it_asks(wires, ninth):
    clock = long_poll(0, 0x7F, date="12312025", time="235959")
    link = Link(wires=wires, ninth=ninth)
    link.talk(SHUTDOWN, b"\x81", clock, None, COIN_IN, COINS, POLL, IDLE, long_poll(1, 0x1B), None)
    commanded = [item for item in link.heard(Exchange) if item.commanded]
    assert [item.request.command for item in commanded] == [0x01, 0x7F]
    assert [item.reply for item in commanded] == [NackReply(1, b"\x81"), SilenceReply(0)]


def test_a_poll_that_no_table_knows_may_be_an_order():
    link = Link(wires=2, ninth=True).talk(with_crc(b"\x01\xc3\x01"), b"\x01", SYNC)
    assert [item.commanded for item in link.heard(Exchange)] == [True, False]
    assert replies(link)[0] == AckReply(1, b"\x01")


@every_link
def test_a_spoiled_answer_is_an_exchange_with_an_error(wires, ninth):
    spoiled = COINS[:-1] + bytes([COINS[-1] ^ 1])
    link = Link(wires=wires, ninth=ninth).talk(COIN_IN, spoiled, POLL, OPENED, SYNC)
    first, second, _ = link.heard(Exchange)
    assert (type(first.error), first.reply, first.answered_s) == (CrcError, None, None)
    assert second.reply == ExceptionReply(1, 0x11, raw=OPENED)
    assert verdicts(link) == [(1, True), (2, True)]


@every_link
def test_the_host_may_take_an_answer_that_the_listener_did_not_understand(wires, ninth):
    spoiled = COINS[:-1] + b"\x00"
    link = Link(wires=wires, ninth=ninth).talk(COIN_IN, spoiled, NEXT, None)
    assert verdicts(link) == [(1, True)]


@every_link
def test_an_answer_heard_once_is_the_same_fact_after_one_that_was_spoiled(wires, ninth):
    spoiled = COINS[:-1] + b"\x00"
    link = Link(wires=wires, ninth=ninth)
    link.talk(COIN_IN, COINS, COIN_IN, spoiled, COIN_IN, COINS, NEXT, None)
    assert [item.repeat for item in link.heard(Exchange)] == [False, False, True, False]
    assert verdicts(link) == [(1, False), (2, False), (3, True)]


@every_link
def test_an_answer_cut_short_is_an_exchange_with_an_error(wires, ninth):
    link = Link(wires=wires, ninth=ninth).talk(COIN_IN, COINS[:5], POLL, OPENED, SYNC)
    first, second, _ = link.heard(Exchange)
    assert isinstance(first.error, LengthError)
    assert second.reply == ExceptionReply(1, 0x11, raw=OPENED)


@every_link
def test_a_poll_cut_short_is_noise(wires, ninth):
    link = Link(wires=wires, ninth=ninth)
    link.talk(long_poll(1, 0x52, game=1)[:4], None, POLL, OPENED, SYNC)
    (noise,) = link.heard(Noise)
    assert (type(noise.error), noise.wire) == (LengthError, Wire.HOST)
    assert replies(link)[0] == ExceptionReply(1, 0x11, raw=OPENED)


@pytest.mark.parametrize("wires", [1, 2])
def test_more_behind_a_short_answer_spoils_it(wires):
    link = Link(wires=wires, ninth=True).talk(POLL, OPENED + b"\x12\x13", NEXT, IDLE, SYNC)
    first, second, _ = link.heard(Exchange)
    assert isinstance(first.error, UnexpectedError)
    assert second.reply == IdleReply(2, IDLE)


@pytest.mark.parametrize("wires", [1, 2])
def test_a_machine_that_speaks_unasked_is_noise(wires):
    link = Link(wires=wires, ninth=True).talk(SYNC, b"\x11\x12", POLL, OPENED, SYNC)
    (noise,) = link.heard(Noise)
    assert (noise.wire, noise.error.raw) == (Wire.MACHINE, b"\x11\x12")
    assert replies(link)[1] == ExceptionReply(1, 0x11, raw=OPENED)


@pytest.mark.parametrize(("wires", "ninth"), [(1, True), (1, False), (2, True)])
def test_a_chirp_is_no_exception_and_no_host(wires, ninth):
    link = Link(wires=wires, ninth=ninth)
    for _ in range(30):
        link.chirp(0x11)
    link.wait(0.1)
    assert {type(item) for item in link.told} == {Chirp, HostSilent}
    assert {item.address for item in link.heard(Chirp)} == {0x11}
    assert len(link.heard(Chirp)) == 30


@every_link
def test_a_host_that_falls_silent_is_noticed_once_and_its_return_too(wires, ninth):
    link = Link(wires=wires, ninth=ninth).talk(POLL, OPENED)
    asked = link.heard(Exchange)[0].asked_s
    link.wait(60)
    (silent,) = link.heard(HostSilent)
    assert silent.since_s == asked
    assert silent.at_s == pytest.approx(asked + HOST_SILENT_S)
    link.talk(POLL, OPENED)
    (back,) = link.heard(HostBack)
    assert back.silent_s == pytest.approx(60.1, abs=0.1)
    link.wait(60)
    assert len(link.heard(HostSilent)) == 2


def test_a_host_that_never_speaks_is_noticed():
    link = Link(wires=1, ninth=False)
    link.wait(6)
    assert link.told == [HostSilent(100.0, 105.0)]


@every_link
@given(junk=st.binary(max_size=400), direction=st.sampled_from([Wire.HOST, Wire.MACHINE]))
def test_after_garbage_the_next_message_is_heard(wires, ninth, junk, direction):
    link = Link(wires=wires, ninth=ninth).talk(POLL, IDLE)
    link.at += 0.050
    link.say(junk, direction)
    before = len(link.heard(Exchange))
    link.talk(COIN_IN, COINS, SYNC)
    exchanges = link.heard(Exchange)[before:]
    assert exchanges[-2].reply is not None, "the message after the garbage"
    assert exchanges[-2].reply.raw == COINS


@pytest.mark.parametrize("wires", [1, 2])
@given(junk=st.binary(max_size=100), direction=st.sampled_from([Wire.HOST, Wire.MACHINE]))
def test_with_the_ninth_bit_a_poll_right_behind_garbage_is_heard(wires, junk, direction):
    link = Link(wires=wires, ninth=True)
    link.say(junk, direction)
    link.say(COIN_IN, Wire.HOST, [True, False])
    link.machine(COINS)
    link.wait(0.1)
    (exchange,) = link.heard(Exchange)
    assert exchange.reply.raw == COINS


SCRIPT = (SYNC, POLL, OPENED, COIN_IN, COINS, SHUTDOWN, b"\x01", POLL, IDLE)


def test_a_talk_delivered_in_one_piece_is_taken_apart_by_its_grammar():
    told = Listener(0.0).hear(b"".join(SCRIPT[:5]), 0.01)
    exchanges = [item for item in told if isinstance(item, Exchange)]
    assert [item.request.raw for item in exchanges] == [SYNC, POLL, COIN_IN]
    assert exchanges[2].reply.raw == COINS


PIECES = st.lists(
    st.tuples(
        st.one_of(st.binary(max_size=30), st.sampled_from(SCRIPT)),
        st.sampled_from(Wire),
        st.floats(0, 6),
        st.sampled_from([None, True, False]),
    ),
    max_size=40,
)


@settings(max_examples=200)
@given(PIECES, st.sampled_from([0.0, 0.005]))
def test_any_bytes_at_any_time_are_told_and_memory_is_bounded(pieces, skew_s):
    listener, at, told = Listener(0.0, skew_s=skew_s), 0.0, []
    for data, wire, wait, ninth in pieces:
        at += wait
        bits = None if ninth is None else [ninth] * len(data)
        told += listener.hear(data, at, wire=wire, wakeup=bits)
        assert len(listener._early) <= MESSAGE_BYTES_MAX
        due = listener.deadline
        if due < float("inf"):
            told += listener.quiet(due)
            assert listener.deadline > due, "what was due is done"
            at = max(at, due)
    told += listener.quiet(at + 10)
    assert listener.deadline == float("inf")
    exchanges = [item for item in told if isinstance(item, Exchange)]
    assert [item.number for item in exchanges] == list(range(1, len(exchanges) + 1))
    assert all((item.reply is None) is (item.error is not None) for item in exchanges)
    others = Verdict | Chirp | Noise | HostSilent | HostBack
    assert all(isinstance(item, Exchange | others) for item in told)
