"""``slotgw nats-config`` as an operator types it."""

import asyncio
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.bus.passwords import keep_passwords
from gateway.bus.server import NatsServer, find_server, free_port
from gateway.bus.server_config import ServerPlan
from gateway.cli.nats_config import nats_config

SITE = str(Path(__file__).parents[3] / "edge_config" / "sites" / "demo_floor.toml")


@pytest.fixture
def command():
    def run(*arguments):
        return CliRunner().invoke(nats_config, [str(argument) for argument in arguments])

    return run


def test_the_printed_configuration_is_one_that_the_server_takes(command, tmp_path):
    done = command(SITE, "--data", tmp_path, "--port", 4333, "--gateway", "edge2")
    assert done.exit_code == 0
    assert "slot.v1.demo.edge2.>" in done.stdout
    config = tmp_path / "nats-server.conf"
    config.write_text(done.stdout)
    checked = subprocess.run(
        [find_server(), "-t", "-c", config], capture_output=True, text=True, timeout=20, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_the_passwords_stay_the_same(command, tmp_path):
    first, second = (command(SITE, "--data", tmp_path).stdout for _ in range(2))
    assert first == second
    assert keep_passwords(tmp_path)["edge"] in first


def test_apply_makes_the_streams_and_says_so(command, tmp_path):
    port = free_port()
    plan = ServerPlan("demo", ("edge1",), tmp_path, port, None, keep_passwords(tmp_path))
    with asyncio.Runner() as runner:
        server = NatsServer(plan)
        runner.run(server.start())
        try:
            first = command(SITE, "--data", tmp_path, "--port", port, "--apply")
            second = command(SITE, "--data", tmp_path, "--port", port, "--apply")
        finally:
            runner.run(server.stop())
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout.splitlines()[0].split() == ["SLOT_PLAY", "created"]
    assert second.stdout.splitlines()[0].split() == ["SLOT_PLAY", "present"]
    assert "KV_floor_calls" in second.stdout


def test_apply_without_a_server_fails_in_words(command, tmp_path):
    done = command(SITE, "--data", tmp_path, "--port", free_port(), "--apply")
    assert done.exit_code == 1
    assert "is nats-server running there?" in done.stderr


def test_a_wrong_site_file_is_told_before_anything_is_made(command, tmp_path):
    wrong = tmp_path / "site.toml"
    wrong.write_text("[site]\n")
    done = command(wrong, "--data", tmp_path / "nats")
    assert done.exit_code == 2
    assert "site.toml" in done.stderr
    assert not (tmp_path / "nats").exists()


def test_a_name_that_cannot_be_a_gateway_is_wrong_usage(command, tmp_path):
    done = command(SITE, "--data", tmp_path, "--gateway", "edge.2")
    assert done.exit_code == 2
    assert "'edge.2' cannot be part of a subject" in done.stderr
