"""Who is told to send real-time events, or to stop: once, and only where the list has it."""

from __future__ import annotations

import pytest

from edge_config.site import LineInfo
from gateway.edge.event_mode import EventMode
from protocols.sas.host.steps import LinkChanged, LinkState, Turn
from protocols.sas.replies import ExceptionReply, IdleReply
from tests.protocols.sas.host.wire_oracle import signed

CAME = (LinkChanged(5, LinkState.DOWN, LinkState.UP, "answers"),)
EASED = (LinkChanged(5, LinkState.DEGRADED, LinkState.UP, "answers"),)
ON, OFF = signed("050e01"), signed("050e00")
EVENT = ExceptionReply(5, 0x11, real_time=True, raw=signed("05ff11"))
PLAIN = ExceptionReply(5, 0x11, raw=b"\x11")
POWER = ExceptionReply(5, 0x17, raw=b"\x17")
IDLE_FRAME = IdleReply(5, signed("05ff00"))
IDLE = IdleReply(5)


def mode(**more) -> EventMode:
    return EventMode(LineInfo(name="L1", port="x", **more))


def after(reply, changes=()) -> Turn:
    return Turn(5, b"\x85", 7, 1.0, 1.02, reply, changes=changes)


@pytest.mark.parametrize(
    ("turn", "poll"),
    [(after(IDLE, CAME), ON), (after(POWER), ON), (after(IDLE), None), (after(PLAIN), None),
     (after(IDLE, EASED), None), (after(EVENT), None)],
)  # fmt: skip
def test_where_the_site_wants_it_the_mode_is_switched_on_when_a_machine_comes(turn, poll):
    assert mode(allow="own_line", real_time=True).poll(turn, mute=False) == poll


@pytest.mark.parametrize(
    ("reply", "mute", "poll"),
    [(EVENT, False, OFF), (IDLE_FRAME, False, OFF), (IDLE, True, OFF), (IDLE, False, None),
     (PLAIN, False, None), (POWER, False, None)],
)  # fmt: skip
def test_where_it_does_not_a_machine_found_in_that_mode_is_taken_out_of_it(reply, mute, poll):
    assert mode(allow="own_line").poll(after(reply, CAME), mute=mute) == poll


def test_it_is_told_off_once_for_each_time_that_its_link_comes_up():
    one = mode(allow="own_line")
    turns = [after(EVENT, CAME), after(EVENT), after(EVENT, EASED), after(EVENT, CAME)]
    assert [one.poll(turn, mute=True) for turn in turns] == [OFF, None, None, OFF]


@pytest.mark.parametrize("real_time", [True, False])
def test_a_line_that_only_reads_switches_nothing(real_time):
    one = mode(allow="any_line", real_time=real_time)
    for turn in (after(EVENT, CAME), after(POWER), after(IDLE_FRAME)):
        assert one.poll(turn, mute=True) is None
