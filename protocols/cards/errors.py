"""What can be wrong with a card; no message ever holds a digit of its number."""

from __future__ import annotations


class CardError(Exception):
    """The reader sent something that is no card: a bad swipe, noise, or another kind of reader."""
