"""One timer for many lines: nothing early, nothing forgotten, few wake-ups."""

import pytest

from floor_sim.beat import Beat


class Timer:
    def __init__(self, when, act):
        self.act, self._when = act, when

    def when(self):
        return self._when

    def cancel(self):
        self.act = None


class Loop:
    """A loop whose clock the test moves."""

    def __init__(self):
        self.now, self.timers, self.woken = 5.0, [], 0

    def time(self):
        return self.now

    def call_at(self, when, act):
        self.timers.append(Timer(when, act))
        return self.timers[-1]

    def until(self, end):
        while due := sorted((one for one in self.timers if one.act), key=Timer.when):
            if due[0].when() > end:
                break
            self.now = max(self.now, due[0].when())
            act, due[0].act = due[0].act, None
            self.woken += 1
            act()
        self.now = end


@pytest.fixture
def loop():
    return Loop()


def test_what_is_due_in_one_millisecond_is_done_at_once_and_never_early(loop):
    beat, done = Beat(loop), []
    for due in (5.0026, 5.0021, 5.0029, 5.0061):
        beat.at(due, lambda now, due=due: done.append((due, now)))
    loop.until(5.1)
    assert [due for due, _ in done] == [5.0021, 5.0026, 5.0029, 5.0061]
    assert all(due <= now < due + 0.001001 for due, now in done)
    assert loop.woken == 2


def test_what_is_due_sooner_is_not_kept_waiting_by_what_is_due_later(loop):
    beat, done = Beat(loop), []
    beat.at(6.0, done.append)
    beat.at(5.01, lambda now: beat.at(5.02, done.append))
    loop.until(5.5)
    assert done == [pytest.approx(5.02, abs=0.0011)]
    loop.until(6.5)
    assert len(done) == 2


def test_what_is_cancelled_is_not_done_and_nothing_is_after_the_end(loop):
    beat, done = Beat(loop), []
    beat.at(5.01, done.append).cancel()
    loop.until(5.1)
    beat.at(5.2, done.append)
    beat.close()
    loop.until(6.0)
    assert done == []
