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
