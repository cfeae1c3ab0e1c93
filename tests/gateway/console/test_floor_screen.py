"""The floor screen, pressed key by key."""

import pytest

from gateway.bus.calls import CallChanged, CallsAway
from gateway.console.floor import Contact
from gateway.console.glyphs import ASCII
from gateway.status.model import EgmDelta, EgmWord, EventDelta
from tests.gateway.console import sample_floors
from tests.gateway.console.open_console import SOCKET, Bench, until

SMALL, LARGE = (80, 24), (120, 40)
FOOTER = "enter open q quit ? help / filter f faults s sort e events a play c calls z zoom"


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path, sample_floors.troubled(), sample_floors.calls("troubled"))


def listed(bench):
    """Return the locations in the floor table, as they stand on the screen."""
    return [line.split()[0] for line in bench.text("#floor")[1:] if line.strip()]


def heading(bench):
    narrow = bench.app.screen.has_class("-narrow")
    return bench.text("#events-heading" if narrow else "#floor-heading")[0]


async def press(bench, pilot, *keys):
    await pilot.press(*keys)
    await bench.drawn(pilot)


@pytest.mark.parametrize("size", [SMALL, LARGE, (60, 18)], ids=str)
async def test_nothing_is_wider_or_higher_than_the_terminal(bench, size):
    async with bench.open(size):
        lines = bench.text()
        assert len(lines) == size[1]
        assert max(len(line) for line in lines) <= size[0]
        assert "demo/edge1 live" in lines[0]
        assert lines[0].endswith("21:04:36")
        assert lines[-1].startswith(FOOTER[:50])


async def test_all_keys_are_in_the_footer_at_80_columns(bench):
    async with bench.open(SMALL):
        assert bench.text()[-1] == FOOTER


async def test_a_large_terminal_shows_all_24_egms_events_and_calls_at_once(bench):
    async with bench.open(LARGE):
        assert len(listed(bench)) == 24
        assert "drop door opened" in "\n".join(bench.text("#events"))
        assert "1,250.00 USD jackpot" in "\n".join(bench.text("#calls"))


async def test_on_a_small_terminal_events_and_calls_take_turns(bench):
    async with bench.open(SMALL) as pilot:
        assert "[Events]" in heading(bench)
        assert "Calls: 3 open" in heading(bench)
        await press(bench, pilot, "c")
        assert "[Calls: 3 open]" in bench.text("#calls-heading")[0]
        assert "$ handpay" in bench.text("#calls")[0]
        await press(bench, pilot, "e")
        assert "drop door opened" in bench.text("#events")[0]


async def test_tab_goes_round_the_lists(bench):
    async with bench.open(SMALL) as pilot:
        seen = []
        for _ in range(4):
            seen.append(bench.app.screen.focused.id)
            await press(bench, pilot, "tab")
        assert seen == ["floor", "events", "calls", "floor"]


async def test_f_lists_only_faults_and_says_so(bench):
    async with bench.open(SMALL) as pilot:
        await press(bench, pilot, "f")
        assert len(listed(bench)) == 11
        assert "11 of 24 EGMs, by location, faults only" in heading(bench)
        await press(bench, pilot, "f")
        assert "1-13 of 24 EGMs, by location" in heading(bench)


async def test_s_brings_the_worst_to_the_top_and_the_cursor_with_it(bench):
    async with bench.open(SMALL) as pilot:
        await press(bench, pilot, "down", "down", "s")
        assert listed(bench)[:6] == [
            "01-06-01", "01-06-02", "01-06-03", "01-06-04", "01-04-02", "01-01-02",
        ]  # fmt: skip
        assert "worst first" in heading(bench)
        await press(bench, pilot, "enter")
        assert "asset 10601" in bench.text()[0]


async def test_the_filter_lists_as_it_is_typed_and_every_letter_is_a_letter(bench):
    async with bench.open(SMALL) as pilot:
        await press(bench, pilot, "slash")
        assert bench.text()[-1] == "enter keep the filter esc clear it"
        await press(bench, pilot, *"qfs?z")
        assert listed(bench)[0] == "No"
        await press(bench, pilot, *["backspace"] * 5, *"door")
        assert listed(bench) == ["01-03-04"]


async def test_who_types_bank_5_for_a_bank_is_told_how_a_bank_is_meant(bench):
    async with bench.open(SMALL) as pilot:
        await press(bench, pilot, "slash")
        assert "bank:7" in bench.text()[-2]
        await press(bench, pilot, *"bank 5 tilt", "enter")
        assert "Meant bank:5?" in " ".join("\n".join(bench.text("#floor")).split())
        await press(bench, pilot, "slash", *"bank:5 tilt", "enter")
        assert "Meant" not in "\n".join(bench.text("#floor"))


async def test_enter_keeps_the_filter_and_the_keys_are_keys_again(bench):
    async with bench.open(SMALL) as pilot:
        await press(bench, pilot, "slash", *"link !10601", "enter")
        assert listed(bench) == ["01-06-02", "01-06-03", "01-06-04"]
        assert "3 of 24 EGMs, by location, /link !10601" in heading(bench)
        assert bench.text()[-1] == FOOTER
        await press(bench, pilot, "slash", *"jam", "enter")  # typing replaces the old one
        assert listed(bench) == ["01-02-03"]


async def test_esc_clears_the_filter_while_typing_and_afterwards(bench):
    async with bench.open(SMALL) as pilot:
        await press(bench, pilot, "slash", *"tilt", "escape")
        assert len(listed(bench)) == 13
        await press(bench, pilot, "slash", *"tilt", "enter")
        assert len(listed(bench)) == 1
        await press(bench, pilot, "escape")
        assert len(listed(bench)) == 13


async def test_esc_in_another_list_goes_back_to_the_floor_and_keeps_the_filter(bench):
    async with bench.open(SMALL) as pilot:
        await press(bench, pilot, "slash", *"tilt", "enter", "c", "escape")
        assert bench.app.screen.focused.id == "floor"
        assert listed(bench) == ["01-02-03"]


async def test_z_gives_one_list_the_screen_and_back(bench):
    async with bench.open(SMALL) as pilot:
        small = len(bench.text("#events"))
        await press(bench, pilot, "e", "z")
        assert len(bench.text("#events")) == 19 > small
        await press(bench, pilot, "c")
        assert len(bench.text("#calls")) == 19
        await press(bench, pilot, "z")
        assert len(bench.text("#calls")) == small
        await press(bench, pilot, "escape", "z")
        assert len(listed(bench)) == 18
        assert "1-18 of 24 EGMs" in bench.text("#floor-heading")[0]
        await press(bench, pilot, "escape")
        assert len(listed(bench)) == 13


async def test_the_cursor_moves_by_row_by_page_and_to_the_ends(bench):
    async with bench.open(SMALL) as pilot:
        places = []
        for key in ("down", "j", "up", "k", "pagedown", "end", "home", "G", "g", "pageup"):
            await press(bench, pilot, key)
            places.append(bench.app.screen.query_one("#floor").current.location)
        assert places == [
            "01-01-02", "01-01-03", "01-01-02", "01-01-01", "01-04-02",
            "01-06-04", "01-01-01", "01-06-04", "01-01-01", "01-01-01",
        ]  # fmt: skip


async def test_the_row_under_the_cursor_is_always_in_sight(bench):
    async with bench.open(SMALL):
        table = bench.app.screen.query_one("#floor")
        for steps in [23, *[-1] * 20, *[1] * 15, -5, 9, -99]:
            table.action_move(steps)
            first, last = table.span
            assert last - first == 12
            assert table.current in table.rows[first - 1 : last]


@pytest.mark.parametrize("keys", [["q"], ["ctrl+c"], ["question_mark", "q"], ["enter", "q"]])
async def test_q_quits_from_everywhere_with_exit_status_0(bench, keys):
    async with bench.open(SMALL) as pilot:
        await pilot.press(*keys)
        await until(lambda: not bench.app.is_running)
    assert bench.app.return_code == 0


async def test_enter_shows_everything_about_the_machine_and_its_events(bench):
    async with bench.open(SMALL) as pilot:
        await press(bench, pilot, "down", "enter")
        page = bench.text()
        assert page[0].startswith(" 01-01-02  asset 10102  $ handpay for 3:12")
        assert "Coin in    1,478,551 credits, worth 14,785.51 at 0.01 a credit" in page
        assert "21:04:24  0:12 repeat? handpay pending 1,250.00 USD jackpot" in page
        keys = "a play m meters p past n note w wire r read t checks"
        assert page[-1] == f"q quit esc back ? help {keys}"
        await press(bench, pilot, "tab", "down", "escape")
        assert listed(bench)[0] == "01-01-01"


async def test_the_open_machine_goes_on_living(bench):
    async with bench.open(SMALL) as pilot:
        await press(bench, pilot, "enter")
        egm = bench.floor.egms["10101"].model_copy(update={"credits": 4_321})
        event = sample_floors.event(99_999, 0, "10101", egm.location, "belly door opened")
        bench.daemon.tell(EgmDelta(egm=egm), EventDelta(event=event))
        await until(lambda: bench.floor.events(games=False)[0].sequence == 99_999)
        await bench.drawn(pilot)
        page = "\n".join(bench.text())
        assert "4,321 credits" in page
        assert "belly door opened" in page


async def test_a_machine_that_a_restarted_gateway_does_not_have_says_so(bench):
    async with bench.open(SMALL) as pilot:
        await press(bench, pilot, "enter")
        bench.daemon.tell(sample_floors.empty())
        await until(lambda: not bench.floor.egms)
        await bench.drawn(pilot)
        assert "not on this gateway any more" in bench.text()[0]


async def test_a_lists_the_games_too_on_the_floor_and_on_the_machine(bench):
    async with bench.open(LARGE) as pilot:
        for keys, selector, heading, games in (
            ([], "#events", "#events-heading", False),
            (["a"], "#events", "#events-heading", True),
            (["a"], "#events", "#events-heading", False),
            (["down", "down", "enter"], "#machine-events", "#machine-heading", False),
            (["a"], "#machine-events", "#machine-heading", True),
        ):
            await press(bench, pilot, *keys)
            assert ("game ended" in "\n".join(bench.text(selector))) == games
            assert ("vents and games" in bench.text(heading)[0]) == games


@pytest.mark.parametrize("key", ["e", "c"])
async def test_enter_on_an_event_or_a_call_opens_its_machine(bench, key):
    async with bench.open(SMALL) as pilot:
        await press(bench, pilot, key, "enter")
        asset = {"e": "10304", "c": "10102"}[key]
        assert f"asset {asset}" in bench.text()[0]


async def test_new_events_come_on_top_and_do_not_move_what_is_being_read(bench):
    async with bench.open(SMALL) as pilot:
        await press(bench, pilot, "e")

        async def tell(sequence):
            event = sample_floors.event(sequence, 0, "10101", "01-01-01", f"event {sequence}")
            bench.daemon.tell(EventDelta(event=event))
            await until(lambda: bench.floor.events(games=False)[0].sequence == sequence)
            await bench.drawn(pilot)

        await tell(99_001)
        assert bench.text("#events")[0].endswith("event 99001")
        await press(bench, pilot, *["down"] * 7)
        before = bench.text("#events")
        await tell(99_002)
        assert bench.text("#events") == before
        await press(bench, pilot, "home")
        assert bench.text("#events")[0].endswith("event 99002")


async def test_the_cursor_stays_on_its_machine_when_the_order_changes_under_it(bench):
    async with bench.open(SMALL) as pilot:
        await press(bench, pilot, "s", *["down"] * 6)
        egm = bench.app.screen.query_one("#floor").current
        assert egm.asset == "10203"
        better = [bench.floor.egms[asset].model_copy(update={"state": EgmWord.IDLE})
                  for asset in ("10601", "10602")]  # fmt: skip
        bench.daemon.tell(*(EgmDelta(egm=one) for one in better))
        await until(lambda: bench.floor.egms["10602"].state is EgmWord.IDLE)
        await bench.drawn(pilot)
        assert bench.app.screen.query_one("#floor").current.asset == "10203"
        assert listed(bench)[4] == "01-02-03"


async def test_a_gateway_that_goes_is_told_and_its_floor_is_old_until_it_is_back(bench):
    async with bench.open(SMALL) as pilot:
        await bench.daemon.stop()
        await until(lambda: bench.floor.reach.contact is Contact.AWAY)
        bench.clock.move(seconds=42)
        await bench.drawn(pilot)
        title, status = bench.text()[0], bench.text("#nats")[0]
        assert "GATEWAY AWAY 0:42, all is as it was at 21:04:36" in title
        assert status.startswith("nothing at")
        assert bench.text("#floor")[2].startswith("01-01-02 10102 ? handpay")
        await bench.daemon.start()
        await until(lambda: bench.floor.reach.contact is Contact.LIVE)
        await bench.drawn(pilot)
        assert bench.text("#floor")[2].startswith("01-01-02 10102 $ handpay")


async def test_before_the_gateway_runs_the_console_says_what_it_waits_for(bench):
    async with bench.app.run_test(size=SMALL) as pilot:
        await until(lambda: bench.floor.reach.reason)
        bench.clock.move(seconds=5)
        await bench.drawn(pilot)
        assert f"waiting 0:05 for the gateway at {SOCKET}" in bench.text()[0]
        words = " ".join(line.strip() for line in bench.text("#floor"))
        assert "Waiting for the gateway: nothing at" in words
        assert "start it with: slotgw run SITE.toml" in words


async def test_without_nats_the_calls_say_why_they_are_not_there(tmp_path):
    bench = Bench(tmp_path, sample_floors.troubled(), None, why_no_calls="no password was given")
    async with bench.open(LARGE):
        assert "Calls: not connected" in bench.text("#calls-heading")[0]
        assert bench.text("#calls")[0].strip() == "not connected: no password was given"


async def test_calls_of_a_nats_that_went_away_are_old(bench):
    async with bench.open(LARGE) as pilot:
        bench.fake_calls.tell(CallsAway("nothing answers"))
        await until(lambda: bench.calls.reach.contact is Contact.AWAY)
        await bench.drawn(pilot)
        assert "Calls: 3 open, OLD: NATS away 0:00" in bench.text("#calls-heading")[0]


async def test_a_call_that_is_closed_leaves_the_list(bench):
    async with bench.open(LARGE) as pilot:
        bench.fake_calls.tell(CallChanged("demo.handpay-1", None))
        await until(lambda: len(bench.calls.oldest_first()) == 2)
        await bench.drawn(pilot)
        assert "tilt" in bench.text("#calls")[0]


async def test_a_terminal_without_utf8_gets_ascii_only(tmp_path):
    snapshot = sample_floors.troubled()
    egm = snapshot.egms[0].model_copy(update={"last_event": "théme ▲ \x1b[31m"})
    snapshot = snapshot.model_copy(update={"egms": (egm, *snapshot.egms[1:])})
    bench = Bench(tmp_path, snapshot, sample_floors.calls("troubled"), glyphs=ASCII)
    async with bench.open(SMALL) as pilot:
        for keys in ([], ["question_mark"], ["escape", "enter"], ["escape", "slash", "é", "▲"]):
            await press(bench, pilot, *keys)
            assert "\n".join(bench.text()).isascii()


async def test_the_wheel_and_a_click_work_where_there_is_a_mouse(bench):
    async with bench.open(SMALL) as pilot:
        await pilot.click("#floor", offset=(3, 3))
        await bench.drawn(pilot)
        table = bench.app.screen.query_one("#floor")
        assert table.current.location == "01-01-03"
        await pilot.click("#floor", offset=(3, 0))
        assert table.current.location == "01-01-03"
        await pilot.click("#floor", offset=(3, 2), times=2)
        await bench.drawn(pilot)
        assert "asset 10102" in bench.text()[0]


async def test_a_resized_terminal_is_used_whole(bench):
    async with bench.open(SMALL) as pilot:
        await pilot.resize_terminal(*LARGE)
        await bench.drawn(pilot)
        assert len(listed(bench)) == 24
        assert "Floor" in heading(bench)
        await pilot.resize_terminal(*SMALL)
        await bench.drawn(pilot)
        assert len(listed(bench)) == 13
