"""Drafts a machine profile from a capture: what the machine said of itself, and how it behaved.

A draft is a beginning: what the capture does not hold is named in it, and stays as it is usual. Of
a board whose ninth bit is parity a capture tells little: its answers are cut where the bit is set.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from floor_sim.machine.meters import MACHINE_METERS
from floor_sim.recording import Answers, Recording
from protocols.sas.errors import RequestError, WireError
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import IdleReply, LongPollReply
from protocols.sas.tables.denominations import DENOMINATIONS
from protocols.sas.tables.polls import MULTI_DENOMINATION, POLLS

STYLES: Final = ("standard", "system", "secure enhanced")
ANSWER_S_MAX: Final = 0.2
"""An answer that took longer says nothing of the machine."""
BETS: Final = 3
SHARES_OF_MAX: Final = (3, 2, 1)

_ASKED_FOR: Final = {
    0x1F: "game id, denomination, largest bet, paytable, hold",
    0x51: "how many games",
    0x54: "SAS version",
    0xA0: "features",
    0x6F: "sizes of meters",
}  # fmt: skip
"""What a draft wants to know, by the poll that tells it."""


@dataclass(slots=True)
class _Known:
    """What a capture says of one machine."""

    replies: dict[int, list[LongPollReply]] = field(default_factory=dict)
    times_s: list[float] = field(default_factory=list)
    silent: set[int] = field(default_factory=set)
    idle: str | None = None
    real_time_idle: str | None = None

    def by_game(self, command: int) -> dict[int, Mapping[str, Any]]:
        """Return the values of the answers to a poll that asks about a game, by its number."""
        found: dict[int, Mapping[str, Any]] = {}
        for reply in self.replies.get(command, ()):
            if isinstance(number := reply.values.get("game"), int):
                found[number] = reply.values
        return found

    def last(self, command: int) -> Mapping[str, Any] | None:
        """Return the values of the last answer to a poll, or None."""
        replies = self.replies.get(command)
        return replies[-1].values if replies else None


def draft(recording: Recording, address: int) -> str:
    """Return a profile as TOML, as it stands in a file of its own.

    Args:
        recording: a line of a capture.
        address: the machine.
    """
    known = _known(recording, address)
    count = sum(map(len, known.replies.values()))
    head = [
        f"# Drafted from a capture of line {recording.line}, address {address}, {count} answers.",
        *(
            f"# Poll {command:02X} was not answered there, so this is as usual: {words}."
            for command, words in _ASKED_FOR.items()
            if command not in known.replies
        ),
        "",
    ]
    plain = [*_identity(known), *_sizes(known), *_manners(known)]
    wire = [*_wire(known)]
    abilities = [*_abilities(known)]
    parts = [*head, *plain]
    if wire:
        parts += ["", "[wire]", *wire]
    if abilities:
        parts += ["", "[abilities]", *abilities]
    parts += [*_games(known)]
    return "\n".join(parts) + "\n"


def _known(recording: Recording, address: int) -> _Known:
    known = _Known()
    for answers in recording.polls.values():
        if answers.poll[0] & 0x7F != address:
            continue
        if len(answers.poll) == 1:
            _general(known, answers)
        elif answers.poll[1] != MULTI_DENOMINATION:
            _long(known, answers)
    known.silent -= known.replies.keys()
    return known


def _general(known: _Known, answers: Answers) -> None:
    for answer in answers.recorded:
        if not answer.data:
            continue
        known.times_s.append(answer.after_s)
        try:
            reply = ReplyReader(answers.poll, rte=True).feed(answer.data)
        except (WireError, RequestError):
            continue
        if isinstance(reply, IdleReply):
            code = answer.data[0] if len(answer.data) == 1 else answer.data[2]
            if len(answer.data) == 1:
                known.idle = f"{code:02X}"
            else:
                known.real_time_idle = f"{code:02X}"


def _long(known: _Known, answers: Answers) -> None:
    command = answers.poll[1]
    for answer in answers.recorded:
        if not answer.data:
            known.silent.add(command)
            continue
        known.times_s.append(answer.after_s)
        try:
            reply = ReplyReader(answers.poll, rte=True).feed(answer.data)
        except (WireError, RequestError):
            continue
        if isinstance(reply, LongPollReply) and reply.command == command:
            known.replies.setdefault(command, []).append(reply)
        elif reply is not None:
            known.silent.discard(command)


def _identity(known: _Known) -> Iterator[str]:
    if (version := known.last(0x54)) is not None:
        yield f'sas_version = "{_plain(version["version"], 3)}"'
    if (identity := known.last(0x1F)) is None:
        return
    worth = DENOMINATIONS.get(int(identity["denomination_code"]))
    if worth is not None and worth > 0 and worth * 100 % 1 == 0:
        yield f'denomination = "{worth}"'
    yield f'game_id = "{_plain(identity["game_id"], 2)}"'
    yield f'paytable = "{_plain(identity["paytable"], 6)}"'
    if (par := _par(identity["base_percent"])) is not None:
        yield f'par_percent = "{par}"'
    if most := int(identity["max_bet"]):
        bets = sorted({max(1, most // share) for share in SHARES_OF_MAX})
        yield f"bets = {bets}  # the largest is known, the others are guesses"


def _plain(value: object, most: int) -> str:
    """Return letters and digits of what a machine said, or question marks."""
    text = "".join(c if c.isalnum() and c.isascii() else "?" for c in str(value))[:most]
    return text or "?" * most


def _par(base_percent: object) -> Decimal | None:
    text = str(base_percent)
    if not (text.isascii() and text.isdecimal()):
        return None
    par = 100 - Decimal(text) / 100
    return par if 1 <= par <= 50 else None


def _sizes(known: _Known) -> Iterator[str]:
    """Yield the sizes of meters, by the answers that carry a size."""
    sizes = {
        meter.name: meter.digits
        for command in (0x6F, 0xAF)
        for reply in known.replies.get(command, ())
        for meter in reply.meters
        if meter.name in MACHINE_METERS and 8 <= meter.digits <= 18
    }
    if not sizes:
        return
    usual = Counter(sizes.values()).most_common(1)[0][0]
    yield f"meter_digits = {usual}"
    others = {name: digits for name, digits in sorted(sizes.items()) if digits != usual}
    if others:
        words = ", ".join(f"{name} = {digits}" for name, digits in others.items())
        yield f"meter_sizes = {{ {words} }}"


def _manners(known: _Known) -> Iterator[str]:
    if (features := known.last(0xA0)) is not None:
        yield f'a0 = "{bytes(features["features"]).hex(" ").upper()}"'
    off = sorted(command for command in known.silent if command in POLLS)
    if off:
        words = ", ".join(f'"{command:02X}"' for command in off)
        yield f"polls_off = [{words}]  # asked for, and never answered"
    times = sorted(time for time in known.times_s if 0 < time <= ANSWER_S_MAX)
    if times:
        low, high = times[len(times) // 20], times[-1 - len(times) // 20]
        yield f"turn_round_s = [{low:.4f}, {high:.4f}]  # of {len(times)} answers, 90 %"


def _wire(known: _Known) -> Iterator[str]:
    if known.idle == "1F":
        yield 'idle = "1F"'
    if known.real_time_idle is not None:
        yield f'real_time_idle = "{known.real_time_idle}"'


_FLAGS: Final = (
    (0, 0x80, "ticket_redemption"), (0, 0x04, "legacy_bonus"), (0, 0x08, "tournament"),
    (2, 0x01, "fast_poll"),
)  # fmt: skip
"""Feature byte, bit, and the ability that it stands for."""


def _abilities(known: _Known) -> Iterator[str]:
    """Yield what the feature bits and other answers say that the machine can do."""
    features = known.last(0xA0)
    if features is not None:
        yield from _of_features(features["features"], known.last(0xB2))
    if (limit := known.last(0xA4)) is not None and int(limit["cash_out_limit"]):
        yield f"cash_out_limit = {limit['cash_out_limit']}"
    identity = known.last(0x1F)
    if identity is not None and int(identity["progressive_group"]):
        yield f"progressive_group = {identity['progressive_group']}"


def _of_features(bits: tuple[int, ...], offered: Mapping[str, Any] | None) -> Iterator[str]:
    style = bits[0] >> 5 & 3
    if style and style < len(STYLES):
        yield f'validation = "{STYLES[style]}"'
    yield from (f"{name} = true" for place, bit, name in _FLAGS if bits[place] & bit)
    if bits[1] & 0x40:
        bonus = ', "bonus"' if bits[0] & 0x02 else ""
        yield f'transfers = ["in-house", "to host"{bonus}]'
    if bits[1] & 0x80 and offered is not None:
        worths = [DENOMINATIONS.get(int(code)) for code in offered["denomination_codes"]]
        words = [f'"{worth}"' for worth in worths if worth and worth * 100 % 1 == 0]
        if words:
            yield f"denominations = [{', '.join(words)}]"


def _games(known: _Known) -> Iterator[str]:
    """Yield the games of a machine with several, as far as 53 has asked for them."""
    games = known.last(0x51)
    count = 0 if games is None else int(games["games"])
    if count < 2:
        return
    told, names = known.by_game(0x53), known.by_game(0xB5)
    for number in range(1, min(count, 99) + 1):
        name = _plain(names.get(number, {}).get("game_name", f"Game{number}"), 20)
        yield f'\n[[abilities.games]]\nname = "{name}"'
        if (values := told.get(number)) is not None:
            yield f'paytable = "{_plain(values["paytable"], 6)}"'
            if (par := _par(values["base_percent"])) is not None:
                yield f'par_percent = "{par}"'
