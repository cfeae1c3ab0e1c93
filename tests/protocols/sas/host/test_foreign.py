"""When unasked bytes are another host, and when it has gone."""

from __future__ import annotations

from protocols.sas.host.foreign import ForeignWatch


def test_one_poll_with_its_ninth_bit_is_another_host_and_is_told_once():
    watch = ForeignWatch(60.0)
    assert not watch.silenced(0.0)
    assert watch.poll_heard(10.0, certain=True) is True
    assert watch.since == 10.0
    assert watch.poll_heard(11.0, certain=True) is False
    assert watch.since == 10.0
    assert watch.until == 71.0


def test_it_is_forgotten_once_it_has_been_quiet_for_long_enough():
    watch = ForeignWatch(60.0)
    watch.poll_heard(10.0, certain=True)
    assert watch.silenced(69.9) is True
    assert watch.since == 10.0
    assert watch.silenced(70.0) is False
    assert watch.since is None
    assert watch.poll_heard(80.0, certain=True) is True


def test_without_the_ninth_bit_five_polls_in_three_seconds_are_another_host():
    watch = ForeignWatch(60.0)
    told = [watch.poll_heard(at, certain=False) for at in (0.0, 0.5, 1.0, 2.0, 2.9)]
    assert told == [False, False, False, False, True]


def test_polls_that_come_rarely_are_noise():
    watch = ForeignWatch(60.0)
    assert not any(watch.poll_heard(at * 0.75, certain=False) for at in range(20))
    assert watch.since is None
    assert not watch.silenced(15.0)


def test_it_is_the_last_five_that_count():
    watch = ForeignWatch(60.0)
    told = [watch.poll_heard(at, certain=False) for at in (0.0, 50.0, 50.5, 51.0, 51.5, 52.0)]
    assert told == [False] * 5 + [True]
