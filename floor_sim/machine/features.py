"""What a machine says that it can do (poll A0): made from how it is built, it never lies.

A profile may give the bytes instead, as of a machine that was recorded; then
they are the profile's.
"""

from __future__ import annotations

from typing import Final

from floor_sim.machine.settings import MachineSettings

_STYLES: Final = {"standard": 0, "system": 1, "secure enhanced": 2}
_METERED_WHEN_WON: Final = 1


def feature_bytes(settings: MachineSettings) -> tuple[int, int, int, int]:
    """Return the four feature bytes of poll A0.

    Byte 1: AFT bonus, legacy bonus, tournament, validation extensions, validation style, ticket
    redemption. Byte 2: meter model, tickets in drop and cancelled credits, extended meters, jackpot
    keyed off, AFT, multi-denomination extensions. Byte 3: fast poll, several progressive wins.
    Montana DOJ, SAS implementation guide.
    """
    if settings.feature_override is not None:
        first, second, third, fourth = settings.feature_override
        return first, second, third, fourth
    six_oh_three = settings.sas_version >= "603"
    first = _bits({
        1: "bonus" in settings.transfers,
        2: settings.legacy_bonus,
        3: settings.tournament,
        4: settings.validation != "standard",
        7: settings.ticket_redemption,
    }) | _STYLES[settings.validation] << 5  # fmt: skip
    second = _METERED_WHEN_WON | _bits({
        2: True,
        3: True,
        5: six_oh_three and settings.handpay_to_credits,
        6: bool(settings.transfers),
        7: bool(settings.denominations),
    })  # fmt: skip
    third = _bits({0: settings.fast_poll, 1: bool(settings.progressive_levels)})
    return first, second, third, 0


def _bits(wanted: dict[int, bool]) -> int:
    return sum(1 << bit for bit, on in wanted.items() if on)
