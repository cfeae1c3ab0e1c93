"""Every key of the panel does at a machine, on the floor and on the screen what the help says."""

from pathlib import Path

import pytest

from floor_sim.panel import keys as all_keys
from floor_sim.panel.keys import CLOSE_KEYS, FAULT_KEYS, FLOOR_KEYS, LIST_KEYS, MACHINE_KEYS
from tests.floor_sim.panel.open_panel import Bench

AT_A_MACHINE = [
    # done before, keys, what the machine is then, what is said
    ([], ["d", "1"], {"doors_open": ["slot"]}, "10101: door open slot: done"),
    (["door open belly"], ["d", "5"], {"doors_open": []}, "10101: door close belly: done"),
    ([], ["d", "6"], {"stands": ["cashbox door open", "cashbox out"]}, "cashbox take: done"),
    (["cashbox take"], ["d", "6"], {"stands": ["cashbox door open"]}, "cashbox put: done"),
    ([], ["b", "4"], {"credits": 2000}, "bill 20: done"),
    ([], ["b", "9"], {"jammed": True}, "jam: done"),
    ([], ["b", "down", "down", "enter"], {"credits": 1000}, "bill 10: done"),
    (["door open slot"], ["b", "4"], {"credits": 0}, "bill 20: not done, as it stands: slot door"),
    ([], ["c", "1"], {"card": True}, "card in 7: done"),
    ([], ["c", "3", "9", "enter"], {"card": True}, "card in 9: done"),
    (["card in 7"], ["c"], {"card": False}, "card out: done"),
    (["bill 20"], ["g", "2"], {"playing": True, "credits": 1960}, "game start 40: done"),
    (["bill 20", "game start 40"], ["g"], {"playing": False, "games_played": 1}, "game end: done"),
    (["bill 20"], ["o"], {"credits": 0}, "cash out: done"),
    ([], ["j", "enter"], {"handpay_cents": 125_000}, "jackpot 1250.00: done"),
    (["jackpot 350"], ["k"], {"handpay_cents": 0}, "handpay reset: done"),
    ([], ["k"], {"handpay_cents": 0}, "handpay reset: not done, as it stands: nothing open"),
    ([], ["t", "3"], {"tilts": ["40"]}, "tilt reel: done"),
    (["tilt reel", "tilt printer"], ["m"], {"tilts": []}, "mend: done"),
    ([], ["l"], {"lamp": True}, "lamp on: done"),
    (["lamp on"], ["l"], {"lamp": False}, "lamp off: done"),
    ([], ["w"], {"live": False}, "power off: done"),
    (["power off"], ["w"], {"live": True}, "power on: done"),
    ([], ["colon", *"paper low", "enter"], {}, "paper low: done"),
    ([], ["colon", *"door op", "right", "enter"], {"doors_open": ["slot"]}, "door open slot: done"),
    ([], ["colon", *"fly", "enter"], {}, "not done: 'fly' is none of door open, "),
    ([], ["d", "escape"], {"doors_open": []}, ""),
    ([], ["j", "escape"], {"handpay_cents": 0}, ""),
    ([], ["down", "down", "d", "1"], {"doors_open": []}, "10103: door open slot: done"),
]  # fmt: skip


@pytest.fixture
def bench():
    return Bench()


async def test_a_key_does_at_the_machine_what_it_says(bench):
    async with bench.open() as pilot:
        for before, keys, after, says in AT_A_MACHINE:
            bench.start_floor()
            for words in before:
                told = await bench.api.ask("POST", "/machines/10101/do", {"action": words})
                assert told.json()["done"], words
            bench.app.say("")
            await bench.drawn(pilot)
            await bench.press(pilot, "home", *keys)
            one = (await bench.api.ask("GET", "/machines/10101")).json()
            assert ({key: one[key] for key in after}, keys) == (after, keys)
            assert says in bench.said, keys
            assert len(bench.app.screen_stack) == 1, keys


async def test_keys_of_the_floor_pull_a_cable_and_let_people_play(bench):
    async with bench.open() as pilot:
        await bench.press(pilot, "u")
        assert bench.sim.lines["L1"].faults.pulled(bench.now_s)
        assert bench.said == "line L1: its cable pulled for 30 s"
        await bench.press(pilot, "u")
        assert bench.said == "line L1: its cable is out already"
        await bench.press(pilot, "p")
        assert bench.sim.playing
        assert "play on" in bench.text_of("#title")[0]
        await bench.press(pilot, "p")
        assert not bench.sim.playing
        assert "play off" in bench.text_of("#title")[0]


async def test_the_filter_shows_machines_with_words_and_none_of_those_that_are_left_out(bench):
    async with bench.open() as pilot:
        await bench.press(pilot, "slash", *"L2 !10203")
        assert [line[:5] for line in bench.text_of("#machines") if line] == [
            "10201", "10202", "10204",
        ]  # fmt: skip
        assert "3 shown" in bench.text_of("#title")[0]
        await bench.press(pilot, "enter", "d", "1")
        assert bench.said.startswith("10201: door open slot")
        await bench.press(pilot, "escape")
        assert bench.text_of("#machines")[0].startswith("10101")
        await bench.press(pilot, "slash", *"nothing of this kind")
        assert bench.text_of("#machines")[0] == " no machine is so"
        await bench.press(pilot, "escape")
        assert bench.text_of("#machines")[0].startswith("10101")


async def test_only_machines_that_want_something_are_shown_until_all_are_wanted_again(bench):
    async with bench.open() as pilot:
        await bench.press(pilot, "down", "t", "1", "f")
        assert [line[:5] for line in bench.text_of("#machines") if line] == ["10102"]
        await bench.press(pilot, "f")
        assert len([line for line in bench.text_of("#machines") if line]) > 5


async def test_the_ledger_is_of_all_machines_or_of_one_and_tells_games_if_asked(bench):
    def shown(word):
        return [line for line in bench.text_of("#ledger") if word in line]

    async with bench.open() as pilot:
        await bench.press(pilot, "l", "down", "b", "4", "g", "2")
        assert shown("exception 71") == ["12:00:00 10101    exception 71 change lamp on"] or shown(
            "exception 71"
        )
        assert shown("10102    exception 4A")
        assert not shown("exception 7E")
        await bench.press(pilot, "a")
        assert "everything" in bench.text_of("#ledger-heading")[0]
        assert shown("exception 7E") or shown("game started")
        await bench.press(pilot, "e")
        assert "10102 alone" in bench.text_of("#ledger-heading")[0]
        assert not shown("10101")
        await bench.press(pilot, "e", "a")
        assert "all machines, without games" in bench.text_of("#ledger-heading")[0]


async def test_the_ledger_can_have_the_screen_and_be_read_backwards(bench):
    async with bench.open() as pilot:
        assert len(bench.text_of("#ledger")) == 7
        await bench.press(pilot, "z")
        assert len(bench.text_of("#ledger")) > 15
        newest = bench.text_of("#ledger")[-1]
        await bench.press(pilot, "home")
        assert "start" in bench.text_of("#ledger")[0]
        await bench.press(pilot, "pagedown", "pageup", "down", "up")
        assert "start" in bench.text_of("#ledger")[0]
        await bench.press(pilot, "end")
        assert bench.text_of("#ledger")[-1] == newest
        await bench.press(pilot, "z", "tab", "up")
        assert bench.app.focused.id == "ledger"
        assert bench.text_of("#machines")[0].startswith("10101")


async def test_faults_are_listed_added_and_removed(bench):
    async with bench.open() as pilot:
        await bench.press(pilot, "x")
        assert "nothing goes wrong; a adds a fault" in "\n".join(bench.text_of())
        await bench.press(pilot, "a", *"drop probability=0.25", "enter")
        (number,) = bench.sim.faults.active(bench.now_s)
        assert bench.text_of("#faults")[0] == f"    {number}  drop line=L1 probability=0.25"
        assert bench.text_of("#does")[0] == " One byte is missing."
        await bench.press(pilot, "a", *"power_cut", "enter")
        await bench.press(pilot, "a", *"lying_meter", "enter")
        assert not bench.sim.machines["10101"].live
        note = " ".join(bench.text_of("#note"))
        assert "not done: meter: found nothing, expected a value: lying_meter makes no" in note
        await bench.press(pilot, "a", *"drop L1", "enter")
        assert "'L1' is not KEY=VALUE" in " ".join(bench.text_of("#note"))
        await bench.press(pilot, "a", *"echo", "escape", "down", "r")
        assert [fault.kind for fault in bench.sim.faults.active(0.0).values()] == ["drop"]
        assert bench.sim.machines["10101"].live
        await bench.press(pilot, "a", *"silence", "enter")
        await bench.press(pilot, "R")
        assert bench.sim.faults.active(0.0) == {}
        await bench.press(pilot, "x")
        assert len(bench.app.screen_stack) == 1


async def test_a_fault_that_ended_by_itself_leaves_the_list_or_is_told_to_be_over(bench):
    async with bench.open() as pilot:
        await bench.press(pilot, "x")
        await bench.press(pilot, "a", *"drop", "enter")
        (number,) = bench.sim.faults.active(0.0)
        bench.sim.faults.remove(number, 0.0)
        await bench.press(pilot, "r")
        assert "it was over already" in " ".join(bench.text_of("#note"))
        assert "nothing goes wrong" in bench.text_of("#faults")[0]


async def test_the_help_names_every_key_and_fits_into_80_columns(bench):
    async with bench.open((80, 40)) as pilot:
        await bench.press(pilot, "question_mark")
        text = "\n".join(bench.text_of())
        for key in (*MACHINE_KEYS, *FLOOR_KEYS):
            assert f" {key.label}  {key.meaning}" in text
        await bench.press(pilot, "escape", "question_mark", "question_mark")
        assert len(bench.app.screen_stack) == 1


@pytest.mark.parametrize(
    "keys",
    [["q"], ["question_mark", "q"], ["j", "ctrl+q"]],
)  # fmt: skip
async def test_the_panel_is_left_from_anywhere_and_the_floor_goes_on(bench, keys):
    async with bench.open() as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert not bench.app.is_running or bench.app._exit
    assert bench.sim.machines["10101"].live


def test_every_key_of_the_panel_is_pressed_here_and_the_lines_of_keys_fit():
    text = Path(__file__).read_text("utf-8")
    for key in (*MACHINE_KEYS, *FLOOR_KEYS, *FAULT_KEYS, *LIST_KEYS, *CLOSE_KEYS):
        assert any(f'"{one}"' in text for one in key.keys.split(",")), key
    assert all(len(all_keys.shown(keys)) <= 80 for keys in (MACHINE_KEYS, FLOOR_KEYS))
