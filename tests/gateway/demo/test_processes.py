"""Children that die, will not die, cannot live, and lose their parent."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.demo import processes
from gateway.demo.processes import Child, ChildFailedError, Program


def program(folder, code, **options):
    argv = (sys.executable, "-c", code)
    return Program("floor", argv, folder / "floor.log", dict(os.environ), **options)


async def until(condition, timeout_s=10):
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  other processes set no event
            await asyncio.sleep(0.01)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


FOREVER = "import time; print('up', flush=True); time.sleep(600)"


async def test_a_killed_child_is_started_again_told_once_and_counted(tmp_path):
    told = []
    child = Child(program(tmp_path, FOREVER), told.append)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(child.keep_running())
        await until(lambda: child.pid)
        first = child.pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: child.pid not in {None, first})
        child.ask_to_stop()
    assert running.result() == -signal.SIGTERM
    assert child.restarts == 1
    assert len(told) == 2
    assert "killed by SIGKILL" in told[0]
    assert "runs again" in told[1]


async def test_output_goes_to_the_log_of_every_life(tmp_path):
    child = Child(program(tmp_path, FOREVER), lambda _: None)
    log = tmp_path / "floor.log"
    async with asyncio.TaskGroup() as group:
        group.create_task(child.keep_running())
        await until(lambda: log.exists() and log.read_text() == "up\n")
        os.kill(child.pid, signal.SIGKILL)
        await until(lambda: log.read_text() == "up\nup\n")
        child.ask_to_stop()


async def test_a_child_with_a_wrong_configuration_is_given_up_at_once_with_its_last_words(tmp_path):
    code = "import sys; print('site.toml: found x'); sys.exit(2)"
    child = Child(program(tmp_path, code), lambda _: None)
    with pytest.raises(ChildFailedError, match=r"exit status 2(.|\n)*site.toml: found x"):
        await child.keep_running()
    assert child.restarts == 0


async def test_a_child_that_never_lives_is_given_up_in_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "RESTART_WAIT_MAX_S", 0.001)
    monkeypatch.setattr(processes, "DEATHS_MAX", 3)
    child = Child(program(tmp_path, "raise SystemExit(1)"), lambda _: None)
    with pytest.raises(ChildFailedError, match="exit status 1 3 times in a row"):
        await child.keep_running()
    assert child.restarts == 2


async def test_a_status_that_means_done_ends_it(tmp_path):
    child = Child(program(tmp_path, "pass", done=frozenset({0})), lambda _: None)
    assert await child.keep_running() == 0
    assert child.restarts == 0


async def test_a_child_that_waits_to_be_started_again_can_be_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "RESTART_WAIT_FIRST_S", 60)
    monkeypatch.setattr(processes, "RESTART_WAIT_MAX_S", 60)
    told = []
    child = Child(program(tmp_path, "raise SystemExit(1)"), told.append)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(child.keep_running())
        await until(lambda: told)
        child.ask_to_stop()
    assert child.restarts == 0


async def test_a_program_that_is_not_there_is_told(tmp_path):
    nowhere = Program("nats-server", ("/nowhere/nats-server",), tmp_path / "log", {})
    with pytest.raises(ChildFailedError, match="nats-server: /nowhere/nats-server: No such file"):
        await Child(nowhere, lambda _: None).keep_running()


async def test_a_child_that_ignores_sigterm_and_its_own_children_can_be_killed(tmp_path):
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "deaf = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(deaf.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    child = Child(program(tmp_path, code), lambda _: None)
    log = tmp_path / "floor.log"
    async with asyncio.TaskGroup() as group:
        running = group.create_task(child.keep_running())
        await until(lambda: log.exists() and log.read_text().endswith("\n"))
        grandchild = int(log.read_text())
        child.ask_to_stop()
        child.kill()
    assert running.result() == -signal.SIGKILL
    await until(lambda: not alive(grandchild))


@pytest.mark.skipif(sys.platform != "linux", reason="Linux kills the children of a dead parent")
def test_children_die_with_a_parent_that_is_killed(tmp_path):
    code = (
        "import asyncio, os, sys, pathlib\n"
        "from gateway.demo.processes import Child, Program\n"
        f"argv = (sys.executable, '-c', {FOREVER!r})\n"
        "log = pathlib.Path(sys.argv[1])\n"
        "child = Child(Program('floor', argv, log, dict(os.environ)), lambda _: None)\n"
        "async def main():\n"
        "    running = asyncio.create_task(child.keep_running())\n"
        "    while child.pid is None or not log.read_text():\n"
        "        await asyncio.sleep(0.01)\n"
        "    print(child.pid, flush=True)\n"
        "    await running\n"
        "asyncio.run(main())\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    )
    with parent:
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not alive(pid)
