"""Paper in the printer: low, out, handpays instead of tickets, and somebody who fills it up."""

import pytest

from floor_sim.doings import do
from floor_sim.machine import paper
from floor_sim.machine.paper import LOW, PACK
from floor_sim.people.staff import fill_paper, needs_of


def cash_out(talk):
    assert do(talk.machine, "bill 5", talk.now)
    assert do(talk.machine, "cash out", talk.now)


def test_paper_runs_low_then_out_and_each_is_told_once(talk):
    for used, code in ((LOW - 1, "74"), (PACK - 1, "61")):
        talk.cabinet.paper_used = used
        assert code not in talk.told()
        cash_out(talk)
        assert talk.told()[-2:] == ["3D", code]
    cash_out(talk)
    assert talk.told().count("61") == 1


def test_without_paper_a_cash_out_is_paid_by_hand_until_somebody_fills_it_up(talk):
    assert do(talk.machine, "paper out", talk.now)
    assert not do(talk.machine, "paper out", talk.now)
    cash_out(talk)
    assert talk.told()[-1] == "51"
    assert [pay.source for pay in talk.cabinet.handpays] == ["credits"]
    assert do(talk.machine, "handpay reset", talk.now)
    assert not do(talk.machine, "paper fill", talk.now)  # the door is shut
    for words in ("door open slot", "paper fill", "door close slot"):
        assert do(talk.machine, words, talk.now), words
    cash_out(talk)
    assert talk.told()[-1] == "3D"


def test_a_power_cut_fills_no_printer(talk):
    talk.cabinet.paper_used = LOW - 1
    cash_out(talk)
    assert talk.reboot().cabinet.paper_used == LOW


def test_a_ram_clear_fills_no_printer(talk):
    assert do(talk.machine, "paper out", talk.now)
    assert do(talk.machine, "ram clear", talk.now)
    assert paper.is_out(talk.cabinet)


@pytest.mark.parametrize(
    ("before", "needs"),
    [
        (("bill 5",), []),
        (("bill 5", "game start 40"), []),
        ((), ["paper"]),
        (("bill 5", "paper out"), ["paper"]),
    ],
)
def test_nobody_disturbs_a_guest_while_there_is_paper_left(talk, before, needs):
    talk.cabinet.paper_used = LOW
    for words in before:
        assert do(talk.machine, words, talk.now)
    assert needs_of(talk.machine) == needs


def test_an_attendant_opens_the_machine_and_fills_it_up(talk):
    assert do(talk.machine, "paper out", talk.now)
    assert fill_paper(talk.machine, talk.now)
    assert talk.cabinet.paper_used == 0
    assert needs_of(talk.machine) == ["slot door"]
    assert talk.told()[-1] == "11"
