"""Runs the examples as an integrator would: consumers and senders, Python and JavaScript."""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import floor_consumer  # beside this file

ROOT = Path(__file__).parents[2]
SITE = ROOT / "edge_config/sites/demo_floor.toml"
WAIT_MAX_S = 180.0


class ExampleError(Exception):
    """An example did not do what it should; says which."""


@contextlib.contextmanager
def demo(run: Path) -> Iterator[str]:
    """Run the demo; give the address of its server."""
    child = subprocess.Popen(
        [sys.executable, "-m", "gateway", "demo", "--seconds", "600", "--run-folder", run],
        cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        url = re.search(r"nats://\S+?(?=,)", child.stdout.readline())
        if url is None:
            raise ExampleError("the demo does not begin")
        yield url[0]
    finally:
        child.terminate()
        child.communicate()


@contextlib.contextmanager
def running(name: str, user: str, run: Path, url: str, *argv: str | Path) -> Iterator[Path]:
    """Run a program; give the file that has what it prints."""
    out = run.parent / f"{name}.printed"
    environment = {"NATS_URL": url, "NATS_PASSWORD_FILE": os.fspath(run / f"nats/{user}.password")}
    with floor_consumer.program(out, *argv, PYTHONUNBUFFERED="1", **environment):
        yield out


def until(out: Path, holds: Callable[[str], bool], name: str) -> None:
    """Wait until what a program printed is as it should be."""
    deadline = time.monotonic() + WAIT_MAX_S
    while not holds(out.read_text()):
        if time.monotonic() > deadline:
            raise ExampleError(f"{name}: {out.read_text()[-500:]!r}")
        time.sleep(0.2)


def run_all(folder: Path, modules: Path) -> str:
    """Have each consumer print a handpay, and each sender's slip taken; return it in words."""
    run, python = folder / "run", (sys.executable, "-m")
    consumers = {
        "handpays.py": (*python, "gateway.examples.handpays", "demo"),
        "handpays.mjs": ("node", modules / "handpays.mjs", "demo"),
    }
    senders = {
        "slips.py": (*python, "gateway.examples.slips", "demo", "10101", "1250.00"),
        "slips.mjs": ("node", modules / "slips.mjs", "demo", "10101", "1250.00"),
    }
    service = (*python, "gateway", "central", "inbound", SITE, "--data", folder / "central",
               "--run-folder", run)  # fmt: skip
    with demo(run) as url, contextlib.ExitStack() as stack:
        heard = {
            name: stack.enter_context(running(name, "integrator", run, url, *argv))
            for name, argv in consumers.items()
        }
        sent = {
            name: stack.enter_context(running(name, "sms", run, url, *argv))
            for name, argv in senders.items()
        }
        stack.enter_context(running("inbound", "consumer", run, url, *service, "--nats-url", url))
        for name, out in sent.items():
            until(out, lambda text: '"accepted": true' in text.replace(":true", ": true"), name)
        for name, out in heard.items():
            until(out, lambda text: "handpay" in text.partition("\n")[2], name)
        lines = {name: out.read_text().splitlines() for name, out in (heard | sent).items()}
    return "; ".join(f"{name}: {printed[-1]}" for name, printed in lines.items())
