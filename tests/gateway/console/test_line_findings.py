"""What is said of a line, so that somebody goes to the right place."""

import pytest

from gateway.console.line_findings import findings, slowest
from gateway.console.sight import Tone
from gateway.status.model import EgmStatus, EgmWord, LineStatus, LinkWord


def line(**more):
    given = {"name": "L3", "port": "/dev/x", "mode": "host", "state": "polling", "cycle_s": 0.2,
             "plan_cycle_s": 0.17, "plan_period_s": 0.2}  # fmt: skip
    return LineStatus(**(given | more))


def egms(*links, **more):
    return [
        EgmStatus(asset=f"1030{at}", location=f"14-{at:02}", line="L3", address=at,
                  link=LinkWord(link), link_quality=0.0 if link == "down" else 1.0,
                  link_reason="no answer to 5 polls" if link == "down" else "", **more)
        for at, link in enumerate(links, 1)
    ]  # fmt: skip


def noisy(egm, share=0.8, **more):
    return egm.model_copy(update={"link_quality": share, **more})


def words(line, there):
    return [one.words for one in findings(line, there)]


def test_nothing_is_found_where_all_is_well():
    assert findings(line(), egms("up", "up", "up")) == []
    assert findings(line(mode="listen", state="listening", plan_cycle_s=None, plan_period_s=None),
                    egms("up")) == []  # fmt: skip


def test_where_the_answers_stop_is_where_the_wire_is_broken():
    there = egms("up", "up", "up", "up", "down", "down", "down")
    assert words(line(), list(reversed(there))) == [
        "replies on L3 stop at address 5 (14-05 and 2 more): look at the harness after 14-04"
    ]


def test_one_silent_machine_between_two_that_answer_is_its_own_plug():
    (found,) = findings(line(), egms("up", "down", "up"))
    assert found.words.startswith("14-02 alone does not answer (no answer to 5 polls): look at its")
    assert found.tone is Tone.BAD


def test_a_silent_machine_at_the_end_of_the_wire_is_no_broken_harness():
    (said,) = words(line(), egms("up", "up", "down"))
    assert said.startswith("14-03 alone does not answer")


def test_a_machine_before_the_break_is_told_beside_it():
    said = words(line(), egms("up", "down", "up", "down", "down"))
    assert [one[:28] for one in said] == [
        "replies on L3 stop at addres", "14-02 alone does not answer ",
    ]  # fmt: skip


def test_where_nobody_answers_it_is_the_port_or_the_first_machine():
    (said,) = words(line(), egms("down", "down"))
    assert said.startswith("nobody answers on L3: look at the plug at our port and at the first "
                           "machine, 14-01")  # fmt: skip


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        ("waiting for the port", "is the adapter plugged in"),
        ("stopped: another host polls here", "unplug ours from it at once"),
        ("port refused", "look at its port"),
    ],
)
def test_a_line_that_does_not_work_says_what_to_look_at(state, advice):
    (found,) = findings(line(state=state), egms("down", "down"))
    assert found.words.startswith(f"L3 {state}: ")
    assert advice in found.words
    assert found.tone is Tone.BAD


def test_bad_answers_of_one_machine_are_its_board():
    there = egms("up", "up", "up")
    there[1] = noisy(there[1], errors=40, timeouts=3, crc_errors=37)
    (said,) = words(line(), there)
    assert said == (
        "14-02 fails 20% of its polls, its neighbours do not: look at its SAS plug and board "
        "(answers arrive damaged: its events may be misread)"
    )


def test_missing_answers_of_one_machine_are_told_apart_from_damaged_ones():
    there = egms("up", "degraded", "up")
    there[1] = noisy(there[1], errors=40, timeouts=37, crc_errors=3)
    (said,) = words(line(), there)
    assert said.endswith("(answers do not come)")


def test_bad_answers_of_all_machines_are_the_wire():
    there = [noisy(egm, 0.9) for egm in egms("up", "degraded", "up")]
    there[2] = noisy(there[2], 0.7)
    (said,) = words(line(), there)
    assert said.startswith("every machine on L3 answers badly now (14-03 worst, 30% failed)")


def test_answers_that_all_machines_miss_are_not_the_wire_but_who_waits_for_them():
    there = [noisy(egm, 0.9, errors=10, timeouts=10) for egm in egms("up", "up", "up")]
    (said,) = words(line(), there)
    assert "how busy this computer is (answers do not come" in said


def timed(*took_ms):
    there = egms(*["up"] * len(took_ms))
    return [egm.model_copy(update={"answer_ms": one})
            for egm, one in zip(there, took_ms, strict=True)]  # fmt: skip


def test_a_machine_that_answers_later_than_its_neighbours_and_the_book_is_told():
    (said,) = words(line(), timed(6, 63, 5))
    assert said.startswith("14-02 takes 63 ms to answer, its neighbours 5 ms, and 20 ms are right")


@pytest.mark.parametrize("took_ms", [(6, 19, 5), (60, 63, 58), (63,), (None, 63)])
def test_an_answer_within_the_book_or_as_slow_as_all_is_no_finding(took_ms):
    assert words(line(), timed(*took_ms)) == []


def test_the_slowest_machine_of_a_line_is_one_that_answers():
    there = timed(6, 63, 5)
    assert slowest(there).address == 2
    there[1] = there[1].model_copy(update={"link": LinkWord.DOWN})
    assert slowest(there).address == 1
    assert slowest(timed(None)) is None


def test_a_quarantined_machine_is_not_called_noisy_for_its_plug():
    there = [noisy(egms("up")[0], state=EgmWord.QUARANTINED)]
    assert "the gateway has set it aside" in words(line(), there)[0]


def test_one_failed_poll_in_a_hundred_is_no_finding():
    assert findings(line(), [noisy(egm, 0.99) for egm in egms("up", "up")]) == []


def test_a_turn_that_takes_too_long_is_told_with_the_plan():
    (said,) = words(line(cycle_s=0.9), egms("up", "up"))
    assert said.startswith("a turn over L3 takes 0.90 s, planned 0.20 s")


def test_a_line_without_machines_says_so():
    assert words(line(), []) == ["L3 has no EGMs in the site file"]
