"""Names that join the events of one handpay, tilt, lamp, session or gap."""

from __future__ import annotations

from gateway.meaning.egm import EgmFacts
from gateway.meaning.since import remembered


@remembered
class Names:
    """Gives names that no other thing of this EGM has or had.

    Attributes:
        count: how many were given. The start of the gateway is part of a name, so that names
            stay different even if this count was lost with the store.
    """

    count: int = 0

    def new(self, what: str, egm: EgmFacts) -> str:
        """Return ``<what>-<asset>-<birthid>-<n>``, made of token characters."""
        self.count += 1
        return f"{what}-{egm.asset}-{egm.birthid or '0'}-{self.count}"
