"""A gateway that is only its status socket: the real socket and the real models, told what to say.

``python -m tests.gateway.console.fake_daemon RUN_FOLDER troubled [--per-second 3000]`` serves one
in a terminal of its own, until it is stopped; ``--per-second`` changes so many EGMs a second.
"""

import argparse
import asyncio
import contextlib
from pathlib import Path

from gateway.status.model import EgmDelta
from tests.gateway.console import sample_floors


class FakeDaemon:
    """Serves ``snapshot`` on ``path``; what is told goes to everybody connected.

    Everything may be changed while it runs: ``greeting`` is sent to who connects next.
    """

    def __init__(self, path, snapshot=None):
        self.path = Path(path)
        self.greeting = b"" if snapshot is None else line_of(snapshot)
        self.connections = 0
        self.writers = set()
        self._server = None

    async def start(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def stop(self):
        """End as a process does: every connection closes, the socket's file is gone."""
        self._server.close()
        self.hang_up()
        self.path.unlink(missing_ok=True)
        await asyncio.sleep(0)

    def hang_up(self):
        for writer in list(self.writers):
            writer.close()

    def greet_with(self, snapshot):
        self.greeting = line_of(snapshot)

    def tell(self, *messages):
        self.tell_bytes(b"".join(line_of(message) for message in messages))

    def tell_bytes(self, data):
        for writer in self.writers:
            writer.write(data)

    async def drain(self):
        for writer in list(self.writers):
            with contextlib.suppress(ConnectionError):
                await writer.drain()

    async def _serve(self, reader, writer):
        self.connections += 1
        self.writers.add(writer)
        writer.write(self.greeting)
        try:
            while await reader.read(1024):  # a console says nothing
                raise AssertionError("the console wrote to the status socket")
        except ConnectionError:
            pass
        finally:
            self.writers.discard(writer)
            writer.close()

    async def __aenter__(self):
        await self.start()
        return self

    async def __aexit__(self, *_):
        await self.stop()


def line_of(message):
    return message.model_dump_json().encode() + b"\n"


async def serve(path, floor, per_second):
    snapshot = sample_floors.FLOORS[floor]()
    async with FakeDaemon(path, snapshot) as daemon:
        egms = list(snapshot.egms)
        turn = 0
        while True:
            await asyncio.sleep(0.2)
            changed = []
            for _ in range(round(per_second / 5) if egms else 0):
                turn += 1
                egm = egms[turn % len(egms)]
                egm = egm.model_copy(update={"coin_in": egm.coin_in + 5, "polls": egm.polls + 5})
                egms[turn % len(egms)] = egm
                changed.append(EgmDelta(egm=egm))
            daemon.tell(*changed)
            await daemon.drain()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run_folder", type=Path)
    parser.add_argument("floor", choices=sample_floors.FLOORS)
    parser.add_argument("--per-second", type=int, default=0)
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(
            serve(given.run_folder / "gateway" / "status.sock", given.floor, given.per_second)
        )


if __name__ == "__main__":
    main()
