"""What can go wrong, one row a fault: where it acts, what it does, what it needs and takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FaultKind(StrEnum):
    """The faults, by the word that names them in floor files and in the control API."""

    DROP = "drop"
    FLIP = "flip"
    TRUNCATE = "truncate"
    NOISE = "noise"
    SPLIT = "split"
    DELAY = "delay"
    STALE = "stale"
    SILENCE = "silence"
    COLLISION = "collision"
    NINTH_MISSING = "ninth_missing"
    NINTH_EXTRA = "ninth_extra"
    ECHO = "echo"
    JUNK = "junk"
    PULL = "pull"
    VANISH = "vanish"
    TWIN = "twin"
    STUCK_CHIRP = "stuck_chirp"
    POWER_CUT = "power_cut"
    CLOCK_SKEW = "clock_skew"
    OVERFLOW = "overflow"
    LYING_METER = "lying_meter"


class Place(StrEnum):
    """Where a fault acts."""

    MESSAGE = "message"
    """On each message that passes in its direction, with its probability."""
    LINE = "line"
    """On the line itself."""
    MACHINE = "machine"
    """In one machine."""
    FLOOR = "floor"
    """In one machine, or in all of a bank or a panel at one moment."""


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One kind of fault.

    Attributes:
        place: where it acts.
        does: what it does, in words.
        needs: keys without which it makes no sense.
        takes: keys that it knows besides; every fault also knows ``kind`` and ``start_s``.
    """

    place: Place
    does: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that may stand in such a fault."""
        return ("kind", *self.needs, *self.takes, "start_s")


_TIMED: Final = ("seconds",)
_SOME: Final = ("probability", "count", *_TIMED)
_MESSAGES: Final = ("direction", "address", *_SOME)


def _message(does: str, *takes: str) -> FaultRow:
    return FaultRow(Place.MESSAGE, does, ("line",), (*takes, *_MESSAGES))


def _line(does: str, *takes: str, needs: tuple[str, ...] = ()) -> FaultRow:
    return FaultRow(Place.LINE, does, ("line", *needs), takes)


FAULTS: Final[dict[FaultKind, FaultRow]] = {
    FaultKind.DROP: _message("One byte is missing."),
    FaultKind.FLIP: _message("One bit is wrong."),
    FaultKind.TRUNCATE: _message("The end is missing; at least one byte is."),
    FaultKind.NOISE: _message(
        "Bits are wrong within a run of at most bits (16), over bytes and ninth bits alike: "
        "where the line shows the ninth bit, also as parity errors.", "bits"),
    FaultKind.SPLIT: _message(
        "It comes in two pieces, gap_s (0.003) apart. Over 0.005 no machine may be so slow, and "
        "the ledger holds that no whole answer came.", "gap_s"),
    FaultKind.DELAY: _message("All of it comes delay_s (0.1) later.", "delay_s"),
    FaultKind.STALE: _message(
        "It does not come when it should, but polls_later (2) messages later, 10 ms before the "
        "answer that is due then.", "polls_later"),
    FaultKind.SILENCE: _message("Nothing comes."),
    FaultKind.COLLISION: _message(
        "Another machine speaks at once: a bit is set only where both set it."),
    FaultKind.NINTH_MISSING: _message(
        "No ninth bit is set: a poll has no beginning, a chirp looks like an answer."),
    FaultKind.NINTH_EXTRA: _message("One byte has a ninth bit that it should not have."),
    FaultKind.ECHO: _line("The host hears its own bytes.", *_SOME),
    FaultKind.JUNK: _line(
        "Every every_s (1.0), up to bytes_max (8) random bytes come that are no message.",
        "every_s", "bytes_max", *_SOME),
    FaultKind.PULL: _line("The cable is out: nothing comes in either direction.", *_TIMED),
    FaultKind.VANISH: _line(
        "The port is gone, its link and its open pty too, and comes back afterwards; on a bridge "
        "the line is absent.", *_TIMED),
    FaultKind.TWIN: _line(
        "A second machine with the same address hears every poll and answers too; where both "
        "speak at once, their bytes are superposed.", *_TIMED, needs=("address",)),
    FaultKind.STUCK_CHIRP: _line(
        "The machine chirps every 200 ms and answers nothing; it hears nothing either.",
        "count", *_TIMED, needs=("address",)),
    FaultKind.POWER_CUT: FaultRow(
        Place.FLOOR, "No power: silence, and nothing happens there. When the power is back each "
        "machine reports 18 and 17. Name an asset, a bank or a panel.",
        (), ("asset", "bank", "panel", *_TIMED)),
    FaultKind.CLOCK_SKEW: FaultRow(
        Place.MACHINE, "The machine's clock gains drift_s_per_hour (loses, below 0); what it is "
        "wrong by stays when the fault is over.", ("asset", "drift_s_per_hour"), _TIMED),
    FaultKind.OVERFLOW: FaultRow(
        Place.MACHINE, "The machine reports so many exceptions at one moment (25: menu entered, "
        "menu left, ...), more than its queue holds.", ("asset",), ("exceptions",)),
    FaultKind.LYING_METER: FaultRow(
        Place.MACHINE, "The machine shows another count of a meter than it has, by form: back "
        "(less by amount), plus (more by amount), stuck (what it was at the beginning), width "
        "(rolls over at digits). The ledger knows both, for each width at which a poll shows it.",
        ("asset", "meter", "form"), ("amount", "digits", *_TIMED)),
}  # fmt: skip
"""Every kind of fault."""


def listing() -> str:
    """Return the table as Markdown, for people."""
    lines = ["| fault | acts on | does | needs | takes |", "|---|---|---|---|---|"]
    for kind, row in FAULTS.items():
        needs, takes = (", ".join(f"`{key}`" for key in keys) for keys in (row.needs, row.takes))
        lines.append(f"| `{kind}` | {row.place} | {row.does} | {needs} | {takes} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return the page of faults that stands in this folder."""
    return f"""# Faults of a simulated floor

Written by `slotsim faults --markdown` from the table in `table.py`; do not edit it by hand.

A fault is added and removed while the floor runs: in a floor file as a table headed `[[faults]]`,
on a running floor with `POST /faults` and `DELETE /faults/NUMBER` of the control API
(`RUN_FOLDER/control.json` has its address), in Python with `floor.faults.add` or, on a line alone,
`line.faults.add`. It begins `start_s` after it was added and lasts `seconds`, or until `count`
messages were spoiled, or until it is removed. What is left to chance depends on the floor's seed
and on how many messages passed. The ledger has a record of each begin and each end.

{listing()}
* `direction`: `to_host` (usual), `to_egm` or `both`. `probability`: share of the messages, 0 to 1.
* On a pty machines hear no ninth bits; a fault of the ninth bit towards them supposes that the
  host set them right. A host sees them only where the line shows them: `ninth_bit = "parmrk"`, or a
  bridge.
* An answer that the host cannot have had whole is never taken for one that was handed over: if the
  host acknowledges it all the same, the ledger says `acked` with `whole` false, and `lost`.

```toml
[[faults]]
kind = "flip"
line = "L1"
probability = 0.01

[[faults]]
kind = "power_cut"
bank = "B2"
start_s = 600.0
seconds = 30.0
```
"""
