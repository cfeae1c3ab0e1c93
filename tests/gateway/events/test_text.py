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
        ("integrity.memoryerror", {"part": "partitionedeprom", "problem": "badchecksum"},
         "memory error: partitioned EPROM bad checksum"),
        ("transfer.step", {"step": "registrationcancelled"}, "transfer registration cancelled"),
        ("egm.clockread", {"offset_s": -0.1}, "machine clock 0.1 s behind"),
        ("egm.clockread", {"offset_s": 3.0}, "machine clock 3.0 s ahead"),
        ("egm.acknowledged", {"said_by": "kim", "event_type": "bill.counterfeit",
                              "disposition": "falsealarm", "remark": "a test"},
         "kim looked at counterfeit bill: false alarm, a test"),
        ("egm.acknowledged", {"said_by": "kim", "event_type": "door.opened",
                              "disposition": "seen", "remark": ""},
         "kim looked at door opened: seen"),
        ("door.opentoolong", {"door": "slot"}, "door.opentoolong"),
        ("door.exploded", {}, "door.exploded"),
    ],
)  # fmt: skip
def test_an_event_in_a_line(name, data, text, noon):
    assert one_line(Fact(name, "10101", data, noon)) == text


@pytest.mark.parametrize("row", CATALOGUE.values(), ids=list(CATALOGUE))
def test_what_a_technician_looks_at_first_is_in_words_and_names_no_event_type(row):
    assert not any(name in row.first_check for name in CATALOGUE)
    assert "_" not in row.first_check


def test_a_line_has_an_end(noon):
    assert len(one_line(Fact("link.down", "10101", {"reason": "x" * 500}, noon))) == 160


def test_a_consumer_reads_the_same_words(place, stamp, noon):
    fact = Fact("handpay.reset", "10101", CATALOGUE["handpay.reset"].example, noon)
    assert one_line(decode(encode(fact, place, stamp, "2026-01-01").body)) == one_line(fact)
