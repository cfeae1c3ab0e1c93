"""A machine's past: its events with what to look at first, handpays by stage, coverage."""

from datetime import UTC, timedelta
from itertools import count as count_from

from gateway.console.glyphs import ASCII, UNICODE
from gateway.console.link_history import SAMPLES, LinkHistory, spark
from gateway.console.machine_past import (
    coverage_facts,
    handpay_facts,
    identity_facts,
    inside_facts,
    past_lines,
    session_facts,
)
from gateway.console.sight import Sight
from gateway.status.model import LinkWord
from tests.gateway.console.open_console import Bench, until
from tests.gateway.console.sample_floors import NOW, ago, calls, event, troubled
from tests.gateway.console.test_bus_floor import told
from tests.gateway.console.test_meter_words import count, read
from tests.gateway.console.test_surveillance import Past, RequestSocket

SIGHT = Sight(NOW, UTC, UNICODE)
COVERAGE = {"door": "proven", "handpay": "neverseen", "ticket": "seen"}


def handpay(name, sequence, seconds, **data):
    one = told(f"handpay.{name}", sequence, "10401", seconds=seconds, **data)
    return one.model_copy(update={"correlation": "hp-1"})


STORY = [
    handpay("pending", 1, -300),
    handpay("amountknown", 2, -298),
    handpay("reset", 3, -100, waiting=0),
    handpay("paid", 4, -40),
]


def test_a_handpay_shows_the_clock_of_its_stages():
    (fact,) = handpay_facts(STORY, SIGHT)
    assert "amount +0:02, reset +3:20, paid +4:20" in fact.said.text
    (fact,) = handpay_facts(STORY[:3], SIGHT)
    assert "no word that the guest was paid" in fact.said.text
    (fact,) = handpay_facts(STORY[:2], SIGHT)
    assert "PENDING for 5:00" in fact.said.text


def test_coverage_is_told_by_what_was_shown_and_what_was_not():
    born = told("egm.born", 1, "10401", coverage=COVERAGE)
    changed = told("egm.coveragechanged", 2, "10401", family="handpay", before="neverseen",
                   after="proven")  # fmt: skip
    facts = {fact.label: fact.said.text for fact in coverage_facts([changed, born])}
    assert facts == {"Proven": "door, handpay", "Seen": "ticket"}
    facts = {fact.label: fact.said.text for fact in coverage_facts([born])}
    assert facts["Never seen"] == "handpay"


def test_identity_and_sessions_are_said_without_who_plays():
    born = told("egm.born", 1, "10401")
    assert any(fact.label == "Machine says" for fact in identity_facts([born], SIGHT))
    closed = told("session.closed", 2, "10401")
    (fact,) = session_facts([closed], SIGHT)
    assert "coin in" in fact.said.text
    assert str(closed.data["card"]) not in fact.said.text


def test_a_fault_that_lets_play_go_on_says_what_to_look_at_first_too():
    jam = told("tilt.raised", 5, "10401", seconds=-60)
    jam = jam.model_copy(update={"severity": "notice"})
    lines = past_lines([jam], [event(9, 5, "10401", "01-04-01", "printer paper low",
                                     type="tilt.raised", severity="notice")], 100)  # fmt: skip
    assert [line.text or line.check for line in lines] == [
        "printer paper low", "look first: Load paper at the next visit.",
        "bill jam", "look first: Open the validator head, look for paper and tape.",
    ]  # fmt: skip


def test_one_after_the_other_of_a_kind_says_what_to_look_at_first_once():
    bills = [told("bill.rejected", number, "10401", seconds=number) for number in (1, 2, 3)]
    lines = past_lines(bills, [], 100)
    assert [line.text or line.check for line in lines] == [
        "bill rejected", "look first: Many in a row: clean the validator's path.",
        "bill rejected", "bill rejected",
    ]  # fmt: skip


def test_an_urgent_event_is_followed_by_what_to_look_at_first_and_none_is_listed_twice():
    opened = told("door.opened", 5, "10401", seconds=-60, door="cardcage")
    live = [event(9, 5, "10401", "01-04-01", "bill accepted 20.00 USD", type="bill.accepted"),
            event(8, 60, "10401", "01-04-01", "card cage door opened")]  # fmt: skip
    lines = past_lines([opened], live, 100)
    assert [line.text or line.check[:24] for line in lines] == [
        "bill accepted 20.00 USD", "card cage door opened", "look first: An order for"
    ]  # fmt: skip


def test_a_link_is_drawn_one_mark_a_look_and_a_link_that_is_down_is_the_lowest():
    history = LinkHistory()
    looks = (NOW + timedelta(seconds=10 * look) for look in count_from(1))
    egm = troubled().egms[0]
    for share in (1.0, 0.985, 0.5, None):
        history.note([egm.model_copy(update={"link": LinkWord.UP, "link_quality": share})],
                     next(looks))  # fmt: skip
    history.note([egm.model_copy(update={"link": LinkWord.DOWN, "link_quality": 1.0})],
                 next(looks))  # fmt: skip
    assert spark(history.of(egm.asset), UNICODE, 60) == "▇▅▂ ▁"
    assert spark(history.of(egm.asset), ASCII, 3) == ". _"
    for _ in range(2 * SAMPLES):
        history.note([egm], next(looks))
    assert len(history.of(egm.asset)) == SAMPLES


def test_a_look_right_after_another_makes_no_mark_of_its_own():
    history = LinkHistory()
    egm = troubled().egms[0]
    for seconds in (0, 1, 10, 12):
        history.note([egm], NOW + timedelta(seconds=seconds))
    assert len(history.of(egm.asset)) == 2


def make(folder, past, **more):
    return Bench(folder, troubled(), calls("troubled"), archive=past, **more)


async def machine(bench, pilot, asset="10401"):
    await bench.app.run_action(f"machine('{asset}')")
    await until(lambda: bench.app.screen.query("#machine-events"))
    await bench.drawn(pilot)


def screen(bench):
    return "\n".join(bench.text())


async def test_the_machine_page_has_the_events_of_before_the_console_began(tmp_path):
    opened = told("door.opened", 5, "10401", seconds=-7200, door="cardcage")
    bench = make(tmp_path, Past(opened))
    async with bench.open((80, 24)) as pilot:
        await machine(bench, pilot)
        await until(lambda: "look first: An order for the logic area?" in screen(bench))


def test_what_to_look_at_first_takes_as_many_rows_as_it_needs():
    opened = told("door.opened", 5, "10401", seconds=-60, door="cardcage")
    checks = [line.check for line in past_lines([opened], [], 100, 44)][1:]
    assert len(checks) > 1
    assert max(map(len, checks)) <= 42
    assert " ".join("".join(checks).split()).endswith("before and after.")
    assert len({line.key for line in past_lines([opened], [], 100, 44)}) == 1 + len(checks)


async def test_m_shows_the_meters_and_s_another_moment(tmp_path):
    past = Past(
        read(1, -7200, coin_in=count(500), games_played=count(40, unit="count")),
        read(2, -3700, coin_in=count(900)),
        read(3, -30, coin_in=count(1_000), games_played=count(50, unit="count")),
    )
    past.events = [one.model_copy(update={"subject": "10401"}) for one in past.events]
    bench = make(tmp_path, past, day_began=lambda now: ago(7200))
    async with bench.open((80, 24)) as pilot:
        await machine(bench, pilot)
        await pilot.press("m")
        await until(lambda: "+100" in screen(bench))
        assert "since an hour ago" in screen(bench)
        await pilot.press("s")
        await until(lambda: "+500" in screen(bench))
        assert "since gaming day began" in screen(bench)
        assert "+10" in screen(bench)
        assert "observed" in screen(bench)


async def test_r_on_the_meters_reads_them_and_shows_what_changed_since_the_reading_before(tmp_path):
    past = Past(
        read(1, -3700, coin_in=count(900)),
        read(2, -30, coin_in=count(1_000)),
    )
    past.events = [one.model_copy(update={"subject": "10401"}) for one in past.events]
    async with RequestSocket(tmp_path / "request.sock", {"done": True}) as asked:
        bench = make(tmp_path, past, request=asked.path)
        async with bench.open((80, 24)) as pilot:
            await machine(bench, pilot)
            await pilot.press("m")
            await until(lambda: "+100" in screen(bench))
            assert "read now" in screen(bench)
            await pilot.press("r")
            await until(lambda: "since the reading before r" in screen(bench))
            assert asked.asked == [{"do": "read", "asset": "10401"}]
            new = read(3, 1, coin_in=count(1_040)).model_copy(update={"subject": "10401"})
            past.events = [*past.events, new]
            await until(lambda: "+40" in screen(bench))
            await pilot.press("s")
            await until(lambda: "since an hour ago" in screen(bench))


def test_who_was_inside_is_not_hidden_by_everyday_doors():
    story = [
        told("power.lost", 1, "10401", seconds=-300),
        told("door.poweroffaccess", 2, "10401", seconds=-299, door="cardcage"),
        told("door.opened", 3, "10401", seconds=-200, door="slot"),
        told("door.opened", 4, "10401", seconds=-100, door="drop"),
    ]
    assert [fact.said.text for fact in inside_facts(story, SIGHT)] == [
        "drop door opened", "card cage door opened, power off", "power lost"
    ]  # fmt: skip


async def test_p_shows_handpays_coverage_and_identity_at_every_size(tmp_path):
    born = told("egm.born", 1, "10401", seconds=-9000, coverage=COVERAGE)
    past = Past(*STORY, born)
    for size in ((120, 40), (60, 18)):
        bench = make(tmp_path / str(size[0]), past)
        async with bench.open(size) as pilot:
            await machine(bench, pilot)
            await pilot.press("p")
            await until(lambda: "reset +3:20" in screen(bench))  # noqa: B023
            assert "Carded sessions" in screen(bench)
            assert max(map(len, bench.text())) <= size[0]
            await pilot.press("escape", "escape")


async def test_n_notes_something_of_the_machine(tmp_path):
    answer = {"done": True, "events": [{"id": "x", "text": "note of kim: latch"}]}
    async with RequestSocket(tmp_path / "request.sock", answer) as asked:
        bench = make(tmp_path, Past(), request=asked.path)
        async with bench.open((80, 24)) as pilot:
            await machine(bench, pilot)
            await pilot.press("n", *"latch", "enter")
            await until(lambda: asked.asked)
            assert asked.asked == [{"do": "note", "remark": "latch", "asset": "10401"}]
