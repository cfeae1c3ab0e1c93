"""What a gateway that only listens tells of the talk between another host and its EGMs."""

import asyncio

import pytest

from gateway.edge.identifying import LISTENS_S
from protocols.sas.heard import Wire
from protocols.sas.machine import build_real_time, build_reply
from protocols.sas.polls import SYNC, general_poll, long_poll
from tests.gateway.edge.tapped import Link
from tests.simulation.jumping import run_jumping

ONE, TWO, THREE = general_poll(1), general_poll(2), general_poll(3)
IDLE, OPENED, CLOSED, PENDING, RESET = b"\x00", b"\x11", b"\x12", b"\x51", b"\x52"
SHUTDOWN, ACK = long_poll(1, 0x01), b"\x01"


def hear(tmp_path, story, **options):
    link = Link(tmp_path, **options)

    async def main():
        await link.listen()
        await story(link)
        await link.kill()

    run_jumping(main(), link.loop)
    return link


@pytest.mark.parametrize("two_wires", [True, False], ids=["two wires", "one wire"])
def test_a_door_that_opens_is_told_once_and_at_once(tmp_path, two_wires):
    async def story(link):
        await link.talk(ONE, IDLE, TWO, IDLE, ONE, OPENED)
        assert link.types("door") == ["door.opened"]
        await link.talk(TWO, IDLE, ONE, CLOSED, TWO, IDLE)

    link = hear(tmp_path, story, two_wires=two_wires)
    opened, closed = link.told("door")
    assert (opened.asset, opened.possible_repeat) == ("10101", False)
    assert (closed.type, closed.sas_code) == ("door.closed", 0x12)
    assert 0.02 < opened.observed.monotonic_s - opened.occurred_after.monotonic_s < 0.2
    assert link.types("link") == ["link.up", "link.up"]


def test_an_answer_that_the_host_did_not_take_is_one_fact_however_often_it_comes(tmp_path):
    async def story(link):
        await link.talk(ONE, OPENED, ONE, OPENED, ONE, OPENED, TWO, IDLE, ONE, IDLE)

    link = hear(tmp_path, story)
    assert link.codes() == ["11"]
    assert not link.told("door")[0].possible_repeat


def test_the_same_exception_after_an_ack_that_was_answered_is_a_second_fact(tmp_path):
    async def story(link):
        await link.talk(ONE, b"\x4f", TWO, IDLE, ONE, b"\x4f", TWO, IDLE)

    link = hear(tmp_path, story)
    assert link.codes() == ["4F", "4F"]
    assert not any(fact.possible_repeat for fact in link.told("bill"))


@pytest.mark.parametrize("ack", [SYNC, TWO], ids=["a sync", "a machine that does not answer"])
def test_the_same_exception_after_one_ack_that_nobody_answered_may_be_a_repeat(tmp_path, ack):
    async def story(link):
        await link.talk(TWO, IDLE, ONE, b"\x4f", ack, None, ONE, b"\x4f", SYNC)

    link = hear(tmp_path, story)
    assert [fact.possible_repeat for fact in link.told("bill")] == [False, True]


def test_a_repeat_after_a_poll_that_was_not_understood_is_told_as_possible(tmp_path):
    async def story(link):
        await link.talk(TWO, IDLE, ONE, OPENED, b"\x02\x7f\x05", None, ONE, OPENED, TWO, IDLE)

    link = hear(tmp_path, story)
    assert [fact.possible_repeat for fact in link.told("door")] == [False, True]


def test_meters_that_the_host_reads_are_readings(tmp_path):
    async def story(link):
        answer = build_reply(1, 0x11, coin_in=12345)
        await link.talk(ONE, IDLE, long_poll(1, 0x11), answer, TWO, IDLE)
        assert link.told("meter") == []  # the registry has a number, and it was not heard
        who = build_reply(1, 0x54, version="602", serial="SIM10101")
        await link.talk(long_poll(1, 0x54), who, ONE, IDLE)

    (read,) = hear(tmp_path, story).told("meter")
    assert read.data["trigger"] == "heard"
    assert read.data["meters"]["coin_in"]["count"] == 12345
    assert "unconfirmed" not in read.data


def test_meters_are_told_though_the_host_never_asks_who_it_is(tmp_path):
    async def story(link):
        answer = build_reply(1, 0x11, coin_in=12345)
        await link.talk(ONE, IDLE, long_poll(1, 0x11), answer, TWO, IDLE)
        for _ in range(2 * int(LISTENS_S)):
            await link.talk(ONE, IDLE, TWO, IDLE)
            await asyncio.sleep(1)

    (read,) = hear(tmp_path, story).told("meter")
    assert read.data["meters"]["coin_in"]["count"] == 12345
    assert read.data["unconfirmed"]


def test_the_amount_of_a_handpay_is_known_when_the_host_asks_for_it(tmp_path):
    paid = build_reply(
        1, 0x1B, progressive_group=0, level=0, amount_cents=125_000, partial_pay_cents=0,
        reset_id=0,
    )  # fmt: skip

    async def story(link):
        await link.talk(ONE, PENDING, TWO, IDLE)
        await link.talk(long_poll(1, 0x1B), paid, ONE, RESET, TWO, IDLE)

    link = hear(tmp_path, story)
    pending, known, reset = link.told("handpay")
    assert pending.data["amountsource"] == "unknown"
    assert (known.data["amountsource"], known.data["amount"]["amount"]) == ("heard", "1250.00")
    assert reset.data["amountsource"] == "heard"


def test_a_real_time_event_in_the_place_of_an_answer_is_heard(tmp_path):
    async def story(link):
        event = build_real_time(1, 0x7F, win=40)
        await link.talk(long_poll(1, 0x11), event, TWO, IDLE)

    assert hear(tmp_path, story).types("game") == ["game.ended"]


def test_what_the_host_orders_is_told_without_what_is_in_it(tmp_path):
    async def story(link):
        secret = {"validation_id": 123456, "sequence": 654321}
        key, answer = long_poll(1, 0x4C, **secret), build_reply(1, 0x4C, **secret)
        await link.talk(SHUTDOWN, ACK, key, answer, ONE, IDLE)

    told = hear(tmp_path, story).told("host")
    assert [fact.data["command"] for fact in told] == ["01", "4C"]
    assert told[0].data["words"] == "shutdown"
    assert not any("123456" in str(fact.data) or fact.raw for fact in told)


def test_an_order_to_all_is_told_of_every_machine_of_the_line_and_a_progressive_of_none(tmp_path):
    async def story(link):
        await link.talk(long_poll(0, 0x7F, date="12312025", time="235959"), None, ONE, IDLE)
        await link.talk(
            long_poll(0, 0x80, progressive_group=1, level=1, amount_cents=100), None, ONE, IDLE
        )

    told = hear(tmp_path, story).told("host")
    assert [fact.asset for fact in told] == ["10101", "10102", "10103", "10104"]


def test_a_machine_that_is_polled_and_silent_for_5_s_is_down_and_its_neighbour_is_not(tmp_path):
    async def story(link):
        await link.talk(ONE, IDLE, TWO, IDLE)
        for _ in range(60):
            await link.talk(ONE, None, TWO, IDLE)
        await link.talk(ONE, IDLE, TWO, IDLE)

    link = hear(tmp_path, story)
    assert [(fact.asset, fact.type) for fact in link.told("link")] == [
        ("10101", "link.up"), ("10102", "link.up"), ("10101", "link.degraded"),
        ("10101", "link.down"), ("10101", "link.up"), ("10101", "link.gap"),
    ]  # fmt: skip
    assert link.gaps() == [("10101", "no_exchange")]
    assert link.job.links[3].state == "unknown"  # never polled: nobody can know


def test_a_long_poll_that_a_machine_does_not_support_says_nothing_of_its_link(tmp_path):
    async def story(link):
        await link.talk(ONE, IDLE)
        for _ in range(60):
            await link.talk(long_poll(1, 0x11), None, ONE, IDLE)

    assert hear(tmp_path, story).types("link") == ["link.up"]


def test_a_host_that_falls_silent_is_told_once_and_so_is_its_return(tmp_path):
    async def story(link):
        await link.talk(ONE, IDLE)
        await link.host(b"")
        await link.talk(*(None,) * 2)
        for _ in range(100):
            await link.talk()
        assert link.job.state == "no host is heard"
        assert link.job.links[1].state == "unknown"
        for _ in range(100):
            await link.talk()
        await link.talk(ONE, IDLE)
        assert link.job.state == "listening"

    link = hear(tmp_path, story)
    assert link.types("link") == [
        "link.up", "link.hostsilent", "link.hostback", "link.up", "link.gap",
    ]  # fmt: skip
    assert 11 < next(f for f in link.facts if f.type == "link.hostback").data["silent_s"] < 13


def test_an_answer_that_only_the_host_understood_is_a_gap(tmp_path):
    async def story(link):
        await link.talk(ONE, IDLE, TWO, IDLE, ONE, b"\x01\xff\x11\x00\x00", TWO, IDLE)
        for _ in range(20):
            await link.talk(ONE, IDLE, TWO, IDLE)

    assert hear(tmp_path, story).gaps() == [("10101", "answer_not_read")]


def test_a_silence_after_which_the_host_does_not_ask_again_is_a_gap(tmp_path):
    async def story(link):
        await link.talk(ONE, IDLE, TWO, IDLE, ONE, None, ONE, IDLE, TWO, None, ONE, IDLE)
        for _ in range(20):
            await link.talk(ONE, IDLE, TWO, IDLE)

    assert hear(tmp_path, story).gaps() == [("10102", "answer_not_read")]


def test_an_answer_that_nobody_understood_and_that_came_again_is_no_gap(tmp_path):
    async def story(link):
        event = build_real_time(1, 0x11)
        await link.talk(ONE, IDLE, TWO, IDLE, ONE, event[:-1] + b"\x00", ONE, event, TWO, IDLE)
        for _ in range(20):
            await link.talk(ONE, IDLE, TWO, IDLE)

    link = hear(tmp_path, story)
    assert link.gaps() == []
    assert link.codes() == ["11"]


@pytest.mark.parametrize(("said", "causes"), [(IDLE, set()), (b"\x11", {"out_of_step"})])
def test_an_answer_whose_poll_was_not_heard_is_a_gap_unless_it_says_nothing(tmp_path, said, causes):
    async def story(link):
        await link.talk(ONE, IDLE, TWO, IDLE)
        await link.machine(said)
        for _ in range(20):
            await link.talk(ONE, IDLE, TWO, IDLE)

    assert {cause for _, cause in hear(tmp_path, story).gaps()} == causes


def test_a_storm_is_one_gap_for_each_machine_whose_link_was_up(tmp_path):
    async def story(link):
        await link.talk(ONE, IDLE, TWO, IDLE)
        for _ in range(30):
            await link.say(b"\x33\x44\x55", Wire.MACHINE)
            await link.talk(ONE, IDLE, TWO, IDLE)
        for _ in range(10):
            await link.talk(ONE, IDLE, TWO, IDLE)

    gaps = hear(tmp_path, story).gaps()
    assert sorted(gaps) == [("10101", "out_of_step"), ("10102", "out_of_step")]


def test_while_our_port_is_away_nothing_is_heard_and_that_is_a_gap(tmp_path):
    async def story(link):
        await link.talk(TWO, IDLE, ONE, OPENED)
        link.receiver.go_away()
        await link.talk(ONE, CLOSED, TWO, IDLE)
        assert link.job.state == "waiting for the port"
        link.receiver.away = False
        for _ in range(20):
            await link.talk()
        await link.talk(ONE, OPENED, TWO, IDLE)

    link = hear(tmp_path, story)
    assert link.gaps() == [("10101", "not_listening"), ("10102", "not_listening")]
    assert [fact.possible_repeat for fact in link.told("door")] == [False, True]


def test_what_was_said_while_the_process_was_away_is_a_gap_of_the_machines_that_were_up(tmp_path):
    async def story(link):
        for _ in range(60):
            await link.talk(ONE, IDLE, TWO, IDLE)
        await link.talk(ONE, OPENED, TWO, IDLE)
        await link.kill()
        await link.talk(ONE, CLOSED, THREE, IDLE)
        await link.listen()
        await link.talk(ONE, OPENED, TWO, IDLE, THREE, IDLE)

    link = hear(tmp_path, story)
    assert link.gaps() == [(asset, "not_listening") for asset in ("10101", "10102", "10103")]
    gap = next(fact for fact in link.facts if fact.type == "link.gap")
    assert 0.2 < gap.data["gap_s"] < 6
    assert [fact.possible_repeat for fact in link.told("door")] == [False, True]


@pytest.mark.parametrize("deaths", [1, 2])
def test_what_a_machine_that_was_down_said_while_the_process_was_away_is_a_gap_too(
    tmp_path, deaths
):
    async def story(link):
        await link.talk(ONE, IDLE, TWO, IDLE)
        for _ in range(deaths):
            for _ in range(80):
                await link.talk(ONE, None, TWO, IDLE)
            await link.kill()
            await link.talk(ONE, OPENED, THREE, IDLE)
            await link.listen()
        await link.talk(ONE, CLOSED, TWO, IDLE, ONE, IDLE)
        for _ in range(20):
            await link.talk(ONE, IDLE, TWO, IDLE)

    link = hear(tmp_path, story)
    assert link.types("link").count("link.down") >= 1
    gaps = [fact for fact in link.facts if fact.type == "link.gap" and fact.asset == "10101"]
    assert [fact.data["cause"] for fact in gaps] == ["not_listening"]
    assert gaps[0].data["gap_s"] > 5 * deaths, "since it was heard last, not since the start"


@pytest.mark.parametrize("heard", [True, False], ids=["it was heard", "it was not"])
def test_a_process_that_dies_in_its_first_seconds_has_missed_something_too(tmp_path, heard):
    async def story(link):
        if heard:
            await link.talk(ONE, IDLE)
        await link.kill()
        await link.talk(ONE, OPENED)
        await link.listen()
        await link.talk(ONE, CLOSED, TWO, None)
        await link.kill()
        await asyncio.sleep(70)
        await link.listen()
        await link.talk(ONE, IDLE)

    link = hear(tmp_path, story)
    assert link.gaps() == [("10101", "not_listening")] * 2


def test_a_machine_that_no_process_has_heard_though_it_was_polled_is_missed_too(tmp_path):
    async def story(link):
        for _ in range(100):  # its link is down, and it never was up
            await link.talk(ONE, None, TWO, IDLE)
        await link.kill()
        await link.talk(ONE, OPENED, TWO, IDLE)
        await link.listen()
        await link.talk(ONE, CLOSED, TWO, IDLE)

    link = hear(tmp_path, story)
    assert link.gaps() == [("10101", "not_listening"), ("10102", "not_listening")]


@pytest.mark.parametrize("later_s", [0, 70])
def test_a_first_answer_that_nobody_understood_is_missed_though_the_machine_is_not_known_yet(
    tmp_path, later_s
):
    async def story(link):
        await link.talk(TWO, IDLE, ONE, b"\x01\x11\x22", TWO, IDLE)
        for _ in range(12 * later_s):
            await link.talk(TWO, IDLE)
        for _ in range(20):
            await link.talk(ONE, IDLE, TWO, IDLE)

    link = hear(tmp_path, story)
    gaps = {asset for asset, _ in link.gaps()}
    assert ("10101" in gaps) is (later_s == 0)  # after a minute it is a new machine


def test_a_machine_that_is_heard_for_the_first_time_long_after_the_start_was_not_missed(tmp_path):
    async def story(link):
        await link.talk(ONE, IDLE)
        await link.kill()
        await link.listen()
        for _ in range(1000):
            await link.talk(ONE, IDLE)
        await link.talk(TWO, OPENED, ONE, IDLE)

    link = hear(tmp_path, story)
    assert link.gaps() == [("10101", "not_listening")]


def test_a_machine_that_stays_away_after_a_restart_makes_no_gap_of_its_neighbours_longer(tmp_path):
    async def story(link):
        for _ in range(60):
            await link.talk(ONE, IDLE, TWO, IDLE)
        for _ in range(2):
            await link.kill()
            await link.listen()
            for _ in range(500):
                await link.talk(ONE, IDLE)

    link = hear(tmp_path, story)
    assert link.gaps() == [("10101", "not_listening")] * 2
    gaps = [fact.data["gap_s"] for fact in link.facts if fact.type == "link.gap"]
    assert max(gaps) < 8


def test_an_address_that_the_site_file_has_not_is_said_once_and_not_guessed(tmp_path, caplog):
    async def story(link):
        await link.talk(general_poll(9), OPENED, ONE, IDLE, general_poll(9), CLOSED, ONE, IDLE)
        await link.talk(general_poll(12), None, ONE, IDLE)

    link = hear(tmp_path, story)
    assert link.codes() == []
    assert caplog.text.count("address 9 answers its host") == 1
    assert "address 12" not in caplog.text
