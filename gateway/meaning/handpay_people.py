"""What people say of handpays: the amount on the machine's display, and that the guest was paid.

The lock-up ends with the machine's own reset; the guest's wait ends when somebody says so.
"""

from __future__ import annotations

from gateway.meaning.handpay import Handpay, Handpays
from gateway.meaning.handpays import differs, tell_amount
from gateway.meaning.observation import Said
from gateway.meaning.telling import Telling


def amount_typed(handpays: Handpays, said: Said, telling: Telling) -> None:
    """Somebody typed what the display shows: told if nobody knew, or if it differs."""
    handpay = _meant(handpays, said, blank=True)
    if handpay is None or said.amount_cents is None:
        return
    if handpay.amount_cents not in (None, said.amount_cents) and handpay.source != "display":
        differs(handpay, said.amount_cents, "display", telling)
        return
    if handpay.amount_cents == said.amount_cents:
        return
    before = handpay.amount_cents
    handpay.amount_cents, handpay.source = said.amount_cents, "display"
    handpays.changed(handpay)
    tell_amount(handpays, handpay, telling, {"said_by": said.by})
    if before is not None:  # typed anew
        differs(handpay, before, "display", telling)


def paid(handpays: Handpays, said: Said, telling: Telling) -> None:
    """Somebody says that the guest was paid: told once for each handpay."""
    handpay = _meant(handpays, said, blank=False)
    if handpay is None or handpay.paid:
        return
    handpay.paid = True
    waits = handpay.lockup_s is None
    data = {
        "state": "pending" if waits else "over", "said_by": said.by, **handpay.told(telling),
        **handpay.stages(), "guest_wait_s": telling.seconds_since(handpay.since),
    }  # fmt: skip
    if not waits:
        data["lockup_s"] = handpay.lockup_s
    handpays.changed(handpay)
    telling.main("handpay.paid", data, correlation=handpay.correlation)


def _meant(handpays: Handpays, said: Said, *, blank: bool) -> Handpay | None:
    """Return the handpay that somebody speaks of: by its name, else the oldest that fits."""
    known = [*handpays.waiting, *([] if handpays.last is None else [handpays.last])]
    if said.correlation is not None:
        return next((one for one in known if one.correlation == said.correlation), None)
    if blank:
        fits = [one for one in known if one.amount_cents is None]
    else:  # the one that ended is paid before the one that still waits
        fits = [one for one in reversed(known) if not one.paid]
        fits.sort(key=lambda one: one.lockup_s is None)
    return next(iter(fits or known), None)
