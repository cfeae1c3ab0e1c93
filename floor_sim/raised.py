"""What raises each exception in the simulator: what people do, what hosts poll, or time.

A code that nothing raises by itself is raised by hand: ``exception 24``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from protocols.sas.tables.exceptions import EXCEPTIONS, IDLE_CODES


@dataclass(frozen=True, slots=True)
class Raised:
    """What raises one exception.

    Attributes:
        acts: what is done at the machine, in order; the last one raises it.
        by: what else has to be so, or what raises it where no act does.
    """

    acts: tuple[str, ...] = ()
    by: str = ""

    @property
    def text(self) -> str:
        """The same for people."""
        words = ", ".join(f"`{act}`" for act in self.acts)
        return f"{words}; {self.by}" if words and self.by else words or self.by


def _after(*acts: str, by: str = "") -> Raised:
    return Raised(acts, by)


def _bill(face: int) -> Raised:
    return Raised((f"bill {face}",))


RAISED: Final[dict[int, Raised]] = {
    0x11: _after("door open slot"),
    0x12: _after("door open slot", "door close slot"),
    0x13: _after("door open drop"),
    0x14: _after("door open drop", "door close drop"),
    0x15: _after("door open card cage"),
    0x16: _after("door open card cage", "door close card cage"),
    0x17: _after("power cycle"),
    0x18: _after("power cycle", "power cycle", by="told once the power is back"),
    0x19: _after("door open cashbox"),
    0x1A: _after("door open cashbox", "door close cashbox"),
    0x1B: _after("cashbox take"),
    0x1C: _after("cashbox take", "cashbox put"),
    0x1D: _after("door open belly"),
    0x1E: _after("door open belly", "door close belly"),
    0x20: _after("tilt general"),
    0x21: _after("tilt coin-in"),
    0x23: _after("tilt hopper", by="or the hopper cannot pay all"),
    0x27: Raised(by="the stacker holds all the bills that it can"),
    0x28: _after("jam"),
    0x2B: _after("bill reject"),
    0x2C: _after("bill counterfeit"),
    0x2E: Raised(by="the stacker is at 90 per cent"),
    0x3A: _after("ram clear"),
    0x3B: _after("battery low"),
    0x3C: _after("option paytable X00001"),
    0x3D: _after("bill 20", "cash out", by="standard validation"),
    0x3E: Raised(by="a handpay is reset; secure enhanced validation of handpays (7B)"),
    0x3F: Raised(by="power on, or a cash-out; secure enhanced validation without an id (4C)"),
    0x40: _after("tilt reel"),
    **{0x40 + reel: _after(f"tilt reel {reel}") for reel in range(1, 6)},
    0x47: _bill(1), 0x48: _bill(5), 0x49: _bill(10), 0x4A: _bill(20), 0x4B: _bill(50),
    0x4C: _bill(100), 0x4D: _bill(2), 0x4E: _bill(500), 0x50: _bill(200),
    0x4F: Raised(by="any bill in real-time mode (0E); other bills, where the machine takes them"),
    0x51: _after("jackpot 1250", by="or a win or cash-out above a limit"),
    0x52: _after("jackpot 1250", "handpay reset", by="or 94"),
    0x53: Raised(by="no 80 or 86 for 5 s, on a machine whose progressive a host runs"),
    0x54: Raised(by="`progressive hit 1`, below the lock-up amount"),
    0x56: Raised(by="`progressive hit 1`, after 80 or 86; a game, on a machine of `[[links]]`"),
    0x57: Raised(by="a cash-out; system validation"),
    0x5A: Raised(by="a handpay is reset to the credit meter (A8); SAS 6.03"),
    0x60: _after("tilt printer"),
    0x61: _after("paper out", by="or the 450th ticket on one pack of paper"),
    0x66: _after("bill 20", "cash out"),
    0x67: Raised(by="`ticket in 500`, on a machine that takes tickets"),
    0x68: Raised(by="71, or 30 s without it"),
    0x69: Raised(by="72"),
    0x6A: Raised(by="`cash out`, where a host takes cash-outs (72 flags)"),
    0x6C: Raised(by="`register ask`, on a machine with AFT"),
    0x6D: Raised(by="`register agree`, after 73 code 40"),
    0x6E: Raised(by="`register refuse`, after 73 code 40"),
    0x6F: Raised(by="74, or a transfer that locks; again every 5 s"),
    0x70: Raised(by="an exception more than the queue holds"),
    0x71: _after("lamp on"),
    0x72: _after("lamp on", "lamp off"),
    0x74: _after("paper low", by="or the 430th ticket on one pack of paper"),
    0x7A: _after("ram clear", by="or another accounting denomination"),
    0x7B: _after("bill totals reset"),
    0x7C: Raised(by="8A"),
    0x7E: _after("bill 20", "game start 40"),
    0x7F: _after("bill 20", "game start 40", "game end"),
    0x80: Raised(by="`coin`, when the hopper is full"),
    0x81: Raised(by="`coins out`, when it leaves few coins"),
    0x82: _after("menu enter"),
    0x83: _after("menu leave"),
    0x84: _after("self-test enter"),
    0x85: _after("self-test enter", "self-test leave"),
    0x86: _after("out of service"),
    0x88: Raised(by="the end of a game in real-time mode, on a machine with reels"),
    0x8C: Raised(by="`game select 2`, on a machine with several games"),
    0x98: _after("power off", "door open card cage", "power on"),
    0x99: _after("power off", "door open slot", "power on"),
    0x9A: _after("power off", "door open cashbox", "power on"),
    0x9B: _after("power off", "door open drop", "power on"),
    0xA2: Raised(by="09; SAS 6.03"),
}  # fmt: skip
"""Code to what raises it."""

BY_HAND: Final = tuple(sorted(EXCEPTIONS.keys() - RAISED.keys() - IDLE_CODES))
"""Codes that are only ever raised by hand."""
