"""Hours of a floor in virtual time: people, crews and figures; with a wire the same truth."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from edge_config.loader import parse_toml
from floor_sim.cli.main import main
from floor_sim.day import run_day
from floor_sim.figures import figures
from floor_sim.floor_file import FloorFile
from floor_sim.people.hours import HouseClock, fullness
from floor_sim.people.staff import needs_of
from floor_sim.presets import preset

PACIFIC = ZoneInfo("America/Los_Angeles")
FRIDAY_EVENING = datetime(2026, 11, 20, 18, tzinfo=PACIFIC)


def floor_of(machines):
    return parse_toml(preset(machines, transport="bridge"), FloorFile, "floor.toml")


@pytest.fixture(scope="module")
def evening():
    return run_day(floor_of(60), FRIDAY_EVENING, 6)


def algebra(machine):
    true = machine.cabinet.meters.true
    gone_in = sum(map(true, ("bills_accepted_credits", "ticket_in_credits", "coin_out")))
    gone_out = sum(
        map(true, ("coin_in", "ticket_out_credits", "hand_paid_cancelled_credits",
                   "current_credits"))
    )  # fmt: skip
    return gone_in - gone_out


def test_a_floor_is_as_full_as_hour_and_weekday_say(evening):
    taken = [seats for seats, _ in evening.seats[60:]]
    wanted = [seats for _, seats in evening.seats[60:]]
    assert sum(taken) / len(taken) == pytest.approx(sum(wanted) / len(wanted), rel=0.15)


def test_guests_play_at_the_pace_of_guests(evening):
    rows = {row.name: row for row in figures(evening)}
    assert 450 < rows["games an hour in use"].measured < 700
    assert rows["guests"].measured > 20
    assert 0.7 < rows["bills in"].ratio < 1.7
    assert 0.7 < rows["tickets in"].ratio < 1.5
    assert 0.7 < rows["tickets out"].ratio < 1.5


def test_a_rare_event_says_how_much_of_its_rate_may_be_chance(evening):
    rows = {row.name: row for row in figures(evening)}
    usual = rows["tilts"].usual * 60 / 4
    assert rows["tilts"].chance_percent == pytest.approx(100 / usual**0.5)
    assert rows["tilts"].remark.startswith("printer and other; chance alone +-86 %")
    assert rows["games"].chance_percent is None
    assert rows["games"].remark == ""


def test_meter_algebra_holds_on_every_machine_of_the_floor(evening):
    assert [algebra(machine) for machine in evening.floor.machines.values()] == [0] * 60


def test_what_waits_for_a_person_ends(evening):
    floor = evening.floor
    opened = evening.tally.count(0x11, 0x15, 0x1D)
    closed = evening.tally.count(0x12, 0x16, 0x1E)
    assert opened > 3
    still = sum(len(machine.cabinet.doors) for machine in floor.machines.values())
    assert opened - closed == still
    floor.set_play(evening.hours * 3600, on=False)
    until = evening.hours * 3600 + 1800
    while (due := floor.next_due()) is not None and due <= until:
        floor.run(due)
    assert not floor.pending
    assert not any(needs_of(machine) for machine in floor.machines.values())


def test_one_seed_is_one_evening():
    one, two = (run_day(floor_of(24), FRIDAY_EVENING, 1) for _ in range(2))
    assert one.tally.counts == two.tally.counts
    other = run_day(floor_of(24), FRIDAY_EVENING, 1, seed=99)
    assert one.tally.counts != other.tally.counts


def test_the_drop_team_takes_every_cashbox_of_the_day_before_the_morning():
    day = run_day(floor_of(60), datetime(2026, 11, 20, 4, 30, tzinfo=PACIFIC), 3.0)
    assert day.floor.drop.dropped + day.floor.drop.left_out == 60
    assert day.tally.count(0x1B) == day.tally.count(0x1C) == day.floor.drop.dropped > 50
    assert day.tally.count(0x19) == day.tally.count(0x1A)
    assert day.floor.drop.due == 60
    taken = next(row for row in figures(day) if row.name == "cashboxes taken")
    assert taken.usual == pytest.approx(60 / day.machine_days)


def test_on_another_weekday_only_the_daily_zone_is_dropped():
    day = run_day(floor_of(60), datetime(2026, 11, 19, 4, 30, tzinfo=PACIFIC), 1.0)
    zone = [egm for egm in day.floor.file.egms if egm.zone == "high-limit"]
    assert day.floor.drop.dropped == len(zone) == 2


def test_with_a_wire_a_host_hears_what_happened_and_nothing_else():
    day = run_day(floor_of(24), FRIDAY_EVENING, 0.25, wired=True)
    heard = day.heard
    assert heard.polls >= 24 * 900
    assert heard.silent == heard.wrong == 0
    assert heard.codes.total() > 100
    sent = {f"{code:02X}": count for code, count in heard.codes.items()}
    waiting = day.floor.queued
    raised = sum(day.tally.counts[code] for code in day.tally.counts if len(code) == 2)
    raised += day.tally.counts["repeat"]
    lost = day.tally.counts["lost"]
    # an answer whose acknowledgement is still to come stands in the queue as well
    assert raised - lost - waiting <= heard.codes.total() <= raised - lost
    assert sent["11"] <= day.tally.count(0x11) if "11" in sent else True


def test_the_figures_are_printed(tmp_path):
    (tmp_path / "floor.toml").write_text(preset(8))
    run = CliRunner().invoke
    done = run(main, ["day", str(tmp_path / "floor.toml"), "--hours", "0.5"])
    assert done.exit_code == 0, done.output
    assert "games an hour in use" in done.output
    done = run(main, ["day", str(tmp_path / "floor.toml"), "--hours", "0.2", "--json", "--wire"])
    assert '"polls": ' in done.stdout


def test_a_floor_without_a_crowd_keeps_no_hours():
    done = CliRunner().invoke(main, ["day", "edge_config/floors/demo_floor.toml"])
    assert done.exit_code == 2
    assert "[crowd]" in done.output


def test_saturday_night_is_fuller_than_tuesday_morning():
    saturday = 30 * fullness(datetime(2026, 11, 21, 21, tzinfo=PACIFIC))
    tuesday = 30 * fullness(datetime(2026, 11, 17, 4, tzinfo=PACIFIC))
    assert (round(saturday), round(tuesday)) == (78, 8)


def test_the_mean_of_a_week_is_one():
    hours = [fullness(datetime(2026, 11, 16 + n // 24, n % 24, tzinfo=PACIFIC)) for n in range(168)]
    assert sum(hours) / len(hours) == pytest.approx(1)


def test_the_clock_on_the_wall_knows_summer_time_and_gaming_days():
    zero = datetime(2026, 11, 1, 0, tzinfo=PACIFIC)  # put back at 02:00
    clock = HouseClock(zero, "America/Los_Angeles", time(4))
    assert clock.gaming_day(0) == "2026-10-31"
    assert clock.next_time(time(5), 0.0) == 6 * 3600
    assert clock.gaming_day(5 * 3600) == "2026-11-01"
