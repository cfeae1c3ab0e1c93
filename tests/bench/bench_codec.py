"""A 28-byte meter answer (0F) checked and decoded: our reader beside two others, in one run.

``sas-comm-py`` is the PyPI package of that name, used as its ``SlotMachine.read`` does: it reads
the answer byte by byte from a port (here memory), joins the bytes to hex words and checks the CRC;
it decodes no meter, so the words are made numbers as its users must. ``its CRC alone`` is the check
and nothing else. ``bare`` is the least that Python can do: a crcmod check and ``int`` of slices of
hex, with no reply, no name and no error that says what was wrong. Rounds are interleaved; medians.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import sas_comm_py
from crcmod.predefined import mkPredefinedCrcFun

from protocols.sas.reader import ReplyReader
from protocols.sas.replies import LongPollReply

POLL = bytes.fromhex("01 0f")
ANSWER = bytes.fromhex("01 0f 00000101 00012345 00011234 00000500 00000042 00006789")
COUNTS = [101, 12345, 11234, 500, 42, 6789]

kermit = mkPredefinedCrcFun("kermit")
FRAME = ANSWER + kermit(ANSWER).to_bytes(2, "little")
DRIPS = [FRAME[at : at + 1] for at in range(len(FRAME))]


class MemoryPort:
    """What ``SlotMachine`` needs of a serial port."""

    def __init__(self) -> None:
        self.at = 0

    def read(self, size: int) -> bytes:
        self.at += size
        return FRAME[self.at - size : self.at]


def ours() -> list[int]:
    reply = ReplyReader(POLL).feed(FRAME)
    assert isinstance(reply, LongPollReply)
    return [meter.value for meter in reply.meters]


def ours_dripped() -> list[int]:
    reader, reply = ReplyReader(POLL), None
    for byte in DRIPS:
        reply = reader.feed(byte)
    assert isinstance(reply, LongPollReply)
    return [meter.value for meter in reply.meters]


def make_theirs() -> Callable[[], list[int]]:
    machine = object.__new__(sas_comm_py.SlotMachine)  # its constructor opens a real port
    machine.string_address = b"\x01"
    port = machine.port = MemoryPort()

    def theirs() -> list[int]:
        port.at = 1  # it begins with the command byte, and takes the address for granted
        words = machine.read(b"\x0f", poll_type="R", length_to_read=24).data
        return [int("".join(words[at : at + 4])) for at in range(0, 24, 4)]

    return theirs


def their_crc() -> list[int]:
    assert sas_comm_py.kermit(FRAME) == 0
    return COUNTS


def bare() -> list[int]:
    assert not kermit(FRAME)
    return [int(FRAME[at : at + 4].hex()) for at in range(2, 26, 4)]


def micros(way: Callable[[], list[int]], calls: int) -> float:
    began_s = time.process_time()
    for _ in range(calls):
        way()
    return 1e6 * (time.process_time() - began_s) / calls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    ways = {
        "ours, whole": ours,
        "ours, byte by byte": ours_dripped,
        "sas-comm-py": make_theirs(),
        "sas-comm-py, its CRC alone": their_crc,
        "bare crcmod + int(hex)": bare,
    }
    assert all(way() == COUNTS for way in ways.values()), "all must read the same meters"
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, way in ways.items():
            took[name].append(micros(way, options.calls))
    whole = statistics.median(took["ours, whole"])
    print("28-byte meter answer: us of CPU, median (least to most), and as a multiple of ours")
    for name, rounds in took.items():
        median = statistics.median(rounds)
        spread = f"({min(rounds):.2f} to {max(rounds):.2f})"
        print(f"{name:<28}{median:9.2f} {spread:<20}{median / whole:7.2f} x")
    dripped = statistics.median(took["ours, byte by byte"])
    print(f"a drip costs {(dripped - whole) / (len(DRIPS) - 1):.2f} us a byte more")


if __name__ == "__main__":
    main()
