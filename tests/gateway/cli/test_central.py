"""``slotgw central``: wrong files, and the summary of what consumers left behind."""

from __future__ import annotations

import json
import sqlite3
import time

import pytest
from click.testing import CliRunner

from gateway.bus.consumer_store import ConsumerStore
from gateway.central.dispatch.store import SCHEMA
from gateway.cli.main import main


def central(*words):
    return CliRunner().invoke(main, ["central", *map(str, words)])


@pytest.fixture
def site_file(tmp_path):
    path = tmp_path / "site.toml"
    path.write_text(
        '[site]\nid = "demo"\nname = "Demo"\njurisdiction = "US-NV"\n'
        'time_zone = "America/Denver"\ncurrency = "USD"\n'
        '[gateway]\nid = "edge1"\nrun_folder = "run"\n[nats]\npassword_env = "X"\n'
        '[[lines]]\nname = "L1"\nport = "p"\ntransport = "pty"\n'
        '[[egms]]\nasset = "10101"\nline = "L1"\naddress = 1\nlocation = "01-01-01"\n'
    )
    return path


@pytest.mark.parametrize("service", ["dispatch", "loyalty", "surveillance", "inbound"])
def test_every_mistake_of_a_site_file_is_told_at_once_and_is_exit_status_2(
    service, site_file, tmp_path
):
    text = site_file.read_text().replace("address = 1", "address = 900")
    site_file.write_text(text.replace('currency = "USD"', 'currency = "dollars"'))
    result = central(service, site_file, "--data", tmp_path / "data")
    assert result.exit_code == 2
    assert "egms[0].address: found 900" in result.output
    assert "site.currency: found 'dollars'" in result.output
    assert not (tmp_path / "data").exists()


def test_a_site_file_that_is_not_there_is_exit_status_2(tmp_path):
    result = central("dispatch", tmp_path / "none.toml", "--data", tmp_path)
    assert (result.exit_code, "no such file" in result.output) == (2, True)


def test_a_wrong_points_file_is_exit_status_2(site_file, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rules]]\ncurrency = "USD"\npoints_per_unit = 0.5\n')
    result = central("loyalty", site_file, "--data", tmp_path / "data", "--rules", rules)
    assert result.exit_code == 2
    assert "rules[0].points_per_unit" in result.output


def test_a_data_folder_that_cannot_be_used_is_exit_status_1(site_file, tmp_path):
    taken = tmp_path / "data"
    taken.write_text("a file")
    result = central("dispatch", site_file, "--data", taken)
    assert result.exit_code == 1
    assert str(taken) in result.output


def test_a_summary_of_nothing_is_exit_status_1_and_says_what_to_give(tmp_path):
    result = central("summary", "--data", tmp_path)
    assert result.exit_code == 1
    assert "--data" in result.output


@pytest.fixture
def data(tmp_path):
    """The file that dispatch leaves: two calls, one of them open, and its totals."""
    store = ConsumerStore(tmp_path / "dispatch.sqlite", SCHEMA, time.time_ns)
    call = "INSERT INTO calls VALUES (?, '10101', ?, '', 'w', '01-01-01', ?, 'e', 1, 0, '', ?, ?, "
    with store.transaction() as db:
        db.execute(
            call + "'', ?, NULL, NULL, NULL, NULL)", ("a", "handpay", "closed", 9, "reset", 4500)
        )
        db.execute(call + "'', ?, NULL, NULL, NULL, NULL)", ("b", "lamp", "open", None, "", None))
        store.count("handled", 5)
        store.count("duplicate", 2)
    store.close()
    return tmp_path


def test_the_summary_counts_calls_and_figures(data):
    found = json.loads(central("summary", "--data", data, "--json").output)
    assert found["loyalty"] is None
    assert found["dispatch"] == {
        "calls": 2, "opened": {"handpay": 1, "lamp": 1}, "closed": {"handpay": 1},
        "open": {"handpay": 0, "lamp": 1}, "outcomes": {"reset": 1}, "mean_handpay_lockup_s": 4.5,
        "figures": {"handled": 5, "duplicates": 2, "dead": 0, "outgoing": 0, "refused": 0,
                    "lag": None},
    }  # fmt: skip


def test_the_summary_for_people_says_which_consumer_has_not_run(data):
    result = central("summary", "--data", data)
    assert result.exit_code == 0
    assert "  opened: handpay 1, lamp 1\n" in result.output
    assert "loyalty: no file here" in result.output


def test_the_summary_changes_nothing_in_the_consumers_files(data):
    path = data / "dispatch.sqlite"
    before = path.read_bytes()
    central("summary", "--data", data)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_exit_status_1_and_named(tmp_path):
    (tmp_path / "loyalty.sqlite").write_bytes(b"no database at all" * 100)
    result = central("summary", "--data", tmp_path)
    assert result.exit_code == 1
    assert "loyalty.sqlite" in result.output


def test_a_summary_can_be_read_while_a_consumer_holds_its_transaction(data):
    db = sqlite3.connect(data / "dispatch.sqlite", isolation_level=None)
    try:
        db.execute("BEGIN IMMEDIATE")
        db.execute("DELETE FROM calls")
        found = json.loads(central("summary", "--data", data, "--json").output)
    finally:
        db.close()
    assert found["dispatch"]["calls"] == 2
