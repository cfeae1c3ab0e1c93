"""A floor of any size, the gateway, NATS, and the JavaScript consumer that validates what it says.

``python tests/extra/floor_consumer.py --machines 500 --seconds 600`` prints the consumer's figures;
exit status 0: every event fits the contract, none is missing, none came twice.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from edge_config.loader import load_toml
from edge_config.site import Site
from gateway.bus.passwords import keep_passwords, password_file
from gateway.bus.server import NatsServer, free_port
from gateway.bus.server_config import ServerPlan
from gateway.bus.streams import apply_streams

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "gateway/examples/javascript"
SETTLE_S = 8.0


class FloorError(Exception):
    """The floor, the gateway or the consumer did not do what it should; says which."""


def install(folder: Path) -> str:
    """Copy the examples and install what they need; return why that cannot be done, or nothing."""
    for path in EXAMPLES.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--no-package-lock"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


@contextlib.contextmanager
def program(log: Path, *argv: str | Path, **environment: str) -> Iterator[subprocess.Popen]:
    with log.open("wb") as out:
        child = subprocess.Popen(
            [os.fspath(one) for one in argv], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": os.fspath(ROOT), **environment},
        )  # fmt: skip
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def ours(package: str, *argv: str | Path) -> str:
    """Run a command of ours; return what it prints."""
    command = [sys.executable, "-m", package, *map(os.fspath, argv)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FloorError(f"{package} {' '.join(map(str, argv))}: {done.stderr}")
    return done.stdout


def prepare(folder: Path, machines: int) -> None:
    """Write the floor, its site and the contract."""
    floor = folder / "floor.toml"
    floor.write_text(ours("floor_sim", "floor", "preset", str(machines)))
    site = folder / "site.toml"
    ours("floor_sim", "export-site", floor, "--run-folder", folder / "run", "--out", site)
    ours("gateway", "contracts", "export", folder / "contract")


async def validate(folder: Path, modules: Path, seconds: float, speed: float = 1.0) -> dict:
    """Run it all; return what the consumer says at its end."""
    floor, site_file, run = folder / "floor.toml", folder / "site.toml", folder / "run"
    site = load_toml(os.fspath(site_file), Site)
    nats = run / "nats"
    passwords = keep_passwords(nats)
    plan = ServerPlan(
        site.site.id, (site.gateway.id,), nats, free_port(), None, passwords, sync_always=False
    )
    server = NatsServer(plan)
    await server.start()
    url = f"nats://127.0.0.1:{plan.port}"
    try:
        await apply_streams(url, "admin", passwords["admin"])
        python = sys.executable
        with (
            program(folder / "slotsim.log", python, "-m", "floor_sim", "run", floor,
                    "--run-folder", run, "--speed", str(speed)),
            program(folder / "gateway.log", python, "-m", "gateway", "run", site_file,
                    "--run-folder", run, "--nats-url", url) as gateway,
        ):  # fmt: skip
            consumer = await asyncio.create_subprocess_exec(
                "node", "validate.mjs", cwd=modules, stdout=subprocess.PIPE,
                env={**os.environ, "NATS_URL": url, "NATS_USER": "consumer",
                     "NATS_PASSWORD_FILE": os.fspath(password_file(nats, "consumer")),
                     "CONTRACT": os.fspath(folder / "contract"),
                     "SECONDS": str(seconds + SETTLE_S)},
            )  # fmt: skip
            await asyncio.sleep(seconds)
            if gateway.poll() is not None:
                raise FloorError((folder / "gateway.log").read_text()[-1000:])
            gateway.terminate()  # it ends what it has begun; then the numbers stand still
            out, _ = await asyncio.wait_for(consumer.communicate(), SETTLE_S + 60)
        return json.loads(out)
    finally:
        await server.stop()


def figures(found: dict) -> str:
    """Return the consumer's figures in one line."""
    return (
        f"{found['events']} events of {found['kinds']} types in {found['seconds']} s, "
        f"{found['failed']} failures, {len(found['holes'])} holes, {found['doubles']} doubles"
    )


def sound(found: dict) -> bool:
    """Return whether every event fits, none is missing and none came twice."""
    return bool(found["events"]) and not (found["failed"] or found["holes"] or found["doubles"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--speed", type=float, default=1.0, help="How much faster people are.")
    parser.add_argument("--keep", type=Path, help="Folder to leave everything in.")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        modules = folder / "javascript"
        modules.mkdir(parents=True, exist_ok=True)
        if why := install(modules):
            print(f"npm cannot install: {why}")
            return 1
        prepare(folder, options.machines)
        found = asyncio.run(validate(folder, modules, options.seconds, options.speed))
    print(figures(found))
    print(json.dumps(found, indent=1))
    return 0 if sound(found) else 1


if __name__ == "__main__":
    sys.exit(main())
