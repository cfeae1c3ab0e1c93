"""How a host's messages are built: wakeup bits, CRC, length, data, address."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from floor_sim.judge.messages import Asked
from floor_sim.judge.rule import Rule
from protocols.sas.crc import crc16, crc_ok
from protocols.sas.errors import BcdError, CrcError, LengthError, WireError
from protocols.sas.settings import may_be_global, poll_row

SHORTEST_WITH_CRC: Final = 4


class FrameRule(Rule):
    """Judges each message of the host by itself."""

    behind = False  # also what stands right behind a general poll, and is no message

    def fault(self, asked: Asked) -> str | None:
        """Return what is wrong with a message; None if nothing is.

        A message that the rule is not about must not be given to it; see ``about``.
        """
        raise NotImplementedError

    def about(self, asked: Asked) -> bool:
        """Say whether the rule has to do with a message."""
        raise NotImplementedError

    def asked(self, asked: Asked) -> None:
        """Judge a message."""
        if not self.about(asked) or (asked.behind and not self.behind):
            return
        self.chances += 1
        fault = self.fault(asked)
        if fault is not None:
            self.broken(asked.at, fault, about=asked.name, address=asked.address)


class WakeupMissing(FrameRule):
    """The first byte of a message has its wakeup bit clear."""

    def about(self, asked: Asked) -> bool:
        """Say whether its ninth bit is known."""
        return asked.wakeup[0] is not None

    def fault(self, asked: Asked) -> str | None:
        """Say so if its first byte is not marked."""
        if asked.wakeup[0]:
            return None
        return f"{asked.name} begins with {asked.data[0]:02X} without its wakeup bit: nobody hears"


class WakeupExtra(FrameRule):
    """A later byte of a message has its wakeup bit set."""

    def about(self, asked: Asked) -> bool:
        """Say whether it has bytes that must not be marked, and their ninth bits are known."""
        return len(asked.data) > 1 and asked.wakeup[1] is not None

    def fault(self, asked: Asked) -> str | None:
        """Say so if a byte but the first is marked."""
        if True not in asked.wakeup[1:]:
            return None
        place = asked.wakeup.index(True, 1) + 1
        return f"byte {place} of {asked.name} has its wakeup bit set: a message seems to begin"


class CrcWrong(FrameRule):
    """The CRC does not fit."""

    def about(self, asked: Asked) -> bool:
        """Say whether the poll has a CRC."""
        row = poll_row(asked.data[1]) if len(asked.data) > 1 else None
        return len(asked.data) >= SHORTEST_WITH_CRC and (row is None or row.has_crc)

    def fault(self, asked: Asked) -> str | None:
        """Say so if the CRC is wrong, and how."""
        data = asked.data
        if not isinstance(asked.error, CrcError) or crc_ok(data):
            return None
        sent, right = data[-2:], crc16(data[:-2]).to_bytes(2, "little")
        if sent == right[::-1]:
            return f"the CRC of {asked.name} has its bytes swapped: the low byte goes first"
        if sent == crc16(data[1:-2]).to_bytes(2, "little"):
            return f"the CRC of {asked.name} leaves the address out"
        return f"the CRC of {asked.name} does not fit its bytes"


class CrcOnRead(FrameRule):
    """A type R poll carries a CRC."""

    def about(self, asked: Asked) -> bool:
        """Say whether it is a type R poll."""
        row = poll_row(asked.data[1]) if len(asked.data) > 1 else None
        return row is not None and row.kind == "R" and len(asked.data) in {2, 4}

    def fault(self, asked: Asked) -> str | None:
        """Say so if a CRC came behind it."""
        if not _with_crc(asked):
            return None
        return f"{asked.name} is a type R poll, which ends after two bytes; it came with a CRC"


class CutShort(FrameRule):
    """A message ends before its end."""

    def about(self, asked: Asked) -> bool:
        """Say whether it is more than a byte, or should be."""
        return asked.data[0] < 0x80

    def fault(self, asked: Asked) -> str | None:
        """Say so if bytes are missing."""
        if not _is_cut(asked):
            return None
        return f"a message ends after {len(asked.data)} bytes; more belong to it"


def _is_cut(asked: Asked) -> bool:
    if not isinstance(asked.error, LengthError):
        return False
    if len(asked.data) < 2:
        return True
    row = poll_row(asked.data[1])
    if row is None or not row.has_crc:
        return False
    layout = row.request
    if layout.length_byte:
        return len(asked.data) < 3 or len(asked.data) < 5 + asked.data[2]
    return len(asked.data) < 4 + layout.low


class BytesBehind(FrameRule):
    """Bytes follow a general poll at once, or a long poll begins with a general poll's byte."""

    behind = True

    def about(self, asked: Asked) -> bool:
        """Say whether it is a general poll, or follows one."""
        return asked.behind or (len(asked.data) == 1 and asked.data[0] > 0x80)

    def fault(self, asked: Asked) -> str | None:
        """Say so if it stands in one burst with the general poll before."""
        if not asked.behind:
            return None
        return (
            f"{len(asked.data)} bytes follow a general poll in the same burst: the EGM has no time "
            "to answer, or a long poll was sent with bit 7 of its address set"
        )


class LengthByte(FrameRule):
    """A length byte does not count what follows it."""

    def about(self, asked: Asked) -> bool:
        """Say whether the poll has a length byte."""
        row = poll_row(asked.data[1]) if len(asked.data) > 2 else None
        return row is not None and row.request.length_byte

    def fault(self, asked: Asked) -> str | None:
        """Say so if the bytes that came are not as many."""
        row = poll_row(asked.data[1])
        assert row is not None, "about has looked"
        counted, low, high = asked.data[2], row.request.low, row.request.high
        follow = len(asked.data) - 5
        if not low <= counted <= high:
            return f"{asked.name} says that {counted} bytes follow; it takes {low} to {high}"
        if follow > counted:
            return f"{asked.name} says that {counted} bytes follow, and {follow} do"
        return None


class BadData(FrameRule):
    """The data of a message is not what its poll takes."""

    def about(self, asked: Asked) -> bool:
        """Say whether it is a long poll with data."""
        return len(asked.data) > 2 and asked.data[0] < 0x80

    def fault(self, asked: Asked) -> str | None:
        """Say what is wrong, unless another rule does."""
        error = asked.error
        if error is None or isinstance(error, CrcError) or _is_cut(asked):
            return None
        if _miscounted(asked) or _with_crc(asked):
            return None
        if isinstance(error, LengthError | BcdError):
            return f"{asked.name}: {error.reason}"
        return _else_wrong(asked, error)


def _with_crc(asked: Asked) -> bool:
    """Say whether a type R poll came with a CRC."""
    row = poll_row(asked.data[1])
    return row is not None and row.kind == "R" and len(asked.data) == 4 and crc_ok(asked.data)


def _miscounted(asked: Asked) -> bool:
    row = poll_row(asked.data[1])
    if row is None or not row.request.length_byte:
        return False
    counted = asked.data[2]
    fits = row.request.low <= counted <= row.request.high
    return not fits or counted != len(asked.data) - 5


def _else_wrong(asked: Asked, error: WireError) -> str | None:
    return None if asked.data[0] == 0 else f"{asked.name}: {error.reason}"


class NotForAll(FrameRule):
    """A long poll goes to all machines that may go to one only."""

    def about(self, asked: Asked) -> bool:
        """Say whether it goes to address 00."""
        return len(asked.data) > 1 and asked.data[0] == 0

    def fault(self, asked: Asked) -> str | None:
        """Say so if it may not."""
        if may_be_global(asked.data[1]):
            return None
        return f"{asked.name} went to address 00; it may go to one EGM only, and nobody obeys"


class UnknownCommand(FrameRule):
    """A long poll has a command that nobody has described."""

    def about(self, asked: Asked) -> bool:
        """Say whether it is a long poll."""
        return len(asked.data) > 1 and asked.data[0] < 0x80

    def fault(self, asked: Asked) -> str | None:
        """Say so if it is in no table."""
        if poll_row(asked.data[1]) is not None:
            return None
        return f"{asked.name} is in no public table; EGMs are silent to it"


class ImpossibleDate(FrameRule):
    """The clock of a machine is set to a moment that does not exist."""

    def about(self, asked: Asked) -> bool:
        """Say whether it sets the clock."""
        return asked.request is not None and asked.command == 0x7F

    def fault(self, asked: Asked) -> str | None:
        """Say so if there is no such moment."""
        assert asked.request is not None, "about has looked"
        date, time = (str(asked.request.values[key]) for key in ("date", "time"))
        try:
            datetime.strptime(date + time, "%m%d%Y%H%M%S")  # noqa: DTZ007  # local, without a zone
        except ValueError:
            return f"the clock was set to {date} {time} (MMDDYYYY HHMMSS), which does not exist"
        return None
