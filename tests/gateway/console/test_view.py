"""Which EGMs are listed, and in which order."""

import time
from datetime import timedelta

import pytest

from gateway.console.link_history import LinkHistory
from gateway.console.view import Order, View
from gateway.status.model import EgmWord, LinkWord
from tests.gateway.console import sample_floors
from tests.gateway.console.sample_floors import NOW, ago, well_egm

EGMS = sample_floors.troubled().egms


def assets(view, egms=EGMS):
    return [egm.asset for egm in view.rows(egms)]


def test_locations_are_ordered_as_people_count():
    egms = [well_egm(1, 1).model_copy(update={"location": place, "asset": place})
            for place in ("A-10", "A-2", "B-1", "A-1")]  # fmt: skip
    assert assets(View(), egms) == ["A-1", "A-2", "A-10", "B-1"]


def test_worst_first_then_who_waits_longest_then_by_location():
    worst = View(order=Order.WORST)
    states = [egm.state for egm in worst.rows(EGMS)]
    assert states == sorted(states, key=list(EgmWord).index)
    down = [well_egm(1, place).model_copy(update={"state": EgmWord.DOWN, "since": ago(seconds)})
            for place, seconds in ((1, 10), (2, 99), (3, 10))]  # fmt: skip
    assert assets(worst, down) == ["10102", "10101", "10103"]


def test_faults_only_leaves_out_who_plays_or_stands_idle():
    listed = View(faults_only=True).rows(EGMS)
    assert {egm.state for egm in EGMS} - {egm.state for egm in listed} == {
        EgmWord.PLAY, EgmWord.IDLE,
    }  # fmt: skip
    assert len(listed) == 11


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10203", ["10203"]),
        ("01-06", ["10601", "10602", "10603", "10604"]),
        ("TILT", ["10203"]),
        ("bill jam", ["10203"]),
        ("drop", ["10304"]),
        ("link down !10601", ["10602", "10603", "10604"]),
        ("l6 !01-06-01 !01-06-02", ["10603", "10604"]),
        ("1,250.00", ["10102"]),
        ("crc", ["10401"]),
        ("no such words", []),
        ("bank:6", ["10601", "10602", "10603", "10604"]),
        ("bank:06 !asset:10603", ["10601", "10602", "10604"]),
        ("state:tilt", ["10203"]),
        ("door:drop", ["10304"]),
        ("zone:high !bank:4", ["10501", "10502", "10503", "10504"]),
        ("line:l6 link:polls !location:01-06-01", ["10602", "10603", "10604"]),
        ("handpay:jackpot", ["10102"]),
        ("tilt:jam event:jam", ["10203"]),
        ("bank: tilt", ["10203"]),
        ("12:30", []),
    ],
)
def test_a_filter_wants_every_word_and_none_of_those_with_a_bang(text, found):
    assert assets(View(text=text)) == found


@pytest.mark.parametrize("text", ["", "   ", "!"])
def test_a_filter_that_is_still_empty_lists_everything(text):
    assert len(assets(View(text=text))) == len(EGMS)


def test_inverse_alone_leaves_out():
    assert len(assets(View(text="!link"))) == len(EGMS) - 4


def test_the_view_says_what_it_leaves_out():
    view = View(faults_only=True, text=" tilt ").with_next_order()
    assert view.words() == "worst first, faults only, /tilt"
    assert view.with_next_order().words() == "worst link first, faults only, /tilt"
    turned = view.with_next_order().with_next_order()
    assert turned.words() == "by location, faults only, /tilt"


def test_3000_egms_are_filtered_and_sorted_between_two_keystrokes():
    egms = sample_floors.big().egms
    view = View(order=Order.WORST, text="!idle l1")
    view.rows(egms)
    began = time.process_time()
    assert view.rows(egms)
    assert time.process_time() - began < 0.2


def test_the_link_that_had_the_worst_minute_lately_comes_first_and_the_unknown_last():
    marks = {"1": "77777777", "2": "", "3": "77177777", "4": "77777666", "5": "71117777"}
    egms = [well_egm(1, 1).model_copy(update={"asset": asset, "link_lately": text})
            for asset, text in marks.items()]  # fmt: skip
    egms.append(egms[0].model_copy(update={"asset": "6", "link": LinkWord.DOWN}))
    assert assets(View(order=Order.LINK), egms) == ["6", "5", "3", "4", "1", "2"]


def test_where_the_gateway_tells_no_minutes_those_seen_from_here_count():
    history = LinkHistory()
    egm = well_egm(1, 1).model_copy(update={"link_lately": "", "link_quality": None})
    down = egm.model_copy(update={"asset": "2", "link": LinkWord.DOWN})
    lost = egm.model_copy(update={"asset": "3", "link": LinkWord.UNKNOWN})
    for minute, one in enumerate([down, down.model_copy(update={"link": LinkWord.UP})]):
        history.note([egm, one, lost], NOW + timedelta(minutes=minute))
    assert [history.lately(each) for each in (egm, down, lost)] == ["77", "07", "--"]
    told = egm.model_copy(update={"link_lately": "7654"})
    assert history.lately(told) == "7654"
    rows = View(order=Order.LINK).rows([lost, egm, down], history.lately)
    assert [one.asset for one in rows] == ["2", egm.asset, "3"]
