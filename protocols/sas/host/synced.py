"""Whether a machine whose link is down would answer: it must have heard a poll that is not its own.

After power-up and whenever its link goes down it is deaf to its own polls until then, and chirps. A
host without the ninth bit does not see that; on a line with one machine nobody else is polled.
Chirp and sync: Montana DOJ, SAS implementation guide.
"""

from __future__ import annotations

from typing import Final

from protocols.sas.host.link import EgmLink

SYNC_FRESH_S: Final = 1.0
"""Seconds for which another's poll counts: a machine that is not polled for 5 s forgets it."""


def synced(link: EgmLink, last_sent: bytes, age_s: float) -> bool:
    """Say whether the link is up, or another's poll went out on the line just now.

    Args:
        link: the machine that is to be polled.
        last_sent: the last poll on the line.
        age_s: seconds since then.
    """
    own = bool(last_sent) and last_sent[0] & 0x7F == link.address
    return link.live or (not own and age_s <= SYNC_FRESH_S)
