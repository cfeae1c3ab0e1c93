"""What may have waited in a machine's queue says so."""

import json

import pytest

from gateway.meaning.telling import LATE_S


@pytest.mark.parametrize(("waited_s", "late"), [(0.2, False), (LATE_S, False), (LATE_S + 1, True)])
def test_an_exception_that_may_have_waited_long_is_late(seat, waited_s, late):
    seat.idles()
    seat.wait(waited_s - 0.2)
    (opened,) = seat.says(0x11)
    assert opened.late is late


def test_nobody_knows_how_old_the_first_words_after_a_start_are(seat):
    assert seat.says(0x11)[0].late
    seat.idles()
    assert not seat.says(0x12)[0].late
    assert [json.loads(body)["late"] for body in seat.bodies] == [True, False]


def test_an_answer_to_a_long_poll_is_never_late_and_neither_is_what_follows(seat):
    seat.says(0x51)
    assert not seat.reads("door", coin_in=1)[0].late
