"""``[streams]`` of a site file: how long the NATS server keeps what, and for how many machines."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from edge_config.table import Table

Days = Annotated[float, Field(gt=0, le=3650)]


class StreamsInfo(Table):
    """``[streams]``: room on the NATS server.

    The contract names the retention of a default site; who keeps less tells the readers.
    """

    machines: int | None = Field(default=None, ge=1, le=100_000)
    """EGMs of the whole casino, where other gateways publish to the same server; without it, the
    EGMs of this file."""
    play_days: Days = 3
    """Days that games are kept; by far the most events, and the minute meters outlive them."""
    significant_days: Days = 730
    """Days that doors, power, tilts, menus and machines' lives are kept; audits ask for years."""
    money_days: Days = 730
    """Days that bills, tickets, handpays, progressives and transfers are kept."""
    meters_days: Days = 90
    """Days that meter readings are kept; the most room of all that is kept for long."""
    link_days: Days = 90
    """Days that gaps, link changes and the gateway's own life are kept."""
    card_days: Days = 400
    """Days that cards and carded sessions are kept; privacy rules may ask for fewer."""
    derived_days: Days = 90
    """Days that calls, points and surveillance records are kept."""
    dead_days: Days = 30
    """Days that dead letters are kept."""
    margin: float = Field(default=1.5, ge=1, le=10)
    """Room over what a mean day needs: 1.5 is half as much again, for busy weeks."""
