"""Steps about the wire: port, address, ninth bit, sync, and whether it carries well."""

from __future__ import annotations

from collections import Counter
from typing import Final

from gateway.commissioning.step import Case, Finding, Verdict, failed, not_done, passed, waiting
from gateway.commissioning.told import Chirp, Line, Link

ANSWERS_MIN: Final = 20
"""General polls in a row that a machine in sync answers."""

LONG_SILENT_MAX: Final = 3
"""Long polls without an answer, beside answered general polls, that speak against the ninth bit."""

QUALITY_MIN: Final = 0.99
"""Share of the last 100 polls that a good wire has answered well."""

CHIRP_AFTER_S: Final = 8.0
"""Seconds after which a machine that no host polls has chirped: it waits 5."""


def port(case: Case) -> Finding:
    """Our port is open and the line is polled, or listened to."""
    line = case.latest(Line)
    if line is None:
        return waiting("the gateway has not told of this line", "Is it in the site file?")
    saw = f"{case.target.line} over {line.port}: {line.state}"
    if line.state.startswith(("polling", "listening")):
        return passed(saw)
    if "another host" in line.state:
        return failed(
            saw,
            "Another host polls on this wire: the certified system's. Unplug ours at once and "
            "use the machine's second SAS port (operator menu: which channel is free).",
        )
    return waiting(
        saw,
        "Is the adapter plugged in and powered? `slotgw ports` lists what is there; the site file "
        f"has {line.port}.",
    )


def address(case: Case) -> Finding:
    """The machine answers at its address, and nobody chirps from another one."""
    mine = case.target.address
    if (stranger := _stranger(case)) is not None:
        return failed(f"a chirp from address {stranger}", _where_it_chirps(case, stranger))
    if case.tally.general + case.tally.long >= 5:
        return passed(f"answers at address {mine}, nobody chirps")
    return silence(case, f"nothing from address {mine} yet, no chirp")


def _stranger(case: Case) -> int | None:
    """Return an address that chirps and is not the machine's; one byte alone proves nothing."""
    chirps = Counter(one.address for one in case.since(Chirp))
    found = [at for at, times in chirps.most_common() if at != case.target.address and times >= 2]
    return found[0] if found else None


def _where_it_chirps(case: Case, heard: int) -> str:
    target = case.target
    if heard in target.neighbours:
        return (
            f"{heard} is the address of {target.neighbours[heard]} on this line: either that one "
            "hears no polls (harness), or this machine is set to its address: operator menu, SAS "
            f"address: {target.address}."
        )
    return (
        f"Operator menu: set the SAS address to {target.address}; or give {target.asset} the "
        f"address {heard} in the registry (site file, [[egms]])."
    )


def silence(case: Case, saw: str) -> Finding:
    """Nothing is answered: what to look at, by what is heard instead."""
    ours = port(case)
    if ours.verdict is not Verdict.PASS:
        return ours
    if (stranger := _stranger(case)) is not None:
        return failed(f"a chirp from address {stranger}", _where_it_chirps(case, stranger))
    if case.since(Chirp):
        return waiting(
            f"it chirps (address {case.target.address}) and answers nothing",
            "It cannot hear us: look at the harness, the pair into the machine, and ground.",
        )
    if case.tally.bad:
        return waiting(
            f"{case.tally.bad} answers that nobody can understand",
            "Harness: ground, swapped pair, two machines with one address; then parity and speed.",
        )
    if case.tally.silent and case.seconds > CHIRP_AFTER_S:
        deaf = "" if case.tally.ninth_known else " This port hears no chirps: it has no ninth bit."
        return waiting(
            saw,
            "Nothing at all is heard. Harness: data out of the machine, ground, power of the tap "
            f"board. Operator menu: SAS on, address not 0.{deaf}",
        )
    return waiting(saw, "If nothing comes: harness, then the operator menu (SAS on, address).")


def ninth_bit(case: Case) -> Finding:
    """Our ninth bit arrives (long polls are answered), and theirs is as it should be."""
    tally = case.tally
    if tally.ninth >= LONG_SILENT_MAX:
        return failed(
            f"{tally.ninth} answers with a ninth bit set",
            "The machine does not answer at space parity: operator menu, is this channel SAS? Some "
            "boards fall back to even parity; power it off and on, then look at the adapter.",
        )
    if tally.long:
        if tally.ninth_known:
            return passed(f"{tally.long} long polls answered, no answer with a ninth bit")
        return not_done(
            f"{tally.long} long polls answered",
            "This port tells no ninth bit (a simulated line, or a converter makes it): what the "
            "machine sets cannot be seen. `slotgw port-test` proves a port.",
        )
    if tally.general >= 5 and tally.long_silent >= LONG_SILENT_MAX:
        return failed(
            f"{tally.general} general polls answered, {tally.long_silent} long polls not",
            "Our ninth bit is wrong, or our bytes are too far apart: not the harness but the "
            "adapter. `slotgw port-test` with a loop; set its latency timer to 1 ms.",
        )
    if tally.general:
        return waiting("general polls are answered; a long poll is asked", wants="identity")
    return silence(case, "no answer yet")


def sync(case: Case) -> Finding:
    """The machine answers every poll, and has stopped to chirp."""
    mine = case.target.address
    chirps = [one for one in case.since(Chirp) if one.address == mine]
    if len(chirps) >= 3:
        return failed(
            f"it chirps {len(chirps)} times while it is polled",
            "It does not take our polls: it wants to see another address or 80 first, or it hears "
            "us badly. Harness into the machine; then power it off and on.",
        )
    row = case.tally.in_row
    if row >= ANSWERS_MIN:
        return passed(f"{row} polls in a row answered, no chirp")
    if case.tally.general:
        missed = f", {case.tally.silent} not" if case.tally.silent else ""
        return waiting(
            f"{row} of {ANSWERS_MIN} polls in a row{missed}",
            "Answers that come and go: a loose plug, or two hosts on one wire.",
        )
    return silence(case, f"0 of {ANSWERS_MIN} polls in a row")


def quality(case: Case) -> Finding:
    """The link is up, and carries nearly all of its last 100 polls."""
    link = case.latest(Link)
    if link is None or link.quality is None:
        return waiting("no figure yet")
    saw = f"link {link.state}, {link.quality:.0%} of the last 100 polls answered well"
    if link.state == "up" and link.quality >= QUALITY_MIN:
        return passed(saw)
    look = "Harness: move the plugs and watch the figure. Then the adapter, then its neighbours."
    if link.state == "down" or case.seconds > 60:
        return failed(saw, look)
    return waiting(f"{saw}; 99% is wanted", look)


def settled(finding: Finding) -> bool:
    """Say whether a finding ends its step by itself."""
    return finding.verdict in {Verdict.PASS, Verdict.NOT_DONE}
