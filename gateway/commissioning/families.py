"""Steps that prove by hand what the port reports: a door, a bill, games, a ticket, a handpay.

Two witnesses: what the machine reports, and the meter that counts it. A meter that moves without a
word shows that this SAS port has another role.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.commissioning.step import Case, Finding, failed, grew, meter_of, passed, waiting
from gateway.commissioning.told import Raised, Reading
from protocols.sas.tables.exceptions import exception_text

TELLS_S: Final = 6.0
"""Seconds in which what a meter has counted is reported, or the other way round."""

METER_WAITS_S: Final = 60.0
"""Seconds in which a meter is read, if this port answers readings at all."""


@dataclass(frozen=True, slots=True)
class Family:
    """What is proven.

    Attributes:
        what: in words: "a bill".
        first: exceptions that begin it; one of them must come.
        then: exceptions that end it; one of them must come after, if there are any.
        then_do: what the technician does to end it.
        meters: meters that count it; one of them must move, if any of them is read.
        hints: exceptions that say why not, with what to do.
        look: where to look when nothing comes.
        role: what the port's role is called in the operator menu.
    """

    what: str
    first: tuple[int, ...]
    then: tuple[int, ...] = ()
    then_do: str = ""
    meters: tuple[str, ...] = ()
    hints: tuple[tuple[tuple[int, ...], str], ...] = ()
    look: str = ""
    role: str = ""


DOOR: Final = Family(
    "the slot door", (0x11,), (0x12,), "close it again",
    look="Door switch and its harness; operator menu: does this SAS port report doors?",
    role="doors",
)  # fmt: skip
BILL: Final = Family(
    "a bill", (*range(0x47, 0x51),), meters=("bills_accepted_credits", "total_drop"),
    hints=(((0x28,), "The bill is jammed: open the door and clear it."),
           ((0x29,), "The bill acceptor has failed: its harness, its power."),
           ((0x2A, 0x2B), "The bill was given back: try another one."),
           ((0x2C,), "Taken for a counterfeit: try another one.")),
    look="Is the acceptor on (bezel lit)? Operator menu: bill acceptor; does this SAS port report "
         "bills?",
    role="bills",
)  # fmt: skip
GAME: Final = Family(
    "a game", (0x7E,), (0x7F,), "let it end", meters=("games_played", "coin_in"),
    look="Operator menu: does this SAS port report game start and end (a setting of its own)? Many "
         "ports do not: then the meters alone tell of play.",
    role="game start and end",
)  # fmt: skip
TICKET: Final = Family(
    "a ticket", (0x3D, 0x57), meters=("ticket_out_credits",),
    hints=(((0x60,), "The printer does not answer: its harness, its power."),
           ((0x61,), "The printer is out of paper."),
           ((0x78,), "The printer's carriage is jammed."),
           ((0x51,), "A handpay came instead: is the printer off, the amount too high?")),
    look="Printer on, with paper? Operator menu: does this SAS port report tickets, or only the "
         "certified host's?",
    role="tickets",
)  # fmt: skip
HANDPAY: Final = Family(
    "a handpay", (0x51,), (0x52,), "key it off",
    meters=("hand_paid_cancelled_credits", "cancelled_credits", "jackpot"),
    look="Operator menu: does this SAS port report handpays?",
    role="handpays",
)  # fmt: skip


def judge(family: Family, case: Case) -> Finding:
    """Say what is proven of ``family`` since the step began."""
    begun = case.codes(family.first)
    ended = [one for one in case.codes(family.then) if begun and one.at >= begun[0].at]
    moved = _moved(case, family.meters)
    words = ", then ".join(_word(codes) for codes in (begun, ended) if codes)
    if begun and (ended or not family.then):
        return _told(family, case, words, begun[0].at, moved)
    if begun:
        return waiting(f"{words}: now {family.then_do}", family.look)
    if moved:
        return _silent(family, case, moved)
    for codes, hint in family.hints:
        if said := case.codes(codes):
            return waiting(_word(said), hint)
    if family.then and case.codes(family.then):
        return waiting(
            f"only its end: {_word(case.codes(family.then))}", "Begin once more from the start."
        )
    # a reading now and then shows a meter that moves without a word
    return waiting("nothing reported yet", family.look, "full" if family.meters else "")


@dataclass(frozen=True, slots=True)
class _Move:
    name: str
    by: int
    at: datetime


def _moved(case: Case, names: Sequence[str]) -> _Move | None:
    """Return the first of these meters that moved since the step began."""
    readings = [one for one in case.told if isinstance(one, Reading)]
    for name in names:
        seen = meter_of(readings, name)
        base = [count for at, count in seen if at < case.began][-1:]
        base += [count for at, count in seen if at >= case.began]
        later = [(at, count) for at, count in seen if at >= case.began]
        for at, count in later:
            same = [one for one in base if one.digits == count.digits]
            steps = grew(same[0], count) if same else 0
            if 0 < steps <= 10**count.digits // 2:
                return _Move(name, steps, at)
    return None


def _told(family: Family, case: Case, words: str, at: datetime, moved: _Move | None) -> Finding:
    if moved is not None:
        return passed(f"{words}; {moved.name} +{moved.by:,}")
    if not family.meters:
        return passed(words)
    read = [
        one
        for one in case.since(Reading, at)
        if any(name in one.meters for name in family.meters)
        and (one.at - at).total_seconds() > TELLS_S
    ]
    if len(read) >= 2:
        return failed(
            f"{words}; but {' and '.join(family.meters)} did not move",
            "Compare with the machine's own meter page (:meters): the report and the meter "
            "disagree. Another game's meters, or a bit error that looked like a report.",
        )
    if not read and (case.now - at).total_seconds() > METER_WAITS_S:
        return passed(f"{words}; no meter that counts it can be read here")
    return waiting(f"{words}; the meter is asked", wants="full")


def _silent(family: Family, case: Case, moved: _Move) -> Finding:
    saw = f"{moved.name} +{moved.by:,}, and nothing was reported"
    if (case.now - moved.at).total_seconds() <= TELLS_S:
        return waiting(f"{saw} yet")
    return failed(
        saw,
        f"This SAS port does not report {family.role}. Operator menu: what this SAS channel "
        "reports (its role); or tell the registry's owner that it is not covered here.",
    )


def _word(codes: Sequence[Raised]) -> str:
    return exception_text(codes[-1].code) if codes else ""
