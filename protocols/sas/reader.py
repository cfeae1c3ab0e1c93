"""The host's ear: what an EGM answers to one poll.

    general poll        exception, one byte     a real-time event, or a signature that was waiting
    long poll           address command data crc
                        address                 ACK
                        address|80              NACK
                        address 00              busy
    either              address FF code [data] crc      real-time event

Noise can do anything to these bytes. Answers of more than two bytes have a CRC; the short ones
have none, so their meaning hangs on the poll alone: 81 at address 1 is "hopper low" after a
general poll and a NACK after a long poll.
"""

from __future__ import annotations

from typing import Final

from protocols.sas.answers import answer_totals, read_answer
from protocols.sas.crc import crc_ok
from protocols.sas.errors import (
    AddressError,
    CrcError,
    LengthError,
    RequestError,
    UnexpectedError,
    WireError,
)
from protocols.sas.message import MESSAGE_BYTES_MAX
from protocols.sas.replies import (
    AckReply,
    BusyReply,
    ExceptionReply,
    IdleReply,
    NackReply,
    Reply,
    SignatureReply,
    SilenceReply,
)
from protocols.sas.secrets import SECRET_SPANS
from protocols.sas.settings import STANDARD, Dialect, poll_row
from protocols.sas.tables.exceptions import EXCEPTIONS, IDLE_CODES
from protocols.sas.tables.polls import REAL_TIME

SIGNATURE: Final = 0x21
SIGNATURE_BYTES: Final = 6
EVENT_BYTES: Final = 5
"""A real-time event without data: address, FF, code, CRC."""
REELS: Final = range(1, 10)

_IDLE: Final = tuple(IdleReply(address) for address in range(128))


class ReplyReader:
    """Feed it bytes as they come; it gives the reply once the last byte is in.

    It never waits and knows no clock: the caller decides when the line has been quiet for long
    enough, and calls ``end``. One reader serves one poll and is thrown away with it.

    Args:
        poll: the bytes that were sent.
        rte: real-time event mode is on, where silence after a general poll is "no activity" and a
            signature may answer any poll.
        dialect: how strictly answers are read.

    Raises:
        RequestError: ``poll`` is no poll.
    """

    __slots__ = ("_address", "_buffer", "_command", "_dialect", "_done", "_poll", "_rte")

    def __init__(self, poll: bytes, *, rte: bool = False, dialect: Dialect = STANDARD) -> None:
        if not poll or (poll[0] < 0x80) == (len(poll) == 1):
            raise RequestError("neither a general poll nor a long poll")
        self._poll = poll
        self._address = poll[0] & 0x7F
        self._command = poll[1] if len(poll) > 1 else None
        self._rte = rte
        self._dialect = dialect
        self._buffer = b""
        self._done = False

    def feed(self, data: bytes) -> Reply | None:
        """Take ``data``; return the reply, or None while more bytes may come.

        Raises:
            WireError: the bytes so far cannot become a valid reply, or come after it.
        """
        if self._done:
            raise UnexpectedError("bytes after the end of the answer", data)
        if not data:
            return None
        if len(data) == 1 and self._command is None and not self._buffer:
            first = data[0]
            if first not in {self._address, REAL_TIME, self._poll[0]} and self._address:
                self._done = True
                if not first:
                    return _IDLE[self._address]
                return self._short_exception(data)
        self._buffer += data
        return self._judged(ended=False)

    def end(self) -> Reply:
        """Return what came, now that the line has been quiet for long enough.

        Raises:
            WireError: what came was cut short, or the reply was given before.
        """
        if self._done:
            raise UnexpectedError("the answer has ended before")
        if not self._buffer:
            self._done = True
            if self._rte and self._command is None and self._address:
                return IdleReply(self._address, b"")
            return SilenceReply(self._address)
        reply = self._judged(ended=True)
        assert reply is not None, "an answer that has ended is a reply or an error"
        return reply

    def _judged(self, *, ended: bool) -> Reply | None:
        buffer = self._buffer
        try:
            if not self._address:
                raise UnexpectedError("an answer to a poll that nobody may answer")
            if len(buffer) > MESSAGE_BYTES_MAX:
                raise LengthError("no answer is that long")
            reply = self._general(buffer, ended) if self._command is None else self._long(ended)
        except WireError as error:
            self._done = True
            harmless = self._command not in SECRET_SPANS
            raise type(error)(error.reason, buffer, harmless=harmless) from None
        self._done = reply is not None
        return reply

    def _general(self, buffer: bytes, ended: bool) -> Reply | None:
        if buffer[0] != self._address:
            if len(buffer) > 1:
                if buffer[0] == self._poll[0]:
                    raise UnexpectedError("our own poll came back before the answer: an echo")
                raise LengthError("an exception is one byte")
            # FF alone may be noise in front of more, our own poll an echo in front of the answer;
            # they count as exceptions only at the end.
            more = buffer[0] in {REAL_TIME, self._poll[0]}
            return self._short_exception(buffer) if ended or not more else None
        if len(buffer) == 1:
            if ended and buffer[0] not in EXCEPTIONS:
                raise UnexpectedError("it chirps: it says its address and does not hear us")
            return self._short_exception(buffer) if ended else None
        if buffer[1] == REAL_TIME:
            return self._event(buffer, ended)
        if buffer[1] == SIGNATURE:
            return self._signature(buffer, ended)
        raise UnexpectedError(f"{buffer[1]:02X} does not follow the address after a general poll")

    def _short_exception(self, data: bytes) -> Reply:
        raw = bytes(data)
        if raw[0] in IDLE_CODES:
            return IdleReply(self._address, raw)
        return ExceptionReply(self._address, raw[0], raw=raw)

    def _long(self, ended: bool) -> Reply | None:
        buffer = self._trimmed()
        if not buffer:
            if ended:
                raise LengthError("nothing but zeros")
            return None
        if buffer[0] != self._address:
            return self._nack(buffer)
        if len(buffer) == 1:
            return self._ack(buffer) if ended else None
        return self._framed(buffer, ended)

    def _framed(self, buffer: bytes, ended: bool) -> Reply | None:
        second = buffer[1]
        if second == self._command:
            return self._data(buffer, ended)
        if second == 0x00:
            if len(buffer) > 2:
                raise LengthError("busy is two bytes")
            return BusyReply(self._address, buffer)
        if second == REAL_TIME:
            return self._event(buffer, ended)
        if second == SIGNATURE and self._rte:
            return self._signature(buffer, ended)
        raise UnexpectedError(f"an answer to poll {second:02X}, not to {self._command:02X}")

    def _trimmed(self) -> bytes:
        """Return the answer without the 00 bytes that this dialect takes for noise before it."""
        zeros = self._dialect.leading_zeros
        if not zeros:
            return self._buffer
        lead = len(self._buffer) - len(self._buffer.lstrip(b"\x00"))
        return self._buffer[min(lead, zeros) :]

    def _nack(self, buffer: bytes) -> Reply:
        if buffer[0] != self._address | 0x80:
            raise AddressError(f"{buffer[0]:02X} answered, not {self._address:02X}")
        if len(buffer) > 1:
            raise LengthError("a NACK is one byte")
        return NackReply(self._address, buffer)

    def _ack(self, buffer: bytes) -> Reply:
        row = poll_row(self._poll[1], self._dialect)
        if row is not None and not row.acks:
            raise LengthError(f"only the address came, and poll {row.command:02X} answers data")
        return AckReply(self._address, buffer)

    def _data(self, buffer: bytes, ended: bool) -> Reply | None:
        totals = answer_totals(self._poll, buffer, self._dialect)
        if totals is None:
            return None if not ended else self._whole(buffer)
        if len(buffer) > totals[-1]:
            raise LengthError(f"{len(buffer)} bytes, not {totals[-1]}")
        if len(buffer) in totals and crc_ok(buffer):
            return read_answer(self._poll, buffer, self._dialect)
        if len(buffer) < totals[-1] and not ended:
            return None
        raise self._fault(buffer, totals)

    def _whole(self, buffer: bytes) -> Reply:
        """Return an answer of which only its CRC and its end say that it is whole."""
        if len(buffer) < 4:
            raise LengthError(f"cut short after {len(buffer)} bytes")
        if not crc_ok(buffer):
            raise CrcError("the CRC does not fit")
        return read_answer(self._poll, buffer, self._dialect)

    def _fault(self, buffer: bytes, totals: tuple[int, ...]) -> WireError:
        if len(buffer) in totals:
            return CrcError("the CRC does not fit")
        return LengthError(f"cut short: {len(buffer)} of {totals[0]} bytes")

    def _signature(self, buffer: bytes, ended: bool) -> Reply | None:
        if not self._complete(buffer, SIGNATURE_BYTES, ended):
            return None
        return SignatureReply(self._address, int.from_bytes(buffer[2:4], "little"), buffer)

    def _complete(self, buffer: bytes, total: int, ended: bool) -> bool:
        """Say whether ``total`` bytes came; check their CRC if so."""
        if len(buffer) < total:
            if ended:
                raise LengthError(f"cut short: {len(buffer)} of {total} bytes")
            return False
        if len(buffer) > total:
            raise LengthError(f"{len(buffer)} bytes, not {total}")
        if not crc_ok(buffer):
            raise CrcError("the CRC does not fit")
        return True

    def _event(self, buffer: bytes, ended: bool) -> Reply | None:
        if len(buffer) < 3:
            if ended:
                raise LengthError("cut short: a real-time event without a code")
            return None
        code = buffer[2]
        row = EXCEPTIONS.get(code)
        if row is None:
            return self._unlisted_event(buffer, ended)
        if code == 0x88 and self._is_bare_reel_stop(buffer, ended):
            return ExceptionReply(self._address, code, real_time=True, raw=buffer)
        if not self._complete(buffer, EVENT_BYTES + row.data.low, ended):
            return None
        if code in IDLE_CODES:
            return IdleReply(self._address, buffer)
        data = row.data.read(buffer[3:-2])
        return ExceptionReply(self._address, code, data, real_time=True, raw=buffer)

    def _is_bare_reel_stop(self, buffer: bytes, ended: bool) -> bool:
        """Say whether event 88 came without reel and stop: then a CRC stands where the reel would.

        A CRC byte that looks like a reel number (1 to 9) is taken for one until the line is quiet.
        """
        if not self._dialect.reel_stop_without_data or len(buffer) != EVENT_BYTES:
            return False
        return (ended or buffer[3] not in REELS) and crc_ok(buffer)

    def _unlisted_event(self, buffer: bytes, ended: bool) -> Reply | None:
        """Return an event whose data nobody knows: whole when its CRC fits."""
        whole = len(buffer) >= EVENT_BYTES and crc_ok(buffer)
        if not whole and not ended:
            return None
        if len(buffer) < EVENT_BYTES:
            raise LengthError(f"cut short after {len(buffer)} bytes")
        if not whole:
            raise CrcError("the CRC does not fit")
        extra = buffer[3:-2]
        data = {"undecoded": extra.hex()} if extra else {}
        return ExceptionReply(self._address, buffer[2], data, real_time=True, raw=buffer)
