"""A program that commits events and says so, until it is killed. Run by the tests beside it.

Every line on standard output is the sequence of an event that is on disk. One in three events is
acknowledged, so that marks, and with ``--prune`` the deletion of rows, are under way as well.
"""

import argparse
import asyncio
import os
import resource
from pathlib import Path

from gateway.outbox.marks import Keep
from gateway.outbox.store import Store
from gateway.outbox.thread_writer import ThreadWriter
from gateway.outbox.types import Acknowledged, Commit, Row

LINES = 4


class Gateway:
    def __init__(self, arguments):
        store = Store.open(arguments.path)
        if arguments.synchronous_off:
            store._connection.execute("PRAGMA synchronous = OFF")
        restored = store.restore()
        self.sequence = restored.last_sequence
        self.family = restored.family_sequences.get("meter", 0)
        self.limit = self.sequence + arguments.limit
        self.bytes = arguments.bytes
        seconds = 0.0 if arguments.prune else 1e6
        self.writer = ThreadWriter(store, keep=Keep(seconds, seconds))

    def commit(self, line):
        self.sequence += 1
        self.family += 1
        row = Row(
            sequence=self.sequence,
            id=f"gw1.{os.getpid()}.{self.sequence}",
            type="meter.read",
            family="meter",
            familysequence=self.family,
            subject="slot.v1.demo.gw1.meter.read.10101",
            asset="10101",
            stream="SLOT_METERS",
            time_ns=self.sequence,
            body=os.urandom(self.bytes // 2).hex().encode(),
        )
        return Commit((row,), {f"1010{line}": b"state" * 20}, {f"L{line}": self.sequence})

    async def line(self, number):
        while self.sequence < self.limit:
            commit = self.commit(number)
            await self.writer.submit(commit)
            sequence = commit.rows[0].sequence
            os.write(1, b"%d\n" % sequence)
            if sequence % 3 == 0:
                self.writer.mark([Acknowledged(sequence, "SLOT_METERS", sequence)])

    async def run(self, fsize_bytes):
        async with asyncio.TaskGroup() as lines:
            if fsize_bytes:
                lines.create_task(self.meet_a_full_disk(fsize_bytes))
            for number in range(1, LINES + 1):
                lines.create_task(self.line(number))
        left = await self.writer.close(10)
        assert left.commits == 0, left

    async def meet_a_full_disk(self, fsize_bytes):
        """Let no file grow beyond ``fsize_bytes`` until the writer says so; then give room."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (fsize_bytes, hard))
        async with asyncio.timeout(60):
            while self.writer.failure is None:  # noqa: ASYNC110  the disk sets no event
                await asyncio.sleep(0.01)
        os.write(2, self.writer.failure.encode())
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    parser.add_argument("--limit", type=int, default=10**9)
    parser.add_argument("--bytes", type=int, default=1000)
    parser.add_argument("--prune", action="store_true")
    parser.add_argument("--synchronous-off", action="store_true")
    parser.add_argument("--fsize-bytes", type=int, default=0)
    arguments = parser.parse_args()

    async def live():
        await Gateway(arguments).run(arguments.fsize_bytes)

    asyncio.run(live())


main()
