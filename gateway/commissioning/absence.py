"""The absence test: our line is unplugged, then our daemon killed, and guests notice nothing.

What went on meanwhile shows afterwards: in the meters, and in what the machine kept in its queue.
The technician, who stood there, says what they saw. Both must agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final

from gateway.commissioning.step import Case, Finding, failed, grew, meter_of, passed, waiting
from gateway.commissioning.told import At, Count, Event, Gateway, Link, Raised, Reading

GAMES: Final = (0x7E, 0x7F)
TILT: Final = 0x20
STOPPED: Final = (0x86,)
IN_PLAY_S: Final = 60.0
"""Seconds within which a game shows that the machine is in play."""
GAME_S: Final = 2.5
"""Seconds that a game takes at least, usually."""

NOTICE_S: Final = 6.0
"""Seconds for which a machine plays on until it misses its host: 5, and the game under way."""

METERS_COME_S: Final = 30.0
"""Seconds in which every meter that this port reports has come."""

MISSED_S: Final = 20.0
"""Seconds of an absence in which more games are played than before a machine misses its host."""

SETTINGS: Final[dict[str, str]] = {
    "tilt": "Operator menu, SAS channel of ours: switch off 'tilt (lock up) on loss of "
            "communication' / 'host required'. Until then this port may not be used.",
    "play": "Operator menu, SAS channel of ours: switch off 'disable play while the link is down' "
            "/ 'SAS host required for play'. Until then this port may not be used.",
    "bills": "Operator menu: 'bill acceptor off while the host is down' must not hang on our "
             "channel; give bill control to the certified host's channel alone.",
    "tickets": "Operator menu: validation (TITO) must be on the certified host's channel alone; "
               "ours has no validation, no transfers, no bonus.",
    "certified": "The two channels hang together: a shared board or one harness. Operator menu: "
                 "give the certified host its own channel; look at the tap board's wiring.",
}  # fmt: skip
"""Which setting of the operator menu to look for, by what did not go on."""


@dataclass(frozen=True, slots=True)
class Absence:
    """A stretch in which we were not there, as seen from here.

    Attributes:
        left: when the link went down, or the gateway went away.
        back: when it was there again; None while it is not.
    """

    left: datetime
    back: datetime | None


def unplugged(case: Case) -> Absence | None:
    """Return the last stretch in which the link was down after it was up."""
    up, left, found = False, None, None
    for one in case.told:
        if isinstance(one, Gateway) and not one.there:
            up, left = False, None  # nobody looked: it is no unplugging
        if not isinstance(one, Link):
            continue
        if one.state in {"up", "degraded"}:
            if left is not None:
                found, left = Absence(left, one.at), None
            up = True
        elif one.state == "down" and up:
            up, left = False, one.at
            found = Absence(left, None)
    return found


def killed(case: Case) -> Absence | None:
    """Return the last stretch in which the gateway was away and came back as another process."""
    before, left, found = "", None, None
    for one in case.told:
        if not isinstance(one, Gateway):
            continue
        if not one.there:
            left = left or one.at
            found = found if before == "" else Absence(left, None)
        else:
            if left is not None and before:
                found = Absence(left, one.at) if one.birthid != before else None
            before, left = one.birthid, None
    return found


def ready(case: Case) -> Finding:
    """The link is up, the machine is in play, and its meters were read."""
    link = case.latest(Link)
    if link is None or link.state not in {"up", "degraded"}:
        state = "not known" if link is None else link.state
        return waiting(f"link {state}", "The link must be up first: do the comms test (:comms).")
    games = meter_of(case.since(Reading), "games_played")
    playing = [one for one in case.codes(GAMES) if _age_s(case, one.at) < IN_PLAY_S]
    moved = len(games) > 1 and grew(games[0][1], games[-1][1]) > 0
    if not playing and not moved:
        return waiting(
            "link up, no game seen", "Put credits on and play: press the button now.", "full"
        )
    bills = meter_of(case.since(Reading), "bills_accepted_credits")
    if not games or (not bills and case.seconds < METERS_COME_S):
        return waiting("link up, in play; the meters are asked", wants="full")
    return passed(f"link up, in play, meters read: {games[-1][1].value:,} games")


def unplug(case: Case) -> Finding:
    """Our line was out for long enough and is back."""
    found = unplugged(case)
    if found is None or found.left < case.began:
        return waiting("our line is still in", wants="full")  # so that the last reading is fresh
    if found.back is None:
        out_s = (case.now - found.left).total_seconds()
        if out_s < case.absence_s:
            return waiting(
                f"out for {out_s:.0f} s of {case.absence_s:.0f} s: play on, do not plug in"
            )
        return waiting(f"out for {out_s:.0f} s: plug it in again", _back_look(out_s))
    out_s = (found.back - found.left).total_seconds()
    if out_s < case.absence_s:
        return waiting(
            f"it was out for {out_s:.0f} s only", "Unplug it again, and wait for the word here."
        )
    return passed(f"our line was out for {out_s:.0f} s and is back")


def _back_look(out_s: float) -> str:
    return "The link is tried again every few seconds; if it stays down: harness." if out_s else ""


def kill(case: Case) -> Finding:
    """Our daemon died without warning and another one answers."""
    found = killed(case)
    if found is None or found.left < case.began:
        return waiting("the daemon answers", wants="full")  # so that the last reading is fresh
    if found.back is None:
        away_s = (case.now - found.left).total_seconds()
        look = "" if away_s < 15 else "Does it start again? systemctl status slotgw"
        return waiting(f"the daemon is away for {away_s:.0f} s: play on", look)
    away_s = (found.back - found.left).total_seconds()
    link = case.latest(Link)
    if link is None or link.at < found.back or link.state not in {"up", "degraded"}:
        return waiting(f"the daemon was away for {away_s:.0f} s; its link comes up")
    return passed(f"the daemon was killed, away for {away_s:.0f} s, and is back")


def play_unplugged(case: Case) -> Finding:
    """Games were played while our line was out."""
    return _play(case, unplugged(case))


def play_killed(case: Case) -> Finding:
    """Games were played while our daemon was dead."""
    return _play(case, killed(case))


def _play(case: Case, absence: Absence | None) -> Finding:
    if absence is None or absence.back is None:
        return waiting("we were not absent yet", "Do the step before this one first.")
    if (tilted := _tilted(case, absence.left)) is not None:
        return failed(f"a tilt was reported, at {tilted:%H:%M:%S} UTC", SETTINGS["tilt"])
    if case.word is False:
        return failed("the technician saw play stop", SETTINGS["play"])
    return _played(case, absence)


def _played(case: Case, absence: Absence) -> Finding:
    assert absence.back is not None
    out_s = (absence.back - absence.left).total_seconds()
    games = _games_in(case, absence)
    if games is not None and out_s < MISSED_S:
        return _too_short(case, out_s)
    if games is None:
        return waiting("the meters after it are asked", "", "full")
    if games <= 0:
        return failed("no more games than before a machine misses its host", SETTINGS["play"])
    if case.word is None:
        return waiting(f"{games} games or more while we were away")
    return passed(f"{games} games or more while we were away, no tilt; the technician saw it too")


def _too_short(case: Case, out_s: float) -> Finding:
    saw = f"away for {out_s:.0f} s, no tilt: too short for the meters to show play meanwhile"
    return passed(f"{saw}; the technician saw play go on") if case.word else waiting(saw)


def _tilted(case: Case, since: datetime) -> datetime | None:
    """Return when a general tilt was reported: SAS has no code for a host that is missed."""
    found: list[At] = [*case.codes((TILT,), since)]
    found += [
        one
        for one in case.since(Event, since)
        if one.type == "tilt.raised" and "general" in one.text
    ]
    return min((one.at for one in found), default=None)


def _games_in(case: Case, absence: Absence) -> int | None:
    """Return how many games were counted for certain after the machine had missed us."""
    assert absence.back is not None
    readings = [one for one in case.told if isinstance(one, Reading)]
    games = meter_of(readings, "games_played")
    earlier = [(at, count) for at, count in games if at <= absence.left]
    later = [(at, count) for at, count in games if at >= absence.back]
    if not earlier or not later:
        return None
    (from_at, before), (to_at, after) = earlier[-1], later[0]
    live = [
        sum(isinstance(one, Raised) and one.code == code and from_at < one.at <= absence.left
            for one in case.told)
        for code in GAMES
    ]  # fmt: skip
    unreported = 0
    if not case.codes(GAMES, case.told[0].at):  # this port reports no games
        unreported = ceil((absence.left - from_at).total_seconds() / GAME_S)
    # a machine that stops plays on until it notices, and again before it is read
    around = ceil(((to_at - absence.back).total_seconds() + NOTICE_S) / GAME_S)
    return max(0, grew(before, after) - max(*live, unreported) - around)


def bills(case: Case) -> Finding:
    """A bill was taken while our line was out."""
    return _moved(case, "bills", ("bills_accepted_credits", "total_drop"))


def tickets(case: Case) -> Finding:
    """A ticket was printed or taken while our line was out."""
    return _moved(case, "tickets", ("ticket_out_credits", "ticket_in_credits"))


def _moved(case: Case, what: str, names: tuple[str, ...]) -> Finding:
    absence = unplugged(case)
    if absence is None or absence.back is None:
        return waiting("we were not absent yet", "Do the step before this one first.")
    if case.word is False:
        return failed(f"the technician saw that {what} did not go on", SETTINGS[what])
    steps = {name: _steps_across(case, name, absence) for name in names}
    if all(by is None for by in steps.values()):
        return waiting("the meters after it are asked", "", "full")
    moved = [f"{name} +{by:,}" for name, by in steps.items() if by]
    if not moved:
        return failed(
            f"{' and '.join(name for name, by in steps.items() if by is not None)} did not move",
            f"Were {what} tried at all? If so: {SETTINGS[what]}",
        )
    if case.word is None:
        return waiting(", ".join(moved))
    return passed(f"{', '.join(moved)}; the technician saw it too")


def _steps_across(case: Case, name: str, absence: Absence) -> int | None:
    seen = meter_of([one for one in case.told if isinstance(one, Reading)], name)
    earlier = [count for at, count in seen if at <= absence.left]
    later: list[Count] = [count for at, count in seen if absence.back and at >= absence.back]
    same = [count for count in later if earlier and count.digits == earlier[-1].digits]
    return grew(earlier[-1], same[0]) if same else None


def certified(case: Case) -> Finding:
    """The certified host's link went on: its wire is not ours to see."""
    if case.word is None:
        return waiting("only you can see it: the SMIB's display, or the floor monitor")
    if case.word:
        return passed("the technician saw the certified host's link stay up")
    return failed("the technician saw the certified host's link go", SETTINGS["certified"])


def rest_killed(case: Case) -> Finding:
    """All else went on while our daemon was dead."""
    absence = killed(case)
    if absence is None or absence.back is None:
        return waiting("the daemon was not killed yet", "Do the step before this one first.")
    if case.codes(STOPPED, absence.left):
        return failed("out of service (86) was reported", SETTINGS["play"])
    if case.word is None:
        return waiting(f"away for {(absence.back - absence.left).total_seconds():.0f} s")
    if case.word:
        return passed("the technician saw bills, tickets and the certified host go on")
    return failed("the technician saw something stop", f"{SETTINGS['bills']} {SETTINGS['tickets']}")


def _age_s(case: Case, at: datetime) -> float:
    return (case.now - at).total_seconds()
