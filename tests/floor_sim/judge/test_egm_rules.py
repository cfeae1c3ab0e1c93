"""Each fault of an EGM is found by its rule; machines that keep all rules break none."""

import pytest

from floor_sim.judge.egm_rules import EGM_RULES
from tests.floor_sim.judge.transcripts import judged
from tests.floor_sim.judge.virtual_egms import STORY, examined

UP = "0.0 host 80*\n0.2 host 81*\n0.204 egm 00\n"
"""An EGM that answers, on a line with its ninth bits."""


def wire(kind):
    return f"[profiles.kind.wire]\n{kind}\n"


AT_WORK = (
    ("egm.answer-late", {"kind": "turn_round_s = [0.025, 0.03]"}),
    ("egm.byte-gap", {"faults": [{"kind": "split", "gap_s": 0.015, "probability": 0.2}]}),
    ("egm.crc-wrong", {"faults": [{"kind": "flip", "start_s": 3.0, "seconds": 5.0}]}),
    ("egm.answer-cut", {"faults": [{"kind": "truncate", "start_s": 2.0, "probability": 0.4}]}),
    ("egm.wakeup-set", {"kind": wire('ninth_bit = "even parity"')}),
    ("egm.unasked", {"faults": [{"kind": "junk"}]}),
    ("egm.falls-silent", {"faults": [{"kind": "silence", "start_s": 18.0, "count": 2}]}),
    ("egm.busy-for-ever", {"story": ((1.0, "busy 30"),)}),
    ("egm.unknown-exception", {"story": ((3.0, "exception A9"),)}),
    ("egm.idle-1f", {"kind": wire('idle = "1F"')}),
    ("egm.chirp-missing", {"kind": wire("link_down_s = 30.0")}),
    ("egm.chirp-pace", {"kind": wire("chirp_interval_s = 0.5")}),
    ("egm.chirp-while-polled", {"faults": [
        {"kind": "stuck_chirp", "address": 1, "start_s": 4.0, "seconds": 3.0}]}),
    ("egm.chirp-unmarked", {"faults": [{"kind": "ninth_missing"}]}),
    ("egm.pair-broken", {"story": ((3.0, "exception 11"), (4.0, "exception 11"))}),
    ("egm.meter-back", {"faults": [{"kind": "lying_meter", "asset": "1", "meter": "coin_in",
        "form": "back", "amount": 20, "start_s": 6.0}]}),
    ("egm.features-untrue", {"kind": 'a0 = "01 48 00 00"\npolls_off = ["74"]'}),
)  # fmt: skip
"""Machines of the simulator that break a rule as they are built, or by a fault of their line."""

WRITTEN = {
    "egm.answer-wrong": "1.0 host 01* 1A\n1.004 egm 01 1A 00 00 0A 00 crc",
    "egm.other-address": "1.0 host 01* 1A\n1.004 egm 02 1A 00 00 00 00 crc",
    "egm.resend-differs": "1.0 host 81*\n1.004 egm 11\n1.2 host 81*\n1.204 egm 12\n1.4 host 80*",
    "egm.resend-missing": "1.0 host 81*\n1.004 egm 11\n1.2 host 81*\n1.4 host 80*",
    "egm.read-refused": "1.0 host 01* 2C\n1.004 egm 81",
    "egm.bad-crc": "1.0 host 01* A0 00 00 11 11\n1.004 egm 01 A0 00 00 00 00 00 00 00 00 crc",
    "egm.wrong-mode": "1.0 host 81*\n1.004 egm 89\n1.2 host 80*",
    "egm.event-mode-unasked": "1.0 host 01* 0E 00 crc\n1.004 egm 01\n1.2 host 80*\n"
        "1.3 host 81*\n1.304 egm 01 FF 11 crc\n1.5 host 80*",
    "egm.idle-event": "1.0 host 01* 0E 01 crc\n1.004 egm 01\n1.2 host 80*\n"
        "1.3 host 81*\n1.304 egm 01 FF 00 crc\n1.5 host 80*",
    "egm.unsynced-answer": "5.5 egm 01*\n5.6 host 81*\n5.604 egm 00",
    "egm.handpay-not-repeated": "1.0 host 81*\n1.004 egm 51\n1.1 host 80*\n" + "".join(
        f"{1.3 + turn / 5:.1f} host 80*\n{1.4 + turn / 5:.1f} host 81*\n"
        f"{1.404 + turn / 5:.3f} egm 00\n" for turn in range(90)),
    "egm.handpay-empty": "1.0 host 81*\n1.004 egm 51\n1.2 host 01* 1B\n1.204 egm 01 1B"
        + " 00" * 20 + " crc",
}  # fmt: skip
"""The rest, as they would be recorded."""


def broken(tallies):
    return {name for name, tally in tallies.items() if tally.findings}


@pytest.mark.parametrize(("rule", "how"), AT_WORK, ids=[rule for rule, _ in AT_WORK])
def test_an_egm_that_breaks_a_rule_is_found_by_it(rule, how):
    found = examined(**how)
    assert rule in broken(found), broken(found)
    assert next(iter(found[rule].findings.values())).excerpt


@pytest.mark.parametrize(("rule", "text"), WRITTEN.items(), ids=WRITTEN)
def test_a_recorded_fault_of_an_egm_is_found_by_its_rule(rule, text):
    found = broken(judged(UP + text))
    assert {name for name in found if name.startswith("egm.")} == {rule}


def test_every_rule_for_egms_has_an_egm_that_breaks_it():
    assert {rule for rule, _ in AT_WORK} | set(WRITTEN) == {row.id for row in EGM_RULES}


@pytest.mark.parametrize("control", [False, True])
@pytest.mark.parametrize("egms", [(1,), (1, 2, 3)])
def test_machines_that_keep_all_rules_break_none(egms, control):
    tallies = examined(egms=egms, seconds=28 + 12 * len(egms), control=control)
    assert broken(tallies) == set()


def test_the_exam_brings_up_nearly_every_rule():
    tallies = examined(story=(*STORY, (5.0, "busy 1")))
    never = {name for name, tally in tallies.items() if not tally.chances}
    assert never == {"egm.idle-event", "egm.handpay-not-repeated"}


def test_without_the_exam_it_is_the_certified_host_and_nothing_more():
    tallies = examined(exam=False, story=(), seconds=10)
    assert broken(tallies) == set()
    never = {name for name, tally in tallies.items() if not tally.chances}
    assert {"egm.resend-differs", "egm.bad-crc", "egm.chirp-unmarked"} & never
