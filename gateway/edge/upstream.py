"""The gateway's way to NATS: its connection, its name there, and what the server promises."""

from __future__ import annotations

from collections.abc import Callable, Coroutine

from edge_config.places import Places
from edge_config.problems import ConfigError
from gateway.bus.durability import DurabilityWatch
from gateway.bus.lease import Holder, Lease, take_at_start
from gateway.bus.lease_keeper import LeaseKeeper
from gateway.bus.link import NatsLink
from gateway.bus.preflight import Level
from gateway.bus.users import inbox_prefix
from gateway.edge.gate import Gate
from gateway.status.model import NatsStatus


class Upstream:
    """What a gateway has to do with its server.

    Args:
        places: the site and where its server is.
        me: this process, among those of its name.

    Attributes:
        link: the connection.
        gate: shut once another gateway of this name is live: before every port of this one.
        lease: this gateway's name.
        durability: what an acknowledgement is worth.
    """

    def __init__(self, places: Places, me: Holder) -> None:
        site, user = places.site, places.site.nats.user
        self._places = places
        self._told: Callable[[Holder], object] | None = None
        self.gate = Gate()
        self.link = NatsLink(
            places.nats_url,
            user=user,
            password=self._password,
            inbox_prefix=inbox_prefix(user),
            name=f"slotgw {site.site.id}/{site.gateway.id}",
        )
        self.lease = Lease(site.site.id, site.gateway.id, me)
        self.durability = DurabilityWatch(self.link, places.nats_monitor_url)
        self._keeper = LeaseKeeper(self.link, self.lease, self._yielded)

    async def take_name(self) -> None:
        """Settle before the first poll whether another gateway of this name is live.

        Raises:
            RivalError: one is; says who, and what to do.
        """
        user = self._places.site.nats.user
        await take_at_start(self.lease, self._places.nats_url, user, self._password)

    async def release_name(self) -> None:
        """Give the name back at a stop on purpose."""
        await self._keeper.release()

    def jobs(self, yielded: Callable[[Holder], object]) -> list[Coroutine[None, None, None]]:
        """Return what runs beside the lines; ``yielded`` is told if another gateway stays."""
        self._told = yielded
        return [self.link.run(), self._keeper.run(), self.durability.run()]

    def status(self, nats: NatsStatus) -> NatsStatus:
        """Return the publisher's figures with what is known of the name and of the server."""
        return nats.model_copy(
            update={
                "name": self.lease.standing.value,
                "name_words": self.lease.words,
                "durability": _DURABILITY[self.durability.level],
                "durability_words": self.durability.words,
            }
        )

    def _yielded(self, other: Holder) -> None:
        self.gate.shut = "another gateway of this name is live"
        if self._told is not None:
            self._told(other)

    def _password(self) -> str:
        """Read the password at each attempt to connect: a server may be set up after us.

        Raises:
            FileNotFoundError: there is none yet.
        """
        try:
            return self._places.nats_password()
        except ConfigError as error:
            raise FileNotFoundError(str(error)) from error


_DURABILITY = {Level.OK: "sound", Level.WARN: "weak", Level.UNKNOWN: "unknown"}
