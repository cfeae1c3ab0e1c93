"""Data answers to long polls: how long they will be, and what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from protocols.sas.errors import UnexpectedError, WireError
from protocols.sas.field_lists import SizedBcd, Tail
from protocols.sas.fields import Field, Meter, Values
from protocols.sas.message import Message
from protocols.sas.replies import AckReply, LongPollReply, MeterReading, NackReply
from protocols.sas.settings import STANDARD, Dialect, poll_row
from protocols.sas.tables.meter_lists import MeterValue
from protocols.sas.tables.meters import METERS_BY_NAME, meter_name
from protocols.sas.tables.polls import MULTI_DENOMINATION, POLLS
from protocols.sas.tables.rows import PollRow

ECHOED: Final = ("game", "category", "validation_type")
"""Fields that an answer repeats from its request."""


def _leaves(fields: Iterable[Field]) -> Iterator[Field]:
    for field in fields:
        if isinstance(field, Tail):
            yield from _leaves(field.fields)
        else:
            yield field


_METERS: Final = {
    command: tuple(
        (field.name, 2 * field.width, METERS_BY_NAME[field.name].code)
        for field in _leaves(row.reply.fields)
        if isinstance(field, Meter)
    )
    for command, row in POLLS.items()
    if row.reply
}
"""Name, digits and code of the meters of one size in an answer, by command."""

_SIZED: Final = {
    command: tuple(
        field.name
        for field in row.reply.fields
        if isinstance(field, SizedBcd) and field.name in METERS_BY_NAME
    )
    for command, row in POLLS.items()
    if row.reply
}
"""Names of the meters that come with a size byte at a fixed place, by command."""


def answer_totals(
    poll: bytes, answer: bytes, dialect: Dialect = STANDARD
) -> tuple[int, ...] | None:
    """Return how many bytes the answer may have, ascending; None while (or if ever) nobody knows.

    Args:
        poll: the bytes that were sent.
        answer: the bytes so far: address, command, and perhaps more.
        dialect: how strictly answers are read.

    Raises:
        UnexpectedError: the poll is answered with ACK or NACK, never with data.
        LengthError: the length byte says what cannot be.
    """
    row = poll_row(poll[1], dialect)
    if row is None:
        return None
    if row.reply is None:
        raise UnexpectedError(f"data, but poll {row.command:02X} is answered with ACK or NACK")
    layout = row.reply
    if not layout.length_byte:
        if not layout.fixed:
            return None
        usual = 4 + layout.low
        if not (row.variants and dialect.variants):
            return (usual,)
        others = {_variant_total(variant, answer) for variant in row.variants}
        return tuple(sorted({usual} | others - {0}))
    if len(answer) < 3:
        return None
    layout.check_length(answer[2], longer=dialect.longer_answers)
    return (5 + answer[2],)


def _variant_total(variant: Message, answer: bytes) -> int:
    """Return the length of a variant, or 0 if these bytes cannot be it."""
    if not variant.length_byte:
        return 4 + variant.low
    fits = len(answer) < 3 or answer[2] == variant.low
    return 5 + variant.low if fits else 0


def read_answer(
    poll: bytes, answer: bytes, dialect: Dialect = STANDARD
) -> LongPollReply | AckReply | NackReply:
    """Return what an answer with a good CRC says.

    Args:
        poll: the bytes that were sent.
        answer: address to CRC.
        dialect: how strictly answers are read.

    Raises:
        WireError: its fields are not what the poll's row says, or not what was asked for.
    """
    row = poll_row(poll[1], dialect)
    data = answer[2:-2]
    if row is None or row.reply is None:
        return LongPollReply(answer[0], poll[1], {"data": data.hex()}, raw=answer)
    if row.command == MULTI_DENOMINATION:
        return _unwrapped(poll, answer, dialect)
    values = _values(row, data, dialect)
    if dialect.echo_checked:
        _check_echo(row, poll[2:-2], values)
    return LongPollReply(
        answer[0], row.command, values, meter_readings(row.command, values), None, answer
    )


def _values(row: PollRow, data: bytes, dialect: Dialect) -> Values:
    assert row.reply is not None, "only polls that are answered with data come here"
    layouts: Sequence[Message] = (row.reply, *row.variants) if dialect.variants else (row.reply,)
    for layout in layouts[:-1]:
        if layout.takes(data):
            return layout.read(layout.payload(data))
    last = layouts[-1]
    longer = dialect.longer_answers
    return last.read(last.payload(data, longer=longer), longer=longer)


def meter_readings(command: int, values: Mapping[str, object]) -> tuple[MeterReading, ...]:
    """Return the meters among the values of an answer, in wire order."""
    plan = _METERS.get(command)
    if plan:
        game = values.get("game", 0)
        return tuple(
            [
                MeterReading(name, values[name], digits, code, game)  # type: ignore[arg-type]
                for name, digits, code in plan
                if name in values
            ]
        )
    listed = values.get("meters")
    if isinstance(listed, tuple):
        return tuple(_listed(listed, values))
    return tuple(_sized(_SIZED.get(command, ()), values))


def _sized(names: Iterable[str], values: Mapping[str, object]) -> Iterator[MeterReading]:
    for name in names:
        pair = values[name]
        assert isinstance(pair, tuple), "a meter with a size byte is (value, size)"
        value, size = pair
        if value is not None:
            code = METERS_BY_NAME[name].code
            yield MeterReading(name, value, 2 * size, code, _game(values))


def _game(values: Mapping[str, object]) -> int:
    game = values.get("game", 0)
    assert isinstance(game, int), "the game number is BCD"
    return game


def _listed(meters: Sequence[MeterValue], values: Mapping[str, object]) -> Iterator[MeterReading]:
    game = _game(values)
    for item in meters:
        if item.value is not None:
            name = meter_name(item.code)
            yield MeterReading(name, item.value, 2 * item.size, item.code, game)


def _check_echo(row: PollRow, asked: bytes, values: Mapping[str, object]) -> None:
    """Check that the answer is to this request and not to an earlier one that came late."""
    if not row.request.names:
        return
    try:
        request = row.request.read(row.request.payload(asked))
    except WireError:
        return  # our own bytes are no request of this row: nothing to compare with
    for name in ECHOED:
        if name in request and name in values and request[name] != values[name]:
            raise UnexpectedError(f"{name} {values[name]} was not asked for")
    codes = request.get("codes")
    listed = values.get("meters")
    if isinstance(codes, tuple) and isinstance(listed, tuple):
        for item in listed:
            if item.code not in codes:
                raise UnexpectedError(f"meter {item.code:02X} was not asked for")


def _unwrapped(
    poll: bytes, answer: bytes, dialect: Dialect
) -> LongPollReply | AckReply | NackReply:
    """Return what a B0 answer wraps."""
    address = answer[0]
    denomination, base, body = answer[3], answer[4], answer[5:-2]
    if len(poll) < 7 or denomination != poll[3] or base not in {0x00, poll[4]}:
        raise UnexpectedError("a B0 answer for another denomination or poll")
    if base == 0x00:
        error: Values = {"error": body[0] if body else None}
        return LongPollReply(address, MULTI_DENOMINATION, error, (), denomination, answer)
    row = poll_row(base, dialect)
    if body in {bytes([address]), bytes([address | 0x80])} and _is_short(row):
        return AckReply(address, answer) if body[0] == address else NackReply(address, answer)
    if row is None or row.reply is None:
        return LongPollReply(address, base, {"data": body.hex()}, (), denomination, answer)
    values = _values(row, body, dialect)
    if dialect.echo_checked:
        _check_echo(row, poll[5:-2], values)
    readings = meter_readings(base, values)
    return LongPollReply(address, base, values, readings, denomination, answer)


def _is_short(row: PollRow | None) -> bool:
    """Say whether a single byte cannot be the data of this poll's answer."""
    return row is None or row.reply is None or row.reply.low + row.reply.length_byte > 1
