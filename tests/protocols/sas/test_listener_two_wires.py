"""Two receive ports share no clock: whose an answer is, is told by the grammar of the talk."""

from protocols.sas.awaited import HELD_MAX
from protocols.sas.errors import AddressError, UnexpectedError
from protocols.sas.heard import Chirp, Exchange, Noise, Verdict, Wire
from protocols.sas.listener import Listener
from protocols.sas.machine import build_reply
from protocols.sas.message import MESSAGE_BYTES_MAX
from protocols.sas.polls import SYNC, general_poll, long_poll
from protocols.sas.replies import ExceptionReply, IdleReply, SilenceReply

POLL, NEXT = general_poll(1), general_poll(2)
COIN_IN = long_poll(1, 0x11)
COINS = build_reply(1, 0x11, coin_in=12345)
OPENED, IDLE = b"\x11", b"\x00"
SKEW_S = 0.005


def heard(*talk, listener=None):
    """Return what comes of (moment, wire, bytes); with the quiet behind it."""
    listener = listener or Listener(0.0, skew_s=SKEW_S)
    told = []
    for at, wire, data in talk:
        told += listener.hear(data, at, wire=wire)
    return told + listener.quiet(talk[-1][0] + 0.1)


def test_with_two_clocks_an_answer_may_come_before_its_poll():
    listener = Listener(0.0, skew_s=0.005)
    told = listener.hear(COINS, 1.000, wire=Wire.MACHINE)
    told += listener.hear(COIN_IN, 1.002, wire=Wire.HOST)
    assert [item.reply.raw for item in told] == [COINS]


def event_before_its_poll(then, answer=None):
    """An event is delivered before poll 1, and the host then asks ``then``."""
    talk = [(1.000, Wire.MACHINE, OPENED), (1.002, Wire.HOST, POLL), (1.200, Wire.HOST, then)]
    if answer is not None:
        talk.append((1.210, Wire.MACHINE, answer))
    return [item for item in heard(*talk) if isinstance(item, Exchange)]


def test_with_two_clocks_an_event_may_come_before_its_poll_and_the_next_poll_shows_it():
    listener = Listener(0.0, skew_s=SKEW_S)
    told = listener.hear(OPENED, 1.000, wire=Wire.MACHINE)
    told += listener.hear(POLL, 1.002, wire=Wire.HOST)
    told += listener.quiet(1.1)
    assert told == []
    told = listener.hear(NEXT, 1.200, wire=Wire.HOST)
    assert [(item.reply.raw, item.asked_s) for item in told[:1]] == [(OPENED, 1.002)]
    assert isinstance(told[1], Verdict)


def test_with_two_clocks_an_event_whose_host_asks_the_same_again_was_to_a_poll_that_was_not_heard():
    first, second = event_before_its_poll(POLL, b"\x12")
    assert (first.reply, first.error.raw) == (None, OPENED)
    assert second.reply.raw == b"\x12"


def test_with_two_clocks_an_event_before_its_poll_is_given_to_nobody_if_the_host_falls_silent():
    told = heard((1.000, Wire.MACHINE, OPENED), (1.002, Wire.HOST, POLL), (9.0, Wire.HOST, NEXT))
    exchanges = [item for item in told if isinstance(item, Exchange)]
    assert [item.reply for item in exchanges] == [None, SilenceReply(2)]


def test_with_two_clocks_an_idle_answer_before_its_poll_is_told_at_once():
    told = heard((1.000, Wire.MACHINE, IDLE), (1.002, Wire.HOST, POLL))
    assert [item.reply for item in told] == [IdleReply(1)]


def test_with_two_clocks_a_bad_answer_before_its_poll_is_refused_whole():
    listener = Listener(0.0, skew_s=0.005)
    told = listener.hear(b"\x02" + COINS[1:], 1.000, wire=Wire.MACHINE)
    told += listener.hear(COIN_IN, 1.002, wire=Wire.HOST)
    assert [type(item.error) for item in told] == [AddressError]


def test_a_machine_that_babbles_unasked_is_kept_only_so_far():
    listener = Listener(0.0)
    told = listener.hear(bytes(2 * MESSAGE_BYTES_MAX), 1.0, wire=Wire.MACHINE)
    told += listener.quiet(2.0)
    assert [len(item.error.raw) for item in told] == [MESSAGE_BYTES_MAX]


def test_with_two_clocks_an_answer_far_before_a_poll_is_not_its_answer():
    listener = Listener(0.0, skew_s=0.005)
    told = listener.hear(COINS, 1.000, wire=Wire.MACHINE)
    told += listener.hear(COIN_IN, 1.007, wire=Wire.HOST)
    assert [type(item) for item in told] == [Noise]


def test_with_two_clocks_an_event_close_to_the_next_poll_is_given_to_nobody():
    listener = Listener(0.0, skew_s=0.005)
    told = listener.hear(POLL, 1.000, wire=Wire.HOST)
    told += listener.hear(OPENED, 1.020, wire=Wire.MACHINE)
    told += listener.hear(NEXT, 1.022, wire=Wire.HOST)
    told += listener.quiet(1.1)
    told = [item for item in told if isinstance(item, Exchange)]
    assert [type(item.error) for item in told] == [UnexpectedError, type(None)]
    assert [item.reply for item in told] == [None, SilenceReply(2)]


def close_to_the_next(then, answer=None):
    """Poll 1 is answered within the skew before ``then`` is polled."""
    talk = [(1.0, Wire.HOST, POLL), (1.020, Wire.MACHINE, OPENED), (1.022, Wire.HOST, then)]
    if answer is not None:
        talk.append((1.030, Wire.MACHINE, answer))
    told = heard(*talk)
    exchanges = [item for item in told if isinstance(item, Exchange)]
    return [item.reply for item in exchanges], [item for item in told if isinstance(item, Verdict)]


def test_an_event_close_to_the_next_poll_is_heard_if_that_one_is_answered_too():
    replies, verdicts = close_to_the_next(NEXT, IDLE)
    assert replies == [ExceptionReply(1, 0x11, raw=OPENED), IdleReply(2, IDLE)]
    assert [(item.number, item.acknowledged) for item in verdicts] == [(1, True)]


def test_an_event_close_to_a_poll_that_nobody_answers_is_heard():
    replies, verdicts = close_to_the_next(SYNC)
    assert replies == [ExceptionReply(1, 0x11, raw=OPENED), SilenceReply(0)]
    assert [(item.number, item.acknowledged) for item in verdicts] == [(1, True)]


def test_an_event_close_to_the_same_poll_is_not_acknowledged_and_comes_again_as_one_fact():
    talk = [(1.0, Wire.HOST, POLL), (1.020, Wire.MACHINE, OPENED), (1.022, Wire.HOST, POLL),
            (1.030, Wire.MACHINE, OPENED)]  # fmt: skip
    told = heard(*talk)
    assert [item.repeat for item in told if isinstance(item, Exchange)] == [False, True]
    assert [item.acknowledged for item in told if isinstance(item, Verdict)] == [False]


def test_a_machine_that_has_been_silent_for_long_is_not_believed_to_have_answered_first():
    listener = Listener(0.0, skew_s=SKEW_S)
    for at in (1.0, 2.0, 3.0):
        heard((at, Wire.HOST, NEXT), listener=listener)
    told = heard((4.0, Wire.HOST, POLL), (4.020, Wire.MACHINE, OPENED), (4.022, Wire.HOST, NEXT),
                 listener=listener)  # fmt: skip
    replies = [item.reply for item in told if isinstance(item, Exchange)]
    assert replies == [ExceptionReply(1, 0x11, raw=OPENED), SilenceReply(2)]


def test_an_event_close_to_a_poll_that_is_not_understood_is_given_to_nobody():
    told = heard((1.0, Wire.HOST, POLL), (1.020, Wire.MACHINE, OPENED),
                 (1.022, Wire.HOST, b"\x02\x7f\x05"))  # fmt: skip
    assert [type(item) for item in told] == [Exchange, Noise]
    assert told[0].reply is None


def test_one_poll_that_was_not_heard_does_not_shift_the_answers_to_the_next_machine():
    third = general_poll(3)
    told = heard(  # poll 2 is lost on our wire; its answer comes just before poll 3
        (1.000, Wire.HOST, POLL), (1.004, Wire.MACHINE, IDLE),
        (1.020, Wire.MACHINE, OPENED), (1.022, Wire.HOST, third), (1.026, Wire.MACHINE, IDLE),
        (1.027, Wire.HOST, POLL), (1.035, Wire.MACHINE, IDLE),
    )  # fmt: skip
    exchanges = [item for item in told if isinstance(item, Exchange)]
    assert [item.reply for item in exchanges] == [IdleReply(1, IDLE), None, IdleReply(1, IDLE)]
    assert exchanges[1].error.raw == OPENED


def test_a_ninth_bit_on_what_is_no_address_is_no_chirp_but_noise():
    listener = Listener(0.0)
    for at, byte in enumerate((b"\x82", b"\x00", b"\xff")):
        (told,) = listener.hear(byte, at / 10, wire=Wire.MACHINE, wakeup=[True])
        assert isinstance(told, Noise)
        assert (told.wire, told.error.raw) == (Wire.MACHINE, byte)
    (told,) = listener.hear(b"\x11", 0.5, wire=Wire.MACHINE, wakeup=[True])
    assert told == Chirp(0x11, 0.5)


def test_an_answer_with_a_ninth_bit_is_no_answer_and_its_host_may_have_understood_it():
    listener = Listener(0.0)
    told = listener.hear(POLL, 1.000, wire=Wire.HOST, wakeup=[True])
    told += listener.hear(b"\x82", 1.005, wire=Wire.MACHINE, wakeup=[True])
    told += listener.hear(b"\x00", 1.006, wire=Wire.MACHINE, wakeup=[False])  # of the same breath
    told += listener.hear(NEXT, 1.200, wire=Wire.HOST, wakeup=[True])
    first, verdict = told
    assert (type(first.error), first.error.raw, first.reply) == (UnexpectedError, b"\x82", None)
    assert isinstance(verdict, Verdict)
    told = listener.hear(IDLE, 1.205, wire=Wire.MACHINE, wakeup=[False]) + listener.quiet(1.3)
    assert [type(item.reply) for item in told] == [IdleReply]


def test_a_ninth_bit_behind_an_answer_leaves_the_answer_alone():
    listener = Listener(0.0)
    told = listener.hear(POLL, 1.000, wire=Wire.HOST)
    told += listener.hear(OPENED, 1.005, wire=Wire.MACHINE, wakeup=[False])
    told += listener.hear(b"\x91", 1.006, wire=Wire.MACHINE, wakeup=[True])
    told += listener.quiet(1.1)
    noise, exchange = told
    assert isinstance(noise, Noise)
    assert exchange.reply == ExceptionReply(1, 0x11, raw=OPENED)


def test_an_answer_that_is_late_on_our_wire_is_not_given_to_the_next_machine():
    told = heard(  # the answer to poll 1 comes 5 ms late, just before poll 2
        (1.000, Wire.HOST, POLL), (1.030, Wire.MACHINE, OPENED), (1.031, Wire.HOST, NEXT),
        (1.036, Wire.MACHINE, IDLE),
    )  # fmt: skip
    exchanges = [item for item in told if isinstance(item, Exchange)]
    assert [item.reply for item in exchanges] == [SilenceReply(1), IdleReply(2, IDLE)]
    assert [item.error.raw for item in told if isinstance(item, Noise)] == [OPENED]


def test_of_two_answers_soon_after_a_silence_neither_is_believed():
    talk = [(1.000, Wire.HOST, POLL), (1.050, Wire.HOST, NEXT), (1.052, Wire.MACHINE, OPENED),
            (1.053, Wire.MACHINE, IDLE)]  # fmt: skip
    exchanges = [item for item in heard(*talk) if isinstance(item, Exchange)]
    assert [type(item.error) for item in exchanges] == [type(None), UnexpectedError]
    later = [(at + (0.5 if at > 1 else 0), *what) for at, *what in talk]
    exchanges = [item for item in heard(*later) if isinstance(item, Exchange)]
    assert exchanges[1].reply == ExceptionReply(2, 0x11, raw=OPENED)


def test_whoever_begins_to_listen_between_a_poll_and_its_answer_gives_that_to_nobody():
    talk = [(5.100, Wire.MACHINE, OPENED), (5.101, Wire.HOST, NEXT), (5.105, Wire.MACHINE, IDLE)]
    told = heard(*talk, listener=Listener(5.0, skew_s=SKEW_S))
    assert [item.reply for item in told if isinstance(item, Exchange)] == [IdleReply(2, IDLE)]
    assert [item.error.raw for item in told if isinstance(item, Noise)] == [OPENED]


def read_late(*reads, listener):
    """Read both wires at once, now and then: (moment, machines' bytes, host's bytes)."""
    told = []
    for at, machines, host in reads:
        told += listener.hear(machines, at, wire=Wire.MACHINE)
        told += listener.hear(host, at, wire=Wire.HOST)
    return [item for item in told + listener.quiet(at + 0.1) if isinstance(item, Exchange)]


def test_whoever_reads_one_poll_behind_gives_no_answer_to_the_machine_before():
    polls = [general_poll(address) for address in (1, 2, 3, 4)]
    behind = [(1.04, b"\x11", polls[1]), (1.06, b"\x12", polls[2]), (1.08, b"\x13", polls[3])]
    exchanges = read_late(  # poll 1 was not answered, and what is read behind it came too late
        (1.02, b"", polls[0]), *behind, (1.10, b"", polls[0]), listener=Listener(0.0, skew_s=SKEW_S)
    )
    assert [item.reply.raw for item in exchanges if item.reply is not None] == [b"", b""]
    assert [item.error.raw for item in exchanges if item.error] == [b"\x11", b"\x12", b"\x13"]


def test_an_answer_heard_alone_shows_whose_those_before_it_were():
    polls = [general_poll(address) for address in (1, 2, 3)]
    exchanges = read_late(
        (1.02, b"", polls[0]), (1.04, b"\x11", polls[1]), (1.06, b"\x12", polls[2]),
        (1.08, b"\x00", b""), listener=Listener(0.0, skew_s=SKEW_S),
    )  # fmt: skip
    assert [(item.request.address, item.reply.raw) for item in exchanges] == [
        (1, b"\x11"), (2, b"\x12"), (3, b"\x00"),
    ]  # fmt: skip


def test_the_first_byte_of_a_frame_is_no_exception_of_the_machine_polled_before():
    coins = build_reply(2, 0x11, coin_in=12345)
    exchanges = read_late(
        (1.02, b"", POLL), (1.08, coins, long_poll(2, 0x11)), (1.12, b"", NEXT),
        listener=Listener(0.0, skew_s=SKEW_S),
    )  # fmt: skip
    assert not [item for item in exchanges if isinstance(item.reply, ExceptionReply)]


def test_what_is_held_is_bounded():
    listener = Listener(0.0, skew_s=SKEW_S)
    listener.hear(POLL, 1.0, wire=Wire.HOST)
    told = listener.hear(OPENED, 1.001, wire=Wire.MACHINE)
    told += listener.hear(20 * SYNC, 1.001, wire=Wire.HOST)
    assert len(listener._held) <= HELD_MAX
    assert [item.error.raw for item in told if isinstance(item, Exchange) and item.error]


def test_of_an_answer_to_one_poll_or_to_the_same_poll_again_only_the_poll_is_unknown():
    exchanges = read_late(
        (1.02, b"", POLL), (1.04, OPENED, POLL), (1.09, b"", NEXT),
        listener=Listener(0.0, skew_s=SKEW_S),
    )  # fmt: skip
    assert [(item.request.address, item.reply.raw) for item in exchanges] == [
        (1, OPENED), (1, b""), (2, b""),
    ]  # fmt: skip


def test_a_poll_that_nobody_answers_among_late_ones_shows_nothing():
    exchanges = read_late(  # 12 may be the answer to poll 2, and 13 to poll 3
        (1.02, b"", POLL), (1.04, b"\x12", SYNC + NEXT), (1.06, b"\x13", general_poll(3)),
        (1.10, b"", POLL), listener=Listener(0.0, skew_s=SKEW_S),
    )  # fmt: skip
    assert [item.error.raw for item in exchanges if item.error] == [b"\x12", b"\x13"]


def test_an_answer_behind_one_that_was_not_understood_is_not_given_to_the_next_machine():
    coins = build_reply(1, 0x11, coin_in=12345)  # to a poll that we did not hear
    told = heard(
        (1.0, Wire.MACHINE, coins), (1.001, Wire.HOST, NEXT), (1.014, Wire.MACHINE, OPENED),
        (1.015, Wire.HOST, POLL), (1.030, Wire.MACHINE, IDLE),
    )  # fmt: skip
    replies = [item.reply for item in told if isinstance(item, Exchange)]
    assert replies == [None, IdleReply(1, IDLE)]


def beside_a_dead_machine(cycles, listener):
    """Poll 1, which answers, and 2, which is not there; every second time both are read at once."""
    told, at = [], 1.0
    for cycle in range(cycles):
        told += listener.hear(POLL, at, wire=Wire.HOST)
        told += listener.hear(OPENED, at + 0.005, wire=Wire.MACHINE)
        told += listener.hear(NEXT, at + (0.005 if cycle % 2 else 0.008), wire=Wire.HOST)
        told += listener.quiet(at + 0.05)
        at += 0.2
    return [item.reply for item in told if isinstance(item, Exchange) and item.request.address == 1]


def test_a_dead_neighbour_takes_no_answers_though_both_wires_are_read_at_once_now_and_then():
    replies = beside_a_dead_machine(20, Listener(0.0, skew_s=0.002))
    assert replies[6:] == 14 * [ExceptionReply(1, 0x11, raw=OPENED)]


def test_whoever_was_surely_silent_long_ago_may_be_there_again():
    listener = Listener(0.0, skew_s=SKEW_S)
    for at in (1.0, 1.2, 1.4):
        heard((at, Wire.HOST, NEXT), listener=listener)
    for at in (1.6, 2.6, 3.6):  # whether 2 was silent nobody knows
        read_late((at, b"", POLL), (at + 0.005, IDLE, NEXT), listener=listener)
    told = read_late((3.8, b"", POLL), (3.805, OPENED, NEXT), listener=listener)
    assert [item.error.raw for item in told if item.error] == [OPENED]


def test_whose_last_answer_was_not_understood_is_not_believed_before_one_that_was_away():
    listener = Listener(0.0, skew_s=SKEW_S)
    for at in (1.0, 1.2, 1.4):
        read_late((at, b"", NEXT), listener=listener)
    read_late((1.6, b"", POLL), (1.61, b"\x00\x00", b""), listener=listener)
    told = read_late((1.8, b"", POLL), (1.805, OPENED, NEXT), listener=listener)
    assert [item.error.raw for item in told if item.error] == [OPENED]


def test_whose_own_answer_may_be_what_was_left_before_is_not_believed_either():
    listener = Listener(0.0, skew_s=SKEW_S)
    for at in (1.0, 1.2, 1.4):
        read_late((at, b"", NEXT), listener=listener)
    read_late((1.6, b"", POLL), (1.61, IDLE, b""), listener=listener)
    told = read_late(
        (1.80, b"", general_poll(3)), (1.85, b"", general_poll(3)), (1.86, IDLE, b""),
        (1.865, IDLE, POLL), (1.88, OPENED, NEXT),
        listener=listener,
    )  # fmt: skip
    assert [item.error.raw for item in told if item.error][-1:] == [OPENED]
