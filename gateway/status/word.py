"""The one word for an EGM: the first row that holds."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from gateway.status.model import EgmWord


class Seen(Protocol):
    """The state of one EGM, as far as its word goes."""

    @property
    def handpay(self) -> str | None: ...  # noqa: D102
    @property
    def tilts(self) -> Collection[str]: ...  # noqa: D102
    @property
    def doors_open(self) -> Collection[str]: ...  # noqa: D102
    @property
    def out_of_service(self) -> bool: ...  # noqa: D102
    @property
    def lamp(self) -> bool: ...  # noqa: D102
    @property
    def in_play(self) -> bool: ...  # noqa: D102


def word_of(seen: Seen, link: str, *, quarantined: bool) -> EgmWord:
    """Return the word for an EGM, worst first.

    Args:
        seen: its state.
        link: state of the link to it, as :class:`gateway.status.model.LinkWord` names it.
        quarantined: whether a defect of ours set its events aside.
    """
    for word, holds in (
        (EgmWord.UNKNOWN,     link == "unknown"),
        (EgmWord.DOWN,        link == "down"),
        (EgmWord.QUARANTINED, quarantined),
        (EgmWord.HANDPAY,     seen.handpay is not None),
        (EgmWord.TILT,        bool(seen.tilts)),
        (EgmWord.DOOR,        bool(seen.doors_open)),
        (EgmWord.OUT,         seen.out_of_service),
        (EgmWord.DEGRADED,    link == "degraded"),
        (EgmWord.LAMP,        seen.lamp),
        (EgmWord.PLAY,        seen.in_play),
    ):  # fmt: skip
        if holds:
            return word
    return EgmWord.IDLE
