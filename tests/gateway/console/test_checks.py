"""Checks of a machine in the console: every key, a gateway that dies, drafts, reports."""

import json

import pytest

from gateway.commissioning.plans import PLANS
from gateway.commissioning.signature import verify
from gateway.commissioning.step import Verdict
from gateway.commissioning.told import Word
from gateway.console.check_help import help_lines
from gateway.console.checks_page import ChecksPage
from gateway.console.command_screen import fitting
from gateway.console.floor import Contact
from gateway.console.glyphs import ASCII
from gateway.console.machine_screen import MachineScreen
from gateway.console.wire_page import WirePage
from gateway.status.model import EgmDelta, EgmWord, LinkWord
from tests.gateway.console import sample_floors
from tests.gateway.console.check_bench import (
    CheckBench,
    at_step,
    command,
    identity,
    idle,
    notified,
    opened,
    press,
    says,
    screen,
    verdicts,
)
from tests.gateway.console.open_console import until


@pytest.fixture
def bench(tmp_path):
    return CheckBench(tmp_path)


async def test_t_lists_the_checks_of_the_machine_and_enter_opens_one_and_escape_goes_back(bench):
    async with bench.open() as pilot:
        await press(bench, pilot, "enter", "t")
        assert isinstance(bench.page, ChecksPage)
        page = screen(bench)
        for plan in PLANS.values():
            assert plan.title in page
        assert "L1 address 1, serial SIM10101" in page
        await press(bench, pilot, "down", "down", "enter")
        assert "Comms test: NOT DONE" in bench.text()[0]
        await press(bench, pilot, "escape", "escape")
        assert isinstance(bench.page, MachineScreen)


async def test_a_check_is_opened_by_its_name_and_a_place_or_an_asset(bench):
    async with bench.open() as pilot:
        await command(bench, pilot, "absence 6-04")
        assert "01-06-04  asset 10604  Absence test" in bench.text()[0]
    for words, title in (("commission 4-02", "Commissioning of asset 10402"),
                         ("comms 10203", "Comms test of asset 10203"),
                         ("meters 01-01-01", "Meter check of asset 10101")):  # fmt: skip
        assert fitting(words, bench.floor)[0].meaning.startswith(title)


async def test_a_check_without_a_place_is_of_the_machine_that_is_open(bench):
    async with bench.open() as pilot:
        await bench.app.run_action("check('absence', '')")
        await notified(bench, "Of which machine? :absence 14-07")
        await press(bench, pilot, "down", "enter")
        await command(bench, pilot, "absence")
        assert "asset 10102  Absence test" in bench.text()[0]
        await bench.app.run_action("check('meters', '')")
        await bench.drawn(pilot)
        assert "asset 10102  Meter check" in bench.text()[0]


async def test_what_goes_over_the_wire_carries_a_check_from_step_to_step(bench):
    async with bench.open() as pilot:
        await opened(bench, pilot, "commission")
        await bench.looked(pilot)
        await bench.wire(pilot, *idle(8))
        await bench.looked(pilot)
        assert verdicts(bench) == {"port": "PASS", "address": "PASS"}
        await bench.wire(pilot, *idle(6), *identity())
        await bench.wire(pilot, *idle(22))
        await bench.looked(pilot)
        await bench.looked(pilot)
        assert verdicts(bench) == dict.fromkeys(
            ("port", "address", "ninth", "sync", "serial", "registry"), "PASS"
        )
        assert "the meters are asked" in screen(bench)
        frames = [one.text for one in bench.page.check.records["serial"].frames]
        assert any(text.startswith("01 54") for text in frames)


async def test_what_a_step_needs_is_read_at_the_pace_that_the_gateway_allows(bench):
    async with bench.open() as pilot:
        await at_step(bench, pilot, "commission", "meters")
        await bench.looked(pilot)
        await until(lambda: bench.asked)
        for _ in range(4):
            await bench.looked(pilot)
        assert bench.asked == [{"do": "read", "asset": "10101", "what": "full"}]
        await bench.looked(pilot, 6)
        await until(lambda: len(bench.asked) == 2)


async def test_r_reads_at_once_and_a_refusal_is_shown_in_the_gateways_words(bench):
    async with bench.open() as pilot:
        await at_step(bench, pilot, "commission", "door")
        bench.refuse = "this gateway has no EGM 10101"
        await press(bench, pilot, "r")
        await until(lambda: bench.asked)
        await until(lambda: bench.page._asks.trouble)
        await bench.looked(pilot)
        assert "Note:  this gateway has no EGM 10101" in screen(bench)
        bench.refuse = "it was read for somebody just now; again in 4 s"
        await press(bench, pilot, "r")
        await until(lambda: not bench.page._asks.trouble)  # a pace that is kept is no trouble


async def test_a_serial_number_of_another_machine_fails_and_f_takes_it_so(bench):
    async with bench.open() as pilot:
        await at_step(bench, pilot, "commission", "serial")
        await bench.wire(pilot, *identity("SIM10102"))
        text = " ".join(screen(bench).split())
        assert "FAIL: serial number 'SIM10102'" in text
        assert "That number is asset 10102" in text
        assert "f takes it as failed and goes on" in text
        await press(bench, pilot, "f")
        assert "Serial number failed: why?" in screen(bench)
        await press(bench, pilot, *"plug", "enter")
        record = bench.page.check.records["serial"]
        assert (record.verdict, record.said) == (Verdict.FAIL, "plug")
        assert bench.page.check.step.name == "registry"
        assert "Commissioning: FAIL" in bench.text()[0]


async def test_s_leaves_a_step_and_f_fails_it_with_a_reason_and_not_without(bench):
    async with bench.open() as pilot:
        await at_step(bench, pilot, "commission", "ticket")
        await press(bench, pilot, "s", "enter")
        assert "A reason is wanted." in screen(bench)
        await press(bench, pilot, "escape")
        assert verdicts(bench) == {}
        await pilot.press("s", *"hop")  # over a slow link they come in one piece
        await press(bench, pilot, "enter")
        assert bench.page.check.records["ticket"].said == "hop"
        await press(bench, pilot, "f", "enter")
        assert "Handpay failed: why?" in screen(bench)
        await press(bench, pilot, *"key", "enter")
        assert verdicts(bench) == {"ticket": "NOT DONE", "handpay": "FAIL"}
        await press(bench, pilot, "A")
        assert (verdicts(bench), bench.page.check.step.name) == ({}, "port")


async def test_a_step_that_passes_while_a_reason_is_typed_stays_passed(bench):
    async with bench.open() as pilot:
        await at_step(bench, pilot, "commission", "door")
        page = bench.page
        await press(bench, pilot, "s", *"late")
        page._go(page.check)
        page._watch.check = page.check.model_copy(update={"at": 8})
        await press(bench, pilot, "enter")
        await notified(bench, "door has settled itself meanwhile")
        assert verdicts(bench) == {}


async def test_a_door_by_hand_passes_with_what_was_on_the_wire_and_enter_does_it_again(bench):
    async with bench.open() as pilot:
        await at_step(bench, pilot, "commission", "door")
        await bench.wire(pilot, says(0x11))
        assert "slot door opened: now close it again" in screen(bench)
        await bench.wire(pilot, says(0x12))
        await bench.looked(pilot)
        assert verdicts(bench) == {"door": "PASS"}
        assert bench.page.check.step.name == "bill"
        await press(bench, pilot, "up")
        assert "Slot door: PASS" in screen(bench)
        await press(bench, pilot, "enter")
        assert bench.page.check.step.name == "door"
        assert "nothing reported yet" in screen(bench)


async def test_end_and_enter_prove_the_door_switch_alone_whatever_came_before(bench):
    async with bench.open() as pilot:
        await opened(bench, pilot, "comms")
        await bench.looked(pilot)
        assert "enter do step" in screen(bench)
        await press(bench, pilot, "end")
        assert "─ Slot door ─" in screen(bench)
        assert "Open the slot (main) door, close it." in screen(bench)
        await press(bench, pilot, "enter")
        await bench.wire(pilot, says(0x11))
        await bench.wire(pilot, says(0x12))
        await bench.looked(pilot)
        assert verdicts(bench)["door"] == "PASS"


async def test_y_and_n_answer_what_only_the_technician_can_see(bench):
    async with bench.open() as pilot:
        await at_step(bench, pilot, "comms", "place")
        assert "Does asset 10101 stand at 01-01-01? y / n" in screen(bench)
        await press(bench, pilot, "n")
        await bench.looked(pilot)
        assert "it does not stand at 01-01-01" in screen(bench)
        assert verdicts(bench) == {}
        await press(bench, pilot, "y")  # a slip of the finger
        await bench.looked(pilot)
        assert verdicts(bench) == {"place": "PASS"}
        told = bench.page.check.told
        await press(bench, pilot, "y")
        await notified(bench, "This step asks nothing: it looks for itself.")
        assert [one for one in bench.page.check.told if isinstance(one, Word)] == [
            one for one in told if isinstance(one, Word)
        ]


async def test_w_shows_the_wire_and_the_check_goes_on_beneath(bench):
    async with bench.open() as pilot:
        await at_step(bench, pilot, "commission", "door")
        page = bench.page
        await press(bench, pilot, "w")
        assert isinstance(bench.page, WirePage)
        bench.clock.move(seconds=5)
        page._look()
        await press(bench, pilot, "escape")
        assert bench.page is page


async def test_a_daemon_that_is_killed_is_a_part_of_the_absence_test(bench):
    async with bench.open() as pilot:
        await at_step(bench, pilot, "absence", "kill")
        await bench.looked(pilot)
        assert "the daemon answers" in screen(bench)
        await bench.daemon.stop()
        await until(lambda: bench.floor.reach.contact is Contact.AWAY)
        await bench.looked(pilot, 0)
        await bench.looked(pilot, 7)
        assert "the daemon is away for 7 s: play on" in screen(bench)
        assert "the gateway is away" in screen(bench)
        born = sample_floors.healthy().model_copy(update={"birthid": "c0de"})
        bench.daemon.greet_with(born)
        await bench.daemon.start()
        await until(lambda: bench.floor.reach.contact is Contact.LIVE)
        await bench.looked(pilot)
        await bench.looked(pilot)
        assert verdicts(bench) == {"kill": "PASS"}


async def test_a_line_that_is_unplugged_is_counted_in_seconds(bench):
    async with bench.open() as pilot:
        await at_step(bench, pilot, "absence", "unplug")
        await bench.looked(pilot)
        egm = bench.floor.egms["10101"]
        down = {"link": LinkWord.DOWN, "state": EgmWord.DOWN, "link_reason": "no answer"}
        bench.daemon.tell(EgmDelta(egm=egm.model_copy(update=down)))
        await until(lambda: bench.floor.egms["10101"].link is LinkWord.DOWN)
        await bench.looked(pilot, 0)
        await bench.looked(pilot, 34)
        assert "out for 34 s of 60 s: play on" in screen(bench)
        await bench.looked(pilot, 30)
        assert "plug it in again" in screen(bench)
        bench.daemon.tell(EgmDelta(egm=egm))
        await until(lambda: bench.floor.egms["10101"].link is LinkWord.UP)
        await bench.looked(pilot)
        await bench.looked(pilot)
        assert verdicts(bench) == {"unplug": "PASS"}


async def test_escape_keeps_a_check_and_it_goes_on_where_it_was(bench):
    async with bench.open() as pilot:
        await opened(bench, pilot, "comms")
        await bench.looked(pilot)
        await press(bench, pilot, "s", *"later", "enter", "escape")
        bench.clock.move(minutes=30)
        await press(bench, pilot, "enter", "t")
        assert "broken off: begun 21:04:36, 2 of 8 done; enter goes on" in screen(bench)
        await press(bench, pilot, "down", "down", "enter")
        assert "2 of 8 steps settled, gone on with; begun 21:04:36" in screen(bench)
        assert verdicts(bench) == {"port": "PASS", "address": "NOT DONE"}
        assert len(bench.page.check.breaks) == 1


async def test_a_draft_that_cannot_be_read_is_set_aside_and_the_check_begins_anew(bench):
    draft = bench.folder / "drafts" / "10101-comms.json"
    draft.parent.mkdir()
    draft.write_text('{"kind": "comms"')
    async with bench.open() as pilot:
        await opened(bench, pilot, "comms")
        assert verdicts(bench) == {}
    assert draft.with_suffix(".unreadable").exists()


async def test_shift_s_writes_text_and_json_that_the_gateway_signed(bench):
    async with bench.open() as pilot:
        await opened(bench, pilot, "comms")
        await press(bench, pilot, "S")
        await notified(bench, "Nothing was settled yet.")
        await bench.looked(pilot)
        bench.refuse = "the gateway cannot sign: report.key: 4 bytes"
        await press(bench, pilot, "S")
        await notified(bench, "Not signed, the check is kept")
        await bench.looked(pilot, 4)
        kept = json.loads((bench.folder / "drafts" / "10101-comms.json").read_text())
        assert (list(kept["records"]), list(bench.reports.iterdir())) == (["port"], [])
        bench.refuse = ""
        await press(bench, pilot, "S")
        await until(lambda: len(list(bench.reports.iterdir())) == 2)
        await notified(bench, "Signed: slotgw-comms-10101-")
    for file in bench.reports.iterdir():
        statement = verify(file.read_bytes()).statement
        assert (statement.asset, statement.kind, statement.person) == ("10101", "comms", "tech17")
    asked = [one for one in bench.asked if one["do"] == "sign"][-1]
    assert (asked["verdict"], asked["passed"], asked["not_done"]) == ("notdone", 1, 7)
    assert not (bench.folder / "drafts" / "10101-comms.json").exists()


async def test_question_mark_explains_keys_and_verdicts_within_80_cells(bench):
    async with bench.open() as pilot:
        await at_step(bench, pilot, "comms", "door")
        await press(bench, pilot, "question_mark")
        page = screen(bench)
        for words in (
            "do the step under the cursor",
            "S  end it: the gateway signs",
            "f  the step",
        ):
            assert words in page
        assert "…" not in page
        await press(bench, pilot, "end")
        assert ":absence" in screen(bench)
        await press(bench, pilot, "escape")
        assert "Comms test" in bench.text()[0]
    assert max(map(len, help_lines(sheet=False) + help_lines(sheet=True))) <= 78


@pytest.mark.parametrize(
    ("kind", "size"),
    [("commission", (120, 40)), ("absence", (60, 18)), ("meters", (60, 18))],
)  # fmt: skip
async def test_every_check_fits_every_terminal_without_utf_8_too(tmp_path, kind, size):
    bench = CheckBench(tmp_path, glyphs=ASCII)
    async with bench.open(size) as pilot:
        await opened(bench, pilot, kind)
        await bench.looked(pilot)
        lines = bench.text()
        assert len(lines) == size[1]
        assert max(map(len, lines)) <= size[0]
        assert "esc back" in lines[-1]
        assert all(line.isascii() for line in lines)


async def test_a_console_without_the_site_file_says_where_checks_are_done(tmp_path):
    bench = CheckBench(tmp_path, desk=None)
    async with bench.open() as pilot:
        await press(bench, pilot, "enter", "t")
        await notified(bench, "Checks are done on the computer of its own gateway")
        assert isinstance(bench.page, MachineScreen)


async def test_q_leaves_the_console_and_the_check_is_kept(bench):
    async with bench.open() as pilot:
        await opened(bench, pilot, "comms")
        await bench.looked(pilot)
        await press(bench, pilot, "q")
        await until(lambda: not bench.app.is_running)
    assert (bench.folder / "drafts" / "10101-comms.json").exists()
