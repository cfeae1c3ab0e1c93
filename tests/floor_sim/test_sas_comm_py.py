"""A host that is not ours: sas-comm-py from PyPI polls a simulated floor over a pty.

It sends 80 in one burst with every long poll and even parity throughout (a pty has none). Its class
asks for a serial number in its constructor, which it cannot read: that one method is filled in.
"""

import atexit

import pytest
import sas_comm_py

from floor_sim.testing.plugin import FLOOR
from floor_sim.testing.pty_floor import PtyFloor


class Host(sas_comm_py.SlotMachine):
    def get_serial_number(self):
        return ""

    def reads(self, command, length):
        """Poll for one number of ``length`` bytes."""
        answer = self.write_type_R(command, length_to_read=length)
        assert answer, f"no answer to {command:02X}"
        return int("".join(answer.data))


@pytest.fixture
def floor(tmp_path):
    (tmp_path / "floor.toml").write_text(FLOOR)
    floor = PtyFloor(tmp_path / "floor.toml", tmp_path / "run")
    yield floor
    floor.close()


@pytest.fixture
def host(floor, monkeypatch):
    monkeypatch.setattr(sas_comm_py, "READ_DELAY", 0)  # it sleeps after every byte it skips
    host = Host(str(floor.port("L1")), address=2)
    atexit.unregister(host.on_exit)
    yield host
    host.on_exit()


def test_a_host_from_pypi_reads_the_meters_that_the_ledger_has(floor, host):
    games = ("game start 120", "game end", "game start 40", "game end")
    for words in ("bill 20", "bill 5", *games):
        assert floor.do("10102", words), words
    meters = floor.meters("10102")
    assert meters["coin_in"] == 160
    assert meters["games_played"] == 2
    polls = {
        0x11: "coin_in", 0x12: "coin_out", 0x15: "games_played", 0x16: "games_won",
        0x17: "games_lost", 0x1A: "current_credits", 0x13: "total_drop", 0x14: "jackpot",
    }  # fmt: skip
    read = {name: host.reads(command, 4) for command, name in polls.items()}
    assert read == {name: meters.get(name, 0) for name in polls.values()}


def test_its_polls_with_a_crc_and_with_a_game_are_answered_too(floor, host, monkeypatch):
    assert floor.do("10102", "bill 20")
    answer = host.write_type_S(0x2F, [0x03, 0x00, 0x00, 0x0C], following_length=True)
    assert answer.data == ["07", "00", "00", "0c", "00", "00", "20", "00"]
    game = host.write_type_M(0xA0, length_to_read=8, following_length=False)
    assert [game.length_to_read, *game.data[:1]] == ["00", "00"]
    assert len(game) == 12
    monkeypatch.setattr(sas_comm_py, "READ_ITERATIONS", 1)  # of a second each
    assert not host.write_type_R(0x1D, length_to_read=4)  # not supported: silence
