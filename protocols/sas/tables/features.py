"""What a machine says that it supports (poll A0), in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from protocols.sas.tables.codes import FEATURES, METER_MODELS, VALIDATION_STYLES


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """Features of a game or a machine.

    Attributes:
        names: words of the bits that are set; a bit outside the table is "byte 3 bit 1".
        validation: validation style, or its number where nobody names it.
        meter_model: when credits are metered, or its number where nobody names it.
        fast_poll: it may be polled every 40 ms instead of every 200 ms.
    """

    names: tuple[str, ...]
    validation: str
    meter_model: str
    fast_poll: bool


_TWO_BIT_FIELDS: tuple[frozenset[int], ...] = (
    frozenset({5, 6}), frozenset({0, 1}), frozenset(), frozenset(),
)  # fmt: skip


def features_of(features: Sequence[int]) -> FeatureSet:
    """Return what the four feature bytes of poll A0 say."""
    names = [
        words.get(bit, f"byte {at + 1} bit {bit}")
        for at, (value, words) in enumerate(zip(features, FEATURES, strict=False))
        for bit in bits(value)
        if bit not in _TWO_BIT_FIELDS[at]
    ]
    style, model = features[0] >> 5 & 3, features[1] & 3
    return FeatureSet(
        tuple(names),
        VALIDATION_STYLES.get(style, str(style)),
        METER_MODELS.get(model, str(model)),
        bool(features[2] & 1),
    )


def bits(value: int) -> tuple[int, ...]:
    """Return the numbers of the bits that are set, 0 first."""
    return tuple(bit for bit in range(value.bit_length()) if value >> bit & 1)


def bit_texts(value: int, words: Mapping[int, str]) -> tuple[str, ...]:
    """Return the words of the bits that are set; "bit 6" for one outside the table."""
    return tuple(words.get(bit, f"bit {bit}") for bit in bits(value))
