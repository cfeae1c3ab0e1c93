"""Which answers are asked for once more before they are believed."""

from __future__ import annotations

from collections.abc import Mapping

from protocols.sas.host.link import EgmLink
from protocols.sas.host.steps import Rules
from protocols.sas.replies import ExceptionReply, Reply
from protocols.sas.tables.exceptions import EXCEPTIONS


def doubtful(
    reply: Reply, link: EgmLink, links: Mapping[int, EgmLink], rules: Rules, late_s: float
) -> bool:
    """Whether a first answer may be something else: one byte has no check and no address.

    Args:
        reply: what ``link`` seems to have answered.
        link: who was asked.
        links: the EGMs of the line, by address.
        rules: of the line.
        late_s: seconds for which it may still be the late answer of somebody who was given up.
    """
    if not isinstance(reply, ExceptionReply) or reply.real_time:
        return False
    return (
        reply.code in rules.confirm
        or reply.code not in EXCEPTIONS
        or reply.code in (link.address, link.address | 0x80)  # a chirp? an echo?
        or late_s > 0
        or (reply.code in links and not links[reply.code].live)  # a chirp?
    )
