"""What a person can do to a machine by hand, in words: ``door open slot``, ``bill 20``.

One row a doing; the words after its name are what it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from floor_sim.acts import NUMBER_ACTS, PLAIN_ACTS, TEXT_ACTS
from floor_sim.machine import play, service
from floor_sim.machine.cabinet import DOORS, TILTS
from floor_sim.machine.machine import Machine
from floor_sim.people.troubles import big_cash_out, drop

Doing = Callable[[Machine, str, float], bool]


class DoingError(Exception):
    """The words name nothing that can be done; the message says what can."""


def _door(act: Callable[[Machine, str, float], bool]) -> Doing:
    def do(machine: Machine, word: str, now: float) -> bool:
        return act(machine, _one_of(word, DOORS, "door"), now)

    return do


def _plain(act: Callable[[Machine, float], bool]) -> Doing:
    def do(machine: Machine, word: str, now: float) -> bool:
        if word:
            raise DoingError(f"{word!r} is one word too many")
        return act(machine, now)

    return do


def _number(act: Callable[[Machine, int, float], bool]) -> Doing:
    def do(machine: Machine, word: str, now: float) -> bool:
        if not (word.isascii() and word.isdecimal() and len(word) <= 8):
            raise DoingError(f"{word!r} is no whole number")
        return act(machine, int(word), now)

    return do


def _worded(act: Callable[[Machine, str, float], bool]) -> Doing:
    def do(machine: Machine, word: str, now: float) -> bool:
        try:
            return bool(word) and act(machine, word, now)
        except ValueError:
            raise DoingError(f"{word!r} is not what this takes") from None

    return do


def _power_cycle(machine: Machine, now: float) -> bool:
    service.power_on(machine, now)
    return True


def _power_on(machine: Machine, now: float) -> bool:
    return not machine.live and _power_cycle(machine, now)


def _end_game(machine: Machine, now: float) -> bool:
    return play.end_game(machine, now) is not None


def _exception(machine: Machine, word: str, now: float) -> bool:
    try:
        code = int(word, 16)
    except ValueError:
        code = 0
    if not 1 <= code <= 0xFF:
        raise DoingError(f"{word!r} is no exception code in hex, 01 to FF")
    return service.report(machine, code, now)


def _busy(machine: Machine, word: str, now: float) -> bool:
    machine.busy_until = now + float(_amount(word))
    return True


DOINGS: Final[dict[str, Doing]] = {
    "door open":     _door(service.open_door),
    "door close":    _door(service.close_door),
    "tilt":          lambda machine, word, now: service.tilt(
                         machine, _one_of(word, TILTS, "tilt"), now),
    "mend":          _plain(service.clear_tilts),
    "jam":           _plain(service.jam),
    "lamp on":       _plain(lambda machine, now: service.lamp(machine, now, on=True)),
    "lamp off":      _plain(lambda machine, now: service.lamp(machine, now, on=False)),
    "bill":          lambda machine, word, now: play.bill_in(machine, int(_amount(word)), now),
    "game start":    lambda machine, word, now: play.start_game(machine, int(_amount(word)), now),
    "game end":      _plain(_end_game),
    "cash out":      _plain(play.cash_out),
    "big cash-out":  _plain(big_cash_out),
    "jackpot":       lambda machine, word, now: play.jackpot(
                         machine, int(_amount(word) * 100), now),
    "handpay reset": _plain(play.reset_handpay),
    "cashbox take":  _plain(drop),
    "cashbox put":   _plain(service.put_cashbox),
    "card in":       lambda machine, word, now: service.card_in(machine, f"guest {word}", now),
    "card out":      _plain(service.card_out),
    "power cycle":   _plain(_power_cycle),
    "power off":     _plain(service.power_off),
    "power on":      _plain(_power_on),
    "exception":     _exception,
    "busy":          _busy,
    **{words: _plain(act) for words, act in PLAIN_ACTS.items()},
    **{words: _number(act) for words, act in NUMBER_ACTS.items()},
    **{words: _worded(act) for words, act in TEXT_ACTS.items()},
}  # fmt: skip
"""Words to what they do; each says whether it could be done."""

WITHOUT_POWER: Final = frozenset({"door open", "door close", "power on"})
"""What can be done at a machine without power."""


def do(machine: Machine, words: str, now: float) -> bool:
    """Do what ``words`` say at ``machine``; say whether the machine was in a state for it.

    Raises:
        DoingError: the words name nothing that can be done.
    """
    text = " ".join(words.split())
    for name in sorted(DOINGS, key=len, reverse=True):
        if text == name or text.startswith(name + " "):
            word = text[len(name) :].strip()
            return (machine.live or name in WITHOUT_POWER) and DOINGS[name](machine, word, now)
    raise DoingError(f"{text[:60]!r} is none of {', '.join(DOINGS)}")


def _one_of(word: str, names: Iterable[str], kind: str) -> str:
    if word not in names:
        raise DoingError(f"{word!r} is no {kind}; there are {', '.join(names)}")
    return word


def _amount(word: str) -> Decimal:
    try:
        number = Decimal(word)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 < number <= 10**8 or number != round(number, 2):
        raise DoingError(f"{word!r} is no amount such as 20 or 1250.00")
    return number
