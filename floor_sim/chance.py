"""Chance that depends on a seed, a name and a count alone.

What happens at a machine's thousandth game is the same in every run of a seed, whatever happened
elsewhere in between, and after a power cut: no generator has to be remembered.
"""

from __future__ import annotations

import hashlib
from random import Random


def draw(seed: int, *what: str | int) -> Random:
    """Return a generator for one decision, named by ``what``.

    >>> draw(7, "10101", "game", 3).random() == draw(7, "10101", "game", 3).random()
    True
    """
    name = f"{seed}\0" + "\0".join(str(part) for part in what)
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return Random(int.from_bytes(digest, "big"))  # noqa: S311  # play, not cryptography


class Numbers:
    """Whole numbers that depend on a seed, a name and a count: ``draw`` where one number will do.

    >>> Numbers(7, "10101", "game").of(3, 100) == Numbers(7, "10101", "game").of(3, 100)
    True
    """

    __slots__ = ("_hash",)

    def __init__(self, seed: int, *what: str | int) -> None:
        name = f"{seed}\0" + "\0".join(str(part) for part in what) + "\0"
        self._hash = hashlib.blake2b(name.encode(), digest_size=16)

    def of(self, count: int, below: int) -> int:
        """Return the number for ``count``: 0 to ``below - 1``, each equally likely.

        ``below`` is at most 2**64, so that the bias of the remainder is under 2**-64.
        """
        one = self._hash.copy()
        one.update(b"%d" % count)
        return int.from_bytes(one.digest(), "big") % below
