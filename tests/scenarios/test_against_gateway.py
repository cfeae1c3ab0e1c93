"""Every shipped scenario passes against our gateway, and fails where host or stream is broken.

They are played once, in virtual time. What a judge was told is then told to another, with
something broken: so each scenario, and each step of each, is seen to fail as well.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from floor_sim.scenarios.evidence import Item
from floor_sim.scenarios.judge import Told, judged_again
from floor_sim.scenarios.library import scenarios, shipped_names
from floor_sim.scenarios.verdict import Verdict
from floor_sim.scenarios.watch import State
from floor_sim.scenarios.wording import result_of
from tests.scenarios import mutations as broken
from tests.scenarios.gateway_world import play_all, results, said

BROKEN = {
    "bank-outage": [broken.silent("power.lost"), broken.wrong("power.outage", scope="line")],
    "battery-low": [broken.silent("integrity.batterylow"), broken.untaken("3B")],
    "bill-jam": [broken.silent("tilt.cleared"), broken.silent("dispatch.callclosed")],
    "bill-rejects": [broken.twice("bill.rejected"), broken.silent("bill.counterfeit")],
    "bills": [broken.wrong("bill.accepted", denomination={"amount": "2.00", "currency": "USD"})],
    "busy-machine": [broken.wrong("handpay.amountknown", amount={"amount": "14.00"})],
    "carded-session": [broken.wrong("session.closed", coin_in_credits=199),
                       broken.silent("loyalty.pointscredited")],
    "change-lamp": [broken.silent("lamp.off"), broken.elsewhere("dispatch.callopened")],
    "chirp-and-sync": [broken.silent("link.down"), broken.unpolled("sync")],
    "door-belly": [broken.silent("door.opened"), broken.twice("door.closed")],
    "door-cardcage": [broken.wrong("door.opened", door="belly"), broken.untaken("15")],
    "door-cashbox": [broken.late("door.opened", 30), broken.untaken("1A")],
    "door-drop": [broken.elsewhere("door.opened"), broken.silent("surveillance.recorded")],
    "door-slot": [broken.silent("door.opened"), broken.untrue("coin_in")],
    "door-without-power": [broken.silent("door.poweroffaccess"), broken.untaken("98")],
    "drop-run": [broken.silent("cashbox.removed"), broken.untrue("total_drop")],
    "fraud-fake-slip": [broken.invented("game.ended", "handpay.pending", repeat=False),
                        broken.untrue("jackpot")],
    "fraud-false-play": [broken.silent("meter.epochstarted"),
                         broken.wrong("meter.epochstarted", logic_door_seen=False)],
    "fraud-tickets": [broken.invented("ticket.redeemed", "ticket.printed"),
                      broken.silent("ticket.redeemed")],
    "fraud-validator-bag": [broken.untrue("total_drop"), broken.twice("bill.accepted")],
    "games": [broken.twice("game.started"), broken.untrue("games_played")],
    "handpay-cancelled-credit": [broken.wrong("handpay.amountknown", handpay_class="topwin")],
    "handpay-host-away": [broken.silent("handpay.reset"), broken.untaken("52")],
    "handpay-progressive": [broken.wrong("handpay.amountknown", level=2),
                            broken.silent("progressive.hit")],
    "handpay-queue-of-five": [broken.unread(), broken.silent("handpay.amountknown")],
    "handpay-remote-key-off": [broken.polled("94"), broken.untaken("52")],
    "handpay-repeated": [broken.twice("dispatch.callopened"), broken.twice("handpay.pending")],
    "handpay-single": [broken.unread(), broken.unpolled("1B"), broken.twice("handpay.pending"),
                       broken.unordered(0x51, 0x52)],
    "handpay-to-every-consumer": [broken.wrong("dispatch.callopened", opened_by="somebody"),
                                  broken.twice("dispatch.callopened"),
                                  broken.silent("dispatch.callupdated")],
    "line-cut": [broken.silent("link.up"), broken.late("door.opened", 60)],
    "lost-answer": [broken.untaken("11"), broken.twice("door.opened")],
    "noisy-line": [broken.untaken("11"), broken.twice("door.opened")],
    "options-changed": [broken.unpolled("1F"), broken.silent("integrity.optionschanged")],
    "overflow": [broken.silent("link.gap"), broken.untaken("70")],
    "panel-outage": [broken.silent("power.outage"), broken.wrong("power.outage", machines=3)],
    "power-cycle": [broken.untaken("18"), broken.silent("power.applied")],
    "printer": [broken.wrong("tilt.raised", kind="printerjam"), broken.untaken("74")],
    "ram-clear": [broken.silent("meter.epochstarted"),
                  broken.invented("meter.epochstarted", "meter.rolledover")],
    "rollover": [broken.silent("meter.rolledover"),
                 broken.invented("meter.rolledover", "meter.epochstarted")],
    "rollover-and-ram-clear": [broken.silent("meter.epochstarted"),
                               broken.invented("meter.epochstarted", "meter.rolledover")],
    "saturday-night": [broken.twice("game.ended"), broken.unordered(0x7E, 0x7F)],
    "slow-machine": [broken.late("door.opened", 30), broken.twice("door.opened")],
    "stacker-full": [broken.silent("cashbox.full"), broken.untaken("27")],
    "tax-midnight": [broken.wrong("handpay.reset", limits={
        "day": "2025-12-31", "w2g": {"verdict": "required"}})],
    "ticket-storm": [broken.twice("ticket.printed"), broken.silent("ticket.printed")],
    "tilt-and-mend": [broken.silent("tilt.cleared"), broken.elsewhere("tilt.raised")],
    "two-hosts": [broken.untaken("11", port=2), broken.untaken("4A")],
}  # fmt: skip
"""Scenario to ways in which it fails."""


@pytest.fixture(scope="module")
def companies(tmp_path_factory):
    """Every shipped scenario, played against our gateway."""
    return play_all(scenarios(), tmp_path_factory.mktemp("scenarios"))


@pytest.fixture(scope="module")
def verdicts(companies):
    return results(companies)


@pytest.fixture(scope="module")
def judges(companies):
    return {name: company.judges[name] for name, company in companies.items()}


def verdict_of(judge, log):
    again = judged_again(judge, log)
    end = max([told.at for told in log] + [told.at for told in judge.log]) + 200.0
    return result_of(again, end)


@pytest.mark.parametrize("name", shipped_names())
def test_it_passes_against_our_gateway_and_again_on_what_was_kept(name, verdicts, judges):
    assert verdicts[name].verdict is Verdict.PASS, said(verdicts[name])
    again = verdict_of(judges[name], judges[name].log)
    assert again.verdict is Verdict.PASS, said(again)


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in BROKEN.items() for way in range(len(ways))]
)
def test_it_fails_where_host_or_stream_is_broken(name, way, judges):
    result = verdict_of(judges[name], BROKEN[name][way](judges[name]))
    assert result.verdict is Verdict.FAIL, said(result)
    assert result.wrong[0].why


def test_every_shipped_scenario_has_a_way_to_fail():
    assert BROKEN.keys() == {*shipped_names()}
    assert len(shipped_names()) >= 30


@pytest.mark.parametrize("name", shipped_names())
def test_each_step_of_it_can_fail(name, judges):
    """Nothing that must be seen is seen whatever happens."""
    judge = judges[name]
    for watch in judge.watches:
        result = verdict_of(judge, without(judge, watch))
        assert result.verdict is Verdict.FAIL, f"step {watch.number + 1}: {said(result)}"


def without(judge, watch):
    """Return what a judge was told without what a step has seen, or with what it must not see."""
    if watch.step.never:
        kind = "event" if watch.step.event else "poll" if watch.step.poll else "record"
        asset = judge.played.assets[watch.step.machine or next(iter(judge.played.assets))]
        name = watch.step.event or watch.step.poll or watch.step.record
        code = {} if watch.step.told is None else {"code": watch.step.told}
        item = Item(
            kind, watch.began + 0.01, name, asset, watch.step.port if kind == "poll" else 0,
            data={**watch.step.data, **code},
        )  # fmt: skip
        return [*judge.log, Told("item", item.at, item=item)]
    if watch.step.account == "host":
        port, asset = watch.step.port, None
        gone = [one for one in judge.items if one.kind == "record" and one.name in {"acked", "lost"}
                and one.port == port and one.at >= judge.started]  # fmt: skip
        gone = [one for one in gone if asset is None or one.asset == asset][-1:]
    elif watch.step.account == "events":
        gone = [one for one in judge.items if one.kind == "event" and one.code is not None
                and one.at >= judge.started][-1:]  # fmt: skip
    else:
        gone = watch.hits
    assert gone, "a step that has passed has seen something"
    ids = {id(one) for one in gone}
    return [told for told in judge.log if id(told.item) not in ids]


def test_something_that_comes_late_is_told_as_late(judges):
    judge = judges["door-slot"]
    result = verdict_of(judge, broken.late("door.opened", 30)(judge))
    step = result.wrong[0]
    assert "seen late" in " ".join(step.why)
    assert step.why[0].startswith("expected by 0:20.")


def test_a_fail_says_what_was_expected_by_when_and_what_was_nearest(judges):
    judge = judges["door-slot"]
    result = verdict_of(judge, broken.wrong("door.opened", door="belly")(judge))
    step = result.wrong[0]
    assert step.says == "event door.opened, door slot, after open, once"
    assert "door is 'belly' and not 'slot'" in step.why[1]
    assert "70100" in step.why[1]


def test_once_means_once(judges):
    judge = judges["door-slot"]
    result = verdict_of(judge, broken.twice("door.opened")(judge))
    assert "expected once; seen too often" in result.wrong[0].why[0]


def test_a_step_that_cannot_happen_blocks_what_must_be_seen_behind_it(judges):
    judge = judges["door-slot"]
    first = next(told for told in judge.log if told.what == "acting")
    log = [told for told in judge.log if told.what not in {"acting", "acted"}]
    log.append(replace(first, what="cannot", why="a has no power: door open slot"))
    again = judged_again(judge, log)
    assert {watch.state(1e6) for watch in again.watches[:4]} == {State.BLOCKED}
    assert result_of(again, 1e6).verdict is Verdict.BLOCKED
