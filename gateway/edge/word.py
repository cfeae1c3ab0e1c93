"""The one word for an EGM: the first row that holds."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.meaning.view import EgmView
from gateway.status.model import EgmWord


def word_of(view: EgmView, link: str, *, quarantined: bool) -> EgmWord:
    """Return the word for an EGM, worst first.

    Args:
        view: its state.
        link: state of the link to it, as :class:`gateway.status.model.LinkWord` names it.
        quarantined: whether a defect of ours set its events aside.
    """
    rows: Mapping[EgmWord, bool] = {
        EgmWord.UNKNOWN:     link == "unknown",
        EgmWord.DOWN:        link == "down",
        EgmWord.QUARANTINED: quarantined,
        EgmWord.HANDPAY:     view.handpay is not None,
        EgmWord.TILT:        bool(view.tilts),
        EgmWord.DOOR:        bool(view.doors_open),
        EgmWord.OUT:         view.out_of_service,
        EgmWord.DEGRADED:    link == "degraded",
        EgmWord.LAMP:        view.lamp,
        EgmWord.PLAY:        view.in_play,
    }  # fmt: skip
    return next((word for word, holds in rows.items() if holds), EgmWord.IDLE)
