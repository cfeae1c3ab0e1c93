"""Cuts a stream of bytes into lines of bounded length."""

from __future__ import annotations

LINE_BYTES_MAX = 1024 * 1024
"""Bytes of a line on the status socket; a change of one EGM takes about 430."""

FIRST_LINE_BYTES_MAX = 8 * 1024 * 1024
"""Bytes of the first line: the snapshot of a floor of 3,000 EGMs takes about 1.3 million."""


class LineTooLongError(ValueError):
    """The other side's: a line is longer than any that it may send."""


class LineCutter:
    r"""Feed it bytes as they come; it gives whole lines, without their ends.

    Lines end with ``\n``. Empty lines are left out.
    """

    def __init__(
        self, first_bytes_max: int = FIRST_LINE_BYTES_MAX, bytes_max: int = LINE_BYTES_MAX
    ) -> None:
        self._held = bytearray()
        self._searched = 0
        self._limit = first_bytes_max
        self._later_limit = bytes_max

    def feed(self, data: bytes) -> list[bytes]:
        """Take ``data``; return the lines that are complete now.

        Raises:
            LineTooLongError: the line under way is over its bound; the stream is of no more use.
        """
        self._held += data
        lines: list[bytes] = []
        start = 0
        while (end := self._held.find(b"\n", max(start, self._searched))) >= 0:
            self._check(end - start)
            if end > start:
                lines.append(bytes(self._held[start:end]))
                self._limit = self._later_limit
            start = end + 1
        del self._held[:start]
        self._check(len(self._held))
        self._searched = len(self._held)
        return lines

    def _check(self, length: int) -> None:
        if length > self._limit:
            raise LineTooLongError(f"a line of more than {self._limit} bytes")
