"""The wakeup bit, judged by what a scope would show."""

import termios
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.ninth_bit import CHARACTER_S, LOOP_MAX_S, NinthBitSender, ParityError
from gateway.edge.tty_calls import CMSPAR
from tests.gateway.edge.uart import ModelUart

GAP_MAX_S = 0.005  # between two bytes of a message
GENERAL = b"\x81"
LONG = bytes.fromhex("012f05000001020304aabb")

# what a port can be like: the driver tells of its end, or not; USB with its way to the chip
KINDS = {
    "16550":                  {"tells": True},
    "a driver that is mute":  {"tells": False},
    "USB that tells":         {"tells": True, "switch_s": 0.001, "to_chip_s": 0.0009},
    "USB that is mute":       {"tells": False, "switch_s": 0.001, "to_chip_s": 0.0009},
}  # fmt: skip


def sender(**kind):
    uart = ModelUart(**kind)
    one = NinthBitSender(uart, 3, usb=bool(kind.get("to_chip_s")))
    one.set_up()
    uart.did.clear()
    return uart, one


def without_looks(did):
    return [step for step in did if step[0] in {"set", "write"}]


def test_a_general_poll_is_one_marked_byte_and_then_the_port_listens_for_marked_bytes():
    uart, one = sender()
    one.send(GENERAL)
    assert without_looks(uart.did) == [("set", "mark"), ("write", b"\x81"), ("set", "space")]
    wait = uart.did[2:-1]
    assert set(wait) == {("sleep",), ("empty?",)}
    assert uart.scope() == [(0x81, True)]


def test_a_long_poll_is_a_marked_byte_a_wait_and_the_rest_in_one_burst():
    uart, one = sender()
    one.send(LONG)
    assert without_looks(uart.did) == [
        ("set", "mark"), ("write", LONG[:1]), ("set", "space"), ("write", LONG[1:]),
    ]  # fmt: skip
    assert uart.did.index(("empty?",)) < uart.did.index(("set", "space"))
    assert uart.scope() == [(LONG[0], True), *((value, False) for value in LONG[1:])]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@given(
    polls=st.lists(st.binary(min_size=1, max_size=20), max_size=5),
    pause_s=st.floats(min_value=0.02, max_value=1),
)
def test_every_bit_is_right_and_no_gap_too_long_on_every_kind_of_port(kind, polls, pause_s):
    uart, one = sender(**kind)
    for poll in polls:
        one.send(poll)
        uart.time += pause_s
    bits = [(value, at == 0) for poll in polls for at, value in enumerate(poll)]
    assert uart.scope() == bits
    at = 0
    for poll in polls:
        sent = uart.wire[at : at + len(poll)]
        at += len(poll)
        gaps = [after.begins - before.ends for before, after in pairwise(sent)]
        assert all(gap <= GAP_MAX_S for gap in gaps)


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=5))
def test_a_port_that_sends_in_the_loop_never_keeps_it_longer_than_it_may(polls):
    uart, one = sender()
    assert one.in_loop
    for poll in polls:
        began = uart.time
        one.send(poll)
        assert uart.time - began <= LOOP_MAX_S
        uart.time += 0.05


@pytest.mark.parametrize(
    ("kind", "in_loop"),
    [
        ({"switch_s": 0.00001}, True),
        ({"switch_s": 0.00001, "tells": False}, True),
        ({"switch_s": 0.0004}, False),
        ({"switch_s": 0.00001, "to_chip_s": 0.001}, False),
    ],
    ids=str,
)
def test_a_port_that_switches_slowly_is_not_for_the_loop(kind, in_loop):
    _, one = sender(**kind)
    assert one.in_loop is in_loop


def test_a_poll_right_behind_a_long_one_waits_for_its_last_byte_or_is_refused():
    uart, one = sender()
    one.send(b"\x01\x1a")
    one.send(GENERAL)
    assert uart.scope() == [(0x01, True), (0x1A, False), (0x81, True)]
    one.send(LONG)
    with pytest.raises(TimeoutError, match="still sends the poll before"):
        one.send(GENERAL)


def test_a_port_that_never_sends_is_told_within_the_loops_share():
    uart, one = sender()
    uart.stuck = True
    began = uart.time
    with pytest.raises(TimeoutError, match="did not leave"):
        one.send(GENERAL)
    assert CHARACTER_S < uart.time - began <= LOOP_MAX_S


def test_a_process_that_was_put_aside_for_a_while_does_not_blame_the_port():
    class Shared(ModelUart):
        """Another program has the processor for 10 ms after each look at the line."""

        def line_empty(self, fd):
            empty = super().line_empty(fd)
            self.time += 0.01
            return empty

    one = NinthBitSender(uart := Shared(), 3, usb=False)
    one.set_up()
    one.send(GENERAL)
    assert uart.scope() == [(0x81, True)]


def test_settings_that_the_port_has_already_are_no_error():
    uart, one = sender(refuses_redundant=True)
    uart.set_to = one._mark
    one.send(LONG)
    assert uart.scope()[:2] == [(LONG[0], True), (LONG[1], False)]


@pytest.mark.parametrize(
    ("dropped", "name"),
    [(termios.PARENB, "PARENB"), (CMSPAR, "CMSPAR"), (termios.PARODD, "PARODD")],
    ids=str,
)
@pytest.mark.parametrize("refuses", [False, True], ids=["silently", "EINVAL"])
def test_a_port_on_which_a_flag_does_not_stick_is_refused_by_name(dropped, name, refuses):
    uart = ModelUart(dropped=dropped, refuses_redundant=refuses)
    with pytest.raises(ParityError) as refused:
        NinthBitSender(uart, 3, usb=False).set_up()
    assert name in refused.value.flags
    assert not uart.wire
