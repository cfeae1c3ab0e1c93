"""Whole checks at a simulated machine with two hosts: what passes, what fails with which advice."""

import pytest

from gateway.commissioning.check import settle
from gateway.commissioning.step import Verdict
from gateway.commissioning.told import Line
from tests.gateway.commissioning.little_floor import LittleFloor

NEW_MACHINE = {
    "door": ("door open slot", "door close slot"), "bill": ("bill 20",),
    "game": ("game start 40", "game end"), "ticket": ("cash out",),
    "handpay": ("big cash-out", "handpay reset"),
}  # fmt: skip


def act_through(floor, last=None):
    """Do by hand what each step asks for, once each, until the check ends or ``last`` comes."""
    done = {name: list(words) for name, words in NEW_MACHINE.items()}
    for _ in range(200):
        if floor.step in {None, last}:
            return
        floor.run(1.0)
        if floor.step in done and floor.finding().verdict is None and done[floor.step]:
            assert floor.do(done[floor.step].pop(0))
    raise AssertionError(f"{floor.step}: {floor.finding()}")


def verdicts(floor):
    return {name: str(record.verdict) for name, record in floor.check.records.items()}


def test_a_newly_wired_machine_passes_from_port_to_handpay_with_the_frames_that_prove_it():
    floor = LittleFloor()
    act_through(floor)
    assert set(verdicts(floor).values()) == {"PASS"}
    assert floor.check.verdict is Verdict.PASS
    records = floor.check.records
    assert records["serial"].saw == "serial number 'SIM10101', SAS 602, as the registry has it"
    door = [(one.who, one.text, one.means) for one in records["door"].frames]
    assert ("EGM", "11", "EGM 5 reports: slot door opened") in door
    assert ("EGM", "12", "EGM 5 reports: slot door closed") in door
    assert "total_drop +2,000" in records["bill"].saw or "credits +2,000" in records["bill"].saw
    assert records["handpay"].saw.startswith("handpay pending, then handpay was reset; ")


@pytest.mark.parametrize(
    ("registry", "step", "verdict", "look"),
    [
        ({"serial": "SIM10102"}, "serial", "FAIL", "cabinet's plate"),
        ({"owners": {"SIM10101": "10199"}, "serial": "X"}, "serial", "FAIL", "asset 10199"),
        ({"serial": ""}, "serial", "NOT DONE", 'serial = "SIM10101"'),
        ({"denomination": "0.05"}, "registry", "FAIL", "accounting denomination"),
        ({"denomination": ""}, "registry", "NOT DONE", 'denomination = "0.01"'),
    ],
    ids=["other", "swapped", "unknown", "denomination", "no denomination"],
)
def test_what_the_registry_says_otherwise_is_no_pass(registry, step, verdict, look):
    floor = LittleFloor(registry=registry)
    act_through(floor, step)
    floor.run(3.0)
    if floor.step == step:  # a FAIL waits for the technician
        assert floor.finding().verdict is Verdict.FAIL
        floor.check = settle(floor.check, floor.at)
    record = floor.check.records[step]
    assert (str(record.verdict), look in record.look) == (verdict, True), record


def test_a_machine_at_another_address_is_found_by_its_chirp():
    floor = LittleFloor(registry={"address": 9})
    floor._ear.address = 9
    floor.plug(inside=False)
    floor.run(9.0)
    floor.plug(inside=True)
    heard = []

    def stranger(speaker, at, data, bits):
        heard.append(bytes(data))
        LittleFloor._hear(floor, speaker, at, data, bits)

    floor._hear = stranger
    floor.ours.host_write = lambda *_: None  # nobody polls address 5
    floor.run(12.0)
    assert b"\x05" in heard
    found = floor.finding()
    assert floor.step == "address"
    assert (found.verdict, found.saw) == (Verdict.FAIL, "a chirp from address 5")
    assert "set the SAS address to 9" in found.look


def test_a_cable_that_is_not_in_leads_to_the_harness_and_the_operator_menu():
    floor = LittleFloor()
    floor.plug(inside=False)
    floor.run(2.0, until="address")
    floor.ours.take_symbols = lambda _now: []  # not even a chirp
    floor.run(12.0)
    found = floor.finding()
    assert (floor.step, found.verdict) == ("address", None)
    assert "Harness: data out of the machine" in found.look
    assert "address not 0" in found.look
    floor.check = settle(floor.check, floor.at)
    assert verdicts(floor)["address"] == "NOT DONE"


@pytest.mark.parametrize(
    ("state", "verdict", "look"),
    [("waiting for the port", None, "Is the adapter plugged in"),
     ("stopped: another host polls here", Verdict.FAIL, "the machine's second SAS port")],
)  # fmt: skip
def test_a_port_that_goes_away_meanwhile_is_named_at_every_step_about_the_wire(
    state, verdict, look
):
    floor = LittleFloor()
    floor.plug(inside=False)
    floor.run(2.0, until="address")
    floor._tell(Line(at=floor.at, state=state, port="lines/L1"))
    for _ in ("address", "ninth", "sync", "serial"):
        found = floor.finding()
        assert (found.verdict, look in found.look) == (verdict, True), floor.step
        floor.check = settle(floor.check, floor.at, Verdict.NOT_DONE)


def test_a_line_without_ninth_bits_cannot_prove_them_and_says_so():
    floor = LittleFloor(ninth=False)
    act_through(floor, "sync")
    record = floor.check.records["ninth"]
    assert str(record.verdict) == "NOT DONE"
    assert "tells no ninth bit" in record.look


def test_a_board_that_left_sas_mode_is_seen_by_its_ninth_bits():
    floor = LittleFloor(ours={"ninth_bit": "even parity"})
    while floor.step != "ninth":
        floor.check = settle(floor.check, floor.at, Verdict.NOT_DONE)
    floor.run(20.0)
    found = floor.finding()
    assert found.verdict is Verdict.FAIL
    assert "answers with a ninth bit set" in found.saw
    assert "space parity" in found.look


def test_a_port_with_another_role_is_found_by_the_meter_that_moves_without_a_word():
    floor = LittleFloor(ours={"roles": frozenset({"doors", "meters"})})
    act_through(floor, "bill")
    assert floor.do("bill 20")
    floor.run(25.0, until="never")
    found = floor.finding()
    assert found.verdict is Verdict.FAIL
    assert "nothing was reported" in found.saw
    assert "does not report bills" in found.look


def absent(lost, *, bill=True, ticket=True, dead_s=30.0):
    """Live through an absence test at a machine that does ``lost`` when our host is missed."""
    floor = LittleFloor("absence", ours={"host_lost": lost})
    floor.do("bill 100")
    floor.playing = True
    assert floor.run(60.0, until="unplug")
    floor.run(12.0)
    floor.plug(inside=False)
    floor.run(40.0)
    floor.do("game end")
    done = [floor.do("bill 20")] if bill else []
    done += [floor.do("cash out"), floor.do("bill 20")] if ticket else []
    assert all(done) is (lost == "nothing") or not done
    floor.playing = True
    floor.run(30.0)
    assert "plug it in again" in floor.finding().saw
    floor.plug(inside=True)
    assert floor.run(30.0, until="play")
    floor.run(2.0)
    return floor


def go_on(floor, *, yes=True, until=None):
    """Answer every question, take every FAIL as it is."""
    for _ in range(60):
        if floor.step == until or (floor.run(1.0, until=until) and until):
            return
        floor.say(yes=yes)
        if floor.finding().verdict is Verdict.FAIL:
            floor.check = settle(floor.check, floor.at)
    raise AssertionError(f"{floor.step}: {floor.finding()}")


def test_a_machine_that_does_not_miss_us_passes_unplugged_and_with_a_dead_daemon():
    floor = absent("nothing")
    go_on(floor, until="kill")
    floor.run(12.0)
    floor.kill()
    floor.run(30.0)
    floor.start()
    go_on(floor)
    assert set(verdicts(floor).values()) == {"PASS"}, verdicts(floor)
    assert "games or more while we were away, no tilt" in floor.check.records["play"].saw
    assert "games or more while we were away, no tilt" in floor.check.records["playkill"].saw


@pytest.mark.parametrize(
    ("lost", "saw", "setting"),
    [
        ("tilt", "a tilt was reported", "'tilt (lock up) on loss of communication'"),
        ("stop play", "no more games", "'disable play while the link is down'"),
    ],
)
def test_a_machine_that_misses_us_fails_with_the_setting_to_look_for(lost, saw, setting):
    floor = absent(lost)
    go_on(floor, until="bills")  # though the technician says that all went on
    record = floor.check.records["play"]
    assert (str(record.verdict), saw in record.saw, setting in record.look) == ("FAIL", True, True)
    assert floor.check.verdict is Verdict.FAIL
    go_on(floor, until="kill")
    assert verdicts(floor)["bills"] == verdicts(floor)["tickets"] == "FAIL"


@pytest.mark.parametrize(
    ("step", "setting"),
    [("play", "disable play"), ("bills", "bill acceptor off"), ("tickets", "validation (TITO)"),
     ("certified", "The two channels hang together")],
)  # fmt: skip
def test_what_the_technician_saw_stop_fails_whatever_the_meters_say(step, setting):
    floor = absent("nothing")
    go_on(floor, until=step)
    floor.say(yes=False)
    found = floor.finding()
    assert found.verdict is Verdict.FAIL
    assert setting in found.look


@pytest.mark.parametrize("step", ["bills", "tickets"])
def test_what_was_not_tried_is_no_pass_though_the_technician_says_so(step):
    floor = absent("nothing", bill=False, ticket=False)
    go_on(floor, until=step)
    floor.run(2.0)
    floor.say(yes=True)
    assert floor.finding().verdict is Verdict.FAIL
    assert "did not move" in floor.finding().saw


def test_a_line_that_was_out_too_short_is_to_be_unplugged_again():
    floor = LittleFloor("absence")
    floor.do("bill 100")
    floor.playing = True
    assert floor.run(60.0, until="unplug")
    floor.plug(inside=False)
    floor.run(20.0)
    floor.plug(inside=True)
    floor.run(5.0)
    assert floor.step == "unplug"
    assert floor.finding().look == "Unplug it again, and wait for the word here."


def test_a_console_that_only_lost_its_connection_has_seen_no_daemon_die():
    floor = absent("nothing")
    go_on(floor, until="kill")
    floor.kill()
    floor.birth -= 1
    floor.run(3.0)
    floor.start()
    floor.run(10.0)
    assert (floor.step, floor.finding().saw) == ("kill", "the daemon answers")


def test_a_dead_daemon_that_was_back_at_once_proves_play_by_the_technicians_word_alone():
    floor = absent("nothing")
    go_on(floor, until="kill")
    floor.run(11.0)
    floor.kill()
    floor.run(2.0)
    floor.start()
    go_on(floor)
    assert "too short for the meters" in floor.check.records["playkill"].saw
    assert floor.check.verdict is Verdict.PASS


def test_the_comms_test_asks_where_it_stands_and_looks_at_the_link():
    floor = LittleFloor("comms")
    act_through(floor, "place")
    floor.run(2.0)
    assert "at 01-01-01?" in floor.check.words(floor.check.step.asks)
    floor.say(yes=True)
    act_through(floor)
    assert set(verdicts(floor).values()) == {"PASS"}
    assert "100% of the last 100 polls" in floor.check.records["quality"].saw


def test_a_machine_that_stands_elsewhere_fails_with_the_registry_to_look_at():
    floor = LittleFloor("comms")
    act_through(floor, "place")
    floor.run(2.0)
    floor.say(yes=False)
    assert floor.finding().verdict is Verdict.FAIL
    assert floor.finding().look.startswith("Registry")
