"""A backlog drains to JetStream while lines are polled: both keep their time, in one run.

Ours: the publisher sends a backlog from a real outbox, one event of an asset at a time, and marks
it; the same process and loop polls 50 lines of eight EGMs on a bridge every 200 ms, 2,000 polls a
second. Bare: ``publish_async`` of equal bodies with a message id under the same rule, from a list
in memory, and nothing else. One nats-server, ``sync_interval: always``. Rounds are interleaved and
short; printed are the medians of the rounds and of the ratios of neighbours, and how late the
polls' answers were, beside those of the same lines while nothing is published.

``--events 200000 --rounds 1`` is the full form.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

from gateway.bus.passwords import make_passwords
from gateway.bus.server import NatsServer, free_port
from gateway.bus.server_config import ServerPlan
from gateway.bus.streams import apply_streams
from tests.bench.bench_floor import free_ports
from tests.bench.bench_paced import LivePolls, echo
from tests.bench.bench_publish import Bench, by_asset
from tests.bench.paced import Measured
from tests.bench.told import Told, tell

ALONE_S = 2.0


async def run(options: argparse.Namespace, folder: Path) -> None:
    plan = ServerPlan("demo", ("edge1",), folder / "nats", free_port(), None, make_passwords())
    server = NatsServer(plan)
    await server.start()
    rates: dict[str, list[float]] = {"ours": [], "bare": []}
    alone, beside = Measured(), Measured()
    try:
        await apply_streams(server.url, "admin", plan.passwords["admin"])
        bench = Bench(server, folder, options.events, 1000)
        for _ in range(options.rounds):
            await bench.fill()
            port = free_ports(1)[0]
            with echo(port, options.lines):
                async with LivePolls(port, options.lines) as polls:
                    await asyncio.sleep(ALONE_S)
                    alone.late_s += polls.taken()
                    rates["ours"].append(options.events / (await bench.drain())[0])
                    late_s = polls.taken()
            assert late_s, "nothing was polled beside the drain"
            beside.late_s += late_s
            print(f"  {rates['ours'][-1]:,.0f} events/s, {len(late_s)} polls beside", flush=True)
            rates["bare"].append(options.events / (await bench.bare(by_asset))[0])
        await bench.writer.close(10)
        bench.reader.close()
    finally:
        await server.stop()
    mine, theirs = (statistics.median(each) for each in rates.values())
    ratio = statistics.median(a / b for a, b in zip(*rates.values(), strict=True))
    print(
        f"  {options.events} events beside {options.lines * 40} polls a second: ours "
        f"{mine:,.0f} events/s, bare {theirs:,.0f}/s; answers late p99 {beside.late_ms():.1f} ms, "
        f"with nothing to publish {alone.late_ms():.1f} ms"
    )
    tell(Told("draining a backlog beside live polls, of bare nats-py", ratio, 0.85, at_least=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=4_000, help="in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=50, help="of eight EGMs")
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk to measure")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix=".bench-drain-") as folder:
        asyncio.run(run(options, Path(folder)))


if __name__ == "__main__":
    main()
