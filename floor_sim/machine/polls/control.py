"""Orders to the machine as a whole: play, sound, bills, games, clock, real-time events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from floor_sim.machine.choice import ANY_DENOMINATION
from floor_sim.machine.polls.row import Asked, Function, Refused, Result, Row, obeys, silent
from floor_sim.machine.port import Answer, Told
from protocols.sas.crc import crc16
from protocols.sas.machine import ack, build_reply

GAMES_CHANGED: Final = 0xA2
DELAY_STEP_S: Final = 0.1
YEARS: Final = range(1990, 2100)
"""Years that a machine's clock can show."""
WEAK: Final = "its layout rests on one weak source"
OLD_EFT: Final = "the old electronic funds transfer is not offered"


def _cabinet(name: str, *, on: bool) -> Function:
    def obey(asked: Asked) -> Result:
        with asked.machine.happening(asked.now) as happening:
            setattr(asked.cabinet, name, on)
            happening.note("order", **asked.key())
        return None

    return obey


def _switch(**wanted: Any) -> Function:
    def obey(asked: Asked) -> Result:
        _set(asked, **wanted)
        return None

    return obey


def _set(asked: Asked, **wanted: Any) -> None:
    with asked.machine.happening(asked.now) as happening:
        asked.cabinet.switches = replace(asked.cabinet.switches, **wanted)
        happening.note("order", **asked.key())


def _configure_bills(asked: Asked) -> Result:
    """08: which bills are taken, and whether the acceptor stays on after one."""
    action = int(asked.values["action"])
    if action > 1:
        return Refused
    _set(asked, bill_mask=int(asked.values["bill_mask"]), bill_once=action == 0)
    return None


def _enable_game(asked: Asked) -> Result:
    """09: a game on or off; in B0, at one denomination alone."""
    flag, game = int(asked.values["enable"]), asked.game
    if flag > 1 or game not in asked.settings.game_numbers:
        return Refused
    off = set(asked.cabinet.switches.games_off)
    if asked.denomination is not None:
        key = (game, asked.denomination)
        off = off - {key} if flag else off | {key}
    elif flag:
        off = {key for key in off if key[0] != game}
    else:
        off |= {(game, ANY_DENOMINATION)}
    changed = tuple(sorted(off))
    with asked.machine.happening(asked.now) as happening:
        different = changed != asked.cabinet.switches.games_off
        asked.cabinet.switches = replace(asked.cabinet.switches, games_off=changed)
        happening.note("order", **asked.key(), game=game, enable=bool(flag))
        if different and asked.settings.sas_version >= "603":
            happening.exception(GAMES_CHANGED)
    return None


def _real_time(asked: Asked) -> Result:
    """0E: events of this port go out in real time, or not; off after a power cut."""
    flag = int(asked.values["enable"])
    if flag > 1 or asked.port is None:
        return Refused
    asked.port.real_time = bool(flag)
    asked.order(on=bool(flag), port=asked.port.index)
    return None


def _delay_game(asked: Asked) -> Result:
    """2E: no game starts before so many tenths of a second have gone."""
    asked.machine.passing.held_until = asked.now + DELAY_STEP_S * int(asked.values["delay"])
    asked.order(delay=int(asked.values["delay"]))
    return None


def _auto_rebet(asked: Asked) -> Result:
    flag = int(asked.values["enable"])
    if flag > 1:
        return Refused
    _set(asked, rebet=bool(flag))
    return None


def _set_clock(asked: Asked) -> Result:
    text = f"{asked.values['date']}{asked.values['time']}"
    try:
        shown = datetime.strptime(text, "%m%d%Y%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return Refused
    if shown.year not in YEARS:
        return Refused
    with asked.machine.happening(asked.now) as happening:
        asked.machine.set_clock(shown, asked.now)
        happening.note("order", **asked.key())
    return None


def _rom_signature(asked: Asked) -> Result:
    """21: ACK at once; the signature answers a later general poll.

    The simulated program is what the machine says of itself; the CRC over it starts from the seed.
    """
    machine, port, settings = asked.machine, asked.port, asked.settings
    assert port is not None, "21 never goes to all machines"
    program = f"{settings.game_id}{settings.additional_id}{settings.paytable_id}"
    signature = crc16(f"{program}{settings.sas_version}".encode(), int(asked.values["seed"]))
    reply = build_reply(port.address, 0x21, signature=signature)
    done = Told("ROM signature", lambda: machine.passing.frames.remove(port))
    due = asked.now + settings.signature_s
    machine.passing.frames.add(port, due, Answer(reply, done))
    asked.order(port=port.index)
    return Answer(ack(port.address))


CONTROL: Final[dict[int, Row]] = {
    0x01: obeys(_cabinet("playable", on=False), "nobody can play until 02"),
    0x02: obeys(_cabinet("playable", on=True), "the game can be played again"),
    0x03: obeys(_switch(sound=False), "all sounds off"),
    0x04: obeys(_switch(sound=True, game_sounds=True), "all sounds on"),
    0x05: obeys(_switch(game_sounds=False), "reel spin and game sounds off"),
    0x06: obeys(_cabinet("takes_bills", on=True), "bills are taken again"),
    0x07: obeys(_cabinet("takes_bills", on=False), "no bill is taken until 06"),
    0x08: obeys(_configure_bills, "takes the bills of the mask; goes off after one if so asked"),
    0x09: obeys(_enable_game, "a game, in B0 at one denomination, on or off"),
    0x0A: obeys(_switch(maintenance=True), "nobody can play until 0B"),
    0x0B: obeys(_switch(maintenance=False), "the end of maintenance"),
    0x0E: obeys(_real_time, "events of this port go out in real time; off after a power cut"),
    0x21: obeys(_rom_signature, "ACK; 2 s later, not before, a signature answers a general poll"),
    0x2E: obeys(_delay_game, "no game starts for so long"),
    0x6E: silent("authenticates no components (A0 says so); " + WEAK),
    0x75: silent(WEAK),
    0x76: silent(WEAK),
    0x7F: obeys(_set_clock, "sets the machine's clock"),
    0xAA: obeys(_auto_rebet, "automatic rebets on or off", lambda settings: settings.auto_rebet,
                "has no automatic rebet"),
    0xB6: silent("announces no meter changes (A0 says so); " + WEAK),
    0xB7: silent("its number is set in its own menus; " + WEAK),
    **dict.fromkeys((0x1D, *range(0x22, 0x29), *range(0x62, 0x6C)), silent(OLD_EFT)),
}  # fmt: skip
