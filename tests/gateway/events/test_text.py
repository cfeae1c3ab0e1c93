"""Events as people read them."""

import pytest

from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import encode
from gateway.events.envelope import decode
from gateway.events.fact import Fact
from gateway.events.text import one_line

USD = {"amount": "1250.00", "currency": "USD"}


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("door.opened", {"door": "cardcage"}, "card cage door opened"),
        ("handpay.pending", {"repeat": False}, "handpay pending"),
        ("handpay.pending", {"repeat": True, "amount": USD, "handpay_class": "topwin"},
         "handpay pending, said again 1,250.00 USD top win"),
        ("handpay.amountknown", {"amount": USD, "handpay_class": "nonprogressive"},
         "handpay 1,250.00 USD jackpot"),
        ("bill.accepted", {"denomination": {"amount": "20.00", "currency": "USD"}},
         "bill accepted 20.00 USD"),
        ("bill.accepted", {}, "bill accepted"),
        ("meter.rolledover", {"meter": "coin_in"}, "meter coin in rolled over"),
        ("egm.swapped", {"changed": ["serial", "paytable"]},
         "another machine answers (serial, paytable)"),
        ("door.opentoolong", {"door": "slot"}, "door.opentoolong"),
        ("door.exploded", {}, "door.exploded"),
    ],
)  # fmt: skip
def test_an_event_in_a_line(name, data, text, noon):
    assert one_line(Fact(name, "10101", data, noon)) == text


def test_a_line_has_an_end(noon):
    assert len(one_line(Fact("link.down", "10101", {"reason": "x" * 500}, noon))) == 160


def test_a_consumer_reads_the_same_words(place, stamp, noon):
    fact = Fact("handpay.reset", "10101", CATALOGUE["handpay.reset"].example, noon)
    assert one_line(decode(encode(fact, place, stamp, "2026-01-01").body)) == one_line(fact)
