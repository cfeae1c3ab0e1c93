"""Alarms go off in their order, never too soon, and none takes another along."""

import asyncio
import gc
import weakref

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.edge.wheel import Wheel, wheel
from tests.simulation.jumping import JumpingLoop, run_jumping


def in_virtual_time(main):
    return run_jumping(main, JumpingLoop())


@given(
    st.lists(st.tuples(st.integers(0, 3_000), st.booleans()), max_size=40),
    st.sampled_from([0.0001, 0.00025, 0.0005, 0.001, 1 / 3000]),
)
@settings(max_examples=60, deadline=None)
def test_each_comes_at_its_time_and_the_cancelled_never(asked, unit_s):
    came = {}

    async def main():
        loop, wheel = asyncio.get_running_loop(), Wheel()
        began = loop.time()
        for number, (steps, kept) in enumerate(asked):
            at = began + steps * unit_s
            alarm = wheel.call_at(at, lambda n=number: came.__setitem__(n, loop.time() - began))
            if not kept:
                alarm.cancel()
        await asyncio.sleep(3_000 * unit_s + 1)
        assert not wheel._alarms  # nothing is left that would wake anybody
        assert wheel._timer is None

    in_virtual_time(main())
    assert came.keys() == {number for number, (_, kept) in enumerate(asked) if kept}
    for number, at_s in came.items():
        assert abs(at_s - asked[number][0] * unit_s) < 1e-6


def test_an_earlier_one_that_is_set_later_comes_first():
    came = []

    async def main():
        now, wheel = asyncio.get_running_loop().time(), Wheel()
        wheel.call_at(now + 1.0, lambda: came.append("late"))
        wheel.call_at(now + 0.1, lambda: came.append("soon"))
        await asyncio.sleep(0.5)
        assert came == ["soon"]
        await asyncio.sleep(1)

    in_virtual_time(main())
    assert came == ["soon", "late"]


def test_one_that_is_set_by_another_for_now_comes_too():
    came = []

    async def main():
        loop, wheel = asyncio.get_running_loop(), Wheel()

        def again():
            came.append(loop.time())
            if len(came) < 3:
                wheel.call_at(loop.time(), again)

        wheel.call_at(loop.time(), again)
        await asyncio.sleep(1)

    in_virtual_time(main())
    assert len(came) == 3


def test_a_defect_in_one_is_told_and_the_others_come():
    came, told = [], []

    async def main():
        loop, wheel = asyncio.get_running_loop(), Wheel()
        loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
        for call in (lambda: came.append(1), lambda: 1 / 0, lambda: came.append(2)):
            wheel.call_at(loop.time() + 0.1, call)
        await asyncio.sleep(1)

    in_virtual_time(main())
    assert came == [1, 2]
    assert isinstance(told[0], ZeroDivisionError)


def test_a_loop_has_one_wheel_and_takes_it_along_when_it_goes():
    async def main():
        assert wheel() is wheel()
        wheel().call_at(0.0, list)
        return weakref.ref(asyncio.get_running_loop()), wheel()

    loop, first = in_virtual_time(main())
    _, second = in_virtual_time(main())
    assert first is not second
    gc.collect()
    assert loop() is None
