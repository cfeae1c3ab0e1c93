"""What needs more than PyPI: each check says what it needs, and one that cannot run is named.

Exit status: 0 all that could run went well, 1 something failed.
"""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import click
import examples  # beside this file
import floor_consumer  # beside this file

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PARSER = "@asyncapi/parser@3"
NPM_PACKAGES = ("@nats-io/transport-node@3", "@nats-io/jetstream@3")
WAIT_MAX_S = 90.0
SITE = (ROOT / "tests/smallest_site.toml").read_text()


class CannotRunError(Exception):
    """Something that the check needs is not to be had here; says what."""


class CheckFailedError(Exception):
    """The check ran and went wrong; says how."""


@dataclass(frozen=True)
class Check:
    """One check: its name, what it shows, the programs it needs, and itself."""

    name: str
    shows: str
    needs: tuple[str, ...]
    run: Callable[[Path], str]


def javascript_subscriber(folder: Path) -> str:
    """Run the README's JavaScript against a demo until it prints a handpay."""
    code = re.search(r"```js\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    if code is None:
        raise CheckFailedError("the README has no JavaScript")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "subscribe.js").write_text(code[1])
    _npm(folder, *NPM_PACKAGES)
    demo = subprocess.Popen(
        [sys.executable, "-m", "gateway", "demo", "--seconds", "600", "--run-folder",
         folder / "run" / "demo"],
        cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        url = re.search(r"nats://\S+?(?=,)", demo.stdout.readline())
        if url is None:
            raise CheckFailedError("the demo does not begin")
        return _first_line(folder, url[0])
    finally:
        demo.terminate()
        demo.communicate()


def asyncapi_parser(folder: Path) -> str:
    """Have the AsyncAPI project's own parser read the document, and refuse a broken one."""
    (folder / "package.json").write_text('{"type": "module", "private": true}')
    _npm(folder, PARSER)
    (folder / "parse.mjs").write_text((HERE / "parse_asyncapi.mjs").read_text("utf-8"))
    export = [sys.executable, "-m", "gateway", "contracts", "export", folder / "contract"]
    subprocess.run(export, cwd=ROOT, check=True, capture_output=True)
    document = folder / "contract/asyncapi.json"
    told = _node(folder, "parse.mjs", document)
    if told.returncode:
        raise CheckFailedError(told.stdout + told.stderr)
    broken = json.loads(document.read_text("utf-8"))
    next(iter(broken["channels"].values()))["messages"] = {"x": {"$ref": "#/nowhere"}}
    (folder / "broken.json").write_text(json.dumps(broken))
    if _node(folder, "parse.mjs", folder / "broken.json").returncode == 0:
        raise CheckFailedError("the parser takes a document with a reference to nowhere")
    return told.stdout.strip()


def javascript_holes(folder: Path) -> str:
    """Plant holes before the example's own bookkeeping."""
    for path in (HERE / "seen_holes.mjs", floor_consumer.EXAMPLES / "seen.mjs"):
        (folder / path.name).write_text(path.read_text("utf-8"))
    told = _node(folder, "seen_holes.mjs")
    if told.returncode:
        raise CheckFailedError(told.stdout + told.stderr)
    return told.stdout.strip()


def javascript_validator(folder: Path) -> str:
    """Validate every event of a whole floor with ajv, for as long as EXTRA_SECONDS says."""
    machines = int(os.environ.get("EXTRA_MACHINES", "40"))
    seconds = float(os.environ.get("EXTRA_SECONDS", "40"))
    modules = folder / "javascript"
    modules.mkdir()
    if why := floor_consumer.install(modules):
        raise CannotRunError(f"npm cannot install: {why}")
    floor_consumer.prepare(folder, machines)
    found = asyncio.run(floor_consumer.validate(folder, modules, seconds))
    words = f"{machines} machines: {floor_consumer.figures(found)}"
    if not floor_consumer.sound(found):
        raise CheckFailedError(f"{words}\n{json.dumps(found['failures'])} {found['holes']}")
    return words


def examples_run(folder: Path) -> str:
    """Run each example against a demo."""
    modules = folder / "javascript"
    modules.mkdir()
    if why := floor_consumer.install(modules):
        raise CannotRunError(f"npm cannot install: {why}")
    try:
        return examples.run_all(folder, modules)
    except examples.ExampleError as error:
        raise CheckFailedError(str(error)) from error


def power_cuts(folder: Path) -> str:
    """Take the power from the outbox's disk twenty times."""
    command = [sys.executable, ROOT / "tests/powercut/run_powercut.py", "--cuts", "20"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode:
        raise CheckFailedError(done.stdout + done.stderr)
    return done.stdout.partition("\n")[0]


def metrics_pages(folder: Path) -> str:
    """Have promtool read what a gateway and a consumer serve."""
    ports = [_free_port(), _free_port()]
    (folder / "site.toml").write_text(f"{SITE}[metrics]\nlisten = '127.0.0.1:{ports[0]}'\n")
    site, slotgw = folder / "site.toml", [sys.executable, "-m", "gateway"]
    commands = (
        [*slotgw, "run", site, "--run-folder", folder / "run"],
        [*slotgw, "central", "dispatch", site, "--data", folder, "--run-folder", folder / "run",
         "--metrics-listen", f"127.0.0.1:{ports[1]}"],
    )  # fmt: skip
    families = 0
    for port, command in zip(ports, commands, strict=True):
        served = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            page = _page(port, served)
        finally:
            served.terminate()
            served.wait()
        linted = subprocess.run(
            ["promtool", "check", "metrics"], input=page, capture_output=True, check=False
        )
        if linted.returncode or linted.stderr:
            raise CheckFailedError((linted.stdout + linted.stderr).decode())
        families += page.count(b"# TYPE")
    return f"{families} metrics, nothing to say"


def _page(port: int, process: subprocess.Popen[bytes]) -> bytes:
    deadline = time.monotonic() + WAIT_MAX_S
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=WAIT_MAX_S) as answer:
                page: bytes = answer.read()
                return page
        except OSError as error:
            if time.monotonic() > deadline or process.poll() is not None:
                raise CheckFailedError(f"no metrics on port {port}: {error}") from error
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _first_line(folder: Path, url: str) -> str:
    """Return the first line that the subscriber prints."""
    out = folder / "printed"
    with out.open("wb") as printed:
        node = subprocess.Popen(
            ["node", "subscribe.js"], cwd=folder, env={**os.environ, "NATS_URL": url},
            stdout=printed, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + WAIT_MAX_S
        while "\n" not in out.read_text() and node.poll() is None:
            if time.monotonic() > deadline:
                raise CheckFailedError(f"no handpay in {WAIT_MAX_S:g} s")
            time.sleep(0.1)
        line = out.read_text().partition("\n")[0]
        if "slot.handpay." not in line:
            raise CheckFailedError(out.read_text()[-500:])
        return line
    finally:
        node.kill()
        node.wait()


def _npm(folder: Path, *packages: str) -> None:
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--no-package-lock"]
    done = subprocess.run(
        [*command, *packages], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotRunError(f"npm cannot install {' '.join(packages)}: {done.stderr}")


def _node(folder: Path, *argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["node", *argv], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


def _need(programs: tuple[str, ...]) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        raise CannotRunError(f"needs {', '.join(missing)}")


CHECKS = (
    Check(
        "javascript subscriber",
        "the README's JavaScript prints a handpay of a running demo",
        ("node", "npm"),
        javascript_subscriber,
    ),
    Check(
        "asyncapi parser",
        "the AsyncAPI project's own parser takes the exported document",
        ("node", "npm"),
        asyncapi_parser,
    ),
    Check(
        "javascript holes",
        "the JavaScript example finds each planted hole, and none on a clean day",
        ("node",),
        javascript_holes,
    ),
    Check(
        "javascript validator",
        "every event of a floor fits the contract, none is missing, none comes twice "
        "(EXTRA_MACHINES=500 EXTRA_SECONDS=600 for the whole of it)",
        ("node", "npm"),
        javascript_validator,
    ),
    Check(
        "examples",
        "each example runs: consumers print a handpay of a demo, senders' slips are taken",
        ("node", "npm"),
        examples_run,
    ),
    Check(
        "power cuts",
        "what the outbox told as on disk outlives a disk that forgets what was not synced",
        ("cc",),
        power_cuts,
    ),
    Check(
        "metrics",
        "promtool finds nothing to say about what a gateway and a consumer serve",
        ("promtool",),
        metrics_pages,
    ),
)


def main() -> int:
    """Run every check that can run here."""
    failed = 0
    for check in CHECKS:
        try:
            _need(check.needs)
            with tempfile.TemporaryDirectory() as folder:
                click.echo(f"ok: {check.name}: {check.shows}\n    {check.run(Path(folder))}")
        except CannotRunError as error:
            click.echo(f"could not run: {check.name} ({check.shows}): {error}")
        except CheckFailedError as error:
            failed += 1
            click.echo(f"FAILED: {check.name} ({check.shows}): {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
