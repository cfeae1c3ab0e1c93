"""Judging a floor that runs: from the host's first byte on, with an examination, and honestly."""

import heapq
from itertools import count

import pytest

from floor_sim.judge.host_rules import HOST_RULES
from floor_sim.judge.live import LiveJudging
from floor_sim.judge.rule import Settings
from tests.floor_sim.judge.examined import exam_floor
from tests.floor_sim.judge.model_host import Habits, ModelHost, changed

GOOD = Habits()


class Loop:
    """An event loop of timers alone, on a clock that a test moves."""

    def __init__(self, now):
        self.now, self._timers, self._order = now, [], count()

    def time(self):
        return self.now

    def call_at(self, when, call, *args):
        heapq.heappush(self._timers, (when, next(self._order), call, args))

    def call_later(self, delay, call, *args):
        self.call_at(self.now + delay, call, *args)

    def due(self):
        return self._timers[0][0] if self._timers else float("inf")

    def run(self):
        while self.due() <= self.now:
            _, _, call, args = heapq.heappop(self._timers)
            call(*args)


def judged(habits=GOOD, *, stalls=(), seconds=8.0, polled=("L1", "L2"), bits=True, **options):
    """Return the report on a floor whose clock stands at 1000 when it begins."""
    floor, loop = exam_floor(), Loop(1000.0)
    floor.start(loop.now, playing=False)
    judging = LiveJudging(HOST_RULES, Settings(0.02, control=True), seconds,
                          exam=options.pop("exam", False), **options)  # fmt: skip
    stopped, stalls = [], list(stalls)
    judging.begin(floor, loop, lambda: stopped.append(loop.now))
    hosts = [ModelHost(Ear(floor.lines[name], bits), habits, 1) for name in polled]
    for host in hosts:
        host.due = 1003.0  # it comes a while after the machines
    while not stopped and loop.now < 1100:
        people = floor.next_due() or float("inf")
        loop.now = max(loop.now, min(people, loop.due(), *(host.due for host in hosts)))
        if stalls and loop.now >= stalls[0]:
            loop.now = stalls.pop(0) + 0.3
        floor.run(loop.now)
        for host in hosts:
            if host.due <= loop.now:
                host.act(loop.now)
        loop.run()
    return judging.report()


class Ear:
    """A line that carries the host's ninth bits, or not, as a pty."""

    def __init__(self, line, bits):
        self._line, self._bits = line, bits
        self.ports, self.take_symbols = line.ports, line.take_symbols

    def host_write(self, data, now, wakeup):
        self._line.host_write(data, now, wakeup if self._bits else None)


def test_judging_begins_with_the_hosts_first_byte_and_ends_after_its_time():
    report = judged(seconds=8.0)
    assert report.lines == ("L1", "L2")
    assert report.seconds == pytest.approx(8.0, abs=0.1)
    assert (report.findings, report.remarks) == ([], ())


def test_the_examination_begins_with_the_first_byte_too():
    doors = next(tally for tally in judged(exam=True, seconds=6.0).tallies
                 if tally.row.id == "host.silence-passed-over")  # fmt: skip
    assert not doors.chances
    later = judged(exam=True, seconds=9.0)
    assert next(tally for tally in later.tallies if tally.row.id == doors.row.id).chances


def test_a_line_that_nobody_polls_is_told_and_only_the_named_are_judged():
    report = judged(polled=("L1",))
    assert report.remarks == ("No host has polled L2.",)
    assert judged(polled=("L1",), only=["L1"]).remarks == ()


def test_a_computer_that_was_slow_says_so():
    (remark,) = judged(stalls=(1005.0, 1006.0)).remarks
    assert remark.startswith("This computer was late 2 times, by 2")


def test_without_ninth_bits_the_report_says_that_they_were_not_judged():
    report = judged(bits=False)
    assert any("ninth bits" in remark for remark in report.remarks)
    assert next(t for t in report.tallies if t.row.id == "host.wakeup-missing").chances == 0


def test_a_bad_host_is_found_on_a_floor_that_runs():
    report = judged(changed(turn_s=0.15))
    assert {finding.rule for finding in report.findings} == {"host.poll-too-fast"}
    assert report.failed
