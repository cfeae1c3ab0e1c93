"""Idle polls by callbacks: whatever is more than an idle answer is left for the line's task."""

import asyncio
from itertools import pairwise

import pytest

from gateway.edge.idle import IdlePolls
from gateway.edge.port import Inbox, PortError
from protocols.sas.host.session import LineSession
from protocols.sas.host.steps import Rules
from tests.simulation.jumping import JumpingClock, JumpingLoop, run_jumping


class Line:
    """One EGM on a port in memory, in virtual time; it answers what is in ``says``, then 00."""

    def __init__(self):
        self.loop = JumpingLoop()
        self.clock = JumpingClock(self.loop)
        self.inbox = Inbox("memory")
        self.says = []
        self.sent = []
        self.answered = []
        self.fails = None

    def begin(self):
        self.inbox.opened()
        self.session = LineSession([1], Rules(), now=self.clock.monotonic())
        link = self.session.links[1]
        link.state, link.heard_at = type(link.state).UP, self.clock.monotonic()
        self.idle = IdlePolls(
            self.inbox, self.session, self.clock, self.next_step, self.put,
            lambda step, at: self.answered.append((step.poll, at)),
        )  # fmt: skip

    def next_step(self):
        return self.session.next_step(self.clock.monotonic())

    def put(self, step):
        if self.fails is not None:
            raise self.fails
        self.sent.append(step.poll)
        answer = (self.says.pop(0) if self.says else b"\x00") if step.address else b""
        if answer:
            self.loop.call_later(0.003, self.inbox.put, answer)

    def run(self, story):
        async def main():
            self.begin()
            await asyncio.wait_for(story(self), 60)

        run_jumping(main(), self.loop)


@pytest.fixture
def line():
    return Line()


def test_idle_answers_wake_nobody(line):
    async def story(line):
        task = asyncio.create_task(line.idle.pass_time())
        await asyncio.sleep(10)
        assert not task.done()
        line.idle.stop()
        await task

    line.run(story)
    assert 40 <= len(line.answered) <= 50
    assert {poll for poll, _ in line.answered} == {b"\x81"}
    general = [at for at, poll in enumerate(line.sent) if poll == b"\x81"]
    assert all(after - before == 2 for before, after in pairwise(general))


@pytest.mark.parametrize("answer", [b"\x11", b"\x00\x00", b"\x01"])
def test_any_other_answer_is_left_to_be_read_and_the_poll_still_waits(line, answer):
    line.says = [b"\x00", answer]

    async def story(line):
        await line.idle.pass_time()
        assert line.session.waiting
        assert (await line.inbox.take(0.0)).data == answer

    line.run(story)
    assert len(line.answered) == 1


def test_a_byte_with_its_ninth_bit_set_is_no_idle_answer(line):
    async def story(line):
        line.put = lambda step: line.loop.call_later(
            0.003, lambda: line.inbox.put(b"\x00", wakeup=True)
        )
        line.idle._put = line.put
        await line.idle.pass_time()
        assert (await line.inbox.take(0.0)).wakeup

    line.run(story)
    assert line.answered == []


def test_silence_is_for_the_task_to_judge(line):
    async def story(line):
        line.idle._put = lambda step: None
        await line.idle.pass_time()
        assert line.session.waiting
        assert line.clock.monotonic() == pytest.approx(line.session.deadline)

    line.run(story)


def test_bytes_that_nobody_asked_for_end_the_pause_and_are_left(line):
    async def story(line):
        line.loop.call_later(1.15, line.inbox.put, b"\x33")
        await line.idle.pass_time()
        assert not line.session.waiting
        assert (await line.inbox.take(0.0)).data == b"\x33"

    line.run(story)


def test_a_port_that_goes_wakes_the_task_which_is_told_why(line):
    async def story(line):
        line.loop.call_later(1.0, line.inbox.end, PortError("pulled out"))
        await line.idle.pass_time()
        with pytest.raises(PortError, match="pulled out"):
            await line.inbox.take(line.clock.monotonic())
        await line.idle.pass_time()  # returns at once: nothing can be offered

    line.run(story)


def test_what_fails_in_a_callback_is_raised_where_the_task_waits(line):
    async def story(line):
        line.loop.call_later(1.0, setattr, line, "fails", ZeroDivisionError("a defect"))
        with pytest.raises(ZeroDivisionError, match="a defect"):
            await line.idle.pass_time()

    line.run(story)


def test_after_a_stop_nothing_is_sent(line):
    async def story(line):
        line.idle.stop()
        await line.idle.pass_time()

    line.run(story)
    assert line.sent == []


def test_a_task_that_is_cancelled_sends_nothing_more_even_if_a_poll_is_due_just_then(line):
    async def story(line):
        task = asyncio.create_task(line.idle.pass_time())
        await asyncio.sleep(1.1)
        assert not line.session.waiting
        sent = len(line.sent)
        line.session.links[1].due = 0.0
        line.loop.call_soon(line.idle._wake)  # comes before the task learns of it
        task.cancel()
        await asyncio.wait([task])
        assert len(line.sent) == sent

    line.run(story)
