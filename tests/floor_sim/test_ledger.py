"""The ledger is the machines' memory: what is in it happened, what is not did not."""

import json
import os
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from floor_sim.ledger import Ledger, LedgerError, old_files, records, recover
from floor_sim.machine import play, service
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine

ZERO = datetime(2025, 11, 21, 9, 0, tzinfo=UTC)


def wall(now):
    return ZERO + timedelta(seconds=now)


@pytest.fixture
def opened(tmp_path):
    """Open the ledger of one folder, as often as a floor is started in it."""
    ledgers = []

    def open_ledger(**limits):
        ledgers.append(Ledger(tmp_path, wall, **limits))
        return ledgers[-1]

    yield open_ledger
    for ledger in ledgers:
        try:
            ledger.close()
        except OSError:
            continue


def play_games(machine, games):
    for _ in range(games):
        play.bill_in(machine, 20, 1.5)
        play.start_game(machine, 100, 2.5)
        play.end_game(machine, 3.5)
        play.reset_handpay(machine, 4.5)


def test_a_line_says_what_happened_where_and_when(opened, settings, tmp_path):
    machine = Machine(settings, opened(), {})
    service.open_door(machine, "slot", 1.25)
    (line,) = (tmp_path / "ledger.jsonl").read_text().splitlines()
    told = json.loads(line)
    assert told.pop("state")
    assert int(told.pop("c"), 16) == zlib.crc32(line.rpartition(',"c"')[0].encode())
    assert told == {
        "n": 1, "t": "2025-11-21T09:00:01.250Z", "egm": "10101", "line": "L1", "address": 1,
        "what": "exception", "code": "11", "text": "slot door opened",
    }  # fmt: skip


def test_after_a_kill_every_machine_is_as_the_ledger_says(opened, settings):
    machine = Machine(settings, opened(), {})
    play_games(machine, 10)
    recovered = opened().recovered  # the first one was never closed: a kill -9
    assert Machine(settings, opened(), recovered.machines["10101"]).memory() == machine.memory()
    assert recovered.ended == "power cut"
    assert recovered.torn_bytes == 0


@pytest.mark.parametrize("snapshot_records", [3, 10_000])
@pytest.mark.parametrize("file_bytes_max", [2_000, 10**9])
def test_snapshots_and_new_files_change_nothing(
    opened, settings, tmp_path, snapshot_records, file_bytes_max
):
    ledger = opened(file_bytes_max=file_bytes_max, snapshot_records=snapshot_records)
    machine = Machine(settings, ledger, {})
    play_games(machine, 10)
    told = list(records(tmp_path))
    assert [record["n"] for record in told] == list(range(1, len(told) + 1))
    assert bool(old_files(tmp_path)) == (file_bytes_max == 2_000)
    again = opened()
    assert again.next_n == len(told) + 1
    assert Machine(settings, again, again.recovered.machines["10101"]).memory() == machine.memory()


def test_only_so_many_older_files_are_kept(opened, settings, tmp_path):
    machine = Machine(settings, opened(file_bytes_max=1_000, old_files_max=3), {})
    play_games(machine, 30)
    assert len(old_files(tmp_path)) == 3
    again = opened()
    assert Machine(settings, again, again.recovered.machines["10101"]).memory() == machine.memory()


def test_a_kill_at_any_byte_leaves_a_machine_as_it_was_after_one_of_its_records(
    opened, settings, tmp_path
):
    machine = Machine(settings, opened(), {})
    path = tmp_path / "ledger.jsonl"
    after = {}
    play_games(machine, 1)
    for act in (
        lambda: play.bill_in(machine, 100, 9.0),
        lambda: play.jackpot(machine, 30_000, 9.0),
        lambda: play.reset_handpay(machine, 9.0),
        lambda: play.cash_out(machine, 9.0),
    ):
        act()
        after[path.stat().st_size] = machine.memory()
    whole = path.read_bytes()
    edges = {end + more for end in after for more in (-1, 0, 1)}
    for cut in sorted(
        edges & {*range(min(after), len(whole))} | {*range(min(after), len(whole), 9)}
    ):
        path.write_bytes(whole[:cut])
        recovered = recover(tmp_path)
        size = max(end for end in after if end <= cut)
        again = Machine(settings, MemoryJournal(), recovered.machines["10101"])
        assert again.memory() == after[size]
        assert recovered.torn_bytes == cut - size
        assert path.stat().st_size == size


def test_what_was_written_in_one_piece_is_there_whole_or_not_at_all(opened, settings, tmp_path):
    machine = Machine(settings, opened(), {})
    play.bill_in(machine, 20, 1.0)
    play.cash_out(machine, 2.0)  # 66 and 3D at once
    path = tmp_path / "ledger.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    again = opened()
    assert [record["code"] for record in records(tmp_path)] == ["4A"]
    assert again.recovered.machines["10101"]["meters"]["current_credits"] == 2_000


def test_a_clean_stop_is_told_from_a_power_cut(opened, tmp_path):
    first = opened()
    assert first.recovered.ended == "there was none"
    first.write([{"what": "start"}], 0.0)
    first.write([{"what": "stop"}], 1.0)
    first.close()
    assert opened().recovered.ended == "clean stop"
    (tmp_path / "state.json").unlink()
    assert opened().recovered.ended == "clean stop"


def test_a_ledger_that_somebody_damaged_is_refused(opened, settings, tmp_path):
    machine = Machine(settings, opened(), {})
    play_games(machine, 3)
    path = tmp_path / "ledger.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], b"{nonsense}\n", *lines[2:]]))
    with pytest.raises(LedgerError, match="damaged at byte"):
        opened()
    path.write_bytes(b"".join([lines[0], *lines[2:]]))
    with pytest.raises(LedgerError, match="record 2 is missing"):
        opened()


def test_a_last_line_with_a_wrong_bit_did_not_happen(opened, settings, tmp_path):
    machine = Machine(settings, opened(), {})
    service.open_door(machine, "slot", 1.0)
    path = tmp_path / "ledger.jsonl"
    good = path.stat().st_size
    service.close_door(machine, "slot", 2.0)
    whole = path.read_bytes()
    for bit in [*range(good * 8, len(whole) * 8, 11), *range(len(whole) * 8 - 160, len(whole) * 8)]:
        byte = whole[bit // 8] ^ 1 << bit % 8
        path.write_bytes(whole[: bit // 8] + bytes([byte]) + whole[bit // 8 + 1 :])
        assert [record["code"] for record in records(tmp_path)] == ["11"]
        recovered = recover(tmp_path)
        assert (recovered.n, recovered.torn_bytes) == (1, len(whole) - good)
        assert path.stat().st_size == good


def test_a_line_in_the_middle_with_a_wrong_digit_is_no_truth(opened, settings, tmp_path):
    machine = Machine(settings, opened(), {})
    play_games(machine, 3)
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"code":"4A"', b'"code":"4B"', 1))
    with pytest.raises(LedgerError, match="damaged at byte"):
        list(records(tmp_path))
    with pytest.raises(LedgerError, match="damaged at byte"):
        recover(tmp_path)


def test_who_reads_while_a_piece_is_being_written_sees_none_of_it(opened, settings, tmp_path):
    machine = Machine(settings, opened(), {})
    play.bill_in(machine, 20, 1.0)
    play.cash_out(machine, 2.0)  # 66 and 3D at once
    path = tmp_path / "ledger.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    assert [record["code"] for record in records(tmp_path)] == ["4A"]


def test_with_sync_a_line_is_on_the_disk_before_the_machine_acts(opened, settings, monkeypatch):
    synced = []
    monkeypatch.setattr("floor_sim.ledger.os.fdatasync", lambda fd: synced.append(os.fstat(fd)))
    machine = Machine(settings, opened(sync=True), {})
    machine.watchers.append(lambda *_: synced.append("acted"))
    service.open_door(machine, "slot", 1.0)
    assert synced[0].st_size > 0
    assert synced[1:] == ["acted"]
    service.open_door(Machine(settings, opened(), {}), "drop", 2.0)
    assert len(synced) == 2


def test_a_full_disk_stops_the_floor_before_anything_is_told(opened, settings, monkeypatch):
    machine = Machine(settings, opened(), {})

    def full(fd, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("floor_sim.ledger.os.write", full)
    with pytest.raises(LedgerError, match="No space left"):
        service.open_door(machine, "slot", 1.0)


@pytest.mark.parametrize(("machines", "snapshots"), [(10, 3), (800, 1)])
def test_a_large_floor_writes_its_state_more_rarely(tmp_path, machines, snapshots, monkeypatch):
    ledger = Ledger(tmp_path, lambda _: datetime(2025, 1, 1, tzinfo=UTC), snapshot_records=1_000)
    written = []
    monkeypatch.setattr(ledger, "_snapshot", lambda _: written.append(ledger.next_n))
    record = {"what": "exception", "state": {"epoch": 1}}
    batch = [{**record, "egm": f"{number % machines}"} for number in range(1_000)]
    for _ in range(3):
        monkeypatch.setattr(ledger, "_snapshot_n", written[-1] - 1 if written else 0)
        ledger.write(batch, 0.0)
    assert len(written) == snapshots
    monkeypatch.undo()
    ledger.close()
