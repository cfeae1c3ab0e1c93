"""What a site file says about the outbox, as the outbox takes it."""

from __future__ import annotations

from edge_config.site import OutboxInfo
from gateway.outbox.marks import Keep
from gateway.outbox.space import MIB, Limits

DAY_S = 86_400.0


def keep_of(info: OutboxInfo) -> Keep:
    """Return how long events stay after their delivery ended."""
    return Keep(info.acknowledged_days * DAY_S, info.refused_days * DAY_S)


def limits_of(info: OutboxInfo) -> Limits:
    """Return how much disk the outbox may take."""
    return Limits(None if info.max_mib is None else info.max_mib * MIB, info.reserve_mib * MIB)
