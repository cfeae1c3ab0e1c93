"""Keeps the lease of a running gateway: renews it, takes it back, or yields; told once each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from gateway.bus.firmly import firmly
from gateway.bus.lease import RENEW_S, Holder, Lease, LeaseError, Standing
from gateway.bus.link import NatsLink

log = logging.getLogger(__name__)

RELEASE_S = 0.5
"""Seconds that giving the lease back may take at a stop."""


class LeaseKeeper:
    """Renews one lease over the gateway's connection.

    Args:
        link: the connection.
        lease: as the start left it.
        yielded: called once with who else is live: this gateway polls no more from then on.
        renew_s: seconds between two renewals.
    """

    def __init__(
        self,
        link: NatsLink,
        lease: Lease,
        yielded: Callable[[Holder], None],
        renew_s: float = RENEW_S,
    ) -> None:
        self.lease = lease
        self._link = link
        self._yielded = yielded
        self._renew_s = renew_s
        self._told = ""
        self._changed = asyncio.Event()
        link.on_change(self._link_changed)

    async def run(self) -> None:
        """Renew for ever: a job, ended by cancelling it. It ends by itself once it has yielded."""
        await firmly(self._keep())

    async def _keep(self) -> None:
        while not await self._renewed():
            try:
                async with asyncio.timeout(self._renew_s):
                    await self._changed.wait()
            except TimeoutError:
                pass
        assert self.lease.other is not None
        log.error("%s", self.lease.words)
        self._yielded(self.lease.other)

    async def _renewed(self) -> bool:
        """Ask once; say whether that was the last time, because another gateway is live."""
        client = await self._link.ready()
        self._changed.clear()
        try:
            standing = await self.lease.take(client, polling=True)
        except LeaseError as error:
            self._say(str(error))
            return False
        self._say("")
        return standing is Standing.YIELDED

    async def release(self) -> None:
        """Give the lease back, if that can be done at once."""
        if not self._link.connected:
            return
        try:
            async with asyncio.timeout(RELEASE_S):
                await self.lease.release(await self._link.ready())
        except (LeaseError, TimeoutError) as error:
            log.info("the lease was not given back (%s); it lapses by itself", error)

    def _link_changed(self) -> None:
        self._changed.set()
        if not self._link.connected:
            self.lease.unsure("NATS is away")

    def _say(self, trouble: str) -> None:
        if trouble and not self._told and self._link.connected:
            log.warning("%s", self.lease.words)
        elif not trouble and self._told:
            log.warning("no other gateway of this name is live")
        self._told = trouble if self._link.connected else self._told
