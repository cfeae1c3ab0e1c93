"""A job that passes over a cancellation is cancelled until it ends."""

import asyncio

import pytest

from gateway.bus.durability import DurabilityWatch
from gateway.bus.firmly import firmly
from gateway.bus.lease import Holder, Lease
from gateway.bus.lease_keeper import LeaseKeeper


@pytest.fixture
def deaf():
    """A job that passes over its first two cancellations, as a client library may."""

    class Deaf:
        passed_over = 0

        async def run(self):
            while True:
                try:
                    await asyncio.sleep(3600)
                except asyncio.CancelledError:
                    if self.passed_over == 2:
                        raise
                    self.passed_over += 1

    return Deaf()


def test_a_job_that_does_not_hear_is_asked_again(deaf, in_virtual_time):
    async def main():
        task = asyncio.create_task(firmly(deaf.run()))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task], timeout=10)
        assert task.cancelled()

    in_virtual_time(main())
    assert deaf.passed_over == 2


def test_a_job_that_fails_fails_the_one_who_runs_it(in_virtual_time):
    async def fails():
        raise KeyError("lane")

    with pytest.raises(KeyError, match="lane"):
        in_virtual_time(firmly(fails()))


ME = Holder("b1", "edge-a", 11, "here", 1, 1)


@pytest.mark.parametrize(
    "job",
    [
        lambda link: LeaseKeeper(link, Lease("demo", "edge1", ME), lambda _: None),
        lambda link: DurabilityWatch(link, None),
    ],
    ids=["lease", "durability"],
)
def test_a_gateway_stops_though_a_cancellation_is_lost_while_it_asks_the_server(
    job, deaf, in_virtual_time
):
    deaf.ready, deaf.on_change = deaf.run, lambda _: None

    async def main():
        task = asyncio.create_task(job(deaf).run())
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task], timeout=10)
        assert task.cancelled()

    in_virtual_time(main())
