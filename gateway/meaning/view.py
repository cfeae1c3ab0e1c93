"""What an EGM is like now, for people who look at it."""

from __future__ import annotations

from gateway.events.value import value


@value
class EgmView:
    """The state of one EGM as last observed; without who plays.

    Attributes:
        doors_open: names of the doors known to be open.
        tilts: tilts and faults that are raised, in words.
        handpay: amount and class of the pending handpay in words, or None.
        carded: whether a card is in.
        credits: current credits in accounting-denomination units, or None while not read.
        coin_in: coin-in meter in the same units, or None.
        games_played: count, or None.
        denomination: worth of one credit as a decimal string, or None.
        lamp: whether the change lamp is on.
        in_play: whether somebody plays, as far as games or credits show it.
        out_of_service: whether the machine said so.
        last_event_text: the last event in words, or None.
    """

    doors_open: tuple[str, ...] = ()
    tilts: tuple[str, ...] = ()
    handpay: str | None = None
    carded: bool = False
    credits: int | None = None
    coin_in: int | None = None
    games_played: int | None = None
    denomination: str | None = None
    lamp: bool = False
    in_play: bool = False
    out_of_service: bool = False
    last_event_text: str | None = None
