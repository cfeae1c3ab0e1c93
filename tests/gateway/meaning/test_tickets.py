"""Which tickets were refused: heard between the machine and its host, never guessed."""

import pytest

from protocols.sas.machine import build_reply
from protocols.sas.polls import long_poll
from protocols.sas.reader import ReplyReader

TICKET = {"amount_cents": 2_000, "parsing_code": 0, "validation_number": "0" * 18}


def hears(seat, code, status):
    """The host's 71 and the machine's answer."""
    poll = bytes([1, 0x71, 0x01, code]) + b"\0\0"
    reader = ReplyReader(long_poll(1, 0x71, transfer_code=0xFF))
    raw = build_reply(1, 0x71, status=status)
    reply = reader.feed(raw) or reader.end()
    return seat._sees(reply, poll, "heard", None)


@pytest.mark.parametrize(
    ("code", "status", "reason", "by"),
    [(0x84, 0x80, "already redeemed", "host"), (0x85, 0x80, "expired", "host"),
     (0x00, 0x80, "rejected by host", "host"), (0x00, 0x88, "timed out", "machine"),
     (0x00, 0x8B, "validator failure", "machine")],
)  # fmt: skip
def test_a_refused_ticket_is_told_with_its_reason(seat, code, status, reason, by):
    seat.says(0x67)
    (refused,) = hears(seat, code, status)
    assert (refused.type, refused.data) == ("ticket.refused", {"reason": reason, "by": by})


@pytest.mark.parametrize("status", [0x00, 0x01, 0x02, 0x20, 0x40, 0xC0, 0xFF])
def test_a_ticket_that_is_taken_or_waits_is_not_refused(seat, status):
    seat.says(0x67)
    assert hears(seat, 0xFF, status) == []


def test_a_refusal_is_told_once_however_often_the_host_asks_and_again_for_the_next_ticket(seat):
    seat.says(0x67)
    assert hears(seat, 0x84, 0x40) == [], "the machine has not given it back yet"
    (refused,) = hears(seat, 0xFF, 0x80)
    assert refused.data["reason"] == "already redeemed", "as the host said before"
    seat.restart("b2")
    assert hears(seat, 0xFF, 0x80) == []
    seat.says(0x68)
    seat.says(0x67)
    assert hears(seat, 0x00, 0x80)[0].data["reason"] == "rejected by host"


def test_68_alone_tells_no_refusal(seat):
    assert [fact.type for fact in seat.says(0x67) + seat.says(0x68)] == [
        "ticket.inserted", "ticket.redeemed",
    ]  # fmt: skip
